"""
Names of any length: what is looked up by an index is stood for by its hash where it is long (`columns.key_text`), and
eventIDs are searched in the index of events as everything else is.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from ledger.adapters.sql_store.codec import EVENT_DIGESTED, row_digest
from ledger.adapters.sql_store.columns import LONGEST_KEY, key_text
from ledger.adapters.sql_store.migrations.indexing import fill

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_IN_TIME = ("event_time", "sequence")
_SEARCHED = ("event_type", "party", "biz_step", "read_point", "biz_location")


def upgrade() -> None:
    """Makes the index of events anew, takes the one by eventID away, and shortens what is unique."""
    op.drop_table("event_index")
    _make(sa.Column("event_id", sa.Text(), nullable=False))
    op.create_index(op.f("ix_event_index_event_id_event_time_sequence"), "event_index", ["event_id", *_IN_TIME])
    op.drop_index(op.f("ix_events_event_id"), "events")
    _shorten()


def downgrade() -> None:
    """
    Takes them back. Long eventIDs stay shortened where they are unique, so that a repeat of theirs is not seen then;
    PostgreSQL refuses where there is one that its index cannot take.
    """
    op.create_index(op.f("ix_events_event_id"), "events", ["event_id"])
    op.drop_table("event_index")
    _make()


def _make(*more: sa.Column[str]) -> None:
    made = op.create_table(
        "event_index",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_time", sa.BigInteger(), nullable=False),
        sa.Column("event_type", sa.String(length=32), nullable=False),
        sa.Column("party", sa.BigInteger(), nullable=False),
        sa.Column("biz_step", sa.Text(), nullable=True),
        sa.Column("read_point", sa.Text(), nullable=True),
        sa.Column("biz_location", sa.Text(), nullable=True),
        sa.Column("is_declaration", sa.Boolean(), nullable=False),
        *more,
        sa.ForeignKeyConstraint(["sequence"], ["events.sequence"], name=op.f("fk_event_index_sequence")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_event_index")),
    )
    fill(op.get_bind(), made)
    op.create_index(op.f("ix_event_index_event_time_sequence"), "event_index", list(_IN_TIME))
    for column in _SEARCHED:
        op.create_index(op.f(f"ix_event_index_{column}_event_time_sequence"), "event_index", [column, *_IN_TIME])
    where = sa.text("is_declaration")
    op.create_index(
        "ix_event_index_declarations", "event_index", list(_IN_TIME), sqlite_where=where, postgresql_where=where
    )


def _shorten() -> None:
    """Only SQLite took long ones before. A row that is not what was written stays one that is not."""
    columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in (*EVENT_DIGESTED, "row_digest")]
    events = sa.table("events", *columns)
    connection = op.get_bind()
    # A character has four bytes at the most.
    asked = sa.select(events).where(sa.func.length(events.c.claimed_id) > LONGEST_KEY // 4)
    for row in connection.execute(asked.order_by(events.c.sequence)).mappings().all():
        values = {name: row[name] for name in EVENT_DIGESTED}
        short = key_text(row["claimed_id"])
        if short == row["claimed_id"]:
            continue
        changed: dict[str, object] = {"claimed_id": short}
        if row_digest(values, EVENT_DIGESTED) == row["row_digest"]:
            changed["row_digest"] = row_digest(values | changed, EVENT_DIGESTED)
        connection.execute(sa.update(events).where(events.c.sequence == row["sequence"]).values(**changed))
