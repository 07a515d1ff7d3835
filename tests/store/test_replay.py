"""The projection made again from all entries: when each was judged, and carried recalls that were refused."""

from __future__ import annotations

from dataclasses import replace

import event_builders as b
import pytest
from ledger_fixture import World
from second_signatures import proposals, waiting

from ledger.adapters.sql_store import outbox
from ledger.domain.actions import EntryKind
from ledger.domain.records import EntryState
from ledger.ports_outbox import BlockRef, OutboxTransaction, RowOutcome, Target
from ledger.ports_proposals import Proposal

BLOCK = BlockRef(7, bytes([7]) * 32, 1_785_902_401)
DAY = 86_400


def settle(world: World, rule: str) -> None:
    """All that is queued goes on chain; every carried recall is refused by that rule."""
    rows = world.store.outbox.queued(1_000)
    nonce = world.store.outbox.next_nonce()
    carried = tuple(row.id for row in rows)
    sent = OutboxTransaction(nonce, 0, Target.LEDGER, carried, nonce.to_bytes(32, "big"), b"raw", 1, 1)
    world.store.outbox.insert_transaction(sent)
    confirmed = [RowOutcome(row.id, EntryState.CONFIRMED) for row in rows]
    outcomes = [
        replace(outcome, state=EntryState.REFUSED, refusal=rule) if _carries(row.target, row.entry.kind) else outcome
        for row, outcome in zip(rows, confirmed, strict=True)
    ]
    world.store.outbox.settle(nonce, 0, BLOCK, outcomes)


def _carries(target: Target, kind: int) -> bool:
    return target is Target.LEDGER and kind == EntryKind.PROPAGATION


def recalled(world: World) -> bool:
    known = world.store.registered().lot(b.PACKED_LOT.id)
    assert known is not None
    return bool(known.recalled_by)


@pytest.mark.parametrize(
    ("rule", "still"),
    [("NothingToPropagate(lot=0x00)", True), ("WrongOrigin(lot=0x00)", False), ("UnknownLot()", False)],
)
def test_a_recall_that_somebody_else_carried_first_stands_here_too(world: World, rule: str, still: bool) -> None:
    world.record(b.harvest(), b.shipping(), b.receiving(), b.packing(), b.recall())
    assert [row.entry.kind for row in waiting(world)][-1] == EntryKind.PROPAGATION
    settle(world, rule)
    assert recalled(world) is still
    assert {event.state for event in world.store.events(0, 10)} == {EntryState.CONFIRMED}
    assert all(not event.refusal for event in world.store.events_of_lot(b.PACKED_LOT.id))
    assert world.fsck() == []


def test_a_carried_recall_falls_with_the_recall_that_it_carried(world: World) -> None:
    events = world.record(b.harvest(), b.shipping(), b.receiving(), b.packing(), b.recall())
    rows = world.store.outbox.queued(1_000)
    world.store.outbox.insert_transaction(
        OutboxTransaction(0, 0, Target.LEDGER, tuple(row.id for row in rows), bytes(32), b"raw", 1, 1)
    )
    outcomes = [RowOutcome(row.id, EntryState.CONFIRMED) for row in rows]
    for index, row in enumerate(rows):
        if row.content_hash == events[-1].content_hash:
            outcomes[index] = RowOutcome(row.id, EntryState.REFUSED, "MayNotRecall()")
        elif _carries(row.target, row.entry.kind):
            outcomes[index] = RowOutcome(row.id, EntryState.REFUSED, "NothingToPropagate(lot=0x00)")
    world.store.outbox.settle(0, 0, BLOCK, outcomes)
    assert not recalled(world)
    assert world.fsck() == []


def test_a_short_pledge_is_judged_at_its_own_time_again(world: World) -> None:
    """Its term is over before the deadline of what was signed, and its second signature came days later."""
    world.record(b.harvest())
    made = proposals(world).propose(b.pledge(until="2026-08-09T18:00:00+08:00"), b.FARM)
    assert isinstance(made, Proposal)
    world.clock.time += 2 * DAY
    proposals(world).agree(made.id, b.LENDER)
    assert world.refusal(b.sale()) == ["PledgedGrams"]
    assert world.fsck() == []
    world.clock.time += 3 * DAY
    world.record(b.sale())
    assert world.fsck() == []


def test_a_void_after_72_hours_is_judged_at_its_own_time_again(world: World) -> None:
    world.record(b.harvest(), b.shipping(), b.notice())
    alone = b.void(agreed=False)
    assert world.refusal(alone) == ["NoticeNotOver"]
    world.clock.time += 3 * DAY + 1
    world.record(alone)
    assert world.store.registered().held(b.HARVEST_LOT.id, b.FARM) == 1_000_000
    assert world.fsck() == []


def test_a_recall_that_somebody_else_carried_first_makes_nothing_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody can be faster than we, as often as they like; that must not cost a replay of everything each time."""
    replays: list[object] = []
    monkeypatch.setattr(outbox, "rebuild", replays.append)
    world.record(b.harvest(), b.shipping(), b.receiving(), b.packing(), b.recall())
    settle(world, "NothingToPropagate(lot=0x00)")
    assert replays == []
    assert world.store.outbox.reopen(0) == 1
    assert replays == []
