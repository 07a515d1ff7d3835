"""Questions at scale: the index that events are searched by, recalls to carry, indexes of stock."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.adapters.sql_store.migrations.indexing import fill

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_SEARCHED = ("event_type", "party", "biz_step", "read_point", "biz_location")


def upgrade() -> None:
    """Adds two tables and five indexes, and fills the index of events from those that are there."""
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
        sa.ForeignKeyConstraint(["sequence"], ["events.sequence"], name=op.f("fk_event_index_sequence")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_event_index")),
    )
    fill(op.get_bind(), made)
    op.create_index(op.f("ix_event_index_event_time_sequence"), "event_index", ["event_time", "sequence"])
    for column in _SEARCHED:
        name = op.f(f"ix_event_index_{column}_event_time_sequence")
        op.create_index(name, "event_index", [column, "event_time", "sequence"])
    _partial("ix_event_index_declarations", "event_index", ["event_time", "sequence"], "is_declaration")
    op.create_table(
        "recalls_to_carry",
        sa.Column("lot", sa.LargeBinary(length=32), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("spreads", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("lot", name=op.f("pk_recalls_to_carry")),
    )
    op.create_index(op.f("ix_recalls_to_carry_position"), "recalls_to_carry", ["position"])
    op.drop_index(op.f("ix_lot_parents_parent"), "lot_parents")
    op.create_index(op.f("ix_lot_parents_parent_lot"), "lot_parents", ["parent", "lot"])
    _partial("ix_balances_held", "balances", ["party", "lot"], "grams <> 0")
    op.create_index(op.f("ix_consignments_shipper_state"), "consignments", ["shipper", "state"])
    op.create_index(op.f("ix_consignments_receiver_state"), "consignments", ["receiver", "state"])
    op.create_index(op.f("ix_pledges_holder"), "pledges", ["holder"])


def downgrade() -> None:
    """Takes them away again. Recalls that were still to be carried are carried by `silkroot recall LOT --carry`."""
    op.drop_index(op.f("ix_pledges_holder"), "pledges")
    op.drop_index(op.f("ix_consignments_receiver_state"), "consignments")
    op.drop_index(op.f("ix_consignments_shipper_state"), "consignments")
    op.drop_index("ix_balances_held", "balances")
    op.drop_index(op.f("ix_lot_parents_parent_lot"), "lot_parents")
    op.create_index(op.f("ix_lot_parents_parent"), "lot_parents", ["parent"])
    op.drop_table("recalls_to_carry")
    op.drop_table("event_index")


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
