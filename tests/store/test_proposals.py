"""What two parties sign: nothing is recorded before both did, and either may take it off."""

from __future__ import annotations

from dataclasses import replace

import event_builders as b
import pytest
from eth_abi.abi import decode
from ledger_fixture import REGISTRY_DOMAIN, World
from presigned_events import enrol, presign
from second_signatures import proposals, waiting
from signing_keys import P256Key, p256_key

from ledger.domain.errors import InvalidInput, NotFound, Refused
from ledger.domain.event_forms import Settled
from ledger.domain.identifiers import Digest, PartyId, consignment_id
from ledger.domain.records import ConsignmentState, JsonTree, RecordedEvent
from ledger.domain.registry_actions import RegistryKind
from ledger.domain.signatures import verify
from ledger.domain.typed_data import digest
from ledger.ports_outbox import Target
from ledger.ports_proposals import Proposal
from ledger.services.keys import DeviceKey
from ledger.services.preparing import DEADLINE_SECONDS

CONSIGNMENT = consignment_id(b.FARM, b.REFERENCE)


@pytest.fixture
def disputed(world: World) -> World:
    """A consignment with 100 kg missing."""
    world.record(b.harvest(), b.shipping(), b.partial_receipt())
    return world


def propose(world: World, event: JsonTree, party: PartyId) -> Proposal:
    """The event as a proposal."""
    made = proposals(world).propose(event, party)
    assert isinstance(made, Proposal)
    return made


def held(world: World, party: PartyId) -> int:
    """Grams of the harvest that the party holds."""
    return world.store.registered().held(b.HARVEST_LOT.id, party)


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


def signed_settlement(world: World, party: PartyId = b.PACKING_HOUSE) -> JsonTree:
    """A settlement that a phone of the party's signed; the phone is one of its keys from now on."""
    phone = p256_key(92)
    enrol(world, party, phone)
    return presign(b.sealed(b.settlement(), party), phone)


def test_a_settlement_signed_on_one_phone_is_agreed_to_on_another(disputed: World) -> None:
    service, event = proposals(disputed), signed_settlement(disputed)
    proposal = service.propose_signed(event, b.PACKING_HOUSE)
    assert isinstance(proposal, Proposal)
    assert (proposal.party, proposal.counterparty) == (b.PACKING_HOUSE, b.FARM)
    assert disputed.store.event(proposal.content_hash) is None
    assert service.propose_signed(event, b.PACKING_HOUSE) == proposal
    other = p256_key(93)
    enrol(disputed, b.FARM, other)
    recorded = service.agree(proposal.id, b.FARM, DeviceKey.parse(other.point), other.sign(proposal.digest))
    assert recorded.content_hash == proposal.content_hash
    assert recorded.proof.co is not None
    assert recorded.proof.co.key_id == other.id
    assert (held(disputed, b.FARM), held(disputed, b.PACKING_HOUSE)) == (20_000, 710_000)
    assert service.propose_signed(event, b.PACKING_HOUSE) == recorded
    assert disputed.fsck() == []


@pytest.mark.parametrize("case", ["not-signed", "another-party", "a-strange-key", "one-party", "balance"])
def test_what_a_phone_may_not_propose(disputed: World, case: str) -> None:
    service, event, party = proposals(disputed), signed_settlement(disputed), b.PACKING_HOUSE
    rule = {
        "not-signed": "proposal.signed", "another-party": "proposal.signed", "a-strange-key": "UnknownKey",
        "one-party": "proposal.one-party", "balance": "WrongManifest",
    }[case]  # fmt: skip
    if case == "not-signed":
        event = b.settlement()
    elif case == "another-party":
        party = b.FARM
    elif case == "a-strange-key":
        event = presign(b.sealed(b.settlement(), party), p256_key(94))
    elif case == "one-party":
        event = presign(b.sealed(b.inspection(party=party), party), p256_key(92))
    else:
        lots = [Settled(b.HARVEST_LOT, received=99_000)]
        event = presign(b.sealed(b.settlement(lines=lots), party), p256_key(92))
    with pytest.raises(InvalidInput) as refused:
        service.propose_signed(event, party)
    assert [one.rule for one in refused.value.violations] == [rule]
    assert service.of(b.FARM) == []


def test_a_signature_of_somebody_else_agrees_to_nothing(disputed: World) -> None:
    service = proposals(disputed)
    proposal = service.propose_signed(signed_settlement(disputed), b.PACKING_HOUSE)
    assert isinstance(proposal, Proposal)
    own, strange = p256_key(93), p256_key(95)
    enrol(disputed, b.FARM, own)
    for key, given in ((own, strange.sign(proposal.digest)), (strange, strange.sign(proposal.digest))):
        with pytest.raises(Refused):
            service.agree(proposal.id, b.FARM, DeviceKey.parse(key.point), given)
    assert service.of(b.FARM) == [proposal]


