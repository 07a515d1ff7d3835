"""
What tiles and entry bundles hold, how a log's tiles grow, and single hashes read out of tiles; no I/O.

C2SP tlog-tiles. A tile is its hashes, 32 bytes each, one behind the other. A bundle is its entries, each behind its
length as a big-endian uint16. An entry is the leaf as it is hashed, `contentHash ‖ SHA-256(signature proof)`, 64 bytes:
nothing of the event itself can be read from a bundle.

Tiles store one level of the tree in eight; `TileHashes` hashes the levels in between when they are asked for. Those of
the tiles that most proofs share are remembered beyond one proof, each by the tile's bytes and so never wrongly.

Raises `InvalidInput`: `log.tile-content` where bytes are not what such a tile or bundle can hold, `merkle.size` for
what the log is too small for.

>>> entry = Entry(ContentHash(bytes(32)), SignatureHash(bytes(32)))
>>> encode_entries([entry]).hex()[:8], decode_entries(encode_entries([entry]), 1) == (entry,)
('00400000', True)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

import msgspec

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import ContentHash
from ledger.domain.log.tile_names import (
    TILE_HEIGHT,
    TILE_WIDTH,
    EntryBundle,
    Tile,
    hashes_at,
    levels_of,
    tile_at,
)
from ledger.domain.merkle import HASH_BYTES, SignatureHash, TreeHash, event_leaf, hash_row, tree_root

ENTRY_BYTES = 2 * HASH_BYTES
_PREFIX = ENTRY_BYTES.to_bytes(2, "big")
_STEP = len(_PREFIX) + ENTRY_BYTES
_REMEMBERED = 128
"""Tiles whose inner nodes are kept, of 16 kB each: all above the lowest level of a log of eight million leaves."""

TileSource = Callable[[Tile], bytes]
"""Gives the content of a tile, of exactly the width asked for, or raises."""


class HashReader(Protocol):
    """Hashes of perfect subtrees, wherever they are stored. `merkle.PerfectSubtrees` is one, `TileHashes` another."""

    def node(self, level: int, index: int) -> TreeHash:
        """
        The root over the leaves from index * 2^level up to, not including, (index + 1) * 2^level.

        `InvalidInput` where fewer leaves are stored.
        """
        ...


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A leaf before it is hashed: identity of an event, and SHA-256 of its signature proof; 32 bytes each."""

    content_hash: ContentHash
    signature_hash: SignatureHash

    @property
    def leaf(self) -> TreeHash:
        """The leaf hash."""
        return event_leaf(self.content_hash, self.signature_hash)


# ------------------------------------------------------------------------------------------------------- bytes


def encode_tile(hashes: Iterable[TreeHash]) -> bytes:
    """The content of a tile: 1 to 256 hashes."""
    content = b"".join(hashes)
    if len(content) % HASH_BYTES or not 0 < len(content) <= TILE_WIDTH * HASH_BYTES:
        raise _no_content(len(content), "a tile has 1 to 256 hashes of 32 bytes")
    return content


def decode_tile(content: bytes, width: int) -> tuple[TreeHash, ...]:
    """The hashes of a tile of that width."""
    _check_tile(content, width)
    return tuple(TreeHash(content[at : at + HASH_BYTES]) for at in range(0, len(content), HASH_BYTES))


def encode_entries(entries: Sequence[Entry]) -> bytes:
    """The content of a bundle: 1 to 256 entries."""
    if not 0 < len(entries) <= TILE_WIDTH:
        raise _no_content(len(entries), "a bundle has 1 to 256 entries")
    leaves = [entry.content_hash + entry.signature_hash for entry in entries]
    if any(len(leaf) != ENTRY_BYTES for leaf in leaves):
        raise _no_content([len(leaf) for leaf in leaves], f"an entry has {ENTRY_BYTES} bytes")
    return b"".join(_PREFIX + leaf for leaf in leaves)


def decode_entries(content: bytes, width: int) -> tuple[Entry, ...]:
    """The entries of a bundle of that width."""
    if len(content) != width * _STEP or not 0 < width <= TILE_WIDTH:
        raise _no_content(len(content), f"a bundle of width {width} has {width * _STEP} bytes")
    entries = []
    for at in range(0, len(content), _STEP):
        prefix, leaf = content[at : at + len(_PREFIX)], content[at + len(_PREFIX) : at + _STEP]
        if prefix != _PREFIX:
            raise _no_content(prefix.hex(), f"an entry has {ENTRY_BYTES} bytes, and so says the number in front of it")
        entries.append(Entry(ContentHash(leaf[:HASH_BYTES]), SignatureHash(leaf[HASH_BYTES:])))
    return tuple(entries)


def bundle_matches(bundle: bytes, tile: bytes, width: int) -> bool:
    """Whether the entries of a bundle are those that the tile of level 0 with its index and width has hashes of."""
    return tuple(entry.leaf for entry in decode_entries(bundle, width)) == decode_tile(tile, width)


# ------------------------------------------------------------------------------------------------------ growing


