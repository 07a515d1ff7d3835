"""Fills the index that events are searched by from the events that are there, for the migrations that make it."""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa

from ledger.adapters.sql_store.columns import key_text
from ledger.adapters.sql_store.event_rows import index_row

_PAGE = 1_000


def fill(connection: sa.Connection, made: sa.Table) -> None:
    """A row for each event, with the columns that `made` has. Reads a page at a time: there may be many, and large."""
    events = sa.table("events", sa.column("sequence"), sa.column("party"), sa.column("body"))
    columns = [column.name for column in made.columns]
    after = 0
    while True:
        page = connection.execute(
            sa.select(events).where(events.c.sequence > after).order_by(events.c.sequence).limit(_PAGE)
        ).all()
        if not page:
            return
        rows = [_row(row.sequence, row.party, _tree(row.body)) for row in page]
        connection.execute(sa.insert(made), [{name: row[name] for name in columns} for row in rows])
        after = page[-1].sequence


def _row(sequence: int, party: int, tree: dict[str, Any]) -> dict[str, Any]:
    """With what the index had of every event before it was looked for in `events`."""
    return {**index_row(sequence, party, tree), "event_id": key_text(str(tree.get("eventID", "")))}


def _tree(body: bytes) -> dict[str, Any]:
    try:
        tree = orjson.loads(body)
    except ValueError:
        return {}
    return tree if isinstance(tree, dict) else {}
