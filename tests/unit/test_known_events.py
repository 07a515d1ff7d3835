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
from hypothesis import given, settings
from hypothesis import strategies as st
from prepared_documents import (
    ALONE,
    BROWSER,
    CONTEXT,
    COUNT,
    DEVICE,
    HUB,
    HUMID,
    REPORT,
    bare_document,
    both,
    humid,
    long_outcome,
    new_preparer,
    outcome,
    put,
    reading,
    warm,
)
from presigned_events import TestKey, presign

from ledger.domain.errors import InvalidInput
from ledger.domain.gs1 import with_check_digit
from ledger.domain.identifiers import PartyId
from ledger.domain.records import JsonTree
from ledger.domain.sealing import Entry, Policy
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


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e-7, "0.0000001"), (4.5, "4.50"), (5.0, "5.00"), (5, "5.0"), (0.1, "0.1000000000000000"), (-0.0, "-0.0"),
        (0, "-0"), (0.30000000000000004, "0.30000000000000004"), (123456789012345, "123456789012345"), (4.5, "04.5"),
        (5, "5."),
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
