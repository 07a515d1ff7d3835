"""
Pages of the log that another process derives from the file: the same tiles and roots as here, nothing of what is not as
it was written, no view left open. The process itself: `test_log_process`.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
from pathlib import Path

import pytest
from derived_log import DOCUMENT, LEAVES, DerivedLog, copied
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.adapters.sql_store import log_pages
from ledger.adapters.sql_store.log_pages import SqliteLogPages, as_written
from ledger.adapters.sql_store.log_statements import page_statements
from ledger.domain.errors import Conflict, StoreError
from ledger.domain.log.tile_names import TILE_WIDTH, EntryBundle, Tile
from ledger.domain.log.tiles import grow
from ledger.domain.merkle import TreeHash
from ledger.domain.packed_bytes import FIRST_BYTE, unpacked
from ledger.services.integrate import Grown, LogStopped, derive, hashes_at_end, integrate

STARTED = 300
"""Leaves in tiles before anything is damaged: 256 in full tiles, and some in partial ones."""


@pytest.fixture
def grown(log: DerivedLog) -> DerivedLog:
    """The first 300 of them in tiles."""
    assert integrate(log.store.log, STARTED) == STARTED
    return log


# --------------------------------------------------------------------------------------------------- the same as here


def test_both_roads_make_the_same_log(base: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    here, there = (copied(base, tmp_path_factory.mktemp("road")) for _ in range(2))
    while integrate(here.store.log, LEAVES, 100):
        pass
    grows = there.elsewhere().integrate
    assert grows(there.store.log, 300) == 300
    assert grows(there.store.log, LEAVES) == LEAVES - 300
    assert grows(there.store.log, LEAVES) == 0
    assert [type(one) for one in there.here.answers] == [Grown, Grown]
    assert here.head == there.head
    assert here.tiles() == there.tiles()
    here.close()
    there.close()


@settings(max_examples=15, deadline=None)
@given(
    steps=st.lists(st.tuples(st.integers(1, 400), st.integers(1, 400), st.integers(1, 400)), min_size=1, max_size=5),
    first=st.integers(0, LEAVES + 5),
    limit=st.integers(1, LEAVES),
)
def test_what_is_read_and_what_comes_of_it_is_the_same(
    base: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int, int]], first: int, limit: int
) -> None:
    log = copied(base, tmp_path_factory.mktemp("steps"))
    try:
        for page, at_once, below in steps:
            end = log.head.size + below
            expected = derive(log.store.log, end, page, page)
            with log.pages.view() as view:
                assert view.integrated() == log.head
                assert derive(view, end, page, at_once) == expected
                assert view.leaves(first, limit) == log.store.log.leaves(first, limit)
            if expected is not None:
                log.store.log.integrate(expected.before, expected.tiles, expected.bundles, expected.after)
        names = [Tile(level, index, width) for level in (0, 1) for index in (0, 1, 2, 3) for width in (1, 44, 200, 256)]
        bundles = [EntryBundle(name.index, name.width) for name in names if name.level == 0]
        with log.pages.view() as view:
            assert view.tile_contents(names) == log.store.log.tile_contents(names)
            assert view.bundle_contents(bundles) == log.store.log.bundle_contents(bundles)
    finally:
        log.close()


def test_another_one_that_was_faster_is_told(log: DerivedLog) -> None:
    with log.pages.view() as view:
        found = derive(view, LEAVES, 400, 400)
    assert found is not None
    integrate(log.store.log, 1)
    with pytest.raises(Conflict, match="1 leaves in tiles by now, not 0"):
        log.store.log.integrate(found.before, found.tiles, found.bundles, found.after)


# --------------------------------------------------------------------------------------------------- what was damaged

_LEAF = 400
"""A leaf among those that are to be integrated; its event's number is one more, as are those of all."""
_DOCUMENT = DOCUMENT + 1
"""The first leaf of the second document, whose acknowledgement that leaf is in."""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (f"UPDATE events SET body = x'7b' WHERE sequence = {_LEAF + 1}", "the body cannot be read"),
        (f"UPDATE events SET body = x'7b7d' WHERE sequence = {_LEAF + 1}", "the body hashes to"),
        (f"UPDATE events SET content_hash = zeroblob(32) WHERE sequence = {_LEAF + 1}", "the body hashes to"),
        (f"UPDATE events SET proof = x'7b7d' WHERE sequence = {_LEAF + 1}", "no stored signature"),
        (f"UPDATE log_leaves SET leaf_hash = zeroblob(32) WHERE log_index = {_LEAF}", "the leaf is not what"),
        (f"UPDATE log_leaves SET after_entry = after_entry + 1 WHERE log_index = {_LEAF}", "the leaf is not what"),
        (f"UPDATE log_leaves SET row_digest = zeroblob(32) WHERE log_index = {_LEAF}", "the leaf is not what"),
        (f"UPDATE log_leaves SET log_index = 100000 WHERE log_index = {_LEAF}", f"leaf {_LEAF} of the log is missing"),
        (f"DELETE FROM log_leaves WHERE log_index = {_LEAF}", f"leaf {_LEAF} of the log is missing"),
        (f"UPDATE log_acknowledgements SET time = time + 1 WHERE first_index = {_DOCUMENT}", "its acknowledgement is"),
        (f"UPDATE log_acknowledgements SET is_batch = 0 WHERE first_index = {_DOCUMENT}", "its acknowledgement is not"),
        (f"UPDATE log_acknowledgements SET count = 9 WHERE first_index = {_DOCUMENT}", "its acknowledgement is not"),
        (f"UPDATE log_acknowledgements SET signature = x'00' WHERE first_index = {_DOCUMENT}", "its acknowledgement"),
        (f"DELETE FROM log_acknowledgements WHERE first_index = {_DOCUMENT}", "its acknowledgement is not"),
        ("DELETE FROM log_acknowledgements", "event 301, leaf 300.*its acknowledgement is not"),
        ("UPDATE log_tiles SET content = zeroblob(8192) WHERE level = 0", "do not lead to the root that was kept"),
        ("UPDATE log_tiles SET content = zeroblob(32) WHERE level = 1", "do not lead to the root that was kept"),
        ("DELETE FROM log_tiles WHERE level = 0 AND tile_index = 1", "tile/0/001.p/44 is missing"),
        ("DELETE FROM log_tiles WHERE level = 1", "tile/1/000.p/1 is missing"),
        ("UPDATE log_tiles SET width = 43 WHERE level = 0 AND tile_index = 1", "tile/0/001.p/44 is missing"),
        ("DELETE FROM log_tiles WHERE level = -1 AND tile_index = 1", "tile/entries/001.p/44 is missing"),
        ("UPDATE log_tiles SET content = zeroblob(2904) WHERE level = -1", "tile/entries/001.p/44 cannot be read"),
        (
            "UPDATE log_tiles SET content = CAST(substr(content, 67, 66) || substr(content, 67) AS BLOB) "
            "WHERE level = -1 AND tile_index = 1",
            "tile/entries/001.p/44 has another entry 256 than the tile above it",
        ),
        ("UPDATE log_checkpoints SET root = zeroblob(32)", "do not lead to the root that was kept"),
    ],
)
def test_what_is_not_as_it_was_written_stops_the_log_as_ever(grown: DerivedLog, change: str, said: str) -> None:
    # The way of a file that somebody damages, not of a program: what refers to what is not looked at.
    with sqlite3.connect(grown.file) as damaging:
        assert damaging.execute(change).rowcount > 0
    damaging.close()
    before = grown.tiles()
    with pytest.raises(LogStopped, match=said) as there:
        grown.elsewhere().integrate(grown.store.log, LEAVES)
    with pytest.raises(LogStopped) as here:
        integrate(grown.store.log, LEAVES)
    assert str(there.value) == str(here.value)
    assert grown.here.answers == [f"LogStopped: {here.value}"], "it was the other process that saw it"
    assert grown.tiles() == before