def grow(size: int, leaves: Sequence[TreeHash], stored: HashReader) -> Iterator[tuple[Tile, bytes]]:
    """
    The tiles that are new when `leaves` follow a log of that size, with their content; lower levels first.

    Reads at most 255 hashes on each level, all from the one tile that was partial there; those are of tree levels 0, 8,
    16… alone. Nothing is computed for tiles that stay as they are.
    """
    after = size + len(leaves)
    for leaf in leaves:
        if len(leaf) != HASH_BYTES:
            raise InvalidInput.one("leaves", "merkle.hash", leaf.hex(), f"a hash has {HASH_BYTES} bytes")
    fresh = list(leaves)  # the hashes of this level that were not stored
    for level in levels_of(after):
        before = hashes_at(level, size)
        start = before - before % TILE_WIDTH
        if not fresh:
            return
        row = [stored.node(TILE_HEIGHT * level, index) for index in range(start, before)] + fresh
        fresh = []
        for at in range(0, len(row), TILE_WIDTH):
            hashes = row[at : at + TILE_WIDTH]
            yield Tile(level, (start + at) >> TILE_HEIGHT, len(hashes)), encode_tile(hashes)
            if len(hashes) == TILE_WIDTH:
                fresh.append(tree_root(hashes))


def bundles_grown(size: int, entries: Sequence[Entry], partial: Sequence[Entry]) -> Iterator[tuple[EntryBundle, bytes]]:
    """
    The bundles that are new when `entries` follow a log of that size, with their content.

    `partial`: the size mod 256 entries that were in the last, partial bundle.
    """
    if len(partial) != size % TILE_WIDTH:
        raise _no_content(len(partial), f"the last bundle of a log of size {size} has {size % TILE_WIDTH} entries")
    if not entries:
        return
    row, start = [*partial, *entries], size - len(partial)
    for at in range(0, len(row), TILE_WIDTH):
        part = row[at : at + TILE_WIDTH]
        yield EntryBundle((start + at) >> TILE_HEIGHT, len(part)), encode_entries(part)


# ------------------------------------------------------------------------------------------------------ reading


@dataclass(frozen=True, slots=True)
class TileHashes:
    """
    The `HashReader` over the tiles of a log of some size.

    Each tile is asked for once and kept, with its nodes: make one of these for a proof or a few, not for good.
    Nothing is checked but lengths: a root that is computed through it and is the expected one says that the tiles were
    right.
    """

    size: int
    source: TileSource
    _kept: dict[tuple[int, int], tuple[bytes, ...]] = field(default_factory=dict, repr=False, compare=False)

    def node(self, level: int, index: int) -> TreeHash:
        """See `HashReader.node`; hashes at most 254 nodes for all that is asked of one tile."""
        if level < 0 or index < 0 or (index + 1) << level > self.size:
            raise InvalidInput.one("size", "merkle.size", f"{level}/{index}", "the log has fewer leaves than that")
        tile_level, height, tile_index, at = place_of(level, index)
        rows = self._kept.get((tile_level, tile_index))
        if rows is None:
            rows = self._kept[tile_level, tile_index] = (self._content(tile_level, tile_index),)
        if height >= len(rows):
            # The siblings on one leaf's way up through a tile lie over all its other hashes: what a proof needs are
            # nearly all nodes. Above the lowest level, and at the end of it, other proofs need the same.
            is_shared = tile_level > 0 or len(rows[0]) < TILE_WIDTH * HASH_BYTES
            rows = self._kept[tile_level, tile_index] = (_remembered_rows if is_shared else _rows)(rows[0])
        start = (at >> height) * HASH_BYTES
        return TreeHash(rows[height][start : start + HASH_BYTES])

    def _content(self, level: int, index: int) -> bytes:
        tile = tile_at(level, index, self.size)
        content = self.source(tile)
        _check_tile(content, tile.width)
        return content


def _rows(content: bytes) -> tuple[bytes, ...]:
    """The hashes of a tile, and over them the rows of nodes that are in no other tile; the lowest of 1 to 8 first."""
    rows = [content]
    while len(rows) < TILE_HEIGHT and len(rows[-1]) > HASH_BYTES:
        rows.append(hash_row(rows[-1]))
    return tuple(rows)


_remembered_rows = lru_cache(maxsize=_REMEMBERED)(_rows)


def place_of(level: int, index: int) -> tuple[int, int, int, int]:
    """
    Where a node of the tree is in the tiles: level of the tile, height of the node above its hashes (0 to 7), index of
    the tile, place in the tile of the first hash under the node.
    """
    tile_level, height = divmod(level, TILE_HEIGHT)
    first = index << height
    return tile_level, height, first >> TILE_HEIGHT, first % TILE_WIDTH


def tiles_with(nodes: Iterable[tuple[int, int]], size: int) -> tuple[Tile, ...]:
    """The tiles that a log of that size has these nodes (level, index) in, each once, in order."""
    places = sorted({(tile, index) for tile, _, index, _ in (place_of(*node) for node in nodes)})
    return tuple(tile_at(tile, index, size) for tile, index in places)


def _check_tile(content: bytes, width: int) -> None:
    if len(content) != width * HASH_BYTES or not 0 < width <= TILE_WIDTH:
        raise _no_content(len(content), f"a tile of width {width} has {width * HASH_BYTES} bytes")


def _no_content(value: object, message: str) -> InvalidInput:
    return InvalidInput.one("content", "log.tile-content", value, message)
