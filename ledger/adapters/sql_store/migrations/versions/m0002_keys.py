"""Windows of keys; suspensions, recoveries and cancelled digests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds two columns and three tables."""
    for name in ("valid_from", "valid_until"):
        op.add_column("registered_keys", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "suspended_parties",
        sa.Column("party", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("party", name=op.f("pk_suspended_parties")),
    )
    op.create_table(
        "recoveries",
        sa.Column("party", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("scheme", sa.Integer(), nullable=False),
        sa.Column("hosted", sa.Boolean(), nullable=False),
        sa.Column("effective_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("party", name=op.f("pk_recoveries")),
    )
    op.create_table(
        "cancelled_digests",
        sa.Column("party", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("party", "digest", name=op.f("pk_cancelled_digests")),
    )


def downgrade() -> None:
    """Takes them away again."""
    for table in ("cancelled_digests", "recoveries", "suspended_parties"):
        op.drop_table(table)
    for name in ("valid_until", "valid_from"):
        op.drop_column("registered_keys", name)
