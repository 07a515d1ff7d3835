"""Transactions are signed as eth-account signs them."""

from __future__ import annotations

from typing import Any

from coincurve import PrivateKey
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from ledger.adapters.transactions import sign_transaction
from ledger.domain.signatures import SECP256K1_ORDER

WEI = st.integers(0, 2**64)
DATA = st.one_of(st.binary(max_size=80), st.binary(min_size=250, max_size=300))


@given(
    secret=st.integers(1, SECP256K1_ORDER - 1),
    chain_id=st.integers(1, 2**53),
    nonce=st.integers(0, 2**32),
    priority_fee=WEI,
    max_fee=WEI,
    gas=st.integers(21_000, 2**32),
    to=st.none() | st.binary(min_size=20, max_size=20),
    data=DATA,
)
def test_signed_as_eth_account_signs(
    secret: int, chain_id: int, nonce: int, priority_fee: int, max_fee: int, gas: int, to: bytes | None, data: bytes
) -> None:
    key = secret.to_bytes(32, "big")
    fields: dict[str, Any] = {
        "type": 2, "chainId": chain_id, "nonce": nonce, "gas": gas, "value": 0, "data": data, "maxFeePerGas": max_fee,
        "maxPriorityFeePerGas": priority_fee,
    }  # fmt: skip
    if to is not None:
        fields["to"] = to
    theirs = Account.from_key(key).sign_transaction(fields)
    ours = sign_transaction(
        PrivateKey(key), chain_id=chain_id, nonce=nonce, priority_fee=priority_fee, max_fee=max_fee, gas=gas, to=to,
        data=data,
    )  # fmt: skip
    assert (ours.raw, ours.hash) == (bytes(theirs.raw_transaction), bytes(theirs.hash))
