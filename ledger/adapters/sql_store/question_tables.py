"""
The tables that questions are answered from, beside the projection: what events say, for searching, and recalls that are
still on their way to descendants. `event_index` can be made again from the events (`event_rows`).

An index of the search ends in time and sequence number, which is the order in which a search answers: a page is read
from the index where the page before ended, and nothing is sorted.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, String, Table, text

from ledger.adapters.sql_store.columns import KeyText, UInt64, bytes32, metadata

DECLARED = text("is_declaration")
"""The condition of the partial index: SQLite takes it for a question only where it stands there word by word."""

event_index = Table(
    "event_index",
    metadata,
    Column("sequence", BigInteger, ForeignKey("events.sequence"), primary_key=True, autoincrement=False),
    Column("event_time", BigInteger, nullable=False),  # Unix microseconds
    Column("event_type", String(32), nullable=False),
    Column("party", UInt64, nullable=False),
    Column("biz_step", KeyText, nullable=True),
    Column("read_point", KeyText, nullable=True),
    Column("biz_location", KeyText, nullable=True),
    Column("is_declaration", Boolean, nullable=False),
    Column("event_id", KeyText, nullable=False),
    Index(None, "event_id", "event_time", "sequence"),
    Index(None, "event_time", "sequence"),
    Index(None, "event_type", "event_time", "sequence"),
    Index(None, "party", "event_time", "sequence"),
    Index(None, "biz_step", "event_time", "sequence"),
    Index(None, "read_point", "event_time", "sequence"),
    Index(None, "biz_location", "event_time", "sequence"),
    Index("ix_event_index_declarations", "event_time", "sequence", sqlite_where=DECLARED, postgresql_where=DECLARED),
)

recalls_to_carry = Table(
    "recalls_to_carry",
    metadata,
    bytes32("lot", primary_key=True),
    # In this order they are carried: parents first.
    Column("position", BigInteger, nullable=False, index=True),
    # Whether the lots made from it still have to be written here, each at a place of its own.
    Column("spreads", Boolean, nullable=False),
)

__all__ = ["DECLARED", "event_index", "recalls_to_carry"]
