"""What the contract refused because of a key or a deadline is signed again: same event, same hash, another proof."""

from __future__ import annotations

import event_builders as b
import pytest
from ledger_fixture import World
from second_signatures import proposals, resign, settle, waiting

from ledger.domain.errors import NotFound
from ledger.domain.identifiers import ContentHash, LotRef
from ledger.domain.records import EntryState, Scheme
from ledger.domain.signatures import verify
from ledger.ports_proposals import Proposal
from ledger.services.resign import FOR_ANOTHER_SIGNATURE, rule_of


def refused_harvest(world: World, rule: str = "KeyIsRevoked(keyId=0x00, revokedAt=1)") -> ContentHash:
    """A harvest that came to the chain after its key was revoked."""
    (record,) = world.record(b.harvest())
    world.keys.rotate(b.FARM, keep_old=False)
    settle(world, {record.content_hash: rule})
    return record.content_hash


@pytest.mark.parametrize("scheme", [Scheme.SECP256K1, Scheme.P256])
def test_a_refused_event_is_signed_again_by_the_present_key(world: World, scheme: Scheme) -> None:
    (before,) = world.record(b.harvest())
    new = world.keys.rotate(b.FARM, scheme, keep_old=False)
    settle(world, {before.content_hash: "KeyIsRevoked(keyId=0x00, revokedAt=1)"})
    assert world.store.registered().lot(b.HARVEST_LOT.id) is None
    assert [event.sequence for event in resign(world).refused(b.FARM)] == [before.sequence]

    world.clock.time += 3600
    (done,) = resign(world).resign(b.FARM)
    assert done.violations == ()
    again = world.store.event(before.content_hash)
    assert again is not None
    assert (again.sequence, again.body, again.record_time) == (before.sequence, before.body, before.record_time)
    assert (again.state, again.refusal, again.proof.key_id) == (EntryState.QUEUED, "", new)
    assert again.proof.action.deadline == before.proof.action.deadline + 3600
    (row,) = waiting(world)
    assert (row.content_hash, row.entry.key_id) == (before.content_hash, new)
    assert verify(row.digest, new, scheme, row.entry.signature)
    assert world.store.registered().held(b.HARVEST_LOT.id, b.FARM) == 1_000_000
    assert world.fsck() == []
    assert resign(world).refused(b.FARM) == []
    settle(world, {})
    confirmed = world.store.event(before.content_hash)
    assert confirmed is not None
    assert confirmed.state is EntryState.CONFIRMED
    assert world.fsck() == []


@pytest.mark.parametrize("rule", sorted(FOR_ANOTHER_SIGNATURE - {"Cancelled"}))
def test_every_such_refusal_can_be_mended(world: World, rule: str) -> None:
    content = refused_harvest(world, f"{rule}(0x00)")
    (done,) = resign(world).resign(b.FARM)
    assert (done.event.content_hash, done.violations) == (content, ())


def test_what_was_refused_for_what_it_says_is_not_signed_again(world: World) -> None:
    refused_harvest(world, "LotExists(lot=0x00)")
    assert resign(world).refused(b.FARM) == []
    assert resign(world).resign(b.FARM) == []
    with pytest.raises(NotFound):
        resign(world).resign(b.FARM, [1])


def test_what_the_party_cancelled_is_signed_again_only_where_it_is_named(world: World) -> None:
    refused_harvest(world, "Cancelled(digest=0x00)")
    (waits,) = resign(world).refused(b.FARM)
    assert rule_of(waits) == "Cancelled"
    assert resign(world).resign(b.FARM) == []
    (done,) = resign(world).resign(b.FARM, [waits.sequence])
    assert done.violations == ()


def test_only_the_named_ones_are_signed_again(world: World) -> None:
    first, second = world.record(b.harvest(), b.harvest(lot=LotRef(b.BULK_MELON, "H-2")))
    settle(world, dict.fromkeys((first.content_hash, second.content_hash), "KeyExpired(0x00)"))
    (done,) = resign(world).resign(b.FARM, [second.sequence])
    assert done.event.sequence == second.sequence
    assert [event.sequence for event in resign(world).refused(b.FARM)] == [first.sequence]


def test_events_that_stand_on_each_other_come_back_in_their_order(world: World) -> None:
    first, second = world.record(b.harvest(), b.sale())
    settle(world, dict.fromkeys((first.content_hash, second.content_hash), "DeadlinePassed(1, 2)"))
    done = resign(world).resign(b.FARM)
    assert [(one.event.sequence, one.violations) for one in done] == [(first.sequence, ()), (second.sequence, ())]
    assert world.store.registered().held(b.HARVEST_LOT.id, b.FARM) == 990_000
    assert world.fsck() == []


def test_the_rules_hold_again(world: World) -> None:
    content = refused_harvest(world)
    (other,) = world.record(b.harvest(grams=7, when=b.When("2026-08-05T12:30:00+08:00")))
    (done,) = resign(world).resign(b.FARM)
    assert [violation.rule for violation in done.violations] == ["LotExists"]
    left = world.store.event(content)
    assert left is not None
    assert left.state is EntryState.REFUSED
    assert world.store.event(other.content_hash) == other
    assert world.fsck() == []


def test_a_later_event_keeps_its_effect_when_an_earlier_one_is_signed_again(world: World) -> None:
    world.record(b.harvest())
    settle(world, {})
    (sale,) = world.record(b.sale())
    settle(world, {sale.content_hash: "KeyIsRevoked(0x00)"})
    world.record(b.harvest_amendment(original=world.store.events()[0].body))
    (done,) = resign(world).resign(b.FARM)
    assert done.violations == ()
    # Replayed in the order in which both were accepted: the correction first, which a sale before it would forbid.
    assert world.store.registered().held(b.HARVEST_LOT.id, b.FARM) == 890_000
    assert world.fsck() == []


def test_without_a_good_key_nothing_is_signed(world: World) -> None:
    refused_harvest(world)
    world.keys.suspend(b.FARM, suspended=True)
    (done,) = resign(world).resign(b.FARM)
    assert [violation.rule for violation in done.violations] == ["PartyIsSuspended"]


def test_what_two_parties_signed_is_proposed_anew(world: World) -> None:
    world.record(b.harvest())
    proposal = proposals(world).propose(b.pledge(), b.FARM)
    assert isinstance(proposal, Proposal)
    proposals(world).agree(proposal.id, b.LENDER)
    settle(world, {proposal.content_hash: "DeadlinePassed(1, 2)"})
    (done,) = resign(world).resign(b.FARM)
    assert [violation.rule for violation in done.violations] == ["proposal.needed"]


def test_nobody_signs_the_events_of_others(world: World) -> None:
    refused_harvest(world)
    assert resign(world).refused(b.HUB) == []
    assert resign(world).resign(b.HUB) == []
