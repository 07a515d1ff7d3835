"""Serials of labels, counts of their scans, and what readers report."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds three tables."""
    op.create_table(
        "label_serials",
        sa.Column("serial", sa.LargeBinary(length=32), nullable=False),
        sa.Column("lot", sa.LargeBinary(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("sold_day", sa.Integer(), nullable=True),
        sa.Column("sold_city", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_label_serials")),
        sa.UniqueConstraint("lot", "number", name=op.f("uq_label_serials_lot_number")),
    )
    op.create_table(
        "label_scans",
        sa.Column("lot", sa.LargeBinary(length=32), nullable=False),
        sa.Column("serial", sa.LargeBinary(length=32), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("city", sa.String(length=64), nullable=False),
        sa.Column("scans", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("lot", "serial", "day", "city", name=op.f("pk_label_scans")),
    )
    op.create_table(
        "label_reports",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("product", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("city", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_reports")),
    )
    op.create_index(op.f("ix_label_reports_done_day"), "label_reports", ["done", "day"])


def downgrade() -> None:
    """Takes them away again: no label can be told from its copy any more."""
    op.drop_table("label_reports")
    op.drop_table("label_scans")
    op.drop_table("label_serials")
