"""Stock and mass balances over a season's small events: every gram is somewhere, and a lie in the tables is told."""

from __future__ import annotations

from datetime import datetime

import event_builders as b
import pytest
from big_families import grow, lot
from ledger_fixture import World
from second_signatures import proposals, settle
from sqlalchemy import update

from ledger.adapters.sql_store import tables as t
from ledger.domain.errors import NotFound
from ledger.domain.identifiers import LotRef, PartyId
from ledger.domain.mass_balance import Account, MassBalance
from ledger.domain.question_names import microseconds
from ledger.ports_questions import StockRow
from ledger.services.mass_balance import lot_balance, party_balance
from ledger.services.proposals import Proposal

BACK = b.RETURN_REFERENCE
PARTIES = (b.FARM, b.PACKING_HOUSE, b.BUYER)


def at(hour: int) -> b.When:
    """That hour of the day."""
    return b.When(f"2026-08-05T{hour:02d}:00:00.000+08:00")


def moment(hour: int) -> int:
    """The same as a place in time."""
    return microseconds(datetime.fromisoformat(at(hour).time))


def season(world: World) -> None:
    """A tonne is shipped, part of it refused, lost and settled; packed, corrected, sold, destroyed and sent on."""
    world.record(b.harvest(when=at(1)), b.shipping(when=at(2)), b.partial_receipt(when=at(3)))
    proposal = proposals(world).propose(b.settlement(when=at(4)), b.PACKING_HOUSE)
    assert isinstance(proposal, Proposal)
    proposals(world).agree(proposal.id, b.FARM)
    taken = [b.amount(grams=500_000)]
    made = [b.amount(b.PACKED_LOT, 450_000)]
    world.record(
        b.packing(inputs=taken, outputs=made, when=at(5), culls=30_000),
        b.sale(party=b.PACKING_HOUSE, lines=[b.amount(b.PACKED_LOT, 40_000)], when=at(7)),
        b.disposal(party=b.PACKING_HOUSE, lines=[b.amount(grams=5_000)], when=at(8)),
        b.shipping(
            party=b.PACKING_HOUSE, receiver=b.BUYER, reference=b.sscc(9), manifest=[b.amount(b.PACKED_LOT, 100_000)],
            when=at(9), where=b.PACKING_LINE,
        ),
    )  # fmt: skip


def stock(world: World, party: PartyId) -> dict[LotRef | None, StockRow]:
    """What the party has, by lot."""
    return {row.ref: row for row in world.store.questions.stock(party, 0, None, 100)}


def adds_up(world: World) -> None:
    """Every party's balance, and every lot's."""
    for party in PARTIES:
        balance = party_balance(world.store.questions, party)
        assert (balance.difference, balance.opening) == (0, 0), (party, balance)
    for ref in (b.HARVEST_LOT, b.PACKED_LOT):
        balance = lot_balance(world.store.questions, ref)
        assert balance.difference == 0, (ref, balance)


def test_every_gram_is_somewhere(world: World) -> None:
    season(world)
    adds_up(world)
    house = party_balance(world.store.questions, b.PACKING_HOUSE)
    assert house.came_in == {Account.MADE: 450_000, Account.RECEIVED: 710_000, Account.RETURNED: 0}
    assert house.went_out == {
        Account.USED: 500_000, Account.SHIPPED: 100_000, Account.SOLD: 40_000, Account.DESTROYED: 5_000,
    }  # fmt: skip
    assert house.counted == house.closing == 515_000
    assert (house.aside["culls"], house.aside["processLoss"]) == (30_000, 20_000)
    farm = party_balance(world.store.questions, b.FARM)
    assert (farm.came_in[Account.RETURNED], farm.aside["lost"], farm.aside["weightLoss"]) == (20_000, 40_000, 30_000)
    picked = lot_balance(world.store.questions, b.HARVEST_LOT)
    assert picked.aside == {"onHand": 225_000, "inTransit": 200_000, "inDispute": 0}
    assert picked.went_out[Account.LOST] == 40_000


def test_a_period_begins_with_what_was_before(world: World) -> None:
    season(world)
    questions = world.store.questions
    morning = party_balance(questions, b.PACKING_HOUSE, None, moment(5))
    day = party_balance(questions, b.PACKING_HOUSE, moment(5))
    assert (morning.closing, morning.counted, morning.difference) == (710_000, None, 0)
    assert (day.opening, day.came_in[Account.RECEIVED], day.difference) == (710_000, 0, 0)
    between = party_balance(questions, b.PACKING_HOUSE, moment(5), moment(7))
    assert (between.opening, between.closing) == (710_000, 660_000)


