"""
Events of loggers that are prepared from their text, because one like them was prepared before, give what the long way
gives: other values, values that are none, proofs of others, texts that were tampered with, documents of any form.
"""

from __future__ import annotations

import copy
from typing import Any

import event_builders as b
import orjson
import pytest
from batch_events import together
from event_mutations import ODD
from hypothesis import example, given, settings
from hypothesis import strategies as st
from prepared_documents import (
    ALONE,
    BROWSER,
    CONTEXT,
    COUNT,
    DEVICE,
    HUB,
    HUMID,
    IN_BATCH,
    KINDS,
    bare_document,
    both,
    humid,
    long_outcome,
    new_preparer,
    outcome,
    reading,
    warm,
)
from presigned_events import TestKey, presign

from ledger.domain.errors import InvalidInput
from ledger.domain.gs1 import with_check_digit
from ledger.domain.identifiers import PartyId
from ledger.domain.records import JsonTree
from ledger.domain.sealing import Entry, Policy
from ledger.services.pattern_reader import PatternReader
from ledger.services.preparing import Prepared, Preparing


@pytest.fixture
def only_patterns(monkeypatch: pytest.MonkeyPatch) -> Any:
    """From when it is called no event may go the long way."""
    return lambda: monkeypatch.setattr(Preparing, "prepare_strictly", None)


# ------------------------------------------------------------------------------------------------- which ones are known


@pytest.mark.parametrize("key", [DEVICE, BROWSER], ids=["secp256k1", "P-256"])
@pytest.mark.parametrize("are_together", [False, True], ids=["alone", "together"])
def test_other_readings_of_a_kind_are_known(only_patterns: Any, key: TestKey, are_together: bool) -> None:
    def signed(first: int) -> bytes:
        events = [reading(number) for number in range(first, first + 20)]
        return bare_document(together(events, key) if are_together else [presign(event, key) for event in events])

    work = new_preparer()
    outcome(work, signed(0))
    expected = long_outcome(signed(500))
    only_patterns()
    assert outcome(work, signed(500)) == expected
    assert len(expected[1]) == 20


def test_values_of_any_device_place_lot_and_time_are_known(only_patterns: Any) -> None:
    events = [
        reading(1, eventTime="2026-12-31T23:59:59Z"),
        reading(2, readPoint={"id": "urn:epc:id:sgln:9520000.00001.0"}),
        reading(3, quantityList=[{"epcClass": "urn:epc:class:lgtin:9520000.000100.a-b"}]),
        reading(4, **{"silkroot:blind": "0" * 28 + "1e10"}),
        reading(5, **{"silkroot:blind": "00000000000000000000000000001000"}),
    ]
    for value in (4.0, -3, 0, 0.0001, 4.4799999999999995, -18.25):
        event = reading(6)
        event["sensorElementList"][0]["sensorReport"][0]["value"] = value
        events.append(event)
    data = bare_document([presign(event, DEVICE) for event in events])
    expected, work = long_outcome(data), warm()
    only_patterns()
    assert outcome(work, data) == expected


def test_readings_with_a_context_of_their_own_are_known(only_patterns: Any) -> None:
    standard = CONTEXT[:1]
    first, other = (
        orjson.dumps({**orjson.loads(bare_document([])), "@context": standard, "epcisBody": {"eventList": events}})
        for events in (ALONE, [presign(reading(number), DEVICE) for number in range(700, 710)])
    )
    work, expected = new_preparer(), long_outcome(other)
    outcome(work, first)
    only_patterns()
    assert outcome(work, other) == expected


def test_a_party_whose_number_begins_with_zero_is_known(only_patterns: Any) -> None:
    party = {"silkroot:party": with_check_digit("061414100001")}
    assert party["silkroot:party"].startswith("0")
    some, others = (
        bare_document([presign(reading(number, **party), DEVICE) for number in range(first, first + COUNT)])
        for first in (0, 100)
    )
    work, expected = new_preparer(), long_outcome(others)
    outcome(work, some)
    only_patterns()
    assert outcome(work, others) == expected
    assert [type(one) for one in expected[1]] == [Prepared] * COUNT


