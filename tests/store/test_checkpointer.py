"""
The checkpointer on a real store and a chain in memory: every way in which the two can stand to each other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import event_builders as b
import pytest
from log_bench import Log, new_log, root_over
from second_signatures import resign, settle

from ledger.domain.errors import ChainUnavailable
from ledger.domain.merkle import event_leaf
from ledger.domain.proof_json import signature_hash
from ledger.domain.records import EntryState


@pytest.fixture
def log(tmp_path: Path, url: str) -> Iterator[Log]:
    """One event is recorded, a harvest, and nothing is covered yet."""
    made = new_log(tmp_path, url)
    yield made
    made.world.store.close()


# ------------------------------------------------------------------------------------------------ the plain way


def test_a_statement_is_confirmed_once_a_final_checkpoint_covers_it(log: Log) -> None:
    (event,) = log.state()
    store = log.world.store
    assert event.state is EntryState.QUEUED
    log.step()
    assert [size for _, size, _ in log.chain.sent] == [2]
    assert store.log.places([event.content_hash]) == {}
    log.chain.mine()
    log.step()
    assert (log.chain.size, log.published, log.problem) == (2, 2, "")
    assert log.chain.root == root_over(store.events(0, 10))
    (stored,) = store.events(1, 1)
    assert stored.state is EntryState.CONFIRMED
    place = store.log.places([event.content_hash])[event.content_hash]
    assert (place.proof.index, place.proof.size, place.block, place.first_block) == (1, 2, 1, 1)
    assert place.proof.holds(event_leaf(event.content_hash, signature_hash(event.proof)), log.chain.root)


def test_only_what_moves_nothing_is_confirmed_by_the_log_alone(log: Log) -> None:
    log.anchor()
    assert [event.state for event in log.world.store.events(0, 10)] == [EntryState.QUEUED, EntryState.CONFIRMED]


def test_where_nothing_waits_nothing_is_sent(log: Log) -> None:
    log.anchor()
    for _ in range(3):
        log.step()
        log.chain.mine()
    assert len(log.chain.sent) == 1


def test_a_place_keeps_the_first_checkpoint_that_covered_it(log: Log) -> None:
    (first,) = log.anchor()
    log.chain.mine(3)
    (second,) = log.anchor()
    places = log.world.store.log.places([first.content_hash, second.content_hash])
    assert [places[one.content_hash].first_block for one in (first, second)] == [1, 5]
    assert {place.block for place in places.values()} == {5}
    for event in (first, second):
        leaf = event_leaf(event.content_hash, signature_hash(event.proof))
        assert places[event.content_hash].proof.holds(leaf, log.chain.root)


def test_one_extension_is_under_way_at_a_time(log: Log) -> None:
    log.state()
    log.step()
    log.state()
    log.step()
    assert [size for _, size, _ in log.chain.sent] == [2]
    log.chain.mine()
    log.step()
    log.chain.mine()
    log.step()
    assert [size for _, size, _ in log.chain.sent] == [2, 3]
    assert log.published == 3


def test_extensions_keep_their_pace(log: Log) -> None:
    log.anchor()
    log.state()
    log.clock.time -= 3
    log.step()
    assert len(log.chain.sent) == 1
    log.step()
    assert len(log.chain.sent) == 2


def test_so_many_leaves_that_gas_is_paid_for_do_not_wait(log: Log) -> None:
    log.anchor()
    log.clock.time -= 1
    for count, sent in ((39, 1), (1, 2)):
        log.state(count)
        log.clock.time -= 2
        log.step()
        assert len(log.chain.sent) == sent
    assert log.chain.sent[-1][1] == 42


def test_pages_bound_what_is_in_memory_and_leave_the_same_log(log: Log) -> None:
    log.state(11)
    log.step(log.another(page=3))
    log.chain.mine()
    log.step()
    assert log.chain.root == root_over(log.world.store.events(0, 100))
    assert log.world.fsck() == []


def test_nothing_is_final_before_the_networks_confirmations(log: Log) -> None:
    log.chain.confirmations = 3
    (event,) = log.anchor()
    assert (log.published, log.world.store.log.counts().on_chain) == (0, 2)
    assert log.world.store.log.places([event.content_hash]) == {}
    log.chain.mine()
    log.step()
    assert log.published == 0
    log.chain.mine()
    log.step()
    assert log.published == 2


# ------------------------------------------------------------------------------------------------ what gets lost


def test_a_lost_transaction_is_sent_again(log: Log) -> None:
    log.state()
    log.step()
    log.chain.pool.clear()
    log.chain.mine(3)
    log.step()
    assert log.chain.sent == [(0, 2, 2)] * 2
    log.chain.mine()
    log.step()
    assert log.published == 2


def test_a_stuck_one_is_replaced_by_one_that_pays_more_and_covers_more(log: Log) -> None:
    log.state()
    log.step()
    log.chain.base_fee = 3
    log.chain.mine(5)
    log.state()
    log.step()
    assert log.chain.sent[-1] == (0, 3, 6)
    log.chain.mine()
    log.step()
    assert log.published == 3


def test_one_that_no_fee_helps_is_reported(log: Log) -> None:
    log.state()
    log.step()
    log.chain.base_fee = 2000
    log.chain.mine(5)
    log.step()
    assert log.problem == "the checkpoint of size 2 is not mined, though it offers 2 wei per gas"
    assert log.checkpointer.status.is_stuck


def test_after_a_crash_the_one_under_way_is_not_doubled(log: Log) -> None:
    log.state()
    log.step()
    log.state()
    restarted = log.another()
    log.step(restarted)
    assert log.chain.sent[-1] == (0, 3, 2)  # underpriced beside the first, so the first is waited for
    log.chain.mine()
    log.step(restarted)
    log.chain.mine()
    log.step(restarted)
    assert (log.chain.size, log.chain.failed, log.published) == (3, 0, 3)


def test_a_node_that_refuses_is_reported_and_asked_again(log: Log) -> None:
    log.state()
    log.chain.rejects = "insufficient funds"
    log.step()
    assert log.problem == "the node refuses the checkpoint: insufficient funds"
    log.chain.rejects = ""
    log.step()
    log.chain.mine()
    log.step()
    assert (log.published, log.problem) == (2, "")


def test_an_account_that_cannot_pay_is_said_and_nothing_is_sent(log: Log) -> None:
    log.state()
    log.chain.refuses = "the log's operator account 0xab has too little to pay gas with"
    log.step()
    assert log.problem == log.chain.refuses
    assert log.checkpointer.status.is_stuck
    assert log.chain.sent == []
    log.chain.refuses = ""
    log.step()
    assert (log.problem, len(log.chain.sent)) == ("", 1)


def test_a_chain_that_is_down_keeps_nothing_from_being_integrated(log: Log) -> None:
    log.state()
    log.chain.down = True
    with pytest.raises(ChainUnavailable):
        log.step()
    assert log.world.store.log.counts().integrated == 2


async def test_run_says_what_keeps_it_and_goes_on(log: Log) -> None:
    await asyncio.to_thread(log.state)
    log.chain.down = True
    running = asyncio.create_task(log.checkpointer.run())
    async with asyncio.timeout(10):
        while not log.problem:  # noqa: ASYNC110 - the checkpointer has no event for that
            await asyncio.sleep(0.01)
        assert "connection refused" in log.problem
        log.chain.down = False
        while log.published < 2:
            log.checkpointer.wake()
            log.clock.time += 2
            log.chain.mine()
            await asyncio.sleep(0.01)
    running.cancel()
    assert log.problem == ""


# ------------------------------------------------------------------------------------------------ the registry


def test_no_checkpoint_covers_what_came_after_an_open_entry_of_the_registry(log: Log) -> None:
    log.anchor()
    log.world.keys.rotate(b.FARM)
    log.state()
    log.step()
    counts = log.world.store.log.counts()
    assert (counts.leaves, counts.integrated, log.chain.size, len(log.chain.sent)) == (3, 2, 2, 1)
    assert "wait for an entry of the registry" in log.problem
    assert not log.checkpointer.status.is_stuck
    log.settle_registrations()
    log.step()
    log.chain.mine()
    log.step()
    assert (log.published, log.problem) == (3, "")


def test_a_registry_that_is_stuck_costs_no_promise(log: Log) -> None:
    log.anchor()
    log.world.keys.rotate(b.FARM)
    log.state()
    log.clock.time = log.world.clock.time + 1795
    log.step()
    assert log.world.store.log.counts().integrated == 2
    log.clock.time += 5
    log.step()
    log.chain.mine()
    log.step()
    assert log.published == 3


def test_what_came_before_the_entry_is_covered_without_it(log: Log) -> None:
    log.state(2)
    log.world.keys.rotate(b.FARM)
    log.state()
    assert log.world.store.log.releasable(log.clock.time) == 3
    log.step()
    assert [size for _, size, _ in log.chain.sent] == [3]
    assert log.world.store.log.first_uncovered_entry() is not None


def test_entries_that_a_rollback_opened_again_hold_back_what_is_in_tiles_already(log: Log) -> None:
    log.world.keys.rotate(b.FARM)
    row = log.world.store.outbox.queued(100)[-1].id
    log.settle_registrations()
    log.anchor(2)
    log.chain.forget_everything()
    log.sql("UPDATE outbox_rows SET state = 'sent' WHERE id = ?", row)
    log.step()
    assert [size for _, size, _ in log.chain.sent] == [3, 1]
    log.chain.mine()
    log.settle_registrations()
    log.sql("UPDATE outbox_rows SET state = 'confirmed' WHERE id = ?", row)
    log.step()
    log.chain.mine()
    log.step()
    assert log.chain.size == 3


def test_the_first_uncovered_leaf_says_what_it_came_after(log: Log) -> None:
    store = log.world.store
    log.anchor()
    assert store.log.first_uncovered_entry() is None
    log.state()
    last = max(row.id for row in store.outbox.queued(1000))
    assert store.log.first_uncovered_entry() == last
    log.world.keys.rotate(b.FARM)
    log.state()
    assert store.log.first_uncovered_entry() == last


def test_signed_again_is_another_leaf_and_the_place_is_that_of_the_present_proof(log: Log) -> None:
    world = log.world
    (event,) = world.store.events(0, 1)
    log.step()
    settle(world, {event.content_hash: "KeyIsRevoked(keyId=0x00, revokedAt=1)"})
    world.clock.time += 60
    (again,) = resign(world).resign(b.FARM)
    assert again.violations == ()
    for _ in range(2):
        log.chain.mine()
        log.step()
    log.chain.mine()
    log.step()
    place = world.store.log.places([event.content_hash])[event.content_hash]
    assert (place.proof.index, place.proof.size) == (1, 2)
    leaf = event_leaf(event.content_hash, signature_hash(again.event.proof))
    assert place.proof.holds(leaf, log.chain.root)
    stated = world.store.archive.acknowledgements([event.content_hash])[event.content_hash].acknowledgement
    assert (stated.log_index, stated.leaf_hash) == (1, leaf)
    assert world.fsck() == []
