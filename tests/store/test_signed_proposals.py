"""
Proposals that a phone signed by a key of its party's own: the other side agrees to them by a phone too, and the phone
takes one back by another signature.
"""

from __future__ import annotations

import event_builders as b
import pytest
from ledger_fixture import REGISTRY_DOMAIN, World
from presigned_events import enrol, presign
from second_signatures import held, proposals
from signing_keys import P256Key, p256_key

from ledger.domain.errors import InvalidInput, NotFound, Refused
from ledger.domain.event_forms import Settled
from ledger.domain.identifiers import Digest, PartyId
from ledger.domain.records import JsonTree
from ledger.domain.registry_actions import RegistryKind
from ledger.domain.typed_data import digest
from ledger.ports_outbox import Target
from ledger.ports_proposals import Proposal
from ledger.services.keys import DeviceKey


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
