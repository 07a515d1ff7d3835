"""Handoffs that do not go as planned: what a lot's story tells of partial receipts, variances, returns and voids."""

from __future__ import annotations

from collections.abc import Callable

import event_builders as build
import pytest
from verdict_fakes import World, codes, failing, key_of

from ledger.domain.custody_values import Handoff
from ledger.domain.event_forms import Amount, Arrival, Settled
from ledger.domain.identifiers import Grams, LotRef
from ledger.domain.records import ConsignmentState, JsonTree, KeyRecord, Scheme
from ledger.domain.story_values import Branch, CheckName, Judgement, QualifierCode, Verdict

LOT = build.HARVEST_LOT
OTHER = LotRef(build.BULK_MELON, "H-0002")
NOTICE_TIME = 72 * 3600


@pytest.fixture
def world() -> World:
    """The farm's tonne is on its way to the packing house."""
    result = World()
    result.record(build.harvest())
    result.record(build.shipping())
    return result


def branch_of(judgement: Judgement, party: int) -> Branch:
    return next(branch for branch in judgement.branches if branch.holder == party)


def handoff_of(judgement: Judgement, party: int) -> Handoff:
    return next(each for each in branch_of(judgement, party).path if each.receiver == party)


def whole(judgement: Judgement) -> bool:
    """Whether every gram at birth is somewhere."""
    amounts = judgement.amounts
    return amounts.born == sum(
        (
            amounts.on_hand, amounts.in_transit, amounts.sold, amounts.destroyed, amounts.used, amounts.returning,
            amounts.missing, amounts.lost, amounts.weight_loss,
        )
    )  # fmt: skip


def test_a_receipt_with_grams_to_come_is_no_gap(world: World) -> None:
    world.record(build.partial_receipt(arrivals=[Arrival(LOT, accepted=600_000, to_come=400_000)], return_ref=""))
    judgement = world.judged(LOT)
    assert judgement.verdict is Verdict.VERIFIED
    branch = branch_of(judgement, build.PACKING_HOUSE)
    assert (branch.on_hand, branch.in_transit, branch.missing) == (600_000, 400_000, 0)
    assert whole(judgement)


def test_several_receipts_of_one_consignment_add_up(world: World) -> None:
    world.record(build.partial_receipt(arrivals=[Arrival(LOT, accepted=600_000, to_come=400_000)], return_ref=""))
    world.record(build.partial_receipt(arrivals=[Arrival(LOT, accepted=100_000, to_come=300_000)], return_ref=""))
    world.record(build.receiving(manifest=[build.amount(LOT, 300_000)]))
    judgement = world.judged(LOT)
    assert judgement.verdict is Verdict.VERIFIED
    handoff = handoff_of(judgement, build.PACKING_HOUSE)
    assert (handoff.state, len(handoff.receipts), handoff.accepted) == (ConsignmentState.RECEIVED, 3, 1_000_000)
    assert handoff.receipt == world.events[-1].content_hash


def test_an_open_variance_makes_the_receivers_branch_suspect_and_no_other(world: World) -> None:
    world.record(build.partial_receipt())
    judgement = world.judged(LOT)
    assert judgement.verdict is Verdict.SUSPECT
    assert codes(judgement, CheckName.CUSTODY) == ["custody.variance"]
    (reason,) = judgement.reasons
    assert (reason.parameters["missing"], reason.parameters["receiver"]) == (100_000, build.PACKING_HOUSE)
    packer, farm = branch_of(judgement, build.PACKING_HOUSE), branch_of(judgement, build.FARM)
    assert (packer.on_hand, packer.missing, packer.verdict) == (700_000, 100_000, Verdict.SUSPECT)
    assert (farm.returning, farm.in_transit, farm.verdict) == (200_000, 0, Verdict.VERIFIED)
    assert whole(judgement)


def test_fruit_made_from_what_was_accepted_is_not_suspect(world: World) -> None:
    world.record(build.partial_receipt())
    world.record(build.packing(inputs=[build.amount(LOT, 700_000)], outputs=[build.amount(build.PACKED_LOT, 600_000)]))
    assert world.judged(LOT).verdict is Verdict.SUSPECT
    assert world.judged(build.PACKED_LOT).verdict is Verdict.VERIFIED


