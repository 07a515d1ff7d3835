"""
Roots and proofs out of the tiles of the log: they equal those of the tree in memory and of an implementation that is
not ours, nothing that is altered holds, and no more tiles are read than are named.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from log_trees import ENTRIES, LARGE, LARGE_TREE, TREE, content_of, hashes, refused
from pymerkle import InmemoryTree

from ledger.domain.identifiers import UINT64_MAX
from ledger.domain.log.proofs import (
    ConsistencyProof,
    InclusionProof,
    nodes_of_consistency,
    nodes_of_inclusion,
    nodes_of_root,
    prove_consistency,
    prove_inclusion,
    root_at,
)
from ledger.domain.log.tile_names import Tile
from ledger.domain.log.tiles import TileHashes, tiles_with
from ledger.domain.merkle import EMPTY_ROOT, TreeHash, consistency_proof, inclusion_proof, root_of

MOST = 300


def flip(value: TreeHash, bit: int) -> TreeHash:
    return TreeHash((int.from_bytes(value, "big") ^ (1 << bit % 256)).to_bytes(32, "big"))


def test_every_inclusion_proof_of_every_size_is_that_of_the_tree_and_no_altered_one_holds() -> None:
    for size in range(1, MOST + 1):
        stored, root = hashes(size), root_of(size, TREE.node)
        assert root_at(size, stored) == root
        for index in range(size):
            proof = prove_inclusion(index, size, stored)
            leaf, path = ENTRIES[index].leaf, proof.hashes
            assert path == inclusion_proof(index, size, TREE.node)
            assert proof.holds(leaf, root)
            at = (index + size) % (len(path) + 1)
            wrong = [(*path[:at], flip(leaf, index), *path[at:])]
            if at < len(path):
                wrong += [(*path[:at], *path[at + 1 :]), (*path[:at], flip(path[at], size), *path[at + 1 :])]
            assert not any(InclusionProof(index, size, other).holds(leaf, root) for other in wrong)
            assert not proof.holds(flip(leaf, size), root)
            assert not proof.holds(leaf, flip(root, index))


def test_every_consistency_proof_of_every_size_is_that_of_the_tree_and_no_altered_one_holds() -> None:
    roots = [root_of(size, TREE.node) for size in range(MOST + 1)]
    for second in range(MOST + 1):
        stored = hashes(second)
        for first in range(second + 1):
            proof = prove_consistency(first, second, stored)
            path = proof.hashes
            assert path == consistency_proof(first, second, TREE.node)
            assert proof.holds(roots[first], roots[second])
            at = (first + second) % (len(path) + 1)
            wrong = [(*path[:at], flip(roots[second], first), *path[at:])]
            if at < len(path):
                wrong += [(*path[:at], *path[at + 1 :]), (*path[:at], flip(path[at], second), *path[at + 1 :])]
            assert not any(ConsistencyProof(first, second, other).holds(roots[first], roots[second]) for other in wrong)
            assert not proof.holds(roots[first], flip(roots[second], first)) or first == 0


@settings(max_examples=150, deadline=None)
@given(st.integers(1, LARGE), st.data())
def test_proofs_of_a_smaller_size_out_of_the_tiles_of_a_larger(stored_size: int, data: st.DataObject) -> None:
    stored = hashes(stored_size, LARGE_TREE)
    size = data.draw(st.integers(1, stored_size))
    index, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    root = root_of(size, LARGE_TREE.node)
    assert root_at(size, stored) == root
    inclusion, consistency = prove_inclusion(index, size, stored), prove_consistency(first, size, stored)
    assert inclusion.hashes == inclusion_proof(index, size, LARGE_TREE.node)
    assert consistency.hashes == consistency_proof(first, size, LARGE_TREE.node)
    assert inclusion.holds(LARGE_TREE.levels[0][index], root)
    assert consistency.holds(root_of(first, LARGE_TREE.node), root)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 300, 513, 700])
def test_an_implementation_not_ours_makes_the_same_roots_and_proofs(size: int) -> None:
    theirs = InmemoryTree(algorithm="sha256")
    for entry in ENTRIES[:size]:
        theirs.append_entry(entry.content_hash + entry.signature_hash)
    stored = hashes(size)
    assert theirs.get_root() == root_at(size, stored)
    for index in {0, 1 % size, size // 2, size - 1}:
        path = theirs.prove_inclusion(index + 1, size).path
        assert tuple(path[1:]) == prove_inclusion(index, size, stored).hashes
        assert path[0] == ENTRIES[index].leaf


@settings(max_examples=300)
@given(st.integers(1, UINT64_MAX), st.data())
def test_what_is_read_is_known_before_and_little(size: int, data: st.DataObject) -> None:
    index, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    levels = size.bit_length()
    assert len(nodes_of_root(size)) <= levels
    assert len(nodes_of_inclusion(index, size)) <= 2 * levels
    assert len(nodes_of_consistency(first, size)) <= 2 * levels
    for nodes in (nodes_of_inclusion(index, size), nodes_of_consistency(first, size)):
        assert all((at + 1) << level <= size for level, at in nodes)
        assert len(tiles_with(nodes, size)) <= 3 * (levels + 7) // 8


@settings(max_examples=50, deadline=None)
@given(st.integers(1, LARGE), st.data())
def test_exactly_the_tiles_that_are_named_are_asked_for_each_once(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    asked: list[Tile] = []

    def source(tile: Tile) -> bytes:
        asked.append(tile)
        return content_of(tile, LARGE_TREE)

    stored = TileHashes(size, source)
    prove_inclusion(index, size, stored)
    assert sorted(asked) == list(tiles_with(nodes_of_inclusion(index, size), size))
    root_at(size, stored)
    assert len(asked) == len(set(asked))


def test_what_is_not_stored_cannot_be_proven() -> None:
    stored = hashes(300)
    refused("merkle.size", root_at, 301, stored)
    refused("merkle.size", prove_inclusion, 0, 301, stored)
    refused("merkle.index", prove_inclusion, 300, 300, stored)
    refused("merkle.size", prove_consistency, 300, 301, stored)
    refused("merkle.size", prove_consistency, 301, 300, stored)
    for node in [(-1, 0), (0, -1), (0, 300), (9, 0)]:
        refused("merkle.size", stored.node, *node)
    assert root_at(0, hashes(0)) == EMPTY_ROOT


def test_a_tile_of_the_wrong_length_or_content_is_noticed() -> None:
    refused("log.tile-content", root_at, 300, TileHashes(300, lambda tile: content_of(tile, TREE)[:-32]))
    spoilt = TileHashes(300, lambda tile: content_of(tile, TREE)[:-1] + b"\x00")
    assert root_at(300, spoilt) != root_of(300, TREE.node)
