"""
Signatures of parties: check them and recover who made them; no I/O, no private key.

A key signs the 32-byte EIP-712 digest under one of two schemes:

- secp256k1: the digest; 65 bytes r ‖ s ‖ v, v 27 or 28; the key's id is its address, left-padded.
- P-256: the SHA-256 of the digest, as WebCrypto's ECDSA with SHA-256 does; 128 bytes r ‖ s ‖ x ‖ y; the key's id is
  keccak256(x ‖ y), so that the signature brings all that is needed to check it.

Only one form of each signature is accepted: s in the lower half of the order, r and s in range; so nobody can make a
second signature from a first. Mirrors `contracts/libraries/Signatures.sol`.
Source: SEC 1, section 4.1.4; EIP-2 (low s); EIP-7951 (P-256 on chain).
"""

from __future__ import annotations

from coincurve import PublicKey
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from eth_hash.auto import keccak

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import Digest, KeyId, key_id_of_address, key_id_of_point
from ledger.domain.records import Scheme

# SEC 2, section 2.4.1: the order of the group.
SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
# FIPS 186-5 with SP 800-186, section 3.2.1.3.
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P256_LENGTH = 128
"""Bytes of a P-256 signature: r, s, x, y."""
_SECP256K1_LENGTH = 65


def recover_address(digest: Digest, signature: bytes) -> bytes:
    """
    The 20-byte address whose secp256k1 key signed the 32-byte digest.

    `InvalidInput` for a signature of another form: `signature.length`, `signature.v`, `signature.range` (r or s is zero
    or not below the order), `signature.high-s`, `signature.recover` (r is on no point of the curve).
    """
    _require_digest(digest)
    if len(signature) != _SECP256K1_LENGTH:
        raise _malformed("length", len(signature), "a signature has 65 bytes: r, s, v")
    v = signature[64]
    if v not in (27, 28):
        raise _malformed("v", v, "v is 27 or 28")
    _require_low_s(signature, SECP256K1_ORDER)
    try:
        public_key = PublicKey.from_signature_and_message(signature[:64] + bytes([v - 27]), digest, hasher=None)
    except Exception as error:  # coincurve raises bare Exception and ValueError
        raise _malformed("recover", signature.hex(), "no key could have made this signature") from error
    return keccak(public_key.format(compressed=False)[1:])[12:]


def p256_signer(digest: Digest, signature: bytes) -> KeyId:
    """
    The id of the P-256 key that the signature brings with it, if that key signed the SHA-256 of the 32-byte digest.

    `InvalidInput` for any other: `signature.length`, `signature.range`, `signature.high-s`, `signature.point` (x, y is
    no point of the curve), `signature.verify` (that key did not sign this digest).
    """
    _require_digest(digest)
    if len(signature) != P256_LENGTH:
        raise _malformed("length", len(signature), "a P-256 signature has 128 bytes: r, s, x, y")
    r, s = _require_low_s(signature, P256_ORDER)
    x, y = int.from_bytes(signature[64:96], "big"), int.from_bytes(signature[96:], "big")
    try:
        public_key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    except ValueError as error:
        raise _malformed("point", signature[64:].hex(), "x and y are no point of the curve") from error
    try:
        public_key.verify(encode_dss_signature(r, s), digest, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise _malformed("verify", signature.hex(), "the key did not sign this digest") from error
    return key_id_of_point(signature[64:])


def verify(digest: Digest, key_id: KeyId, scheme: Scheme, signature: bytes) -> bool:
    """Whether the key signed the digest under that scheme; False too for every form that the contract refuses."""
    try:
        match scheme:
            case Scheme.SECP256K1:
                return key_id_of_address(recover_address(digest, signature)) == key_id
            case Scheme.P256:
                # A signature under another key is told apart before the expensive part.
                return key_id_of_point(signature[64:]) == key_id and p256_signer(digest, signature) == key_id
    except (InvalidInput, ValueError):
        return False
    return False


def p256_signature(digest: Digest, raw: bytes, public_key: bytes) -> bytes:
    """
    The one form of what WebCrypto gives: `raw` is r ‖ s (64 bytes, s in either half), `public_key` x ‖ y, with or
    without the 04 in front. `InvalidInput` where that key did not sign the digest.
    """
    point = public_key[1:] if len(public_key) == 65 and public_key[0] == 4 else public_key
    if len(raw) != 64 or len(point) != 64:
        raise _malformed("length", raw.hex(), "r and s have 32 bytes each, and so have x and y")
    s = int.from_bytes(raw[32:], "big")
    low = P256_ORDER - s if P256_ORDER // 2 < s < P256_ORDER else s
    signature = raw[:32] + low.to_bytes(32, "big") + point
    p256_signer(digest, signature)
    return signature


def _require_digest(digest: Digest) -> None:
    if len(digest) != 32:
        raise InvalidInput.one("digest", "eip712.bytes32", digest, "a digest has 32 bytes")


def _require_low_s(signature: bytes, order: int) -> tuple[int, int]:
    """r and s."""
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
    if not 0 < r < order or not 0 < s < order:
        raise _malformed("range", signature.hex(), "r and s are positive and below the order of the curve")
    if s > order // 2:
        raise _malformed("high-s", signature.hex(), "s is in the upper half of the order: a malleated signature")
    return r, s


def _malformed(rule: str, value: object, message: str) -> InvalidInput:
    return InvalidInput.one("signature", f"signature.{rule}", value, message)