def withdrawn_by(world: World, proposal: Proposal, key: P256Key, deadline: int = 0) -> None:
    """Takes the proposal of the packing house back by the signature of that key."""
    cancellation = world.keys.cancellation_of(b.PACKING_HOUSE, proposal.digest, deadline)
    given = key.sign(digest(REGISTRY_DOMAIN, cancellation))
    proposals(world).withdraw_signed(
        proposal.id, b.PACKING_HOUSE, cancellation.deadline, DeviceKey.parse(key.point), given
    )  # fmt: skip


def test_a_phone_takes_back_what_it_proposed_and_its_signature_is_void(disputed: World) -> None:
    service = proposals(disputed)
    event = signed_settlement(disputed)
    proposal = service.propose_signed(event, b.PACKING_HOUSE)
    assert isinstance(proposal, Proposal)
    asked = service.cancellation_of(proposal.id, b.PACKING_HOUSE)
    assert (asked.party, asked.digest) == (b.PACKING_HOUSE, proposal.digest)
    withdrawn_by(disputed, proposal, p256_key(92))
    (row,) = [
        row
        for row in disputed.store.outbox.queued(10_000)
        if row.target is Target.REGISTRY and row.entry.kind == RegistryKind.CANCELLATION
    ]
    assert row.entry.key_id == p256_key(92).id
    assert disputed.store.registered().is_cancelled(b.PACKING_HOUSE, proposal.digest)
    assert service.of(b.PACKING_HOUSE) == service.of(b.FARM) == []
    for party in (b.FARM, b.PACKING_HOUSE):
        with pytest.raises(NotFound):
            service.agree(proposal.id, party)
    # The phone's copy of what it signed is worth nothing any more, however late it arrives.
    with pytest.raises(Refused, match="Cancelled"):
        service.propose_signed(event, b.PACKING_HOUSE)
    assert disputed.fsck() == []


@pytest.mark.parametrize("case", ["strange-key", "other-digest", "too-late", "too-long", "revoked"])
def test_what_takes_no_proposal_back(disputed: World, case: str) -> None:
    service = proposals(disputed)
    proposal = service.propose_signed(signed_settlement(disputed), b.PACKING_HOUSE)
    assert isinstance(proposal, Proposal)
    key, deadline, signed = p256_key(92), 0, proposal.digest
    if case == "strange-key":
        key = p256_key(95)
    elif case == "too-late":
        deadline = int(disputed.clock.time) + 1
    elif case == "too-long":
        deadline = int(disputed.clock.time) + 31 * 86_400
    elif case == "revoked":
        disputed.keys.revoke(b.PACKING_HOUSE, key.id)
    else:
        signed = Digest(bytes(32))
    cancellation = disputed.keys.cancellation_of(b.PACKING_HOUSE, signed, deadline)
    given = key.sign(digest(REGISTRY_DOMAIN, cancellation))
    rule = {
        "strange-key": "UnknownKey", "other-digest": "InvalidSignature", "too-late": "DeadlinePassed",
        "too-long": "DeadlinePassed", "revoked": "KeyIsRevoked",
    }[case]  # fmt: skip
    with pytest.raises(InvalidInput) as refused:
        service.withdraw_signed(
            proposal.id, b.PACKING_HOUSE, cancellation.deadline, DeviceKey.parse(key.point), given
        )  # fmt: skip
    assert [one.rule for one in refused.value.violations] == [rule]
    assert service.of(b.FARM) == [proposal]
    assert not disputed.store.registered().is_cancelled(b.PACKING_HOUSE, proposal.digest)


def test_only_ones_own_proposal_is_taken_back(disputed: World) -> None:
    service = proposals(disputed)
    proposal = service.propose_signed(signed_settlement(disputed), b.PACKING_HOUSE)
    assert isinstance(proposal, Proposal)
    other = p256_key(93)
    enrol(disputed, b.FARM, other)
    for number, party in ((proposal.id, b.FARM), (proposal.id, b.BUYER), (proposal.id + 1, b.PACKING_HOUSE)):
        with pytest.raises(NotFound):
            service.cancellation_of(number, party)
        with pytest.raises(NotFound):
            service.withdraw_signed(number, party, 1, DeviceKey.parse(other.point), other.sign(proposal.digest))
    disputed.clock.time = proposal.deadline + 1  # its signature is worth nothing any more
    with pytest.raises(NotFound):
        service.own(proposal.id, b.PACKING_HOUSE)
