"""The identity of events: what is hashed, what is not, and the blind that capture adds."""

from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path
from typing import Any

import event_builders as build
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.canonical_json import canonical
from ledger.domain.content_hash import FORMAT, add_blind, content_hash, hash_of_canonical, pre_image
from ledger.domain.errors import InvalidEvent, InvalidInput
from ledger.domain.identifiers import PartyId
from ledger.domain.own_members import NAMESPACE

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "content_hash.json").read_text(encoding="utf-8")
)["vectors"]
STANDARD = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vector(vector: dict[str, Any]) -> None:
    assert pre_image(vector["event"]).decode() == vector["preImage"]
    assert content_hash(vector["event"]).hex() == vector["contentHash"]
    assert hashlib.sha256(vector["preImage"].encode()).hexdigest() == vector["contentHash"]


def test_the_format_version_comes_first() -> None:
    assert FORMAT == b"silkroot-event-1\n"
    assert pre_image({}) == b"silkroot-event-1\n{}"


def test_record_time_and_event_id_are_not_hashed_at_the_top_and_only_there() -> None:
    event = build.harvest()
    stored = event | {"recordTime": "2026-08-05T12:00:01.000Z", "eventID": "urn:uuid:1"}
    assert content_hash(stored) == content_hash(event)
    assert content_hash(event | {"ilmd": {"eventID": "1"}}) != content_hash(event | {"ilmd": {"eventID": "2"}})


def test_the_order_of_members_does_not_count() -> None:
    event = build.shipping()
    assert content_hash(dict(reversed(event.items()))) == content_hash(event)


def test_the_order_of_a_list_counts() -> None:
    lines = [build.amount(build.PACKED_LOT, 1_000), build.amount(build.OTHER_PACKED_LOT, 2_000)]
    first, second = (build.sale(party=build.BUYER, lines=order) for order in (lines, lines[::-1]))
    assert content_hash(first) != content_hash(second)


