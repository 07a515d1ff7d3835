"""
The signed actions of `PartyRegistry`: one EIP-712 struct per change of parties, keys and products; no I/O.

Each class mirrors, field by field and in order, a struct of `contracts/interfaces/IPartyRegistry.sol`; its EIP-712 type
string stands in `TYPE`, where an enum is a `uint8` as EIP-712 has it. Times are Unix seconds of the
block. The same style as `ledger.domain.actions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from ledger.domain.identifiers import KeyId, PartyId, ProductId
from ledger.domain.records import Scheme


class RegistryKind(IntEnum):
    """What an entry of `PartyRegistry` does; the same numbers as the contract's enum."""

    ADMISSION = 0
    KEY_GRANT = 1
    KEY_REVOCATION = 2
    PRODUCT_ASSIGNMENT = 3
    PRODUCT_PERMIT = 4
    ROLE_CHANGE = 5


@dataclass(frozen=True, slots=True)
class Admission:
    """The registrar admits a party with its first key, an admin key. `roles` holds the bits of `master_data.Role`."""

    KIND: ClassVar[RegistryKind] = RegistryKind.ADMISSION
    TYPE: ClassVar[str] = "Admission(uint64 party,uint16 roles,bytes32 keyId,uint8 scheme,bool hosted,uint64 deadline)"
    party: PartyId
    roles: int
    key_id: KeyId
    scheme: Scheme
    hosted: bool
    deadline: int


@dataclass(frozen=True, slots=True)
class KeyGrant:
    """An admin key of the party adds a key. `valid_until` 0: for ever."""

    KIND: ClassVar[RegistryKind] = RegistryKind.KEY_GRANT
    TYPE: ClassVar[str] = (
        "KeyGrant(uint64 party,bytes32 keyId,uint8 scheme,bool admin,bool hosted,"
        "uint64 validFrom,uint64 validUntil,uint64 deadline)"
    )
    party: PartyId
    key_id: KeyId
    scheme: Scheme
    admin: bool
    hosted: bool
    valid_from: int
    valid_until: int
    deadline: int


@dataclass(frozen=True, slots=True)
class KeyRevocation:
    """An admin key of the party revokes a key, from the entry's block on."""

    KIND: ClassVar[RegistryKind] = RegistryKind.KEY_REVOCATION
    TYPE: ClassVar[str] = "KeyRevocation(uint64 party,bytes32 keyId,uint64 deadline)"
    party: PartyId
    key_id: KeyId
    deadline: int


@dataclass(frozen=True, slots=True)
class ProductAssignment:
    """The registrar says whose the product is. Final."""

    KIND: ClassVar[RegistryKind] = RegistryKind.PRODUCT_ASSIGNMENT
    TYPE: ClassVar[str] = "ProductAssignment(uint64 product,uint64 owner,uint64 deadline)"
    product: ProductId
    owner: PartyId
    deadline: int


@dataclass(frozen=True, slots=True)
class ProductPermit:
    """An admin key of the owner says whether the packer may make lots of the product."""

    KIND: ClassVar[RegistryKind] = RegistryKind.PRODUCT_PERMIT
    TYPE: ClassVar[str] = "ProductPermit(uint64 product,uint64 owner,uint64 packer,bool allowed,uint64 deadline)"
    product: ProductId
    owner: PartyId
    packer: PartyId
    allowed: bool
    deadline: int


@dataclass(frozen=True, slots=True)
class RoleChange:
    """The registrar sets all roles of a party anew."""

    KIND: ClassVar[RegistryKind] = RegistryKind.ROLE_CHANGE
    TYPE: ClassVar[str] = "RoleChange(uint64 party,uint16 roles,uint64 deadline)"
    party: PartyId
    roles: int
    deadline: int


RegistryAction = Admission | KeyGrant | KeyRevocation | ProductAssignment | ProductPermit | RoleChange
REGISTRY_ACTIONS: tuple[type[RegistryAction], ...] = (
    Admission, KeyGrant, KeyRevocation, ProductAssignment, ProductPermit, RoleChange,
)  # fmt: skip
"""Indexed by `RegistryKind`."""
