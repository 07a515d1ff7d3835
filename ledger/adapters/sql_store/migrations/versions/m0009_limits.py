"""Temperature limits of products."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds a column; products that are there have no limits."""
    op.add_column("products", sa.Column("limits", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Takes it away again. What lots were born with stands in their events."""
    op.drop_column("products", "limits")