def test_a_party_that_was_not_known_goes_the_long_way_once(only_patterns: Any) -> None:
    def of_hub(first: int) -> bytes:
        return bare_document([presign(reading(number, **HUB), DEVICE) for number in range(first, first + 4)])

    work, expected = warm(), long_outcome(of_hub(20))
    assert outcome(work, of_hub(10)) == long_outcome(of_hub(10))
    only_patterns()
    assert outcome(work, of_hub(20)) == expected


def test_a_kind_that_stands_among_another_is_learned(only_patterns: Any) -> None:
    def mixed(first: int) -> bytes:
        signed = [presign(make(number), DEVICE) for number in range(first, first + 10) for make in (reading, humid)]
        return bare_document(signed)

    work, expected = warm(ALONE), long_outcome(mixed(50))
    assert outcome(work, mixed(10)) == long_outcome(mixed(10))
    only_patterns()
    assert outcome(work, mixed(50)) == expected


@pytest.mark.parametrize("party", [None, b.HUB])
def test_values_that_a_policy_seals_where_they_are_of_positions_stay_open_in_readings(party: PartyId | None) -> None:
    policy = Policy((Entry(("/sensorElementList/*/sensorReport/*/value", "phone"), party=party),))
    work = new_preparer(policy)
    for data in (bare_document(ALONE), bare_document([presign(reading(number, **HUB), DEVICE) for number in range(9)])):
        expected = long_outcome(data, policy)
        assert [type(one) for one in expected[1]] == [Prepared] * len(expected[1])
        for _ in range(2):
            assert outcome(work, data) == expected


# ----------------------------------------------------------------------------------------------------- the same answers

REPORT = ("sensorElementList", 0, "sensorReport")
PLACES: tuple[tuple[str | int, ...], ...] = (
    ("eventTime",), ("eventTimeZoneOffset",), ("type",), ("action",), ("bizStep",), ("disposition",), ("readPoint",),
    ("readPoint", "id"), ("quantityList", 0, "epcClass"), ("quantityList", 0, "quantity"), ("sensorElementList",),
    ("sensorElementList", 0, "sensorMetadata", "time"), ("sensorElementList", 0, "sensorMetadata", "deviceID"),
    *(("sensorElementList", 0, "sensorReport", at, name)
      for at in (0, 1) for name in ("type", "value", "uom", "time", "deviceID", "minValue", "component")),
    ("silkroot:party",), ("silkroot:blind",), ("silkroot:phone",), ("eventID",), ("recordTime",), ("ilmd",),
)  # fmt: skip
NUMBERS = st.floats(-300, 1000) | st.floats() | st.integers(-300, 1000) | st.integers(-300, 1000).map(float)
TEXTS = st.sampled_from(
    [
        "2026-02-29T12:00:00Z", "2026-02-28T12:00:00.1234567Z", "2026-02-28T12:00:00.9996-11:30", "0" * 32, "1" * 32,
        "0" * 27 + "12e45", "cbv:x", "gs1:x", "urn:epcglobal:cbv:bizstep:shipping", "https://id.gs1.org/01/1",
        "https://id.gs1.org/01/09520000001001", "https://id.gs1.org/01/09520000001002/10/L", "urn:x:\u2028",
        "https://example.com/a%22b", "http://example.com/x", "ftp://x/y", "9520000000028", "P1", "CEL", "FAH", "%s",
        "RelativeHumidity", "Temperature", "Speed", "a\"b", "a\\b", " 2026-08-05T12:00:00Z", "urn:a b", "\u241f1\u241f",
    ]
)  # fmt: skip
VALUES = st.sampled_from(ODD) | NUMBERS | TEXTS


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


URIS = (
    "cbv:x", "gs1:x", "x:y", "urn:a", "https://example.com/a|b", "https://example.com/%", "urn:a^b", "a", "https://",
    "https://id.gs1.org/01/1", "https://id.gs1.org/414/9520000000012", "https://id.gs1.org/01/09520000001002/10/L",
    "urn:epc:id:sgln:9520000.00001", "urn:epcglobal:cbv:bizstep:shipping", "urn:epc:class:lgtin:952000000010..x",
    "https://id.gs1.org/01/09520000001001/10/L?99=x#y", "https://example.com/gtin/09520000001001/lot/L", "7",
    "https://id.gs1.org/01/09520000001001", "https://silkroot.example/lot/100000000000003/A", "ftp://x/y",
    "https://silkroot.example/lot/99/A", "urn:" + "x" * 300,
)  # fmt: skip
URI_PLACES: tuple[tuple[str | int, ...], ...] = (
    ("readPoint", "id"), ("quantityList", 0, "epcClass"), ("sensorElementList", 0, "sensorMetadata", "deviceID"),
)  # fmt: skip
MOMENTS = (
    "2026-02-29T12:00:00Z", "2026-02-28T12:00:00+14:30", "2026-06-31T12:00:00Z", "2026-02-28T24:00:00Z",
    "2026-02-28T23:59:60Z", "2026-02-28T12:00:00.9999Z", "2026-02-28T12:00:00.12-00:30", "0999-02-28T12:00:00Z",
    "9999-12-31T23:59:59Z", "2026-02-28T12:00:00", "2026-02-28 12:00:00Z",
)  # fmt: skip
MEASURED = (-1, 0, 100, 101, 100.5, 1e-5, 1e15, -459.67, -460, 2000, 899.99, 900, -273.16, 5.0, -0.0, 0.1 + 0.2)


