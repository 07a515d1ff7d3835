"""Signatures: what signs is found again, and every other form of a signature is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st
from signing_keys import signing_key

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import Digest, KeyId
from ledger.domain.records import Scheme
from ledger.domain.signatures import SECP256K1_ORDER, recover_address, verify

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "typed_data.json").read_text())["vectors"]
DIGEST = Digest(bytes(range(32)))
KEY = signing_key(1)
SIGNATURE = KEY.sign(DIGEST)
R, S, V = SIGNATURE[:32], SIGNATURE[32:64], SIGNATURE[64:]
ORDER = SECP256K1_ORDER.to_bytes(32, "big")
HIGH_S = (SECP256K1_ORDER - int.from_bytes(S, "big")).to_bytes(32, "big")
OTHER_V = bytes([55 - V[0]])


@settings(max_examples=50, deadline=None)
@given(st.integers(1, SECP256K1_ORDER - 1), st.binary(min_size=32, max_size=32))
def test_the_signer_is_recovered(secret: int, digest: bytes) -> None:
    key = signing_key(secret)
    signature = key.sign(Digest(digest))
    assert recover_address(Digest(digest), signature) == key.address
    assert verify(Digest(digest), key.id, Scheme.SECP256K1, signature)
    assert key.address.hex() == Account.from_key(key.secret).address[2:].lower()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_signatures_of_eth_account_verify(vector: dict[str, str]) -> None:
    digest, signature = (bytes.fromhex(vector[name][2:]) for name in ("digest", "signature"))
    assert recover_address(Digest(digest), signature) == KEY.address
    assert KEY.sign(Digest(digest)) == signature


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 8 * 65 - 1))
def test_a_flipped_bit_of_the_signature_does_not_verify(bit: int) -> None:
    flipped = bytearray(SIGNATURE)
    flipped[bit // 8] ^= 1 << bit % 8
    assert not verify(DIGEST, KEY.id, Scheme.SECP256K1, bytes(flipped))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 8 * 32 - 1))
def test_a_flipped_bit_of_the_digest_does_not_verify(bit: int) -> None:
    flipped = bytearray(DIGEST)
    flipped[bit // 8] ^= 1 << bit % 8
    assert not verify(Digest(bytes(flipped)), KEY.id, Scheme.SECP256K1, SIGNATURE)


@pytest.mark.parametrize(
    ("signature", "rule"),
    [
        (b"", "signature.length"),
        (SIGNATURE[:64], "signature.length"),
        (SIGNATURE + b"\0", "signature.length"),
        (R + S + bytes([V[0] - 27]), "signature.v"),
        (R + S + b"\x1d", "signature.v"),
        (R + HIGH_S + OTHER_V, "signature.high-s"),
        (bytes(32) + S + V, "signature.range"),
        (R + bytes(32) + V, "signature.range"),
        (ORDER + S + V, "signature.range"),
        (R + ORDER + V, "signature.range"),
        (b"\xff" * 32 + S + V, "signature.range"),
        ((5).to_bytes(32, "big") + S + V, "signature.recover"),
    ],
)
def test_another_form_is_refused(signature: bytes, rule: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        recover_address(DIGEST, signature)
    assert refusal.value.violations[0].rule == rule
    assert not verify(DIGEST, KEY.id, Scheme.SECP256K1, signature)


def test_the_malleated_twin_would_recover_the_same_key() -> None:
    """The high s is refused although mathematically it is the same signer's: that is the point of the rule."""
    recovered = Account._recover_hash(DIGEST, signature=R + HIGH_S + OTHER_V)
    assert recovered[2:].lower() == KEY.address.hex()


def test_another_key_does_not_verify() -> None:
    assert not verify(DIGEST, signing_key(2).id, Scheme.SECP256K1, SIGNATURE)


def test_a_key_id_with_dirt_before_the_address_does_not_verify() -> None:
    assert not verify(DIGEST, KeyId(b"\1" + KEY.id[1:]), Scheme.SECP256K1, SIGNATURE)


@pytest.mark.parametrize("scheme", [Scheme.NONE, Scheme.P256])
def test_a_scheme_that_is_not_supported_never_verifies(scheme: Scheme) -> None:
    assert not verify(DIGEST, KEY.id, scheme, SIGNATURE)


def test_a_digest_has_32_bytes() -> None:
    with pytest.raises(InvalidInput):
        recover_address(Digest(b"short"), SIGNATURE)