def test_a_tile_that_is_none_any_more_is_told_as_ever(grown: DerivedLog) -> None:
    grown.sql("UPDATE log_tiles SET content = x'00' WHERE level = 0")
    with pytest.raises(Exception, match="a tile of width") as there:
        grown.elsewhere().integrate(grown.store.log, LEAVES)
    with pytest.raises(type(there.value)) as here:
        integrate(grown.store.log, LEAVES)
    assert str(there.value) == str(here.value)
    assert grown.head.size == STARTED


@pytest.mark.parametrize("column", ["body", "proof"])
def test_an_event_in_another_kind_of_value_is_not_sure(grown: DerivedLog, column: str) -> None:
    grown.sql(f"UPDATE events SET {column} = 'a text' WHERE sequence = {_LEAF + 1}")
    with grown.pages.view() as view, pytest.raises(StoreError, match="stored as str, not as bytes"):
        derive(view, LEAVES, LEAVES, LEAVES)


def test_packed_rows_are_read_and_a_flipped_bit_stops_the_log(grown: DerivedLog) -> None:
    ((body, proof),) = grown.sql("SELECT body, proof FROM events WHERE sequence = ?", _LEAF + 1)
    assert body[:1] == proof[:1] == FIRST_BYTE
    with grown.pages.view() as view:
        (leaf,) = view.leaves(_LEAF, 1)
    assert (leaf.body, leaf.proofs) == (unpacked(body), (unpacked(proof),))
    assert as_written(body) == unpacked(body) != body
    damaged = body[:-1] + bytes([body[-1] ^ 1])
    grown.sql("UPDATE events SET body = ? WHERE sequence = ?", damaged, _LEAF + 1)
    with pytest.raises(LogStopped, match="the body cannot be read"):
        grown.elsewhere().integrate(grown.store.log, LEAVES)
    grown.sql("UPDATE events SET body = ? WHERE sequence = ?", body, _LEAF + 1)
    assert grown.elsewhere().integrate(grown.store.log, LEAVES) == LEAVES - STARTED


