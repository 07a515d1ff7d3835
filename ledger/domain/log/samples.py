"""
A second look at files of a log that were verified before: are they still there, and still the same? No I/O.

Full tiles and bundles never change. From a bundle a line of full tiles leads up to the right edge, which is known: each
holds the hash of the one below. So one bundle is verified again with a few files, whatever the size of the log.
"""

from __future__ import annotations

from collections.abc import Mapping

from ledger.domain.errors import InvalidInput
from ledger.domain.log.edge import RightEdge
from ledger.domain.log.tile_names import TILE_WIDTH, EntryBundle, Tile, hashes_at
from ledger.domain.log.tiles import bundle_matches, decode_tile
from ledger.domain.merkle import tree_root


def full_bundles(size: int) -> int:
    """How many bundles of a log of that size are full; a sample is the index of one of them."""
    return size // TILE_WIDTH


def tiles_of_sample(index: int, size: int) -> tuple[Tile, ...]:
    """The full tiles over a full bundle, lower levels first: at least the one that has its entries' hashes."""
    tiles, level = [], 0
    while index < hashes_at(level, size) // TILE_WIDTH:
        tiles.append(Tile(level, index))
        level, index = level + 1, index // TILE_WIDTH
    return tuple(tiles)


def wrong_file(index: int, bundle: bytes, tiles: Mapping[Tile, bytes], edge: RightEdge) -> str | None:
    """The path of the first file, from the bundle up, that is not of the tree with this edge; None where all are."""
    line = tiles_of_sample(index, edge.size)
    try:
        if not bundle_matches(bundle, tiles[line[0]], TILE_WIDTH):
            return EntryBundle(index).path
    except InvalidInput:
        return EntryBundle(index).path
    for tile in line:
        try:
            root = tree_root(decode_tile(tiles[tile], TILE_WIDTH))
            above = Tile(tile.level + 1, tile.index // TILE_WIDTH)
            row = decode_tile(tiles[above], TILE_WIDTH) if above in line else edge.rows[above.level]
        except InvalidInput:
            return tile.path
        if row[tile.index % TILE_WIDTH] != root:
            return tile.path
    return None
