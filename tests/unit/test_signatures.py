"""Signatures of both schemes: what a key signs verifies, and every other form of a signature is refused."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
import signature_vectors
import typed_data_vectors
from eth_account import Account
from eth_hash.auto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st
from signing_keys import P256Key, SigningKey, p256_key, signing_key

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import Digest, KeyId
from ledger.domain.records import Scheme
from ledger.domain.signatures import (
    P256_ORDER,
    SECP256K1_ORDER,
    p256_signature,
    p256_signer,
    recover_address,
    verify,
)

STRUCTS = json.loads(typed_data_vectors.VECTORS_FILE.read_text())["vectors"]
VECTORS = json.loads(signature_vectors.VECTORS_FILE.read_text())["vectors"]
DIGEST = Digest(bytes(range(32)))
KEY, P256 = signing_key(1), p256_key(1)
KEYS = pytest.mark.parametrize("key", [KEY, P256], ids=["secp256k1", "P-256"])
SIGNATURE, OTHER = KEY.sign(DIGEST), P256.sign(DIGEST)
R, S, V = SIGNATURE[:32], SIGNATURE[32:64], SIGNATURE[64:]
P_R, P_S, POINT = OTHER[:32], OTHER[32:64], OTHER[64:]
HIGH_S = (SECP256K1_ORDER - int.from_bytes(S, "big")).to_bytes(32, "big")
P_HIGH_S = (P256_ORDER - int.from_bytes(P_S, "big")).to_bytes(32, "big")
ORDER, P_ORDER = SECP256K1_ORDER.to_bytes(32, "big"), P256_ORDER.to_bytes(32, "big")
OTHER_V = bytes([55 - V[0]])


def data(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


@KEYS
@settings(max_examples=50, deadline=None)
@given(secret=st.integers(1, P256_ORDER - 1), digest=st.binary(min_size=32, max_size=32))
def test_what_a_key_signs_verifies(key: SigningKey | P256Key, secret: int, digest: bytes) -> None:
    made = type(key)(secret.to_bytes(32, "big"))
    assert verify(Digest(digest), made.id, made.scheme, made.sign(Digest(digest)))


@settings(max_examples=20, deadline=None)
@given(st.integers(1, SECP256K1_ORDER - 1), st.binary(min_size=32, max_size=32))
def test_the_address_is_recovered(secret: int, digest: bytes) -> None:
    key = signing_key(secret)
    assert recover_address(Digest(digest), key.sign(Digest(digest))) == key.address
    assert key.address.hex() == Account.from_key(key.secret).address[2:].lower()


@pytest.mark.parametrize("vector", STRUCTS, ids=lambda vector: vector["name"])
def test_signatures_of_eth_account_verify(vector: dict[str, str]) -> None:
    digest, signature = data(vector["digest"]), data(vector["signature"])
    assert recover_address(Digest(digest), signature) == KEY.address
    assert KEY.sign(Digest(digest)) == signature


def test_the_vectors_are_what_their_maker_makes() -> None:
    assert signature_vectors.build_vectors()["vectors"] == VECTORS
    assert {vector["scheme"] for vector in VECTORS if vector["valid"]} == {1, 2}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['scheme']}-{vector['name']}")
def test_vectors(vector: dict[str, Any]) -> None:
    digest = data(vector["digest"])
    assert keccak(data(vector["digestPreImage"])) == digest
    if vector["keyIdPreImage"]:
        assert keccak(data(vector["keyIdPreImage"])) == data(vector["keyId"])
        assert hashlib.sha256(digest).digest() == data(vector["message"])
    found = verify(Digest(digest), KeyId(data(vector["keyId"])), Scheme(vector["scheme"]), data(vector["signature"]))
    assert found == vector["valid"]


@KEYS
@settings(max_examples=100, deadline=None)
@given(bit=st.integers(0, 8 * 128 - 1))
def test_a_flipped_bit_of_the_signature_does_not_verify(key: SigningKey | P256Key, bit: int) -> None:
    flipped = bytearray(key.sign(DIGEST))
    flipped[bit // 8 % len(flipped)] ^= 1 << bit % 8
    assert not verify(DIGEST, key.id, key.scheme, bytes(flipped))


@KEYS
@settings(max_examples=50, deadline=None)
@given(bit=st.integers(0, 8 * 32 - 1))
def test_a_flipped_bit_of_the_digest_does_not_verify(key: SigningKey | P256Key, bit: int) -> None:
    flipped = bytearray(DIGEST)
    flipped[bit // 8] ^= 1 << bit % 8
    assert not verify(Digest(bytes(flipped)), key.id, key.scheme, key.sign(DIGEST))


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
def test_another_form_of_secp256k1_is_refused(signature: bytes, rule: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        recover_address(DIGEST, signature)
    assert refusal.value.violations[0].rule == rule
    assert not verify(DIGEST, KEY.id, Scheme.SECP256K1, signature)


@pytest.mark.parametrize(
    ("signature", "rule"),
    [
        (b"", "signature.length"),
        (OTHER[:64], "signature.length"),
        (OTHER[:-1], "signature.length"),
        (OTHER + b"\0", "signature.length"),
        (P_R + P_HIGH_S + POINT, "signature.high-s"),
        (bytes(32) + P_S + POINT, "signature.range"),
        (P_R + bytes(32) + POINT, "signature.range"),
        (P_ORDER + P_S + POINT, "signature.range"),
        (P_R + P_ORDER + POINT, "signature.range"),
        (P_R + P_S + POINT[:-1] + bytes([POINT[-1] ^ 1]), "signature.point"),
        (P_R + P_S + bytes(64), "signature.point"),
        (P_R + P_S + b"\xff" * 64, "signature.point"),
        (P_R + P_S + p256_key(2).point, "signature.verify"),
        (P_S + P_R + POINT, "signature.verify"),
    ],
)
def test_another_form_of_p256_is_refused(signature: bytes, rule: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        p256_signer(DIGEST, signature)
    assert refusal.value.violations[0].rule in {rule, "signature.high-s"}
    assert not verify(DIGEST, P256.id, Scheme.P256, signature)


def test_the_malleated_twins_are_the_same_signers() -> None:
    """The high s is refused although mathematically it is the same signer's: that is the point of the rule."""
    recovered = Account._recover_hash(DIGEST, signature=R + HIGH_S + OTHER_V)
    assert recovered[2:].lower() == KEY.address.hex()
    assert p256_signature(DIGEST, P_R + P_HIGH_S, POINT) == OTHER


