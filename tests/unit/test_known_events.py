"""
Events of loggers that are prepared from their text, because one like them was prepared before, give what the long way
gives: other values, values that are none, proofs of others, texts that were tampered with, documents of any form.
"""

from __future__ import annotations

import copy
import hashlib
import hmac
from typing import Any

import event_builders as b
import orjson
import pytest
from batch_events import together
from event_mutations import ODD
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ledger_fixture import LEDGER_DOMAIN
from prepared_documents import CONTEXT, bare_document, long_outcome, new_preparer, outcome
from presigned_events import DEADLINE, TestKey, presign
from signing_keys import p256_key, signing_key

from ledger.domain.actions import Statement
from ledger.domain.errors import InvalidInput
from ledger.domain.event_pattern import EventPattern, pattern_of
from ledger.domain.identifiers import ContentHash, LotId, PartyId
from ledger.domain.json_tree import parse_compact, parse_compact_at
from ledger.domain.keyed_hash import KeyedHash
from ledger.domain.records import JsonTree
from ledger.domain.sealing import Entry, Policy
from ledger.domain.typed_data import StatementDigests, digest, lots_hash
from ledger.services import known_events
from ledger.services.known_events import KnownEvents, Reader
from ledger.services.prepared_bytes import Work
from ledger.services.preparing import Prepared, Preparing

DEVICE, BROWSER = signing_key(72), p256_key(73)
COUNT = known_events.LEARNED_FROM
HUB = {"silkroot:party": f"{b.HUB:013d}"}


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


@pytest.fixture
def only_patterns(monkeypatch: pytest.MonkeyPatch) -> Any:
    """From when it is called no event may go the long way."""

    def forbid() -> None:
        monkeypatch.setattr(Preparing, "prepare_strictly", None)

    return forbid


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


def without(event: Any, *names: str) -> Any:
    """The event without these members; what is no event stays."""
    return {key: value for key, value in event.items() if key not in names} if isinstance(event, dict) else event


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
        try:
            signed = together([event], DEVICE)[0] if is_batch else presign(event, DEVICE)
            orjson.dumps(signed)
        except (InvalidInput, ValueError, TypeError, ArithmeticError, AttributeError):
            signed = {**event, "silkroot:proof": ALONE[0]["silkroot:proof"]}
        events += [signed, presign(reading(number), DEVICE)]
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


AROUND = (
    (b'"schemaVersion"', b'"x:eventList":[],"schemaVersion"'),
    (b'"schemaVersion"', b'"ex:a":"\\"eventList\\":[","schemaVersion"'),
    (b'"schemaVersion":"2.0"', b'"schemaVersion":"\\"eventList\\":["'),
    (b'"schemaVersion"', b'"epcisBody":{"eventList":[]},"schemaVersion"'),
    (b'"epcisBody":{', b'"epcisBody":{"eventList":[],'),
    (b'"epcisBody":{', b'"epcisBody":{"eventList":7,'),
    (b'"epcisBody":{"eventList":', b'"epcisBody":{"queryResults":{"resultsBody":{"eventList":[]}},"eventList":'),
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


SORTS: tuple[Any, ...] = (
    *ALONE[:3], *IN_BATCH[:3], *HUMID[:2], reading(1), reading(2, **HUB), {"type": "ObjectEvent"}, {}, 7,
    presign(b.harvest(), DEVICE), presign(b.inspection(), DEVICE), {**ALONE[0], "action": "TAKE"}, {**ALONE[1], **HUB},
    {**ALONE[0], "silkroot:phone": "1"}, {**ALONE[0], "silkroot:disclosures": ["x"]}, {**ALONE[0], "@context": CONTEXT},
    {**ALONE[0], "@context": [{"silkroot": "https://example.org/"}]},
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(SORTS), max_size=12), st.booleans())
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


# -------------------------------------------------------------------------------------------------------------- bounds


def _readers(known: KnownEvents) -> list[list[Reader]]:
    return list(known._readers.values())


def test_no_more_than_so_many_patterns_contexts_parties_and_batches_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[KnownEvents] = []
    build = KnownEvents.__init__
    monkeypatch.setattr(KnownEvents, "__init__", lambda self, *given: (made.append(self), build(self, *given))[1])
    for name, most in (("PATTERNS", 2), ("CONTEXTS", 2), ("PARTIES", 2), ("BATCHES", 2)):
        monkeypatch.setattr(known_events, f"_MOST_{name}", most)
    work = new_preparer()
    for action in ("OBSERVE", "ADD", "DELETE"):
        for more in ({}, {"a": "https://a.example/"}, {"b": "https://b.example/"}):
            for party in (b.FARM, b.HUB, b.BUYER):
                named = {"action": action, "@context": [*CONTEXT, more], "silkroot:party": f"{party:013d}"}
                events = [reading(number, **named) for number in range(COUNT)]
                data = bare_document(together(events, DEVICE), **{"@context": [*CONTEXT, more]})
                assert outcome(work, data) == long_outcome(data)
    known = made[0]
    assert 1 <= len(_readers(known)) <= 2
    for readers in _readers(known):
        assert 1 <= len(readers) <= 2
        for reader in readers:
            assert len(reader._signers) <= 2
            assert len(reader._batches) <= 2


