"""
The transparency log in SQL, as the checkpointer and verdicts see it; implements `ledger.ports_log.LogStore`.

The checkpoint of the greatest size is that of the tree that the stored tiles are of. A tile has one row, which grows;
what a smaller log had is cut out of it. So nothing has to be thrown away, and a crash leaves the one or the other.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import nullcontext
from typing import Any

from msgspec import structs
from sqlalchemy import Connection, Select, bindparam, delete, func, select

from ledger.adapters.sql_store import log_rows as rows
from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.leaves import LeafRows
from ledger.adapters.sql_store.log_forms import acknowledged_in, leaf_of
from ledger.adapters.sql_store.log_statements import ACKNOWLEDGED, HEAD, LEAVES
from ledger.adapters.sql_store.log_tables import PRESENT, CheckpointState
from ledger.adapters.sql_store.reading import Connect, chunks
from ledger.domain.errors import Conflict
from ledger.domain.identifiers import ContentHash
from ledger.domain.log.proofs import nodes_of_inclusion, nodes_of_root, prove_inclusion, root_at
from ledger.domain.log.tile_names import EntryBundle, Tile
from ledger.domain.merkle import EMPTY_ROOT, TreeHash, hash_proof
from ledger.domain.records import EntryState, LogPlace
from ledger.ports_log import Acknowledger, AnchoredCheckpoint, Head, LogCounts, StoredLeaf
from ledger.ports_outbox import Target

_BACKFILL = 500
_OPEN = (EntryState.QUEUED.value, EntryState.SENT.value)
_ANCHORED = (CheckpointState.ON_CHAIN, CheckpointState.FINAL)
_C, _L, _A, _E = t.log_checkpoints.c, t.log_leaves.c, t.log_acknowledgements.c, t.events.c
_JOINED = t.log_leaves.join(t.events, _E.sequence == _L.sequence)
_COVERED = (
    select(
        _E.content_hash,
        _L.log_index,
        select(_C.block_number)
        .where(_C.size > _L.log_index, _C.state == CheckpointState.FINAL.value)
        .order_by(_C.size)
        .limit(1)
        .scalar_subquery()
        .label("first_block"),
    )
    .select_from(_JOINED)
    .where(_E.content_hash.in_(bindparam("chunk", expanding=True)), PRESENT, _L.log_index < bindparam("size"))
)
"""Index, and block of the first final checkpoint that covers it, of each content's present leaf."""
_ENTRY_BEFORE = select(_L.after_entry).where(_L.log_index == bindparam("index"))
_HALF_WAITED = (
    select(_A.time + _A.merge_deadline)
    .where(_A.first_index <= bindparam("index"))
    .order_by(_A.first_index.desc())
    .limit(1)
)
"""Of a leaf: twice the time at which half of its merge delay is over."""


_FIRST_FORMER = select(t.former_proofs.c.entry).limit(1)


