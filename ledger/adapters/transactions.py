"""
Signed Ethereum transactions of type 2 (EIP-1559), and the RLP that they are written in; no I/O.

`eth-account` does the same, with much beside it: BLS signatures, mnemonics and blobs, which take a quarter of a second
to import and four megabytes that each service would carry. Both agree, a property test sees to it.
Source: EIP-2718, EIP-1559; RLP: Yellow Paper, appendix B.
"""

from __future__ import annotations

from collections.abc import Sequence

from coincurve import PrivateKey
from eth_hash.auto import keccak

from ledger.ports_outbox import SignedTransaction

_TYPE = b"\x02"
_STRING, _LIST = 0x80, 0xC0
_SHORT = 55
"""Bytes whose number stands in the one byte before them."""

Item = bytes | int | Sequence["Item"]


def sign_transaction(
    key: PrivateKey, *, chain_id: int, nonce: int, priority_fee: int, max_fee: int, gas: int, to: bytes | None,
    data: bytes,
) -> SignedTransaction:  # fmt: skip
    """Carries no ether. `to`: 20 bytes, or None where the data create a contract; fees: wei for one gas."""
    fields: list[Item] = [chain_id, nonce, priority_fee, max_fee, gas, to or b"", 0, data, []]
    signature = key.sign_recoverable(keccak(_TYPE + rlp(fields)), hasher=None)
    r, s, parity = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big"), signature[64]
    raw = _TYPE + rlp([*fields, parity, r, s])
    return SignedTransaction(keccak(raw), raw)


def create_address(deployer: bytes, nonce: int) -> bytes:
    """Where the deployer's transaction of that nonce puts a contract."""
    return keccak(rlp([deployer, nonce]))[12:]


def rlp(item: Item) -> bytes:
    """The one encoding of bytes, of a number that is not negative, or of a list of such."""
    if isinstance(item, int):
        return rlp(item.to_bytes((item.bit_length() + 7) // 8, "big"))
    if isinstance(item, bytes):
        return item if len(item) == 1 and item[0] < _STRING else _length(len(item), _STRING) + item
    body = b"".join(map(rlp, item))
    return _length(len(body), _LIST) + body


def _length(count: int, kind: int) -> bytes:
    if count <= _SHORT:
        return bytes([kind + count])
    number = count.to_bytes((count.bit_length() + 7) // 8, "big")
    return bytes([kind + _SHORT + len(number)]) + number
