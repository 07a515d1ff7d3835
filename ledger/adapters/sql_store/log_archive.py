"""
The transparency log in SQL, as the world sees it: up to the newest published checkpoint and not one leaf further;
implements `ledger.ports_log.LogArchive`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from sqlalchemy import Connection, bindparam, select

from ledger.adapters.sql_store import log_rows as rows
from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.leaves import stored_acknowledgements
from ledger.adapters.sql_store.log_tables import PRESENT
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import ContentHash
from ledger.domain.log.acknowledged_leaves import Receipts
from ledger.domain.log.acknowledgement_json import SignedAcknowledgement
from ledger.domain.log.proofs import (
    ConsistencyProof,
    nodes_of_consistency,
    nodes_of_inclusion,
    prove_consistency,
    prove_inclusion,
)
from ledger.domain.log.tile_names import EntryBundle, Tile, hashes_at
from ledger.domain.log.tiles import Entry
from ledger.domain.merkle import TreeHash, hash_proof
from ledger.ports_log import Acknowledger, PublishedPlace

_L, _E = t.log_leaves.c, t.events.c
_NEWEST = rows.PUBLISHED.subquery("published")
_PLACE = (
    select(_L.log_index, _E.proof, _NEWEST.c.size, _NEWEST.c.root)
    .select_from(t.events)
    .join(t.log_leaves, _E.sequence == _L.sequence)
    .join(_NEWEST, _L.log_index < _NEWEST.c.size)
    .where(_E.content_hash == bindparam("content"), PRESENT)
)
"""Index and proof of a content's present leaf, beside the newest published checkpoint, if that covers it."""


class SqlLogArchive:
    """The published log of one database. `acknowledger` gives whose log it is, once that is known."""

    def __init__(self, database: Database, acknowledger: Callable[[], Acknowledger | None]) -> None:
        self._database = database
        self._acknowledger = acknowledger

    def published(self) -> bytes | None:
        """The newest published note."""
        with self._database.reading() as connection:
            row = rows.published_row(connection)
        return None if row is None else row["note"]

    def published_size(self) -> int:
        """How many leaves it covers."""
        with self._database.reading() as connection:
            return _published(connection)

    def tile(self, name: Tile | EntryBundle) -> bytes | None:
        """A tile or bundle as some log up to the published size has it."""
        with self._database.reading() as connection:
            level = name.level if isinstance(name, Tile) else 0
            if name.first + name.width > hashes_at(level, _published(connection)):
                return None
            return rows.tile_rows(connection, [name]).get(name)

    def inclusion(self, content_hash: ContentHash) -> PublishedPlace | None:
        """The place of the event's present proof."""
        with self._database.reading() as connection:
            row = connection.execute(_PLACE, {"content": content_hash}).first()
            if row is None:
                return None
            index, proof, size, root = row
            hashes = rows.hashes_of(connection, size, nodes_of_inclusion(index, size))
        entry = Entry(content_hash, hash_proof(proof))
        return PublishedPlace(entry, prove_inclusion(index, size, hashes), TreeHash(root))

    def consistency(self, first: int, second: int) -> ConsistencyProof:
        """Between two published sizes."""
        with self._database.reading() as connection:
            size = _published(connection)
            if not 0 <= first <= second <= size:
                message = f"two sizes of the published log, which has {size} leaves, the smaller one first"
                raise InvalidInput.one("first, second", "merkle.size", f"{first}, {second}", message)
            hashes = rows.hashes_of(connection, second, nodes_of_consistency(first, second))
        return prove_consistency(first, second, hashes)

    def acknowledgements(self, contents: Collection[ContentHash]) -> Mapping[ContentHash, SignedAcknowledgement]:
        """The stored acknowledgements of present proofs; none while it is not known whose log it is."""
        if (acknowledger := self._acknowledger()) is None:
            return {}
        with self._database.reading() as connection:
            return Receipts(stored_acknowledgements(connection, contents, acknowledger.domain))


def _published(connection: Connection) -> int:
    row = connection.execute(rows.PUBLISHED).first()
    return 0 if row is None else int(row.size)
