"""
The tables of the transparency log. The migrations make them; a test holds the two equal.

`log_leaves` is acknowledged and never changed, but for `replaced`; `log_acknowledgements` never. `log_tiles` and the
roots in `log_checkpoints` follow from the leaves and can be made again; what the chain said of a checkpoint can be read
there again; signed notes cannot.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, text

from ledger.adapters.sql_store.columns import RowNumber, bytes32, metadata


class CheckpointState(StrEnum):
    """Where a checkpoint stands. `INTEGRATED`: the chain does not have it (yet, or any more)."""

    INTEGRATED = "integrated"
    ON_CHAIN = "on-chain"
    FINAL = "final"


PRESENT = text("NOT log_leaves.replaced")
"""The condition, in the words of the partial index, that a leaf is of its event's present proof."""

log_leaves = Table(
    "log_leaves",
    metadata,
    # Given out by the writer, under the write lock, from 0: none is visible before a lower one, and none is missing.
    Column("log_index", RowNumber, primary_key=True, autoincrement=False),
    # Over the content hash and the signature proof of the event; which proof it was, shows in that.
    bytes32("leaf_hash"),
    Column("sequence", BigInteger, ForeignKey("events.sequence"), nullable=False),
    # The event was signed again: its present proof is in a later leaf.
    Column("replaced", Boolean, nullable=False),
    # The highest outbox id when the leaf was appended: its place in the order of the registry's entries.
    Column("after_entry", BigInteger, nullable=False),
    bytes32("row_digest"),
    Index(
        "ix_log_leaves_present",
        "sequence",
        unique=True,
        sqlite_where=text("NOT replaced"),
        postgresql_where=text("NOT replaced"),
    ),
)

log_acknowledgements = Table(
    "log_acknowledgements",
    metadata,
    # Of each leaf there is one: that of the greatest first index up to its own.
    Column("first_index", RowNumber, primary_key=True, autoincrement=False),
    Column("count", BigInteger, nullable=False),
    # Signed for a batch, be it of one; or, before there were batches, for one leaf by itself.
    Column("is_batch", Boolean, nullable=False),
    Column("time", BigInteger, nullable=False),  # Unix seconds, and so is the deadline
    Column("merge_deadline", BigInteger, nullable=False),
    Column("signature", LargeBinary, nullable=False),  # the operator's, over the leaves' tree head; 65 bytes
    bytes32("row_digest"),
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
