"""
Signatures of parties: check them and recover who made them; no I/O, no private key.

secp256k1 over a 32-byte EIP-712 digest, 65 bytes r ‖ s ‖ v. Only one form of each signature is accepted: s in the lower
half of the order (EIP-2), v 27 or 28, r and s in range; so nobody can make a second signature from a first. P-256 is
reserved: until it is supported, nothing verifies under it.
"""

from __future__ import annotations

from coincurve import PublicKey
from eth_hash.auto import keccak

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import Digest, KeyId, key_id_of_address
from ledger.domain.records import Scheme

# SEC 2, section 2.4.1: the order of the group.
SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_HALF_ORDER = SECP256K1_ORDER // 2


def recover_address(digest: Digest, signature: bytes) -> bytes:
    """
    The 20-byte address whose key signed the 32-byte digest.

    `InvalidInput` for a signature of another form: `signature.length`, `signature.v`, `signature.range` (r or s is zero
    or not below the order), `signature.high-s`, `signature.recover` (r is on no point of the curve).
    """
    if len(digest) != 32:
        raise InvalidInput.one("digest", "eip712.bytes32", digest, "a digest has 32 bytes")
    if len(signature) != 65:
        raise _malformed("length", len(signature), "a signature has 65 bytes: r, s, v")
    r, s, v = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big"), signature[64]
    if v not in (27, 28):
        raise _malformed("v", v, "v is 27 or 28")
    if not 0 < r < SECP256K1_ORDER or not 0 < s < SECP256K1_ORDER:
        raise _malformed("range", signature.hex(), "r and s are positive and below the order of the curve")
    if s > _HALF_ORDER:
        raise _malformed("high-s", signature.hex(), "s is in the upper half of the order: a malleated signature")
    try:
        public_key = PublicKey.from_signature_and_message(signature[:64] + bytes([v - 27]), digest, hasher=None)
    except Exception as error:  # coincurve raises bare Exception and ValueError
        raise _malformed("recover", signature.hex(), "no key could have made this signature") from error
    return keccak(public_key.format(compressed=False)[1:])[12:]


def verify(digest: Digest, key_id: KeyId, scheme: Scheme, signature: bytes) -> bool:
    """Whether the key signed the digest; False too for a form that the contract refuses and for another scheme."""
    if scheme is not Scheme.SECP256K1:
        return False
    try:
        return key_id_of_address(recover_address(digest, signature)) == key_id
    except InvalidInput:
        return False


def _malformed(rule: str, value: object, message: str) -> InvalidInput:
    return InvalidInput.one("signature", f"signature.{rule}", value, message)
