"""Verdicts beyond the corruption table: waiting, refusals, gaps, recalls, branches, a chain that is not asked."""

from __future__ import annotations

from dataclasses import replace

import event_builders as build
import pytest
from verdict_fakes import (
    AT_BUYER,
    HARVEST,
    SOLD,
    TO_HUB,
    World,
    alter_entry,
    codes,
    failing,
    key_of,
    season,
    unavailable,
)

from ledger.domain.identifiers import LotRef
from ledger.domain.records import EntryState
from ledger.domain.story_values import Branch, CheckName, Judgement, Outcome, QualifierCode, Verdict, worst

MORE = build.amount(build.PACKED_LOT, 10_000)
MORE_TO_HUB = {"reference": build.sscc(9), "manifest": [MORE]}


@pytest.fixture
def world() -> World:
    result = World()
    season(result)
    return result


def branch_of(judgement: Judgement, party: int) -> Branch:
    return next(branch for branch in judgement.branches if branch.holder == party)


# Waiting and refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [EntryState.QUEUED, EntryState.SENT])
def test_an_event_on_its_way_makes_its_branch_pending(world: World, state: EntryState) -> None:
    event = world.record(build.sale(party=build.BUYER, lines=[MORE]), mined=False)
    world.change(event.sequence, state=state)
    judgement = world.judged(build.PACKED_LOT)
    assert judgement.verdict is Verdict.PENDING
    assert failing(judgement) == {"anchored"}
    assert codes(judgement, CheckName.ANCHORED) == ["anchored.waiting"]
    assert branch_of(judgement, build.BUYER).verdict is Verdict.PENDING
    assert branch_of(judgement, build.HUB).verdict is Verdict.VERIFIED


def test_a_lot_that_is_just_harvested_is_pending_in_whole() -> None:
    world = World()
    world.record(build.harvest(), mined=False)
    judgement = world.judged(build.HARVEST_LOT)
    assert judgement.verdict is Verdict.PENDING
    assert codes(judgement, CheckName.CUSTODY) == ["custody.waiting"]


def test_a_key_on_its_way_to_the_chain_is_pending_too() -> None:
    world = World()
    world.record(build.harvest(), mined=False)
    del world.keys[key_of(build.FARM).id]
    judgement = world.judged(build.HARVEST_LOT)
    assert judgement.verdict is Verdict.PENDING
    assert codes(judgement, CheckName.SIGNATURE) == ["signature.key-waiting"]


def test_what_is_pending_in_the_store_but_mined_meanwhile_is_verified(world: World) -> None:
    world.change(SOLD, state=EntryState.SENT)
    assert world.judged(build.PACKED_LOT).verdict is Verdict.VERIFIED


def test_a_refused_entry_makes_its_branch_suspect_and_moves_nothing(world: World) -> None:
    event = world.record(build.sale(party=build.BUYER, lines=[MORE]), mined=False)
    world.change(event.sequence, state=EntryState.REFUSED, refusal="NotEnoughHeld(0x, 1, 2, 3)")
    judgement = world.judged(build.PACKED_LOT)
    assert judgement.verdict is Verdict.SUSPECT
    assert failing(judgement) == {"anchored"}
    assert judgement.reasons[0].code == "anchored.refused"
    assert judgement.reasons[0].parameters["rule"] == "NotEnoughHeld(0x, 1, 2, 3)"
    assert branch_of(judgement, build.BUYER).verdict is Verdict.SUSPECT
    assert branch_of(judgement, build.BUYER).sold == 50_000
    assert branch_of(judgement, build.HUB).verdict is Verdict.VERIFIED


def test_a_refused_event_needs_no_valid_key_but_its_signature_is_checked(world: World) -> None:
    event = world.record(build.sale(party=build.BUYER, lines=[MORE]), mined=False)
    world.change(event.sequence, state=EntryState.REFUSED, refusal="KeyIsRevoked")
    key = key_of(build.BUYER).id
    world.keys[key] = replace(world.keys[key], revoked_at=2**39)
    assert failing(world.judged(build.PACKED_LOT)) == {"anchored"}
    world.change(event.sequence, proof=replace(world.at(event.sequence).proof, signature=bytes(65)))
    judgement = world.judged(build.PACKED_LOT)
    assert judgement.verdict is Verdict.UNVERIFIED
    assert failing(judgement) == {"anchored", "signature"}


# Gaps -----------------------------------------------------------------------------------------------------------------