@settings(max_examples=50, deadline=None)
@given(st.binary(min_size=32, max_size=32))
def test_what_a_browser_gives_is_brought_to_its_one_form(digest: bytes) -> None:
    signed = Digest(digest)
    for point in (P256.point, b"\4" + P256.point):
        signature = p256_signature(signed, P256.raw(signed), point)
        assert verify(signed, P256.id, Scheme.P256, signature)


@pytest.mark.parametrize(
    ("raw", "point"),
    [
        (OTHER[:63], POINT),
        (OTHER[:64], POINT[:-1]),
        (OTHER[:64], b"\5" + POINT),
        (OTHER[:64], p256_key(2).point),
        (P_R + b"\xff" * 32, POINT),
    ],
)
def test_what_no_browser_gave_is_refused(raw: bytes, point: bytes) -> None:
    with pytest.raises(InvalidInput):
        p256_signature(DIGEST, raw, point)


@KEYS
def test_another_key_does_not_verify(key: SigningKey | P256Key) -> None:
    other = type(key)((2).to_bytes(32, "big"))
    assert not verify(DIGEST, other.id, key.scheme, key.sign(DIGEST))
    assert not verify(DIGEST, KeyId(bytes([key.id[0] ^ 1]) + key.id[1:]), key.scheme, key.sign(DIGEST))


@KEYS
def test_a_signature_does_not_verify_under_another_scheme(key: SigningKey | P256Key) -> None:
    for scheme in set(Scheme) - {key.scheme}:
        assert not verify(DIGEST, key.id, scheme, key.sign(DIGEST))


def test_a_digest_has_32_bytes() -> None:
    for check, signature in ((recover_address, SIGNATURE), (p256_signer, OTHER)):
        with pytest.raises(InvalidInput):
            check(Digest(b"short"), signature)
