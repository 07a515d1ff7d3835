"""Signed transactions are eth-account's to the last byte; RLP is that of the rlp package."""

from __future__ import annotations

from typing import Any

import pytest
import rlp as their_rlp
from eth_account import Account
from eth_account.typed_transactions import TypedTransaction
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.adapters.transactions import TransactionSigner, rlp

KEYS = st.integers(1, 2**255).map(lambda number: number.to_bytes(32, "big"))
WEI = st.integers(0, 2**128)
DATA = st.one_of(st.binary(max_size=80), st.integers(50, 70_000).map(lambda size: bytes([size % 251]) * size))
NUMBERS = st.one_of(st.integers(0, 300), st.integers(0, 2**64 - 2))


@given(KEYS, NUMBERS, NUMBERS, st.one_of(st.none(), st.binary(min_size=20, max_size=20)), DATA, NUMBERS, WEI, st.data())
@settings(max_examples=150)
def test_a_transaction_is_that_of_eth_account(
    key: bytes, chain_id: int, nonce: int, to: bytes | None, data: bytes, gas: int, max_fee: int, more: st.DataObject
) -> None:
    tip = more.draw(st.integers(0, max_fee))
    fields: dict[str, Any] = {
        "type": 2, "chainId": chain_id, "nonce": nonce, "gas": gas, "value": 0, "data": data, "maxFeePerGas": max_fee,
        "maxPriorityFeePerGas": tip,
    }  # fmt: skip
    theirs = Account.sign_transaction(fields | ({} if to is None else {"to": to}), key)
    signer = TransactionSigner(key)
    ours = signer.sign(chain_id=chain_id, nonce=nonce, to=to, data=data, gas=gas, max_fee=max_fee, tip=tip)
    assert (ours.raw, ours.hash) == (bytes(theirs.raw_transaction), bytes(theirs.hash))
    assert signer.address == bytes.fromhex(Account.from_key(key).address[2:])
    assert TypedTransaction.from_bytes(theirs.raw_transaction).as_dict()["nonce"] == nonce


ITEMS = st.recursive(
    st.one_of(st.binary(max_size=60), st.integers(0, 2**70), st.integers(200, 70_000).map(bytes)),
    lambda inner: st.lists(inner, max_size=5),
    max_leaves=12,
)


@given(ITEMS)
def test_rlp_is_that_of_its_package(item: Any) -> None:
    assert rlp(item) == their_rlp.encode(item)


@pytest.mark.parametrize("size", [0, 1, 55, 56, 255, 256, 65_535, 65_536])
def test_lengths_at_which_the_head_changes(size: int) -> None:
    assert rlp(b"\x80" * size) == their_rlp.encode(b"\x80" * size)
    assert rlp([b""] * size) == their_rlp.encode([b""] * size)


def test_a_negative_number_and_a_short_address_are_refused() -> None:
    with pytest.raises(OverflowError):
        rlp(-1)
    with pytest.raises(ValueError, match="20 bytes"):
        TransactionSigner(b"\x01" * 32).sign(chain_id=1, nonce=0, to=bytes(19), data=b"", gas=1, max_fee=1, tip=1)
