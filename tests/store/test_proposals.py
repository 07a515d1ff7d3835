"""
What two parties sign: nothing is recorded before both did, and either may take it off. Where a phone signed first:
`test_signed_proposals`.
"""

from __future__ import annotations

from dataclasses import replace

import event_builders as b
import pytest
from eth_abi.abi import decode
from ledger_fixture import World
from second_signatures import held, proposals, waiting
from signing_keys import p256_key

from ledger.domain.errors import InvalidInput, NotFound, Refused
from ledger.domain.event_forms import Settled
from ledger.domain.identifiers import PartyId, consignment_id
from ledger.domain.records import ConsignmentState, JsonTree, RecordedEvent
from ledger.domain.registry_actions import RegistryKind
from ledger.domain.signatures import verify
from ledger.ports_outbox import Target
from ledger.ports_proposals import Proposal
from ledger.services.keys import DeviceKey
from ledger.services.preparing import DEADLINE_SECONDS

CONSIGNMENT = consignment_id(b.FARM, b.REFERENCE)


def propose(world: World, event: JsonTree, party: PartyId) -> Proposal:
    """The event as a proposal."""
    made = proposals(world).propose(event, party)
    assert isinstance(made, Proposal)
    return made


def test_a_settlement_is_recorded_when_the_other_side_agrees(disputed: World) -> None:
    before = len(waiting(disputed))
    proposal = propose(disputed, b.settlement(), b.PACKING_HOUSE)
    assert (proposal.party, proposal.counterparty) == (b.PACKING_HOUSE, b.FARM)
    assert proposal.deadline == int(disputed.clock.time) + DEADLINE_SECONDS
    assert len(waiting(disputed)) == before
    assert disputed.store.event(proposal.content_hash) is None
    assert (held(disputed, b.FARM), held(disputed, b.PACKING_HOUSE)) == (0, 700_000)

    event = proposals(disputed).agree(proposal.id, b.FARM)
    assert event.content_hash == proposal.content_hash
    assert (held(disputed, b.FARM), held(disputed, b.PACKING_HOUSE)) == (20_000, 710_000)
    settled = disputed.store.registered().consignment(CONSIGNMENT)
    assert settled is not None
    assert settled.state is ConsignmentState.SETTLED
    row = waiting(disputed)[-1]
    first, co_key, second = decode(["bytes", "bytes32", "bytes"], row.entry.signature)
    assert row.entry.key_id == disputed.signer.key_of(b.PACKING_HOUSE)
    assert co_key == disputed.signer.key_of(b.FARM)
    for key, signature in ((row.entry.key_id, first), (disputed.signer.key_of(b.FARM), second)):
        assert verify(row.digest, key, disputed.signer.scheme_of(key), signature)
    assert proposals(disputed).of(b.FARM) == []
    assert disputed.fsck() == []


def test_the_same_request_is_the_same_proposal_and_then_the_event(disputed: World) -> None:
    event = {key: value for key, value in b.settlement().items() if key != "silkroot:blind"}
    first = propose(disputed, event, b.PACKING_HOUSE)
    assert propose(disputed, event, b.PACKING_HOUSE) == first
    recorded = proposals(disputed).agree(first.id, b.FARM)
    again = proposals(disputed).propose(event, b.PACKING_HOUSE)
    assert isinstance(again, RecordedEvent)
    assert again.sequence == recorded.sequence


def test_both_sides_see_what_waits(disputed: World) -> None:
    proposal = propose(disputed, b.settlement(), b.PACKING_HOUSE)
    service = proposals(disputed)
    assert service.of(b.FARM) == service.of(b.PACKING_HOUSE) == [proposal]
    assert service.of(b.HUB) == []
    disputed.clock.time = proposal.deadline + 1
    assert service.of(b.FARM) == []


def test_the_shipper_may_propose_too(disputed: World) -> None:
    proposal = propose(disputed, b.settlement(party=b.FARM), b.FARM)
    assert proposal.counterparty == b.PACKING_HOUSE
    proposals(disputed).agree(proposal.id, b.PACKING_HOUSE)
    assert held(disputed, b.FARM) == 20_000


def test_nobody_else_agrees_and_nobody_agrees_with_themselves(disputed: World) -> None:
    proposal = propose(disputed, b.settlement(), b.PACKING_HOUSE)
    service = proposals(disputed)
    with pytest.raises(Refused, match=r"proposal\.own"):
        service.agree(proposal.id, b.PACKING_HOUSE)
    for number, party in ((proposal.id, b.HUB), (proposal.id + 1, b.FARM)):
        with pytest.raises(NotFound):
            service.agree(number, party)
        with pytest.raises(NotFound):
            service.withdraw(number, party)
    assert service.of(b.FARM) == [proposal]


