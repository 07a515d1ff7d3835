"""
Transactions of one account, EIP-1559 (type 2), encoded by RLP and signed.

Source: EIP-1559, EIP-2718; RLP: the Ethereum Yellow Paper, appendix B. Tests hold every byte equal to eth-account's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import coincurve
from eth_hash.auto import keccak

from ledger.ports_outbox import SignedTransaction

_TYPE = b"\x02"

Item: TypeAlias = "bytes | int | Sequence[Item]"
"""What RLP encodes: bytes, a number that is not negative, or a list of these."""


class TransactionSigner:
    """An account that signs. `key`: its private key, 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = coincurve.PrivateKey(key)
        self.address = bytes(keccak(self._key.public_key.format(compressed=False)[1:])[12:])

    def sign(
        self, *, chain_id: int, nonce: int, to: bytes | None, data: bytes, gas: int, max_fee: int, tip: int
    ) -> SignedTransaction:
        """
        A transaction without value and access list. `to`: 20 bytes, or None to create a contract; `max_fee` and `tip`
        in wei per gas.
        """
        if to is not None and len(to) != 20:
            raise ValueError(f"an address has 20 bytes, not {len(to)}")
        fields: list[Item] = [chain_id, nonce, tip, max_fee, gas, to or b"", 0, data, []]
        signature = self._key.sign_recoverable(keccak(_TYPE + rlp(fields)), hasher=None)
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
        raw = _TYPE + rlp([*fields, signature[64], r, s])
        return SignedTransaction(bytes(keccak(raw)), raw)


def create_address(deployer: bytes, nonce: int) -> bytes:
    """Where the deployer's transaction of that nonce puts a contract: keccak256(rlp([deployer, nonce]))[12:]."""
    return bytes(keccak(rlp([deployer, nonce]))[12:])


def rlp(item: Item) -> bytes:
    """The encoding of bytes, of a number (its big-endian bytes, none for 0), or of a list."""
    if isinstance(item, int):
        item = item.to_bytes((item.bit_length() + 7) // 8, "big")
    if isinstance(item, bytes):
        return item if len(item) == 1 and item[0] < 0x80 else _head(len(item), 0x80) + item
    body = b"".join(map(rlp, item))
    return _head(len(body), 0xC0) + body


def _head(length: int, offset: int) -> bytes:
    if length < 56:
        return bytes([offset + length])
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([offset + 55 + len(size)]) + size
