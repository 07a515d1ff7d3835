"""
What a preparer spares itself changes nothing: documents read once, one canonical form for several uses, proofs whose
form is that of the object they came in, climbs that end where another passed, rules gone through at once.
"""

from __future__ import annotations

import copy
import hashlib
import pickle
from collections.abc import Callable
from typing import Any

import event_builders as b
import orjson
import pytest
import rfc8785
from batch_events import readings, together
from capture_documents import document
from event_mutations import ODD
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ledger_fixture import LEDGER_DOMAIN, SECRET
from presigned_events import presign
from signing_keys import signing_key

from ledger.domain import batch_signatures, json_tree
from ledger.domain.batch_signatures import batch_leaf, is_among, places_of
from ledger.domain.canonical_json import is_plain, is_plain_value, is_whole, with_integers
from ledger.domain.cbv_hash import event_hash
from ledger.domain.epcis import document as epcis_document
from ledger.domain.epcis.quick_rules import keeps_all_rules
from ledger.domain.epcis.rules import check_rules
from ledger.domain.errors import InvalidInput
from ledger.domain.event_shape import look_at
from ledger.domain.identifiers import Digest
from ledger.domain.json_tree import parse_compact, parse_json
from ledger.domain.merkle import root_by_inclusion
from ledger.domain.proof_json import form_of, proof_bytes, proof_from_json, proof_to_json
from ledger.domain.records import BatchPlace, JsonTree
from ledger.domain.sealing import DEFAULT
from ledger.services import prepared_bytes
from ledger.services.documents import NotAllowed, TooMuch
from ledger.services.prepared_bytes import configuration, preparer
from ledger.services.preparing import Prepared

DEVICE = signing_key(72)
STANDARD = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
SIGNED = [presign(b.inspection(), DEVICE), presign(b.harvest(), DEVICE), *together(readings(5), DEVICE)]
PROOFS = [event["silkroot:proof"] for event in SIGNED]


def reading(**changed: Any) -> JsonTree:
    """What a logger says, complete."""
    return {
        "@context": [STANDARD, {"silkroot": "https://silkroot.example/epcis/"}],
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "bizStep": "sensor_reporting",
        "eventTime": "2026-08-05T12:00:00.000+08:00",
        "eventTimeZoneOffset": "+08:00",
        "readPoint": {"id": "https://id.gs1.org/414/9520000000011"},
        "quantityList": [{"epcClass": "https://id.gs1.org/01/09520000001001/10/L", "quantity": 1.5, "uom": "KGM"}],
        "sensorElementList": [
            {
                "sensorMetadata": {"time": "2026-08-05T12:00:00.000+08:00", "deviceID": "urn:example:logger:1"},
                "sensorReport": [{"type": "Temperature", "value": 4.5, "uom": "CEL"}],
            }
        ],
        "silkroot:party": f"{b.FARM:013d}",
        "silkroot:blind": "0" * 31 + "a",
    } | changed


# ---------------------------------------------------------------------------------------------------- strict JSON


@given(
    st.text("0123456789.-e+", max_size=24),
    st.sampled_from(["", "1", "-1.5", "12345678901234567"]),
    st.sampled_from(["7", "16", "308"]),
)
@example("5", "", "7")
def test_a_text_that_looks_like_an_exponent_hides_none(text: str, digits: str, exponent: str) -> None:
    number = f"{digits or '1'}e+{exponent}"
    for data in (orjson.dumps({"a": f"{text}e+{exponent}"}), b'{"a":%b}' % number.encode(), number.encode()):
        # White space in front keeps a text off the quick road.
        assert outcome(parse_json, data) == outcome(parse_json, b" " + data)


def test_base64_with_a_plus_takes_the_quick_road(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_tree, "_DECODER", None)
    text = orjson.dumps({"path": "AAe+/5e+Ze+", "value": 4.5, "list": [1]})
    assert parse_json(text) == orjson.loads(text)


# ------------------------------------------------------------------------------------------------------ canonical form

NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-(2.0**54), 2.0**54) | st.integers(-9, 9).map(float)
TREES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=3),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=3), below, max_size=3),
    max_leaves=12,
)


@settings(max_examples=300)
@given(st.dictionaries(st.text(max_size=3), TREES, max_size=4))
@example({"a": [-0.0, 4.0, {"b": 2.0}], "c": {}, "d": [[], ()]})
def test_one_look_tells_what_the_long_walk_tells(tree: dict[str, Any]) -> None:
    known, others = look_at(tree)
    assert (known.is_ascii and all(map(is_plain_value, others))) == is_plain(tree)
    if known.is_ascii and all(is_whole(value) or is_plain_value(value) for value in others):
        assert is_plain(with_integers(tree))
        assert rfc8785.dumps(with_integers(tree)) == rfc8785.dumps(tree)


@given(TREES)
def test_depth_of_a_shape(tree: object) -> None:
    def depth(node: Any) -> int:
        below = node.values() if isinstance(node, dict) else node if isinstance(node, list) else None
        return 0 if below is None else 1 + max(map(depth, below), default=0)

    assert look_at({"a": tree})[0].depth == depth({"a": tree})


# ------------------------------------------------------------------------------------------------------------- proofs


def _nodes(node: Any) -> list[dict[str, Any]]:
    below = [] if not isinstance(node, dict) else [node, *(one for value in node.values() for one in _nodes(value))]
    return below


@settings(max_examples=300)
@given(st.sampled_from(PROOFS), st.data())
def test_a_proof_that_is_read_has_the_form_of_the_object_that_it_came_in(proof: JsonTree, data: st.DataObject) -> None:
    tree = orjson.loads(orjson.dumps(proof))
    node = data.draw(st.sampled_from(_nodes(tree)))
    key = data.draw(st.sampled_from([*node, "co", "more"]))
    value = data.draw(st.sampled_from([*ODD, "0x" + "00" * 32, "0x" + "AB" * 32, "1", "01", 1, 2, 5, node.get(key)]))
    node[key] = copy.deepcopy(value)
    try:
        read = proof_from_json(tree)
    except InvalidInput:
        return
    assert proof_to_json(read) == tree
    assert form_of(tree, read) == proof_bytes(read) == rfc8785.dumps(tree)


@given(st.integers(1, 40), st.data())
def test_a_climb_ends_only_where_the_whole_one_would_have_come_to_the_root(count: int, data: st.DataObject) -> None:
    digests = [Digest(hashlib.sha256(b"%d" % number).digest()) for number in range(count)]
    places = places_of(digests)
    batch_signatures._climbed.clear()
    for _ in range(data.draw(st.integers(1, 12))):
        at = data.draw(st.integers(0, count - 1))
        place, signed = places[at], digests[data.draw(st.sampled_from([at, 0]))]
        path = list(place.path)
        change = data.draw(st.sampled_from(["", "", "node", "other", "shorter", "longer", "index", "count", "length"]))
        where = data.draw(st.integers(0, max(0, len(path) - 1)))
        index, size = place.index, count
        match change:
            case "node" if path:
                path[where] = type(path[where])(bytes(32))
            case "other" if path:
                path[where] = data.draw(st.sampled_from([node for one in places for node in one.path]))
            case "shorter":
                path = path[:-1]
            case "longer":
                path = [*path, place.root]
            case "index":
                index = data.draw(st.integers(-1, count))
            case "count":
                size = data.draw(st.integers(0, count + 2))
            case "length" if path:
                path[where] = type(path[where])(path[where][:31])
        tried = BatchPlace(place.root, size, index, tuple(path))
        expected = root_by_inclusion(batch_leaf(signed), index, tried.path, size) == place.root
        assert is_among(signed, tried) == expected


# -------------------------------------------------------------------------------------------------------------- rules

