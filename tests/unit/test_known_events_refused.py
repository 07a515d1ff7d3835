"""
What is wrong in events that match a pattern, and around them, is refused as the long way refuses it: proofs of others
and broken ones, texts that were tampered with, documents of any form.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import event_builders as b
import orjson
import pytest
from batch_events import together
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ledger_fixture import LEDGER_DOMAIN
from prepared_documents import (
    ALONE,
    CONTEXT,
    COUNT,
    DEVICE,
    HUB,
    HUMID,
    IN_BATCH,
    KINDS,
    bare_document,
    both,
    long_outcome,
    outcome,
    put,
    reading,
    warm,
)
from presigned_events import DEADLINE, carrying, presign

from ledger.domain.binding import action_of
from ledger.domain.identifiers import ContentHash, LotId
from ledger.domain.records import JsonTree, SignatureProof
from ledger.domain.typed_data import digest
from ledger.services.pattern_reader import PatternReader
from ledger.services.preparing import Prepared

PROOF_PLACES: tuple[tuple[str, ...], ...] = (
    ("action", "party"), ("action", "step"), ("action", "lots"), ("action", "contentHash"), ("action", "deadline"),
    ("action", "type"), ("keyId",), ("scheme",), ("signature",), ("batch",), ("batch", "root"), ("batch", "count"),
    ("batch", "index"), ("batch", "path"), ("co",), (),
)  # fmt: skip
PROOF_VALUES = st.sampled_from(
    [None, 0, 1, 2, 7, 1000, 1001, 1.0, "", "0", "1", "01", "7", "0x", "0x" + "00" * 32, "0x" + "00" * 65,
     "0x" + "AB" * 32, [], ["0x" + "11" * 32], "A" * 43 + "=", "A" * 42 + "B=", "99999999999999999999", True,
     "9" * 19, "18446744073709551615"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([ALONE, IN_BATCH, HUMID]), st.data())
def test_proofs_of_others_and_broken_ones_are_refused_as_the_long_way_does(
    kind: list[JsonTree], data: st.DataObject
) -> None:
    events = copy.deepcopy(kind)
    for _ in range(data.draw(st.integers(1, 3))):
        event = data.draw(st.sampled_from(events))
        path = data.draw(st.sampled_from(PROOF_PLACES))
        donor: Any = data.draw(st.sampled_from([*KINDS[0], *IN_BATCH, *HUMID]))["silkroot:proof"]
        for part in path:
            donor = donor.get(part) if isinstance(donor, dict) else None
        put(event, ("silkroot:proof", *path), data.draw(PROOF_VALUES | st.just(donor)))
    both(bare_document(events), kind)


OTHER = together([reading(number) for number in range(300, 303)], DEVICE)[0]["silkroot:proof"]
BATCHES: tuple[tuple[tuple[str, ...], Any], ...] = (
    (("signature",), "0x" + "11" * 65), (("signature",), OTHER["signature"]), (("signature",), "0x" + "11" * 128),
    (("keyId",), "0x" + "00" * 12 + "11" * 20), (("keyId",), HUMID[0]["silkroot:proof"]["keyId"]), (("scheme",), 2),
    *((("batch", name), OTHER["batch"][name]) for name in ("root", "count", "path")), (("batch",), OTHER["batch"]),
    *((("batch", "count"), count) for count in (0, 1, COUNT - 1, COUNT + 1, 16, 1_000, 1_001, 9_999)),
    *((("batch", "index"), index) for index in (0, 2, COUNT - 1, COUNT, 9_999)),
    *((("batch", "path"), "A" * length + "=" * (-length % 4)) for length in (0, 43, 86, 128, 129, 171, 172)),
)  # fmt: skip


@pytest.mark.parametrize(("path", "value"), BATCHES)
def test_places_in_batches_that_are_none_are_refused_as_the_long_way_does(path: tuple[str, ...], value: Any) -> None:
    events = copy.deepcopy(IN_BATCH)
    put(events[1], ("silkroot:proof", *path), value)
    found = both(bare_document(events), IN_BATCH)[1]
    assert [type(one) for one in found] == [Prepared, tuple, *[Prepared] * (COUNT - 2)]


LOT = LotId(bytes(31) + b"7")


@pytest.mark.parametrize(
    "said",
    [
        {"lots": ()}, {"lots": (LOT,)}, {"lots": (LOT, LOT)}, {"content_hash": ContentHash(bytes(32))},
        {"party": b.HUB}, {"step": "packing"},
    ],
)  # fmt: skip
def test_what_is_truly_signed_and_is_not_what_the_event_says_is_refused(said: dict[str, Any]) -> None:
    events: list[JsonTree] = []
    for number in range(COUNT):
        event = reading(number)
        action = replace(action_of(event, DEADLINE), **(said if number == 3 else {}))
        signature = DEVICE.sign(digest(LEDGER_DOMAIN, action))
        events.append(carrying(event, SignatureProof(action, DEVICE.id, DEVICE.scheme, signature)))
    found = both(bare_document(events))[1]
    assert [type(one) for one in found] == [*[Prepared] * 3, tuple, *[Prepared] * (COUNT - 4)]


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(KINDS), st.data())
def test_a_text_that_was_tampered_with_is_read_as_the_long_way_does(kind: list[JsonTree], data: st.DataObject) -> None:
    text = bare_document(kind)
    for _ in range(data.draw(st.integers(1, 2))):
        parts = text.split(b'"')
        at = data.draw(st.integers(0, len(parts) - 1))
        other = data.draw(st.integers(0, len(parts) - 1))
        match data.draw(st.sampled_from(["byte", "byte", "swap", "copy", "gone", "space", "escape", "number"])):
            case "byte":
                where = data.draw(st.integers(0, len(text) - 1))
                new = data.draw(
                    st.sampled_from([b"", b"0", b"e", b'"', b"\\", b",", b"}", b"]", b" ", b"\xc3", b"A", b"\n"])
                )
                text = text[:where] + new + text[where + data.draw(st.integers(0, 1)) :]
                continue
            case "swap":
                parts[at], parts[other] = parts[other], parts[at]
            case "copy":
                parts[at] = parts[other]
            case "gone":
                del parts[at]
            case "space":
                parts[at] += b" "
            case "escape":
                parts[at] = parts[at].replace(b"0", b"\\u0030", 1)
            case "number":
                numbers = [
                    b"1.0",
                    b"-0",
                    b"1e2",
                    b"01",
                    b"5.",
                    b"9007199254740993",
                    b"0.00001",
                    b"NaN",
                    b"true",
                    b"1.50",
                ]
                parts[at] = b":" + data.draw(st.sampled_from(numbers)) + b","
        text = b'"'.join(parts)
    both(text, kind)


def test_where_all_are_refused_the_long_way_is_not_gone_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = ALONE[0]["silkroot:proof"]["signature"]
    events = [presign(reading(number), DEVICE) for number in range(100)]
    for event in events[1:]:
        event["silkroot:proof"]["signature"] = wrong
    data, work = bare_document(events), warm()
    expected, tried = long_outcome(data), []
    quick = PatternReader.prepared
    monkeypatch.setattr(PatternReader, "prepared", lambda *given: (tried.append(given[1]), quick(*given))[1])
    assert outcome(work, data) == expected
    assert len(tried) < 20


AROUND = (
    (b'"schemaVersion"', b'"x:eventList":[],"schemaVersion"'),
    (b'"schemaVersion"', b'"ex:a":"\\"eventList\\":[","schemaVersion"'),
    (b'"schemaVersion":"2.0"', b'"schemaVersion":"\\"eventList\\":["'),
    (b'"schemaVersion"', b'"epcisBody":{"eventList":[]},"schemaVersion"'),
    (b'"epcisBody":{', b'"epcisBody":{"eventList":[],'),
    (b'"epcisBody":{', b'"epcisBody":{"eventList":7,'),
    (b'"epcisBody":{"eventList":', b'"epcisBody":{"queryResults":{"resultsBody":{"eventList":[]}},"eventList":'),
    (b'"epcisBody":{', b'"epcisBody":{"eventList": []},"silkroot:x":{'),
    (b'"epcisBody":{', b'"epcisBody":{"eventList": [{}]},"silkroot:x":{'),
    (b'},{"type":"ObjectEvent"', b'}:{"type":"ObjectEvent"'),
    (b'},{"type":"ObjectEvent"', b'}]{"type":"ObjectEvent"'),
    (b'},{"type":"ObjectEvent"', b'}{"type":"ObjectEvent"'),
    (b'},{"type":"ObjectEvent"', b'},,{"type":"ObjectEvent"'),
    (b'"eventList":[', b'"eventList":[['),
    (b'"eventList":[', b'"eventList":[,'),
    (b'"eventList":[', b'"eventList": ['),
    (b'"EPCISDocument"', b'"EPCISQueryDocument"'),
    (b'"EPCISDocument"', b'"ObjectEvent"'),
    (b'"2026-08-05T12:00:00Z"', b'"2026-02-30T12:00:00Z"'),
    (b'"2.0"', b"2.0"),
    (b'"2.0"', b'"2.0","ex:large":9007199254740993'),
    (b'"2.0"', b'"2.0","silkroot:deep":' + b"[" * 70 + b"]" * 70),
    (b"{", b" {"),
    (b"{", b"\xef\xbb\xbf{"),
    (b'https://silkroot.example/epcis/"', b'https://silkroot.example/other/"'),
    (b'{"silkroot":', b'{"sr":"https://silkroot.example/epcis/","silkroot":'),
    (b"]}}", b"]}}]}}"),
    (b"]}}", b'],"ex:more":[]}}'),
    (b"]}}", b'],"eventList":[]}}'),
    (b"]}}", b",]}}"),
    (b"]}}", b"],}}"),
    (b"]}}", b"]}"),
    (b"]}}", b"]}} "),
    (b"]}}", b"]}}x"),
    (b"]}}", b""),
)
"""What may be wrong around the events: a part of the text, the last one where it closes, and what stands there."""


@pytest.mark.parametrize(("part", "other"), AROUND)
def test_what_is_around_the_events_is_read_as_the_long_way_does(part: bytes, other: bytes) -> None:
    data = bare_document(ALONE)
    head, found, tail = data.rpartition(part) if part == b"]}}" else data.partition(part)
    assert found
    both(head + other + tail)


DEEP = [{"silkroot:deep": orjson.loads(b"[" * depth + b"]" * depth)} for depth in (60, 70, 240)]
SORTS: tuple[Any, ...] = (
    *ALONE[:3], *IN_BATCH[:3], *HUMID[:2], reading(1), reading(2, **HUB), {"type": "ObjectEvent"}, {}, 7,
    presign(b.harvest(), DEVICE), presign(b.inspection(), DEVICE), {**ALONE[0], "action": "TAKE"}, {**ALONE[1], **HUB},
    {**ALONE[0], "silkroot:phone": "1"}, {**ALONE[0], "silkroot:disclosures": ["x"]}, {**ALONE[0], "@context": CONTEXT},
    {**ALONE[0], "@context": [{"silkroot": "https://example.org/"}]}, *({**ALONE[0], **deep} for deep in DEEP),
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(SORTS), max_size=12), st.booleans())
@example([*ALONE[:3], SORTS[-1]], True)
@example([*ALONE[:3], SORTS[-2]], True)
@example([*ALONE[:3], SORTS[-3]], False)
def test_documents_of_all_sorts_of_events_are_read_as_the_long_way_does(events: list[Any], is_bare: bool) -> None:
    if is_bare:
        events = [
            {k: v for k, v in event.items() if k != "@context"} if event and event != 7 else event for event in events
        ]
    data = orjson.dumps({**orjson.loads(bare_document([])), "epcisBody": {"eventList": events}})
    both(data)


def test_more_events_than_a_document_may_have_are_refused_as_the_long_way_does(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("documents", "known_events"):
        monkeypatch.setattr(f"ledger.services.{module}.MOST_EVENTS", COUNT)
    assert "at most" not in str(both(bare_document(ALONE)))
    assert "at most" in both(bare_document([*ALONE, ALONE[0]]))[1]
