"""Proofs out of stored tiles: those of the tree in memory, by few statements; damage shows in what was read before."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from log_bench import Log, new_log
from sqlalchemy import event

from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.log_rows import hashes_of, store_tiles, tile_rows
from ledger.domain.errors import StoreError
from ledger.domain.log.proofs import (
    nodes_of_consistency,
    nodes_of_inclusion,
    nodes_of_root,
    prove_consistency,
    prove_inclusion,
    root_at,
)
from ledger.domain.log.tile_names import EntryBundle, Tile, tiles_of
from ledger.domain.log.tiles import grow
from ledger.domain.merkle import PerfectSubtrees, TreeHash, consistency_proof, inclusion_proof, root_of

LARGE = 66_000
"""Leaves of a log with tiles on three levels."""
TREE = PerfectSubtrees.of([TreeHash(sha256(b"leaf %d" % index).digest()) for index in range(LARGE)])
TILES = dict(grow(0, TREE.levels[0], PerfectSubtrees.of([])))


@pytest.fixture(scope="module")
def large(new_database: Callable[[], str]) -> Iterator[Database]:
    """The tiles of a log of that size, and nothing else."""
    made = Database(new_database())
    with made.writing() as connection:
        store_tiles(connection, list(TILES.items()))
    yield made
    made.close()


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[], str]) -> Iterator[Log]:
    """302 leaves, of which 300 are in the published log."""
    made = new_log(tmp_path_factory.mktemp("log"), new_database())
    made.settle_registrations()
    made.anchor(299)
    made.state(2)
    yield made
    made.world.store.close()


def statements(database: Database, ask: Callable[[], object]) -> list[str]:
    """What is asked meanwhile, but for what begins the transaction."""
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append(statement)

    event.listen(database._engine, "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(database._engine, "before_cursor_execute", note)
    return seen


@settings(max_examples=60, deadline=None)
@given(st.integers(1, LARGE), st.data())
def test_proofs_of_any_size_out_of_the_store_are_those_of_the_tree(
    large: Database, size: int, data: st.DataObject
) -> None:
    index, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    with large.reading() as connection:
        inclusion = prove_inclusion(index, size, hashes_of(connection, size, nodes_of_inclusion(index, size)))
        consistency = prove_consistency(first, size, hashes_of(connection, size, nodes_of_consistency(first, size)))
        root = root_at(size, hashes_of(connection, size, nodes_of_root(size)))
    assert inclusion.hashes == inclusion_proof(index, size, TREE.node)
    assert consistency.hashes == consistency_proof(first, size, TREE.node)
    assert root == root_of(size, TREE.node)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, LARGE - 1), max_size=60))
def test_many_proofs_are_read_together(large: Database, indexes: list[int]) -> None:
    nodes = [node for index in indexes for node in nodes_of_inclusion(index, LARGE)]
    with large.reading() as connection:
        hashes = hashes_of(connection, LARGE, nodes)
    for index in indexes:
        assert prove_inclusion(index, LARGE, hashes).hashes == inclusion_proof(index, LARGE, TREE.node)


@pytest.mark.parametrize("count", [0, 1, 8, 9, 261])
def test_tiles_come_as_they_are_named_however_many(large: Database, count: int) -> None:
    tiles = list(tiles_of(LARGE))[-count:] if count else []
    narrower = [Tile(tile.level, tile.index, 1) for tile in tiles]
    absent = [EntryBundle(0, 1), Tile(2, 1, 1), Tile(0, LARGE >> 8, 256)]
    with large.reading() as connection:
        found = tile_rows(connection, [*tiles, *narrower, *absent])
    assert found == {tile: TILES[tile] for tile in tiles} | {
        short: TILES[tile][:32] for tile, short in zip(tiles, narrower, strict=True)
    }


def test_the_tiles_of_a_proof_are_one_statement_on_however_many_levels(large: Database) -> None:
    def ask() -> None:
        with large.reading() as connection:
            hashes_of(connection, LARGE, nodes_of_inclusion(12_345, LARGE))

    assert len({tile.level for tile in tiles_of(LARGE)}) == 3
    assert len(statements(large, ask)) == 1


@pytest.mark.parametrize("tile", [Tile(0, 48), Tile(0, 257, 208), Tile(1, 0), Tile(2, 0, 1)])
def test_a_tile_that_is_changed_or_gone_is_noticed_though_it_was_read_before(large: Database, tile: Tile) -> None:
    index, size = 12_345, LARGE
    nodes = nodes_of_inclusion(index, size) + nodes_of_root(size)

    def proof() -> tuple[tuple[TreeHash, ...], TreeHash]:
        with large.reading() as connection:
            hashes = hashes_of(connection, size, nodes)
            return prove_inclusion(index, size, hashes).hashes, root_at(size, hashes)

    right = inclusion_proof(index, size, TREE.node), root_of(size, TREE.node)
    assert proof() == right
    spoilt = bytes([TILES[tile][0] ^ 1]) + TILES[tile][1:]
    try:
        with large.writing() as connection:
            store_tiles(connection, [(tile, spoilt)])
        assert proof() != right
        with large.writing() as connection:
            connection.exec_driver_sql(
                f"DELETE FROM log_tiles WHERE level = {tile.level} AND tile_index = {tile.index}"
            )
        with pytest.raises(StoreError, match=f"{re.escape(tile.path)} is not stored"):
            proof()
    finally:
        with large.writing() as connection:
            store_tiles(connection, [(tile, TILES[tile])])
    assert proof() == right


def test_every_leaf_of_the_published_log_is_proven_and_none_beyond(log: Log) -> None:
    leaves = log.world.store.log.leaves(0, 400)
    tree = PerfectSubtrees.of([leaf.leaf_hash for leaf in leaves])
    root = root_of(300, tree.node)
    places = log.world.store.log.places([leaf.content_hash for leaf in leaves])
    assert (len(leaves), len(places), log.published) == (302, 300, 300)
    for leaf in leaves[:300]:
        published = log.world.store.archive.inclusion(leaf.content_hash)
        assert published is not None
        assert published.root == root
        assert published.proof == places[leaf.content_hash].proof
        assert published.entry.leaf == leaf.leaf_hash
        assert (published.proof.index, published.proof.size) == (leaf.index, 300)
        assert published.proof.hashes == inclusion_proof(leaf.index, 300, tree.node)
    assert [log.world.store.archive.inclusion(leaf.content_hash) for leaf in leaves[300:]] == [None, None]


def test_a_proof_is_two_statements_and_one_with_its_blocks_three(log: Log) -> None:
    store = log.world.store
    (leaf,) = store.log.leaves(7, 1)
    assert len(statements(store._database, lambda: store.archive.inclusion(leaf.content_hash))) == 2
    assert len(statements(store._database, lambda: store.log.places([leaf.content_hash]))) == 3


def test_without_its_tiles_a_leaf_is_not_proven(log: Log) -> None:
    store = log.world.store
    (leaf,) = store.log.leaves(7, 1)
    (row,) = log.world.sql("SELECT * FROM log_tiles WHERE level = 0 AND tile_index = 1")
    log.sql("DELETE FROM log_tiles WHERE level = 0 AND tile_index = 1")
    try:
        for ask in (lambda: store.archive.inclusion(leaf.content_hash), lambda: store.log.places([leaf.content_hash])):
            with pytest.raises(StoreError, match=r"tile/0/001\.p/44 is not stored"):
                ask()
    finally:
        log.sql("INSERT INTO log_tiles VALUES (?, ?, ?, ?)", *row)
    assert store.archive.inclusion(leaf.content_hash) is not None
