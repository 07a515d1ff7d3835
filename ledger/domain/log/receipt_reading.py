"""
Reads an acknowledgement from its JSON file, strictly; no I/O.

    {"format": "silkroot-receipt-1", "chainId": 31337, "eventLog": "0x…", "logIndex": 17, "contentHash": "0x…",
     "leafHash": "0x…", "time": 1796000000, "mergeDeadline": 1796000060, "signature": "0x…"}

Raises `InvalidInput`: `receipt.members`, `receipt.form`, and `log.acknowledgement` for values that cannot be one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import ContentHash
from ledger.domain.json_tree import parse_json_object
from ledger.domain.log.acknowledgements import Acknowledgement
from ledger.domain.merkle import TreeHash

FORMAT = "silkroot-receipt-1"
_MEMBERS = {
    "format", "chainId", "eventLog", "logIndex", "contentHash", "leafHash", "time", "mergeDeadline", "signature",
}  # fmt: skip
_HEX = re.compile(r"0x(?:[0-9a-f]{2})*\Z")


@dataclass(frozen=True, slots=True)
class SignedAcknowledgement:
    """An acknowledgement with its signature; `log` is the 20-byte address of the `EventLog` that it says it is of."""

    chain_id: int
    log: bytes
    acknowledgement: Acknowledgement
    signature: bytes


def read_acknowledgement(data: bytes) -> SignedAcknowledgement:
    """The acknowledgement in a file."""
    tree = parse_json_object(data)
    if tree.get("format") != FORMAT:
        raise _refuse("/format", "receipt.form", tree.get("format", ""), f"it begins with the format {FORMAT}")
    for name in sorted(_MEMBERS ^ tree.keys()):
        raise _refuse(f"/{name}", "receipt.members", name, "the member is missing, or there is no such member")
    return SignedAcknowledgement(
        _number(tree, "chainId"),
        _bytes(tree, "eventLog", 20),
        Acknowledgement(
            log_index=_number(tree, "logIndex"),
            content_hash=ContentHash(_bytes(tree, "contentHash", 32)),
            leaf_hash=TreeHash(_bytes(tree, "leafHash", 32)),
            time=_number(tree, "time"),
            merge_deadline=_number(tree, "mergeDeadline"),
        ),
        _bytes(tree, "signature", 65),
    )


def _number(tree: dict[str, object], name: str) -> int:
    value = tree[name]
    if type(value) is not int or value < 0:
        raise _refuse(f"/{name}", "receipt.form", value, "a whole number from 0 up is needed")
    return value


def _bytes(tree: dict[str, object], name: str, length: int) -> bytes:
    value = tree[name]
    if not isinstance(value, str) or not _HEX.match(value) or len(value) != 2 + 2 * length:
        raise _refuse(f"/{name}", "receipt.form", value, f"{length} bytes as 0x and lower-case hex are needed")
    return bytes.fromhex(value[2:])


def _refuse(field: str, rule: str, value: object, message: str) -> InvalidInput:
    return InvalidInput.one(field, rule, value, message)
