"""Handoffs in several receipts, certified plots, corrections, pledges; proposals; proofs that were signed again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """
    Adds columns and tables. What is there already is taken as it was: nothing certified, nothing moved, and a
    consignment's open lines are those of its manifest.
    """
    op.add_column("outbox_rows", sa.Column("applied_at", sa.BigInteger(), nullable=True))
    _change_lots()
    _change_consignments()
    _add_plots_and_pledges()
    _add_waiting()


def _change_lots() -> None:
    op.add_column("lots", sa.Column("certified", sa.BigInteger(), nullable=False, server_default="0"))
    for name in ("inherited", "moved"):
        op.add_column("lots", sa.Column(name, sa.Boolean(), nullable=False, server_default="0"))
    for name in ("origin_hash", "yield_plot"):
        op.add_column("lots", sa.Column(name, sa.LargeBinary(length=32), nullable=True))
    op.add_column("lots", sa.Column("yield_season", sa.Integer(), nullable=True))
    op.create_table(
        "origins",
        sa.Column("origin_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("lists", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("origin_hash", name=op.f("pk_origins")),
    )


def _change_consignments() -> None:
    op.drop_column("consignments", "manifest_hash")
    op.add_column("consignments", sa.Column("notice_at", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("consignments", sa.Column("whole", sa.Boolean(), nullable=False, server_default="1"))
    op.create_table(
        "consignment_open_lines",
        sa.Column("consignment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("lot", sa.LargeBinary(length=32), nullable=False),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consignment"],
            ["consignments.consignment"],
            name=op.f("fk_consignment_open_lines_consignment"),
        ),
        sa.PrimaryKeyConstraint("consignment", "lot", name=op.f("pk_consignment_open_lines")),
    )


def _add_plots_and_pledges() -> None:
    op.create_table(
        "registered_plots",
        sa.Column("plot", sa.LargeBinary(length=32), nullable=False),
        sa.Column("producer", sa.BigInteger(), nullable=False),
        sa.Column("certifier", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("plot", name=op.f("pk_registered_plots")),
    )
    op.create_table(
        "yields",
        sa.Column("plot", sa.LargeBinary(length=32), nullable=False),
        sa.Column("season", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("certified", sa.BigInteger(), nullable=False),
        sa.Column("harvested", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("plot", "season", name=op.f("pk_yields")),
    )
    op.create_table(
        "pledges",
        sa.Column("lot", sa.LargeBinary(length=32), nullable=False),
        sa.Column("holder", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lender", sa.BigInteger(), nullable=False),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lot", "holder", "position", name=op.f("pk_pledges")),
    )


def _add_waiting() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("counterparty", sa.BigInteger(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("is_declaration", sa.Boolean(), nullable=False),
        sa.Column("request_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("party", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("record_time", sa.BigInteger(), nullable=False),
        sa.Column("lots", sa.LargeBinary(), nullable=False),
        sa.Column("row_digest", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
        sa.UniqueConstraint("content_hash", name=op.f("uq_proposals_content_hash")),
        sa.UniqueConstraint("request_mac", name=op.f("uq_proposals_request_mac")),
    )
    op.create_index(op.f("ix_proposals_counterparty"), "proposals", ["counterparty"], unique=False)
    op.create_index(op.f("ix_proposals_party"), "proposals", ["party"], unique=False)
    op.create_table(
        "former_proofs",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.Column("row_digest", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["content_hash"], ["events.content_hash"], name=op.f("fk_former_proofs_content_hash")),
        sa.ForeignKeyConstraint(["entry"], ["outbox_rows.id"], name=op.f("fk_former_proofs_entry")),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_former_proofs")),
    )
    op.create_index(op.f("ix_former_proofs_content_hash"), "former_proofs", ["content_hash"], unique=False)


def downgrade() -> None:
    """Takes them away again. What manifests hashed to is not known any more."""
    for table in ("former_proofs", "proposals", "pledges", "yields", "registered_plots", "consignment_open_lines"):
        op.drop_table(table)
    op.drop_table("origins")
    for name in ("whole", "notice_at"):
        op.drop_column("consignments", name)
    nothing = sa.text("x'00'" if op.get_bind().dialect.name == "sqlite" else "'\\x00'")
    op.add_column(
        "consignments",
        sa.Column("manifest_hash", sa.LargeBinary(length=32), nullable=False, server_default=nothing),
    )
    for name in ("yield_season", "yield_plot", "origin_hash", "moved", "inherited", "certified"):
        op.drop_column("lots", name)
    op.drop_column("outbox_rows", "applied_at")
