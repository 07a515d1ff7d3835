"""
A signed acknowledgement as a file: what the holder of an event keeps, and `silkroot verify --receipt` reads; no I/O.

    {"format": "silkroot-receipt-1", "chainId": …, "eventLog": "0x…", "logIndex": …, "contentHash": "0x…",
     "leafHash": "0x…", "time": …, "mergeDeadline": …, "signature": "0x…"}

`eventLog` is the address of the contract; with the chain id it makes the EIP-712 domain that was signed in. Strict: no
member too many, none too few, numbers as JSON numbers, hex in lower case, so that an acknowledgement has one form.
Raises `InvalidInput`: `log.receipt` for another form, and what `Acknowledgement` raises.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import UINT64_MAX, ContentHash
from ledger.domain.json_tree import parse_json_object
from ledger.domain.log.acknowledgements import Acknowledgement, acknowledged_by, log_domain
from ledger.domain.merkle import HASH_BYTES, TreeHash
from ledger.domain.records import JsonTree
from ledger.domain.typed_data import Domain

RECEIPT_FORMAT = "silkroot-receipt-1"
ADDRESS_BYTES = 20
SIGNATURE_BYTES = 65
_MEMBERS = (
    "format", "chainId", "eventLog", "logIndex", "contentHash", "leafHash", "time", "mergeDeadline", "signature",
)  # fmt: skip
_HEX = re.compile(r"0x(?:[0-9a-f]{2})*\Z")


@dataclass(frozen=True, slots=True)
class SignedAcknowledgement:
    """An acknowledgement, the log that it is of, and the operator's 65-byte signature, which has not been verified."""

    chain_id: int
    contract: bytes
    acknowledgement: Acknowledgement
    signature: bytes

    @property
    def domain(self) -> Domain:
        """The EIP-712 domain that it says to be signed in."""
        return log_domain(self.chain_id, self.contract)

    def signer(self) -> bytes:
        """The 20-byte address that signed it; `InvalidInput` for a signature that nobody can have made."""
        return acknowledged_by(self.domain, self.acknowledgement, self.signature)


def acknowledgement_to_json(signed: SignedAcknowledgement) -> JsonTree:
    """The object, with its members in the order above."""
    stated = signed.acknowledgement
    return {
        "format": RECEIPT_FORMAT,
        "chainId": signed.chain_id,
        "eventLog": "0x" + signed.contract.hex(),
        "logIndex": stated.log_index,
        "contentHash": "0x" + stated.content_hash.hex(),
        "leafHash": "0x" + stated.leaf_hash.hex(),
        "time": stated.time,
        "mergeDeadline": stated.merge_deadline,
        "signature": "0x" + signed.signature.hex(),
    }


def acknowledgement_from_json(tree: Mapping[str, Any]) -> SignedAcknowledgement:
    """The signed acknowledgement that the object holds."""
    if set(tree) != set(_MEMBERS):
        raise _no_receipt("", sorted(tree), f"a receipt has the members {', '.join(_MEMBERS)}")
    if tree["format"] != RECEIPT_FORMAT:
        raise _no_receipt("/format", tree["format"], f"the format is {RECEIPT_FORMAT}")
    stated = Acknowledgement(
        log_index=_number(tree, "logIndex"),
        content_hash=ContentHash(_bytes(tree, "contentHash", HASH_BYTES)),
        leaf_hash=TreeHash(_bytes(tree, "leafHash", HASH_BYTES)),
        time=_number(tree, "time"),
        merge_deadline=_number(tree, "mergeDeadline"),
    )
    contract = _bytes(tree, "eventLog", ADDRESS_BYTES)
    return SignedAcknowledgement(_number(tree, "chainId"), contract, stated, _bytes(tree, "signature", SIGNATURE_BYTES))


def read_acknowledgement(data: bytes) -> SignedAcknowledgement:
    """The signed acknowledgement in a file of strict JSON (I-JSON without duplicate names)."""
    return acknowledgement_from_json(parse_json_object(data))


def _number(tree: Mapping[str, Any], name: str) -> int:
    value = tree[name]
    if type(value) is not int or not 0 <= value <= UINT64_MAX:
        raise _no_receipt(f"/{name}", value, "this is a number from 0 to 2^64 - 1")
    return value


def _bytes(tree: Mapping[str, Any], name: str, length: int) -> bytes:
    value = tree[name]
    if not isinstance(value, str) or not _HEX.match(value) or len(value) != 2 + 2 * length:
        raise _no_receipt(f"/{name}", value, f"this is 0x and {length} bytes in hex, in lower case")
    return bytes.fromhex(value[2:])


def _no_receipt(at: str, value: object, message: str) -> InvalidInput:
    return InvalidInput.one(at, "log.receipt", value, message)
