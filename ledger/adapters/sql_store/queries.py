"""The questions that pages, checks and tools ask of the store; each reads once and is done."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, and_, or_, select

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.codec import event_of
from ledger.adapters.sql_store.log_tables import PRESENT, CheckpointState
from ledger.domain.identifiers import ContentHash, LotId, LotRef, ProductId
from ledger.domain.records import RecordedEvent

FINAL_SIZE = (
    select(t.log_checkpoints.c.size)
    .where(t.log_checkpoints.c.state == CheckpointState.FINAL.value)
    .order_by(t.log_checkpoints.c.size.desc())
    .limit(1)
    .scalar_subquery()
)
"""How many leaves the newest checkpoint covers that is final on chain; NULL where there is none."""

EVENTS = (
    select(
        t.events,
        t.outbox_rows.c.state,
        t.outbox_rows.c.refusal,
        t.outbox_rows.c.transaction,
        (t.log_leaves.c.log_index < FINAL_SIZE).label("is_covered"),
    )
    .outerjoin(t.outbox_rows, t.outbox_rows.c.content_hash == t.events.c.content_hash)
    .outerjoin(t.log_leaves, and_(t.log_leaves.c.sequence == t.events.c.sequence, PRESENT))
)
"""
Events with the state of their entries, and whether the log has them under a final checkpoint; an event whose entry
went missing is shown all the same.
"""


def events_of_lot(connection: Connection, lot: LotId) -> list[RecordedEvent]:
    """All events that name the lot, in order."""
    named = EVENTS.join(t.event_lots, t.event_lots.c.sequence == t.events.c.sequence)
    return _events(connection, named.where(t.event_lots.c.lot == lot).order_by(t.events.c.sequence))


def event(connection: Connection, content_hash: ContentHash) -> RecordedEvent | None:
    """The event of that identity."""
    found = _events(connection, EVENTS.where(t.events.c.content_hash == content_hash))
    return found[0] if found else None


def events_after(connection: Connection, after: int, limit: int) -> list[RecordedEvent]:
    """The next events of the log."""
    return _events(connection, EVENTS.where(t.events.c.sequence > after).order_by(t.events.c.sequence).limit(limit))


def lot_refs(connection: Connection, after: LotRef | None, limit: int) -> list[LotRef]:
    """Lots that were brought into being, in order of product and code."""
    c = t.lot_names.c
    asked = select(c.product, c.code).join(t.lots, t.lots.c.lot == c.lot).order_by(c.product, c.code).limit(limit)
    if after is not None:
        asked = asked.where(or_(c.product > after.product, and_(c.product == after.product, c.code > after.code)))
    return [LotRef(ProductId(row.product), row.code) for row in connection.execute(asked)]


def lots_with_code(connection: Connection, code: str) -> list[LotRef]:
    """Lots that were brought into being under that code."""
    c = t.lot_names.c
    asked = select(c.product, c.code).join(t.lots, t.lots.c.lot == c.lot).where(c.code == code).order_by(c.product)
    return [LotRef(ProductId(row.product), row.code) for row in connection.execute(asked)]


def _events(connection: Connection, statement: Any) -> list[RecordedEvent]:
    return [event_of(row) for row in connection.execute(statement)]
