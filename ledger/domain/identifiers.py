"""
Distinct types for the ledger's identifiers, and the hashes that make them; no I/O.

Numbers follow docs/DESIGN vocabulary: a party is its 13-digit GLN as an integer, or an allotted number from 10^13 up;
a product is its GTIN-14 as an integer, or an allotted number from 10^14 up. Hashes are Keccak-256 over the Solidity ABI
encoding, so that the contract makes the same ones.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import NewType

import msgspec

os.environ.setdefault("ETH_HASH_BACKEND", "pysha3")
from eth_hash.auto import keccak

from ledger.domain.errors import InvalidInput

PartyId = NewType("PartyId", int)
"""A GLN as an integer (below 10^13) or an allotted number (from 10^13); fits uint64."""
ProductId = NewType("ProductId", int)
"""A GTIN-14 as an integer (below 10^14) or an allotted number (from 10^14); fits uint64."""
Grams = NewType("Grams", int)
"""Net mass, a whole number of grams; fits uint64."""
LotId = NewType("LotId", bytes)
"""keccak256(abi.encode(uint64 product, bytes32 lotCode)); 32 bytes."""
ConsignmentId = NewType("ConsignmentId", bytes)
"""keccak256(abi.encode(uint64 shipper, keccak256(reference))); 32 bytes."""
PlotId = NewType("PlotId", bytes)
"""keccak256(abi.encode(uint64 gln, keccak256(extension))); 32 bytes; zeros mean no plot."""
ContentHash = NewType("ContentHash", bytes)
"""Identity of an event: see `ledger.domain.content_hash`; 32 bytes."""
KeyId = NewType("KeyId", bytes)
"""A signing key on chain: the 20-byte address left-padded (secp256k1), or keccak256(x ‖ y) (P-256); 32 bytes."""
Digest = NewType("Digest", bytes)
"""The EIP-712 digest that a key signs; 32 bytes."""

FIRST_ALLOTTED_PARTY = 10**13
FIRST_ALLOTTED_PRODUCT = 10**14
UINT64_MAX = 2**64 - 1
NO_PLOT = PlotId(bytes(32))

# GS1 General Specifications, figure 7.11-1 (character set 82), less nothing: what AI 10 and AI 21 may hold.
CHARACTER_SET_82 = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}\Z")


class LotRef(msgspec.Struct, frozen=True, order=True, gc=False):
    """A lot by its names: product number and lot code (AI 10, 1 to 20 characters of GS1 character set 82)."""

    product: ProductId
    code: str

    def __post_init__(self) -> None:
        if not 0 < self.product <= UINT64_MAX:
            raise InvalidInput.one("product", "product.range", self.product, "a product is a positive 64-bit number")
        if not CHARACTER_SET_82.match(self.code):
            raise InvalidInput.one(
                "lotCode", "gs1.ai10", self.code, "a lot code has 1 to 20 characters of GS1 character set 82"
            )

    @property
    def id(self) -> LotId:
        """The lot's identifier on chain, 32 bytes."""
        return lot_id(self.product, self.code)

    def __str__(self) -> str:
        return f"{self.product:014d}/{self.code}"


@lru_cache(maxsize=4096)
def lot_id(product: ProductId, code: str) -> LotId:
    """keccak256(abi.encode(uint64, bytes32)); the code is left-aligned ASCII, padded with zeros."""
    return LotId(keccak(product.to_bytes(32, "big") + code.encode("ascii").ljust(32, b"\0")))


def consignment_id(shipper: PartyId, reference: str) -> ConsignmentId:
    """keccak256(abi.encode(uint64 shipper, bytes32 keccak256(reference))); the reference is hashed as UTF-8."""
    return ConsignmentId(keccak(shipper.to_bytes(32, "big") + keccak(reference.encode())))


def plot_id(gln: PartyId, extension: str) -> PlotId:
    """keccak256(abi.encode(uint64 gln, bytes32 keccak256(extension))): a field under AI 414 + 254."""
    return PlotId(keccak(gln.to_bytes(32, "big") + keccak(extension.encode())))


def key_id_of_address(address: bytes) -> KeyId:
    """The key id of a secp256k1 key: its 20-byte address, left-padded to 32 bytes."""
    if len(address) != 20:
        raise ValueError(f"an address has 20 bytes, not {len(address)}")
    return KeyId(address.rjust(32, b"\0"))


def key_id_of_point(point: bytes) -> KeyId:
    """The key id of a P-256 key: keccak256 of its public key x ‖ y, 64 bytes."""
    if len(point) != 64:
        raise ValueError(f"x and y have 64 bytes together, not {len(point)}")
    return KeyId(keccak(point))
