"""
The rows of tiles and checkpoints, to values and back: what the log's two faces, `log` and `log_archive`, share.

All functions work on the caller's connection. Raises `StoreError` for what cannot have been written by us.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, or_, select

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.codec import row_digest
from ledger.adapters.sql_store.dialect import upsert
from ledger.adapters.sql_store.log_forms import BUNDLES, content_of, level_of
from ledger.adapters.sql_store.log_tables import CheckpointState
from ledger.adapters.sql_store.reading import chunks
from ledger.domain.errors import StoreError
from ledger.domain.log.proofs import Node
from ledger.domain.log.tile_names import EntryBundle, Tile
from ledger.domain.log.tiles import TileHashes, tiles_with
from ledger.domain.merkle import TreeHash
from ledger.domain.records import ChainCheckpoint
from ledger.ports_log import AnchoredCheckpoint

CHECKPOINT_DIGESTED = (
    "size", "root", "state", "previous_size", "block_number", "block_hash", "block_time", "transaction",
    "block_log_index", "note",
)  # fmt: skip
UNANCHORED: Mapping[str, Any] = dict.fromkeys(
    ("previous_size", "block_number", "block_hash", "block_time", "transaction", "block_log_index")
)
"""What is known of a checkpoint that the chain does not have."""
_C, _T = t.log_checkpoints.c, t.log_tiles.c
_TILES = select(_T.level, _T.tile_index, _T.width, _T.content)
_FEW = 8
"""Tiles that one statement names one by one: at least as many as an inclusion proof is in, up to 2^32 leaves."""
PUBLISHED = select(_C.size, _C.root).where(_C.note.is_not(None)).order_by(_C.size.desc()).limit(1)
"""Size and root of the newest checkpoint that was published."""
FINAL = (
    select(_C.size, _C.block_number).where(_C.state == CheckpointState.FINAL.value).order_by(_C.size.desc()).limit(1)
)
"""Size and block of the newest checkpoint that is final."""


def tile_rows(connection: Connection, names: Collection[Tile | EntryBundle]) -> dict[Tile | EntryBundle, bytes]:
    """The content of those that are stored at least so wide, cut to their width."""
    wanted: dict[tuple[int, int], list[Tile | EntryBundle]] = {}
    for name in names:
        wanted.setdefault((level_of(name), name.index), []).append(name)
    found: dict[Tile | EntryBundle, bytes] = {}
    for level, index, width, stored in _stored(connection, wanted):
        for name in wanted[level, index]:
            if (content := content_of(name, width, stored)) is not None:
                found[name] = content
    return found


def _stored(connection: Connection, places: Collection[tuple[int, int]]) -> Iterator[Any]:
    """The rows of these levels and indexes. Whole: a proof needs nearly all of a tile that it needs one node of."""
    if 0 < len(places) <= _FEW:
        values: dict[str, int] = {}
        for number, (level, index) in enumerate(places):
            values[f"level{number}"], values[f"index{number}"] = level, index
        yield from connection.execute(_one_by_one(len(places)), values)
        return
    levels: dict[int, list[int]] = {}
    for level, index in places:
        levels.setdefault(level, []).append(index)
    for level, indexes in levels.items():
        for chunk in chunks(indexes):
            yield from connection.execute(_TILES.where(_T.level == level, _T.tile_index.in_(chunk)))


@cache
def _one_by_one(count: int) -> Select[Any]:
    """
    The question for so many tiles, whatever their levels: one instead of one a level. As alternatives, each of which is
    looked up in the primary key: against a list of pairs SQLite would hold every row of the table.
    """
    numbers = range(count)
    return _TILES.where(
        or_(*(and_(_T.level == bindparam(f"level{n}"), _T.tile_index == bindparam(f"index{n}")) for n in numbers))
    )


def hashes_of(connection: Connection, size: int, nodes: Collection[Node]) -> TileHashes:
    """
    A reader of these nodes (and of what lies in the same tiles) of a log of that size; what it needs is read here, at
    once. A tile that is missing is `StoreError` when it is asked for.
    """
    contents = tile_rows(connection, tiles_with(nodes, size))

    def source(tile: Tile) -> bytes:
        try:
            return contents[tile]
        except KeyError:
            raise StoreError(f"the log's {tile.path} is not stored") from None

    return TileHashes(size, source)


def store_tiles(connection: Connection, contents: Collection[tuple[Tile | EntryBundle, bytes]]) -> None:
    """Inserts them, over the narrower ones that they go on from."""
    upsert(
        connection,
        t.log_tiles,
        [
            {"level": level_of(name), "tile_index": name.index, "width": name.width, "content": content}
            for name, content in contents
        ],
    )


def name_of(level: int, index: int, width: int) -> Tile | EntryBundle:
    """The name of a stored row; `InvalidInput` where no log has it."""
    return EntryBundle(index, width) if level == BUNDLES else Tile(level, index, width)


# ------------------------------------------------------------------------------------------------ checkpoints


def checkpoint_row(connection: Connection, size: int) -> dict[str, Any] | None:
    """The row of that size."""
    found = connection.execute(select(t.log_checkpoints).where(_C.size == size)).mappings().first()
    return None if found is None else dict(found)


def newest(connection: Connection, *states: CheckpointState, below: int | None = None) -> dict[str, Any] | None:
    """The row of the greatest size in one of these states, or in any where none is named."""
    asked = select(t.log_checkpoints)
    if states:
        asked = asked.where(or_(*(_C.state == state.value for state in states)))
    if below is not None:
        asked = asked.where(_C.size < below)
    found = connection.execute(asked.order_by(_C.size.desc()).limit(1)).mappings().first()
    return None if found is None else dict(found)


def put_checkpoint(connection: Connection, row: Mapping[str, Any]) -> None:
    """Writes the row with its digest, over one of the same size."""
    values = {name: row[name] for name in CHECKPOINT_DIGESTED}
    upsert(connection, t.log_checkpoints, [{**values, "row_digest": row_digest(values, CHECKPOINT_DIGESTED)}])


def anchored_of(row: Mapping[str, Any]) -> AnchoredCheckpoint:
    """What the chain said of a checkpoint that it has."""
    if row["block_number"] is None or row["block_hash"] is None:
        raise StoreError(f"the checkpoint of size {row['size']} is said to be on chain, and not where")
    checkpoint = ChainCheckpoint(
        size=row["size"],
        root=TreeHash(row["root"]),
        previous_size=row["previous_size"],
        block_number=row["block_number"],
        block_time=row["block_time"],
        transaction=row["transaction"],
        log_index=row["block_log_index"],
    )
    return AnchoredCheckpoint(checkpoint, row["block_hash"])


def row_of(anchored: AnchoredCheckpoint, state: CheckpointState, note: bytes | None) -> dict[str, Any]:
    """The row of a checkpoint that the chain has."""
    one = anchored.checkpoint
    return {
        "size": one.size,
        "root": bytes(one.root),
        "state": state.value,
        "previous_size": one.previous_size,
        "block_number": one.block_number,
        "block_hash": anchored.block_hash,
        "block_time": one.block_time,
        "transaction": one.transaction,
        "block_log_index": one.log_index,
        "note": note,
    }


def published_row(connection: Connection) -> dict[str, Any] | None:
    """The row of the newest checkpoint that was published."""
    asked = select(t.log_checkpoints).where(_C.note.is_not(None)).order_by(_C.size.desc()).limit(1)
    found = connection.execute(asked).mappings().first()
    return None if found is None else dict(found)
