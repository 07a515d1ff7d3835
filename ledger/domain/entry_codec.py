"""
What an entry carries to the chain: the Solidity ABI encoding of the signed struct, and what is shown beside it; no I/O.

The payload is `abi.encode(struct)` with the struct as one tuple argument. Behind it stands what the contract knows only
by hash: the lines still open of a consignment, or the lists that an amended transformation replaces; with an
admission, a key grant and a recovery, the signature of the new key. Raises `InvalidInput` for values that do not fit;
nothing is coerced.
Source: Solidity ABI specification, "Formal Specification of the Encoding".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ledger.domain.actions import (
    Action,
    Line,
    Output,
    PartialReceipt,
    Receipt,
    Settlement,
    TransformationAmendment,
    Void,
)
from ledger.domain.custody_state import Origin
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import KeyId, LotId
from ledger.domain.records import SignatureProof
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
from ledger.domain.typed_data import lines_hash, origin_hash

SHOWS_OPEN_LINES = (Receipt, PartialReceipt, Settlement, Void)
"""Actions on a consignment whose open lines are shown with them, since they sign only their hash."""


def encode_payload(
    action: Action | RegistryAction,
    manifest: Sequence[Line] | None = None,
    *,
    origin: Origin | None = None,
    new_key_signature: bytes | None = None,
) -> bytes:
    """
    The payload of the action's entry.

    `manifest`: the lines of the consignment that are still open, for `SHOWS_OPEN_LINES` and nothing else; their hash
    has to be the signed one. `origin`: the lists that a `TransformationAmendment` replaces, and for nothing else; they
    have to be those of its `origin_hash`. `new_key_signature`: for an `Admission`, `KeyGrant` or `Recovery` and nothing
    else; the new key signs the same digest.
    """
    types: list[str] = [abi_type(type(action))]
    values: list[Any] = [_values(action)]
    if isinstance(action, SHOWS_OPEN_LINES) != (manifest is not None):
        raise InvalidInput.one(
            "manifest", "entry.manifest", manifest,
            "a receipt, a settlement and a void, and only those, carry the open lines of their consignment",
        )  # fmt: skip
    if isinstance(action, TransformationAmendment) != (origin is not None):
        raise InvalidInput.one(
            "origin", "entry.origin", origin,
            "the amendment of a transformation, and only that, carries the lists that it replaces",
        )  # fmt: skip
    if isinstance(action, Admission | KeyGrant | Recovery) != (new_key_signature is not None):
        raise InvalidInput.one(
            "newKeySignature", "entry.witness", new_key_signature,
            "an admission, a key grant or a recovery, and only those, carries the new key's signature",
        )  # fmt: skip
    if isinstance(action, SHOWS_OPEN_LINES) and manifest is not None:
        if lines_hash(manifest) != action.manifest_hash:
            raise InvalidInput.one(
                "manifest", "entry.manifest-hash", lines_hash(manifest).hex(), "the lines are not the signed ones"
            )
        _append(types, values, Line, manifest)
    if isinstance(action, TransformationAmendment) and origin is not None:
        shown = origin_hash(origin.inputs, origin.outputs)
        if shown != action.origin_hash:
            raise InvalidInput.one(
                "origin", "entry.origin-hash", shown.hex(), "the lists are not those that were signed"
            )
        _append(types, values, Line, origin.inputs)
        _append(types, values, Output, origin.outputs)
    if new_key_signature is not None:
        types.append("bytes")
        values.append(new_key_signature)
    return _encoded(types, values)


def encode_propagation(lot: LotId, inputs: Sequence[Line], outputs_hash: bytes) -> bytes:
    """
    The payload of an entry that carries a recall to the lot: the inputs it was made from and `typed_data.outputs_hash`
    of the outputs made with it. Nobody signs it.
    """
    types, values = ["bytes32"], [check_bytes32(lot, "lot")]
    _append(types, values, Line, inputs)
    return _encoded([*types, "bytes32"], [*values, check_bytes32(outputs_hash, "outputsHash")])


def join_signatures(signature: bytes, co_key_id: KeyId, co_signature: bytes) -> bytes:
    """An entry's signature where two parties sign; the entry's key id is that of the first."""
    return _encoded(["bytes", "bytes32", "bytes"], [signature, check_bytes32(co_key_id, "coKeyId"), co_signature])


def joined_signature(proof: SignatureProof) -> bytes:
    """The entry's signature behind a proof: that of the one who signed, or both joined."""
    if proof.co is None:
        return proof.signature
    return join_signatures(proof.signature, proof.co.key_id, proof.co.signature)


def _encoded(types: Sequence[str], values: Sequence[Any]) -> bytes:
    # Imported here: readings of loggers carry nothing to the chain, and whoever prepares them does without its 8 MB.
    from eth_abi.abi import encode

    return encode(types, values)


def _append(types: list[str], values: list[Any], struct: type[Line] | type[Output], items: Sequence[Struct]) -> None:
    types.append(abi_type(struct) + "[]")
    values.append(tuple(_values(item) for item in items))


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
