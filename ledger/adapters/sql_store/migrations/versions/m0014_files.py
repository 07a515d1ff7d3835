"""Files by their hash, and the index of certificates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds two tables. No event that is there is a certificate: the member that makes one is new."""
    op.create_table(
        "files",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("media", sa.String(length=32), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("party", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.BigInteger(), nullable=False),
        sa.Column("erased_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_files")),
    )
    op.create_table(
        "certificates",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("party", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("issued", sa.String(length=10), nullable=False),
        sa.Column("valid_until", sa.String(length=10), nullable=True),
        sa.Column("file", sa.LargeBinary(length=32), nullable=True),
        sa.ForeignKeyConstraint(["sequence"], ["events.sequence"], name=op.f("fk_certificates_sequence")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_certificates")),
    )
    op.create_index(op.f("ix_certificates_kind_sequence"), "certificates", ["kind", "sequence"])
    op.create_index(op.f("ix_certificates_valid_until_sequence"), "certificates", ["valid_until", "sequence"])
    op.create_index(op.f("ix_certificates_file"), "certificates", ["file"])


def downgrade() -> None:
    """Takes them away; the folder of files stays as it is."""
    op.drop_table("certificates")
    op.drop_table("files")
