"""
Roots and proofs of a log of any size up to the stored one, from stored hashes; no I/O.

RFC 9162, section 2.1. The tree is taken apart in `ledger.domain.merkle`; here are the values that go out, and which
nodes a root or proof is made of, so that a store fetches them, or the tiles that hold them, at once. With l levels
(24 at ten million leaves) a root reads at most l nodes and a proof at most 2 l; nothing is rebuilt.

Raises `InvalidInput` (`merkle.size`, `merkle.index`) where no such root or proof exists or too little is stored.
Verification raises nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ledger.domain import merkle
from ledger.domain.log.tiles import HashReader
from ledger.domain.merkle import HASH_BYTES, NodeSource, TreeHash

Node = tuple[int, int]
"""(level, index) of a perfect subtree: over the leaves from index * 2^level up to (index + 1) * 2^level - 1."""


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That a leaf is at `index` (from 0) in the tree over the first `size` leaves; `hashes` from the leaf up."""

    index: int
    size: int
    hashes: tuple[TreeHash, ...]

    def holds(self, leaf: TreeHash, root: TreeHash) -> bool:
        """Whether it proves that of this leaf hash under this root."""
        return merkle.verify_inclusion(leaf, self.index, self.hashes, self.size, root)


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """That the tree over the first `second` leaves begins with that over the first `first`."""

    first: int
    second: int
    hashes: tuple[TreeHash, ...]

    def holds(self, first_root: TreeHash, second_root: TreeHash) -> bool:
        """Whether it proves that of these two roots."""
        return merkle.verify_consistency(self.first, first_root, self.second, second_root, self.hashes)


def root_at(size: int, stored: HashReader) -> TreeHash:
    """The root over the first `size` leaves, made anew from stored hashes."""
    return merkle.root_of(size, stored.node)


def prove_inclusion(index: int, size: int, stored: HashReader) -> InclusionProof:
    """That leaf `index` (from 0) is in the tree over the first `size` leaves."""
    return InclusionProof(index, size, merkle.inclusion_proof(index, size, stored.node))


def prove_consistency(first: int, second: int, stored: HashReader) -> ConsistencyProof:
    """That the tree over the first `second` leaves begins with that over the first `first`."""
    return ConsistencyProof(first, second, merkle.consistency_proof(first, second, stored.node))


# ------------------------------------------------------------------------------------------------ what is read


def nodes_of_root(size: int) -> tuple[Node, ...]:
    """The nodes that `root_at` reads."""
    return _nodes_read(lambda node: merkle.root_of(size, node))


def nodes_of_inclusion(index: int, size: int) -> tuple[Node, ...]:
    """The nodes that `prove_inclusion` reads."""
    return _nodes_read(lambda node: merkle.inclusion_proof(index, size, node))


def nodes_of_consistency(first: int, second: int) -> tuple[Node, ...]:
    """The nodes that `prove_consistency` reads."""
    return _nodes_read(lambda node: merkle.consistency_proof(first, second, node))


def _nodes_read(make: Callable[[NodeSource], object]) -> tuple[Node, ...]:
    """Made over no tree at all: what is read depends on sizes alone."""
    read: list[Node] = []

    def node(level: int, index: int) -> TreeHash:
        read.append((level, index))
        return TreeHash(bytes(HASH_BYTES))

    make(node)
    return tuple(read)
