"""The bench's group `load` with a few documents, on a real service with its chain: its rows; nothing is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from benchmarks import load, load_check
from benchmarks.load_events import document, read_documents, reading, write_documents
from ledger_fixture import LEDGER_DOMAIN

from ledger.domain.json_tree import parse_json_object
from ledger.domain.presigned import presigned_of
from ledger.services.documents import events_of


@pytest.mark.chain
def test_every_row_stands_and_what_was_sent_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "WARM_UP": 0, "SECONDS": 2, "SIZES": (20,), "CONNECTIONS": {20: 2}, "MOST": 400, "ANCHORED": 2,
    }.items():  # fmt: skip
        monkeypatch.setattr(load, name, value)
    monkeypatch.setattr(load_check, "RECEIPTS", 5)
    monkeypatch.setattr(load.peers, "rates", lambda folder: {})
    monkeypatch.setattr(load.peers, "figures", lambda rates, best: [])
    found = {figure.what: figure for figure in load.measure(tmp_path)}
    rates = [
        "capture over HTTP, documents of 20 events",
        "capture over HTTP, documents of 20 events, one signature for each document",
    ]
    for what in rates:
        match = re.fullmatch(r"([\d,]+) events/s", found[what].value)
        assert match, found[what]
        assert int(match[1].replace(",", "")) > 0
    assert found["nothing lost"].value.endswith(" events")
    assert {"to an anchored proof, documents of 20 events", "memory of the service under load"} <= set(found)


@pytest.mark.parametrize("together", [False, True])
def test_documents_are_distinct_and_signed_as_they_say(tmp_path: Path, together: bool) -> None:
    path = tmp_path / "documents"
    write_documents(path, LEDGER_DOMAIN, load.DEVICE, count=2, size=3, first=30, together=together)
    bodies = list(read_documents(path))
    events = [event for body in bodies for event in events_of(parse_json_object(body))]
    proofs = [given.proof for event in events if (given := presigned_of(event)) is not None]
    assert len(proofs) == 6
    assert len({proof.action.content_hash for proof in proofs}) == 6
    assert len({proof.signature for proof in proofs}) == (2 if together else 6)
    assert [proof.batch is not None for proof in proofs] == [together] * 6
    assert document([reading(30)]) != document([reading(31)])
