"""Events that come signed: what is stored is what their party signed; every way in which it may not fit is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import event_builders as b
import pytest
from ledger_fixture import LEDGER_DOMAIN, SECRET, START, World
from presigned_events import DEADLINE, carrying, enrol, presign, proof_of, with_second
from second_signatures import proposals
from signing_keys import P256Key, SigningKey, p256_key, signing_key

from ledger.domain.binding import acting_party
from ledger.domain.content_hash import content_hash
from ledger.domain.errors import Refused
from ledger.domain.identifiers import KeyId
from ledger.domain.records import JsonTree
from ledger.domain.sealing import Entry, Policy, reveal, seal
from ledger.domain.sealing.kept import texts
from ledger.domain.typed_data import digest
from ledger.ports_outbox import Target
from ledger.services.capture import Capture
from ledger.services.signed_events import FARTHEST_SECONDS, LEAST_SECONDS

DEVICE, OTHER_DEVICE = signing_key(71), p256_key(72)
PHONE_SEALED = Policy((Entry(("phone",)),))


@pytest.fixture
def world(world: World) -> World:
    """A world in which a device is a key of the farm."""
    enrol(world, b.FARM, DEVICE)
    return world


@pytest.mark.parametrize("key", [DEVICE, OTHER_DEVICE], ids=["secp256k1", "p256"])
def test_what_the_device_signed_is_stored_with_its_proof(world: World, key: SigningKey | P256Key) -> None:
    if key is OTHER_DEVICE:
        enrol(world, b.FARM, key)
    event = b.harvest()
    (record,) = world.record(presign(event, key))
    assert record.proof == proof_of(event, key)
    assert record.content_hash == content_hash(event)
    assert {name: value for name, value in record.body.items() if name != "eventID"} == event
    (row,) = [row for row in world.store.outbox.queued(100) if row.target is Target.LEDGER]
    assert row.entry.signature == record.proof.signature
    assert world.fsck() == []


def test_a_statement_is_stored_too(world: World) -> None:
    world.record(presign(b.harvest(), DEVICE))
    enrol(world, acting_party(b.inspection()), OTHER_DEVICE)
    (record,) = world.record(presign(b.inspection(), OTHER_DEVICE))
    assert record.proof.key_id == OTHER_DEVICE.id
    assert world.fsck() == []


def test_a_repeat_gives_the_first_record_and_receipt(world: World) -> None:
    sent = presign(b.harvest(), DEVICE)
    (first,) = world.capture([sent])
    (again,) = world.capture([sent | {"recordTime": "2026-08-06T12:00:01+08:00"}])
    assert again.repeated
    assert (again.record, again.acknowledgement) == (first.record, first.acknowledgement)
    assert first.acknowledgement is not None


def test_a_repeat_is_known_after_its_deadline(world: World) -> None:
    sent = presign(b.harvest(), DEVICE)
    world.record(sent)
    world.clock.time = DEADLINE + 1
    assert world.capture([sent])[0].repeated


def test_the_party_of_the_call_does_not_matter(world: World) -> None:
    (result,) = world.capture([presign(b.harvest(), DEVICE)], b.HUB)
    assert result.record is not None
    assert result.record.proof.key_id == DEVICE.id


def test_the_service_needs_no_key_of_the_party(world: World) -> None:
    class NoKeys:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError("the service was asked to sign")

    capture = Capture(world.store, NoKeys(), world.clock, LEDGER_DOMAIN, SECRET)
    assert capture.capture([presign(b.harvest(), DEVICE)])[0].record is not None


def test_any_prefix_of_ours_will_do(world: World) -> None:
    event = b.harvest()
    context = [*event["@context"], {"sr": "https://silkroot.example/epcis/"}]
    event = {**event, "@context": context}
    sent = presign(event, DEVICE)
    sent["sr:proof"] = sent.pop("silkroot:proof")
    (record,) = world.record(sent)
    assert record.content_hash == content_hash(event)


def test_what_the_client_sealed_is_kept_with_its_disclosures(world: World) -> None:
    open_event = b.harvest() | {"silkroot:contact": {"phone": "13912345678", "hours": "9-18"}}
    salts = iter(bytes([number]) * 16 for number in range(1, 9))
    sealed = seal(open_event, PHONE_SEALED, lambda: next(salts))
    given = tuple(one.text for one in sealed.disclosures)
    (record,) = world.record(presign(sealed.event, DEVICE, disclosures=given))
    stored = world.store.disclosures_of([record.content_hash])[record.content_hash]
    assert tuple(texts(stored)) == given
    assert reveal(record.body, given)["silkroot:contact"]["phone"] == "13912345678"
    assert "silkroot:disclosures" not in record.body
    assert world.fsck() == []


def test_sealed_members_may_come_without_disclosures(world: World) -> None:
    sealed = seal(b.harvest() | {"silkroot:driver": "Tursun"}, Policy((Entry(("driver",)),)), lambda: bytes(16))
    (record,) = world.record(presign(sealed.event, DEVICE))
    assert world.store.disclosures_of([record.content_hash]) == {}


def rules(world: World, event: JsonTree) -> list[str]:
    return [f"{violation.field} {violation.rule}" for violation in refused(world, event)]


def refused(world: World, event: JsonTree) -> Any:
    (result,) = world.capture([event])
    assert result.refused, "the event was accepted"
    assert world.store.events(0, 10) == []
    return result.violations


def test_a_struct_that_says_less_than_the_event_is_refused(world: World) -> None:
    small = proof_of(b.harvest(grams=100_000), DEVICE)
    large = b.harvest()
    signed = replace(small.action, content_hash=content_hash(large))
    (violation,) = refused(world, carrying(large, replace(small, action=signed)))
    assert (violation.field, violation.rule) == ("/silkroot:proof/action", "proof.not-implied")
    assert "grams" in violation.message


def test_another_kind_of_struct_is_refused(world: World) -> None:
    proof = proof_of(b.inspection(), DEVICE)
    assert rules(world, carrying(b.harvest(), proof)) == ["/silkroot:proof/action proof.not-implied"]


def test_an_event_changed_after_signing_is_refused(world: World) -> None:
    changed = presign(b.harvest(), DEVICE) | {"silkroot:season": 2025}
    assert rules(world, changed) == ["/silkroot:proof/action proof.not-implied"]


def test_a_signature_by_another_key_is_refused(world: World) -> None:
    proof = proof_of(b.harvest(), DEVICE)
    forged = replace(proof, signature=proof_of(b.harvest(), signing_key(73)).signature)
    assert rules(world, carrying(b.harvest(), forged)) == ["/silkroot:proof/signature proof.signature"]


def test_a_malleated_signature_is_refused(world: World) -> None:
    proof = proof_of(b.harvest(), DEVICE)
    flipped = proof.signature[:64] + bytes([55 - proof.signature[64]])
    assert rules(world, carrying(b.harvest(), replace(proof, signature=flipped))) == [
        "/silkroot:proof/signature proof.signature"
    ]


def test_a_key_that_nobody_registered_is_refused(world: World) -> None:
    assert rules(world, presign(b.harvest(), signing_key(74))) == ["/silkroot:proof/keyId UnknownKey"]


def test_a_key_of_another_party_is_refused(world: World) -> None:
    enrol(world, b.HUB, OTHER_DEVICE)
    assert rules(world, presign(b.harvest(), OTHER_DEVICE)) == ["/silkroot:proof/keyId WrongParty"]


def test_a_revoked_key_is_refused(world: World) -> None:
    world.keys.revoke(b.FARM, KeyId(DEVICE.id))
    assert rules(world, presign(b.harvest(), DEVICE)) == ["/silkroot:proof/keyId KeyIsRevoked"]


def test_a_key_whose_window_is_over_is_refused(world: World) -> None:
    enrol(world, b.FARM, OTHER_DEVICE, until=int(START) + 1_000)
    world.clock.time = START + 1_000
    assert rules(world, presign(b.harvest(), OTHER_DEVICE)) == ["/silkroot:proof/keyId KeyExpired"]


def test_a_party_that_nobody_admitted_is_refused(world: World) -> None:
    event = b.inspection() | {"silkroot:party": f"{b.STRANGER:013d}"}
    assert rules(world, presign(event, DEVICE)) == ["/silkroot:proof/keyId UnknownParty"]


@pytest.mark.parametrize("ahead", [-1, 0, LEAST_SECONDS - 1, FARTHEST_SECONDS + 1])
def test_a_deadline_out_of_bounds_is_refused(world: World, ahead: int) -> None:
    sent = presign(b.harvest(), DEVICE, deadline=int(START) + ahead)
    assert rules(world, sent) == ["/silkroot:proof/action/deadline proof.deadline"]


@pytest.mark.parametrize("ahead", [LEAST_SECONDS, FARTHEST_SECONDS])
def test_a_deadline_within_bounds_is_taken(world: World, ahead: int) -> None:
    world.record(presign(b.harvest(), DEVICE, deadline=int(START) + ahead))


@pytest.mark.parametrize("member", ["party", "blind"])
def test_what_would_have_to_be_added_is_refused(world: World, member: str) -> None:
    sent = presign(b.harvest(), DEVICE)
    del sent[f"silkroot:{member}"]
    assert rules(world, sent) == [f"/silkroot:{member} proof.missing"]


def test_a_blind_of_another_form_is_refused(world: World) -> None:
    sent = presign(b.harvest(), DEVICE) | {"silkroot:blind": "00"}
    assert rules(world, sent) == ["/silkroot:blind silkroot.blind"]


def test_a_member_that_is_sealed_here_may_not_come_in_the_open(world: World) -> None:
    event = b.harvest() | {"silkroot:driver": "Tursun"}
    (violation,) = refused(world, presign(event, DEVICE))
    assert (violation.field, violation.rule) == ("/silkroot:driver", "proof.open")
    assert "Tursun" not in str(violation)


def test_a_disclosure_of_another_event_is_refused(world: World) -> None:
    other = seal(b.harvest() | {"silkroot:driver": "Tursun"}, Policy((Entry(("driver",)),)), lambda: bytes(16))
    given = tuple(one.text for one in other.disclosures)
    assert rules(world, presign(b.harvest(), DEVICE, disclosures=given)) == [
        "/silkroot:disclosures/0 disclosure.foreign"
    ]


@pytest.mark.parametrize("value", [[], "text", [1], {}])
def test_disclosures_of_another_form_are_refused(world: World, value: object) -> None:
    sent = presign(b.harvest(), DEVICE) | {"silkroot:disclosures": value}
    assert rules(world, sent) == ["/silkroot:disclosures proof.disclosures"]


def test_disclosures_without_a_proof_are_refused(world: World) -> None:
    sent = b.harvest() | {"silkroot:disclosures": ["WyJ4Il0"]}
    assert rules(world, sent) == ["/silkroot:disclosures proof.disclosures"]


@pytest.mark.parametrize("value", ["text", None, [], {}, {"action": 1}])
def test_a_proof_of_another_form_is_refused(world: World, value: object) -> None:
    (violation,) = refused(world, b.harvest() | {"silkroot:proof": value})
    assert violation.field.startswith("/silkroot:proof")
    assert violation.rule == "proof.form"


def test_two_proofs_under_two_prefixes_are_refused(world: World) -> None:
    event = b.harvest()
    event = {**event, "@context": [*event["@context"], {"sr": "https://silkroot.example/epcis/"}]}
    sent = presign(event, DEVICE)
    assert "silkroot.twice" in rules(world, sent | {"sr:proof": sent["silkroot:proof"]})[0]


def test_an_invalid_event_is_refused_as_any_other(world: World) -> None:
    sent = presign(b.harvest(), DEVICE) | {"action": "TAKE"}
    assert "epcis" in rules(world, sent)[0]


def test_the_ledgers_rules_hold_for_it_too(world: World) -> None:
    enrol(world, b.HUB, OTHER_DEVICE)
    (violation,) = refused(world, presign(b.harvest(party=b.HUB), OTHER_DEVICE))
    assert violation.rule == "RoleMissing"


def test_a_cancelled_digest_is_refused(world: World) -> None:
    sent = presign(b.harvest(), DEVICE)
    world.keys.cancel(b.FARM, digest(LEDGER_DOMAIN, proof_of(b.harvest(), DEVICE).action))
    (violation,) = refused(world, sent)
    assert "Cancel" in violation.rule


def settled(world: World) -> JsonTree:
    """A settlement that waits for both sides."""
    world.record(b.harvest(), b.shipping(), b.partial_receipt())
    enrol(world, b.PACKING_HOUSE, OTHER_DEVICE)
    return b.settlement()


def test_what_two_parties_sign_comes_with_both_signatures(world: World) -> None:
    event = settled(world)
    both = with_second(proof_of(event, OTHER_DEVICE), b.FARM, DEVICE)
    (record,) = world.record(carrying(event, both))
    assert record.proof.co == both.co
    assert world.fsck() == []


def test_one_signature_of_two_is_refused(world: World) -> None:
    event = settled(world)
    assert world.refusal(presign(event, OTHER_DEVICE)) == ["proposal.needed"]


def test_a_second_signature_by_anybody_else_is_refused(world: World) -> None:
    event = settled(world)
    proof = proof_of(event, OTHER_DEVICE)
    enrol(world, b.HUB, signing_key(75))
    assert world.refusal(carrying(event, with_second(proof, b.HUB, signing_key(75)))) == ["proof.cosigner"]
    assert world.refusal(carrying(event, with_second(proof, b.FARM, signing_key(75)))) == ["WrongParty"]
    second = with_second(proof, b.FARM, DEVICE)
    assert second.co is not None
    forged = replace(second, co=replace(second.co, signature=proof.signature))
    assert world.refusal(carrying(event, forged)) == ["proof.signature"]


def test_a_second_signature_where_nobody_else_signs_is_refused(world: World) -> None:
    enrol(world, b.HUB, OTHER_DEVICE)
    both = with_second(proof_of(b.harvest(), DEVICE), b.HUB, OTHER_DEVICE)
    assert rules(world, carrying(b.harvest(), both)) == ["/silkroot:proof/co/party proof.cosigner"]


def test_what_comes_signed_is_not_proposed(world: World) -> None:
    event = settled(world)
    with pytest.raises(Refused, match=r"proof\.proposal"):
        proposals(world).propose(presign(event, OTHER_DEVICE), b.PACKING_HOUSE)


@pytest.mark.parametrize("waited", [False, True], ids=["new", "was proposed"])
def test_what_was_recorded_with_both_signatures_is_not_proposed_again(world: World, waited: bool) -> None:
    event = settled(world)
    service = proposals(world)
    if waited:
        service.propose(event, b.PACKING_HOUSE)
    (record,) = world.record(carrying(event, with_second(proof_of(event, OTHER_DEVICE), b.FARM, DEVICE)))
    assert service.propose(event, b.PACKING_HOUSE) == record
    assert service.propose_signed(presign(event, OTHER_DEVICE), b.PACKING_HOUSE) == record
    assert [service.agree(one.id, b.FARM) for one in service.of(b.FARM)] == [record] * waited
    assert service.of(b.FARM) == []


def test_the_same_content_signed_again_is_the_first_record(world: World) -> None:
    (first,) = world.record(presign(b.harvest(), DEVICE))
    enrol(world, b.FARM, OTHER_DEVICE)
    (again,) = world.capture([presign(b.harvest(), OTHER_DEVICE)])
    assert again.repeated
    assert again.record == first
