"""A log rebuilt from its entries, its right edge, files looked at again, and a monitor's state, read strictly."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from published_logs import MemorySigner, PublishedLog, entries_of

from ledger.domain.errors import InvalidInput, WrongChain
from ledger.domain.log.alarms import Alarm, AlarmKind
from ledger.domain.log.anchors import Anchor
from ledger.domain.log.contract import LogContract
from ledger.domain.log.edge import EMPTY_ROOT, Rebuild, RightEdge
from ledger.domain.log.monitored import MOST_KEPT, MonitorState
from ledger.domain.log.samples import full_bundles, tiles_of_sample, wrong_file
from ledger.domain.log.tile_names import EntryBundle, Tile, bundles_new, bundles_of, tiles_of
from ledger.domain.log.watched_json import state_from_json, state_to_json
from ledger.domain.log.watching import Published, Waiting, Watched
from ledger.domain.merkle import TreeHash

MOST = 1_100
LOG = PublishedLog(entries_of(MOST))
SIZES = st.integers(0, MOST)
CONTRACT = LogContract(31337, bytes(range(20)), 7)
A_HASH = TreeHash(bytes(range(32)))


def rebuilt(before: RightEdge, size: int, sizes: set[int]) -> tuple[Rebuild, dict[str, bytes]]:
    """The log up to that size, and the tiles that came out."""
    rebuild, files = Rebuild(before, sizes), LOG.files(size)
    tiles: dict[str, bytes] = {}
    for bundle in bundles_new(before.size, size):
        tiles |= {tile.path: content for tile, content in rebuild.take(bundle, files[f"log/{bundle.path}"])}
    tiles |= {tile.path: content for tile, content in rebuild.edge.partial_tiles}
    return rebuild, tiles


@settings(max_examples=40)
@given(st.lists(SIZES, min_size=1, max_size=4), st.sets(SIZES, max_size=5))
def test_in_any_steps_the_roots_and_tiles_are_those_of_the_whole_log(steps: list[int], sizes: set[int]) -> None:
    edge, roots, tiles = RightEdge.of_empty_log(), dict[int, TreeHash](), dict[str, bytes]()
    for size in sorted(steps):
        rebuild, made = rebuilt(edge, size, sizes)
        assert rebuild.changed is None
        edge, roots, tiles = rebuild.edge, roots | rebuild.roots, tiles | made
        assert edge.root == LOG.root(size)
    assert roots == {size: LOG.root(size) for size in sizes if size <= max(steps)}
    files = LOG.files(max(steps))
    assert {tile.path: tiles[tile.path] for tile in tiles_of(max(steps))} == {
        tile.path: files[f"log/{tile.path}"] for tile in tiles_of(max(steps))
    }


def test_an_entry_that_changed_is_named_and_the_old_one_stays() -> None:
    edge = rebuilt(RightEdge.of_empty_log(), 300, set())[0].edge
    other = PublishedLog(entries_of(MOST, "other", same=290)).files(310)
    rebuild = Rebuild(edge, [])
    rebuild.take(EntryBundle(1, 54), other["log/tile/entries/001.p/54"])
    assert rebuild.changed == 290
    assert rebuild.edge.root not in (LOG.root(310), PublishedLog(entries_of(MOST, "other", same=290)).root(310))


def test_only_the_bundle_that_comes_next_is_taken() -> None:
    rebuild = Rebuild(RightEdge.of_empty_log(), [])
    with pytest.raises(InvalidInput, match="entry 0 comes next"):
        rebuild.take(EntryBundle(1, 44), LOG.files(300)["log/tile/entries/001.p/44"])


@pytest.mark.parametrize("rows", [(), ((A_HASH,) * 43,), ((A_HASH,) * 44, ()), ((TreeHash(b""),) * 44, (A_HASH,))])
def test_an_edge_that_no_log_has(rows: tuple[tuple[TreeHash, ...], ...]) -> None:
    with pytest.raises(InvalidInput):
        RightEdge(300, rows)


def test_the_empty_log() -> None:
    assert RightEdge.of_empty_log().root == EMPTY_ROOT
    assert RightEdge.of_empty_log().partial_tiles == ()


# ----------------------------------------------------------------------------------------------- looked at again


@settings(max_examples=30)
@given(st.integers(256, MOST), st.data())
def test_a_sample_is_right_until_one_of_its_files_changes(size: int, data: st.DataObject) -> None:
    files, edge = LOG.files(size), rebuilt(RightEdge.of_empty_log(), size, set())[0].edge
    index = data.draw(st.integers(0, full_bundles(size) - 1))
    line = tiles_of_sample(index, size)
    tiles = {tile: files[f"log/{tile.path}"] for tile in line}
    bundle = files[f"log/{EntryBundle(index).path}"]
    assert wrong_file(index, bundle, tiles, edge) is None
    place = data.draw(st.integers(0, len(bundle) - 1))
    flipped = bundle[:place] + bytes([bundle[place] ^ 1]) + bundle[place + 1 :]
    assert wrong_file(index, flipped, tiles, edge) == EntryBundle(index).path
    other = PublishedLog(entries_of(MOST, "other")).files(size)
    both = {Tile(0, index): other[f"log/{Tile(0, index).path}"]}
    assert wrong_file(index, other[f"log/{EntryBundle(index).path}"], both, edge) == Tile(0, index).path


def test_in_a_large_log_a_sample_leads_up_through_full_tiles() -> None:
    assert tiles_of_sample(0, 256) == (Tile(0, 0),)
    assert tiles_of_sample(300, 256**3 + 5) == (Tile(0, 300), Tile(1, 1), Tile(2, 0))
    assert tiles_of_sample(65_536, 256**3 + 300) == (Tile(0, 65_536),)


def test_every_full_bundle_is_a_sample() -> None:
    assert full_bundles(MOST) == sum(one.is_full for one in bundles_of(MOST))


# -------------------------------------------------------------------------------------------------- the state


def state() -> MonitorState:
    watched = Watched(
        rebuilt(RightEdge.of_empty_log(), 300, set())[0].edge, 12.5, Published(301, A_HASH, LOG.note(301, A_HASH)),
        Anchor(256, LOG.root(256), 0, 9, A_HASH, A_HASH, 2), ((300, LOG.root(300)),),
        Waiting(400, 11.0), Waiting(301, 10.0),
    )  # fmt: skip
    fresh = MonitorState("http://log.example", MemorySigner().key, CONTRACT, watched)
    return fresh.after(watched, [Alarm(AlarmKind.FORK, "published", "A fork.", {"note": "…"})], 13.0)[0]


def test_the_state_comes_back_as_it_went() -> None:
    text = json.dumps(state_to_json(state()))
    assert state_from_json(json.loads(text)) == state()
    empty = MonitorState("http://log.example", MemorySigner().key, CONTRACT, Watched.nothing(1.0))
    assert state_from_json(json.loads(json.dumps(state_to_json(empty)))) == empty


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("format",), "silkroot-monitor-0"),
        (("key",), "no key"),
        (("contract", "eventLog"), "0x12"),
        (("watched", "size"), -1),
        (("watched", "size"), 299),
        (("watched", "rows", 0), "zz"),
        (("watched", "rows", 0), "00"),
        (("watched", "mark", "root"), "00"),
        (("watched", "seen", "size"), True),
        (("raised", 0, "kind"), "other"),
        (("watched",), []),
    ],
)
def test_a_state_that_no_monitor_wrote(place: tuple[str | int, ...], value: object) -> None:
    tree: Any = json.loads(json.dumps(state_to_json(state())))
    parent = tree
    for name in place[:-1]:
        parent = parent[name]
    parent[place[-1]] = value
    with pytest.raises(InvalidInput):
        state_from_json(tree)


def test_an_alarm_is_new_once_and_again_when_it_had_gone() -> None:
    alarm, other = (Alarm(kind, "a", "A sentence.") for kind in (AlarmKind.FORK, AlarmKind.STALE))
    now = MonitorState("http://log.example", MemorySigner().key, CONTRACT, Watched.nothing(1.0))
    for alarms, expected in (([alarm], (alarm,)), ([alarm, other], (other,)), ([], ()), ([alarm], (alarm,))):
        now, new = now.after(now.watched, alarms, 2.0)
        assert new == expected
    assert [one.alarm for one in now.raised] == [other, alarm]
    for index in range(MOST_KEPT + 5):
        now, _ = now.after(now.watched, [Alarm(AlarmKind.WITHHELD, str(index), "A sentence.")], 3.0)
    assert len(now.raised) == MOST_KEPT


@pytest.mark.parametrize(
    "record", [[], {}, {"chainId": "1", "eventLog": "0x" + "00" * 20}, {"chainId": 1, "eventLog": 5}]
)
def test_what_names_no_contract(record: object) -> None:
    with pytest.raises(WrongChain):
        LogContract.from_json(record)
