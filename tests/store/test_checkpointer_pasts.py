"""
The checkpointer where store and chain have other pasts than it remembers, and where what is stored was damaged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import event_builders as b
import pytest
from log_bench import Log, new_log, root_over

from ledger.domain.errors import Conflict
from ledger.domain.log.proofs import ConsistencyProof
from ledger.domain.merkle import TreeHash
from ledger.ports_log import Extension
from ledger.services.integrate import LogStopped, integrate


@pytest.fixture
def log(tmp_path: Path, url: str) -> Iterator[Log]:
    """One event is recorded, a harvest, and nothing is covered yet."""
    made = new_log(tmp_path, url)
    yield made
    made.world.store.close()


# ------------------------------------------------------------------------------------------------ other pasts


def test_a_chain_that_was_rolled_back_is_extended_again_and_what_was_published_stays(log: Log) -> None:
    (first,) = log.anchor()
    (second,) = log.anchor()
    before = log.world.store.archive.published()
    log.chain.rollback(1)
    assert log.chain.size == 2
    log.step()
    places = log.world.store.log.places([first.content_hash, second.content_hash])
    assert list(places) == [first.content_hash]
    assert log.world.store.archive.published() == before
    log.chain.mine()
    log.step()
    assert log.chain.size == 3
    assert list(log.world.store.log.places([second.content_hash])) == [second.content_hash]
    assert log.world.store.archive.published() == before
    assert log.world.fsck() == []


def test_a_chain_that_lost_everything_is_extended_from_nothing(log: Log) -> None:
    for _ in range(5):
        (event,) = log.anchor()
    log.chain.forget_everything()
    log.step()
    assert log.world.store.log.places([event.content_hash]) == {}
    log.chain.mine()
    log.step()
    place = log.world.store.log.places([event.content_hash])[event.content_hash]
    assert (log.chain.size, place.first_block, log.published) == (6, 1, 6)
    assert log.world.fsck() == []
    log.anchor()
    assert log.published == 7


def test_a_reorg_that_moves_a_checkpoint_moves_it_here_too(log: Log) -> None:
    (event,) = log.anchor()
    log.chain.reorganise(1)
    log.step()
    place = log.world.store.log.places([event.content_hash])[event.content_hash]
    assert (place.block, place.first_block, len(log.chain.sent)) == (2, 2, 1)
    assert log.world.fsck() == []


def test_a_long_reorg_is_followed_back_in_strides(log: Log) -> None:
    for _ in range(9):
        log.anchor()
    log.chain.reorganise(5)
    log.step()
    seen = log.world.store.log.anchored_since(0)
    assert seen == log.chain.logs
    assert log.problem == ""


def test_another_root_on_chain_stops_the_log(log: Log) -> None:
    log.anchor()
    log.state()
    foreign = Extension(5, TreeHash(b"\x05" * 32), _no_proof(5))
    log.chain.logs.clear()
    log.chain.pool[1] = (foreign, 5)
    log.chain.mine()
    assert log.chain.size == 5
    sent = len(log.chain.sent)
    log.state(4)
    with pytest.raises(LogStopped, match="the log on chain is another one: the root of its 5 leaves is 0x0505"):
        log.step()
    log.chain.mine()
    with pytest.raises(LogStopped):
        log.step(log.another())
    assert len(log.chain.sent) == sent
    assert log.published == 2


def test_a_log_on_chain_that_is_longer_than_the_database_stops_it(log: Log) -> None:
    log.chain.pool[0] = (Extension(9, TreeHash(b"\x05" * 32), _no_proof(9)), 5)
    log.chain.mine()
    with pytest.raises(LogStopped, match="has 9 leaves and this database only 1; was an older copy"):
        log.step()
    assert log.chain.sent == []


def test_a_chain_ahead_of_the_tiles_is_caught_up_with(log: Log) -> None:
    """As after a crash between the sending and anything else, or a copy of the tiles that is older."""
    events = [*log.world.store.events(0, 1), *log.state(3)]
    log.chain.pool[0] = (Extension(4, root_over(events), _no_proof(4)), 5)
    log.chain.mine()
    log.world.register.register(b.master_data())
    log.step()
    assert (log.published, log.chain.sent) == (4, [])


def _no_proof(size: int) -> ConsistencyProof:
    return ConsistencyProof(0, size, ())


def test_two_checkpointers_at_once_do_not_fork_the_log(log: Log) -> None:
    rivals = [log.checkpointer, log.another()]

    async def both() -> None:
        for result in await asyncio.gather(*(one.step() for one in rivals), return_exceptions=True):
            assert result is None or isinstance(result, Conflict), result

    for _ in range(6):
        log.state(3)
        log.clock.time += 2
        asyncio.run(both())
        log.chain.mine()
    for _ in range(3):
        log.clock.time += 2
        asyncio.run(both())
        log.chain.mine()
    assert (log.chain.size, log.published) == (19, 19)
    assert log.chain.root == root_over(log.world.store.events(0, 100))
    assert log.world.fsck() == []


def test_tiles_that_another_one_integrated_are_not_written_twice(log: Log) -> None:
    store = log.world.store.log
    integrate(store, 1)
    with pytest.raises(Conflict, match="1 leaves in tiles by now, not 0"):
        store.integrate(0, [], [], 1)


# ------------------------------------------------------------------------------------------------ what was damaged


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE events SET body = x'7b' WHERE sequence = 2", "event 2, leaf 1 of the log: the body cannot be read"),
        ("UPDATE events SET body = x'7b7d' WHERE sequence = 2", "event 2, leaf 1 of the log: the body hashes to"),
        ("UPDATE events SET proof = x'7b7d' WHERE sequence = 2", "event 2, leaf 1 of the log: no stored signature"),
        (
            "UPDATE log_leaves SET after_entry = after_entry + 1 WHERE log_index = 1",
            "event 2, leaf 1.*the leaf is not what",
        ),
        (
            "UPDATE log_acknowledgements SET time = time + 1 WHERE first_index = 1",
            "event 2, leaf 1.*or its acknowledgement",
        ),
        ("UPDATE log_acknowledgements SET count = 1 WHERE first_index = 1", "event 2, leaf 1.*or its acknowledgement"),
        ("DELETE FROM log_acknowledgements WHERE first_index = 1", "event 2, leaf 1.*or its acknowledgement"),
        ("DELETE FROM log_acknowledgements", "event 1, leaf 0.*or its acknowledgement"),
        ("DELETE FROM log_leaves WHERE log_index = 1", "leaf 1 of the log is missing"),
    ],
)
def test_what_is_not_as_it_was_written_stops_the_log_and_is_named(log: Log, change: str, said: str) -> None:
    log.state(2)
    log.sql(change)
    with pytest.raises(LogStopped, match=said):
        log.step()
    assert log.chain.sent == []
    assert log.published == 0


def test_what_is_mended_goes_on(log: Log) -> None:
    log.state()
    ((body,),) = log.world.sql("SELECT body FROM events WHERE sequence = 2")
    log.sql("UPDATE events SET body = ? WHERE sequence = 2", b"{}")
    with pytest.raises(LogStopped):
        log.step()
    log.sql("UPDATE events SET body = ? WHERE sequence = 2", body)
    log.step()
    assert [size for _, size, _ in log.chain.sent] == [2]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE log_tiles SET content = zeroblob(64) WHERE level = 0", "do not lead to the root that was kept"),
        ("DELETE FROM log_tiles WHERE level = 0", "tile/0/000.p/2 is missing"),
        ("DELETE FROM log_tiles WHERE level = -1", "tile/entries/000.p/2 is missing"),
        ("UPDATE log_tiles SET content = zeroblob(132) WHERE level = -1", "tile/entries/000.p/2 cannot be read"),
        ("UPDATE log_checkpoints SET root = zeroblob(32)", "do not lead to the root that was kept"),
    ],
)
def test_damaged_tiles_are_not_grown(log: Log, change: str, said: str) -> None:
    log.anchor()
    log.state()
    log.sql(change)
    with pytest.raises(LogStopped, match=said):
        log.step(log.another())
    assert len(log.chain.sent) == 1


async def test_a_tile_that_is_none_any_more_ends_no_service(log: Log) -> None:
    await asyncio.to_thread(log.state)
    integrate(log.world.store.log, 2)
    log.sql("UPDATE log_tiles SET content = x'00' WHERE level = 0")
    running = asyncio.create_task(log.another().run())
    await asyncio.sleep(0.3)
    assert not running.done()
    running.cancel()
