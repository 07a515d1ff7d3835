"""
Where a `Projection` begins: the values of the registry that it keeps, and the port that it loads from; no I/O.

`EMPTY` is the source in which nothing has happened yet.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from ledger.domain.custody_state import Consignment, Lot, Origin, Place, Pledge, Plot, Season, Yield
from ledger.domain.identifiers import ConsignmentId, Digest, Grams, KeyId, LotId, PartyId, PlotId, ProductId
from ledger.domain.records import Scheme


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """A signing key as registered: whose it is, its window (Unix seconds, 0: no end), and whether it was revoked."""

    party: PartyId
    scheme: Scheme
    admin: bool
    hosted: bool
    revoked: bool = False
    valid_from: int = 0
    valid_until: int = 0

    @property
    def lasting_admin(self) -> bool:
        """Whether it is an admin key that ends by revocation only; each party keeps one."""
        return self.admin and not self.revoked and not self.valid_until


@dataclass(frozen=True, slots=True)
class PendingRecovery:
    """A recovery under way: the key that it brings from `effective_at` (Unix seconds) on."""

    key_id: KeyId
    scheme: Scheme
    hosted: bool
    effective_at: int


class ProjectionSource(Protocol):
    """Where a projection begins. Mappings leave out what does not exist."""

    def lineage(self, lots: Collection[LotId]) -> Mapping[LotId, Lot]:
        """These lots and all their ancestors."""
        ...

    def balances(self, keys: Collection[Place]) -> Mapping[Place, Grams]:
        """Grams that the party holds of the lot."""
        ...

    def consignments(self, ids: Collection[ConsignmentId]) -> Mapping[ConsignmentId, Consignment]:
        """Consignments with their manifests."""
        ...

    def used(self, digests: Collection[Digest]) -> Collection[Digest]:
        """Those of the digests that may not come again."""
        ...

    def roles(self, parties: Collection[PartyId]) -> Mapping[PartyId, int]:
        """The roles of admitted parties."""
        ...

    def keys(self, ids: Collection[KeyId]) -> Mapping[KeyId, RegisteredKey]:
        """Registered keys."""
        ...

    def keys_of(self, party: PartyId) -> Mapping[KeyId, RegisteredKey]:
        """All keys of a party."""
        ...

    def owners(self, products: Collection[ProductId]) -> Mapping[ProductId, PartyId]:
        """Whose the products are."""
        ...

    def permits(self, pairs: Collection[tuple[ProductId, PartyId]]) -> Collection[tuple[ProductId, PartyId]]:
        """Those of the (product, packer) pairs that the owner allowed."""
        ...

    def suspended(self, parties: Collection[PartyId]) -> Collection[PartyId]:
        """Those of the parties that are suspended."""
        ...

    def recoveries(self, parties: Collection[PartyId]) -> Mapping[PartyId, PendingRecovery]:
        """Recoveries under way."""
        ...

    def cancelled(self, pairs: Collection[tuple[PartyId, Digest]]) -> Collection[tuple[PartyId, Digest]]:
        """Those of the (party, digest) pairs that the party cancelled."""
        ...

    def plots(self, ids: Collection[PlotId]) -> Mapping[PlotId, Plot]:
        """Registered plots."""
        ...

    def yields(self, pairs: Collection[Season]) -> Mapping[Season, Yield]:
        """Certified yields, by plot and season."""
        ...

    def pledges(self, pairs: Collection[Place]) -> Mapping[Place, tuple[Pledge, ...]]:
        """Pledges on what a party holds of a lot, in the order in which they were made."""
        ...

    def origins(self, hashes: Collection[bytes]) -> Mapping[bytes, Origin]:
        """The lists behind these origin hashes, see `typed_data.origin_hash`; superseded ones may be left out."""
        ...


class _Empty:
    """Nothing has happened yet."""

    def lineage(self, lots: Collection[LotId]) -> Mapping[LotId, Lot]:
        return {}

    def balances(self, keys: Collection[Place]) -> Mapping[Place, Grams]:
        return {}

    def consignments(self, ids: Collection[ConsignmentId]) -> Mapping[ConsignmentId, Consignment]:
        return {}

    def used(self, digests: Collection[Digest]) -> Collection[Digest]:
        return ()

    def roles(self, parties: Collection[PartyId]) -> Mapping[PartyId, int]:
        return {}

    def keys(self, ids: Collection[KeyId]) -> Mapping[KeyId, RegisteredKey]:
        return {}

    def keys_of(self, party: PartyId) -> Mapping[KeyId, RegisteredKey]:
        return {}

    def owners(self, products: Collection[ProductId]) -> Mapping[ProductId, PartyId]:
        return {}

    def permits(self, pairs: Collection[tuple[ProductId, PartyId]]) -> Collection[tuple[ProductId, PartyId]]:
        return ()

    def suspended(self, parties: Collection[PartyId]) -> Collection[PartyId]:
        return ()

    def recoveries(self, parties: Collection[PartyId]) -> Mapping[PartyId, PendingRecovery]:
        return {}

    def cancelled(self, pairs: Collection[tuple[PartyId, Digest]]) -> Collection[tuple[PartyId, Digest]]:
        return ()

    def plots(self, ids: Collection[PlotId]) -> Mapping[PlotId, Plot]:
        return {}

    def yields(self, pairs: Collection[Season]) -> Mapping[Season, Yield]:
        return {}

    def pledges(self, pairs: Collection[Place]) -> Mapping[Place, tuple[Pledge, ...]]:
        return {}

    def origins(self, hashes: Collection[bytes]) -> Mapping[bytes, Origin]:
        return {}


EMPTY: ProjectionSource = _Empty()
