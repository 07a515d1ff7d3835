"""The submitter against an outbox and a chain in memory."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, replace

import pytest
from fake_relay import FakeRelay, new_row
from memory_outbox import MemoryOutbox

from ledger.domain.errors import ChainUnavailable
from ledger.domain.identifiers import Digest
from ledger.domain.records import EntryState
from ledger.domain.registry_actions import TAKING, RegistryKind
from ledger.ports_outbox import NewRow, Target, TransactionState
from ledger.services.submit import Submitter

QUEUED, SENT, CONFIRMED, REFUSED = EntryState.QUEUED, EntryState.SENT, EntryState.CONFIRMED, EntryState.REFUSED


class FixedClock:
    def now(self) -> float:
        return 1000.0


@dataclass(slots=True)
class Bench:
    store: MemoryOutbox
    relay: FakeRelay
    submitter: Submitter

    def queue(self, *scripts: str, target: Target = Target.LEDGER) -> list[int]:
        return self.store.queue([new_row(script, target) for script in scripts])

    def states(self) -> list[EntryState]:
        return [row.state for row in self.store.by_id.values()]

    def refusals(self) -> list[str]:
        return [row.refusal for row in self.store.by_id.values()]

    async def rounds(self, count: int) -> None:
        for _ in range(count):
            await self.submitter.step()
            self.relay.mine()
        await self.submitter.step()


@pytest.fixture
def bench() -> Bench:
    store, relay = MemoryOutbox(), FakeRelay()
    return Bench(store, relay, Submitter(store, relay, FixedClock()))


async def test_entries_are_confirmed_from_the_receipt_and_not_from_the_sending(bench: Bench) -> None:
    bench.queue("ok 1", "ok 2")
    await bench.submitter.step()
    await bench.submitter.step()
    assert bench.states() == [SENT, SENT]
    bench.relay.mine()
    await bench.submitter.step()
    assert bench.states() == [CONFIRMED, CONFIRMED]
    (transaction,) = bench.store.by_nonce.values()
    assert transaction.state is TransactionState.SETTLED
    assert transaction.sent_at == 1000.0
    assert all(row.transaction == transaction.hash for row in bench.store.by_id.values())


async def test_nothing_is_sent_before_it_is_stored(bench: Bench) -> None:
    def is_stored(raw: bytes) -> None:
        assert raw in [one.raw for one in bench.store.by_nonce.values()]

    bench.relay.before_send = is_stored
    bench.queue(*(f"ok {number}" for number in range(12)))
    await bench.rounds(3)
    assert bench.states() == [CONFIRMED] * 12
    assert len(bench.relay.sent) == 3


async def test_confirmed_only_after_as_many_blocks_as_the_network_wants(bench: Bench) -> None:
    bench.relay.confirmations = 3
    bench.queue("ok 1")
    await bench.rounds(1)
    assert bench.states() == [SENT]
    await bench.rounds(1)
    assert bench.states() == [SENT]
    await bench.rounds(1)
    assert bench.states() == [CONFIRMED]


async def test_a_log_with_another_digest_does_not_confirm(bench: Bench) -> None:
    row = new_row("ok 1")
    bench.store.queue([NewRow(row.target, row.entry, Digest(bytes(32)), row.content_hash)])
    await bench.rounds(1)
    assert bench.refusals() == ["Again()"]


async def test_one_bad_entry_is_refused_with_its_rule_and_its_neighbours_stand(bench: Bench) -> None:
    bench.queue("ok 1", "no LotExists(lot=0x01)", "ok 2")
    await bench.rounds(1)
    assert bench.states() == [CONFIRMED, REFUSED, CONFIRMED]
    assert bench.refusals() == ["", "LotExists(lot=0x01)", ""]


async def test_registry_entries_are_confirmed_unless_skipped(bench: Bench) -> None:
    bench.queue("ok 1", "no PartyExists(party=1)", target=Target.REGISTRY)
    await bench.rounds(1)
    assert bench.states() == [CONFIRMED, REFUSED]


async def test_a_skip_is_a_hint_what_would_succeed_now_is_tried_again(bench: Bench) -> None:
    bench.queue("later 3")
    await bench.rounds(1)
    assert bench.states() == [REFUSED]  # at the head it would still fail
    bench.queue("later 5")
    await bench.submitter.step()
    bench.relay.mine()
    bench.relay.mine(3)
    await bench.rounds(3)
    assert bench.states()[1] is CONFIRMED


async def test_an_entry_that_comes_before_a_notice_is_over_waits_for_it_and_keeps_nobody_waiting(bench: Bench) -> None:
    bench.queue("notice 120", "ok 1")
    await bench.rounds(4)
    assert bench.states() == [QUEUED, CONFIRMED]
    sent = len(bench.relay.sent)
    await bench.rounds(3)
    assert len(bench.relay.sent) == sent  # nothing is sent in vain meanwhile
    bench.relay.mine(12)
    await bench.rounds(2)
    assert bench.states() == [CONFIRMED, CONFIRMED]


async def test_without_any_notice_it_is_refused(bench: Bench) -> None:
    bench.queue("no NoticeNotOver(consignment=0x00, from=0)")
    await bench.rounds(2)
    assert bench.states() == [REFUSED]


async def test_an_entry_that_is_skipped_again_and_again_without_a_reason_ends_refused(bench: Bench) -> None:
    async def would_succeed(target: Target, entry: object) -> str:
        return ""

    bench.relay.simulate = would_succeed  # type: ignore[method-assign,assignment]
    bench.queue("no Mystery()")
    await bench.rounds(12)
    assert bench.refusals() == ["Mystery()"]


async def test_an_entry_is_not_refused_while_an_earlier_one_is_open(bench: Bench) -> None:
    """The earlier one may be what it needs."""
    bench.relay.gas_cap = 1000
    first, second = bench.queue("ok 1", "no NotInTransit()")
    await bench.submitter.step()
    # The first one's nonce goes to somebody else; it will come back behind the second.
    bench.relay.use_nonce_elsewhere()
    await bench.submitter.step()
    assert bench.store.by_id[second].state is not REFUSED
    await bench.rounds(8)
    assert bench.store.by_id[first].state is CONFIRMED
    assert bench.store.by_id[second].state is REFUSED


async def test_an_entry_that_somebody_else_relayed_is_confirmed(bench: Bench) -> None:
    bench.queue("ok 1")
    bench.relay._recorded[b"ok 1"] = (b"\x07" * 32, 0)
    await bench.rounds(1)
    assert bench.states() == [CONFIRMED]
    assert bench.store.by_id[1].transaction == b"\x07" * 32


async def test_a_reverted_call_is_cut_in_half_until_it_fits(bench: Bench) -> None:
    bench.relay.starved = True
    bench.queue(*(f"ok {number}" for number in range(4)))
    await bench.rounds(12)
    assert bench.states() == [CONFIRMED] * 4


async def test_rows_of_two_targets_never_share_a_call_and_keep_their_order(bench: Bench) -> None:
    bench.queue("ok 1", "ok 2", target=Target.REGISTRY)
    bench.queue("ok 3")
    bench.queue("ok 4", target=Target.REGISTRY)
    await bench.submitter.step()
    transactions = [bench.store.by_nonce[nonce, 0] for nonce in range(3)]
    assert [one.rows for one in transactions] == [(1, 2), (3,), (4,)]


async def test_nonce_too_low_means_look_for_the_receipt(bench: Bench) -> None:
    bench.queue("ok 1")
    await bench.submitter.step()
    bench.relay.mine()
    restarted = Submitter(bench.store, bench.relay, FixedClock())
    sent = len(bench.relay.sent)
    await restarted.step()
    assert bench.states() == [CONFIRMED]
    assert len(bench.relay.sent) == sent


async def test_a_nonce_that_somebody_else_used_is_given_up_after_the_confirmations(bench: Bench) -> None:
    bench.relay.confirmations = 2
    bench.queue("ok 1")
    await bench.submitter.step()
    bench.relay.use_nonce_elsewhere()
    await bench.submitter.step()
    assert bench.states() == [SENT]  # the node may only be late
    await bench.rounds(6)
    assert bench.states() == [CONFIRMED]
    assert bench.store.by_nonce[0, 0].state is TransactionState.DISPLACED
    assert bench.store.by_nonce[1, 0].state is TransactionState.SETTLED


async def test_a_rolled_back_chain_gets_the_same_bytes_again(bench: Bench) -> None:
    bench.queue("ok 1", "no Rule()")
    await bench.rounds(1)
    assert bench.states() == [CONFIRMED, REFUSED]
    bench.relay.roll_back(1)
    await bench.submitter.step()
    assert bench.states() == [SENT, SENT]
    bench.relay.mine()
    await bench.submitter.step()
    assert bench.states() == [CONFIRMED, REFUSED]
    assert len(set(bench.relay.sent)) == 1


async def test_a_block_replaced_by_one_with_the_same_nonce_is_noticed(bench: Bench) -> None:
    bench.queue("ok 1")
    await bench.rounds(1)
    old = bench.store.by_nonce[0, 0].block
    bench.relay.roll_back(1)
    bench.relay.mine()
    await bench.relay.send(bench.relay.sent[0])
    bench.relay.mine()
    await bench.submitter.step()
    assert bench.states() == [CONFIRMED]
    assert bench.store.by_nonce[0, 0].block != old


async def test_a_long_history_on_another_chain_is_put_back_whole(bench: Bench) -> None:
    bench.relay.gas_cap = 1000
    bench.queue(*(f"ok {number}" for number in range(20)))
    await bench.rounds(8)
    assert bench.states() == [CONFIRMED] * 20
    bench.relay.roll_back(len(bench.relay.blocks) - 1)
    await bench.submitter.step()
    assert bench.states() == [SENT] * 20
    await bench.rounds(8)
    assert bench.states() == [CONFIRMED] * 20


async def test_a_gap_in_the_nonces_is_filled(bench: Bench) -> None:
    bench.relay.use_nonce_elsewhere()
    bench.queue("ok 1")
    await bench.rounds(1)
    assert bench.states() == [CONFIRMED]
    bench.relay.roll_back(len(bench.relay.blocks) - 1)
    bench.relay.nonce = 0
    await bench.rounds(4)
    assert bench.states() == [CONFIRMED]
    assert bench.store.by_nonce[0, 0].target is Target.NOTHING


async def test_a_stuck_transaction_is_replaced_with_a_higher_fee_and_either_may_win(bench: Bench) -> None:
    bench.queue("ok 1")
    await bench.submitter.step()
    bench.relay.base_fee = 50
    await bench.rounds(4)
    assert sorted(bench.store.by_nonce) == [(0, 0), (0, 1)]
    await bench.rounds(2)
    assert bench.states() == [CONFIRMED]
    assert bench.store.by_nonce[0, 0].state is TransactionState.DISPLACED
    assert bench.store.by_nonce[0, 1].state is TransactionState.SETTLED
    assert bench.store.by_id[1].transaction == bench.store.by_nonce[0, 1].hash


async def test_what_keeps_it_from_going_on_is_reported(bench: Bench) -> None:
    bench.relay.reject = "insufficient funds for gas"
    bench.queue("ok 1")
    await bench.submitter.step()
    await bench.rounds(4)
    assert "insufficient funds" in bench.submitter.status.problem
    bench.relay.reject = ""
    await bench.rounds(5)
    assert bench.states() == [CONFIRMED]
    assert bench.submitter.status.problem == ""


async def test_a_node_that_is_down_ends_a_step_but_not_the_worker(bench: Bench) -> None:
    bench.relay.down = True
    bench.queue("ok 1")
    with pytest.raises(ChainUnavailable):
        await bench.submitter.step()
    worker = asyncio.create_task(bench.submitter.run())
    while not bench.submitter.status.problem:  # noqa: ASYNC110
        await asyncio.sleep(0)
    assert bench.states() == [QUEUED]
    bench.relay.down = False
    bench.submitter.wake()
    while bench.states() != [CONFIRMED]:
        bench.submitter.wake()
        bench.relay.mine()
        await asyncio.sleep(0)
    worker.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await worker


async def test_no_more_transactions_wait_than_allowed(bench: Bench) -> None:
    submitter = Submitter(bench.store, bench.relay, FixedClock(), in_flight=2)
    bench.relay.gas_cap = 1000
    bench.queue(*(f"ok {number}" for number in range(5)))
    await submitter.step()
    assert bench.states() == [SENT, SENT, QUEUED, QUEUED, QUEUED]


class Covered:
    """A log whose first uncovered leaf came after that entry; None: all are covered."""

    def __init__(self, entry: int | None) -> None:
        self.entry = entry

    def first_uncovered_entry(self) -> int | None:
        return self.entry


class MovedClock:
    def __init__(self) -> None:
        self.time = 1000.0

    def now(self) -> float:
        return self.time


def with_log(bench: Bench, entry: int | None) -> tuple[Submitter, Covered, MovedClock]:
    clock, cover = MovedClock(), Covered(entry)
    submitter = Submitter(bench.store, bench.relay, clock)
    submitter.wait_for(cover)
    return submitter, cover, clock


def taking(script: str, kind: RegistryKind = RegistryKind.KEY_REVOCATION) -> NewRow:
    row = new_row(script, Target.REGISTRY)
    return replace(row, entry=replace(row.entry, kind=int(kind)))


@pytest.mark.parametrize("kind", sorted(TAKING))
async def test_what_takes_something_away_waits_for_statements_before_it(bench: Bench, kind: RegistryKind) -> None:
    bench.queue("ok 1")
    bench.store.queue([taking("ok 2", kind)])
    bench.queue("ok 3")
    submitter, cover, _ = with_log(bench, 1)
    await submitter.step()
    bench.relay.mine()
    await submitter.step()
    assert bench.states() == [CONFIRMED, QUEUED, QUEUED]  # and nothing overtakes it
    cover.entry = 2  # what is uncovered now was stated after it
    for _ in range(3):
        await submitter.step()
        bench.relay.mine()
    await submitter.step()
    assert bench.states() == [CONFIRMED] * 3


@pytest.mark.parametrize("kind", sorted(set(RegistryKind) - TAKING))
async def test_what_only_gives_waits_for_nothing(bench: Bench, kind: RegistryKind) -> None:
    bench.store.queue([taking("ok 1", kind)])
    submitter, _, _ = with_log(bench, 0)
    await submitter.step()
    assert bench.states() == [SENT]


async def test_a_log_that_is_stuck_keeps_no_stolen_key_alive(bench: Bench) -> None:
    bench.store.queue([taking("ok 1"), taking("ok 2")])
    submitter, _, clock = with_log(bench, 0)
    await submitter.step()
    clock.time += 29
    await submitter.step()
    assert bench.states() == [QUEUED, QUEUED]
    clock.time += 2
    await submitter.step()
    assert bench.states() == [SENT, SENT]