def test_what_is_refused_goes_back_as_a_consignment_and_is_received_by_its_sender(world: World) -> None:
    world.record(build.partial_receipt(arrivals=[Arrival(LOT, accepted=800_000, refused=200_000)]))
    under_way = world.judged(LOT)
    assert under_way.verdict is Verdict.VERIFIED
    back = handoff_of(under_way, build.FARM)
    assert (back.shipper, back.grams, back.returns) == (
        build.PACKING_HOUSE, 200_000, handoff_of(under_way, build.PACKING_HOUSE).consignment,
    )  # fmt: skip
    world.record(
        build.receiving(
            party=build.FARM, shipper=build.PACKING_HOUSE, reference=build.RETURN_REFERENCE, where=build.FARM_GATE,
            manifest=[build.amount(LOT, 200_000)],
        )
    )  # fmt: skip
    judgement = world.judged(LOT)
    assert judgement.verdict is Verdict.VERIFIED
    farm = branch_of(judgement, build.FARM)
    assert (farm.on_hand, farm.returning, farm.verdict) == (200_000, 0, Verdict.VERIFIED)
    assert whole(judgement)


def test_a_settled_variance_is_no_gap_and_is_told(world: World) -> None:
    world.record(build.partial_receipt())
    world.record(build.settlement())
    judgement = world.judged(LOT)
    assert judgement.verdict is Verdict.VERIFIED
    packer, farm = branch_of(judgement, build.PACKING_HOUSE), branch_of(judgement, build.FARM)
    assert (packer.on_hand, packer.missing, packer.lost, packer.weight_loss) == (710_000, 0, 40_000, 30_000)
    assert farm.on_hand == 20_000
    handoff = handoff_of(judgement, build.PACKING_HOUSE)
    assert (handoff.state, handoff.end) == (ConsignmentState.SETTLED, world.events[-1].content_hash)
    assert (handoff.loss, handoff.weight_loss, handoff.returned, handoff.received) == (40_000, 30_000, 20_000, 10_000)
    assert world.events[-1].content_hash in packer.events
    assert whole(judgement)


def test_a_variance_that_is_written_off_stays_suspect_until_it_is(world: World) -> None:
    world.record(build.partial_receipt())
    world.record(build.notice(party=build.PACKING_HOUSE, about="write-off"))
    announced = world.judged(LOT)
    assert announced.verdict is Verdict.SUSPECT
    assert handoff_of(announced, build.PACKING_HOUSE).state is ConsignmentState.WRITE_OFF_ANNOUNCED
    world.late = NOTICE_TIME + 1000
    world.record(build.settlement(lines=[Settled(LOT, loss=100_000)], alone=True))
    judgement = world.judged(LOT)
    assert judgement.verdict is Verdict.VERIFIED
    assert judgement.amounts.lost == 100_000


def test_an_announced_void_is_told_and_is_no_gap(world: World) -> None:
    world.record(build.notice())
    judgement = world.judged(LOT)
    assert judgement.verdict is Verdict.VERIFIED
    handoff = handoff_of(judgement, build.PACKING_HOUSE)
    assert (handoff.state, handoff.notice) == (ConsignmentState.VOID_ANNOUNCED, world.events[-1].content_hash)
    assert handoff.notice_at > 0


def test_a_receipt_signed_after_the_notice_stands(world: World) -> None:
    world.record(build.notice())
    world.record(build.receiving())
    judgement = world.judged(LOT)
    assert judgement.verdict is Verdict.VERIFIED
    assert handoff_of(judgement, build.PACKING_HOUSE).state is ConsignmentState.RECEIVED


@pytest.mark.parametrize("agreed", [True, False])
def test_a_void_takes_the_goods_back_and_is_no_gap(world: World, agreed: bool) -> None:
    if not agreed:
        world.record(build.notice())
        world.late = NOTICE_TIME + 1000
    world.record(build.void(agreed=agreed))
    judgement = world.judged(LOT)
    assert judgement.verdict is Verdict.VERIFIED
    (farm,) = judgement.branches
    assert (farm.holder, farm.on_hand) == (build.FARM, 1_000_000)
    assert world.events[-1].content_hash in {event.content_hash for event in judgement.events}


def test_a_lot_whose_part_arrived_is_not_touched_by_what_becomes_of_the_others() -> None:
    world = World()
    manifest = [build.amount(LOT, 500_000), build.amount(OTHER, 400_000)]
    world.record(build.harvest())
    world.record(build.harvest(lot=OTHER))
    world.record(build.shipping(manifest=manifest))
    world.record(
        build.partial_receipt(
            arrivals=[Arrival(LOT, accepted=500_000), Arrival(OTHER, accepted=100_000, to_come=300_000)], return_ref=""
        )
    )
    assert world.judged(LOT).verdict is Verdict.VERIFIED
    world.record(build.partial_receipt(arrivals=[Arrival(OTHER, accepted=100_000, short=200_000)], return_ref=""))
    assert world.judged(LOT).verdict is Verdict.VERIFIED
    assert world.judged(OTHER).verdict is Verdict.SUSPECT
    world.record(build.settlement(lines=[Settled(OTHER, loss=200_000)]))
    assert world.judged(LOT).verdict is Verdict.VERIFIED
    assert world.judged(OTHER).verdict is Verdict.VERIFIED


