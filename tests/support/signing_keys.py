"""Keys that tests sign with, of both schemes, made from small numbers so that failures can be repeated."""

from __future__ import annotations

from dataclasses import dataclass

from coincurve import PrivateKey
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from eth_hash.auto import keccak

from ledger.domain.identifiers import Digest, KeyId, key_id_of_address
from ledger.domain.records import Scheme

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True)
class SigningKey:
    """A secp256k1 key pair; `secret` is 32 bytes."""

    secret: bytes
    scheme = Scheme.SECP256K1

    @property
    def address(self) -> bytes:
        """The 20-byte address."""
        return keccak(PrivateKey(self.secret).public_key.format(compressed=False)[1:])[12:]

    @property
    def id(self) -> KeyId:
        """The key id on chain."""
        return key_id_of_address(self.address)

    def sign(self, digest: Digest) -> bytes:
        """65 bytes r ‖ s ‖ v, low s, v 27 or 28."""
        signature = PrivateKey(self.secret).sign_recoverable(digest, hasher=None)
        return signature[:64] + bytes([signature[64] + 27])


def signing_key(number: int) -> SigningKey:
    """The key of that number, from 1 up."""
    return SigningKey(number.to_bytes(32, "big"))


@dataclass(frozen=True)
class P256Key:
    """A P-256 key pair; `secret` is 32 bytes. Signs with a nonce made from the digest, so the same each time."""

    secret: bytes
    scheme = Scheme.P256

    @property
    def point(self) -> bytes:
        """The public key x ‖ y."""
        numbers = self._private().public_key().public_numbers()
        return numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")

    @property
    def id(self) -> KeyId:
        """The key id on chain."""
        return KeyId(keccak(self.point))

    def raw(self, digest: Digest) -> bytes:
        """r ‖ s as WebCrypto gives it: s may be in either half."""
        der = self._private().sign(digest, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        return b"".join(value.to_bytes(32, "big") for value in decode_dss_signature(der))

    def sign(self, digest: Digest) -> bytes:
        """128 bytes r ‖ s ‖ x ‖ y, low s."""
        raw = self.raw(digest)
        s = int.from_bytes(raw[32:], "big")
        return raw[:32] + min(s, P256_ORDER - s).to_bytes(32, "big") + self.point

    def _private(self) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(int.from_bytes(self.secret, "big"), ec.SECP256R1())


def p256_key(number: int) -> P256Key:
    """The P-256 key of that number, from 1 up."""
    return P256Key(number.to_bytes(32, "big"))
