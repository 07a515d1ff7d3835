"""
What the pages of a producer and a packing house ask of a store: what the party has, what it sent, and what it did last.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from ledger.domain.custody_state import Lot
from ledger.domain.identifiers import LotId, LotRef, PartyId
from ledger.domain.master_data import MasterData
from ledger.domain.records import RecordedEvent
from ledger.ports_questions import StockRow
from ledger.ports_receiving import NamedConsignment


class Stock(Protocol):
    """Questions about one party."""

    def stock(self, party: PartyId, now: int, after: LotId | None, limit: int) -> Sequence[StockRow]:
        """The first `limit` lots by id of which the party has anything; pledges stand at `now` (Unix seconds)."""
        ...

    def recent(self, party: PartyId, limit: int) -> Sequence[RecordedEvent]:
        """The party's own events, the newest by their time first."""
        ...


class Sent(Protocol):
    """Consignments that are under way."""

    def outbound(self, party: PartyId, limit: int) -> Sequence[NamedConsignment]:
        """At most `limit` consignments under way from the party, by reference."""
        ...


class HouseStore(Protocol):
    """The part of the store that names lots and knows how they came about."""

    def lot_ref(self, lot: LotId) -> LotRef | None:
        """The names behind a lot id."""
        ...

    def lot_refs(self, lots: Collection[LotId]) -> Mapping[LotId, LotRef]:
        """The names behind many ids."""
        ...

    def lineage(self, lots: Collection[LotId]) -> Mapping[LotId, Lot]:
        """These lots and all their ancestors."""
        ...

    def lots_with_code(self, code: str) -> list[LotRef]:
        """The lots of that code, of all products."""
        ...

    def events_of_lot(self, lot: LotId) -> list[RecordedEvent]:
        """All events that name the lot, in order."""
        ...

    def master_data(self) -> MasterData:
        """All master data."""
        ...
