"""
The tables of the capture interface. The migrations make them; a test holds the two equal.

Neither holds anything that was acknowledged: keys are the operator's to give and take, jobs are forgotten after a
while.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from ledger.adapters.sql_store.columns import UInt64, bytes32, metadata

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("party", UInt64, nullable=False),
    Column("name", Text, nullable=False),
    Column("actions", Text, nullable=False),  # names with a space between them, in order
    bytes32("secret_hash"),
    Column("created_at", BigInteger, nullable=False),  # Unix seconds, and so are the others
    Column("expires_at", BigInteger, nullable=True),
    Column("revoked_at", BigInteger, nullable=True),
    Column("last_used", BigInteger, nullable=True),  # the beginning of a day
)

capture_jobs = Table(
    "capture_jobs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("party", UInt64, nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("created_at", BigInteger, nullable=False),  # Unix microseconds
    Column("finished_at", BigInteger, nullable=False),
    Column("success", Boolean, nullable=False),
    Column("with_rollback", Boolean, nullable=False),
    Column("event_count", Integer, nullable=False),
    Column("repeated", Integer, nullable=False),
    # 32 bytes an event: its content hash, or zeros where it was not recorded.
    Column("contents", LargeBinary, nullable=False),
    Column("errors", LargeBinary, nullable=False),  # JSON: [[event, field, rule, value, message], ...]
    Column("error_count", Integer, nullable=False),
    Index(None, "party", "created_at", "id"),
    Index(None, "created_at"),
)
