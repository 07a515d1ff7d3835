"""What a lot's story tells of corrections, certified origin, pledges and carried recalls."""

from __future__ import annotations

from dataclasses import replace

import event_builders as build
import pytest
from verdict_fakes import World, codes, failing

from ledger.domain.actions import Line, TransformationAmendment
from ledger.domain.custody_values import CertifiedShare
from ledger.domain.identifiers import Grams, LotRef, plot_id
from ledger.domain.story_values import CheckName, Judgement, QualifierCode, Verdict

LOT, PACKED = build.HARVEST_LOT, build.PACKED_LOT
PLOT_ID = plot_id(build.FARM, build.PLOT.extension)


@pytest.fixture
def world() -> World:
    return World()


def packed(world: World) -> None:
    """The farm's tonne comes to the packing house, which makes 900 kg of it; events 1 to 4."""
    world.record(build.harvest())
    world.record(build.shipping())
    world.record(build.receiving())
    world.record(build.packing())


def certified(world: World, grams: int = 5_000_000) -> None:
    world.record(build.plot_registration())
    world.record(build.yield_certificate(grams=grams))


def corrections(judgement: Judgement) -> dict[int, int | None]:
    """By an event's sequence, the sequence of the one that stands instead."""
    by_hash = {event.content_hash: event.sequence for event in judgement.events}
    return {event.sequence: by_hash[event.corrected_by] if event.corrected_by else None for event in judgement.events}


# Corrections ----------------------------------------------------------------------------------------------------------


def test_of_a_corrected_harvest_both_versions_stay_and_the_last_counts(world: World) -> None:
    first = world.record(build.harvest()).body
    second = world.record(build.harvest_amendment(original=first)).body
    world.record(build.harvest_amendment(original=second, grams=950_000))
    judgement = world.judged(LOT)
    assert judgement.verdict is Verdict.VERIFIED
    assert (judgement.amounts.born, judgement.amounts.on_hand) == (950_000, 950_000)
    assert corrections(judgement) == {1: 3, 2: 3, 3: None}
    assert [event.lots[LOT.id] for event in judgement.events] == [1_000_000, 900_000, 950_000]
    assert judgement.branches[0].events == tuple(event.content_hash for event in world.events)


def test_a_correction_that_waits_makes_the_lot_pending(world: World) -> None:
    world.record(build.harvest())
    world.record(build.harvest_amendment(), mined=False)
    judgement = world.judged(LOT)
    assert judgement.verdict is Verdict.PENDING
    assert failing(judgement) == {"anchored"}


def test_an_annulled_lot_is_told_with_nothing_left(world: World) -> None:
    world.record(build.harvest())
    world.record(build.harvest_amendment(grams=0))
    judgement = world.judged(LOT)
    assert (judgement.verdict, judgement.amounts.born) == (Verdict.VERIFIED, 0)
    assert judgement.certified == CertifiedShare(Grams(0), Grams(0))
    assert judgement.certified.percent == 0


def test_a_corrected_packing_gives_back_and_changes_what_came_out(world: World) -> None:
    packed(world)
    world.record(build.packing_amendment())
    made, taken = world.judged(PACKED), world.judged(LOT)
    assert (made.verdict, made.amounts.born) == (Verdict.VERIFIED, 880_000)
    assert made.ancestors[0].grams_used == 990_000
    assert (taken.verdict, taken.amounts.used, taken.amounts.on_hand) == (Verdict.VERIFIED, 990_000, 10_000)
    assert corrections(made)[4] == 5


def test_a_second_correction_of_a_packing_builds_on_the_first(world: World) -> None:
    packed(world)
    first = world.record(build.packing_amendment()).body
    world.record(build.packing_amendment(original=first, grams={LOT: 1_000_000, PACKED: 900_000}))
    made = world.judged(PACKED)
    assert (made.verdict, made.amounts.born) == (Verdict.VERIFIED, 900_000)
    assert corrections(made)[4] == corrections(made)[5] == 6


def test_a_correction_after_moving_is_a_gap(world: World) -> None:
    world.record(build.harvest())
    world.record(build.shipping())
    world.record(build.harvest_amendment(), mined=False)
    assert codes(world.judged(LOT), CheckName.CUSTODY) == ["custody.amended-after-moving"]


