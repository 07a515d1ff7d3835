"""What a preparer makes of documents, where it knows patterns from other documents and where it knows none."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import Any

import event_builders as b
import pytest
from capture_documents import document
from ledger_fixture import LEDGER_DOMAIN, SECRET

from ledger.domain.records import JsonTree
from ledger.domain.sealing import DEFAULT, Policy
from ledger.services.known_events import KnownEvents
from ledger.services.prepared_bytes import Work, configuration, preparer
from ledger.services.preparing import Prepared

CONTEXT = [
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    {"silkroot": "https://silkroot.example/epcis/"},
]


class Clock:
    """A time at which what is signed may still be recorded."""

    def now(self) -> float:
        """Unix seconds."""
        return 1_785_000_000.0


def new_preparer(policy: Policy = DEFAULT) -> Work:
    """One that knows no pattern yet."""
    return preparer(configuration(LEDGER_DOMAIN, SECRET, policy), Clock())


def outcome(work: Work, data: bytes) -> Any:
    """What comes of a document, without what is drawn by lot: its error, or what came of each event."""
    found = pickle.loads(work(b"%d " % b.FARM + data, lambda _: pickle.dumps(None)))  # noqa: S301
    if isinstance(found, Exception):
        return type(found), str(found)
    unsigned, *chunks = found
    events = [event for chunk in chunks for event in pickle.loads(chunk)]  # noqa: S301
    return unsigned, [_without_chance(one) for one in events]


def _without_chance(one: Any) -> Any:
    if not isinstance(one, Prepared):
        return type(one), one.violations
    return one if one.proof is not None else (one.index, one.party, one.request_mac)


def long_outcome(data: bytes, policy: Policy = DEFAULT) -> Any:
    """The same where nothing is known of other documents."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(KnownEvents, "find", lambda *_: None)
        patch.setattr(KnownEvents, "learn_first", lambda *_: None)
        return outcome(new_preparer(policy), data)


def bare_document(events: Sequence[JsonTree], **changed: Any) -> bytes:
    """A document of events that have its context, none of their own."""
    bare = [{key: value for key, value in event.items() if key != "@context"} for event in events]
    return document(bare, **{"@context": CONTEXT, **changed})
