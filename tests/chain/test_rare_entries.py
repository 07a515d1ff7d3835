"""Plots, disputes, pledges and carried recalls on a real chain: settled by the submitter, read back at one block."""

from __future__ import annotations

import time

import pytest
from chain_fixtures import BUYER, DEADLINE, PACKER, PRODUCER, PRODUCT, ChainWorld, TestKey, new_content

from ledger.domain.actions import (
    Harvest,
    Line,
    Notice,
    Output,
    PartialReceipt,
    Pledge,
    PlotRegistration,
    Recall,
    ReceiptLine,
    SettledLine,
    Settlement,
    Shipment,
    Transformation,
    YieldCertificate,
)
from ledger.domain.custody_state import Origin
from ledger.domain.identifiers import NO_PLOT, Grams, LotRef, PartyId, ProductId, consignment_id, plot_id
from ledger.domain.master_data import Role
from ledger.domain.records import ChainQuestion, ConsignmentState, EntryState, PlotRecord, Scheme, YieldRecord
from ledger.domain.typed_data import lines_hash, origin_hash

pytestmark = pytest.mark.chain
CERTIFIER, LENDER = PartyId(9520000000042), PartyId(9520000000059)
CASES = ProductId(9520000000026)
PLOT = plot_id(PRODUCER, "7")
LOT = LotRef(PRODUCT, "HAMI-1")


def grams(number: int) -> Grams:
    return Grams(number)


@pytest.fixture
async def wide_world(chain_world: ChainWorld) -> ChainWorld:
    """With a certifier and a lender too, a certified plot, and a lot harvested there."""
    chain_world.queue(
        chain_world.admission(CERTIFIER, Role.CERTIFIER),
        chain_world.admission(LENDER, Role.LENDER),
        chain_world.assignment(CASES, PACKER),
    )
    ids = chain_world.queue(
        chain_world.row(PlotRegistration(CERTIFIER, PRODUCER, PLOT, new_content(), DEADLINE)),
        chain_world.row(YieldCertificate(CERTIFIER, PLOT, 2026, grams(5000), new_content(), DEADLINE)),
        chain_world.row(Harvest(PRODUCER, PRODUCT, LOT.code, PLOT, 2026, grams(1000), new_content(), DEADLINE)),
    )
    await chain_world.settle()
    assert chain_world.states(ids) == [EntryState.CONFIRMED] * 3
    return chain_world


async def test_plots_yields_and_certified_grams_are_read(wide_world: ChainWorld) -> None:
    other = plot_id(PRODUCER, "8")
    question = ChainQuestion(lots=(LOT.id,), plots=(PLOT, other), yields=((PLOT, 2026), (PLOT, 2027)))
    facts = await wide_world.access.reader.facts(question)
    assert facts.plots == {PLOT: PlotRecord(PRODUCER, CERTIFIER), other: PlotRecord(PartyId(0), PartyId(0))}
    assert facts.yields == {
        (PLOT, 2026): YieldRecord(grams(5000), grams(1000)),
        (PLOT, 2027): YieldRecord(grams(0), grams(0)),
    }
    lot = facts.lots[LOT.id]
    assert (lot.grams, lot.certified_grams, lot.moved, lot.inherited, lot.origin_hash) == (
        1000, 1000, False, False, bytes(32),
    )  # fmt: skip


async def test_a_variance_is_settled_with_both_signatures_in_one_entry(wide_world: ChainWorld) -> None:
    world = wide_world
    sent, missing = (Line(LOT.id, grams(600)),), (Line(LOT.id, grams(100)),)
    consignment = consignment_id(PRODUCER, "SSCC-1")
    partial = PartialReceipt(
        BUYER, consignment, lines_hash(sent), (ReceiptLine(LOT.id, grams(400), grams(100), grams(0)),), "BACK-1",
        new_content(), DEADLINE,
    )  # fmt: skip
    ids = world.queue(
        world.row(Shipment(PRODUCER, BUYER, "SSCC-1", sent, new_content(), DEADLINE)),
        world.row(partial, manifest=sent),
        world.row(Notice(BUYER, consignment, new_content(), DEADLINE)),
    )
    await world.settle()
    assert world.states(ids) == [EntryState.CONFIRMED] * 3
    back = consignment_id(BUYER, "BACK-1")
    facts = await world.access.reader.facts(ChainQuestion(lots=(LOT.id,), consignments=(consignment, back)))
    record = facts.consignments[consignment]
    assert (record.state, record.manifest_hash) == (ConsignmentState.WRITE_OFF_ANNOUNCED, lines_hash(missing)[:24])
    assert 0 < record.notice_at <= facts.head_time
    returned = facts.consignments[back]
    assert (returned.shipper, returned.receiver, returned.state) == (BUYER, PRODUCER, ConsignmentState.IN_TRANSIT)
    assert facts.lots[LOT.id].moved

    lines = (SettledLine(LOT.id, grams(40), grams(30), grams(20), grams(10)),)
    settlement = Settlement(
        PRODUCER, BUYER, consignment, lines_hash(missing), lines, new_content(), DEADLINE
    )  # fmt: skip
    (settled,) = world.queue(world.row(settlement, manifest=missing))
    await world.settle()
    assert world.states([settled]) == [EntryState.CONFIRMED]
    asked = ChainQuestion(balances=((LOT.id, PRODUCER), (LOT.id, BUYER)), consignments=(consignment,))
    facts = await world.access.reader.facts(asked)
    assert facts.consignments[consignment].state is ConsignmentState.SETTLED
    assert facts.balances == {(LOT.id, PRODUCER): 420, (LOT.id, BUYER): 410}