def test_capture_alone_records_nothing_that_another_has_to_sign(disputed: World) -> None:
    assert disputed.refusal(b.settlement()) == ["proposal.needed"]
    assert disputed.refusal(b.pledge()) == ["proposal.needed"]


def test_what_one_party_signs_is_no_proposal(world: World) -> None:
    with pytest.raises(Refused, match=r"proposal\.one-party"):
        proposals(world).propose(b.harvest(), b.FARM)


def test_the_rules_hold_when_it_is_proposed(disputed: World) -> None:
    wrong = b.settlement(lines=[Settled(b.HARVEST_LOT, loss=99_999)])
    with pytest.raises(Refused, match="WrongManifest"):
        proposals(disputed).propose(wrong, b.PACKING_HOUSE)
    with pytest.raises(Refused, match="NotEnoughHeld"):
        proposals(disputed).propose(b.pledge(), b.FARM)
    assert proposals(disputed).of(b.FARM) == []


def test_the_rules_hold_again_when_it_is_agreed(world: World) -> None:
    world.record(b.harvest())
    proposal = propose(world, b.pledge(), b.FARM)
    world.record(b.sale())
    with pytest.raises(Refused, match="NotEnoughHeld") as refusal:
        proposals(world).agree(proposal.id, b.LENDER)
    assert str(b.HARVEST_LOT) in refusal.value.violations[0].value
    assert proposals(world).of(b.LENDER) == [proposal]


def test_a_pledge_holds_its_grams_once_the_lender_agreed(world: World) -> None:
    world.record(b.harvest())
    proposal = propose(world, b.pledge(pledged=b.amount(grams=995_000)), b.FARM)
    proposals(world).agree(proposal.id, b.LENDER)
    assert world.refusal(b.sale()) == ["PledgedGrams"]
    world.record(b.pledge_release(), b.sale())
    assert world.fsck() == []


def test_a_void_gives_all_back_once_the_receiver_agreed(world: World) -> None:
    world.record(b.harvest(), b.shipping())
    proposal = propose(world, b.void(), b.FARM)
    proposals(world).agree(proposal.id, b.PACKING_HOUSE)
    assert held(world, b.FARM) == 1_000_000
    assert world.refusal(b.receiving()) == ["NotInTransit"]


def test_too_late_is_refused(disputed: World) -> None:
    proposal = propose(disputed, b.settlement(), b.PACKING_HOUSE)
    disputed.clock.time = proposal.deadline + 1
    with pytest.raises(Refused, match="DeadlinePassed"):
        proposals(disputed).agree(proposal.id, b.FARM)


def test_a_first_signature_that_lost_its_key_is_worth_nothing(disputed: World) -> None:
    proposal = propose(disputed, b.settlement(), b.PACKING_HOUSE)
    disputed.keys.rotate(b.PACKING_HOUSE, keep_old=False)
    with pytest.raises(Refused, match="KeyIsRevoked"):
        proposals(disputed).agree(proposal.id, b.FARM)


def test_the_same_request_with_a_key_that_stands_is_made_anew(disputed: World) -> None:
    event = {key: value for key, value in b.settlement().items() if key != "silkroot:blind"}
    first = propose(disputed, event, b.PACKING_HOUSE)
    disputed.keys.rotate(b.PACKING_HOUSE, keep_old=False)
    second = propose(disputed, event, b.PACKING_HOUSE)
    assert second.id > first.id
    assert proposals(disputed).of(b.FARM) == [second]
    assert proposals(disputed).agree(second.id, b.FARM).proof.key_id == disputed.signer.key_of(b.PACKING_HOUSE)


def test_one_that_is_too_old_is_made_anew(disputed: World) -> None:
    event = {key: value for key, value in b.settlement().items() if key != "silkroot:blind"}
    first = propose(disputed, event, b.PACKING_HOUSE)
    disputed.clock.time = first.deadline + 1
    second = propose(disputed, event, b.PACKING_HOUSE)
    assert (second.id > first.id, second.deadline > first.deadline) == (True, True)
    assert second.content_hash != first.content_hash  # another blind: what was signed before is another event


