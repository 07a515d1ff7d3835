"""A recall of a large family: noted with the recall, lined up at once, carried in short transactions after it."""

from __future__ import annotations

import asyncio

import event_builders as b
import pytest
from big_families import fan, grow, lot
from ledger_fixture import World
from second_signatures import propagation, waiting
from sqlalchemy import event

from ledger.domain.actions import EntryKind
from ledger.domain.errors import StoreError
from ledger.domain.identifiers import LotId
from ledger.ports_proposals import ProposalTransaction
from ledger.services import propagation as carrying
from ledger.services.carrier import Carrier

AT_ONCE = 20
LOTS = 3 * AT_ONCE


@pytest.fixture
def large(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world with a family below lot 0, which is more than one transaction carries to here."""
    monkeypatch.setattr(carrying, "AT_ONCE", AT_ONCE)
    grow(world, fan(LOTS))
    return world


def carried(world: World) -> list[LotId]:
    """The lots of queued propagations, in order."""
    return [LotId(row.entry.payload[:32]) for row in waiting(world) if row.entry.kind == EntryKind.PROPAGATION]


def recalled(world: World) -> int:
    """How many of the family are marked as recalled by an entry."""
    projection = world.store.registered()
    known = [projection.lot(lot(number).id) for number in range(LOTS)]
    return sum(1 for one in known if one is not None and one.recalled_by)


def test_a_large_family_waits_behind_the_recall(large: World) -> None:
    (result,) = large.capture([b.recall(lot=lot(0))])
    assert (result.carried, result.waiting) == (0, LOTS - 1)
    assert large.store.recalls_waiting() == LOTS
    assert large.store.recalls_to_spread() == []
    assert (recalled(large), carried(large)) == (1, [])


def test_no_lot_of_it_moves_meanwhile(large: World) -> None:
    large.record(b.recall(lot=lot(0)))
    refused = large.refusal(b.sale(party=b.FARM, lines=[b.amount(lot(LOTS - 1), 1)]))
    assert "LotRecalled" in refused or "AncestorRecalled" in refused


def test_it_is_carried_in_short_transactions_parents_first(large: World) -> None:
    large.record(b.recall(lot=lot(0)))
    turns = []
    while (queued := propagation(large).turn()) is not None:
        turns.append(queued)
    assert turns == [AT_ONCE - 1, AT_ONCE, AT_ONCE]
    order = [lot(0).id, *carried(large)]
    assert sorted(order) == sorted(lot(number).id for number in range(LOTS))
    place = {one: number for number, one in enumerate(order)}
    for number, parents in fan(LOTS).items():
        assert all(place[lot(parent).id] < place[lot(number).id] for parent in parents)
    assert (recalled(large), large.store.recalls_waiting()) == (LOTS, 0)


def test_a_transaction_writes_four_rows_a_lot(large: World) -> None:
    written: list[int] = []
    engine = large.store._database._engine

    def count(connection: object, cursor: object, statement: str, parameters: object, *rest: object) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            written[-1] += len(parameters) if isinstance(parameters, list) else 1

    event.listen(engine, "begin", lambda connection: written.append(0))
    event.listen(engine, "after_cursor_execute", count)
    large.record(b.recall(lot=lot(0)))
    while propagation(large).turn() is not None:
        pass
    # A mixed lot has one row more for each parent.
    assert 0 < max(written) <= 4 * AT_ONCE + AT_ONCE // 10 + 2


def test_that_is_a_thousand_at_the_most() -> None:
    assert 4 * carrying.AT_ONCE <= 1_000
    assert carrying.LINED_UP <= 1_000


def test_a_recall_taken_back_before_it_was_carried_leaves_nothing(large: World) -> None:
    large.record(b.recall(lot=lot(0)))
    propagation(large).turn()
    large.record(b.release(lot=lot(0)))
    while propagation(large).turn() is not None:
        pass
    assert (recalled(large), large.store.recalls_waiting()) == (0, 0)
    # What was marked was freed again, and no other lot was told anything.
    assert len(carried(large)) == 2 * (AT_ONCE - 1)


def test_stopped_while_it_is_lined_up_it_begins_again(
    large: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(carrying, "LINED_UP", 10)
    spoilt = large.store.writing
    left = [2]

    def failing() -> object:
        left[0] -= 1
        if left[0] < -1:
            raise StoreError("the disk is full")
        return spoilt()

    monkeypatch.setattr(large.store, "writing", failing)
    (result,) = large.capture([b.recall(lot=lot(0))])
    monkeypatch.undo()
    assert (result.refused, result.waiting, len(result.receipts)) == (False, LOTS - 1, 1), "the recall itself stands"
    assert "is lined up later: the disk is full" in caplog.text
    assert large.store.recalls_to_spread() == [lot(0).id]
    assert 0 < large.store.recalls_waiting() < LOTS
    while propagation(large).turn() is not None:
        pass
    assert (recalled(large), large.store.recalls_waiting(), len(carried(large))) == (LOTS, 0, LOTS - 1)


def test_a_refused_transaction_keeps_its_place_in_the_line(large: World, monkeypatch: pytest.MonkeyPatch) -> None:
    large.record(b.recall(lot=lot(0)))

    def fail(transaction: ProposalTransaction, lots: object) -> int:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(carrying, "_carry", fail)
        with pytest.raises(StoreError):
            propagation(large).turn()
    assert (large.store.recalls_waiting(), carried(large)) == (LOTS, [])
    assert propagation(large).turn() == AT_ONCE - 1


def test_asking_to_carry_carries_all_of_it_now(large: World) -> None:
    large.record(b.recall(lot=lot(0)))
    assert propagation(large).carry(lot(LOTS - 1).id) == LOTS - 1
    assert propagation(large).carry(lot(0).id) == 0


def test_the_worker_carries_all_and_tells_the_submitter(large: World) -> None:
    large.record(b.recall(lot=lot(0)))
    told: list[int] = []

    async def work() -> None:
        carrier = Carrier(propagation(large), lambda: told.append(large.store.recalls_waiting()))
        running = asyncio.create_task(carrier.run())
        while large.store.recalls_waiting():
            carrier.wake()
            await asyncio.sleep(0.01)
        while len(told) < 3:  # noqa: ASYNC110 - it tells after it carried, and by a plain call
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)  # for one more, which there must not be
        running.cancel()

    asyncio.run(asyncio.wait_for(work(), 60))
    assert told == [2 * AT_ONCE, AT_ONCE, 0]