PLACES: tuple[tuple[str | int, ...], ...] = (
    ("eventTime",), ("bizStep",), ("disposition",), ("readPoint",), ("readPoint", "id"), ("quantityList",),
    ("quantityList", 0), ("quantityList", 0, "epcClass"), ("quantityList", 0, "quantity"), ("quantityList", 0, "uom"),
    ("sensorElementList",), ("sensorElementList", 0), ("sensorElementList", 0, "sensorMetadata"),
    ("sensorElementList", 0, "sensorMetadata", "time"), ("sensorElementList", 0, "sensorMetadata", "deviceID"),
    ("sensorElementList", 0, "sensorMetadata", "startTime"), ("sensorElementList", 0, "sensorReport"),
    ("sensorElementList", 0, "sensorReport", 0), *(
        ("sensorElementList", 0, "sensorReport", 0, name)
        for name in ("type", "value", "uom", "time", "deviceID", "minValue", "maxValue", "meanValue")
    ), ("type",), ("bizLocation",), ("epcList",), ("ilmd",), ("silkroot:corrects",), ("persistentDisposition",),
)  # fmt: skip
VALUES = (
    *ODD, "RelativeHumidity", "P1", 101, -300, 899.5, 900, "FAH", "2026-02-30T12:00:00Z", "gs1:Temperature", "CEL",
    "cbv:BizStep-nothing", "urn:epcglobal:cbv:disp:nothing", "https://id.gs1.org/01/09520000001002/10/L",
    {"id": "https://id.gs1.org/414/9520000000012"}, [{"type": "Temperature", "value": 4}],
)  # fmt: skip


@settings(max_examples=500)
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(VALUES), st.booleans()), max_size=3))
def test_what_keeps_all_rules_breaks_none(changes: list[tuple[tuple[str | int, ...], Any, bool]]) -> None:
    event: Any = orjson.loads(orjson.dumps(reading()))
    for (*path, last), value, is_gone in changes:
        node: Any = event
        for part in path:
            try:
                node = node[part]
            except (KeyError, IndexError, TypeError):
                node = None
        if isinstance(node, dict) and is_gone:
            node.pop(last, None)
        elif isinstance(node, dict) or (isinstance(last, int) and isinstance(node, list) and node):
            node[last] = copy.deepcopy(value)  # a later change may go into it
    if keeps_all_rules(event):
        assert check_rules(event, {}) == []


def test_readings_take_the_quick_road_through_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(epcis_document, "check_rules", None)
    epcis_document.check_event(reading())
    humid = [{"sensorReport": [{"type": "RelativeHumidity", "value": 80, "uom": "P1"}]}]
    epcis_document.check_event(reading(sensorElementList=humid))
    del humid[0]["sensorReport"][0]["uom"]
    assert not keeps_all_rules(reading(sensorElementList=humid))


# ---------------------------------------------------------------------------------------------------------- documents

LARGE = b'"silkroot:remark":9007199254740994.0'
DEEP = b'"silkroot:remark":' + b"[" * 70 + b"]" * 70


class Clock:
    """A time at which what is signed may still be recorded."""

    def now(self) -> float:
        """Unix seconds."""
        return 1_785_000_000.0


def prepared(data: bytes) -> Any:
    """What comes of a document, without what is drawn by lot: the errors, or each event's."""
    work = preparer(configuration(LEDGER_DOMAIN, SECRET, DEFAULT), Clock())
    found = pickle.loads(work(b"%d " % b.FARM + data, lambda _: pickle.dumps(None)))  # noqa: S301
    if isinstance(found, Exception):
        return type(found), str(found)
    unsigned, *chunks = found
    found = [event for chunk in chunks for event in pickle.loads(chunk)]  # noqa: S301
    events = [one if isinstance(one, InvalidInput) else one.whole() for one in found]
    signed = [
        (one, one.proof_form) if isinstance(one, Prepared) and one.proof is not None
        else (one.index, one.party, one.request_mac) if isinstance(one, Prepared) else (type(one), one.violations)
        for one in events
    ]  # fmt: skip
    return unsigned, signed


