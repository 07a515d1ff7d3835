"""
The JSON form of a signed struct: what is stored beside an event, shown to people and put into proofs; no I/O.

Members carry their EIP-712 names. Numbers are decimal strings, because a uint64 does not fit a JSON number; bytes are
0x hex in lower case; truth values are true and false. `type` names the struct. Reading is strict: a member too many,
one too few or a value in another form is `InvalidInput`, so that every action has exactly one JSON form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ledger.domain.actions import ACTIONS, Action
from ledger.domain.errors import InvalidInput
from ledger.domain.records import Scheme
from ledger.domain.registry_actions import REGISTRY_ACTIONS, RegistryAction
from ledger.domain.struct_types import (
    STRUCTS,
    Struct,
    check_array,
    check_bool,
    check_bytes32,
    check_string,
    check_uint,
    encode_type,
    members_of,
    name_of,
    struct_named,
)  # fmt: skip
from ledger.domain.typed_data import Domain

_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,19})\Z")
_HEX32 = re.compile(r"0x[0-9a-f]{64}\Z")


def to_json(action: Action | RegistryAction) -> dict[str, Any]:
    """The action as a JSON object."""
    return {"type": name_of(type(action)), **_members(action)}


def from_json(tree: Mapping[str, Any]) -> Action:
    """The ledger action that the object holds; `InvalidInput` names the member that is wrong."""
    return _read_any(tree, ACTIONS)  # type: ignore[return-value]


def registry_from_json(tree: Mapping[str, Any]) -> RegistryAction:
    """The registry action that the object holds."""
    return _read_any(tree, REGISTRY_ACTIONS)  # type: ignore[return-value]


def typed_message(domain: Domain, action: Action | RegistryAction) -> dict[str, Any]:
    """
    The document of `eth_signTypedData_v4`, which a wallet shows to a person before it signs: `types`, `primaryType`,
    `domain`, `message`.
    """
    encoded = encode_type(type(action))
    types = {
        name_of(struct): [{"name": member.name, "type": member.type} for member in members_of(struct)]
        for struct in STRUCTS
        if struct.TYPE in encoded
    }
    types["EIP712Domain"] = [
        {"name": "name", "type": "string"},
        {"name": "version", "type": "string"},
        {"name": "chainId", "type": "uint256"},
        {"name": "verifyingContract", "type": "address"},
    ]
    return {
        "types": types,
        "primaryType": name_of(type(action)),
        "domain": {
            "name": domain.name,
            "version": domain.version,
            "chainId": str(domain.chain_id),
            "verifyingContract": "0x" + domain.contract.hex(),
        },
        "message": _members(action),
    }


def _members(struct: Struct) -> dict[str, Any]:
    return {
        member.name: _written(getattr(struct, member.attribute), member.type, member.name)
        for member in members_of(type(struct))
    }


def _written(value: Any, type_name: str, field: str) -> Any:
    if type_name.endswith("[]"):
        return [_written(item, type_name[:-2], field) for item in check_array(value, field)]
    match type_name:
        case "uint8" | "uint16" | "uint64":
            return str(int(check_uint(value, type_name, field)))
        case "bool":
            return check_bool(value, field)
        case "bytes32":
            return "0x" + check_bytes32(value, field).hex()
        case "string":
            return check_string(value, field)
    return _members(value)


def _read_any(tree: Mapping[str, Any], allowed: tuple[type[Struct], ...]) -> Struct:
    name = tree.get("type")
    struct = struct_named(name) if isinstance(name, str) else None
    if struct is None or struct not in allowed:
        raise InvalidInput.one("type", "action.type", name, "not the name of an action")
    if tree.keys() != _TYPED_KEYS[struct]:
        raise _no_struct({key: value for key, value in tree.items() if key != "type"}, struct, "")
    return struct(*[read(tree[member], at) for member, at, read in _READERS[struct]])


def _read_struct(tree: Any, struct: type[Struct], path: str) -> Struct:
    if not isinstance(tree, Mapping) or tree.keys() != _KEYS[struct]:
        raise _no_struct(tree, struct, path)
    return struct(*[read(tree[member], path + at) for member, at, read in _READERS[struct]])


def _no_struct(tree: object, struct: type[Struct], path: str) -> InvalidInput:
    names = ", ".join(member.name for member in members_of(struct))
    return InvalidInput.one(path or "/", "action.members", tree, f"a {name_of(struct)} has exactly {names}")


def _reader(type_name: str, name: str) -> Callable[[Any, str], Any]:
    """Reads a value of that type, of a member of that name, at a path."""
    if type_name.endswith("[]"):
        read_item = _reader(type_name[:-2], name)

        def read_array(value: Any, path: str) -> Any:
            if not isinstance(value, list):
                raise InvalidInput.one(path, "action.array", value, "not an array")
            return tuple([read_item(item, f"{path}/{index}") for index, item in enumerate(value)])

        return read_array
    match type_name:
        case "uint8" | "uint16" | "uint64":
            return lambda value, path: _read_number(value, type_name, name, path)
        case "bool":
            return check_bool
        case "bytes32":
            return _read_bytes32
        case "string":
            return lambda value, _: check_string(value, name)
    struct = struct_named(type_name)
    if struct is None:
        raise TypeError(f"no reader for {type_name}")
    return lambda value, path: _read_struct(value, struct, path)


def _read_bytes32(value: Any, path: str) -> bytes:
    if not isinstance(value, str) or not _HEX32.match(value):
        raise InvalidInput.one(path, "action.bytes32", value, "not 0x and 64 lower-case hex digits")
    return bytes.fromhex(value[2:])


def _read_number(value: Any, type_name: str, name: str, path: str) -> int:
    if not isinstance(value, str) or not _DECIMAL.match(value):
        raise InvalidInput.one(path, "action.number", value, "not a decimal number in a string")
    number = check_uint(int(value), type_name, path)
    if name != "scheme":
        return number
    try:
        return Scheme(number)
    except ValueError as error:
        raise InvalidInput.one(path, "action.scheme", value, "not a signature scheme") from error


_READERS: dict[type[Struct], tuple[tuple[str, str, Callable[[Any, str], Any]], ...]] = {
    struct: tuple((member.name, f"/{member.name}", _reader(member.type, member.name)) for member in members_of(struct))
    for struct in STRUCTS
}
"""Name, pointer and reader of each member, in the order of the struct's attributes."""
_KEYS = {struct: frozenset(member.name for member in members_of(struct)) for struct in STRUCTS}
_TYPED_KEYS = {struct: names | {"type"} for struct, names in _KEYS.items()}
