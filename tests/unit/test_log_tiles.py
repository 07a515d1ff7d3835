"""Tiles and bundles of the log: paths, contents, growth. What is proven out of them: `test_log_tile_proofs`."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from log_trees import ENTRIES, LARGE_TREE, SIZES, TREE, content_of, hashes, refused
from log_vectors import FILES, FOLDER, build_vectors

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import UINT64_MAX, ContentHash
from ledger.domain.log.proofs import root_at
from ledger.domain.log.tile_names import (
    EntryBundle,
    Tile,
    bundles_new,
    bundles_of,
    bundles_outgrown,
    parse_path,
    tile_at,
    tiles_new,
    tiles_of,
    tiles_outgrown,
)
from ledger.domain.log.tiles import (
    Entry,
    TileHashes,
    bundle_matches,
    bundles_grown,
    decode_entries,
    decode_tile,
    encode_entries,
    encode_tile,
    grow,
)
from ledger.domain.merkle import PerfectSubtrees, SignatureHash, TreeHash

VECTORS: dict[str, Any] = json.loads((FOLDER / "log_tiles.json").read_text(encoding="utf-8"))


def raw(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


# ---------------------------------------------------------------------------------------------------- vectors


def test_the_committed_vectors_are_those_of_the_script() -> None:
    committed = {name: json.loads((FOLDER / name).read_text(encoding="utf-8")) for name in FILES}
    assert build_vectors() == committed, "run tests/support/log_vectors.py"


def test_paths_of_the_vectors() -> None:
    for case in VECTORS["paths"]:
        tile = Tile(case["level"], int(case["index"]), case["width"])
        assert tile.path == case["path"]
        assert parse_path(case["path"]) == tile
    for case in VECTORS["entryPaths"]:
        bundle = EntryBundle(int(case["index"]), case["width"])
        assert bundle.path == case["path"]
        assert parse_path(case["path"]) == bundle


def test_the_entry_of_the_vectors() -> None:
    case = VECTORS["entry"]
    entry = Entry(ContentHash(raw(case["contentHash"])), SignatureHash(raw(case["signatureHash"])))
    assert encode_entries([entry]) == raw(case["inBundle"])
    assert entry.leaf == raw(case["leafHash"]) == sha256(raw(case["leafPreImage"])).digest()


@pytest.mark.parametrize("case", VECTORS["logs"], ids=lambda case: case["size"])
def test_a_log_of_the_vectors_grown_at_once_and_one_by_one(case: dict[str, Any]) -> None:
    size = int(case["size"])
    expected = {item["path"]: (item["bytes"], item["sha256"]) for item in case["tiles"] + case["bundles"]}
    leaves = [entry.leaf for entry in ENTRIES[:size]]
    made = [(tile.path, data) for tile, data in grow(0, leaves, TREE)]
    made += [(bundle.path, data) for bundle, data in bundles_grown(0, ENTRIES[:size], ())]
    assert {path: (len(data), "0x" + sha256(data).hexdigest()) for path, data in made} == expected
    assert [path for path, _ in made] == [tile.path for tile in tiles_of(size)] + [
        bundle.path for bundle in bundles_of(size)
    ]
    assert root_at(size, hashes(size)) == raw(case["root"])
    firsts = {item["path"]: raw(item["first"]) for item in case["tiles"]}
    assert {path: data[:32] for path, data in made if path in firsts} == firsts


# ------------------------------------------------------------------------------------------------------ names


def test_the_tiles_of_the_specifications_examples() -> None:
    tiles = list(tiles_of(70_000))
    assert [(tile.level, tile.width) for tile in tiles if not tile.is_full] == [(0, 112), (1, 17), (2, 1)]
    assert [sum(tile.is_full and tile.level == level for tile in tiles) for level in range(3)] == [273, 1, 0]
    assert list(tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles_of(0)) == []
    assert list(bundles_of(0)) == []


@given(st.integers(0, 7), st.integers(0, 2**56), st.integers(1, 256))
def test_a_path_comes_back(level: int, index: int, width: int) -> None:
    if (((index << 8) + width) << (8 * level)) > UINT64_MAX:
        refused("log.tile", Tile, level, index, width)
    else:
        assert parse_path(Tile(level, index, width).path) == Tile(level, index, width)
        if level == 0:
            assert parse_path(EntryBundle(index, width).path) == EntryBundle(index, width)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/tile/0/000",
        "tile/0/000/",
        "tile/0/000\n",
        "tile/00/000",
        "tile/01/000",
        "tile/-1/000",
        "tile/8/000",
        "tile/63/000",
        "tile/64/000",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/x000",
        "tile/0/x000/001",
        "tile/0/001/001",
        "tile/0/X001/001",
        "tile/0/x001/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/999",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/٠٠٠",
        "tile/entries/0",
        "tile/entries/x000/000",
        "tile/data/000",
        "tile/0/x072/x057/x594/x037/x927/936",
        "tile/0/" + "x999/" * 40 + "999",
    ],
)
def test_a_path_in_another_form_is_refused(path: str) -> None:
    refused("log.tile", parse_path, path)


@given(st.text(alphabet="tile/enrsx0123.p/", max_size=40))
def test_what_parses_is_written_the_same(path: str) -> None:
    try:
        named = parse_path(path)
    except InvalidInput:
        return
    assert named.path == path


def test_names_that_no_log_has_are_refused() -> None:
    assert tile_at(7, 0, UINT64_MAX) == Tile(7, 0, 255)
    for arguments in [(0, 0, 0), (0, 0, 257), (0, -1, 1), (-1, 0, 1), (7, 0, 256), (0, 2**56, 1)]:
        refused("log.tile", Tile, *arguments)
    refused("log.tile", EntryBundle, 0, 0)
    refused("log.tile", tile_at, 0, 1, 256)
    refused("merkle.size", lambda: list(tiles_of(-1)))
    refused("merkle.size", lambda: list(tiles_of(2**64)))
    refused("merkle.size", lambda: list(tiles_new(5, 4)))
    refused("merkle.size", lambda: list(bundles_new(-1, 4)))


@settings(max_examples=200)
@given(st.tuples(SIZES, SIZES).map(sorted))
def test_new_and_outgrown_names_are_the_difference(sizes: list[int]) -> None:
    before, after = sizes
    assert set(tiles_new(before, after)) == set(tiles_of(after)) - set(tiles_of(before))
    assert set(bundles_new(before, after)) == set(bundles_of(after)) - set(bundles_of(before))
    full = {(tile.level, tile.index) for tile in tiles_of(after) if tile.is_full}
    gone = {tile for tile in tiles_of(before) if not tile.is_full and (tile.level, tile.index) in full}
    assert set(tiles_outgrown(before, after)) == gone
    full_bundles = {bundle.index for bundle in bundles_of(after) if bundle.is_full}
    gone_bundles = {bundle for bundle in bundles_of(before) if not bundle.is_full and bundle.index in full_bundles}
    assert set(bundles_outgrown(before, after)) == gone_bundles


# --------------------------------------------------------------------------------------------------- contents


@given(st.lists(st.binary(min_size=64, max_size=64), min_size=1, max_size=256))
def test_contents_come_back(leaves: list[bytes]) -> None:
    entries = tuple(Entry(ContentHash(leaf[:32]), SignatureHash(leaf[32:])) for leaf in leaves)
    bundle, tile = encode_entries(entries), encode_tile([entry.leaf for entry in entries])
    assert decode_entries(bundle, len(entries)) == entries
    assert decode_tile(tile, len(entries)) == tuple(entry.leaf for entry in entries)
    assert bundle_matches(bundle, tile, len(entries))
    assert not bundle_matches(bundle[:-1] + bytes([bundle[-1] ^ 1]), tile, len(entries))


def test_contents_in_another_form_are_refused() -> None:
    bundle, tile = encode_entries(ENTRIES[:2]), encode_tile([entry.leaf for entry in ENTRIES[:2]])
    for content, width in [(tile, 1), (tile, 3), (tile[:-1], 2), (b"", 0), (tile * 129, 258)]:
        refused("log.tile-content", decode_tile, content, width)
    longer = bundle[:66] + b"\x00\x41" + bundle[68:]
    for content, width in [(bundle, 1), (bundle, 3), (bundle[:-1], 2), (b"", 0), (bundle * 129, 258), (longer, 2)]:
        refused("log.tile-content", decode_entries, content, width)
    for entries in [[], [*ENTRIES[:257]], [Entry(ContentHash(bytes(31)), SignatureHash(bytes(32)))]]:
        refused("log.tile-content", encode_entries, entries)
    for hashes_given in [[], [ENTRIES[0].leaf] * 257, [TreeHash(bytes(31))]]:
        refused("log.tile-content", encode_tile, hashes_given)


# --------------------------------------------------------------------------------------------------- growing


@settings(max_examples=25, deadline=None)
@given(st.lists(SIZES, min_size=1, max_size=5).map(sorted))
def test_a_log_grown_in_steps_has_the_tiles_of_the_tree(steps: list[int]) -> None:
    stored: dict[Tile, bytes] = {}
    size = 0
    for after in steps:
        read: list[tuple[int, int]] = []
        before = TileHashes(size, stored.__getitem__)

        class Counting:
            def node(self, level: int, index: int, before: TileHashes = before, read: Any = read) -> TreeHash:
                read.append((level, index))
                return before.node(level, index)

        new = dict(grow(size, LARGE_TREE.levels[0][size:after], Counting()))
        assert list(new) == list(tiles_new(size, after))
        assert all(level % 8 == 0 for level, _ in read)
        assert len(read) == len(set(read)) <= 255 * 3
        stored |= new
        size = after
    assert {tile: stored[tile] for tile in tiles_of(size)} == {
        tile: content_of(tile, LARGE_TREE) for tile in tiles_of(size)
    }


@given(st.lists(st.integers(0, 700), min_size=1, max_size=5).map(sorted))
def test_bundles_grown_in_steps_are_those_made_at_once(steps: list[int]) -> None:
    stored: dict[EntryBundle, bytes] = {}
    size = 0
    for after in steps:
        new = dict(bundles_grown(size, ENTRIES[size:after], ENTRIES[size - size % 256 : size]))
        assert list(new) == list(bundles_new(size, after))
        stored |= new
        size = after
    for bundle in bundles_of(size):
        assert stored[bundle] == encode_entries(ENTRIES[bundle.first : min(size, bundle.first + 256)])


def test_growth_from_the_wrong_rest_is_refused() -> None:
    refused("log.tile-content", lambda: list(bundles_grown(5, ENTRIES[5:6], ENTRIES[:4])))
    refused("merkle.hash", lambda: list(grow(0, [TreeHash(bytes(31))], TREE)))
    refused("merkle.size", lambda: list(grow(1, [ENTRIES[1].leaf], PerfectSubtrees.of([]))))
