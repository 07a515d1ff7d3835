"""
Growing the log: new leaves are derived again from what is stored, and only then get into tiles; no network.

A page at a time, so that no more than a page's event bodies are in memory. For each leaf the stored body is hashed, and
the stored proof; both together have to make the leaf. The root of what is there has to be what was kept with it. A
difference stops the log (`LogStopped`), names the event, and nothing of it is integrated: one flipped bit that gets
into a root which is then published ends a log for good.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ledger.domain.content_hash import content_hash, hash_of_canonical
from ledger.domain.errors import InvalidInput, StoreError
from ledger.domain.json_tree import parse_json_object
from ledger.domain.log.proofs import nodes_of_root, root_at
from ledger.domain.log.tile_names import TILE_HEIGHT, TILE_WIDTH, EntryBundle, Tile, hashes_at, levels_of, tile_at
from ledger.domain.log.tiles import Entry, TileHashes, bundles_grown, decode_entries, grow, tiles_with
from ledger.domain.merkle import TreeHash
from ledger.ports_log import GrowthReader, LogStore, StoredLeaf

PAGE = 1_000
"""Leaves integrated in one write transaction, and bodies in memory at once: some two megabytes."""


class LogStopped(StoreError):
    """What is stored contradicts itself or the chain: the log does not go on until somebody has looked."""


@dataclass(frozen=True, slots=True)
class Grown:
    """What a log of `before` leaves gets when it grows to `after`."""

    before: int
    tiles: Sequence[tuple[Tile, bytes]]
    bundles: Sequence[tuple[EntryBundle, bytes]]
    after: int


Integrate = Callable[[LogStore, int, int], int]
"""What `integrate` does."""


def integrate(store: LogStore, limit: int, page: int = PAGE) -> int:
    """Integrates the next page of leaves, of those below index `limit`; returns how many."""
    grown = derive(store, limit, page, page)
    if grown is None:
        return 0
    store.integrate(grown.before, grown.tiles, grown.bundles, grown.after)
    return grown.after - grown.before


def derive(store: GrowthReader, limit: int, page: int, at_once: int) -> Grown | None:
    """
    What comes of the next page of leaves, of those below index `limit`, with `at_once` of their bodies in memory; None
    where there are none. `LogStopped` where anything does not follow from what is stored.
    """
    head = store.integrated()
    leaves: list[TreeHash] = []
    entries: list[Entry] = []
    end = min(limit, head.size + page)
    while (first := head.size + len(leaves)) < end:
        found = store.leaves(first, min(at_once, end - first))
        if not found:
            break
        for index, leaf in enumerate(found, start=first):
            entries.append(_rederive(index, leaf))
            leaves.append(leaf.leaf_hash)
    if not leaves:
        return None
    stored = hashes_at_end(store, head.size)
    if root_at(head.size, stored) != head.root:
        raise LogStopped(f"the tiles of the log do not lead to the root that was kept for its {head.size} leaves")
    tiles = list(grow(head.size, leaves, stored))
    bundles = list(bundles_grown(head.size, entries, _partial_bundle(store, head.size, stored)))
    return Grown(head.size, tiles, bundles, head.size + len(leaves))


def root_of(store: LogStore, size: int) -> TreeHash:
    """The root over the first leaves, from the tiles as they are stored."""
    of = store.integrated().size
    return root_at(size, hashes_with(store, tiles_with(nodes_of_root(size), of), of))


def hashes_at_end(store: GrowthReader, size: int) -> TileHashes:
    """A reader of what a root, and growing, need of a log of that size."""
    last = [
        tile_at(level, hashes_at(level, size) >> TILE_HEIGHT, size)
        for level in levels_of(size)
        if hashes_at(level, size) % TILE_WIDTH
    ]
    return hashes_with(store, [*last, *tiles_with(nodes_of_root(size), size)], size)


def hashes_with(store: GrowthReader, tiles: Sequence[Tile], size: int) -> TileHashes:
    """A reader of what lies in these tiles, all read at once."""
    contents = store.tile_contents(set(tiles))

    def source(tile: Tile) -> bytes:
        if tile not in contents:
            raise LogStopped(f"the log's {tile.path} is missing")
        return contents[tile]

    return TileHashes(size, source)


def _partial_bundle(store: GrowthReader, size: int, stored: TileHashes) -> Sequence[Entry]:
    width = size % TILE_WIDTH
    if not width:
        return ()
    name = EntryBundle(size >> TILE_HEIGHT, width)
    content = store.bundle_contents([name]).get(name)
    if content is None:
        raise LogStopped(f"the log's {name.path} is missing")
    try:
        entries = decode_entries(content, width)
    except InvalidInput as error:
        raise LogStopped(f"the log's {name.path} cannot be read: {error}") from error
    for index, entry in enumerate(entries, start=name.first):
        if stored.node(0, index) != entry.leaf:
            raise LogStopped(f"the log's {name.path} has another entry {index} than the tile above it")
    return entries


def _rederive(index: int, leaf: StoredLeaf) -> Entry:
    if leaf.index != index:
        raise LogStopped(f"leaf {index} of the log is missing")
    if not leaf.is_intact:
        raise _contradicted(leaf, "the leaf is not what was written, or its acknowledgement is not")
    wanted = leaf.content_hash
    if hash_of_canonical(leaf.body) != wanted:  # it has to be read, or is another one
        try:
            found = content_hash(parse_json_object(leaf.body))
        except InvalidInput as error:
            raise _contradicted(leaf, f"the body cannot be read: {error}") from error
        if found != wanted:
            raise _contradicted(leaf, f"the body hashes to 0x{found.hex()}, not to 0x{wanted.hex()}")
    if (entry := leaf.entry()) is None:
        raise _contradicted(leaf, f"no stored signature proof makes the leaf 0x{leaf.leaf_hash.hex()} of it")
    return entry


def _contradicted(leaf: StoredLeaf, message: str) -> LogStopped:
    return LogStopped(f"event {leaf.sequence}, leaf {leaf.index} of the log: {message}")
