"""The outbox in SQL does what its port says: step by step the same as the in-memory one, and it takes refusals back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import event_builders as b
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from ledger_fixture import World
from memory_outbox import MemoryOutbox

from ledger.adapters.sql_store.store import SqlStore
from ledger.domain.errors import Conflict, SilkrootError, StoreError
from ledger.domain.identifiers import Digest, KeyId, LotRef
from ledger.domain.records import EntryState
from ledger.ports_outbox import (
    BlockRef,
    NewRow,
    OutboxTransaction,
    RowOutcome,
    SignedEntry,
    Target,
    TransactionState,
)  # fmt: skip

BLOCK = BlockRef(7, bytes([7]) * 32, 1_785_902_401)


def new_row(number: int, target: Target = Target.LEDGER) -> NewRow:
    entry = SignedEntry(number % 6, KeyId(bytes([number % 256]) * 32), b"payload", bytes(65))
    return NewRow(target, entry, Digest(number.to_bytes(32, "big")), None)


def attempt(nonce: int, number: int, *rows: int, target: Target = Target.LEDGER) -> OutboxTransaction:
    mark = bytes([nonce, number]) * 16
    return OutboxTransaction(nonce, number, target, rows, mark, b"raw" + mark, 21_000, 10**9 + number)


class SameAsInMemory(RuleBasedStateMachine):
    """Does everything to both, and compares answers, errors and all that can be read."""

    new_database: Callable[[], str]

    @initialize()
    def open(self) -> None:
        self.store = SqlStore(self.new_database())
        self.sql, self.memory = self.store.outbox, MemoryOutbox()

    def teardown(self) -> None:
        self.store.close()

    def both(self, ask: Callable[[Any], object]) -> None:
        answers: list[object] = []
        for outbox in (self.sql, self.memory):
            try:
                answers.append(ask(outbox))
            except SilkrootError as error:
                answers.append(type(error))
        assert answers[0] == answers[1]

    @rule(count=st.integers(0, 4), where=st.sampled_from([Target.LEDGER, Target.REGISTRY]))
    def queue(self, count: int, where: Target) -> None:
        start = len(self.memory.by_id)
        self.both(lambda outbox: outbox.queue([new_row(start + n, where) for n in range(count)]))

    @rule(limit=st.integers(1, 5), extra=st.integers(0, 1))
    def send(self, limit: int, extra: int) -> None:
        nonce = self.memory.next_nonce()
        rows = [row.id for row in self.memory.queued(limit)]
        self.both(lambda outbox: outbox.insert_transaction(attempt(nonce, 0, *rows)))
        if extra:
            self.both(lambda outbox: outbox.insert_transaction(attempt(nonce, 1, *rows)))

    @rule(nonce=st.integers(0, 3), number=st.integers(0, 2), row=st.integers(1, 6))
    def send_what_may_be_wrong(self, nonce: int, number: int, row: int) -> None:
        self.both(lambda outbox: outbox.insert_transaction(attempt(nonce, number, row)))

    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        if not (signed := self.memory.signed(100)):
            return
        chosen = data.draw(st.sampled_from(signed))
        outcomes = [
            RowOutcome(row, data.draw(st.sampled_from([EntryState.CONFIRMED, EntryState.REFUSED, EntryState.QUEUED])))
            for row in chosen.rows
        ]
        self.both(lambda outbox: outbox.settle(chosen.nonce, chosen.attempt, BLOCK, outcomes))

    @rule(nonce=st.integers(0, 5))
    def displace(self, nonce: int) -> None:
        self.both(lambda outbox: outbox.displace(nonce))

    @rule(nonce=st.integers(0, 5))
    def reopen(self, nonce: int) -> None:
        self.both(lambda outbox: outbox.reopen(nonce))

    @rule(at=st.floats(1, 1e10))
    def mark_sent(self, at: float) -> None:
        for transaction in self.memory.signed(2):
            nonce, number = transaction.nonce, transaction.attempt
            self.both(lambda outbox, n=nonce, a=number: outbox.mark_sent(n, a, at))

    @invariant()
    def read(self) -> None:
        self.both(lambda outbox: outbox.queued(3))
        self.both(lambda outbox: outbox.rows(sorted(self.memory.by_id, reverse=True)))
        self.both(lambda outbox: outbox.first_open_row())
        self.both(lambda outbox: outbox.counts())
        self.both(lambda outbox: outbox.next_nonce())
        self.both(lambda outbox: outbox.signed(3))
        self.both(lambda outbox: outbox.transactions(1, 3))
        self.both(lambda outbox: outbox.last_settled())
        self.both(lambda outbox: outbox.last_settled(2))


def test_it_does_as_the_one_in_memory(new_database: Callable[[], str]) -> None:
    SameAsInMemory.new_database = staticmethod(new_database)
    chosen = settings(max_examples=15, stateful_step_count=20, deadline=None)
    run_state_machine_as_test(SameAsInMemory, settings=chosen)


def test_a_missing_row_is_an_error(world: World) -> None:
    with pytest.raises(StoreError):
        world.store.outbox.rows([10_000])


def test_a_transaction_that_was_never_stored_cannot_settle(world: World) -> None:
    with pytest.raises(StoreError):
        world.store.outbox.settle(9, 0, BLOCK, [])


def test_a_taken_nonce_is_a_conflict_and_nothing_is_stored(world: World) -> None:
    first, second = world.store.outbox.queued(2)
    world.store.outbox.insert_transaction(attempt(0, 0, first.id))
    with pytest.raises(Conflict):
        world.store.outbox.insert_transaction(attempt(0, 0, second.id))
    assert world.store.outbox.rows([second.id])[0].state is EntryState.QUEUED


def settle(world: World, refused: set[int]) -> None:
    """All that is queued goes on chain in one transaction; the rows named are refused for good."""
    rows = [row.id for row in world.store.outbox.queued(1_000)]
    nonce = world.store.outbox.next_nonce()
    world.store.outbox.insert_transaction(attempt(nonce, 0, *rows))
    outcomes = [
        RowOutcome(row, EntryState.REFUSED, "LotExists(lot=0x00)", bytes(32))
        if row in refused
        else RowOutcome(row, EntryState.CONFIRMED, "", bytes(32))
        for row in rows
    ]
    world.store.outbox.settle(nonce, 0, BLOCK, outcomes)


def entry_of(world: World, sequence: int) -> int:
    event = world.store.events(sequence - 1, 1)[0]
    return next(row.id for row in world.store.outbox.queued(1_000) if row.content_hash == event.content_hash)


def test_confirmed_entries_show_at_their_events(world: World) -> None:
    world.record(b.harvest())
    settle(world, refused=set())
    (event,) = world.store.events_of_lot(b.HARVEST_LOT.id)
    assert (event.state, event.transaction) == (EntryState.CONFIRMED, bytes(32))


def test_an_entry_refused_for_good_takes_its_change_back(world: World) -> None:
    world.record(b.harvest(), b.shipping())
    settle(world, refused={entry_of(world, 2)})
    lot = world.store.lineage([b.HARVEST_LOT.id])[b.HARVEST_LOT.id]
    assert lot.entries == 1
    event = world.store.events(1, 1)[0]
    assert (event.state, event.refusal) == (EntryState.REFUSED, "LotExists(lot=0x00)")
    assert world.fsck() == []
    # What was not shipped after all can be shipped again.
    world.record(b.shipping(when=b.When("2026-08-06T12:00:00.000+08:00")))


def test_what_stood_on_a_refused_entry_changes_nothing_either(world: World) -> None:
    other = LotRef(b.BULK_MELON, "OTHER")
    world.record(b.harvest(), b.shipping(), b.receiving(), b.harvest(lot=other))
    settle(world, refused={entry_of(world, 1)})
    assert world.store.lots(None, 10) == [other]
    assert world.fsck() == []
    assert world.refusal(b.packing()) == ["UnknownLot"]


def test_a_refused_registration_is_queued_again_by_the_next(world: World) -> None:
    admission = next(row.id for row in world.store.outbox.queued(1_000) if row.entry.kind == 0)
    settle(world, refused={admission})
    registered = world.register.register(b.master_data())
    assert registered.parties == 1
    assert world.fsck() == []


def test_a_chain_that_forgot_a_refusal_brings_the_change_back(world: World) -> None:
    world.record(b.harvest())
    settle(world, refused={entry_of(world, 1)})
    assert world.store.lots(None, 10) == []
    assert world.store.outbox.reopen(0) == 1
    assert world.store.lots(None, 10) == [b.HARVEST_LOT]
    assert [item.state for item in world.store.outbox.transactions(0, 9)] == [TransactionState.SIGNED]
    assert world.fsck() == []
