"""
What a party holds and since when: balances that are not nothing, with the receipts that brought them.

A ledger of lots does not tell one box of a lot from another. What came first is taken to have left first, so that what
is here of a lot came with its latest receipts; since when is the time of the earliest of those.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.codec import event_of
from ledger.adapters.sql_store.consignment_rows import ConsignmentKind
from ledger.adapters.sql_store.lineage import lot_refs
from ledger.adapters.sql_store.queries import EVENTS
from ledger.adapters.sql_store.reading import chunks
from ledger.domain.actions import PartialReceipt
from ledger.domain.binding import lines_of
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import ConsignmentId, Grams, LotId, PartyId
from ledger.domain.records import EntryState, RecordedEvent
from ledger.ports_hub import FloorRow

_ABOUT = t.consignment_events.c
Came = tuple[int, ConsignmentId, int]
"""Time of a receipt, its consignment, and the grams of the lot that were taken."""


def floor_of(connection: Connection, party: PartyId, after: LotId | None, limit: int) -> list[FloorRow]:
    """The first `limit` lots behind that one of which the party holds anything."""
    held = t.balances.c
    asked = select(held.lot, held.grams).where(held.party == party, t.HELD, held.lot > (after or b""))
    rows = connection.execute(asked.order_by(held.lot).limit(limit)).all()
    lots = [LotId(row.lot) for row in rows]
    names, receipts = lot_refs(connection, lots), _receipts(connection, party, lots)
    found = []
    for row in rows:
        lot = LotId(row.lot)
        oldest = oldest_here(receipts.get(lot, ()), row.grams)
        since, consignment = (None, None) if oldest is None else (oldest[0], oldest[1])
        found.append(FloorRow(lot, names.get(lot), Grams(row.grams), since, consignment))
    return found


def oldest_here(came: Sequence[Came], grams: int) -> Came | None:
    """The earliest receipt of which something is still here, if what came first left first; None without receipts."""
    oldest = None
    for one in sorted(came, reverse=True):
        if oldest is not None and grams <= 0:
            break
        oldest = one
        grams -= one[2]
    return oldest


def _receipts(connection: Connection, party: PartyId, lots: Sequence[LotId]) -> dict[LotId, list[Came]]:
    """The party's receipts of these lots that the contract did not refuse."""
    about: dict[int, Any] = {}
    named: list[tuple[LotId, int]] = []
    for chunk in chunks(lots):
        joined = t.event_lots.join(t.consignment_events, _ABOUT.sequence == t.event_lots.c.sequence)
        asked = select(t.event_lots.c.lot, _ABOUT.sequence, _ABOUT.consignment, _ABOUT.event_time).select_from(joined)
        receipts = asked.where(t.event_lots.c.lot.in_(chunk), _ABOUT.kind == ConsignmentKind.RECEIPT.value)
        for row in connection.execute(receipts.where(_ABOUT.party == party)):
            about[row.sequence] = row
            named.append((LotId(row.lot), row.sequence))
    taken: dict[int, dict[LotId, int]] = {}
    for some in chunks(list(about)):
        for row in connection.execute(EVENTS.where(t.events.c.sequence.in_(some))):
            taken[row.sequence] = _taken(event_of(row))
    found: dict[LotId, list[Came]] = {}
    for lot, sequence in named:
        grams = taken[sequence].get(lot, 0)
        if grams:
            row = about[sequence]
            found.setdefault(lot, []).append((row.event_time, ConsignmentId(row.consignment), grams))
    return found


def _taken(event: RecordedEvent) -> dict[LotId, int]:
    """Grams of each lot that the receipt took; nothing of one that was refused or that cannot be read."""
    action = event.proof.action
    if event.state is EntryState.REFUSED:
        return {}
    if isinstance(action, PartialReceipt):
        return {line.lot: line.accepted for line in action.lines}
    try:
        return {line.lot: line.grams for line in lines_of(event.body)}
    except InvalidInput:  # Somebody damaged the row; a check of the whole store says so.
        return {}
