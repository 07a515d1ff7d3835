"""Strict JSON: what is read, and everything that is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.canonical_json import canonical
from ledger.domain.errors import InvalidJson
from ledger.domain.json_tree import MAX_DEPTH, MAX_INTEGER, parse_json, parse_json_object

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.floats(-1e15, 1e15, allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
TREES = st.recursive(
    SCALARS, lambda below: st.lists(below) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), below)
)


@given(TREES)
def test_what_json_writes_is_read_back(tree: object) -> None:
    assert parse_json(json.dumps(tree)) == tree
    assert parse_json(json.dumps(tree, ensure_ascii=False).encode()) == tree


@given(TREES)
def test_a_canonical_form_is_read_back_to_the_same_form(tree: object) -> None:
    assert canonical(parse_json(canonical(tree))) == canonical(tree)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (b'{"a": 1, "a": 2}', "json.duplicate-key"),
        (b'{"a": {"b": 1, "b": 1}}', "json.duplicate-key"),
        (b'{"a": 1, "\\u0061": 2}', "json.duplicate-key"),
        (b"9007199254740992", "json.number"),
        (b"-9007199254740992", "json.number"),
        (b"1" * 30, "json.number"),
        (b"1" * 5_000, "json.syntax"),
        (b"9007199254740993.0", "json.number"),
        (b"1e16", "json.number"),
        (b"1e400", "json.syntax"),
        (b"NaN", "json.syntax"),
        (b"Infinity", "json.syntax"),
        (b'"\xff"', "json.syntax"),
        (b"\xef\xbb\xbf{}", "json.syntax"),
        ('"é"'.encode("utf-16"), "json.syntax"),
        (b'"\\ud800"', "json.syntax"),
        ('"\ud800"', "json.surrogate"),
        (b"[1,]", "json.syntax"),
        (b"{'a': 1}", "json.syntax"),
        (b"01", "json.syntax"),
        (b"", "json.syntax"),
        (b"{} {}", "json.syntax"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "json.depth"),
        (b'{"a":' * MAX_DEPTH + b"[1]" + b"}" * MAX_DEPTH, "json.depth"),
    ],
)
def test_refuses(text: bytes | str, rule: str) -> None:
    with pytest.raises(InvalidJson) as caught:
        parse_json(text)
    assert caught.value.violations[0].rule == rule


def test_very_deep_nesting_is_refused_and_does_not_crash() -> None:
    with pytest.raises(InvalidJson):
        parse_json(b"[" * 200_000)


def test_the_limits_themselves_are_allowed() -> None:
    assert parse_json(str(MAX_INTEGER)) == MAX_INTEGER
    assert parse_json(b"[" * MAX_DEPTH + b"1" + b"]" * MAX_DEPTH) is not None


def test_an_object_is_asked_for() -> None:
    assert parse_json_object('{"a": 1}') == {"a": 1}
    with pytest.raises(InvalidJson) as caught:
        parse_json_object("[]")
    assert caught.value.violations[0].rule == "json.object"
