"""Our codec of words, tuples and lists says what eth_abi says, of right values and of wrong bytes."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import decode as their_decode
from eth_abi.abi import encode as their_encode
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.adapters.abi_words import decode, encode, handles

SIMPLE = ["uint8", "uint16", "uint40", "uint64", "uint256", "bool", "bytes1", "bytes24", "bytes32"]


def value_of(kind: str) -> st.SearchStrategy[Any]:
    if kind.endswith("[]"):
        return st.lists(value_of(kind[:-2]), max_size=4).map(tuple)
    if kind.startswith("("):
        return st.tuples(*(value_of(one) for one in kind[1:-1].split(",")))
    if kind == "bool":
        return st.booleans()
    if kind.startswith("uint"):
        return st.integers(0, 2 ** int(kind[4:]) - 1)
    return st.binary(min_size=int(kind[5:]), max_size=int(kind[5:]))


KINDS = st.one_of(
    st.sampled_from(SIMPLE), st.lists(st.sampled_from(SIMPLE), min_size=1, max_size=4).map(lambda m: f"({','.join(m)})")
).flatmap(lambda kind: st.sampled_from([kind, kind + "[]"]))


@given(data=st.data(), types=st.lists(KINDS, max_size=4))
@settings(max_examples=200, deadline=None)
def test_both_write_and_read_the_same(data: st.DataObject, types: list[str]) -> None:
    values = tuple(data.draw(value_of(kind)) for kind in types)
    assert handles(types)
    encoded = encode(types, values)
    assert encoded == their_encode(types, values)
    assert decode(types, encoded) == values == tuple(their_decode(types, encoded))


@given(data=st.data(), types=st.lists(KINDS, min_size=1, max_size=3), flips=st.integers(1, 3))
@settings(max_examples=300, deadline=None)
def test_of_altered_bytes_both_say_the_same(data: st.DataObject, types: list[str], flips: int) -> None:
    encoded = bytearray(encode(types, [data.draw(value_of(kind)) for kind in types]))
    for _ in range(flips):
        encoded[data.draw(st.integers(0, len(encoded) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    altered = bytes(encoded[: data.draw(st.integers(0, len(encoded)))])
    try:
        theirs: object = tuple(their_decode(types, altered))
    except Exception:
        theirs = None
    try:
        ours: object = decode(types, altered)
    except ValueError:
        ours = None
    assert ours == theirs


@pytest.mark.parametrize(
    "kind", ["string", "bytes", "uint64[][]", "(uint64,bytes)", "((uint8))", "int8", "bytes33", ""]
)
def test_other_types_are_left_to_the_library(kind: str) -> None:
    assert not handles([kind])
    with pytest.raises(ValueError, match="is no type of one word"):
        encode([kind], [0])


@pytest.mark.parametrize(
    ("kind", "value"),
    [("uint8", 256), ("uint8", -1), ("uint8", True), ("bool", 1), ("bytes32", b"x"), ("(uint8,bool)", (1,))],
)
def test_values_that_do_not_fit_are_refused(kind: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"is no|has 2 members"):
        encode([kind], [value])
    with pytest.raises(ValueError, match="1 types, 0 values"):
        encode([kind], [])