def test_who_proposed_may_withdraw_and_the_signature_is_void_on_chain_too(disputed: World) -> None:
    proposal = propose(disputed, b.settlement(), b.PACKING_HOUSE)
    assert proposals(disputed).withdraw(proposal.id, b.PACKING_HOUSE)
    (row,) = [
        row
        for row in disputed.store.outbox.queued(10_000)
        if row.target is Target.REGISTRY and row.entry.kind == RegistryKind.CANCELLATION
    ]
    assert row.entry.key_id == disputed.signer.key_of(b.PACKING_HOUSE)
    assert disputed.store.registered().is_cancelled(b.PACKING_HOUSE, proposal.digest)
    with pytest.raises(NotFound):
        proposals(disputed).agree(proposal.id, b.FARM)
    other = propose(disputed, b.settlement(when=b.When("2026-08-05T13:00:00+08:00")), b.PACKING_HOUSE)
    assert other.id > proposal.id


def test_the_other_side_may_turn_it_down(disputed: World) -> None:
    proposal = propose(disputed, b.settlement(), b.PACKING_HOUSE)
    assert not proposals(disputed).withdraw(proposal.id, b.FARM)
    assert not disputed.store.registered().is_cancelled(b.PACKING_HOUSE, proposal.digest)
    assert proposals(disputed).of(b.PACKING_HOUSE) == []


def test_a_party_that_keeps_its_key_brings_the_signature(disputed: World) -> None:
    key = p256_key(9)
    device = DeviceKey.parse(key.point)
    grant, signed = disputed.keys.grant_of(b.FARM, device, admin=False, valid_until=0)
    disputed.keys.add(b.FARM, device, grant, key.raw(signed))
    proposal = propose(disputed, b.settlement(), b.PACKING_HOUSE)
    service = proposals(disputed)
    assert service.open(proposal.id, b.FARM).digest == proposal.digest
    with pytest.raises(InvalidInput, match=r"signature\.verify"):
        service.agree(proposal.id, b.FARM, device, key.raw(signed))
    event = service.agree(proposal.id, b.FARM, device, key.raw(proposal.digest))
    assert event.proof.co is not None
    assert (event.proof.co.party, event.proof.co.key_id) == (b.FARM, device.id)
    assert disputed.fsck() == []


def test_a_key_that_is_not_the_other_sides_does_not_agree(disputed: World) -> None:
    proposal = propose(disputed, b.settlement(), b.PACKING_HOUSE)
    key = p256_key(9)
    with pytest.raises(Refused, match="UnknownKey"):
        proposals(disputed).agree(proposal.id, b.FARM, DeviceKey.parse(key.point), key.raw(proposal.digest))


def test_an_event_id_that_another_event_has_is_refused(disputed: World) -> None:
    event_id = "urn:uuid:3e2a6f0c-54c8-4a2b-9d3c-1f1c1f1c1f1c"
    first = propose(disputed, b.settlement() | {"eventID": event_id}, b.PACKING_HOUSE)
    disputed.record(b.inspection() | {"eventID": event_id})
    with pytest.raises(Refused, match=r"event-id\.conflict"):
        proposals(disputed).agree(first.id, b.FARM)
    later = b.settlement(when=b.When("2026-08-05T13:00:00+08:00")) | {"eventID": event_id}
    with pytest.raises(Refused, match=r"event-id\.conflict"):
        proposals(disputed).propose(later, b.PACKING_HOUSE)


def test_a_suspended_side_neither_proposes_nor_agrees(disputed: World) -> None:
    proposal = propose(disputed, b.settlement(), b.PACKING_HOUSE)
    disputed.keys.suspend(b.FARM, suspended=True)
    with pytest.raises(Refused, match="PartyIsSuspended"):
        proposals(disputed).agree(proposal.id, b.FARM)
    disputed.clock.time += 1
    disputed.keys.suspend(b.FARM, suspended=False)
    disputed.keys.suspend(b.PACKING_HOUSE, suspended=True)
    with pytest.raises(Refused, match="PartyIsSuspended"):
        proposals(disputed).agree(proposal.id, b.FARM)


def test_a_proposal_survives_a_restart_as_it_was(disputed: World) -> None:
    proposal = propose(disputed, b.settlement(), b.PACKING_HOUSE)
    reopened = replace(disputed, store=type(disputed.store)(disputed.url))
    try:
        assert proposals(reopened).of(b.FARM) == [proposal]
    finally:
        reopened.store.close()
