"""
The tables of the transparency log. The migrations make them; a test holds the two equal.

`log_leaves` is acknowledged and never changed, but for `present`. `log_tiles` and the roots in `log_checkpoints` follow
from it and can be made again; what the chain said of a checkpoint can be read there again; signed notes cannot.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String, Table, UniqueConstraint

from ledger.adapters.sql_store.columns import bytes32, metadata


class CheckpointState(StrEnum):
    """Where a checkpoint stands. `INTEGRATED`: the chain does not have it (yet, or any more)."""

    INTEGRATED = "integrated"
    ON_CHAIN = "on-chain"
    FINAL = "final"


log_leaves = Table(
    "log_leaves",
    metadata,
    # Given out by the writer, under the write lock, from 0: none is visible before a lower one, and none is missing.
    Column("log_index", BigInteger, primary_key=True, autoincrement=False),
    bytes32("content_hash", ForeignKey("events.content_hash")),
    bytes32("signature_hash"),
    Column("sequence", BigInteger, ForeignKey("events.sequence"), nullable=False),
    # The content hash again where the leaf is of the event's present proof; None once the event was signed again.
    bytes32("present", nullable=True),
    # The highest outbox id when the leaf was appended: its place in the order of the registry's entries.
    Column("after_entry", BigInteger, nullable=False),
    Column("time", BigInteger, nullable=False),  # Unix seconds, and so is the deadline
    Column("merge_deadline", BigInteger, nullable=False),
    Column("signature", LargeBinary, nullable=False),  # the operator's, over the acknowledgement; 65 bytes
    bytes32("row_digest"),
    UniqueConstraint("present"),
)

log_tiles = Table(
    "log_tiles",
    metadata,
    # The level of C2SP tlog-tiles, or -1: a bundle of entries.
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("tile_index", BigInteger, primary_key=True, autoincrement=False),
    # How much is there by now, 1 to 256. Tiles only grow at their end: every narrower one is the beginning of this.
    Column("width", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

log_checkpoints = Table(
    "log_checkpoints",
    metadata,
    # The greatest size is that of the tree that the tiles are of.
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    bytes32("root"),
    Column("state", String(16), nullable=False),
    # As long as the chain has it.
    Column("previous_size", BigInteger, nullable=True),
    Column("block_number", BigInteger, nullable=True),
    bytes32("block_hash", nullable=True),
    Column("block_time", BigInteger, nullable=True),
    bytes32("transaction", nullable=True),
    Column("block_log_index", BigInteger, nullable=True),
    # Once published. What was signed stays published, whatever the chain does.
    Column("note", LargeBinary, nullable=True),
    bytes32("row_digest"),
)
