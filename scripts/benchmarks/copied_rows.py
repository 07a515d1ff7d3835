"""
Many rows in seconds, written into the tables as capture would have left them: copies of what was captured, with
identities of their own. They are searched, listed and proven to be in the log; their signatures are another event's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256

from ledger_fixture import World

from ledger.adapters.sql_store.columns import id_hash
from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.log_rows import put_checkpoint
from ledger.domain.identifiers import ContentHash
from ledger.domain.log.proofs import root_at
from ledger.domain.log.tiles import Entry, TileHashes, bundles_grown, grow
from ledger.domain.merkle import PerfectSubtrees, SignatureHash, TreeHash

_BLOCK = 9
_MINUTE, _PAGE = 60_000_000, 20_000


def copy_events(world: World, count: int) -> list[Entry]:
    """
    Copies the event that was captured last until there are `count`, each a minute later than the one before, with its
    place in index and log; gives the entries of the whole log.
    """
    with _open(world) as connection:
        event = connection.execute("SELECT * FROM events ORDER BY sequence DESC LIMIT 1").fetchone()
        index = connection.execute("SELECT * FROM event_index ORDER BY sequence DESC LIMIT 1").fetchone()
        (lot,) = connection.execute("SELECT lot FROM event_lots WHERE sequence = ?", (event[0],)).fetchone()
        leaves = connection.execute("SELECT * FROM log_leaves ORDER BY log_index").fetchall()
        entries = [Entry(ContentHash(row[1]), SignatureHash(row[2])) for row in leaves]
        for first in range(event[0] + 1, count + 1, _PAGE):
            rows: tuple[list[tuple[object, ...]], ...] = ([], [], [], [])
            for number in range(first, min(first + _PAGE, count + 1)):
                mark = sha256(number.to_bytes(8, "big")).digest()
                name = f"urn:uuid:{number}"
                rows[0].append((number, mark, name, id_hash(name), None, *event[5:]))
                rows[1].append((number, index[1] + (number - event[0]) * _MINUTE, *index[2:]))
                rows[2].append((lot, number))
                rows[3].append((len(entries), mark, sha256(mark).digest(), number, mark, *leaves[-1][5:]))
                entries.append(Entry(ContentHash(mark), SignatureHash(sha256(mark).digest())))
            for table, values in zip(("events", "event_index", "event_lots", "log_leaves"), rows, strict=True):
                _insert(connection, table, values)
    return entries


def spread_leaves(world: World, leaves: int) -> list[Entry]:
    """Spreads the captured leaves over the log and puts others between them; gives all entries in their order."""
    with _open(world) as connection:
        captured = connection.execute("SELECT * FROM log_leaves ORDER BY log_index").fetchall()
        step = leaves // len(captured)
        places = {position * step: row for position, row in enumerate(captured)}
        entries, rows = [], []
        for index in range(leaves):
            row = places.get(index)
            if row is None:
                content = sha256(index.to_bytes(8, "big")).digest()
                row = (index, content, sha256(content).digest(), captured[0][3], content, *captured[0][5:])
            rows.append((index, *row[1:]))
            entries.append(Entry(ContentHash(row[1]), SignatureHash(row[2])))
        connection.execute("DELETE FROM log_leaves")
        _insert(connection, "log_leaves", rows)
    return entries


def publish(world: World, entries: Sequence[Entry]) -> TreeHash:
    """Stores the tiles and one checkpoint over all leaves, final on chain and published."""
    size = len(entries)
    tiles = dict(grow(0, [entry.leaf for entry in entries], PerfectSubtrees.of([])))
    root = root_at(size, TileHashes(size, tiles.__getitem__))
    world.store.log.integrate(0, list(tiles.items()), list(bundles_grown(0, entries, ())), size)
    row = {
        "size": size, "root": bytes(root), "state": "final", "previous_size": 0, "block_number": _BLOCK,
        "block_hash": bytes(32), "block_time": 1, "transaction": bytes(32), "block_log_index": 0, "note": b"a note",
    }  # fmt: skip
    database = Database(world.url)
    with database.writing() as connection:
        put_checkpoint(connection, row)
    database.close()
    return root


@contextmanager
def _open(world: World) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(world.database)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        with connection:
            yield connection
    finally:
        connection.close()


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    marks = ", ".join("?" * len(rows[0]))
    connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608
