"""
What is asked of a family of lots at once: how its lots stand, who has them, and what is on the road; the port between
the pages of inspectors and a store. Every method is one short read of the local projection.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ledger.domain.custody_state import Origin, Season, Yield
from ledger.domain.custody_state import Plot as RegisteredPlot
from ledger.domain.identifiers import Grams, LotId, LotRef, PartyId, PlotId


@dataclass(frozen=True, slots=True)
class Standing:
    """
    A lot as the ledger counts it: who made it, how many grams, whose recall stands (0: nobody's), whether that was
    carried here from a lot that went into it, and what stands for the making that it came out of.
    """

    issuer: PartyId
    grams: Grams
    recalled_by: PartyId
    inherited: bool
    origin_hash: bytes

    @property
    def is_recalled(self) -> bool:
        """Whether anybody's recall stands."""
        return bool(self.recalled_by)


@dataclass(frozen=True, slots=True)
class Held:
    """Grams of a lot that a party has signed for."""

    lot: LotId
    party: PartyId
    grams: Grams


@dataclass(frozen=True, slots=True)
class OnTheRoad:
    """
    Grams of a lot in a consignment that is not at its end. `missing`: the receiver found less, and nobody answered for
    these yet. `reference`: the shipper's; "" where it is not known.
    """

    lot: LotId
    shipper: PartyId
    receiver: PartyId
    grams: Grams
    missing: bool
    reference: str


@dataclass(frozen=True, slots=True)
class OpenRecall:
    """A recall that stands where it was issued."""

    lot: LotId
    ref: LotRef | None
    by: PartyId


class FamilyStore(Protocol):
    """Families with all that an inspector asks of them."""

    def descent(self, lots: Collection[LotId]) -> Mapping[LotId, tuple[LotId, ...]]:
        """The lots made from each of these lots, and from each of those, to the end; those without are left out."""
        ...

    def ascent(self, lots: Collection[LotId]) -> Mapping[LotId, tuple[LotId, ...]]:
        """What each of these lots was made from, and each of those, to the fields, which are left out."""
        ...

    def lot_ref(self, lot: LotId) -> LotRef | None:
        """The names behind a lot id."""
        ...

    def lot_refs(self, lots: Collection[LotId]) -> Mapping[LotId, LotRef]:
        """The names behind many; those without any are left out."""
        ...

    def standings(self, lots: Collection[LotId]) -> Mapping[LotId, Standing]:
        """How each of these lots stands; those that nobody made are left out."""
        ...

    def makings(self, hashes: Collection[bytes]) -> Mapping[bytes, Origin]:
        """What went into each making and what came out, by its origin hash."""
        ...

    def held(self, lots: Collection[LotId]) -> Sequence[Held]:
        """Who has how much of these lots, by lot and party; nothing of who has nothing."""
        ...

    def on_the_road(self, lots: Collection[LotId]) -> Sequence[OnTheRoad]:
        """What of these lots is in consignments that are not at their end, by lot, shipper and receiver."""
        ...

    def open_recalls(self, after: LotId | None, limit: int) -> Sequence[OpenRecall]:
        """The first `limit` recalls behind that lot, by lot id; those that were carried on are left out."""
        ...

    def lots_with_code(self, code: str) -> Sequence[LotRef]:
        """All lots of that lot code, whatever the product."""
        ...

    def plots(self, plots: Collection[PlotId]) -> Mapping[PlotId, RegisteredPlot]:
        """Those of the plots that a certifier registered."""
        ...

    def yields(self, seasons: Collection[Season]) -> Mapping[Season, Yield]:
        """Those of the plots' seasons whose yield is certified."""
        ...
