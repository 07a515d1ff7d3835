"""Readings of loggers, and what a preparer makes of documents of them, with patterns that it knows or without."""

from __future__ import annotations

import copy
import hashlib
import pickle
from collections.abc import Sequence
from typing import Any

import event_builders as b
import pytest
from batch_events import together
from capture_documents import document
from ledger_fixture import LEDGER_DOMAIN, SECRET
from presigned_events import presign
from signing_keys import p256_key, signing_key

from ledger.domain.records import JsonTree
from ledger.domain.sealing import DEFAULT, Policy
from ledger.services.known_events import LEARNED_FROM, KnownEvents
from ledger.services.prepared_bytes import Work, configuration, preparer
from ledger.services.prepared_statements import PreparedStatement, statement_parts
from ledger.services.preparing import Prepared

CONTEXT = [
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    {"silkroot": "https://silkroot.example/epcis/"},
]

DEVICE, BROWSER = signing_key(72), p256_key(73)
COUNT = LEARNED_FROM
HUB = {"silkroot:party": f"{b.HUB:013d}"}


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
    if isinstance(one, PreparedStatement):
        whole, parts = one.whole(), one
        assert tuple(getattr(parts, name) for name in parts.__struct_fields__) == statement_parts(whole)
        return whole
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
    return document([without(event, "@context") for event in events], **{"@context": CONTEXT, **changed})


REPORT = ("sensorElementList", 0, "sensorReport")
"""Where an event has its reports."""


def put(event: Any, path: tuple[str | int, ...], value: Any) -> None:
    """Puts the value there if there is room for it; None takes away what is there."""
    *above, last = path
    node = event
    for part in above:
        try:
            node = node[part]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(node, dict) and value is None:
        node.pop(last, None)
    elif isinstance(node, dict):
        node[last] = copy.deepcopy(value)


def without(event: Any, *names: str) -> Any:
    """The event without these members; what is no event stays."""
    return {key: value for key, value in event.items() if key not in names} if isinstance(event, dict) else event


def reading(number: int, **changed: Any) -> JsonTree:
    """What a logger says, complete; no two are alike."""
    at = f"2026-08-05T12:{number // 60 % 60:02d}:{number % 60:02d}.000+08:00"
    return {
        "@context": CONTEXT,
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "bizStep": "sensor_reporting",
        "disposition": "in_progress",
        "eventTime": at,
        "eventTimeZoneOffset": "+08:00",
        "readPoint": {"id": "https://id.gs1.org/414/9520000000011"},
        "quantityList": [{"epcClass": f"https://id.gs1.org/01/09520000001001/10/L-{number % 5}"}],
        "sensorElementList": [
            {
                "sensorMetadata": {"time": at, "deviceID": f"urn:example:logger:{number % 7}"},
                "sensorReport": [{"type": "Temperature", "value": 2 + number % 40 / 10, "uom": "CEL"}],
            }
        ],
        "silkroot:party": f"{b.FARM:013d}",
        "silkroot:blind": hashlib.sha256(b"%d" % number).hexdigest()[:32],
    } | changed


def humid(number: int) -> JsonTree:
    """One with two things measured, each with its own time, and no lot."""
    event = reading(number)
    del event["quantityList"]
    at = event["eventTime"]
    event["sensorElementList"][0]["sensorReport"] = [
        {"type": "RelativeHumidity", "value": 60 + number % 30, "uom": "P1", "time": at},
        {"type": "Temperature", "value": 40 + number % 7, "uom": "FAH", "time": at},
    ]
    return event


ALONE = [presign(reading(number), DEVICE) for number in range(COUNT)]
IN_BATCH = together([reading(number) for number in range(100, 100 + COUNT)], DEVICE)
HUMID = [presign(humid(number), BROWSER) for number in range(COUNT)]
KINDS = (ALONE, IN_BATCH, HUMID)


def warm(*kinds: list[JsonTree]) -> Work:
    """A preparer that knows the patterns of these."""
    work = new_preparer()
    for kind in kinds or KINDS:
        outcome(work, bare_document(kind))
    return work


def both(data: bytes, *kinds: list[JsonTree]) -> Any:
    """What a preparer that knows these patterns makes of a document, which is what one makes that knows none."""
    found = outcome(warm(*kinds), data)
    assert found == long_outcome(data)
    return found