def test_small_documents_leave_no_pattern(only_patterns: Any) -> None:
    work = new_preparer()
    outcome(work, bare_document(ALONE[:-1]))
    only_patterns()
    with pytest.raises(TypeError):
        outcome(work, bare_document(ALONE))


# ------------------------------------------------------------------------------------------------------------- patterns


def _pattern(**changed: Any) -> EventPattern | None:
    event = presign(reading(1, **changed), DEVICE)
    return pattern_of(without(event, "@context"), CONTEXT)


def test_what_a_pattern_writes_is_what_it_was_made_of() -> None:
    pattern = _pattern()
    assert pattern is not None
    raw = without(ALONE[3], "@context")
    match = pattern.expression.fullmatch(orjson.dumps(raw).decode())
    assert match is not None
    proof = raw.pop("silkroot:proof")
    form = orjson.dumps({**raw, "@context": CONTEXT}, option=orjson.OPT_SORT_KEYS).decode()
    assert pattern.before(match.groups()) + pattern.behind(match.groups()) == form
    assert pattern.proof_form(match.groups()) == orjson.dumps(proof, option=orjson.OPT_SORT_KEYS).decode()


@pytest.mark.parametrize(
    "changed",
    [
        {"silkroot:remark": "x"}, {"eventID": "urn:uuid:1"}, {"disposition": "\u241f"}, {"disposition": "x" * 9_000},
        {"quantityList": [{"epcClass": "urn:x:1"}, {"epcClass": "urn:x:2"}]},
        {"sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": 4}] * 2}]},
        {"sensorElementList": [{"sensorReport": [{"type": "gs1:Temperature", "value": 4}]}]},
        {"sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": "4"}]}]},
        {"sensorElementList": 7}, {"eventTime": 7},
    ],
)  # fmt: skip
def test_events_that_have_no_pattern(changed: JsonTree) -> None:
    assert pattern_of(without({**ALONE[0], **changed}, "@context"), CONTEXT) is None


# --------------------------------------------------------------------------------------------------------------- parts


@given(st.binary(max_size=200), st.binary(max_size=300))
def test_keyed_hash(key: bytes, text: bytes) -> None:
    keyed = KeyedHash(key)
    for _ in range(2):
        assert keyed.digest(text) == hmac.digest(key, text, hashlib.sha256)


@given(
    st.integers(1, 2**64 - 1), st.text("abc_é"), st.lists(st.binary(min_size=32, max_size=32), max_size=4),
    st.binary(min_size=32, max_size=32), st.integers(0, 2**64 - 1),
)  # fmt: skip
def test_digests_of_statements(party: int, step: str, lots: list[bytes], content: bytes, deadline: int) -> None:
    ids = tuple(LotId(lot) for lot in lots)
    digests = StatementDigests(LEDGER_DOMAIN, PartyId(party), step)
    statement = Statement(PartyId(party), step, ids, ContentHash(content), deadline)
    word = deadline.to_bytes(32, "big")
    assert digests.digest(lots_hash(ids), content, word) == digest(LEDGER_DOMAIN, statement)


@settings(max_examples=200)
@given(st.sampled_from(KINDS), st.data())
@example(ALONE, None)
def test_an_object_within_a_text_is_read_as_one_alone(kind: list[JsonTree], data: st.DataObject | None) -> None:
    text = orjson.dumps(kind[0]).decode()
    if data is not None:
        at = data.draw(st.integers(0, len(text) - 1))
        text = (
            text[:at]
            + data.draw(st.sampled_from(["", "0", '"', "\\", ",", "}", " ", "NaN", "é", "1e999"]))
            + text[at + 1 :]
        )
    found = parse_compact_at("[" + text + "]", 1)
    alone = parse_compact(text.encode())
    if found is not None and found[1] == len(text) + 1:
        assert found[0] == alone
    else:
        assert alone is None


def test_the_deadline_of_these_is_no_matter_here() -> None:
    data = bare_document([presign(reading(number), DEVICE, deadline=DEADLINE + number) for number in range(4)])
    both(data)
