"""A recall reaches what was made from the lot, on chain too: entries that nobody signs, parents first."""

from __future__ import annotations

import event_builders as b
from eth_abi.abi import decode
from ledger_fixture import World
from second_signatures import propagation, settle, waiting

from ledger.domain.actions import EntryKind
from ledger.domain.identifiers import LotId, LotRef

REPACKED = LotRef(b.MELON_CASE, "P-9")


def family(world: World) -> None:
    """A harvest, packed, and part of it packed again together with another lot."""
    half = b.amount(b.PACKED_LOT, 400_000)
    world.record(
        b.harvest(),
        b.shipping(),
        b.receiving(),
        b.packing(),
        b.packing(
            inputs=[half],
            outputs=[b.amount(REPACKED, 390_000)],
            when=b.When("2026-08-05T13:00:00+08:00"),
        ),
    )
    settle(world, {})


def carried(world: World) -> list[LotId]:
    """The lots that queued propagations are about, in order."""
    rows = [row for row in waiting(world) if row.entry.kind == EntryKind.PROPAGATION]
    for row in rows:
        assert (row.content_hash, row.entry.signature, row.entry.key_id) == (None, b"", bytes(32))
    return [LotId(decode(["bytes32", "(bytes32,uint64)[]", "bytes32"], row.entry.payload)[0]) for row in rows]


def state(world: World, lot: LotRef) -> tuple[int, bool]:
    """By whom the lot is recalled, and whether that was carried there."""
    known = world.store.registered().lot(lot.id)
    assert known is not None
    return known.recalled_by, known.inherited


def test_a_recall_is_carried_to_every_descendant_in_order(world: World) -> None:
    family(world)
    (result,) = world.capture([b.recall()])
    assert (result.record is not None, result.carried) == (True, 2)
    assert carried(world) == [b.PACKED_LOT.id, REPACKED.id]
    assert state(world, b.HARVEST_LOT) == (b.FARM, False)
    assert state(world, b.PACKED_LOT) == state(world, REPACKED) == (b.FARM, True)
    assert world.refusal(b.sale(party=b.PACKING_HOUSE, lines=[b.amount(REPACKED, 1)])) == ["LotRecalled"]
    assert world.fsck() == []


def test_its_end_is_carried_too(world: World) -> None:
    family(world)
    world.record(b.recall())
    settle(world, {})
    world.record(b.release())
    assert carried(world) == [b.PACKED_LOT.id, REPACKED.id]
    assert state(world, REPACKED) == (0, False)
    assert world.fsck() == []


def test_a_recall_of_its_own_stays_when_the_other_ends(world: World) -> None:
    family(world)
    world.record(b.recall(party=b.PACKING_HOUSE, lot=b.PACKED_LOT))
    assert carried(world) == [REPACKED.id]
    settle(world, {})
    world.record(b.recall(), b.release())
    assert carried(world) == []
    assert state(world, b.PACKED_LOT) == (b.PACKING_HOUSE, False)
    assert state(world, REPACKED) == (b.PACKING_HOUSE, True)


def test_a_released_lot_that_was_made_from_others_is_freed_by_what_is_carried_to_it(world: World) -> None:
    family(world)
    world.record(b.recall(party=b.PACKING_HOUSE, lot=b.PACKED_LOT))
    settle(world, {})
    world.record(b.release(party=b.PACKING_HOUSE, lot=b.PACKED_LOT))
    assert carried(world) == [b.PACKED_LOT.id, REPACKED.id]
    assert state(world, b.PACKED_LOT) == state(world, REPACKED) == (0, False)
    assert world.fsck() == []


def test_what_the_same_call_made_is_reached(world: World) -> None:
    *_, result = world.capture([b.harvest(), b.shipping(), b.receiving(), b.packing(), b.recall()])
    assert result.carried == 1
    assert carried(world) == [b.PACKED_LOT.id]


def test_nothing_is_left_to_carry_and_what_is_missing_is_sent(world: World) -> None:
    family(world)
    world.record(b.recall())
    assert propagation(world).carry(b.HARVEST_LOT.id) == 0
    rows = [row for row in waiting(world) if row.entry.kind == EntryKind.PROPAGATION]
    assert len(rows) == 2


def test_a_lot_without_descendants_carries_nothing(world: World) -> None:
    world.record(b.harvest())
    (result,) = world.capture([b.recall()])
    assert result.carried == 0
