"""
Erasing a person: the disclosures and salts are gone from every file, and everything else stands as it did.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import event_builders as b
import pytest
from bundle_samples import CHAIN
from ledger_fixture import SECRET, World
from second_signatures import proposals

from ledger.adapters.sql_store.rebuild import rebuild
from ledger.adapters.sql_store.store import SqlStore
from ledger.domain.bundle import bundle_bytes, open_bundle, read_bundle
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import LotRef
from ledger.domain.records import JsonTree, RecordedEvent
from ledger.domain.sealing import KeptDisclosure, open_sealed, withheld
from ledger.domain.sealing.kept import texts
from ledger.ports_proposals import Proposal
from ledger.services.capture import CONFLICT
from ledger.services.erase import Choice, Erase, places
from ledger.services.proofs import Proofs

PHONE, OTHER = "13912345678", "13999999999"
NAME = "Tursun Ablimit"


def erase(world: World) -> Erase:
    return Erase(world.store, world.clock, SECRET)


def plain(event: JsonTree, **members: object) -> JsonTree:
    """As a client sends it, with members of ours."""
    kept = {key: value for key, value in event.items() if key != "silkroot:blind"}
    return {**kept, **{f"silkroot:{name}": value for name, value in members.items()}}


def kept_of(world: World, record: RecordedEvent) -> tuple[KeptDisclosure, ...]:
    return world.store.disclosures_of([record.content_hash])[record.content_hash]


def mac_of(world: World, record: RecordedEvent) -> bytes:
    ((mac,),) = world.sql("SELECT request_mac FROM events WHERE sequence = ?", record.sequence)
    assert isinstance(mac, bytes)
    return mac


def traces(kept: KeptDisclosure) -> Iterator[bytes]:
    """What must not be found: the text, its JSON, the salt as text and as bytes."""
    assert kept.text is not None
    text = kept.text
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    salt = json.loads(data)[0]
    yield text.encode()
    yield data
    yield salt.encode()
    yield base64.urlsafe_b64decode(salt + "=" * (-len(salt) % 4))
    # Parts of the salt, in case that only some of the text was overwritten.
    yield from (text[at : at + 16].encode() for at in range(4, 17, 4))


def test_what_is_erased_is_in_no_file_any_more(
    world: World, standing: Callable[[World, list[bytes]], list[bytes]]
) -> None:
    (record,) = world.record(plain(b.harvest(), phone=PHONE, driver=NAME))
    others = [
        world.record(plain(b.harvest(lot=LotRef(b.BULK_MELON, f"X-{number}")), phone=OTHER, driver=NAME + str(number)))
        for number in range(30)
    ]
    phone, driver = sorted(kept_of(world, record), key=lambda item: item.place, reverse=True)
    wanted, identity = [*traces(phone), PHONE.encode()], mac_of(world, record)
    assert len(standing(world, list(traces(phone)))) == 5
    assert standing(world, [identity]) == [identity]

    found = erase(world).erase(Choice(value=PHONE))
    assert [(one.record.sequence, [item.place for item in one.items]) for one in found] == [(1, ["/silkroot:phone"])]
    assert standing(world, [*wanted, identity]) == []
    assert set(standing(world, list(traces(driver)))) > {driver.text.encode() if driver.text else b""}

    left = {item.digest: item for item in kept_of(world, record)}
    assert left[phone.digest] == KeptDisclosure(phone.digest, "/silkroot:phone", None, int(world.clock.time))
    assert left[driver.digest] == driver
    assert all(not item.erased for other in others for item in kept_of(world, other[0]))


def test_hashes_proofs_projection_and_fsck_stand(world: World) -> None:
    world.record(plain(b.harvest(), phone=PHONE), plain(b.shipping(), driver=NAME, phone=PHONE), b.receiving())
    before = world.store.events(0, 10)
    state = world.store.lineage([b.HARVEST_LOT.id])
    assert places(erase(world).erase(Choice(value=PHONE))) == 2
    assert world.store.events(0, 10) == before
    assert world.fsck() == []
    with world.store._database.writing() as connection:
        rebuild(connection)
    assert world.store.lineage([b.HARVEST_LOT.id]) == state
    assert world.fsck() == []
    again = SqlStore(world.url)
    assert again.audit.erased_disclosures() == 2
    again.close()
    (shipped,) = [record for record in before if record.sequence == 2]
    assert [item.count for item in withheld(shipped.body, texts(kept_of(world, shipped)))] == [1]
    opened = open_sealed(shipped.body, texts(kept_of(world, shipped)))
    assert opened.tree["silkroot:driver"] == NAME


def test_proofs_say_what_a_reader_of_theirs_can_find_erased(world: World) -> None:
    contact = {"name": NAME, "phone": PHONE}
    (record,) = world.record(plain(b.harvest(), contactPerson=contact, driver=NAME, phone=OTHER))
    proofs = Proofs(world.store, world.store.log, CHAIN, world.clock, world.store)

    def erased(*, disclosed: bool) -> tuple[str, ...]:
        bundle = proofs.bundle_of(b.HARVEST_LOT, disclosed=disclosed)
        assert open_bundle(read_bundle(bundle_bytes(bundle))).findings == ()
        (event,) = bundle.events
        return event.erased

    assert erased(disclosed=False) == erased(disclosed=True) == ()
    digests = {item.place: item.digest for item in kept_of(world, record)}
    assert places(erase(world).erase(Choice(value=PHONE))) == 1
    assert erased(disclosed=False) == (), "it lay in a member that is withheld itself"
    assert erased(disclosed=True) == (digests["/silkroot:contactPerson/phone"],)
    assert places(erase(world).erase(Choice(value=NAME))) == 2
    outer = tuple(sorted((digests["/silkroot:contactPerson"], digests["/silkroot:driver"])))
    assert erased(disclosed=False) == erased(disclosed=True) == outer
    assert world.store.erased_digests([record.content_hash]) == {
        record.content_hash: frozenset({*outer, digests["/silkroot:contactPerson/phone"]})
    }


def test_values_are_compared_whole_but_for_space_and_in_their_case(world: World) -> None:
    contact = {"name": f" {NAME} ", "numbers": [int(PHONE)], "note": f"call {NAME}"}
    world.record(plain(b.harvest(), contactPerson=contact))
    for value in (NAME.lower(), "Tursun", PHONE[:-1], "call"):
        assert erase(world).find(Choice(value=value)) == []
    for value in (NAME, f"  {NAME}\n", PHONE):
        (found,) = erase(world).find(Choice(value=value))
        assert [item.place for item in found.items] == ["/silkroot:contactPerson"]


def test_what_lies_in_an_erased_member_goes_with_it_and_its_name_too(
    world: World, standing: Callable[[World, list[bytes]], list[bytes]]
) -> None:
    (record,) = world.record(plain(b.harvest(), contactPerson={"name": NAME, NAME: {"phone": PHONE, "price": 5}}))
    inner = {item.place: item for item in kept_of(world, record)}
    assert f"/silkroot:contactPerson/{NAME}/phone" in inner
    wanted = [trace for item in inner.values() for trace in traces(item)] + [NAME.encode()]
    assert places(erase(world).erase(Choice(value=NAME))) == 3
    assert standing(world, wanted) == []
    assert {item.place for item in kept_of(world, record)} == {"/silkroot:contactPerson"}
    assert world.fsck() == []


def test_an_inner_member_alone_can_be_erased(world: World) -> None:
    (record,) = world.record(plain(b.harvest(), contactPerson={"name": NAME, "phone": PHONE}))
    assert places(erase(world).erase(Choice(value=PHONE))) == 1
    opened = open_sealed(record.body, texts(kept_of(world, record)))
    assert opened.tree["silkroot:contactPerson"] == {"name": NAME}
    assert world.fsck() == []


def test_a_member_of_one_event_only(world: World) -> None:
    first, second = world.record(plain(b.harvest(), driver=NAME, phone=PHONE), plain(b.shipping(), driver=NAME))
    choice = Choice(member="driver", events=frozenset({first.content_hash}))
    assert places(erase(world).erase(choice)) == 1
    assert [item.erased for item in kept_of(world, first)] == [True, False]
    assert [item.erased for item in kept_of(world, second)] == [False]
    both = Choice(value=NAME, member="phone")
    assert erase(world).find(both) == []


@pytest.mark.parametrize("choice", [{}, {"value": "  "}, {"member": "phone"}])
def test_a_choice_has_to_say_enough(choice: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match=r"erase\.choice"):
        Choice(**choice)


def test_a_proposal_is_erased_too_and_agreed_to_without(
    world: World, standing: Callable[[World, list[bytes]], list[bytes]]
) -> None:
    world.record(b.harvest(), b.shipping(), b.partial_receipt())
    event = plain(b.settlement(), driver=NAME, phone=PHONE)
    made = proposals(world).propose(event, b.PACKING_HOUSE)
    assert isinstance(made, Proposal)
    wanted = [trace for item in made.event.disclosures[1:] for trace in traces(item)] + [made.event.request_mac]
    (found,) = erase(world).erase(Choice(value=PHONE))
    assert found.record.sequence == 0
    assert standing(world, wanted) == []
    assert world.fsck() == []
    with pytest.raises(InvalidInput, match=r"request\.erased"):
        proposals(world).propose(event, b.PACKING_HOUSE)
    record = proposals(world).agree(made.id, b.FARM)
    assert [(item.place, item.erased) for item in kept_of(world, record)] == [
        ("/silkroot:driver", False),
        ("/silkroot:phone", True),
    ]
    assert world.fsck() == []


def test_a_proposal_that_ended_leaves_no_trace(
    world: World, standing: Callable[[World, list[bytes]], list[bytes]]
) -> None:
    world.record(b.harvest(), b.shipping(), b.partial_receipt())
    made = proposals(world).propose(plain(b.settlement(), phone=PHONE), b.PACKING_HOUSE)
    assert isinstance(made, Proposal)
    record = proposals(world).agree(made.id, b.FARM)
    wanted = list(traces(kept_of(world, record)[0]))
    assert places(erase(world).erase(Choice(value=PHONE))) == 1
    assert standing(world, wanted) == []


# A repeat of the request ----------------------------------------------------------------------------------------------


def test_a_repeat_after_erasing_is_known_and_refused(world: World) -> None:
    event = plain(b.harvest(), phone=PHONE)
    world.record(event, plain(b.sale(lines=[b.amount(grams=1_000)], party=b.FARM), phone=PHONE))
    erase(world).erase(Choice(value=PHONE))
    for repeated in (event, plain(b.sale(lines=[b.amount(grams=1_000)], party=b.FARM), phone=PHONE)):
        assert world.refusal(repeated) == ["request.erased"]
        assert world.refusal({**repeated, "recordTime": "2026-08-05T12:00:00Z"}) == ["request.erased"]
    assert world.refusal(plain(b.sale(lines=[b.amount(grams=1_000)], party=b.FARM), phone=OTHER)) == ["request.erased"]
    assert len(world.store.events(0, 10)) == 2


def test_with_an_event_id_of_its_own_the_same_again_is_another_event(world: World) -> None:
    sale = plain(b.sale(lines=[b.amount(grams=1_000)], party=b.FARM), phone=PHONE)
    world.record(b.harvest(), sale)
    erase(world).erase(Choice(value=PHONE))
    (record,) = world.record({**sale, "eventID": "urn:uuid:0b5b3a0e-4f0c-4f7e-8f5a-1c2d3e4f5a6b"})
    assert record.sequence == 3


def test_a_repeat_with_its_event_id_is_a_conflict(world: World) -> None:
    event = {**plain(b.harvest(), phone=PHONE), "eventID": "urn:uuid:0b5b3a0e-4f0c-4f7e-8f5a-1c2d3e4f5a6b"}
    world.record(event)
    erase(world).erase(Choice(value=PHONE))
    assert world.refusal(event) == [CONFLICT]


def test_the_new_identity_tells_nothing_of_what_was_erased(world: World) -> None:
    """Two events that differ only in what was sealed would have the same: the second gets random bytes."""
    at = b.When("2026-08-05T13:00:00.000+08:00")
    inspections = [plain(b.inspection(when=at), phone=number) for number in (PHONE, OTHER)]
    first, second = world.record(b.harvest(), *inspections)[1:]
    for number in (PHONE, OTHER):
        erase(world).erase(Choice(value=number))
    assert mac_of(world, first) != mac_of(world, second)
    assert world.fsck() == []
    assert world.refusal(inspections[0]) == ["request.erased"]


def test_a_sealed_event_that_comes_back_after_erasing_is_the_event(world: World) -> None:
    (record,) = world.record(plain(b.harvest(), phone=PHONE))
    erase(world).erase(Choice(value=PHONE))
    (again,) = world.capture([record.body])
    assert again.repeated
    assert again.record == record


# What cannot be erased, and what is in the way ------------------------------------------------------------------------


def test_events_that_say_it_in_the_open_are_named(world: World) -> None:
    world.record(plain(b.harvest(), reason=f'"{PHONE}" 吐尔逊'), plain(b.shipping(), phone=PHONE))
    service = erase(world)
    assert service.still_open(Choice(value=PHONE)) == [1]
    assert service.still_open(Choice(value=f'"{PHONE}" 吐尔逊')) == [1]
    assert service.still_open(Choice(value=OTHER)) == []


def test_an_erasure_that_was_cut_short_is_finished_by_purge_and_purge_does_nothing_else(
    world: World, monkeypatch: pytest.MonkeyPatch, standing: Callable[[World, list[bytes]], list[bytes]]
) -> None:
    (record,) = world.record(plain(b.harvest(), phone=PHONE))
    wanted = list(traces(kept_of(world, record)[0]))
    monkeypatch.setattr(world.store._database, "purge", lambda: None)
    monkeypatch.setattr(world.store, "take_note", lambda name, value: None)
    erase(world).erase(Choice(value=PHONE))
    monkeypatch.undo()
    world.store.close()
    again = SqlStore(world.url)
    again.purge()
    assert standing(world, wanted) == []
    monkeypatch.setattr(again._database, "purge", lambda: pytest.fail("there is nothing to purge"))
    again.purge()
    again.close()


def test_a_proposal_that_becomes_an_event_meanwhile_is_erased_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.record(b.harvest(), b.shipping(), b.partial_receipt())
    made = proposals(world).propose(plain(b.settlement(), phone=PHONE), b.PACKING_HOUSE)
    assert isinstance(made, Proposal)
    service = erase(world)
    (found,) = service.find(Choice(value=PHONE))
    record = proposals(world).agree(made.id, b.FARM)
    finding = iter([[found], []])
    monkeypatch.setattr(service, "find", lambda choice, progress: next(finding))
    service.erase(Choice(value=PHONE))
    assert kept_of(world, record)[0].erased


def test_a_damaged_disclosure_does_not_keep_others_from_being_erased(world: World) -> None:
    world.record(plain(b.harvest(), driver=NAME, phone=PHONE))
    world.sql("UPDATE disclosures SET disclosure = x'00ff' WHERE position = 0")
    assert places(erase(world).erase(Choice(value=PHONE))) == 1


def test_a_damaged_row_does_not_come_to_look_whole(world: World) -> None:
    world.record(plain(b.harvest(), phone=PHONE), b.shipping(), b.partial_receipt())
    assert isinstance(proposals(world).propose(plain(b.settlement(), phone=PHONE), b.PACKING_HOUSE), Proposal)
    for table in ("events", "proposals"):
        world.sql(f"UPDATE {table} SET record_time = record_time + 1")
    damaged = [str(finding) for finding in world.fsck()]
    assert len(damaged) == 4
    assert places(erase(world).erase(Choice(value=PHONE))) == 2
    assert [str(finding) for finding in world.fsck()] == damaged


def test_many_events_are_erased_in_pages(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.services.erase._PAGE", 2)
    lots = [LotRef(b.BULK_MELON, f"P-{number}") for number in range(5)]
    world.record(*(plain(b.harvest(lot=lot), phone=PHONE) for lot in lots))
    assert places(erase(world).erase(Choice(value=PHONE))) == 5
    assert world.fsck() == []
