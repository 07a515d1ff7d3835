"""
The table that a hub's pages are answered from: which events are about which consignment, and when. It can be made again
from the events (`consignment_rows`).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table

from ledger.adapters.sql_store.columns import UInt64, bytes32, metadata

consignment_events = Table(
    "consignment_events",
    metadata,
    bytes32("consignment", primary_key=True),
    Column("sequence", BigInteger, ForeignKey("events.sequence"), primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),  # `consignment_rows.ConsignmentKind`
    Column("party", UInt64, nullable=False),  # who signed
    Column("event_time", BigInteger, nullable=False),  # Unix microseconds
    Column("due_time", BigInteger, nullable=True),  # Unix microseconds; of shipments that state it
    Index(None, "sequence"),
    Index(None, "party", "kind", "event_time", "sequence"),
)

__all__ = ["consignment_events"]
