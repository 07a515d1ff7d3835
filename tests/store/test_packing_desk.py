"""A packing house's lots at a glance, on a real store: born today, on hand, on the way, with their standing."""

from __future__ import annotations

import event_builders as b
import pytest
from ledger_fixture import START, World

from ledger.domain.event_forms import When
from ledger.domain.records import EntryState
from ledger.services.packing_desk import MOST_LOTS, PackingDesk

YESTERDAY = When("2026-08-04T12:00:00+08:00")


@pytest.fixture
def desk(world: World) -> PackingDesk:
    return PackingDesk(world.store, world.store.questions, world.store.consignments, world.clock)


def test_who_has_nothing_sees_nothing(desk: PackingDesk) -> None:
    glance = desk.glance(b.FARM)
    assert (glance.today, glance.lots, glance.sent, glance.is_cut) == ((), (), (), False)


def test_lots_with_their_grams(world: World, desk: PackingDesk) -> None:
    old = b.LotRef(b.BULK_MELON, "OLD-1")
    world.record(b.harvest(lot=old, when=YESTERDAY, grams=7_000), b.harvest())
    world.record(b.shipping(manifest=[b.amount(grams=400_000)]))
    glance = desk.glance(b.FARM)
    assert [(lot.ref, lot.born, lot.on_hand, lot.going) for lot in glance.lots] == [
        (b.HARVEST_LOT, 1_000_000, 600_000, 400_000),
        (old, 7_000, 7_000, 0),
    ]
    assert [lot.ref for lot in glance.today] == [b.HARVEST_LOT]
    assert {lot.state for lot in glance.lots} == {EntryState.QUEUED}
    (sent,) = glance.sent
    assert (sent.receiver, sent.grams, sent.lines[0].ref) == (b.PACKING_HOUSE, 400_000, b.HARVEST_LOT)
    assert sent.since is not None
    other = desk.glance(b.PACKING_HOUSE)
    assert [(lot.coming, lot.on_hand) for lot in other.lots] == [(400_000, 0)]
    assert other.sent == ()


def test_a_lot_that_is_gone_was_still_born_today(world: World, desk: PackingDesk) -> None:
    world.record(b.harvest(), b.shipping(), b.receiving())
    glance = desk.glance(b.FARM)
    assert glance.lots == ()
    (lot,) = glance.today
    assert (lot.born, lot.on_hand, lot.going) == (1_000_000, 0, 0)
    assert glance.sent == ()


def test_tomorrow_it_was_yesterday(world: World, desk: PackingDesk) -> None:
    world.record(b.harvest())
    world.clock.time = START + 86_400
    assert desk.glance(b.FARM).today == ()


def test_what_comes_of_a_recalled_lot_is_recalled(world: World, desk: PackingDesk) -> None:
    world.record(b.harvest(), b.shipping(), b.receiving(), b.packing(), b.recall(lot=b.HARVEST_LOT))
    (lot,) = desk.glance(b.PACKING_HOUSE).lots
    assert lot.ref == b.PACKED_LOT
    assert lot.recalled


def test_the_products_that_a_party_may_use(desk: PackingDesk) -> None:
    found = [product.id for product in desk.products(b.FARM, (), bulk=True)]
    assert set(found) == {b.BULK_MELON, b.ALLOTTED_PRODUCT}
    used = desk.products(b.FARM, (b.ALLOTTED_PRODUCT,), bulk=True)
    assert used[0].id == b.ALLOTTED_PRODUCT
    assert b.MELON_CASE in {product.id for product in desk.products(b.HUB, (), bulk=False)}


def test_codes_that_are_taken_are_not_offered(world: World, desk: PackingDesk) -> None:
    newest, older = (b.LotRef(b.BULK_MELON, code) for code in ("A-1", "A-2"))
    world.record(b.harvest(lot=newest), b.harvest(lot=older, when=YESTERDAY))
    habits = desk.habits(b.FARM)
    codes = desk.next_codes(habits, "harvest", [b.BULK_MELON, b.ALLOTTED_PRODUCT])
    assert codes == {b.BULK_MELON: "A-3", b.ALLOTTED_PRODUCT: "A-2"}


def test_more_lots_than_are_shown_is_said(world: World, desk: PackingDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.services.packing_desk.MOST_LOTS", 1)
    assert MOST_LOTS > 1
    world.record(b.harvest(), b.harvest(lot=b.LotRef(b.BULK_MELON, "H-2")))
    glance = desk.glance(b.FARM)
    assert (len(glance.lots), glance.is_cut) == (1, True)
