"""
Signed Ethereum transactions of type 2 (EIP-1559); no I/O.

`eth-account` does the same, with much beside it: BLS signatures, mnemonics and blobs, which take a quarter of a second
to import and four megabytes that each service would carry. Both agree, a property test sees to it.
Source: EIP-2718, EIP-1559.
"""

from __future__ import annotations

import rlp
from coincurve import PrivateKey
from eth_hash.auto import keccak

from ledger.ports_outbox import SignedTransaction

_TYPE = b"\x02"


def sign_transaction(
    key: PrivateKey, *, chain_id: int, nonce: int, priority_fee: int, max_fee: int, gas: int, to: bytes | None,
    data: bytes,
) -> SignedTransaction:  # fmt: skip
    """Carries no ether. `to`: 20 bytes, or None where the data create a contract; fees: wei for one gas."""
    fields: list[bytes | int | list[bytes]] = [chain_id, nonce, priority_fee, max_fee, gas, to or b"", 0, data, []]
    signature = key.sign_recoverable(keccak(_TYPE + rlp.encode(fields)), hasher=None)
    r, s, parity = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big"), signature[64]
    raw = _TYPE + rlp.encode([*fields, parity, r, s])
    return SignedTransaction(keccak(raw), raw)


def create_address(deployer: bytes, nonce: int) -> bytes:
    """Where the deployer's transaction of that nonce puts a contract."""
    return keccak(rlp.encode([deployer, nonce]))[12:]