class SqlLog:
    """The log's rows of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -------------------------------------------------------------------------------------------- for verdicts

    def places(self, contents: Collection[ContentHash]) -> dict[ContentHash, LogPlace]:
        """See `ledger.ports.LogReader`. Reads the tiles that the proofs are in, and no leaf but those asked for."""
        with self._database.reading() as connection:
            final = connection.execute(rows.FINAL).first()
            if final is None:
                return {}
            size, block = final
            found = _covered(connection, contents, size)
            nodes = [node for index, _ in found.values() for node in nodes_of_inclusion(index, size)]
            hashes = rows.hashes_of(connection, size, nodes)
        return {
            content: LogPlace(prove_inclusion(index, size, hashes), block, first_block)
            for content, (index, first_block) in found.items()
        }

    # -------------------------------------------------------------------------------------------- growing

    def counts(self) -> LogCounts:
        """How far the log is."""
        with self._database.reading() as connection:
            sizes = [rows.newest(connection), rows.newest(connection, *_ANCHORED)]
            sizes += [rows.newest(connection, CheckpointState.FINAL), rows.published_row(connection)]
            return LogCounts(_leaf_count(connection), *(0 if row is None else row["size"] for row in sizes))

    def integrated(self) -> Head:
        """Size and root of the tree that the tiles are of."""
        with self._database.reading() as connection:
            return _head(connection)

    def leaves(self, first: int, limit: int) -> list[StoredLeaf]:
        """Leaves with the bytes that they follow from."""
        with self._database.reading() as connection:
            found = [leaf for leaf, _ in leaves_of(connection, first, limit)]
            if not found:
                return []
            acknowledged = _acknowledged(connection, found[0].index, found[-1].index)
        return [leaf if leaf.index in acknowledged else structs.replace(leaf, is_intact=False) for leaf in found]

    def releasable(self, now: float) -> int:
        """Leaves before which every entry of the registry is settled, and those that can wait no longer."""
        o = t.outbox_rows.c
        asked = select(func.min(o.id)).where(o.state.in_(_OPEN), o.target == Target.REGISTRY.value)
        with self._database.reading() as connection:
            count, first_open = _leaf_count(connection), connection.execute(asked).scalar()
            if first_open is None:
                return count
            in_order = _leading(connection, _ENTRY_BEFORE, first_open - 1, count)
            return max(in_order, _leading(connection, _HALF_WAITED, int(2 * now), count))

    def first_uncovered_entry(self) -> int | None:
        """`after_entry` of the first leaf that no checkpoint on chain covers."""
        with self._database.reading() as connection:
            covered = rows.newest(connection, *_ANCHORED)
            first = 0 if covered is None else covered["size"]
            found: int | None = connection.execute(select(_L.after_entry).where(_L.log_index == first)).scalar()
            return found

    def tile_contents(self, tiles: Collection[Tile]) -> dict[Tile, bytes]:
        """Tiles of the integrated tree."""
        with self._database.reading() as connection:
            found = rows.tile_rows(connection, tiles)
        return {name: content for name, content in found.items() if isinstance(name, Tile)}

    def bundle_contents(self, bundles: Collection[EntryBundle]) -> dict[EntryBundle, bytes]:
        """Bundles of the integrated tree."""
        with self._database.reading() as connection:
            found = rows.tile_rows(connection, bundles)
        return {name: content for name, content in found.items() if isinstance(name, EntryBundle)}

    def integrate(
        self, before: int, tiles: Sequence[tuple[Tile, bytes]], bundles: Sequence[tuple[EntryBundle, bytes]], after: int
    ) -> Head:
        """Stores what is new, and the root as the stored tiles have it."""
        with self._database.writing() as connection:
            if (size := _head(connection).size) != before:
                raise Conflict(f"the log has {size} leaves in tiles by now, not {before}")
            rows.store_tiles(connection, [*tiles, *bundles])
            root = root_at(after, rows.hashes_of(connection, after, nodes_of_root(after)))
            outdated = (_C.size == before, _C.state == CheckpointState.INTEGRATED.value, _C.note.is_(None))
            connection.execute(delete(t.log_checkpoints).where(*outdated))
            made = {"size": after, "root": bytes(root), "state": CheckpointState.INTEGRATED.value, "note": None}
            rows.put_checkpoint(connection, {**rows.UNANCHORED, **made})
        return Head(after, root)

    # -------------------------------------------------------------------------------------------- on chain

    def last_anchored(self, below: int | None = None) -> AnchoredCheckpoint | None:
        """The newest checkpoint seen on chain."""
        with self._database.reading() as connection:
            row = rows.newest(connection, *_ANCHORED, below=below)
        return None if row is None else rows.anchored_of(row)

    def anchored_since(self, time: int) -> list[AnchoredCheckpoint]:
        """Checkpoints in blocks after that time."""
        asked = select(t.log_checkpoints).where(_C.block_time > time, _C.state.in_([one.value for one in _ANCHORED]))
        with self._database.reading() as connection:
            return [rows.anchored_of(dict(row)) for row in connection.execute(asked.order_by(_C.size)).mappings()]

    def anchor(self, checkpoints: Sequence[AnchoredCheckpoint]) -> None:
        """Takes in what the chain has."""
        with self._database.writing() as connection:
            for one in checkpoints:
                known = rows.checkpoint_row(connection, one.checkpoint.size)
                note = None if known is None else known["note"]
                rows.put_checkpoint(connection, rows.row_of(one, CheckpointState.ON_CHAIN, note))

    def forget_anchors(self, above: int) -> int:
        """Takes back what the chain said of checkpoints of greater sizes."""
        states = [state.value for state in _ANCHORED]
        with self._database.writing() as connection:
            size = _head(connection).size
            asked = select(t.log_checkpoints).where(_C.size > above, _C.state.in_(states))
            forgotten = [dict(row) for row in connection.execute(asked).mappings()]
            for row in forgotten:
                if row["note"] is None and row["size"] != size:
                    connection.execute(delete(t.log_checkpoints).where(_C.size == row["size"]))
                else:
                    state = {"state": CheckpointState.INTEGRATED.value}
                    rows.put_checkpoint(connection, {**row, **rows.UNANCHORED, **state})
        return len(forgotten)

    def finalize(self, block: int) -> int:
        """Checkpoints up to that block are final."""
        due = (_C.state == CheckpointState.ON_CHAIN.value, _C.block_number <= block)
        with self._database.reading() as connection:
            if connection.execute(select(_C.size).where(*due).limit(1)).first() is None:
                return 0
        with self._database.writing() as connection:
            found = [dict(row) for row in connection.execute(select(t.log_checkpoints).where(*due)).mappings()]
            for row in found:
                rows.put_checkpoint(connection, {**row, "state": CheckpointState.FINAL.value})
        return len(found)

    def unpublished(self) -> Head | None:
        """The newest final checkpoint, if it is to be published."""
        with self._database.reading() as connection:
            final, published = rows.newest(connection, CheckpointState.FINAL), rows.published_row(connection)
        if final is None or (published is not None and published["size"] >= final["size"]):
            return None
        return Head(final["size"], TreeHash(final["root"]))

    def publish(self, size: int, note: bytes) -> None:
        """Keeps the note. `Conflict` where the checkpoint is not final any more, or has one."""
        with self._database.writing() as connection:
            row = rows.checkpoint_row(connection, size)
            if row is None or row["state"] != CheckpointState.FINAL.value or row["note"] is not None:
                raise Conflict(f"the checkpoint of size {size} is not to be published")
            rows.put_checkpoint(connection, {**row, "note": note})

    # -------------------------------------------------------------------------------------------- older databases

    def backfill(self, acknowledger: Acknowledger) -> int:
        """
        Gives events that were recorded before there was a log their leaves, in order of sequence; returns how many.
        Before anything else is appended.
        """
        given = 0
        while True:
            with self._database.writing() as connection:
                missing = _without_leaf(connection)
                leaves = LeafRows(_bound(connection), acknowledger, writes=True)
                last = connection.execute(select(func.coalesce(func.max(t.outbox_rows.c.id), 0))).scalar_one()
                for row in missing:
                    leaves.append(ContentHash(row.content_hash), hash_proof(row.proof), row.sequence, last)
                leaves.flush(connection)
            if not missing:
                return given
            given += len(missing)


def leaves_of(connection: Connection, first: int, limit: int) -> list[tuple[StoredLeaf, bool]]:
    """Leaves from that index on, each with whether it is of its event's present proof."""
    found: Sequence[Any] = connection.execute(LEAVES, {"first": first, "limit": limit}).all()
    former = _former_proofs(connection, found)
    return [(leaf_of(row, former), not row.replaced) for row in found]


