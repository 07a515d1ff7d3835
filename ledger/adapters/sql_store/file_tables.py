"""
The tables of files and certificates. The migrations make them; a test holds the two equal.

`files` says what is kept in the folder of files. `certificates` is an index over events, and can be made again from
them: what a certificate says, by the number of its event. Which lots it is about stands in the index of lots.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table, Text

from ledger.adapters.sql_store.columns import UInt64, bytes32, metadata

files = Table(
    "files",
    metadata,
    bytes32("hash", primary_key=True),
    Column("media", String(32), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("party", UInt64, nullable=False),
    Column("person", Text, nullable=False),
    Column("kept_at", BigInteger, nullable=False),  # Unix seconds
    Column("erased_at", BigInteger, nullable=True),
)

certificates = Table(
    "certificates",
    metadata,
    Column("sequence", BigInteger, ForeignKey("events.sequence"), primary_key=True, autoincrement=False),
    Column("party", UInt64, nullable=False),  # who supplied it
    Column("kind", String(32), nullable=False),
    Column("issuer", Text, nullable=False),
    Column("issued", String(10), nullable=False),  # days, YYYY-MM-DD
    Column("valid_until", String(10), nullable=True),
    bytes32("file", nullable=True),
    Index(None, "kind", "sequence"),
    Index(None, "valid_until", "sequence"),
    Index(None, "file"),
)

__all__ = ["certificates", "files"]
