"""The buyer's desk over a store: what is coming and what it lacks, what lies here unpromised, claims, mock recalls."""

from __future__ import annotations

from datetime import date

import certificate_samples as c
import event_builders as b
import pytest
from ledger_fixture import World
from second_signatures import proposals

from ledger.domain.errors import NotFound
from ledger.domain.identifiers import LotRef
from ledger.domain.sealing import DEFAULT
from ledger.services.buyers_desk import BuyersDesk, Lack
from ledger.services.mock_recall import MockRecall, Whereabouts, mock_recall
from ledger.services.receiving import Receiving


@pytest.fixture
def desk(world: World) -> BuyersDesk:
    store = world.store
    receiving = Receiving(store, store.consignments, DEFAULT)
    return BuyersDesk(
        store, store.questions, receiving, store.certificates, store.claims, proposals(world), world.clock
    )  # fmt: skip


def test_what_is_coming_lacks_its_promise_and_its_temperature(world: World, desk: BuyersDesk) -> None:
    world.record(b.harvest(), b.shipping())
    (inbound,) = desk.inbound(b.PACKING_HOUSE)
    assert (inbound.expected.reference, inbound.lacks) == (b.REFERENCE, (Lack.PROMISE, Lack.TEMPERATURE))
    world.record(c.event_of(c.promise(), b.FARM), c.event_of(c.pesticide_test(until=date(2026, 8, 4))))
    (inbound,) = desk.inbound(b.PACKING_HOUSE)
    assert inbound.lacks == (Lack.TEMPERATURE, Lack.EXPIRED)
    assert [one.certificate.number for one in inbound.lots[0].certificates] == ["P-0001", "HT-2026-0815"]
    world.record(c.event_of(c.pesticide_test()))
    assert desk.inbound(b.PACKING_HOUSE)[0].lacks == (Lack.TEMPERATURE,)
    assert desk.inbound(b.BUYER) == []


def test_what_lies_here_without_a_promise_stands_first(world: World, desk: BuyersDesk) -> None:
    world.record(b.harvest(), c.event_of(c.promise(), b.FARM), b.shipping(), b.receiving(), b.packing())
    packed = desk.stock_lots(b.PACKING_HOUSE)
    assert packed[0].lot == b.PACKED_LOT
    assert (packed[0].made, packed[0].promised) == (True, False)
    assert all(one.promised for one in packed if one.lot == b.HARVEST_LOT)
    promise = c.promise(b.PACKED_LOT, 100_000, party=b.PACKING_HOUSE)
    world.record(c.event_of(promise, b.PACKING_HOUSE))
    assert next(one for one in desk.stock_lots(b.PACKING_HOUSE) if one.lot == b.PACKED_LOT).promised


def test_a_variance_is_a_claim_of_both_sides_until_it_is_settled(world: World, desk: BuyersDesk) -> None:
    world.record(b.harvest(), b.shipping(), b.partial_receipt())
    (ours,), (theirs,) = desk.claims(b.PACKING_HOUSE), desk.claims(b.FARM)
    assert (ours.other, ours.is_receiver, ours.noticed, ours.proposal) == (b.FARM, True, False, None)
    assert (theirs.other, theirs.is_receiver) == (b.PACKING_HOUSE, False)
    assert ours.missing == theirs.missing == ((b.HARVEST_LOT, 100_000),)
    assert desk.claims(b.BUYER) == []
    proposal = proposals(world).propose(b.settlement(), b.PACKING_HOUSE)
    assert desk.claims(b.FARM)[0].proposal == proposal
    proposals(world).agree(proposal.id, b.FARM)  # type: ignore[union-attr]
    assert desk.claims(b.FARM) == desk.claims(b.PACKING_HOUSE) == []


def test_after_a_notice_the_time_says_when_one_side_may_end_it_alone(world: World, desk: BuyersDesk) -> None:
    world.record(b.harvest(), b.shipping(), b.partial_receipt())
    (open_one,) = desk.claims(b.FARM)
    assert (open_one.noticed, open_one.alone_from, open_one.alone) == (False, None, False)
    given = int(world.clock.time)
    world.record(b.notice(party=b.FARM, about="write-off"))
    for party in (b.FARM, b.PACKING_HOUSE):
        (claim,) = desk.claims(party)
        assert (claim.noticed, claim.alone_from, claim.alone) == (True, given + 72 * 3600, False)
    world.clock.time = given + 72 * 3600
    assert [one.alone for one in desk.claims(b.PACKING_HOUSE)] == [True]


def recalled(world: World, lot: LotRef = b.HARVEST_LOT) -> MockRecall:
    ticks = iter([10.0, 10.25])
    return mock_recall(world.store.families, world.store, lot, world.clock, lambda: next(ticks))


def told(found: MockRecall) -> list[tuple[str, int, str, int]]:
    return [(row.ref.code if row.ref else "", row.party, row.where.value, row.grams) for row in found.rows]


def test_a_mock_recall_finds_every_gram_and_records_nothing(world: World) -> None:
    world.record(
        b.harvest(), b.shipping(manifest=[b.amount(grams=900_000)]),
        b.partial_receipt(arrivals=[b.event_forms.Arrival(b.HARVEST_LOT, 700_000, 150_000, 0, 50_000)]),
        b.sale(party=b.FARM, lines=[b.amount(grams=40_000)], where=b.FARM_GATE),
        b.disposal(party=b.FARM, lines=[b.amount(grams=10_000)], where=b.FARM_GATE),
    )  # fmt: skip
    before = world.sql("SELECT count(*) FROM events")
    found = recalled(world)
    assert told(found) == [
        ("H-0001", b.FARM, "coming", 150_000), ("H-0001", b.FARM, "destroyed", 10_000),
        ("H-0001", b.FARM, "has", 50_000), ("H-0001", b.FARM, "missing", 50_000), ("H-0001", b.FARM, "sold", 40_000),
        ("H-0001", b.PACKING_HOUSE, "has", 700_000),
    ]  # fmt: skip
    assert sum(row.grams for row in found.rows) == 1_000_000
    assert found.reach.gone == 50_000
    assert (found.seconds, found.at, found.all_read) == (0.25, int(world.clock.time), True)
    assert found.parties == (b.FARM, b.PACKING_HOUSE)
    assert world.sql("SELECT count(*) FROM events") == before
    assert world.store.registered().lot(b.HARVEST_LOT.id).recalled_by == 0  # type: ignore[union-attr]


def test_it_reaches_what_was_made_of_the_lot(world: World) -> None:
    world.record(b.harvest(), b.shipping(), b.receiving(), b.packing())
    found = recalled(world)
    assert {(row.ref, row.distance) for row in found.rows} >= {(b.PACKED_LOT, 1)}
    assert {row.where for row in found.rows} == {Whereabouts.HAS}


def test_nobody_recalls_what_is_not_there(world: World) -> None:
    with pytest.raises(NotFound):
        recalled(world)
