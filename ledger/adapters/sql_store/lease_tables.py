"""
The table of leases: which process does which work in the background. The migrations make it; a test holds the two
equal. Nothing in it was acknowledged, and all of it may be lost: an epoch only must not be given out twice.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, String, Table, Text

from ledger.adapters.sql_store.columns import metadata

leases = Table(
    "leases",
    metadata,
    Column("role", String(32), primary_key=True),
    Column("holder", String(128), nullable=False),  # "" before the first one
    # One more with each holder. A write of the role names the epoch that it belongs to.
    Column("epoch", BigInteger, nullable=False),
    # Both by the database's clock, in Unix microseconds.
    Column("acquired", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    # What the holder said when it renewed: what keeps it from going on, and whether that will not pass by itself.
    Column("problem", Text, nullable=False),
    Column("stuck", Boolean, nullable=False),
)