def test_a_leaf_of_a_former_proof_is_derived_here(grown: DerivedLog) -> None:
    ((content, proof),) = grown.sql("SELECT content_hash, proof FROM events WHERE sequence = ?", _LEAF + 1)
    with sqlite3.connect(grown.file) as again:
        values = (content, unpacked(proof), bytes(32))
        again.execute("INSERT INTO former_proofs (entry, content_hash, proof, row_digest) VALUES (1, ?, ?, ?)", values)
        again.execute("UPDATE events SET proof = x'7b7d' WHERE sequence = ?", (_LEAF + 1,))
    again.close()
    assert grown.elsewhere().integrate(grown.store.log, LEAVES) == LEAVES - STARTED
    (answer,) = grown.here.answers
    assert isinstance(answer, str)
    assert "no stored signature proof" in answer


def test_why_a_page_is_derived_here_is_told_once(grown: DerivedLog, caplog: pytest.LogCaptureFixture) -> None:
    grows = grown.elsewhere().integrate
    for number in (500, 400):
        ((body,),) = grown.sql("SELECT body FROM events WHERE sequence = ?", number)
        grown.sql("UPDATE events SET body = x'7b7d' WHERE sequence = ?", number)
        caplog.clear()
        for _ in range(3):
            with pytest.raises(LogStopped):
                grows(grown.store.log, LEAVES)
        (told,) = caplog.records
        assert told.levelno == logging.WARNING
        assert f"event {number}, leaf {number - 1} of the log: the body hashes to" in told.message
        grown.sql("UPDATE events SET body = ? WHERE sequence = ?", body, number)
    assert grows(grown.store.log, LEAVES) == LEAVES - STARTED


# ------------------------------------------------------------------------------------------------------ the file


def folded(log: DerivedLog) -> tuple[int, int]:
    """Whether somebody kept the write-ahead log from being folded in and cut off, and how many pages are in it then."""
    with sqlite3.connect(log.file, timeout=0) as connection:
        busy, pages, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    connection.close()
    return busy, pages