def _acknowledged(connection: Connection, first: int, last: int) -> set[int]:
    """Which of these leaves have an acknowledgement in a row that is as it was written."""
    return acknowledged_in(connection.execute(ACKNOWLEDGED, {"first": first, "last": last}), first, last)


def _bound(connection: Connection) -> Connect:
    return lambda: nullcontext(connection)


def _without_leaf(connection: Connection) -> list[Any]:
    """The first events without a leaf. Those that have one are all below: they were given out in order."""
    newest = connection.execute(select(func.max(_E.sequence))).scalar()
    last = connection.execute(select(func.coalesce(func.max(_L.sequence), 0)).where(PRESENT)).scalar_one()
    if newest is None or newest == last:
        return []
    asked = select(_E.sequence, _E.content_hash, _E.proof).where(_E.sequence > last).order_by(_E.sequence)
    return list(connection.execute(asked.limit(_BACKFILL)))


def _leaf_count(connection: Connection) -> int:
    return int(connection.execute(select(func.coalesce(func.max(_L.log_index), -1))).scalar_one()) + 1


def _leading(connection: Connection, asked: Select[int], most: int, count: int) -> int:
    """
    For how many leaves from the first on the number that is asked for is no more than that; by halves: it only grows.
    """
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        found = connection.execute(asked, {"index": middle}).scalar()
        if found is None or found > most:
            high = middle
        else:
            low = middle + 1
    return low


def _head(connection: Connection) -> Head:
    row = connection.execute(HEAD).first()
    return Head(0, EMPTY_ROOT) if row is None else Head(row.size, TreeHash(row.root))


def _covered(
    connection: Connection, contents: Collection[ContentHash], size: int
) -> dict[ContentHash, tuple[int, int]]:
    """Index, and block of the first final checkpoint that covers it, of the present leaf of each content."""
    found: dict[ContentHash, tuple[int, int]] = {}
    for chunk in chunks(contents):
        for row in connection.execute(_COVERED, {"chunk": chunk, "size": size}):
            found[ContentHash(row.content_hash)] = (row.log_index, row.first_block)
    return found


def _former_proofs(connection: Connection, leaves: Sequence[Any]) -> dict[bytes, tuple[bytes, ...]]:
    f = t.former_proofs.c
    if connection.execute(_FIRST_FORMER).first() is None:  # as nearly always: few are signed again
        return {}
    found: dict[bytes, tuple[bytes, ...]] = {}
    for chunk in chunks({row.content_hash for row in leaves}):
        for row in connection.execute(select(f.content_hash, f.proof).where(f.content_hash.in_(chunk))):
            found[row.content_hash] = (*found.get(row.content_hash, ()), row.proof)
    return found
