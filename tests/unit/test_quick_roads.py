"""
Every quick road of capture says what the long one says, of events that were tampered with in all ways that
`event_mutations` knows: the CBV event hash, EPCIS, what is sealed, our own members, strict JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import orjson
import plain_cbv_hash
import pytest
from event_mutations import CONTEXTS, ODD, tampered_events
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledger.domain import cbv_hash
from ledger.domain.content_hash import add_blind, check_blinded
from ledger.domain.epcis import document
from ledger.domain.epcis.names import declared_prefixes, expand, prefixes_of
from ledger.domain.errors import InvalidInput
from ledger.domain.event_shape import look_at, shape_of, skeleton
from ledger.domain.identifiers import PartyId
from ledger.domain.json_tree import parse_json
from ledger.domain.own_members import NAMESPACE, own_members
from ledger.domain.records import JsonTree
from ledger.domain.sealing import DEFAULT, Entry, Policy, seal
from ledger.domain.sealing.quick import leaves_open

STANDARD = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
POLICY = Policy((Entry(("phone", "note", "price", "grower", "/silkroot:box/*")), *DEFAULT.entries))
EXTRA = st.dictionaries(
    st.sampled_from(
        [
            "silkroot:note",
            "silkroot:phone",
            "gs1:price",
            "sr:phone",
            "silkroot:sealed",
            "silkroot:sealedElement",
            "silkroot:box",
            "ex:x",
        ]
    ),
    st.sampled_from(ODD) | st.lists(st.dictionaries(st.sampled_from(["note", "a:b", "gs1:phone"]), st.just(1))),
    max_size=2,
)
REPORTS = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["Temperature", "Angle", "Length", "gs1:Angle", 7])},
        optional={
            "component": st.sampled_from(["latitude", "cbv:Comp-latitude", "x", None]),
            "value": st.sampled_from([4, 4.5, 4.0, -0.0, 1e-7, "a"]),
            "uriValue": st.sampled_from(["https://example.com/", 1]),
            "time": st.sampled_from([text for text in ODD if isinstance(text, str)]),
            "percValue": st.floats(0, 100),
            "silkroot:note": st.text(max_size=3),
        },
    ),
    max_size=3,
)


@st.composite
def events(draw: st.DrawFn) -> JsonTree:
    """A tampered event, mostly under the usual context, sometimes with readings and members of ours."""
    event: JsonTree = json.loads(draw(tampered_events()))
    if draw(st.booleans()):
        event["@context"] = [STANDARD, {"silkroot": NAMESPACE}]
    if draw(st.booleans()):
        event["sensorElementList"] = [
            {"sensorReport": draw(REPORTS), "sensorMetadata": {"time": "2026-08-05T12:00:00Z"}}
        ]
    return event | draw(EXTRA)


def outcome(work: Callable[..., Any], *arguments: Any) -> Any:
    """What comes of it: a value, or the violations, or None where the event is none that the function is for."""
    try:
        return work(*arguments)
    except InvalidInput as error:
        return error.violations
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError):
        return None


@settings(max_examples=200)
@given(
    events(), st.sampled_from([None, [STANDARD], [{"ex": "https://ns.example.com/"}]]), st.sampled_from([(), ("ex:x",)])
)
def test_cbv_hash(event: JsonTree, context: object, ignored: tuple[str, ...]) -> None:
    plain = outcome(plain_cbv_hash.pre_hash, event, context, ignored)
    for _ in range(2):  # the second time texts are remembered
        assert outcome(cbv_hash.pre_hash, event, context, ignored) == plain
        known, _ = look_at(event)
        assert outcome(cbv_hash.pre_hash, event, context, ignored, known) == plain


@given(st.text("0123456789-+.e", max_size=8) | st.floats().map(repr) | st.integers().map(str))
def test_numbers_of_the_cbv_hash(text: str) -> None:
    assert outcome(cbv_hash._number, text) == outcome(plain_cbv_hash._number, text)


@given(
    st.datetimes().map(lambda moment: moment.isoformat()) | st.datetimes().map(lambda moment: moment.isoformat()[:-3]),
    st.sampled_from(["Z", "+08:00", "-12:00", "+14:00", "+23:59"]),
)
@example("0999-12-31T23:59:59", "Z")
@example("1000-01-01T00:00:00", "+08:00")
@example("2026-08-05T12:00:00.5", "Z")
@example("2026-08-05T12:00:00.0005", "Z")
@example("2026-08-05T12:00:00.9996", "Z")
def test_times_of_the_cbv_hash(text: str, zone: str) -> None:
    assert outcome(cbv_hash._time, text + zone) == outcome(plain_cbv_hash._time, text + zone)


@settings(max_examples=200)
@given(events(), st.none() | st.just([STANDARD]))
def test_epcis(event: JsonTree, context: object) -> None:
    quick = outcome(document.check_event, event, context)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document, "_has_known_members", lambda *_: False)
        patch.setattr(document, "_has_good_context", lambda *_: False)
        patch.setattr(document, "keeps_all_rules", lambda *_: False)
        assert outcome(document.check_event, event, context) == quick


def _salts() -> Callable[[], bytes]:
    numbers = iter(range(1_000_000))
    return lambda: next(numbers).to_bytes(16, "big")


@settings(max_examples=200)
@given(events(), st.sampled_from([DEFAULT, POLICY]))
def test_sealing(event: JsonTree, policy: Policy) -> None:
    quick = outcome(seal, event, policy, _salts())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules[seal.__module__], "leaves_open", lambda *_: False)
        assert outcome(seal, event, policy, _salts()) == quick


def test_readings_take_the_quick_road_and_positions_do_not() -> None:
    event: JsonTree = {
        "@context": [STANDARD, {"silkroot": NAMESPACE}],
        "type": "ObjectEvent",
        "silkroot:party": "9520000000011",
    }
    temperature = {"type": "Temperature", "value": 4.5}
    latitude = {"type": "Angle", "value": 43.8, "component": "latitude"}
    selection = DEFAULT.selection(event)
    assert leaves_open(event | {"sensorElementList": [{"sensorReport": [temperature] * 2}]}, selection)
    assert not leaves_open(event | {"sensorElementList": [{"sensorReport": [temperature, latitude]}]}, selection)
    assert not leaves_open(event | {"silkroot:phone": "1"}, selection)
    assert not leaves_open(event | {"silkroot:sealed": ["x"]}, selection)


@given(events())
def test_an_event_and_its_skeleton_have_one_shape(event: JsonTree) -> None:
    assert shape_of(skeleton(shape_of(event))) == shape_of(event)


@given(
    st.lists(st.sampled_from(CONTEXTS) | st.sampled_from([STANDARD, [STANDARD, {"silkroot": NAMESPACE}]]), max_size=3)
)
def test_prefixes(contexts: list[object]) -> None:
    for _ in range(2):
        assert prefixes_of(*contexts) == declared_prefixes(*contexts)


def test_a_context_that_is_changed_in_place_is_another_one() -> None:
    declared = {"a": "https://a.example/"}
    context: list[object] = [declared]
    for change in ("https://b.example/", "https://c.example/"):
        assert prefixes_of(context) == prefixes_of(context) == declared_prefixes(context)
        declared["a"] = change
        assert prefixes_of(context) == declared_prefixes(context)
    context.append({"a": "https://d.example/"})
    assert prefixes_of(context) == declared_prefixes(context)


@given(events())
def test_own_members(event: JsonTree) -> None:
    prefixes = declared_prefixes(event.get("@context"))
    names = [(expand(key, prefixes), key) for key in event]
    ours = [(name.removeprefix(NAMESPACE), event[key]) for name, key in names if name.startswith(NAMESPACE)]
    found = outcome(own_members, event)
    if isinstance(found, dict):
        assert [(name, value) for name, (_, value) in found.items()] == ours
    else:
        assert [violation.rule for violation in found] == ["silkroot.twice"]
        assert len({name for name, _ in ours}) < len(ours)


@given(events(), st.sampled_from(["0" * 32, "0" * 31, "A" * 32, None, 7]))
def test_blinds(event: JsonTree, blind: object) -> None:
    named = event | {"silkroot:party": "9520000000011", "silkroot:blind": blind}
    if isinstance(outcome(own_members, named), dict):
        long = outcome(add_blind, named, PartyId(9520000000011), bytes(16))
        found = outcome(check_blinded, named, PartyId(9520000000011), blind)
        if own_members(named).get("blind", ("", ""))[1] == blind and "blind" in own_members(named):
            assert (found is None) == isinstance(long, dict)


# -------------------------------------------------------------------------------------------------- strict JSON

NUMBERS = (
    st.integers(-(2**70), 2**70) | st.integers(2**53 - 3, 2**53 + 3) | st.floats(allow_nan=False, allow_infinity=False)
    | st.floats(2**52, 2**55) | st.integers(-9, 9).map(float)
)  # fmt: skip
TREES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=5),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=3), below, max_size=4),
    max_leaves=12,
)
TWICE = st.builds(lambda key, one, other: b'{"%b":%b,"%b":%b}' % (key, one, key, other),
                  st.sampled_from([b"a", "名".encode(), b"\\u0061"]), TREES.map(lambda tree: json.dumps(tree).encode()),
                  TREES.map(lambda tree: json.dumps(tree).encode()))  # fmt: skip


def _typed(value: object) -> object:
    """The tree with the type of each number."""
    if isinstance(value, dict):
        return [(key, _typed(inner)) for key, inner in value.items()]
    if isinstance(value, list):
        return [_typed(inner) for inner in value]
    return type(value), repr(value)


@settings(max_examples=300)
@given(
    TREES.map(lambda tree: json.dumps(tree, separators=(",", ":")).encode())
    | TREES.map(lambda tree: json.dumps(tree, separators=(",", ":"), ensure_ascii=False).encode())
    | TREES.map(lambda tree: json.dumps(tree).encode())
    | TWICE
)
@example(b'{"a":9007199254740993.0}')
@example(b"[9007199254740991.0,9007199254740991]")
@example(b"9007199254740992.0")
@example(b"[1e+16]")
@example(b"[-0.0,-0,4.0]")
@example(b'{"a":1,"a":1}')
def test_strict_json(text: bytes) -> None:
    # White space in front keeps a text off the quick road.
    quick, long = outcome(parse_json, text), outcome(parse_json, b" " + text)
    if isinstance(quick, tuple):
        assert [(one.rule, one.field) for one in quick] == [(one.rule, one.field) for one in long]
    else:
        assert _typed(quick) == _typed(long)


def test_compact_text_takes_the_quick_road(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.domain.json_tree._DECODER", None)
    text = orjson.dumps({"type": "ObjectEvent", "name": "哈密瓜", "quantity": [12.5, 4.0, 7]})
    assert parse_json(text) == orjson.loads(text)
