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
from ledger.domain.merkle import PerfectSubtrees, TreeHash, hash_proof
from ledger.domain.packed_bytes import unpacked

_BLOCK = 9
_MINUTE, _PAGE = 60_000_000, 20_000
_COMMIT = 25 * _PAGE
"""Copies in one transaction: the keys of two indexes lie anywhere, so each transaction writes most of their pages."""
_CACHE_KIB = 4_000_000
"""Room for what ten million copies change; taken as it is used."""
_LEAVES = """
SELECT l.*, e.content_hash, e.proof FROM log_leaves l JOIN events e ON e.sequence = l.sequence ORDER BY l.log_index
"""


def copy_events(world: World, count: int) -> list[Entry]:
    """
    Copies the event that was captured last until there are `count`, each a minute later than the one before, with its
    place in index and log; gives the entries of the whole log.
    """
    with _open(world) as connection:
        event = connection.execute("SELECT * FROM events ORDER BY sequence DESC LIMIT 1").fetchone()
        index = connection.execute("SELECT * FROM event_index ORDER BY sequence DESC LIMIT 1").fetchone()
        (lot,) = connection.execute("SELECT lot FROM event_lots WHERE sequence = ?", (event[0],)).fetchone()
        leaves = connection.execute(_LEAVES).fetchall()
        entries = [_entry(*row[-2:]) for row in leaves]
        proof = leaves[-1][-1]
        for first in range(event[0] + 1, count + 1, _PAGE):
            known = len(entries)
            rows: tuple[list[tuple[object, ...]], ...] = ([], [], [], [])
            for number in range(first, min(first + _PAGE, count + 1)):
                mark = sha256(number.to_bytes(8, "big")).digest()
                name = f"urn:uuid:{number}"
                rows[0].append((number, mark, name, id_hash(name), None, *event[5:]))
                rows[1].append((number, index[1] + (number - event[0]) * _MINUTE, *index[2:]))
                rows[2].append((lot, number))
                entries.append(_entry(mark, proof))
                rows[3].append((len(entries) - 1, entries[-1].leaf, number, 0, *leaves[-1][4:6]))
            for table, values in zip(("events", "event_index", "event_lots", "log_leaves"), rows, strict=True):
                _insert(connection, table, values)
            _acknowledge(connection, known, len(entries) - known)
            if (first - event[0] - 1) % _COMMIT == 0:
                connection.commit()
    return entries


def spread_leaves(world: World, leaves: int) -> list[Entry]:
    """
    Spreads the captured leaves over the log and puts others between them, of events that are their names and no more;
    gives all entries in their order.
    """
    with _open(world) as connection:
        captured = connection.execute(_LEAVES).fetchall()
        step = leaves // len(captured)
        places = {position * step: row for position, row in enumerate(captured)}
        entries, rows, events = [], [], []
        event = connection.execute("SELECT * FROM events ORDER BY sequence DESC LIMIT 1").fetchone()
        for index in range(leaves):
            row = places.get(index)
            if row is None:
                content = sha256(index.to_bytes(8, "big")).digest()
                entries.append(_entry(content, content))
                number, name = event[0] + 1 + index, f"urn:uuid:{index}"
                events.append((number, content, name, name, content, event[5], b"{}", content, *event[8:]))
                rows.append((index, entries[-1].leaf, number, 0, *captured[0][4:6]))
            else:
                entries.append(_entry(*row[-2:]))
                rows.append((index, *row[1:-2]))
        connection.execute("DELETE FROM log_leaves")
        _insert(connection, "events", events)
        _insert(connection, "log_leaves", rows)
        _acknowledge(connection, 0, leaves)
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
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        with connection:
            yield connection
    finally:
        connection.close()


def _entry(content: bytes, proof: bytes) -> Entry:
    return Entry(ContentHash(content), hash_proof(unpacked(proof)))


def _acknowledge(connection: sqlite3.Connection, first: int, count: int) -> None:
    """One acknowledgement for these leaves, over whatever there is for them; its signature is that of another."""
    rest = connection.execute("SELECT * FROM log_acknowledgements LIMIT 1").fetchone()[2:]
    connection.execute("DELETE FROM log_acknowledgements WHERE first_index >= ?", (first,))
    _insert(connection, "log_acknowledgements", [(first, count, *rest)])


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    marks = ", ".join("?" * len(rows[0]))
    connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608
