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

from ledger.domain.identifiers import Digest, KeyId, PartyId, ProductId
from ledger.domain.records import Scheme

RECOVERY_DELAY_SECONDS = 7 * 24 * 3600
"""How long a recovery is public before it takes effect: what we deploy the registry with."""


class RegistryKind(IntEnum):
    """What an entry of `PartyRegistry` does; the same numbers as the contract's enum."""

    ADMISSION = 0
    KEY_GRANT = 1
    KEY_REVOCATION = 2
    PRODUCT_ASSIGNMENT = 3
    PRODUCT_PERMIT = 4
    ROLE_CHANGE = 5
    SUSPENSION = 6
    RECOVERY = 7
    RECOVERY_CANCELLATION = 8
    RECOVERY_COMPLETION = 9
    CANCELLATION = 10
    ROLE_ACCEPTANCE = 11


TAKING = frozenset(
    {
        RegistryKind.KEY_REVOCATION,
        RegistryKind.ROLE_CHANGE,
        RegistryKind.SUSPENSION,
        RegistryKind.RECOVERY_COMPLETION,
        RegistryKind.CANCELLATION,
    }
)
"""Entries by which something may not be valid any more that was before."""


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
    """The registrar sets all roles of a party anew, at least one; see `Suspension` for taking all away."""

    KIND: ClassVar[RegistryKind] = RegistryKind.ROLE_CHANGE
    TYPE: ClassVar[str] = "RoleChange(uint64 party,uint16 roles,uint64 deadline)"
    party: PartyId
    roles: int
    deadline: int


@dataclass(frozen=True, slots=True)
class Suspension:
    """The registrar suspends a party, which keeps its roles and keys, or reinstates it."""

    KIND: ClassVar[RegistryKind] = RegistryKind.SUSPENSION
    TYPE: ClassVar[str] = "Suspension(uint64 party,bool suspended,uint64 deadline)"
    party: PartyId
    suspended: bool
    deadline: int


@dataclass(frozen=True, slots=True)
class Recovery:
    """The registrar starts a recovery: from `effective_at` on the key can become an admin key of the party."""

    KIND: ClassVar[RegistryKind] = RegistryKind.RECOVERY
    TYPE: ClassVar[str] = (
        "Recovery(uint64 party,bytes32 keyId,uint8 scheme,bool hosted,uint64 effectiveAt,uint64 deadline)"
    )
    party: PartyId
    key_id: KeyId
    scheme: Scheme
    hosted: bool
    effective_at: int
    deadline: int


@dataclass(frozen=True, slots=True)
class RecoveryCancellation:
    """An admin key of the party, or the registrar, calls the recovery to that key off."""

    KIND: ClassVar[RegistryKind] = RegistryKind.RECOVERY_CANCELLATION
    TYPE: ClassVar[str] = "RecoveryCancellation(uint64 party,bytes32 keyId,uint64 deadline)"
    party: PartyId
    key_id: KeyId
    deadline: int


@dataclass(frozen=True, slots=True)
class RecoveryCompletion:
    """The new key of a recovery whose delay is over becomes an admin key of the party; signed by that key."""

    KIND: ClassVar[RegistryKind] = RegistryKind.RECOVERY_COMPLETION
    TYPE: ClassVar[str] = "RecoveryCompletion(uint64 party,bytes32 keyId,uint64 deadline)"
    party: PartyId
    key_id: KeyId
    deadline: int


@dataclass(frozen=True, slots=True)
class Cancellation:
    """Any key of the party declares void what the party signed under the digest, for either contract."""

    KIND: ClassVar[RegistryKind] = RegistryKind.CANCELLATION
    TYPE: ClassVar[str] = "Cancellation(uint64 party,bytes32 digest,uint64 deadline)"
    party: PartyId
    digest: Digest
    deadline: int


@dataclass(frozen=True, slots=True)
class RoleAcceptance:
    """An address that the default admin named takes the role of the registry: registrar or pauser."""

    KIND: ClassVar[RegistryKind] = RegistryKind.ROLE_ACCEPTANCE
    TYPE: ClassVar[str] = "RoleAcceptance(bytes32 role,uint64 deadline)"
    role: bytes
    deadline: int


RegistryAction = (
    Admission
    | KeyGrant
    | KeyRevocation
    | ProductAssignment
    | ProductPermit
    | RoleChange
    | Suspension
    | Recovery
    | RecoveryCancellation
    | RecoveryCompletion
    | Cancellation
    | RoleAcceptance
)
REGISTRY_ACTIONS: tuple[type[RegistryAction], ...] = (
    Admission, KeyGrant, KeyRevocation, ProductAssignment, ProductPermit, RoleChange,
    Suspension, Recovery, RecoveryCancellation, RecoveryCompletion, Cancellation, RoleAcceptance,
)  # fmt: skip
"""Indexed by `RegistryKind`."""
