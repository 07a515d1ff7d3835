"""Keys that tests sign with: secp256k1, made from small numbers so that failures can be repeated."""

from __future__ import annotations

from dataclasses import dataclass

from coincurve import PrivateKey
from eth_hash.auto import keccak

from ledger.domain.identifiers import Digest, KeyId, key_id_of_address


@dataclass(frozen=True)
class SigningKey:
    """A key pair; `secret` is 32 bytes."""

    secret: bytes

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
