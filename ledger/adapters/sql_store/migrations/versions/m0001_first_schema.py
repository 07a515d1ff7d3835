"""
The first schema.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes all tables."""
    op.create_table(
        "balances",
        sa.Column("lot", sa.LargeBinary(length=32), nullable=False),
        sa.Column("party", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lot", "party", name=op.f("pk_balances")),
    )
    op.create_table(
        "consignment_names",
        sa.Column("consignment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("shipper", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("consignment", name=op.f("pk_consignment_names")),
    )
    op.create_table(
        "consignments",
        sa.Column("consignment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("shipper", sa.BigInteger(), nullable=False),
        sa.Column("receiver", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("manifest_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("consignment", name=op.f("pk_consignments")),
    )
    op.create_table(
        "events",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("claimed_id", sa.Text(), nullable=True),
        sa.Column("request_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("party", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.Column("record_time", sa.BigInteger(), nullable=False),
        sa.Column("row_digest", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_events")),
        sa.UniqueConstraint("claimed_id", name=op.f("uq_events_claimed_id")),
        sa.UniqueConstraint("content_hash", name=op.f("uq_events_content_hash")),
        sa.UniqueConstraint("request_mac", name=op.f("uq_events_request_mac")),
    )
    op.create_index(op.f("ix_events_event_id"), "events", ["event_id"], unique=False)
    op.create_table(
        "lot_names",
        sa.Column("lot", sa.LargeBinary(length=32), nullable=False),
        sa.Column("product", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("lot", name=op.f("pk_lot_names")),
        sa.UniqueConstraint("product", "code", name=op.f("uq_lot_names_product_code")),
    )
    op.create_index(op.f("ix_lot_names_code"), "lot_names", ["code"], unique=False)
    op.create_table(
        "lot_parents",
        sa.Column("lot", sa.LargeBinary(length=32), nullable=False),
        sa.Column("parent", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("lot", "parent", name=op.f("pk_lot_parents")),
    )
    op.create_index(op.f("ix_lot_parents_parent"), "lot_parents", ["parent"], unique=False)
    op.create_table(
        "meta",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "outbox_transactions",
        sa.Column("nonce", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target", sa.String(length=16), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("gas", sa.BigInteger(), nullable=False),
        sa.Column("max_fee", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("sent_at", sa.Float(precision=53), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=True),
        sa.Column("block_hash", sa.LargeBinary(), nullable=True),
        sa.Column("block_time", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("nonce", "attempt", name=op.f("pk_outbox_transactions")),
    )
    op.create_index(op.f("ix_outbox_transactions_state_nonce"), "outbox_transactions", ["state", "nonce"], unique=False)
    op.create_table(
        "parties",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("roles", sa.Integer(), nullable=False),
        sa.Column("city", sa.JSON(), nullable=False),
        sa.Column("hosted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parties")),
    )
    op.create_table(
        "places",
        sa.Column("gln", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("extension", sa.String(length=20), nullable=False),
        sa.Column("party", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("city", sa.JSON(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.PrimaryKeyConstraint("gln", "extension", name=op.f("pk_places")),
    )
    op.create_table(
        "plots",
        sa.Column("gln", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("extension", sa.String(length=20), nullable=False),
        sa.Column("producer", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("region", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("gln", "extension", name=op.f("pk_plots")),
    )
    op.create_table(
        "products",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.Column("net_grams", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("variety", sa.JSON(), nullable=False),
        sa.Column("commodity", sa.Text(), nullable=False),
        sa.Column("bulk_of", sa.Text(), nullable=False),
        sa.Column("packers", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
    )
    op.create_table(
        "registered_keys",
        sa.Column("key_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("party", sa.BigInteger(), nullable=False),
        sa.Column("scheme", sa.Integer(), nullable=False),
        sa.Column("admin", sa.Boolean(), nullable=False),
        sa.Column("hosted", sa.Boolean(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_registered_keys")),
    )
    op.create_index(op.f("ix_registered_keys_party"), "registered_keys", ["party"], unique=False)
    op.create_table(
        "registered_parties",
        sa.Column("party", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("roles", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("party", name=op.f("pk_registered_parties")),
    )
    op.create_table(
        "registered_permits",
        sa.Column("product", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("packer", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("product", "packer", name=op.f("pk_registered_permits")),
    )
    op.create_table(
        "registered_products",
        sa.Column("product", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("product", name=op.f("pk_registered_products")),
    )
    op.create_table(
        "used_digests",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_used_digests")),
    )
    op.create_table(
        "consignment_lines",
        sa.Column("consignment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("lot", sa.LargeBinary(length=32), nullable=False),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consignment"], ["consignments.consignment"], name=op.f("fk_consignment_lines_consignment")
        ),
        sa.PrimaryKeyConstraint("consignment", "lot", name=op.f("pk_consignment_lines")),
    )
    op.create_table(
        "event_lots",
        sa.Column("lot", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["sequence"], ["events.sequence"], name=op.f("fk_event_lots_sequence")),
        sa.PrimaryKeyConstraint("lot", "sequence", name=op.f("pk_event_lots")),
    )
    op.create_table(
        "lots",
        sa.Column("lot", sa.LargeBinary(length=32), nullable=False),
        sa.Column("issuer", sa.BigInteger(), nullable=False),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("recalled_by", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["lot"], ["lot_names.lot"], name=op.f("fk_lots_lot")),
        sa.PrimaryKeyConstraint("lot", name=op.f("pk_lots")),
    )
    op.create_table(
        "outbox_rows",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("target", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("action", sa.LargeBinary(), nullable=True),
        sa.Column("row_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=False),
        sa.Column("transaction", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["content_hash"], ["events.content_hash"], name=op.f("fk_outbox_rows_content_hash")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_rows")),
        sa.UniqueConstraint("content_hash", name=op.f("uq_outbox_rows_content_hash")),
    )
    op.create_index(op.f("ix_outbox_rows_state_id"), "outbox_rows", ["state", "id"], unique=False)
    op.create_table(
        "outbox_carried",
        sa.Column("nonce", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["nonce", "attempt"],
            ["outbox_transactions.nonce", "outbox_transactions.attempt"],
            name=op.f("fk_outbox_carried_nonce_attempt"),
        ),
        sa.ForeignKeyConstraint(["row"], ["outbox_rows.id"], name=op.f("fk_outbox_carried_row")),
        sa.PrimaryKeyConstraint("nonce", "attempt", "position", name=op.f("pk_outbox_carried")),
    )
