"""
What the pages of a dock ask of a store: consignments by their names, and those that are on their way to a party.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ledger.domain.custody_state import Consignment
from ledger.domain.identifiers import ConsignmentId, ContentHash, LotId, LotRef, PartyId
from ledger.domain.records import RecordedEvent
from ledger.domain.sealing import KeptDisclosure


@dataclass(frozen=True, slots=True)
class NamedConsignment:
    """A consignment as it stands, with the shipper's reference that its id is made from."""

    id: ConsignmentId
    reference: str
    known: Consignment


class Consignments(Protocol):
    """Consignments of the local projection."""

    def inbound(self, party: PartyId, limit: int) -> Sequence[NamedConsignment]:
        """At most `limit` consignments under way to the party, by shipper and reference."""
        ...

    def named(self, consignment: ConsignmentId) -> NamedConsignment | None:
        """The consignment of that id."""
        ...


class DockStore(Protocol):
    """The part of the store that tells of lots and of what happened to them."""

    def events_of_lot(self, lot: LotId) -> Sequence[RecordedEvent]:
        """All events that name the lot, in the order of recording."""
        ...

    def lot_refs(self, lots: Collection[LotId]) -> Mapping[LotId, LotRef]:
        """The names behind ids."""
        ...

    def disclosures_of(self, contents: Collection[ContentHash]) -> Mapping[ContentHash, tuple[KeptDisclosure, ...]]:
        """What is kept of the sealed members of these events."""
        ...
