"""Hypothesis strategies: random values of every signed struct, at the edges of their types too."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from ledger.domain.identifiers import UINT64_MAX
from ledger.domain.records import Scheme
from ledger.domain.struct_types import STRUCTS, Member, Struct, members_of, struct_named

uint64 = st.integers(0, UINT64_MAX) | st.sampled_from([0, 1, 2**63, UINT64_MAX])
bytes32 = st.binary(min_size=32, max_size=32)
lot_codes = st.text("!\"%&'()*+,-./0123456789:;<=>?ABCXYZ_abcxyz", min_size=1, max_size=20)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def struct_values(struct: type[Struct]) -> st.SearchStrategy[Any]:
    """Random values of the struct that fit its types."""
    return st.builds(struct, **{member.attribute: _member(member) for member in members_of(struct)})


def any_struct() -> st.SearchStrategy[Struct]:
    """A random value of a random struct."""
    return st.one_of(*(struct_values(struct) for struct in STRUCTS))


def _member(member: Member) -> st.SearchStrategy[Any]:
    if member.name == "lotCode":
        return lot_codes
    if member.name == "scheme":
        return st.sampled_from(Scheme)
    item = _value(member.item or member.type)
    return st.lists(item, max_size=4).map(tuple) if member.item else item


def _value(type_name: str) -> st.SearchStrategy[Any]:
    match type_name:
        case "uint64":
            return uint64
        case "uint16":
            return st.integers(0, 2**16 - 1)
        case "bool":
            return st.booleans()
        case "bytes32":
            return bytes32
        case "string":
            return texts
    struct = struct_named(type_name)
    assert struct is not None, type_name
    return struct_values(struct)