def test_a_receipt_of_another_manifest_is_a_gap_until_the_chain_has_it(world: World) -> None:
    receipt = build.receiving(
        party=build.HUB, shipper=build.PACKING_HOUSE, where=build.HUB_DOOR, reference=build.sscc(3), manifest=[MORE]
    )
    world.record(receipt, mined=False)
    judgement = world.judged(build.PACKED_LOT)
    assert judgement.verdict is Verdict.SUSPECT
    assert codes(judgement, CheckName.CUSTODY) == ["custody.receipt-other-manifest"]
    assert branch_of(judgement, build.HUB).verdict is Verdict.SUSPECT
    assert branch_of(judgement, build.BUYER).verdict is Verdict.VERIFIED


def test_a_receipt_without_a_shipment_is_a_gap(world: World) -> None:
    world.record(build.receiving(party=build.HUB, shipper=build.BUYER, **MORE_TO_HUB), mined=False)
    judgement = world.judged(build.PACKED_LOT)
    assert judgement.verdict is Verdict.SUSPECT
    assert codes(judgement, CheckName.CUSTODY) == ["custody.receipt-without-shipment"]


def test_a_receipt_by_another_than_the_receiver_is_a_gap(world: World) -> None:
    shipped = build.amount(build.PACKED_LOT, 300_000)
    receipt = build.receiving(
        party=build.BUYER, shipper=build.PACKING_HOUSE, reference=build.sscc(3), manifest=[shipped]
    )
    world.record(receipt, mined=False)
    assert codes(world.judged(build.PACKED_LOT), CheckName.CUSTODY) == ["custody.receipt-by-another"]


def test_a_second_receipt_is_a_gap(world: World) -> None:
    again = build.receiving(
        party=build.BUYER,
        shipper=build.PACKING_HOUSE,
        reference=build.sscc(2),
        manifest=[build.amount(build.PACKED_LOT, 500_000)],
        where=build.HUB_DOOR,
    )
    world.record(again, mined=False)
    assert codes(world.judged(build.PACKED_LOT), CheckName.CUSTODY) == ["custody.received-twice"]


def test_a_consignment_reference_used_twice_is_a_gap(world: World) -> None:
    world.record(
        build.shipping(party=build.PACKING_HOUSE, receiver=build.BUYER, reference=build.sscc(3), manifest=[MORE]),
        mined=False,
    )
    assert codes(world.judged(build.PACKED_LOT), CheckName.CUSTODY) == ["custody.consignment-used"]


def test_giving_more_than_is_held_is_a_gap(world: World) -> None:
    world.record(build.sale(party=build.BUYER, lines=[build.amount(build.PACKED_LOT, 450_001)]), mined=False)
    judgement = world.judged(build.PACKED_LOT)
    assert judgement.verdict is Verdict.SUSPECT
    assert codes(judgement, CheckName.CUSTODY) == ["custody.more-than-held"]


def test_a_sale_by_somebody_who_never_received_is_a_gap_on_every_branch(world: World) -> None:
    world.record(build.sale(party=build.CARRIER, lines=[MORE]), mined=False)
    judgement = world.judged(build.PACKED_LOT)
    assert judgement.verdict is Verdict.SUSPECT
    assert codes(judgement, CheckName.CUSTODY) == ["custody.more-than-held"]


def test_more_out_than_in_is_a_gap(world: World) -> None:
    other = LotRef(build.MELON_CASE, "P-9")
    world.record(
        build.packing(party=build.BUYER, inputs=[MORE], outputs=[build.amount(other, 10_001)], where=build.SHOP),
        mined=False,
    )
    assert "custody.more-out-than-in" in codes(world.judged(other), CheckName.CUSTODY)
    assert world.judged(other).verdict is Verdict.SUSPECT


def test_a_second_birth_is_a_gap(world: World) -> None:
    world.record(build.harvest(grams=7), mined=False)
    assert codes(world.judged(build.HARVEST_LOT), CheckName.CUSTODY) == ["custody.born-twice"]


def test_a_lot_that_is_only_named_has_no_birth() -> None:
    world = World()
    world.record(build.inspection())
    judgement = world.judged(build.HARVEST_LOT)
    assert judgement.verdict is Verdict.SUSPECT
    assert codes(judgement, CheckName.CUSTODY) == ["custody.no-birth"]


# Under way, recall, qualifiers ----------------------------------------------------------------------------------------


def test_a_lot_under_way_is_no_gap(world: World) -> None:
    branch = branch_of(world.judged(build.PACKED_LOT), build.HUB)
    assert (branch.in_transit, branch.on_hand, branch.verdict) == (300_000, 0, Verdict.VERIFIED)