def signed_or_not(event: JsonTree, is_batch: bool) -> JsonTree:
    """The event with its proof, or with another's where nobody can sign it."""
    try:
        signed = together([event], DEVICE)[0] if is_batch else presign(event, DEVICE)
        orjson.dumps(signed)
    except (InvalidInput, ValueError, TypeError, ArithmeticError, AttributeError):
        return {**event, "silkroot:proof": ALONE[0]["silkroot:proof"]}
    return signed


@pytest.mark.parametrize("is_batch", [False, True], ids=["alone", "together"])
def test_each_odd_value_at_each_place_is_prepared_as_the_long_way_does(is_batch: bool) -> None:
    changes: list[tuple[Any, tuple[str | int, ...], Any]] = [
        *((reading, place, uri) for place in URI_PLACES for uri in URIS),
        *((reading, place, at) for place in (("eventTime",), (*URI_PLACES[2][:-1], "time")) for at in MOMENTS),
        *((reading, (*REPORT, 0, "value"), value) for value in MEASURED),
        *((humid, (*REPORT, at, "value"), value) for at in (0, 1) for value in MEASURED),
        *((humid, (*REPORT, 0, "time"), at) for at in MOMENTS),
        *((reading, ("silkroot:blind",), text) for text in ("0" * 32, "1e5".zfill(32), "1e999".zfill(32), "A" * 32)),
    ]
    found: dict[str, int] = {}
    for number, (make, path, value) in enumerate(changes):
        event = make(number)
        put(event, path, value)
        _, (one,) = both(bare_document([signed_or_not(event, is_batch)]), HUMID if make is humid else ALONE)
        found[type(one).__name__] = found.get(type(one).__name__, 0) + 1
    assert set(found) == {"Prepared", "tuple"}
    assert min(found.values()) > 20


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([reading, humid]), st.sampled_from(PLACES), VALUES), min_size=1, max_size=6),
    st.booleans(),
)
def test_whatever_a_reading_says_and_is_signed_is_prepared_as_the_long_way_does(
    changes: list[tuple[Any, tuple[str | int, ...], Any]], is_batch: bool
) -> None:
    events: list[JsonTree] = []
    for number, (make, path, value) in enumerate(changes, 10):
        event = make(number)
        put(event, path, value)
        events += [signed_or_not(event, is_batch), presign(reading(number), DEVICE)]
    both(bare_document(events))


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


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e-7, "0.0000001"), (4.5, "4.50"), (5.0, "5.00"), (5, "5.0"), (0.1, "0.1000000000000000"), (-0.0, "-0.0"),
        (0, "-0"), (0.30000000000000004, "0.30000000000000004"), (123456789012345, "123456789012345"), (4.5, "04.5"),
    ],
)  # fmt: skip
def test_numbers_in_another_spelling_are_read_as_the_long_way_does(value: float, text: str) -> None:
    event = reading(1)
    event["sensorElementList"][0]["sensorReport"][0] = {"type": "Speed", "value": value, "uom": "KMH"}
    kind = [copy.deepcopy(event) for _ in range(COUNT)]
    for number, one in enumerate(kind):
        put(one, (*REPORT, 0, "value"), number + 0.5)
    data = bare_document([presign(event, DEVICE)])
    spelt = orjson.dumps({"value": value})[1:-1]
    assert spelt in data
    both(data.replace(spelt, b'"value":' + text.encode()), [presign(one, DEVICE) for one in kind])


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
