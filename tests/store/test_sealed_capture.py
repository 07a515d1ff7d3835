"""Capture seals: the sealed event is stored and signed, disclosures stand beside it, a repeat gives both again."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import event_builders as b
import pytest
from ledger_fixture import LEDGER_DOMAIN, SECRET, World
from second_signatures import proposals

from ledger.adapters.sql_store.store import SqlStore
from ledger.domain.binding import action_of
from ledger.domain.canonical_json import canonical
from ledger.domain.cbv_hash import event_hash
from ledger.domain.content_hash import content_hash
from ledger.domain.epcis import check_event
from ledger.domain.identifiers import ContentHash
from ledger.domain.records import JsonTree, RecordedEvent
from ledger.domain.sealing import Entry, KeptDisclosure, Policy, reveal, seal
from ledger.domain.sealing.kept import texts
from ledger.ports_proposals import Proposal
from ledger.services.capture import Capture
from ledger.services.preparing import Preparing

PHONE = "13912345678"
DRIVER = "Tursun"
NOTHING = ContentHash(bytes(32))
CONTACT = Policy((Entry(("/silkroot:contact", "phone")),))


def with_secrets(event: JsonTree) -> JsonTree:
    """As a client sends it: no blind, a driver, and a contact with a telephone number."""
    kept = {key: value for key, value in event.items() if key != "silkroot:blind"}
    return {**kept, "silkroot:driver": DRIVER, "silkroot:contact": {"phone": PHONE, "hours": "9-18"}}


def kept_of(world: World, record: RecordedEvent) -> tuple[KeptDisclosure, ...]:
    return world.store.disclosures_of([record.content_hash])[record.content_hash]


def test_what_is_recorded_is_sealed_and_can_be_shown_again(world: World) -> None:
    event = with_secrets(b.harvest())
    (record,) = world.record(event)
    assert record.content_hash == content_hash(record.body)
    public = canonical(record.body).decode()
    assert PHONE not in public
    assert DRIVER not in public
    check_event(record.body)
    kept = kept_of(world, record)
    assert [item.place for item in kept] == ["/silkroot:driver", "/silkroot:contact/phone"]
    shown = reveal(record.body, texts(kept))
    assert {key: shown[key] for key in event} == event
    assert world.store.event(record.content_hash) == record
    assert world.fsck() == []


def test_an_event_without_confidential_members_has_no_disclosures(world: World) -> None:
    (record,) = world.record(b.harvest())
    assert world.store.disclosures_of([record.content_hash]) == {}
    assert "silkroot:sealed" not in record.body


@pytest.mark.parametrize("form", sorted(b.BUILDERS))
def test_the_action_is_the_same_with_and_without_sealing(world: World, form: str) -> None:
    event = with_secrets(b.BUILDERS[form]())
    preparing = Preparing(world.clock, LEDGER_DOMAIN, SECRET)
    prepared = preparing.prepare(0, event, None)
    plain = Preparing(world.clock, LEDGER_DOMAIN, SECRET, Policy(())).prepare(0, event, None)
    assert len(prepared.disclosures) == 2
    assert plain.disclosures == ()
    assert replace(prepared.action, content_hash=NOTHING) == replace(plain.action, content_hash=NOTHING)
    assert prepared.lots == plain.lots
    assert prepared.request_mac == plain.request_mac
    assert prepared.action == action_of(prepared.body, prepared.action.deadline)


def test_every_member_of_every_event_has_a_salt_of_its_own(world: World) -> None:
    first, second = world.record(with_secrets(b.harvest()), with_secrets(b.shipping()))
    all_texts = texts([*kept_of(world, first), *kept_of(world, second)])
    assert len(set(all_texts)) == 4


def test_a_repeat_gives_the_same_sealed_event_and_the_same_disclosures(world: World) -> None:
    (first,) = world.record(with_secrets(b.harvest()))
    before = kept_of(world, first)
    (again,) = world.capture([with_secrets(b.harvest())])
    assert again.repeated
    assert again.record == first
    assert kept_of(world, first) == before


def test_equal_requests_at_once_give_one_sealed_event(world: World) -> None:
    start = threading.Barrier(8)

    def request(_: int) -> tuple[bytes, tuple[KeptDisclosure, ...]]:
        start.wait()
        (result,) = world.capture([with_secrets(b.harvest())])
        assert result.record is not None
        return canonical(result.record.body), kept_of(world, result.record)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(request, range(8)))) == 1
    assert world.fsck() == []


def test_a_sealed_event_that_comes_back_is_the_event(world: World) -> None:
    (record,) = world.record(with_secrets(b.harvest()))
    (again,) = world.capture([record.body])
    assert again.repeated
    assert again.record == record


def test_an_event_that_its_party_sealed_keeps_its_digests_and_nothing_is_kept_of_them(world: World) -> None:
    theirs = seal(with_secrets(b.harvest()), Policy((Entry(("driver",)),)), lambda: b"\7" * 16)
    (record,) = world.record(theirs.event)
    kept = kept_of(world, record)
    assert [item.place for item in kept] == ["/silkroot:contact/phone"]
    shown = reveal(record.body, [*texts(kept), theirs.disclosures[0].text])
    assert shown["silkroot:driver"] == DRIVER
    assert world.fsck() == []


def test_an_event_that_was_recorded_when_less_was_sealed_is_still_known(world: World) -> None:
    """As an export of it says: with its eventID and its blind."""
    earlier = Capture(world.store, world.signer, world.clock, LEDGER_DOMAIN, SECRET, Policy(()))
    (first,) = earlier.capture([with_secrets(b.harvest())])
    assert first.record is not None
    assert first.record.body["silkroot:driver"] == DRIVER
    for again in world.capture([first.record.body, with_secrets(b.harvest())]):
        assert again.repeated
        assert again.record == first.record


@pytest.mark.parametrize("prefix", ["ni", "NI"])
def test_an_event_id_that_is_a_hash_of_what_is_sealed_is_refused(world: World, prefix: str) -> None:
    """Whoever reads it could try all telephone numbers: nothing else in the hash is secret."""
    event = with_secrets(b.harvest())
    hashed = event_hash(event, None).replace("ni:", f"{prefix}:")
    assert world.refusal({**event, "eventID": hashed}) == ["sealing.event-id"]
    open_event = {key: value for key, value in b.harvest().items() if key != "silkroot:blind"}
    assert world.record({**open_event, "eventID": hashed})


def test_a_declaration_has_the_event_id_of_what_it_declares_wrong(world: World) -> None:
    (record,) = world.record(with_secrets(b.harvest()))
    wrong = {"declarationTime": "2026-08-06T12:00:00.000+08:00", "reason": "incorrect_data"}
    (declaration,) = world.record({**with_secrets(b.harvest()), "eventID": record.event_id, "errorDeclaration": wrong})
    assert declaration.sequence == 2
    assert declaration.event_id == record.event_id


def test_a_policy_of_ones_own_is_applied(world: World) -> None:
    capture = Capture(world.store, world.signer, world.clock, LEDGER_DOMAIN, SECRET, CONTACT)
    (result,) = capture.capture([with_secrets(b.harvest())])
    assert result.record is not None
    assert result.record.body["silkroot:driver"] == DRIVER
    assert "silkroot:contact" not in result.record.body
    kept = kept_of(world, result.record)
    assert [item.place for item in kept] == ["/silkroot:contact/phone", "/silkroot:contact"]
    assert world.fsck() == []


def test_a_refused_event_leaves_no_disclosure(world: World) -> None:
    (result,) = world.capture([with_secrets(b.shipping())])
    assert result.refused
    with world.store._database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM disclosures").scalar() == 0


def test_a_proposal_keeps_its_disclosures_until_both_signed_and_then_the_event_has_them(world: World) -> None:
    world.record(b.harvest(), b.shipping(), b.partial_receipt())
    event = with_secrets(b.settlement())
    made = proposals(world).propose(event, b.PACKING_HOUSE)
    assert isinstance(made, Proposal)
    assert [item.place for item in made.event.disclosures] == ["/silkroot:driver", "/silkroot:contact/phone"]
    assert PHONE not in made.event.body.decode()
    again = SqlStore(world.url)
    with again.rehearsing() as transaction:
        assert transaction.proposal(made.id) == made
    again.close()
    assert world.fsck() == []
    record = proposals(world).agree(made.id, b.FARM)
    assert kept_of(world, record) == made.event.disclosures
    assert reveal(record.body, texts(kept_of(world, record)))["silkroot:contact"]["phone"] == PHONE
    assert world.fsck() == []
    repeated = proposals(world).propose(event, b.PACKING_HOUSE)
    assert isinstance(repeated, RecordedEvent)
    assert repeated.content_hash == record.content_hash