def _leaves(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    found = [leaf for key, value in children for leaf in _leaves(value, (*path, key))]
    return found or [path]


@given(st.data())
def test_every_leaf_counts(data: st.DataObject) -> None:
    event = build.shipping()
    path = data.draw(st.sampled_from(_leaves(event)))
    changed = copy.deepcopy(event)
    inner: Any = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = "something else"
    assert content_hash(changed) != content_hash(event)


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_the_blind_counts(first: bytes, second: bytes) -> None:
    event = {"@context": [STANDARD]}
    hashes = {content_hash(add_blind(event, build.FARM, blind)) for blind in (first, second)}
    assert len(hashes) == (1 if first == second else 2)


def test_party_and_blind_are_added_and_the_event_is_left_alone() -> None:
    event = {"@context": STANDARD, "type": "ObjectEvent"}
    before = copy.deepcopy(event)
    assert add_blind(event, build.FARM, build.BLIND) == {
        "@context": [STANDARD, {"silkroot": NAMESPACE}],
        "type": "ObjectEvent",
        "silkroot:party": "9520000000011",
        "silkroot:blind": "000102030405060708090a0b0c0d0e0f",
    }
    assert event == before


def test_a_small_gln_is_padded_to_13_digits() -> None:
    assert add_blind({"@context": STANDARD}, PartyId(17), build.BLIND)["silkroot:party"] == "0000000000017"
    allotted = add_blind({"@context": STANDARD}, build.ALLOTTED_BUYER, build.BLIND)
    assert allotted["silkroot:party"] == "10000000000007"


def test_a_prefix_of_the_events_own_is_used() -> None:
    event = add_blind({"@context": [STANDARD, {"sr": NAMESPACE}]}, build.FARM, build.BLIND)
    assert event["@context"] == [STANDARD, {"sr": NAMESPACE}]
    assert event["sr:party"] == "9520000000011"
    assert "silkroot:party" not in event


def test_an_exported_event_keeps_its_identity() -> None:
    stored = build.harvest()
    assert content_hash(add_blind(stored, build.FARM, bytes(16))) == content_hash(stored)


@pytest.mark.parametrize(
    ("event", "rule"),
    [
        ({}, "epcis.context"),
        ({"@context": [STANDARD, {"silkroot": "https://elsewhere.example/"}]}, "silkroot.prefix"),
        (
            {"@context": [STANDARD, {"silkroot": NAMESPACE}], "silkroot:party": f"{build.BUYER:013d}"},
            "silkroot.party",
        ),
        ({"@context": [STANDARD, {"silkroot": NAMESPACE}], "silkroot:party": int(build.FARM)}, "silkroot.party"),
        ({"@context": [STANDARD, {"silkroot": NAMESPACE}], "silkroot:blind": "AB" * 16}, "silkroot.blind"),
        ({"@context": [STANDARD, {"silkroot": NAMESPACE}], "silkroot:blind": "ab"}, "silkroot.blind"),
        ({"@context": [STANDARD, {"silkroot": NAMESPACE}], "silkroot:blind": None}, "silkroot.blind"),
    ],
)
def test_what_contradicts_is_refused(event: dict[str, Any], rule: str) -> None:
    with pytest.raises(InvalidEvent) as refusal:
        add_blind(event, build.FARM, build.BLIND)
    assert refusal.value.violations[0].rule == rule


@pytest.mark.parametrize(
    ("party", "blind"), [(build.FARM, bytes(15)), (PartyId(0), bytes(16)), (PartyId(2**64), bytes(16))]
)
def test_arguments_are_checked(party: PartyId, blind: bytes) -> None:
    with pytest.raises(InvalidInput):
        add_blind({"@context": STANDARD}, party, blind)


# ------------------------------------------------------------------------------------------- from the bytes alone

_NAMES = st.sampled_from(["eventID", "eventTime", "recordTime", "a", "z"])
_TEXTS = st.sampled_from(["", "urn:uuid:1", 'q"', "\\", "ä", '"eventID":"x","eventTime":'])
_TREES = st.recursive(
    st.one_of(_TEXTS, st.integers(0, 9), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_NAMES, inner, max_size=4)),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "event_id", [None, "urn:uuid:3a4f0c3e-8a39-4b3a-9c39-6f0d6a3d7a10", "ni:///sha-256;00?ver=CBV2.0"]
)
def test_an_events_identity_is_found_without_reading_it(event_id: str | None) -> None:
    event = {key: value for key, value in build.harvest().items() if key not in ("recordTime", "eventID")}
    if event_id is not None:
        event["eventID"] = event_id
    assert hash_of_canonical(canonical(event)) == content_hash(event)


@given(st.dictionaries(_NAMES, _TREES, max_size=4), st.data())
def test_no_other_bytes_have_an_events_identity(tree: dict[str, Any], data: st.DataObject) -> None:
    """The bytes of a tree that differs from the event somewhere are never taken for the event's."""
    event = {**tree, "eventTime": "2026-08-05T12:00:00Z"}
    other = {**data.draw(st.dictionaries(_NAMES, _TREES, max_size=4)), "eventTime": event["eventTime"]}
    for one in (event, other):
        found = hash_of_canonical(canonical(one))
        if found == content_hash(event):
            assert content_hash(one) == content_hash(event)


@pytest.mark.parametrize(
    "change",
    [
        {"recordTime": "2026-08-05T12:00:00Z"},
        {"eventID": "urn:ä"},
        {"eventID": 'urn:"'},
        {"eventID": ["urn:uuid:1"]},
        {"eventID": "urn:uuid:1", "inner": {"eventID": "urn:uuid:2"}},
        {"eventID": "urn:uuid:1", "inner": {"eventTime": "2026-08-05T12:00:00Z"}},
    ],
)
def test_what_has_to_be_read_is_not_guessed(change: dict[str, Any]) -> None:
    assert hash_of_canonical(canonical({**build.harvest(), **change})) is None
