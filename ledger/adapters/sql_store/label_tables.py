"""
The tables of labels. The migrations make them; a test holds the two equal.

Nothing in them was acknowledged. Of a serial there is its hash; of a scan the day and the city, and how many they were.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint

from ledger.adapters.sql_store.columns import AnyText, UInt64, bytes32, metadata

label_serials = Table(
    "label_serials",
    metadata,
    bytes32("serial", primary_key=True),
    bytes32("lot"),
    Column("number", Integer, nullable=False),
    Column("made_at", BigInteger, nullable=False),  # Unix seconds
    Column("sold_day", Integer, nullable=True),  # as datetime.date.toordinal, and so are the others
    Column("sold_city", Text, nullable=False),
    UniqueConstraint("lot", "number"),
)

label_scans = Table(
    "label_scans",
    metadata,
    bytes32("lot", primary_key=True),
    bytes32("serial", primary_key=True),  # zeros: of all that nobody issued
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("city", String(64), primary_key=True),
    Column("scans", Integer, nullable=False),
)

label_reports = Table(
    "label_reports",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("product", UInt64, nullable=False),
    Column("code", Text, nullable=False),
    Column("number", Integer, nullable=True),
    Column("day", Integer, nullable=False),
    Column("city", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("text", AnyText, nullable=False),
    Column("done", Boolean, nullable=False),
    Index(None, "done", "day"),
)
