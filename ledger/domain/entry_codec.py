"""
What an entry carries to the chain: the Solidity ABI encoding of the signed struct; no I/O.

The payload is `abi.encode(struct)` with the struct as one tuple argument. A receipt carries the lines of its manifest
behind it, an admission, a key grant and a recovery the signature of the new key. Raises `InvalidInput` for values that
do not fit; nothing is coerced.
Source: Solidity ABI specification, "Formal Specification of the Encoding".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_abi.abi import encode

from ledger.domain.actions import Action, Line, Receipt
from ledger.domain.errors import InvalidInput
from ledger.domain.registry_actions import Admission, KeyGrant, Recovery, RegistryAction
from ledger.domain.struct_types import (
    Struct,
    check_array,
    check_bool,
    check_bytes32,
    check_string,
    check_uint,
    members_of,
    struct_named,
)  # fmt: skip
from ledger.domain.typed_data import manifest_hash


def encode_payload(
    action: Action | RegistryAction, manifest: Sequence[Line] | None = None, *, new_key_signature: bytes | None = None
) -> bytes:
    """
    The payload of the action's entry.

    `manifest`: the lines of the consignment, for a `Receipt` and nothing else; their hash has to be the signed one.
    `new_key_signature`: for an `Admission`, `KeyGrant` or `Recovery` and nothing else; the new key signs the same
    digest.
    """
    types: list[str] = [abi_type(type(action))]
    values: list[Any] = [_values(action)]
    if isinstance(action, Receipt) != (manifest is not None):
        raise InvalidInput.one("manifest", "entry.manifest", manifest, "a receipt, and only that, carries its manifest")
    if isinstance(action, Admission | KeyGrant | Recovery) != (new_key_signature is not None):
        raise InvalidInput.one(
            "newKeySignature", "entry.witness", new_key_signature,
            "an admission, a key grant or a recovery, and only those, carries the new key's signature",
        )  # fmt: skip
    if isinstance(action, Receipt) and manifest is not None:
        if manifest_hash(manifest) != action.manifest_hash:
            raise InvalidInput.one(
                "manifest", "entry.manifest-hash", manifest_hash(manifest).hex(), "the manifest is not the signed one"
            )
        types.append(abi_type(Line) + "[]")
        values.append(tuple(_values(line) for line in manifest))
    if new_key_signature is not None:
        types.append("bytes")
        values.append(new_key_signature)
    return encode(types, values)


def abi_type(struct: type[Struct]) -> str:
    """The struct as an ABI tuple type, such as "(bytes32,uint64)"."""
    parts = []
    for member in members_of(struct):
        inner = struct_named(member.item or member.type)
        parts.append(member.type if inner is None else abi_type(inner) + ("[]" if member.item else ""))
    return f"({','.join(parts)})"


def _values(struct: Struct) -> tuple[Any, ...]:
    return tuple(
        _value(getattr(struct, member.attribute), member.type, member.name) for member in members_of(type(struct))
    )


def _value(value: Any, type_name: str, field: str) -> Any:
    if type_name.endswith("[]"):
        return tuple(_value(item, type_name[:-2], field) for item in check_array(value, field))
    match type_name:
        case "uint8" | "uint16" | "uint64":
            return int(check_uint(value, type_name, field))
        case "bool":
            return check_bool(value, field)
        case "bytes32":
            return check_bytes32(value, field)
        case "string":
            return check_string(value, field)
    if type(value) is not struct_named(type_name):
        raise InvalidInput.one(field, "eip712.struct", value, f"not a {type_name}")
    return _values(value)