def test_a_packing_corrected_after_its_boxes_moved_is_a_gap(world: World) -> None:
    packed(world)
    world.record(build.sale(party=build.PACKING_HOUSE, lines=[build.amount(PACKED, 1)], where=build.PACKING_LINE))
    world.record(build.packing_amendment(), mined=False)
    assert codes(world.judged(PACKED), CheckName.CUSTODY) == ["custody.amended-after-moving"]


def test_a_correction_of_what_is_not_shown_is_a_gap(world: World) -> None:
    world.record(build.harvest())
    world.record(build.packing_amendment(), mined=False)
    assert "custody.amendment-without-original" in codes(world.judged(PACKED), CheckName.CUSTODY)


def test_a_correction_of_other_grams_is_a_gap(world: World) -> None:
    first = world.record(build.harvest()).body
    world.record(build.harvest_amendment(original=first))
    world.record(build.harvest_amendment(original=first, grams=950_000), mined=False)
    assert codes(world.judged(LOT), CheckName.CUSTODY) == ["custody.amended-other-amount"]


def test_a_correction_by_another_is_a_gap(world: World) -> None:
    world.record(build.harvest())
    amended = world.record(build.harvest_amendment(), mined=False)
    world.change_action(amended.sequence, party=build.HUB)
    world.change(amended.sequence, proof=world.resigned(world.at(amended.sequence).proof.action))
    assert "custody.amended-by-another" in codes(world.judged(LOT), CheckName.CUSTODY)


def test_a_packing_corrected_to_other_lots_is_a_gap(world: World) -> None:
    packed(world)
    amended = world.record(build.packing_amendment(), mined=False)
    action = amended.proof.action
    assert isinstance(action, TransformationAmendment)
    world.change_action(amended.sequence, outputs=(*action.outputs, *action.outputs), process_loss=Grams(0))
    world.change(amended.sequence, proof=world.resigned(world.at(amended.sequence).proof.action))
    assert "custody.amended-other-lots" in codes(world.judged(PACKED), CheckName.CUSTODY)


def test_a_packing_that_does_not_add_up_is_a_gap(world: World) -> None:
    packed(world)
    world.change_action(4, culls=Grams(7))
    world.change(4, proof=world.resigned(world.at(4).proof.action))
    assert "custody.unbalanced" in codes(world.judged(PACKED), CheckName.CUSTODY)


def test_a_process_loss_that_nobody_stated_is_not_told_as_changed(world: World) -> None:
    packed(world)
    lines = world.at(4).body["outputQuantityList"]
    world.change_body(4, outputQuantityList=[{**lines[0], "quantity": 950}])
    (reason,) = world.judged(PACKED).reasons
    assert [item.member for item in reason.differences] == ["outputs[0].grams"]
    world.change_body(4, **{"silkroot:processLoss": 7})
    (reason,) = world.judged(PACKED).reasons
    assert [item.member for item in reason.differences] == ["outputs[0].grams", "processLoss"]


@pytest.mark.parametrize("sequence", [2, 4])
def test_a_struct_that_nobody_can_have_signed_fails_its_signature_and_stops_nothing(
    world: World, sequence: int
) -> None:
    packed(world)
    member = {2: "manifest", 4: "inputs"}[sequence]
    world.change_action(sequence, **{member: (Line(LOT.id, Grams(2**64)),)})
    # With its own signature the event would be told as it was signed.
    world.change(sequence, proof=replace(world.at(sequence).proof, signature=bytes(65)))
    judgement = world.judged(LOT)
    assert judgement.verdict is Verdict.UNVERIFIED
    assert "signature.no-digest" in codes(judgement, CheckName.SIGNATURE)


# Certified origin -----------------------------------------------------------------------------------------------------


def test_fruit_of_certified_plots_is_certified_in_whole_and_names_plot_and_season(world: World) -> None:
    certified(world)
    packed(world)
    for lot in (LOT, PACKED):
        judgement = world.judged(lot)
        assert judgement.verdict is Verdict.VERIFIED
        assert judgement.certified is not None
        assert judgement.certified.percent == 100
        (origin,) = judgement.certified.origins
        assert (origin.lot, origin.plot, origin.season) == (LOT.id, PLOT_ID, 2026)
        assert (origin.producer, origin.certifier, origin.grams) == (build.FARM, build.CERTIFIER, 5_000_000)


