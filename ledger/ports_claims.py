"""What the pages about claims ask of a store: consignments of which grams are missing that nobody answered for yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ledger.domain.identifiers import PartyId
from ledger.ports_receiving import NamedConsignment


class Claims(Protocol):
    """Consignments in variance, of the local projection."""

    def open_claims(self, party: PartyId, limit: int) -> Sequence[NamedConsignment]:
        """At most `limit` of those in which the party is a side, by shipper and reference."""
        ...