def outcome(work: Callable[[bytes], Any], data: bytes) -> Any:
    """What comes of it, or what is wrong."""
    try:
        return work(data)
    except InvalidInput as error:
        return [(one.rule, one.field) for one in error.violations]
    except (NotAllowed, TooMuch) as error:
        return str(error)


def altered(data: bytes, change: str) -> bytes:
    """The document with something that strict JSON has no room for, or that others of its checks refuse."""
    match change:
        case "large in an event":
            return data.replace(b'"silkroot:party"', LARGE + b',"silkroot:party"', 1)
        case "deep in an event":
            return data.replace(b'"silkroot:party"', DEEP + b',"silkroot:party"', 1)
        case "large in a proof":
            return data.replace(b'"scheme":1', b'"scheme":9007199254740994.0', 1)
        case "deep in a proof":
            return data.replace(b'"scheme":1', b'"scheme":' + b"[" * 70 + b"]" * 70, 1)
        case "large around":
            return data.replace(b'"schemaVersion"', LARGE + b',"schemaVersion"', 1)
        case "deep around":
            return data.replace(b'"schemaVersion"', DEEP + b',"schemaVersion"', 1)
        case "no document":
            return data.replace(b'"schemaVersion"', b'"schema"', 1)
        case "twice":
            return data.replace(b'"scheme":1', b'"scheme":1,"scheme":1', 1)
        case "another's":
            return data.replace(b'"silkroot:proof"', b'"silkroot:prove"', 1).replace(
                b"%013d" % b.FARM, b"%013d" % b.HUB
            )
        case "broken event":
            return data.replace(b'"action":"OBSERVE"', b'"action":"TAKE"', 1)
        case "white space":
            return data.replace(b'"scheme":1', b'"scheme": 1', 1)
        case "whole number":
            return data.replace(b'"silkroot:party"', b'"silkroot:remark":4.0,"silkroot:party"', 1)
    return data


CHANGES = (
    "", "large in an event", "deep in an event", "large in a proof", "deep in a proof", "large around", "deep around",
    "no document", "twice", "another's", "broken event", "white space", "whole number",
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.sampled_from([*SIGNED, b.inspection(), {"type": "ObjectEvent"}, reading()]), max_size=4),
    st.lists(st.sampled_from(CHANGES), max_size=2),
)
def test_a_document_that_is_read_once_gives_what_a_strictly_read_one_gives(
    events: list[JsonTree], changes: list[str]
) -> None:
    data = document(events)
    for change in changes:
        data = altered(data, change)
    quick = prepared(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prepared_bytes, "_prepared_quickly", lambda *_: None)
        assert prepared(data) == quick


@pytest.mark.parametrize("change", ["large in an event", "deep in an event", "large around", "deep around"])
def test_what_strict_json_refuses_is_refused_though_it_is_read_once(change: str) -> None:
    data = altered(document(SIGNED), change)
    assert parse_compact(data) is not None
    error, text = prepared(data)
    assert issubclass(error, InvalidInput)
    assert ("json.number" if "large" in change else "json.depth") in text


def test_a_signed_document_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    data = document(SIGNED)
    monkeypatch.setattr(prepared_bytes, "_prepared_strictly", None)
    read: list[int] = []
    monkeypatch.setattr(prepared_bytes, "parse_json_object", lambda text: read.append(len(text)))
    unsigned, events = prepared(data)
    assert (unsigned, len(events)) == (None, len(SIGNED))
    assert read
    assert max(read) < len(data) / 10, "more than what is around the events was read strictly"


def test_whole_numbers_are_stored_as_rfc_8785_has_them() -> None:
    event = presign(reading(**{"silkroot:remark": [4.0, {"of": -2.0}]}), DEVICE)
    _, ((found, _),) = prepared(document([event]))
    bare = {key: value for key, value in event.items() if key != "silkroot:proof"}
    assert found.stored == rfc8785.dumps(bare | {"eventID": event_hash(bare)})
