"""
Which events are about which consignment: for the pages of a hub, filled from the events that are there.
"""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

from ledger.adapters.sql_store.codec import proof_of
from ledger.adapters.sql_store.consignment_rows import consignment_rows
from ledger.domain.errors import StoreError

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_PAGE = 1_000


def upgrade() -> None:
    """Makes the table and fills it."""
    made = op.create_table(
        "consignment_events",
        sa.Column("consignment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("party", sa.BigInteger(), nullable=False),
        sa.Column("event_time", sa.BigInteger(), nullable=False),
        sa.Column("due_time", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["sequence"], ["events.sequence"], name=op.f("fk_consignment_events_sequence")),
        sa.PrimaryKeyConstraint("consignment", "sequence", name=op.f("pk_consignment_events")),
    )
    _fill(op.get_bind(), made)
    op.create_index(op.f("ix_consignment_events_sequence"), "consignment_events", ["sequence"])
    op.create_index(
        op.f("ix_consignment_events_party_kind_event_time_sequence"),
        "consignment_events",
        ["party", "kind", "event_time", "sequence"],
    )


def downgrade() -> None:
    """Takes it back: it can be made again."""
    op.drop_table("consignment_events")


def _fill(connection: sa.Connection, made: sa.Table) -> None:
    """Reads a page at a time: there may be many events, and large ones. What cannot be read has no rows."""
    columns: list[sa.ColumnClause[object]] = [sa.column(name) for name in ("sequence", "party", "body", "proof")]
    events = sa.table("events", *columns)
    after = 0
    while True:
        page = connection.execute(
            sa.select(events).where(events.c.sequence > after).order_by(events.c.sequence).limit(_PAGE)
        ).all()
        if not page:
            return
        rows: list[dict[str, Any]] = []
        for row in page:
            try:
                body, action = orjson.loads(row.body), proof_of(row.proof).action
            except (ValueError, StoreError):
                continue
            # As the column holds it: the migration has no type that turns it round.
            rows += consignment_rows(row.sequence, row.party, action, body) if isinstance(body, dict) else []
        if rows:
            connection.execute(sa.insert(made), rows)
        after = page[-1].sequence