def test_receipts_voids_and_returns(world: World) -> None:
    world.record(b.harvest(), b.shipping(), b.receiving())
    world.record(
        b.shipping(party=b.PACKING_HOUSE, receiver=b.FARM, reference=BACK, manifest=[b.amount(grams=300_000)]),
        b.harvest(lot=LotRef(b.BULK_MELON, "H-0002")),
    )
    lines = [b.amount(LotRef(b.BULK_MELON, "H-0002"), 50_000)]
    world.record(b.shipping(reference=b.sscc(5), manifest=lines))
    proposal = proposals(world).propose(b.void(reference=b.sscc(5), manifest=lines), b.FARM)
    assert isinstance(proposal, Proposal)
    proposals(world).agree(proposal.id, b.PACKING_HOUSE)
    for party in PARTIES:
        assert party_balance(world.store.questions, party).difference == 0
    assert party_balance(world.store.questions, b.FARM).came_in[Account.RETURNED] == 50_000


def test_amendments_change_what_was_made_and_used(world: World) -> None:
    world.record(b.harvest())
    world.record(b.harvest_amendment())
    assert party_balance(world.store.questions, b.FARM).came_in[Account.MADE] == 900_000
    adds_up_of = party_balance(world.store.questions, b.FARM)
    assert adds_up_of.difference == 0


def test_an_amended_packing_counts_as_corrected(world: World) -> None:
    packing = b.packing(culls=40_000)
    world.record(b.harvest(), b.shipping(), b.receiving(), packing)
    world.record(b.packing_amendment(original=packing, culls=50_000))
    house = party_balance(world.store.questions, b.PACKING_HOUSE)
    assert (house.came_in[Account.MADE], house.went_out[Account.USED], house.difference) == (880_000, 990_000, 0)
    assert house.aside["culls"] + house.aside["processLoss"] + house.aside["remainder"] == 110_000
    assert house.aside["culls"] == 50_000


def test_what_was_refused_moved_nothing(world: World) -> None:
    world.record(b.harvest())
    (sold,) = world.record(b.sale())
    settle(world, {sold.content_hash: "UnknownLot(0x)"})
    balance = party_balance(world.store.questions, b.FARM)
    assert (balance.went_out[Account.SOLD], balance.difference) == (0, 0)
    assert lot_balance(world.store.questions, b.HARVEST_LOT).difference == 0


def test_a_difference_is_told(world: World) -> None:
    world.record(b.harvest())
    with world.store._database.writing() as connection:
        connection.execute(update(t.balances).values(grams=999_999))
    assert party_balance(world.store.questions, b.FARM).difference == -1
    assert lot_balance(world.store.questions, b.HARVEST_LOT).difference == -1
    assert MassBalance(5, {}, {}, None).difference == 0
    with pytest.raises(NotFound):
        lot_balance(world.store.questions, b.PACKED_LOT)


def test_stock_says_what_is_where(world: World) -> None:
    season(world)
    house, farm, buyer = (stock(world, party) for party in (b.PACKING_HOUSE, b.FARM, b.BUYER))
    assert house[b.HARVEST_LOT].on_hand == 205_000
    assert house[b.HARVEST_LOT].going == 200_000
    assert (house[b.PACKED_LOT].on_hand, house[b.PACKED_LOT].going) == (310_000, 100_000)
    assert (farm[b.HARVEST_LOT].on_hand, farm[b.HARVEST_LOT].coming) == (20_000, 200_000)
    assert list(buyer) == [b.PACKED_LOT]
    assert (buyer[b.PACKED_LOT].on_hand, buyer[b.PACKED_LOT].coming) == (0, 100_000)
    assert stock(world, b.STRANGER) == {}


def test_stock_in_dispute_and_pledged(world: World) -> None:
    world.record(b.harvest(), b.shipping(manifest=[b.amount(grams=400_000)]))
    world.record(b.partial_receipt(arrivals=[b.Arrival(b.HARVEST_LOT, 300_000, 0, 0, 100_000)], return_ref=""))
    proposal = proposals(world).propose(b.pledge(pledged=b.amount(grams=250_000)), b.FARM)
    assert isinstance(proposal, Proposal)
    proposals(world).agree(proposal.id, b.LENDER)
    (row,) = world.store.questions.stock(b.FARM, int(world.clock.time), None, 10)
    assert (row.on_hand, row.going, row.disputed, row.pledged) == (600_000, 0, 100_000, 250_000)
    (later,) = world.store.questions.stock(b.FARM, 2_000_000_000, None, 10)
    assert later.pledged == 0


def test_pages_of_stock_follow_each_other(world: World) -> None:
    grow(world, {number: [] for number in range(25)})
    with world.store._database.writing() as connection:
        held = [{"lot": lot(number).id, "party": b.FARM, "grams": number % 5 * 100} for number in range(25)]
        connection.execute(t.balances.insert(), held)
    rows, after = [], None
    while page := world.store.questions.stock(b.FARM, 0, after, 3):
        rows += page
        after = page[-1].lot
    assert [row.lot for row in rows] == sorted(lot(number).id for number in range(25) if number % 5)