def test_both_sides_hosted_counts_second_signatures_too(world: World) -> None:
    for party in (build.FARM, build.PACKING_HOUSE):
        world.keys[key_of(party).id] = KeyRecord(party, Scheme.SECP256K1, True, party == build.FARM, 1, 0, 0)
    world.record(build.void())
    codes_of = {item.code: item for item in world.judged(LOT).qualifiers}
    assert QualifierCode.BOTH_SIDES_HOSTED not in codes_of
    world.keys[key_of(build.PACKING_HOUSE).id] = KeyRecord(build.PACKING_HOUSE, Scheme.SECP256K1, True, True, 1, 0, 0)
    both = next(item for item in world.judged(LOT).qualifiers if item.code is QualifierCode.BOTH_SIDES_HOSTED)
    assert (both.parties, both.events) == ((build.FARM, build.PACKING_HOUSE), (world.events[-1].content_hash,))


# Gaps: signed, not (yet) refused by the chain -------------------------------------------------------------------------


def unmined(*trees: Callable[[], JsonTree]) -> Callable[[World], None]:
    def record(world: World) -> None:
        for tree in trees:
            world.record(tree(), mined=False)

    return record


def after_variance(*trees: Callable[[], JsonTree]) -> Callable[[World], None]:
    def record(world: World) -> None:
        world.record(build.partial_receipt())
        unmined(*trees)(world)

    return record


HALF = [Amount(LOT, Grams(500_000))]
GAPS: list[tuple[str, Callable[[World], None], str]] = [
    ("partial receipt of other grams",
     unmined(lambda: build.partial_receipt(arrivals=[Arrival(LOT, accepted=900_000)], return_ref="")),
     "custody.receipt-other-manifest"),
    ("partial receipt by another",
     unmined(lambda: build.partial_receipt(party=build.HUB, where=build.HUB_DOOR)), "custody.receipt-by-another"),
    ("grams to come and grams missing",
     unmined(lambda: build.partial_receipt(
         arrivals=[Arrival(LOT, accepted=700_000, to_come=200_000, short=100_000)], return_ref="")),
     "custody.lines-unbalanced"),
    ("return under a reference of a shipment before",
     unmined(lambda: build.shipping(party=build.PACKING_HOUSE, receiver=build.FARM, reference=build.RETURN_REFERENCE,
                                    manifest=[build.amount(LOT, 1)]),
             lambda: build.partial_receipt(arrivals=[Arrival(LOT, accepted=800_000, refused=200_000)])),
     "custody.consignment-used"),
    ("settlement of nothing", unmined(build.settlement), "custody.settled-without-variance"),
    ("settlement without a shipment",
     unmined(lambda: build.settlement(reference=build.sscc(9))), "custody.receipt-without-shipment"),
    ("settlement of other grams",
     after_variance(lambda: build.settlement(lines=[Settled(LOT, loss=90_000)])), "custody.other-lines"),
    ("void by another",
     unmined(lambda: build.void(party=build.HUB, reference=build.REFERENCE)), "custody.receipt-without-shipment"),
    ("void of other grams", unmined(lambda: build.void(manifest=HALF)), "custody.other-lines"),
    ("void after the receipt",
     unmined(build.receiving, build.void), "custody.not-under-way"),
    ("receipt after the void",
     unmined(build.void, build.receiving), "custody.not-under-way"),
]  # fmt: skip


@pytest.mark.parametrize(("record", "code"), [row[1:] for row in GAPS], ids=[row[0] for row in GAPS])
def test_what_does_not_fit_is_a_gap_and_moves_nothing(world: World, record: Callable[[World], None], code: str) -> None:
    record(world)
    judgement = world.judged(LOT)
    assert code in codes(judgement, CheckName.CUSTODY)
    assert judgement.verdict is Verdict.SUSPECT
    assert failing(judgement) == {"custody", "anchored"}


def test_a_settlement_by_one_who_is_no_side_is_a_gap(world: World) -> None:
    world.record(build.partial_receipt())
    settled = world.record(build.settlement(), mined=False)
    world.change_action(settled.sequence, party=build.HUB)
    action = world.at(settled.sequence).proof.action
    world.change(settled.sequence, proof=world.resigned(action))
    assert "custody.not-a-side" in codes(world.judged(LOT), CheckName.CUSTODY)


def test_notice_by_one_who_may_not_give_it_moves_nothing(world: World) -> None:
    world.record(build.notice(party=build.PACKING_HOUSE, about="write-off"), mined=False)
    handoff = handoff_of(world.judged(LOT), build.PACKING_HOUSE)
    assert (handoff.state, handoff.notice) == (ConsignmentState.IN_TRANSIT, None)
