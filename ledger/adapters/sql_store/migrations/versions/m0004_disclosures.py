"""Disclosures of sealed members, beside events and in proposals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

_CONFIDED = (
    ("disclosures", "disclosure"), ("proposals", "disclosures"),
    ("events", "request_mac"), ("proposals", "request_mac"),
)  # fmt: skip
"""What an erasure destroys."""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds a table and a column. What is there already was never sealed."""
    op.create_table(
        "disclosures",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("disclosure", sa.LargeBinary(), nullable=True),
        sa.Column("erased_at", sa.BigInteger(), nullable=True),
        sa.Column("row_digest", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["sequence"], ["events.sequence"], name=op.f("fk_disclosures_sequence")),
        sa.PrimaryKeyConstraint("sequence", "position", name=op.f("pk_disclosures")),
    )
    op.add_column("proposals", sa.Column("disclosures", sa.LargeBinary(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        # Statistics are samples of values, in a table that no erasure reaches.
        for table, column in _CONFIDED:
            op.execute(f"ALTER TABLE {table} ALTER {column} SET STATISTICS 0")


def downgrade() -> None:
    """Takes them away again: what was sealed can then be shown by nobody."""
    op.drop_column("proposals", "disclosures")
    op.drop_table("disclosures")
