"""A monitor finds every way to cheat, with the right name, and says nothing against an honest log."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from published_logs import MemoryChain, MemoryLog, MemorySigner, PublishedLog, entries_of

from ledger.domain.log.contract import LogContract
from ledger.domain.log.tile_names import bundles_of, tiles_of
from ledger.domain.log.watching import Watched
from ledger.domain.merkle import TreeHash
from ledger.services.monitor import Monitor, Round, Tolerance

HONEST = PublishedLog(entries_of(1_400))
OTHER = PublishedLog(entries_of(1_400, "other", same=150))
"""Forks off at entry 150."""
MAX_AGE = 600.0
CONFIRMATIONS = 3
CONTRACT = LogContract(31337, bytes(range(20)), 3)
A_ROOT = TreeHash(bytes(range(32)))


@dataclass
class Watch:
    """A monitor, what it watches, and what it knows."""

    log: MemoryLog = field(default_factory=lambda: MemoryLog({}))
    chain: MemoryChain = field(default_factory=MemoryChain)
    more_nodes: tuple[MemoryChain, ...] = ()
    now: float = 1_000.0
    watched: Watched = field(default_factory=lambda: Watched.nothing(1_000.0))
    last: Round | None = None

    def show(self, size: int, log: PublishedLog = HONEST, *, anchored: bool = True) -> None:
        """The operator anchors a size and publishes it."""
        if anchored:
            self.chain.extend(size, log.root(size))
            self.chain.mine()
        self.log.files = log.files(size)

    def look(self, after: float = 1.0) -> tuple[str, ...]:
        """A round; the ids of its alarms."""
        self.now += after
        tolerance = Tolerance(MAX_AGE, CONFIRMATIONS, pause=0.0)
        monitor = Monitor(self.log, (self.chain, *self.more_nodes), MemorySigner().key, CONTRACT, tolerance)
        self.last = asyncio.run(monitor.round(self.watched, self.now))
        self.watched = self.last.watched
        return tuple(alarm.id for alarm in self.last.alarms)

    @property
    def reasons(self) -> tuple[str, ...]:
        assert self.last is not None
        return self.last.reasons

    def is_well(self, size: int) -> bool:
        """Nothing to say, and all of that size verified."""
        return self.look() == () and self.reasons == () and self.watched.edge.root == HONEST.root(size)


@pytest.fixture
def watch() -> Watch:
    """An honest log of 300 entries, seen once."""
    watch = Watch()
    watch.show(300)
    assert watch.is_well(300)
    return watch


# ------------------------------------------------------------------------------------------------- honest logs


@settings(max_examples=25)
@given(st.lists(st.integers(1, 1_400), min_size=1, max_size=5, unique=True), st.data())
def test_an_honest_log_never_alarms_however_it_grows(sizes: list[int], data: st.DataObject) -> None:
    watch = Watch()
    kept: dict[str, bytes] = {}
    for size in sorted(sizes):
        watch.show(size, anchored=data.draw(st.booleans(), label="anchored"))
        if data.draw(st.booleans(), label="outgrown files are kept"):
            kept |= watch.log.files
            watch.log.files = {**kept, **watch.log.files}
        if data.draw(st.booleans(), label="looked at"):
            assert watch.look() == ()
            assert watch.reasons == ()
            assert watch.watched.edge.size == size


def test_nothing_is_fetched_again_but_samples(watch: Watch) -> None:
    watch.log.asked.clear()
    assert watch.is_well(300)
    samples = {"log/tile/entries/000", "log/tile/0/000"}
    assert set(watch.log.asked) == {"log/key", "log/checkpoint", "deployment.json"} | samples
    watch.show(301)
    watch.log.asked.clear()
    assert watch.is_well(301)
    assert "log/tile/entries/001.p/45" in watch.log.asked


def test_a_partial_tile_that_was_outgrown_is_read_from_the_full_one(watch: Watch) -> None:
    files = HONEST.files(600)
    watch.chain.extend(400, HONEST.root(400))
    watch.log.files = {
        **files,
        "log/checkpoint": HONEST.note(400),
        "log/tile/1/000.p/1": HONEST.files(400)["log/tile/1/000.p/1"],
    }
    assert watch.is_well(400)


def test_checkpoints_on_chain_that_were_passed_before_are_verified_out_of_tiles(watch: Watch) -> None:
    watch.show(1_300, anchored=False)
    assert watch.is_well(1_300)
    for size in (512, 700, 1_299):
        watch.chain.extend(size, HONEST.root(size))
    assert watch.is_well(1_300)
    watch.chain.mine()
    assert watch.is_well(1_300)
    assert watch.watched.mark == watch.chain.anchors[-1]


def test_what_is_verified_is_final_only_after_confirmations(watch: Watch) -> None:
    mark = watch.watched.mark
    watch.show(400, anchored=False)
    anchor = watch.chain.extend(400, HONEST.root(400))
    assert watch.is_well(400)
    assert watch.watched.mark == mark
    watch.chain.mine(CONFIRMATIONS - 2)
    assert watch.is_well(400)
    assert watch.watched.mark == mark
    watch.chain.mine(1)
    assert watch.is_well(400)
    assert watch.watched.mark == anchor


def test_a_reorg_that_is_not_deep_is_no_alarm(watch: Watch) -> None:
    watch.show(400, anchored=False)
    watch.chain.extend(400, HONEST.root(400))
    assert watch.is_well(400)
    watch.chain.anchors.pop()
    assert watch.is_well(400)
    watch.chain.mine(2)
    watch.chain.extend(400, HONEST.root(400))
    assert watch.is_well(400)


# -------------------------------------------------------------------------------------------------------- forks


def test_two_roots_for_one_size(watch: Watch) -> None:
    watch.log.files = OTHER.files(300)
    assert watch.look() == ("fork:published", "chain-differs:size 300")
    assert watch.last is not None
    evidence = watch.last.alarms[0].evidence
    assert evidence["noteBefore"].encode() == HONEST.note(300)
    assert evidence["note"].encode() == OTHER.note(300)
    watch.log.files = HONEST.files(300)
    assert watch.is_well(300)


@pytest.mark.parametrize("size", [301, 511, 512, 513, 1_300])
def test_a_tree_that_does_not_begin_with_the_one_seen(watch: Watch, size: int) -> None:
    watch.log.files = OTHER.files(size)
    assert "fork:published" in watch.look()
    assert not any(one.startswith(("wrong-root", "withheld")) for one in watch.look())
    assert watch.watched.edge.size == 300


def test_a_fork_after_a_checkpoint_that_was_seen_and_could_not_be_verified(watch: Watch) -> None:
    forked = PublishedLog(entries_of(1_400, "other", same=350))
    watch.log.files = {"log/checkpoint": forked.note(400), "log/key": watch.log.files["log/key"]}
    assert any(one.startswith("withheld") for one in watch.look())
    watch.show(500)
    assert watch.look() == ("fork:published",)


# ----------------------------------------------------------------------------------------------------- rollback


def test_a_smaller_checkpoint(watch: Watch) -> None:
    watch.log.files = HONEST.files(299)
    assert watch.look() == ("rollback:published",)
    assert watch.look() == ("rollback:published",)


def test_the_chain_loses_what_was_final(watch: Watch) -> None:
    watch.show(400)
    assert watch.is_well(400)
    watch.chain.anchors.pop()
    assert watch.look() == ("rollback:chain",)
    assert watch.look() == ("rollback:chain",)
    watch.chain.extend(500, HONEST.root(500))
    watch.log.files = HONEST.files(500)
    assert watch.look() == ("rollback:chain",), "it is as far again, and what was lost is told once more"
    assert watch.is_well(500)


def test_a_node_that_is_behind_is_no_rollback(watch: Watch) -> None:
    watch.chain.head = 3
    watch.chain.anchors = watch.chain.anchors[:1]
    assert watch.look() == ()
    assert "is at block 3" in watch.reasons[0]


# ----------------------------------------------------------------------------------------------------- withheld


@pytest.mark.parametrize("path", [one.path for one in (*tiles_of(1_300), *bundles_of(1_300))])
@pytest.mark.parametrize("how", ["missing", "shorter", "longer"])
def test_every_file_that_is_missing_or_has_another_length(path: str, how: str) -> None:
    watch = Watch()
    watch.show(1_300)
    files = dict(watch.log.files)
    content = files.pop(f"log/{path}")
    if how != "missing":
        files[f"log/{path}"] = content[:-1] if how == "shorter" else content + b"\0"
    watch.log.files = files
    alarms = watch.look()
    assert f"withheld:{path}" in alarms
    assert all(one.startswith("withheld:") for one in alarms)
    watch.log.files = HONEST.files(1_300)
    assert watch.is_well(1_300)


def test_a_checkpoint_that_was_there(watch: Watch) -> None:
    watch.log.files = {}
    assert watch.look() == ("withheld:checkpoint",)


def test_a_log_that_has_published_nothing_yet() -> None:
    watch = Watch()
    assert watch.look() == ()
    assert watch.reasons == ("the log has not published a checkpoint yet",)


@pytest.mark.parametrize("path", ["tile/0/000", "tile/entries/000"])
def test_files_that_were_verified_and_vanish_or_change_are_found_sooner_or_later(watch: Watch, path: str) -> None:
    files = HONEST.files(300)
    content = files.pop(f"log/{path}")
    watch.log.files = files
    assert watch.look() == (f"withheld:{path}",)
    watch.log.files = {**files, f"log/{path}": content[:-1] + bytes([content[-1] ^ 1])}
    assert [one.split(":")[0] for one in watch.look()] == ["wrong-root"]


# --------------------------------------------------------------------------------------------------- wrong root


@settings(max_examples=60)
@given(st.integers(1, 1_400), st.data())
def test_one_flipped_bit_anywhere(size: int, data: st.DataObject) -> None:
    watch = Watch()
    if (before := data.draw(st.integers(0, size - 1), label="before")) > 0:
        watch.show(before)
        assert watch.look() == ()
    watch.show(size)
    new = sorted(path for path in watch.log.files if path.startswith("log/tile/"))
    path = data.draw(st.sampled_from(new), label="path")
    content = bytearray(watch.log.files[path])
    place = data.draw(st.integers(0, len(content) * 8 - 1), label="bit")
    content[place // 8] ^= 1 << place % 8
    watch.log.files = {**watch.log.files, path: bytes(content)}
    kinds = {one.split(":")[0] for one in watch.look()}
    was_verified = path in HONEST.files(before)
    # Samples are taken by chance, so a file that was verified before may be passed over this time.
    assert kinds <= {"wrong-root", "withheld"}
    assert kinds or was_verified


def test_a_signed_root_of_no_tree(watch: Watch) -> None:
    watch.log.files = {**HONEST.files(400), "log/checkpoint": HONEST.note(400, A_ROOT)}
    assert watch.look() == ("wrong-root:published",)
    watch.log.files = HONEST.files(400)
    assert watch.look() == ("fork:published",), "two roots were signed for size 400"


# ---------------------------------------------------------------------------------------------------- the chain


@pytest.mark.parametrize("size", [200, 300, 350, 400])
def test_another_root_on_chain(watch: Watch, size: int) -> None:
    watch.show(400, anchored=False)
    watch.chain.extend(size, OTHER.root(size))
    watch.chain.mine()
    assert watch.look() == (f"chain-differs:size {size}",)
    assert watch.look() == (f"chain-differs:size {size}",)


def test_a_published_checkpoint_that_never_comes_to_the_chain(watch: Watch) -> None:
    watch.show(400, anchored=False)
    assert watch.is_well(400)
    assert watch.look(MAX_AGE - 1) == ()
    assert watch.look(2) == ("chain-differs:unanchored",)
    watch.chain.extend(450, HONEST.root(450))
    watch.log.files = HONEST.files(450)
    assert watch.is_well(450)


def test_a_log_that_is_not_published_any_more_although_the_chain_grows(watch: Watch) -> None:
    for size in range(400, 404):
        watch.chain.extend(size, HONEST.root(size))
        assert watch.look(MAX_AGE / 2) == (() if size < 402 else ("stale:unpublished",))
        if size == 401:
            watch.now += 1
    watch.log.files = HONEST.files(403)
    assert watch.is_well(403)


def test_at_the_first_look_the_chains_own_clock_tells_how_stale_a_log_is() -> None:
    watch = Watch()
    watch.show(300)
    watch.chain.extend(400, HONEST.root(400))
    watch.chain.mine(int(MAX_AGE))
    assert watch.look() == ("stale:unpublished",)


def test_an_idle_log_is_not_stale(watch: Watch) -> None:
    watch.chain.mine(10_000)
    assert watch.look(100 * MAX_AGE) == ()


# -------------------------------------------------------------------------------------------------- keys, notes


def test_a_checkpoint_signed_by_another_key(watch: Watch) -> None:
    thief = replace(HONEST, signer=MemorySigner(2))
    watch.log.files = {**HONEST.files(400), "log/checkpoint": thief.note(400)}
    assert watch.look() == ("bad-note:note",)
    watch.log.files = thief.files(400)
    assert watch.look() == ("bad-note:key", "bad-note:note")


@pytest.mark.parametrize("note", [b"", b"\xff", b"a\n\nb", HONEST.note(300).replace(b"300", b"301")])
def test_what_is_no_note(watch: Watch, note: bytes) -> None:
    watch.log.files = {**HONEST.files(300), "log/checkpoint": note}
    assert watch.look() == ("bad-note:note",)


def test_another_contract(watch: Watch) -> None:
    record = json.dumps(CONTRACT.to_json()).encode()
    watch.log.files = {**watch.log.files, "deployment.json": record}
    assert watch.is_well(300)
    other = json.dumps({**CONTRACT.to_json(), "eventLog": "0x" + "ab" * 20}).encode()
    watch.log.files = {**watch.log.files, "deployment.json": other}
    assert watch.look() == ("chain-differs:contract",)


# ------------------------------------------------------------------------------------------------ could not tell


@pytest.mark.parametrize("down", ["", "log/checkpoint", "log/tile/entries/001.p/144"])
def test_a_service_that_does_not_answer_is_an_alarm_only_after_a_while(watch: Watch, down: str) -> None:
    watch.show(400)
    watch.log.down = {down}
    assert watch.look() == ()
    assert watch.reasons
    assert watch.look(2 * MAX_AGE) == ("stale:silence",)
    watch.log.down = set()
    assert watch.is_well(400)


def test_one_node_of_two_that_does_not_answer_is_said(watch: Watch) -> None:
    watch.more_nodes = (MemoryChain("http://other.example", down=True),)
    assert watch.look() == ()
    assert watch.reasons == ("http://other.example: no answer",)
    watch.chain.down = True
    assert watch.look() == ()
    assert len(watch.reasons) == 2


def test_nodes_that_differ_in_what_is_final(watch: Watch) -> None:
    second = MemoryChain("http://other.example", head=watch.chain.head, anchors=list(watch.chain.anchors))
    watch.more_nodes = (second,)
    assert watch.is_well(300)
    assert watch.last is not None
    assert watch.last.view is not None
    assert watch.last.view.nodes == ("http://node.example", "http://other.example")
    watch.show(400)
    assert watch.is_well(400), "the second node is behind, and that is no contradiction"
    second.extend(400, OTHER.root(400))
    second.mine()
    assert watch.look() == ()
    assert "show different checkpoints" in watch.reasons[0]
