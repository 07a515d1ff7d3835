"""
How long one inclusion proof takes out of a log's tiles, in memory and from the store, beside pymerkle with its own
storage of the same leaves.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from statistics import median

from pymerkle import InmemoryTree, SqliteTree

from benchmarks.figures import Figure
from ledger.adapters.sql_store.store import SqlStore
from ledger.domain.identifiers import ContentHash
from ledger.domain.log.proofs import InclusionProof, nodes_of_inclusion, prove_inclusion, root_at
from ledger.domain.log.tiles import Entry, TileHashes, grow, tiles_with
from ledger.domain.merkle import PerfectSubtrees, SignatureHash, TreeHash

LEAVES = 1_000_000
ASKED = 300
ASKED_OF_A_FILE = 5
"""pymerkle hashes leaves out of its file for each proof, and that takes long."""


def measure(folder: Path, leaves: int = LEAVES) -> list[Figure]:
    """One proof at a time, at the full size, of indexes taken at random; each is verified, apart from the clock."""
    entries = [_entry(index) for index in range(leaves)]
    hashes = [entry.leaf for entry in entries]
    tiles = dict(grow(0, hashes, PerfectSubtrees.of([])))
    root = root_at(leaves, TileHashes(leaves, tiles.__getitem__))
    indexes = random.Random(6962).sample(range(leaves), ASKED)  # noqa: S311

    def in_memory(index: int) -> InclusionProof:
        return prove_inclusion(index, leaves, TileHashes(leaves, tiles.__getitem__))

    store = SqlStore(f"sqlite:///{folder / 'log.sqlite3'}")
    try:
        store.log.integrate(0, list(tiles.items()), (), leaves)

        def stored(index: int) -> InclusionProof:
            contents = store.log.tile_contents(tiles_with(nodes_of_inclusion(index, leaves), leaves))
            return prove_inclusion(index, leaves, TileHashes(leaves, contents.__getitem__))

        memory = _spent(indexes, in_memory, hashes, root)
        disk = _spent(indexes, stored, hashes, root)
    finally:
        store.close()
    data = [entry.content_hash + entry.signature_hash for entry in entries]
    other_memory = _spent_by(InmemoryTree.init_from_entries(data, algorithm="sha256"), indexes)
    with SqliteTree(str(folder / "pymerkle.sqlite3"), algorithm="sha256") as tree:
        tree.append_entries(data)
        other_disk = _spent_by(tree, indexes[:ASKED_OF_A_FILE])
    size = f"{leaves:,} leaves"
    return [
        Figure(
            f"inclusion proof, {size}, tiles in memory", f"{memory * 1000:.2f} ms", "< 10 ms",
            f"{memory / other_memory:.2f} of pymerkle's, which keeps every node in memory",
            f"median of {ASKED}, nothing kept from one to the next",
        ),
        Figure(
            f"inclusion proof, {size}, tiles in SQLite", f"{disk * 1000:.2f} ms", "< 10 ms",
            f"{disk / other_disk:.4f} of pymerkle's, which keeps leaves in SQLite ({other_disk * 1000:.0f} ms)",
            f"median of {ASKED}, beside {ASKED_OF_A_FILE} of pymerkle's",
        ),
    ]  # fmt: skip


def _entry(index: int) -> Entry:
    content = sha256(index.to_bytes(8, "big")).digest()
    return Entry(ContentHash(content), SignatureHash(sha256(content).digest()))


def _spent(
    indexes: Sequence[int], prove: Callable[[int], InclusionProof], leaves: Sequence[TreeHash], root: TreeHash
) -> float:
    times = []
    for index in indexes:
        started = time.perf_counter()
        proof = prove(index)
        times.append(time.perf_counter() - started)
        if not proof.holds(leaves[index], root):
            raise SystemExit(f"the proof of leaf {index} is wrong")
    return median(times)


def _spent_by(tree: InmemoryTree | SqliteTree, indexes: Sequence[int]) -> float:
    times = []
    for index in indexes:
        tree.cache_clear()  # of subtrees' roots: each proof is made anew, as ours are
        started = time.perf_counter()
        tree.prove_inclusion(index + 1)
        times.append(time.perf_counter() - started)
    return median(times)