def test_a_share_is_rounded_down(world: World) -> None:
    certified(world)
    world.record(build.harvest())
    world.record(build.harvest(lot=LotRef(build.BULK_MELON, "H-0002"), plot=build.FARM_GATE, grams=1))
    lines = [build.amount(LOT), build.amount(LotRef(build.BULK_MELON, "H-0002"), 1)]
    world.record(build.shipping(manifest=lines))
    world.record(build.receiving(manifest=lines))
    world.record(build.packing(inputs=lines, outputs=[build.amount(PACKED, 1_000_001)]))
    judgement = world.judged(PACKED)
    assert judgement.verdict is Verdict.VERIFIED
    assert judgement.certified is not None
    assert (judgement.certified.certified_grams, judgement.certified.percent) == (1_000_000, 99)


def test_intake_is_never_certified(world: World) -> None:
    world.record(build.intake())
    judgement = world.judged(build.INTAKE_LOT)
    assert judgement.certified == CertifiedShare(Grams(600_000), Grams(0))
    assert QualifierCode.DECLARED in {item.code for item in judgement.qualifiers}


def test_a_plot_registered_after_the_harvest_certifies_nothing(world: World) -> None:
    world.record(build.harvest())
    certified(world)
    judgement = world.judged(LOT)
    assert judgement.verdict is Verdict.VERIFIED
    assert judgement.certified == CertifiedShare(Grams(1_000_000), Grams(0))


def test_without_the_chain_nothing_is_said_of_certified_origin(world: World) -> None:
    certified(world)
    world.record(build.harvest())
    world.down = ConnectionError()
    assert world.judged(LOT).certified is None


# Pledges --------------------------------------------------------------------------------------------------------------


def test_a_pledge_is_told_until_it_is_released_and_changes_no_amount(world: World) -> None:
    world.record(build.harvest())
    pledged = world.record(build.pledge())
    judgement = world.judged(LOT)
    assert judgement.verdict is Verdict.VERIFIED
    (pledge,) = judgement.pledges
    assert (pledge.holder, pledge.lender, pledge.grams) == (build.FARM, build.LENDER, 1_000_000)
    assert (pledge.stands, pledge.release, pledge.event) == (True, None, pledged.content_hash)
    assert judgement.amounts.on_hand == 1_000_000
    released = world.record(build.pledge_release())
    judgement = world.judged(LOT)
    (pledge,) = judgement.pledges
    assert (judgement.verdict, pledge.stands, pledge.release) == (Verdict.VERIFIED, False, released.content_hash)
    assert {event.content_hash for event in judgement.events} >= set(judgement.branches[0].events)


def test_a_pledge_ends_with_its_term(world: World) -> None:
    world.record(build.harvest())
    world.record(build.pledge())
    world.late = 366 * 86_400
    (pledge,) = world.judged(LOT).pledges
    assert not pledge.stands


def test_a_pledge_that_waits_does_not_stand(world: World) -> None:
    world.record(build.harvest())
    world.record(build.pledge(), mined=False)
    judgement = world.judged(LOT)
    assert (judgement.verdict, judgement.pledges[0].stands) == (Verdict.PENDING, False)


def test_a_pledge_of_an_ancestor_is_not_told_of_the_lot(world: World) -> None:
    packed(world)
    world.record(build.harvest(lot=LotRef(build.BULK_MELON, "H-0002")))
    assert world.judged(PACKED).pledges == ()


# Recalls --------------------------------------------------------------------------------------------------------------


def test_a_carried_recall_names_the_lot_that_it_comes_from(world: World) -> None:
    packed(world)
    world.record(build.recall(party=build.REGULATOR))
    world.ledger.propagate(PACKED.id)
    judgement = world.judged(PACKED)
    assert judgement.verdict is Verdict.RECALLED
    carried, ancestor = judgement.reasons
    assert (carried.code, carried.parameters["parent"]) == ("recall.carried", f"0x{LOT.id.hex()}")
    assert ancestor.code == "recall.ancestor"
    assert judgement.ancestors[0].inherited is False


def test_a_carried_recall_stands_until_it_is_lifted_too(world: World) -> None:
    packed(world)
    world.record(build.recall(party=build.REGULATOR))
    world.ledger.propagate(PACKED.id)
    world.record(build.release(party=build.REGULATOR))
    judgement = world.judged(PACKED)
    assert [reason.code for reason in judgement.reasons] == ["recall.not-lifted"]
    assert "parent" not in judgement.reasons[0].parameters
    world.ledger.propagate(PACKED.id)
    assert world.judged(PACKED).verdict is Verdict.VERIFIED
