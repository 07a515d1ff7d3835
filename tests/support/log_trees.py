"""A small log and a large one whose tiles are cut out of the tree in memory, for tests of tiles and of proofs."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from hypothesis import strategies as st
from merkle_vectors import log_entry

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import ContentHash
from ledger.domain.log.tile_names import Tile
from ledger.domain.log.tiles import Entry, TileHashes
from ledger.domain.merkle import PerfectSubtrees, SignatureHash, TreeHash

LARGE = 66_000
"""Leaves of a log with tiles on three levels."""
ENTRIES = [Entry(ContentHash(c), SignatureHash(s)) for c, s in map(log_entry, range(700))]
TREE = PerfectSubtrees.of([entry.leaf for entry in ENTRIES])
LARGE_TREE = PerfectSubtrees.of([TreeHash(sha256(b"leaf %d" % index).digest()) for index in range(LARGE)])
SIZES = st.integers(0, LARGE)


def content_of(tile: Tile, tree: PerfectSubtrees) -> bytes:
    """Straight from the tree."""
    return b"".join(tree.levels[8 * tile.level][tile.first : tile.first + tile.width])


def hashes(size: int, tree: PerfectSubtrees = TREE) -> TileHashes:
    """Those of a log of that size, out of its tiles."""
    return TileHashes(size, lambda tile: content_of(tile, tree))


def refused(rule: str, call: Any, *arguments: Any) -> None:
    """The call is refused by that rule alone."""
    with pytest.raises(InvalidInput) as caught:
        call(*arguments)
    assert [violation.rule for violation in caught.value.violations] == [rule], arguments
