"""
The tables that questions are answered from, beside the projection: what events say, for searching, and recalls that are
still on their way to descendants. `event_index` can be made again from the events (`event_rows`).

An index of the search ends in time and sequence number, which is the order in which a search answers: a page is read
from the index where the page before ended, and nothing is sorted.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, String, Table, text

from ledger.adapters.sql_store.columns import KeyText, RowNumber, UInt64, bytes32, metadata

DECLARED = text("is_declaration")
"""The condition of the partial index: SQLite takes it for a question only where it stands there word by word."""


def _where_given(column: str) -> Index:
    """What an event does not say has no place in the index."""
    given = text(f"{column} IS NOT NULL")
    return Index(None, column, "event_time", "sequence", sqlite_where=given, postgresql_where=given)


event_index = Table(
    "event_index",
    metadata,
    Column("sequence", RowNumber, ForeignKey("events.sequence"), primary_key=True, autoincrement=False),
    Column("event_time", BigInteger, nullable=False),  # Unix microseconds
    Column("event_type", String(32), nullable=False),
    Column("party", UInt64, nullable=False),
    Column("biz_step", KeyText, nullable=True),
    Column("read_point", KeyText, nullable=True),
    Column("biz_location", KeyText, nullable=True),
    Column("is_declaration", Boolean, nullable=False),
    # `id_hash` of the eventID of an error declaration; the other events are found by theirs in `events`.
    bytes32("declared_id", nullable=True),
    Index(None, "event_time", "sequence"),
    Index(None, "event_type", "event_time", "sequence"),
    Index(None, "party", "event_time", "sequence"),
    _where_given("biz_step"),
    _where_given("read_point"),
    _where_given("biz_location"),
    _where_given("declared_id"),
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