def test_a_recall_covers_every_branch_and_a_release_ends_it(world: World) -> None:
    world.record(build.recall(party=build.PACKING_HOUSE, lot=build.PACKED_LOT))
    judgement = world.judged(build.PACKED_LOT)
    assert judgement.verdict is Verdict.RECALLED
    assert {branch.verdict for branch in judgement.branches} == {Verdict.RECALLED}
    assert world.judged(build.HARVEST_LOT).verdict is Verdict.VERIFIED
    world.record(build.release(party=build.PACKING_HOUSE, lot=build.PACKED_LOT))
    # A lot made from others is free only once it is shown that none of them is recalled.
    assert [finding.code for finding in world.judged(build.PACKED_LOT).reasons] == ["recall.not-lifted"]
    world.ledger.propagate(build.PACKED_LOT.id)
    assert world.judged(build.PACKED_LOT).verdict is Verdict.VERIFIED


def test_an_ancestors_recall_covers_the_lot_and_is_named(world: World) -> None:
    world.record(build.recall(party=build.REGULATOR))
    judgement = world.judged(build.PACKED_LOT)
    assert judgement.verdict is Verdict.RECALLED
    assert judgement.reasons[0].code == "recall.ancestor"
    assert judgement.ancestors[0].recalled_by == build.REGULATOR


def test_a_recall_by_a_party_that_is_neither_issuer_nor_regulator_fails_its_role(world: World) -> None:
    world.record(build.recall(party=build.REGULATOR, lot=build.PACKED_LOT))
    world.roles[build.REGULATOR] = world.roles[build.HUB]
    assert "signature.role-missing" in codes(world.judged(build.PACKED_LOT), CheckName.SIGNATURE)


def test_a_recall_comes_before_a_failed_check(world: World) -> None:
    world.record(build.recall(party=build.PACKING_HOUSE, lot=build.PACKED_LOT))
    world.change_body(HARVEST, remark="changed")
    judgement = world.judged(build.PACKED_LOT)
    assert judgement.verdict is Verdict.RECALLED
    assert failing(judgement) == {"content", "recall"}


def test_the_precedence_of_verdicts() -> None:
    order = ["unknown", "recalled", "unverified", "suspect", "pending", "verified"]
    for index, name in enumerate(order):
        assert worst([Verdict(later) for later in reversed(order[index:])]) is Verdict(name)
    assert worst([]) is Verdict.UNKNOWN


def test_qualifiers_of_an_intake_with_documents_on_a_local_chain() -> None:
    world = World()
    tree = build.intake()
    tree["certificationInfo"] = ["https://example.org/certificate/1"]
    world.record(tree)
    judgement = world.judged(build.INTAKE_LOT, single_operator=True)
    assert judgement.verdict is Verdict.VERIFIED
    assert [item.code for item in judgement.qualifiers] == [
        QualifierCode.HOSTED_KEY,
        QualifierCode.SINGLE_OPERATOR_CHAIN,
        QualifierCode.DECLARED,
        QualifierCode.SUPPLIED,
        QualifierCode.TEMPERATURE_NOT_RECORDED,
    ]


@pytest.mark.parametrize(
    ("member", "value"),
    [("airLeg", {"step": "loaded", "flight": "ZZ6901"}), ("carrier", "https://id.gs1.org/417/9520001000232")],
)
def test_a_carrier_that_is_only_named_is_declared(world: World, member: str, value: object) -> None:
    assert QualifierCode.DECLARED not in {item.code for item in world.judged(build.PACKED_LOT).qualifiers}
    loaded = build.inspection(lots=[build.PACKED_LOT])
    loaded[f"silkroot:{member}"] = value
    event = world.record(loaded)
    (declared,) = [q for q in world.judged(build.PACKED_LOT).qualifiers if q.code is QualifierCode.DECLARED]
    assert declared.events == (event.content_hash,)


def test_both_sides_hosted_names_both_parties(world: World) -> None:
    qualifiers = {item.code: item for item in world.judged(build.PACKED_LOT).qualifiers}
    assert set(qualifiers[QualifierCode.BOTH_SIDES_HOSTED].parties) == {build.FARM, build.PACKING_HOUSE, build.BUYER}


# Branches -------------------------------------------------------------------------------------------------------------


def test_an_altered_event_concerns_the_branches_that_it_lies_on(world: World) -> None:
    world.change_body(AT_BUYER, remark="changed")
    judgement = world.judged(build.PACKED_LOT)
    assert judgement.verdict is Verdict.UNVERIFIED
    assert branch_of(judgement, build.BUYER).verdict is Verdict.UNVERIFIED
    assert branch_of(judgement, build.BUYER).reasons[0].code == "content.changed"
    assert branch_of(judgement, build.HUB).verdict is Verdict.VERIFIED
    assert branch_of(judgement, build.PACKING_HOUSE).verdict is Verdict.VERIFIED


