"""
A signed acknowledgement as a file: what the holder of an event keeps, and `silkroot verify --receipt` reads; no I/O.

    {"format": "silkroot-receipt-2", "chainId": …, "eventLog": "0x…", "logIndex": …, "contentHash": "0x…",
     "signatureHash": "0x…", "leafHash": "0x…", "firstIndex": …, "count": …, "path": ["0x…", …],
     "time": …, "mergeDeadline": …, "signature": "0x…"}

`eventLog` is the address of the contract; with the chain id it makes the EIP-712 domain that was signed in. The
signature is over a batch of `count` leaves from entry `firstIndex` on; `path` leads from this leaf to its tree head.

    {"format": "silkroot-receipt-1", "chainId": …, "eventLog": "0x…", "logIndex": …, "contentHash": "0x…",
     "leafHash": "0x…", "time": …, "mergeDeadline": …, "signature": "0x…"}

is of before there were batches, signed for this leaf alone. Strict: no member too many, none too few, numbers as JSON
numbers, hex in lower case, so that an acknowledgement has one form. Raises `InvalidInput`: `log.receipt` for another
form, and what `Acknowledgement` and `BatchPlace` raise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import UINT64_MAX, ContentHash
from ledger.domain.json_tree import parse_json_object
from ledger.domain.log.acknowledgement_batches import BatchPlace, batch_signed_by
from ledger.domain.log.acknowledgements import Acknowledgement, acknowledged_by, log_domain
from ledger.domain.merkle import HASH_BYTES, SignatureHash, TreeHash
from ledger.domain.records import JsonTree
from ledger.domain.typed_data import Domain

RECEIPT_FORMAT = "silkroot-receipt-2"
FORMER_FORMAT = "silkroot-receipt-1"
ADDRESS_BYTES = 20
SIGNATURE_BYTES = 65
_FORMER_MEMBERS = (
    "format", "chainId", "eventLog", "logIndex", "contentHash", "leafHash", "time", "mergeDeadline", "signature",
)  # fmt: skip
_MEMBERS = (
    "format", "chainId", "eventLog", "logIndex", "contentHash", "signatureHash", "leafHash", "firstIndex", "count",
    "path", "time", "mergeDeadline", "signature",
)  # fmt: skip
_FORMS = {FORMER_FORMAT: _FORMER_MEMBERS, RECEIPT_FORMAT: _MEMBERS}
_LONGEST_PATH = 64
_HEX = re.compile(r"0x(?:[0-9a-f]{2})*\Z")


@dataclass(frozen=True, slots=True)
class SignedAcknowledgement:
    """
    An acknowledgement, the log that it is of, and the operator's 65-byte signature, which has not been verified.
    `place`: where the leaf is in the batch that was signed; None where the signature is for this leaf alone, as all
    once were.
    """

    chain_id: int
    contract: bytes
    acknowledgement: Acknowledgement
    signature: bytes
    place: BatchPlace | None = None

    @property
    def domain(self) -> Domain:
        """The EIP-712 domain that it says to be signed in."""
        return log_domain(self.chain_id, self.contract)

    def signer(self) -> bytes:
        """The 20-byte address that signed it; `InvalidInput` for what nobody can have signed."""
        if self.place is None:
            return acknowledged_by(self.domain, self.acknowledgement, self.signature)
        return batch_signed_by(self.domain, self.place.batch_of(self.acknowledgement), self.signature)


def acknowledgement_to_json(signed: SignedAcknowledgement) -> JsonTree:
    """The object, with its members in the order above."""
    stated, place = signed.acknowledgement, signed.place
    tree: JsonTree = {
        "format": FORMER_FORMAT if place is None else RECEIPT_FORMAT,
        "chainId": signed.chain_id,
        "eventLog": "0x" + signed.contract.hex(),
        "logIndex": stated.log_index,
        "contentHash": "0x" + stated.content_hash.hex(),
    }
    if place is not None:
        tree["signatureHash"] = "0x" + place.signature_hash.hex()
    tree["leafHash"] = "0x" + stated.leaf_hash.hex()
    if place is not None:
        tree["firstIndex"] = place.first_index
        tree["count"] = place.count
        tree["path"] = ["0x" + one.hex() for one in place.path]
    tree["time"] = stated.time
    tree["mergeDeadline"] = stated.merge_deadline
    tree["signature"] = "0x" + signed.signature.hex()
    return tree


def acknowledgement_from_json(tree: Mapping[str, Any]) -> SignedAcknowledgement:
    """The signed acknowledgement that the object holds. One of a batch has a place in it, by its numbers and path."""
    named = tree.get("format", RECEIPT_FORMAT)
    members = _FORMS.get(named) if isinstance(named, str) else None
    if members is None:
        raise _no_receipt("/format", named, f"the format is {RECEIPT_FORMAT}, or {FORMER_FORMAT} of before")
    if set(tree) != set(members):
        raise _no_receipt("", sorted(tree), f"a receipt has the members {', '.join(members)}")
    stated = Acknowledgement(
        log_index=_number(tree, "logIndex"),
        content_hash=ContentHash(_bytes(tree, "contentHash", HASH_BYTES)),
        leaf_hash=TreeHash(_bytes(tree, "leafHash", HASH_BYTES)),
        time=_number(tree, "time"),
        merge_deadline=_number(tree, "mergeDeadline"),
    )
    place = None
    if members is _MEMBERS:
        place = BatchPlace(
            signature_hash=SignatureHash(_bytes(tree, "signatureHash", HASH_BYTES)),
            first_index=_number(tree, "firstIndex"),
            count=_number(tree, "count"),
            path=_path(tree["path"]),
        )
        place.batch_of(stated)
    contract = _bytes(tree, "eventLog", ADDRESS_BYTES)
    return SignedAcknowledgement(
        _number(tree, "chainId"), contract, stated, _bytes(tree, "signature", SIGNATURE_BYTES), place
    )


def read_acknowledgement(data: bytes) -> SignedAcknowledgement:
    """The signed acknowledgement in a file of strict JSON (I-JSON without duplicate names)."""
    return acknowledgement_from_json(parse_json_object(data))


def _number(tree: Mapping[str, Any], name: str) -> int:
    value = tree[name]
    if type(value) is not int or not 0 <= value <= UINT64_MAX:
        raise _no_receipt(f"/{name}", value, "this is a number from 0 to 2^64 - 1")
    return value


def _path(values: object) -> tuple[TreeHash, ...]:
    if not isinstance(values, list) or len(values) > _LONGEST_PATH:
        raise _no_receipt("/path", values, f"this is a list of at most {_LONGEST_PATH} hashes")
    return tuple(TreeHash(_hex(f"/path/{at}", value, HASH_BYTES)) for at, value in enumerate(values))


def _bytes(tree: Mapping[str, Any], name: str, length: int) -> bytes:
    return _hex(f"/{name}", tree[name], length)


def _hex(at: str, value: object, length: int) -> bytes:
    if not isinstance(value, str) or not _HEX.match(value) or len(value) != 2 + 2 * length:
        raise _no_receipt(at, value, f"this is 0x and {length} bytes in hex, in lower case")
    return bytes.fromhex(value[2:])


def _no_receipt(at: str, value: object, message: str) -> InvalidInput:
    return InvalidInput.one(at, "log.receipt", value, message)
