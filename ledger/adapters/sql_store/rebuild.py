"""
Makes the projection again from what was acknowledged: all entries in their one order, but for those refused for good.

Each signed entry is judged at the time at which it was applied. One that the rules do not allow any more, because it
stood on a refused one, changes nothing; the contract will refuse it too when its turn comes. A carried recall that the
contract had no use for (`NothingToPropagate`: somebody else was faster) is carried all the same, where there is one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, select

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.codec import proof_of, registry_action_of
from ledger.adapters.sql_store.write_back import clear, write_back
from ledger.domain.actions import EntryKind
from ledger.domain.errors import Refused, StoreError
from ledger.domain.identifiers import Digest, LotId
from ledger.domain.projection import Projection
from ledger.domain.records import EntryState
from ledger.ports_outbox import Target

_PAGE = 1_000
NOTHING_TO_PROPAGATE = "NothingToPropagate("
"""How the one refusal begins that takes nothing back."""


def rebuild(connection: Connection) -> None:
    """Replaces the projection's tables, inside the caller's write transaction."""
    projection = replay(connection)
    clear(connection)
    write_back(connection, projection)


def replay(connection: Connection, unreadable: Callable[[int, StoreError], None] | None = None) -> Projection:
    """
    The projection in memory. An entry that cannot be read is `StoreError`; or is told to `unreadable`, with its id, and
    left out.
    """
    projection = Projection()
    after = 0
    while True:
        page = connection.execute(_entries(after)).all()
        if not page:
            return projection
        for row in page:
            try:
                _apply(projection, row)
            except StoreError as error:
                if unreadable is None:
                    raise
                unreadable(row.id, error)
        after = page[-1].id


def _apply(projection: Projection, row: Any) -> None:
    refused = row.state == EntryState.REFUSED.value
    try:
        if _carries_recall(row):
            if not refused or row.refusal.startswith(NOTHING_TO_PROPAGATE):
                projection.propagate(LotId(row.payload[:32]))
        elif refused:
            return
        elif row.proof is not None:
            action = proof_of(row.proof).action
            # It was in time when it was captured; a deadline that passed since takes nothing back.
            now = action.deadline if row.applied_at is None else row.applied_at
            projection.apply(action, Digest(row.digest), now)
        elif row.action is not None:
            projection.register(registry_action_of(row.action))
    except Refused:
        return


def _carries_recall(row: Any) -> bool:
    return bool(row.target == Target.LEDGER.value and row.kind == EntryKind.PROPAGATION)


def _entries(after: int) -> Any:
    c = t.outbox_rows.c
    joined = t.outbox_rows.outerjoin(t.events, t.events.c.content_hash == c.content_hash)
    entry = (c.id, c.target, c.kind, c.payload, c.state, c.refusal, c.digest, c.action, c.applied_at)
    columns = select(*entry, t.events.c.proof).select_from(joined)
    return columns.where(c.id > after).order_by(c.id).limit(_PAGE)
