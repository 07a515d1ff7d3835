"""
The whole demonstration season in the verifier: every event binds to the struct that was signed, and every signature of
it is found good, as in Python.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from import_world import import_world
from ledger_fixture import LEDGER_DOMAIN, SECRET
from web_library import ask

from api.season import agreed_events, record_agreed, season_folder
from ledger.domain.action_json import to_json
from ledger.domain.binding import lots_of
from ledger.domain.master_data import MasterData
from ledger.domain.records import RecordedEvent
from ledger.domain.typed_data import digest
from ledger.services.proposals import Proposals

TERM = "2026-12-31T18:00:00+08:00"
LEAST_EVENTS, KINDS = 400, 19


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> list[RecordedEvent]:
    """Everything that the season's files record."""
    world = import_world(tmp_path_factory.mktemp("season"), MasterData())
    parts = world.parts
    with season_folder() as folder:
        world.importer.import_file(folder / "master.toml")
        for path in sorted(path for path in folder.iterdir() if path.suffix in (".xlsx", ".jsonld")):
            if path.stem.endswith("agreed"):
                proposals = Proposals(parts.store, parts.signer, parts.clock, LEDGER_DOMAIN, SECRET, parts.keys)
                record_agreed(proposals, agreed_events(path, TERM))
            else:
                assert world.importer.import_file(path).refused == ()
    return parts.store.events(limit=10_000)


def test_every_event_implies_what_was_signed(library: Path, events: list[RecordedEvent]) -> None:
    assert len(events) >= LEAST_EVENTS
    questions = [
        {"ask": "bind", "text": json.dumps(event.body), "deadline": event.proof.action.deadline} for event in events
    ]
    for event, told in zip(events, ask(library, questions), strict=True):
        assert told == {
            "action": to_json(event.proof.action), "lots": ["0x" + ref.id.hex() for ref in lots_of(event.body)]
        }, event.event_id  # fmt: skip
    assert len(Counter(type(event.proof.action) for event in events)) >= KINDS


def test_every_signature_is_good(library: Path, events: list[RecordedEvent]) -> None:
    signed = [
        {
            "ask": "signed",
            "digest": "0x" + digest(LEDGER_DOMAIN, event.proof.action).hex(),
            "keyId": "0x" + one.key_id.hex(),
            "scheme": int(one.scheme),
            "signature": "0x" + one.signature.hex(),
        }
        for event in events
        for one in (event.proof, event.proof.co)
        if one is not None
    ]
    assert len(signed) > len(events), "some events have two signatures"
    assert all(told == {"signed": True} for told in ask(library, signed))