def test_no_view_is_left_open(log: DerivedLog) -> None:
    with log.pages.view() as view:
        assert derive(view, LEAVES, 100, 100) is not None
        assert integrate(log.store.log, 100) == 100
        assert folded(log)[0] == 1, "the view keeps the log: what follows says something"
    assert folded(log) == (0, 0)
    log.sql("UPDATE events SET body = x'7b7d' WHERE sequence = ?", _LEAF + 1)
    with pytest.raises(LogStopped):
        log.elsewhere().integrate(log.store.log, LEAVES)
    assert folded(log) == (0, 0)


def test_the_open_file_can_be_made_anew(log: DerivedLog) -> None:
    with log.pages.view() as view:
        found = view.leaves(0, LEAVES)
    log.store.purge()
    assert integrate(log.store.log, 100) == 100
    with log.pages.view() as view:
        assert view.leaves(0, LEAVES) == found
        assert view.integrated() == log.head


def test_a_view_is_one_state_of_the_log(log: DerivedLog) -> None:
    with log.pages.view() as view:
        assert view.integrated().size == 0
        assert integrate(log.store.log, 100) == 100
        assert view.integrated().size == 0
    with log.pages.view() as view:
        assert view.integrated() == log.head


def test_it_cannot_write_and_folds_nothing_in_when_it_closes(log: DerivedLog, tmp_path: Path) -> None:
    assert integrate(log.store.log, 100) == 100
    alone = tmp_path / "alone"
    alone.mkdir()
    for file in tmp_path.glob("silkroot.sqlite3*"):
        shutil.copyfile(file, alone / file.name)
    wal = alone / "silkroot.sqlite3-wal"
    before = (alone / "silkroot.sqlite3").read_bytes(), wal.read_bytes()
    assert before[1]
    pages = SqliteLogPages(alone / "silkroot.sqlite3", page_statements())
    with pytest.raises(StoreError, match="readonly"), pages.view() as view:
        view._connection.execute("DELETE FROM log_tiles")
    with pages.view() as view:
        assert view.integrated() == log.head
    pages.close()
    assert ((alone / "silkroot.sqlite3").read_bytes(), wal.read_bytes()) == before


def test_a_file_that_is_not_there_is_not_made_and_one_that_comes_is_read(log: DerivedLog, tmp_path: Path) -> None:
    there = tmp_path / "later.sqlite3"
    pages = SqliteLogPages(there, page_statements())
    with pytest.raises(StoreError, match="unable to open"), pages.view():
        raise AssertionError("there is a view of nothing")
    assert not there.exists()
    log.store.close()
    shutil.copyfile(log.file, there)
    with pages.view() as view:
        assert view.leaves(0, 1)[0].sequence == 1
    pages.close()


def test_another_log_in_the_place_of_the_file_is_not_taken_for_this_one(
    base: Path, log: DerivedLog, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """As long, and sound in itself, but of other leaves: nothing that follows from it gets into this log."""
    other, alike = (copied(base, tmp_path_factory.mktemp(name)) for name in ("other", "alike"))
    leaves = [TreeHash(bytes([number]) * 32) for number in range(TILE_WIDTH)]
    tiles = list(grow(0, leaves, hashes_at_end(other.store.log, 0)))
    other.store.log.integrate(0, tiles, [], TILE_WIDTH)
    assert integrate(log.store.log, TILE_WIDTH) == TILE_WIDTH
    log.here.pages = other.pages
    assert log.elsewhere().integrate(log.store.log, LEAVES) == LEAVES - TILE_WIDTH
    (answer,) = log.here.answers
    assert answer == "StoreError: it reads another tree than the one that is to grow; was the file replaced?"
    while integrate(alike.store.log, LEAVES):
        pass
    assert log.head == alike.head
    for one in (other, alike):
        one.close()


def test_its_cache_is_small_and_it_folds_nothing_in(log: DerivedLog) -> None:
    with log.pages.view() as view:
        asked = [f"PRAGMA {name}" for name in ("query_only", "wal_autocheckpoint", "cache_size")]
        found = [view._connection.execute(one).fetchone()[0] for one in asked]
    assert found == [1, 0, -log_pages._CACHE_KIBIBYTES]
