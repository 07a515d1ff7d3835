"""
What a hub asks of a store: the port between its pages and the local projection.

All lists are paged by key: a page is asked for by the place where the page before ended. Times are Unix microseconds.
What stands here is what was recorded, not yet a verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ledger.domain.actions import Line
from ledger.domain.identifiers import ConsignmentId, Grams, LotId, LotRef, PartyId
from ledger.domain.records import ConsignmentState, RecordedEvent

SightPlace = tuple[int, bytes]
"""Where a consignment stands in a list: the time by which the list is in order, and its id."""


@dataclass(frozen=True, slots=True)
class Sight:
    """
    A consignment as a dock sees it. `expected_at`: when it should arrive, as its shipper stated (`is_stated`) or, where
    it did not, after as long as goods usually take. `open_lines` are those still under way, or missing.
    """

    id: ConsignmentId
    reference: str
    shipper: PartyId
    receiver: PartyId
    state: ConsignmentState
    shipped_at: int
    expected_at: int
    is_stated: bool
    manifest: tuple[Line, ...]
    open_lines: tuple[Line, ...]

    @property
    def grams(self) -> Grams:
        """All that was shipped."""
        return Grams(sum(line.grams for line in self.manifest))

    @property
    def open_grams(self) -> Grams:
        """What is still under way, or missing."""
        return Grams(sum(line.grams for line in self.open_lines))


@dataclass(frozen=True, slots=True)
class FloorRow:
    """
    A lot that a party holds. `since`: when the oldest of it came, where what came first leaves first; None for a lot
    that did not come by a receipt. `consignment`: what it came with.
    """

    lot: LotId
    ref: LotRef | None
    grams: Grams
    since: int | None
    consignment: ConsignmentId | None


@dataclass(frozen=True, slots=True)
class HubCounts:
    """How many consignments are expected, overdue, leaving and in variance, and of how many lots something is here."""

    expected: int
    overdue: int
    here: int
    leaving: int
    variances: int


class HubBooks(Protocol):
    """Asks; every method is one short read. `typical`: how long goods usually take, in microseconds."""

    def coming(
        self, party: PartyId, now: int, typical: int, after: SightPlace | None, limit: int, *, overdue: bool
    ) -> Sequence[Sight]:
        """What is under way to the party, by the time when it is expected: before `now` if `overdue`, else later."""
        ...

    def leaving(self, party: PartyId, typical: int, after: SightPlace | None, limit: int) -> Sequence[Sight]:
        """What the party shipped and nobody signed for yet, by the time when it was shipped."""
        ...

    def variances(self, party: PartyId, typical: int, after: SightPlace | None, limit: int) -> Sequence[Sight]:
        """Consignments of which grams are missing that nobody answered for yet, by the time when they were shipped."""
        ...

    def here(self, party: PartyId, after: LotId | None, limit: int) -> Sequence[FloorRow]:
        """Lots that the party holds, by id."""
        ...

    def counts(self, party: PartyId, now: int, typical: int) -> HubCounts:
        """How many there are of each."""
        ...

    def sight(self, consignment: ConsignmentId, typical: int) -> Sight | None:
        """One consignment; None where nobody shipped it."""
        ...

    def events_about(self, consignment: ConsignmentId) -> Sequence[RecordedEvent]:
        """Its events, the air leg's among them, in order of recording."""
        ...

    def air_legs(self, party: PartyId, since: int, limit: int) -> Sequence[ConsignmentId]:
        """Consignments of whose air leg the party stated something since then, the latest first."""
        ...

    def last_sequence(self) -> int:
        """The sequence number of the newest event; 0 where there is none."""
        ...

    def lot_refs(self, lots: Sequence[LotId]) -> dict[LotId, LotRef]:
        """The names behind many ids; those without any are left out."""
        ...