async def test_a_pledge_is_read_while_it_stands(wide_world: ChainWorld) -> None:
    until = int(time.time()) + 100 * 86400
    pledge = Pledge(PRODUCER, LENDER, LOT.id, grams(700), until, new_content(), DEADLINE)
    (row,) = wide_world.queue(wide_world.row(pledge))
    await wide_world.settle()
    assert wide_world.states([row]) == [EntryState.CONFIRMED]
    (found,) = await wide_world.access.reader.pledges(LOT.id, PRODUCER)
    assert (found.lender, found.grams, found.until) == (LENDER, 700, until)
    assert await wide_world.access.reader.pledges(LOT.id, BUYER) == ()


async def test_a_recall_is_carried_once_and_what_is_left_over_is_refused(wide_world: ChainWorld) -> None:
    world = wide_world
    sent, packed = (Line(LOT.id, grams(600)),), LotRef(CASES, "P-1")
    origin = Origin(sent, (Output(CASES, "P-1", grams(500)),))
    consignment = consignment_id(PRODUCER, "SSCC-1")
    received = PartialReceipt(
        PACKER, consignment, lines_hash(sent), (ReceiptLine(LOT.id, grams(600), grams(0), grams(0)),), "",
        new_content(), DEADLINE,
    )  # fmt: skip
    packing = Transformation(
        PACKER, sent, origin.outputs, grams(100), grams(0), grams(0), new_content(), DEADLINE
    )  # fmt: skip
    ids = world.queue(
        world.row(Shipment(PRODUCER, PACKER, "SSCC-1", sent, new_content(), DEADLINE)),
        world.row(received, manifest=sent),
        world.row(packing),
        world.row(Recall(PRODUCER, LOT.id, new_content(), DEADLINE)),
        world.propagation(packed.id, origin),
        world.propagation(packed.id, origin),
    )
    await world.settle()
    assert world.states(ids) == [EntryState.CONFIRMED] * 5 + [EntryState.REFUSED]
    assert world.only(ids[-1]).refusal.startswith("NothingToPropagate(lot=0x")
    facts = await world.access.reader.facts(ChainQuestion(lots=(packed.id,)))
    lot = facts.lots[packed.id]
    assert (lot.recalled_by, lot.inherited, lot.entries, lot.certified_grams) == (PRODUCER, True, 1, 500)
    assert lot.origin_hash == origin_hash(origin.inputs, origin.outputs)


async def test_two_p256_signatures_get_the_gas_that_they_need(wide_world: ChainWorld) -> None:
    world = wide_world
    first, second = PartyId(9520000000066), PartyId(9520000000073)
    for party in (first, second):
        world.keys[party] = TestKey(scheme=Scheme.P256)
    world.queue(
        world.admission(first, Role.PRODUCER), world.admission(second, Role.LENDER),
        world.assignment(ProductId(9520000000033), first),
    )  # fmt: skip
    lot = LotRef(ProductId(9520000000033), "H-1")
    until = int(time.time()) + 86400
    ids = world.queue(
        world.row(Harvest(first, lot.product, lot.code, NO_PLOT, 0, grams(10), new_content(), DEADLINE)),
        world.row(Pledge(first, second, lot.id, grams(10), until, new_content(), DEADLINE)),
    )
    await world.settle()
    assert world.states(ids) == [EntryState.CONFIRMED] * 2
