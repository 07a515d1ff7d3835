"""
What the EIP-712 type strings of our structs say: members, their types, and which attribute holds each; no I/O.

The type string in `TYPE` is the one source; hashing, ABI encoding and the JSON form all read it through here. A value
that does not fit its type is refused with `InvalidInput`, never coerced.

Source: EIP-712, "Definition of encodeType"; of its types we use uint8/16/64, bool, bytes32, string, structs and arrays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

from ledger.domain.actions import ACTIONS, Action, Line, Output, ReceiptLine, SettledLine
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import CHARACTER_SET_82
from ledger.domain.registry_actions import REGISTRY_ACTIONS, RegistryAction

Struct = Action | RegistryAction | Line | Output | ReceiptLine | SettledLine
"""Anything that EIP-712 can hash here."""

STRUCTS: tuple[type[Struct], ...] = (Line, Output, ReceiptLine, SettledLine, *ACTIONS, *REGISTRY_ACTIONS)
_BY_NAME: dict[str, type[Struct]] = {struct.TYPE.partition("(")[0]: struct for struct in STRUCTS}
_TYPE_STRING = re.compile(r"(\w+)\(([^()]*)\)\Z")
_SURROGATE = re.compile("[\ud800-\udfff]")
_UINT_LIMITS = {"uint8": 2**8, "uint16": 2**16, "uint64": 2**64}


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a struct: its EIP-712 name and type, and the attribute of the dataclass that holds it."""

    name: str
    type: str
    attribute: str

    @property
    def item(self) -> str:
        """The type of an array's items; "" if the member is no array."""
        return self.type[:-2] if self.type.endswith("[]") else ""


def name_of(struct: type[Struct]) -> str:
    """The struct's EIP-712 name, such as "Harvest"."""
    return struct.TYPE.partition("(")[0]


def struct_named(name: str) -> type[Struct] | None:
    """The struct of that EIP-712 name; None where there is none."""
    return _BY_NAME.get(name)


def members_of(struct: type[Struct]) -> tuple[Member, ...]:
    """The members in order."""
    return _MEMBERS[struct]


def encode_type(struct: type[Struct]) -> str:
    """EIP-712 encodeType: the struct's own type string, then those it refers to in order of their names."""
    return _ENCODED_TYPES[struct]


def _parse_members(struct: type[Struct]) -> tuple[Member, ...]:
    match = _TYPE_STRING.match(struct.TYPE)
    if match is None:
        raise TypeError(f"not an EIP-712 type string: {struct.TYPE}")
    members = []
    for part in match[2].split(","):
        type_name, name = part.split(" ")
        members.append(Member(name, type_name, re.sub(r"[A-Z]", lambda upper: "_" + upper[0].lower(), name)))
    attributes = [field.name for field in fields(struct)]
    if [member.attribute for member in members] != attributes:
        raise TypeError(f"{struct.TYPE} does not mirror the attributes {attributes}")
    return tuple(members)


def _referred(struct: type[Struct]) -> set[str]:
    names: set[str] = set()
    for member in members_of(struct):
        name = member.item or member.type
        if name in _BY_NAME:
            names |= {name} | _referred(_BY_NAME[name])
    return names


# Parsed at import: a type string that does not mirror its dataclass shall fail then, not at the first signature.
_MEMBERS: dict[type[Struct], tuple[Member, ...]] = {struct: _parse_members(struct) for struct in STRUCTS}
_ENCODED_TYPES: dict[type[Struct], str] = {
    struct: struct.TYPE + "".join(sorted(_BY_NAME[name].TYPE for name in _referred(struct))) for struct in STRUCTS
}


def check_uint(value: object, type_name: str, field: str) -> int:
    """The value, if it is an integer (no bool) that fits the unsigned type."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _UINT_LIMITS[type_name]:
        return value
    raise InvalidInput.one(field, f"eip712.{type_name}", value, f"not an integer that fits {type_name}")


def check_bool(value: object, field: str) -> bool:
    """The value, if it is True or False."""
    if isinstance(value, bool):
        return value
    raise InvalidInput.one(field, "eip712.bool", value, "not true or false")


def check_bytes32(value: object, field: str) -> bytes:
    """The value, if it is 32 bytes."""
    if isinstance(value, bytes) and len(value) == 32:
        return value
    raise InvalidInput.one(field, "eip712.bytes32", value, "not 32 bytes")


def check_string(value: object, field: str) -> str:
    """The value, if it is text that UTF-8 can hold; a lot code has also to be one (GS1 AI 10)."""
    if not isinstance(value, str) or not (value.isascii() or _SURROGATE.search(value) is None):
        raise InvalidInput.one(field, "eip712.string", value, "not a text of Unicode scalar values")
    if field == "lotCode" and not CHARACTER_SET_82.match(value):
        raise InvalidInput.one(field, "gs1.ai10", value, "a lot code has 1 to 20 characters of GS1 character set 82")
    return value


def check_array(value: object, field: str) -> tuple[object, ...]:
    """The value, if it is a tuple."""
    if isinstance(value, tuple):
        return value
    raise InvalidInput.one(field, "eip712.array", value, "not a tuple")
