"""
What growing the log reads, by SQLite's driver alone: for a process of its own, which has neither SQLAlchemy nor the
rest of the store in its memory (`ledger.services.integrate_elsewhere`). Only reads, and one view at a time.

What is read is understood by the functions that the store has for it (`log_forms`). Where values are not of the kinds
that are written, the process is not sure of them, which is `StoreError`, as every error of the file is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec import structs

from ledger.adapters.sql_store.log_forms import acknowledged_in, content_of, leaf_of, level_of
from ledger.domain.errors import StoreError
from ledger.domain.log.tile_names import EntryBundle, Tile
from ledger.domain.merkle import EMPTY_ROOT, TreeHash
from ledger.domain.packed_bytes import unpacked
from ledger.ports_log import Head, StoredLeaf

_BUSY_SECONDS = 5
_CACHE_KIBIBYTES = 64  # rows are read once, in the order in which they lie
_CONFIGURED = (
    "query_only=ON",
    # Folding the write-ahead log in is the writer's.
    "wal_autocheckpoint=0",
    f"cache_size=-{_CACHE_KIBIBYTES}",
)


@dataclass(frozen=True, slots=True)
class SqlStatement:
    """SQL with named parameters, and the values of those that are its own."""

    text: str
    own: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PageStatements:
    """What is asked; the columns are those of `log_statements`, which makes them."""

    head: SqlStatement
    leaves: SqlStatement
    acknowledged: SqlStatement
    tile: SqlStatement


class SqliteLogPages:
    """The log in one file, which is opened by the first view and stays open; after an error it is opened anew."""

    def __init__(self, path: Path, statements: PageStatements) -> None:
        # `mode=ro`: a file that is not there is not made.
        self._address = f"{path.resolve().as_uri()}?mode=ro"
        self._statements = statements
        self._kept: sqlite3.Connection | None = None

    @contextmanager
    def view(self) -> Iterator[SqliteLogView]:
        """One state of the log while the block runs. Short: as long as it lasts, the write-ahead log grows."""
        try:
            if self._kept is None:
                self._kept = _opened(self._address)
            self._kept.execute("BEGIN")
            yield SqliteLogView(self._kept, self._statements)
            self._kept.execute("COMMIT")
        except BaseException as error:
            self.close()
            if isinstance(error, sqlite3.Error):
                raise StoreError(f"the database failed: {error}") from error
            raise

    def close(self) -> None:
        """Closes the file, and with it what view there is."""
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.close()


class SqliteLogView:
    """One state of the log; implements `ledger.ports_log.GrowthReader`."""

    def __init__(self, connection: sqlite3.Connection, statements: PageStatements) -> None:
        self._connection = connection
        self._statements = statements

    def integrated(self) -> Head:
        """Size and root of the tree that the tiles are of."""
        found = self._all(self._statements.head)
        return Head(found[0][0], TreeHash(found[0][1])) if found else Head(0, EMPTY_ROOT)

    def leaves(self, first: int, limit: int) -> list[StoredLeaf]:
        """
        Leaves with the bytes that they follow from. Proofs of before an event was signed again are not looked for: the
        leaf of such a one follows from nothing here.
        """
        rows = self._all(self._statements.leaves, first=first, limit=limit)
        found = [leaf_of((*row[:-2], *map(as_written, row[-2:])), {}) for row in rows]
        if not found:
            return []
        last = found[-1].index
        asked = self._all(self._statements.acknowledged, first=found[0].index, last=last)
        acknowledged = acknowledged_in(map(_acknowledgement, asked), found[0].index, last)
        return [leaf if leaf.index in acknowledged else structs.replace(leaf, is_intact=False) for leaf in found]

    def tile_contents(self, tiles: Collection[Tile]) -> dict[Tile, bytes]:
        """Tiles of the integrated tree."""
        return {tile: content for tile in tiles if (content := self._content(tile)) is not None}

    def bundle_contents(self, bundles: Collection[EntryBundle]) -> dict[EntryBundle, bytes]:
        """Bundles of the integrated tree."""
        return {bundle: content for bundle in bundles if (content := self._content(bundle)) is not None}

    def _content(self, name: Tile | EntryBundle) -> bytes | None:
        found = self._all(self._statements.tile, level=level_of(name), index=name.index)
        return content_of(name, *found[0]) if found else None

    def _all(self, statement: SqlStatement, **given: int) -> list[Any]:
        # All at once: a cursor that is not read to its end keeps its view.
        return self._connection.execute(statement.text, {**statement.own, **given}).fetchall()


def as_written(stored: object) -> bytes:
    """The body or proof of an event from what stands in its column, packed or not."""
    if type(stored) is not bytes:
        raise StoreError(f"the body or proof of an event is stored as {type(stored).__name__}, not as bytes")
    return unpacked(stored)


def _acknowledgement(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A truth value is 0 or 1 in the file, and its digest is that of a truth value; of anything else it is none."""
    first_index, count, is_batch, *rest = row
    return first_index, count, bool(is_batch) if is_batch in (0, 1) else is_batch, *rest


def _opened(address: str) -> sqlite3.Connection:
    connection = sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        for pragma in _CONFIGURED:
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection
