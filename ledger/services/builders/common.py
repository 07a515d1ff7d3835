"""What builders of events share: amounts of lots that are there, names behind ids, references of consignments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ledger.domain import event_forms
from ledger.domain.errors import NotFound
from ledger.domain.event_forms import Amount, When
from ledger.domain.identifiers import Grams, LotId, LotRef, PartyId
from ledger.domain.records import JsonTree
from ledger.ports import EventStore
from ledger.services.lot_text import lot_of_text

Params = dict[str, Any]
Builder = Callable[[EventStore, PartyId, When, Params], JsonTree]
"""Makes the event of a party's, not yet sealed, from what somebody filled in; masses are grams."""


def existing(store: EventStore, rows: Sequence[Params]) -> list[Amount]:
    """Amounts of lots that are there."""
    return [Amount(lot_of_text(store, row["lot"]), Grams(row["grams"])) for row in rows]


def known_lot(store: EventStore, lot: bytes) -> LotRef:
    """The names behind a lot's id."""
    ref = store.lot_ref(LotId(lot))
    if ref is None:
        raise NotFound(f"lot 0x{lot.hex()} has no name here")
    return ref


def reference_of(shipper: PartyId, text: str) -> str:
    """An SSCC link or a URN as it is; any other number becomes the shipper's own CBV transaction URN."""
    return text if "://" in text or text.startswith("urn:") else event_forms.transaction_urn(shipper, text)