def test_an_ancestors_other_branches_do_not_concern_the_lot() -> None:
    world = World()
    world.record(build.harvest())
    half = [build.amount(grams=500_000)]
    world.record(build.shipping(manifest=half))
    world.record(build.receiving(manifest=half))
    world.record(build.packing(inputs=half, outputs=[build.amount(build.PACKED_LOT, 400_000)]))
    sold = world.record(build.sale())
    world.change_body(sold.sequence, remark="changed")
    assert world.judged(build.PACKED_LOT).verdict is Verdict.VERIFIED
    assert world.judged(build.HARVEST_LOT).verdict is Verdict.UNVERIFIED
    stories = {event.sequence: event for event in world.judged(build.PACKED_LOT).events}
    assert not stories[sold.sequence].relevant
    assert stories[sold.sequence].checks[0].outcome is Outcome.FAILED


def test_goods_that_went_in_a_ring_have_one_branch_with_both_handoffs() -> None:
    world = World()
    world.record(build.harvest())
    world.record(build.shipping())
    world.record(build.receiving())
    back = {"reference": build.sscc(5), "manifest": [build.amount()]}
    world.record(build.shipping(party=build.PACKING_HOUSE, receiver=build.FARM, **back))
    world.record(build.receiving(party=build.FARM, shipper=build.PACKING_HOUSE, **back))
    judgement = world.judged(build.HARVEST_LOT)
    assert judgement.verdict is Verdict.VERIFIED
    (branch,) = judgement.branches
    assert branch.holder == build.FARM
    assert branch.parties == (build.FARM, build.PACKING_HOUSE)
    assert len(branch.path) == 2


def test_grams_of_all_branches_add_up_to_the_birth(world: World) -> None:
    amounts = world.judged(build.PACKED_LOT).amounts
    assert amounts.born == 900_000
    assert amounts.on_hand + amounts.in_transit + amounts.sold + amounts.destroyed + amounts.used == amounts.born


def test_a_branch_names_the_last_place_of_its_holder(world: World) -> None:
    judgement = world.judged(build.PACKED_LOT)
    assert branch_of(judgement, build.BUYER).place == (build.SHOP.gln, "")
    assert branch_of(judgement, build.HUB).place is None


# The chain ------------------------------------------------------------------------------------------------------------


def test_a_chain_that_is_down_makes_everything_unknown_and_keeps_the_own_findings(world: World) -> None:
    world.change_body(HARVEST, remark="changed")
    world.down = unavailable()
    judgement = world.judged(build.PACKED_LOT)
    assert judgement.verdict is Verdict.UNKNOWN
    outcomes = {check.name: check.outcome for check in judgement.checks}
    assert outcomes == {
        CheckName.CONTENT: Outcome.FAILED,
        CheckName.SIGNATURE: Outcome.NOT_MADE,
        CheckName.ANCHORED: Outcome.NOT_MADE,
        CheckName.CUSTODY: Outcome.NOT_MADE,
        CheckName.RECALL: Outcome.NOT_MADE,
    }
    assert {branch.verdict for branch in judgement.branches} == {Verdict.UNKNOWN}
    assert all(len(check.findings) == 1 for check in judgement.checks)


@pytest.mark.parametrize("member", [{"chain_id": 1}, {"ledger": bytes(20)}])
def test_answers_of_another_chain_or_contract_count_as_none(world: World, member: dict[str, object]) -> None:
    world.alter = lambda facts: replace(facts, **member)
    judgement = world.judged(build.PACKED_LOT)
    assert judgement.verdict is Verdict.UNKNOWN
    assert judgement.reasons[0].code == "chain.other-contract"


@pytest.mark.parametrize("part", ["lots", "balances", "consignments", "keys", "roles"])
def test_what_the_chain_did_not_answer_is_never_taken_for_good(world: World, part: str) -> None:
    world.alter = lambda facts: replace(facts, **{part: {}})
    assert world.judged(build.PACKED_LOT).verdict is Verdict.UNKNOWN


def test_differences_name_the_member_with_both_values(world: World) -> None:
    lines = world.at(HARVEST).body["quantityList"]
    world.change_body(HARVEST, quantityList=[{**lines[0], "quantity": 2000}])
    reason = world.judged(build.PACKED_LOT).reasons[0]
    (difference,) = reason.differences
    assert (difference.member, difference.signed, difference.found) == ("grams", "1000000", "2000000")
    assert reason.evidence.signed_hash == world.at(HARVEST).content_hash
    assert reason.evidence.found_hash not in (None, reason.evidence.signed_hash)


def test_confirmations_are_counted_from_the_head(world: World) -> None:
    world.confirmations = 3
    judgement = world.judged(build.PACKED_LOT)
    assert {item.parameters["depth"] for item in judgement.reasons} == {1, 2}
    alter_entry(world, TO_HUB, block_number=world.head - 2)
    alter_entry(world, SOLD, block_number=world.head - 2)
    assert world.judged(build.PACKED_LOT).verdict is Verdict.VERIFIED
