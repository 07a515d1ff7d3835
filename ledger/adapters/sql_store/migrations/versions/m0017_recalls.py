"""Recalls: an index of those that stand where they were issued, and how a party is reached on business."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None

_RECALLED = sa.text("recalled_by <> 0 AND NOT inherited")


def upgrade() -> None:
    """Makes the index and the column."""
    op.create_index("ix_lots_recalled", "lots", ["lot"], sqlite_where=_RECALLED, postgresql_where=_RECALLED)
    op.add_column("parties", sa.Column("contact", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Takes them back."""
    with op.batch_alter_table("parties") as parties:
        parties.drop_column("contact")
    op.drop_index("ix_lots_recalled", "lots")
