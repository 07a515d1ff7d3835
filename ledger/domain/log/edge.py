"""
The right edge of a log: the hashes that roots of later sizes are made of, and how the log is rebuilt from its entries.

RFC 9162, section 2.1, in the tiles of C2SP tlog-tiles. A log of any size is known by its last, partial tile of each
level, at most 255 hashes on each of eight levels: its root is made of them, and so is every later one once the new
entries are there. A `Rebuild` goes through the entries of a log once and remembers nothing else of them, so that a
monitor's memory does not grow with the log. No I/O.

Raises `InvalidInput`: `log.edge` for rows that no log of that size has, `log.tile-content` for what is no bundle.

>>> rebuild = Rebuild(RightEdge.of_empty_log(), sizes=[])
>>> rebuild.edge == RightEdge(0, ()), rebuild.edge.root == EMPTY_ROOT
(True, True)
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Self

from ledger.domain.errors import InvalidInput
from ledger.domain.log.tile_names import TILE_WIDTH, EntryBundle, Tile, hashes_at, levels_of
from ledger.domain.log.tiles import decode_entries, encode_tile, place_of
from ledger.domain.merkle import EMPTY_ROOT, HASH_BYTES, TreeHash, root_of, tree_root

__all__ = ["EMPTY_ROOT", "Rebuild", "RightEdge"]


@dataclass(frozen=True, slots=True)
class RightEdge:
    """A log of that size: `rows[L]` are the hashes of the partial tile of level L, none where that level ends full."""

    size: int
    rows: tuple[tuple[TreeHash, ...], ...]

    def __post_init__(self) -> None:
        widths = [hashes_at(level, self.size) % TILE_WIDTH for level in levels_of(self.size)]
        if [len(row) for row in self.rows] != widths:
            raise InvalidInput.one(
                "rows", "log.edge", [len(row) for row in self.rows], f"a log of size {self.size} ends in {widths}"
            )
        if any(len(one) != HASH_BYTES for row in self.rows for one in row):
            raise InvalidInput.one("rows", "log.edge", self.size, f"a hash has {HASH_BYTES} bytes")

    @classmethod
    def of_empty_log(cls) -> Self:
        """Where every log begins."""
        return cls(0, ())

    @property
    def root(self) -> TreeHash:
        """The root over all its leaves: it reads one node for each bit of the size, and those lie on the edge."""
        return root_of(self.size, self._node)

    @property
    def partial_tiles(self) -> tuple[tuple[Tile, bytes], ...]:
        """The tiles that are not full, with their content."""
        return tuple(
            (Tile(level, hashes_at(level, self.size) // TILE_WIDTH, len(row)), encode_tile(row))
            for level, row in enumerate(self.rows)
            if row
        )

    def _node(self, level: int, index: int) -> TreeHash:
        tile_level, height, _, at = place_of(level, index)
        return tree_root(self.rows[tile_level][at : at + (1 << height)])


class Rebuild:
    """
    Takes the entry bundles of a log in order, from the one that holds the first entry beyond an edge, and hashes them.

    `roots`: the roots at those of `sizes` that were passed, each made from the hashes that were derived here.
    `changed`: the first index whose entry is another one now than it was, None while there is none. The tree goes on
    with the entry that was there before.
    """

    def __init__(self, edge: RightEdge, sizes: Collection[int]) -> None:
        self.size = edge.size
        self.changed: int | None = None
        self.roots: dict[int, TreeHash] = {}
        self._rows = [list(row) for row in edge.rows]
        self._sizes = frozenset(sizes)
        self._note_root()

    @property
    def edge(self) -> RightEdge:
        """The edge of what was taken so far."""
        return RightEdge(self.size, tuple(tuple(row) for row in self._rows))

    def take(self, bundle: EntryBundle, content: bytes) -> list[tuple[Tile, bytes]]:
        """Goes through a bundle; the tiles that it filled, lower levels first. Wrong bytes are `InvalidInput`."""
        leaves = [entry.leaf for entry in decode_entries(content, bundle.width)]
        known = self.size - bundle.first
        if not 0 <= known < TILE_WIDTH:
            raise InvalidInput.one("bundle", "log.edge", bundle.path, f"entry {self.size} comes next")
        self._compare(leaves[:known], bundle.first)
        filled: list[tuple[Tile, bytes]] = []
        for leaf in leaves[known:]:
            filled += self._add(leaf)
        return filled

    def _compare(self, leaves: Sequence[TreeHash], first: int) -> None:
        """The entries that the last, partial bundle had already."""
        if self.changed is not None or not leaves:
            return
        for at, (now, before) in enumerate(zip(leaves, self._rows[0], strict=False)):
            if now != before:
                self.changed = first + at
                return

    def _add(self, leaf: TreeHash) -> list[tuple[Tile, bytes]]:
        filled, upwards, level = [], leaf, 0
        self.size += 1
        while True:
            if level == len(self._rows):
                self._rows.append([])
            row = self._rows[level]
            row.append(upwards)
            if len(row) < TILE_WIDTH:
                break
            filled.append((Tile(level, hashes_at(level, self.size) // TILE_WIDTH - 1), encode_tile(row)))
            upwards = tree_root(row)
            row.clear()
            level += 1
        self._note_root()
        return filled

    def _note_root(self) -> None:
        if self.size in self._sizes:
            self.roots[self.size] = self.edge.root
