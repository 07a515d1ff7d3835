"""Drafts: what a form becomes, what is refused before anybody signs, and that a request is recorded once."""

from __future__ import annotations

import uuid
from typing import Any

import event_builders as b
import pytest
from ledger_fixture import LEDGER_DOMAIN, SECRET, START, World
from presigned_events import enrol
from signing_keys import p256_key

from ledger.domain.actions import Harvest, Intake, Shipment, Transformation
from ledger.domain.binding import action_of
from ledger.domain.digital_link import lot_uri
from ledger.domain.errors import InvalidInput, Refused
from ledger.domain.identifiers import PartyId
from ledger.domain.presigning import carrying
from ledger.domain.records import JsonTree, RecordedEvent, SignatureProof
from ledger.domain.sealing import Entry, Policy, reveal
from ledger.domain.typed_data import digest
from ledger.services.draft_kinds import KINDS
from ledger.services.drafts import Actor, Draft, Drafts, acting_person

PHONE = p256_key(91)
FARMER = Actor(b.FARM, "0011223344556677", "Ayshem Tursun", PHONE.id)
PACKER = Actor(b.PACKING_HOUSE, "8899aabbccddeeff", "李娜")
BUYER = Actor(b.COOPERATIVE, "0123456789abcdef", "Patigul")
HARVEST: JsonTree = {
    "product": f"{b.BULK_MELON:014d}", "lot": "H-0001", "grams": 1_240_000, "plot": f"{b.FARM:013d}/PLOT-7",
}  # fmt: skip
LOT = f"{b.BULK_MELON:014d}/H-0001"
PACK: JsonTree = {
    "inputs": [{"lot": LOT, "grams": 1_000_000}],
    "outputs": [{"product": f"{b.MELON_CASE:014d}", "lot": "P-0001", "grams": 900_000, "cases": 180}],
    "culls": 60_000, "loss": 40_000, "where": f"{b.PACKING_HOUSE:013d}/LINE-1",
}  # fmt: skip
SHIP: JsonTree = {
    "to": f"{b.PACKING_HOUSE:013d}", "reference": "L-1", "manifest": [{"lot": LOT, "grams": 1_000_000}],
}  # fmt: skip
SHEET: JsonTree = {
    "product": f"{b.BULK_MELON:014d}", "lot": "I-0001",
    "roster": [
        {"roster": "G001", "village": "Toksun", "grams": 250_000, "ticket": "T-1"},
        {"roster": "G002", "village": "Toksun", "grams": 350_000, "ticket": "T-2"},
    ],
}  # fmt: skip


@pytest.fixture
def drafts(world: World) -> Drafts:
    """Drafts over a world in which a phone is a key of the farm's."""
    enrol(world, b.FARM, PHONE)
    return Drafts(world.store, world.clock, LEDGER_DOMAIN, SECRET)


def request() -> str:
    return str(uuid.uuid4())


def made(drafts: Drafts, kind: str, fields: JsonTree, actor: Actor = FARMER, name: str = "") -> Draft:
    found = drafts.draft(kind, fields, name or request(), actor)
    assert isinstance(found, Draft)
    return found


def signed(draft: Draft) -> JsonTree:
    """The event as the phone sends it."""
    proof = SignatureProof(draft.action, PHONE.id, PHONE.scheme, PHONE.sign(draft.digest))
    return {**carrying(draft.event, proof), "silkroot:disclosures": list(draft.disclosures)}


def refusal(drafts: Drafts, kind: str, fields: JsonTree, actor: Actor = FARMER) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as refused:
        drafts.draft(kind, fields, request(), actor)
    return [(one.field, one.rule) for one in refused.value.violations]


def at_packing_house(world: World, grams: int = 1_000_000) -> None:
    """The packing house has so many grams of the harvested lot."""
    world.record(
        b.harvest(), b.shipping(manifest=[b.amount(grams=grams)]), b.receiving(manifest=[b.amount(grams=grams)])
    )


def test_a_harvest_is_drafted_signed_by_the_phone_and_recorded(world: World, drafts: Drafts) -> None:
    draft = made(drafts, "harvest", HARVEST)
    assert isinstance(draft.action, Harvest)
    assert (draft.action.producer, draft.action.grams, draft.action.lot_code) == (b.FARM, 1_240_000, "H-0001")
    # What is signed is what the event says, in whoever's hands it is recomputed.
    assert action_of(draft.event, draft.action.deadline) == draft.action
    assert digest(LEDGER_DOMAIN, draft.action) == draft.digest
    assert draft.to_json()["digest"] == "0x" + draft.digest.hex()
    (record,) = world.record(signed(draft))
    assert record.proof.key_id == PHONE.id
    assert record.event_id == draft.event["eventID"]
    assert world.fsck() == []


def test_a_draft_stores_nothing(world: World, drafts: Drafts) -> None:
    before = world.sql("select count(*) from events")
    made(drafts, "harvest", HARVEST)
    assert world.sql("select count(*) from events") == before
    assert world.store.lots_with_code("H-0001") == []


def test_the_person_is_sealed_and_shown_by_a_disclosure(world: World, drafts: Drafts) -> None:
    draft = made(drafts, "harvest", HARVEST)
    assert "silkroot:person" not in draft.event
    assert FARMER.name not in str(draft.event)
    assert acting_person(draft.disclosures) == (FARMER.id, FARMER.name)
    shown = reveal(draft.event, draft.disclosures)
    assert shown["silkroot:person"] == {"id": FARMER.id, "name": FARMER.name}
    assert acting_person(()) is None


def test_the_person_is_sealed_whatever_else_is_not(world: World) -> None:
    plain = Drafts(world.store, world.clock, LEDGER_DOMAIN, SECRET, Policy((Entry(("note",)),)))
    assert acting_person(made(plain, "harvest", HARVEST, Actor(b.FARM, "1", "A")).disclosures) == ("1", "A")


def test_the_same_request_gives_the_same_draft_and_one_record(world: World, drafts: Drafts) -> None:
    name = request()
    first, world.clock.time = made(drafts, "harvest", HARVEST, name=name), START + 90
    again = made(drafts, "harvest", HARVEST, name=name.upper())
    assert again == first
    (record,) = world.record(signed(first))
    (repeated,) = world.capture([signed(again)])
    assert repeated.repeated
    assert repeated.record is not None
    assert repeated.record.sequence == record.sequence
    found = drafts.draft("harvest", HARVEST, name, FARMER)
    assert isinstance(found, RecordedEvent)
    assert found.sequence == record.sequence


def test_a_request_that_another_process_drafted_is_recorded_once(world: World, drafts: Drafts) -> None:
    name, other = request(), Drafts(world.store, world.clock, LEDGER_DOMAIN, SECRET)
    sale = {"lot": LOT, "grams": 1_000}
    world.record(b.harvest())
    first = made(drafts, "sell", sale, name=name)
    world.clock.time += 60
    second = made(other, "sell", sale, name=name)
    world.record(signed(first))
    (refused,) = world.capture([signed(second)])
    assert [one.rule for one in refused.violations] == ["event-id.conflict"]
    found = other.draft("sell", sale, name, FARMER)
    assert isinstance(found, RecordedEvent)
    assert found.event_id == first.event["eventID"]


@pytest.mark.parametrize("change", [{"grams": 1_250_000}, {"lot": "H-0002"}])
def test_another_form_under_the_same_request_is_refused(drafts: Drafts, change: JsonTree) -> None:
    name = request()
    made(drafts, "harvest", HARVEST, name=name)
    with pytest.raises(Refused) as refused:
        drafts.draft("harvest", HARVEST | change, name, FARMER)
    assert [(one.field, one.rule) for one in refused.value.violations] == [("/request", "draft.request")]


def test_a_recorded_request_is_shown_to_its_own_party_alone(world: World, drafts: Drafts) -> None:
    name = request()
    world.record(signed(made(drafts, "harvest", HARVEST, name=name)))
    with pytest.raises(Refused) as refused:
        drafts.draft("pack", PACK, name, PACKER)
    assert refused.value.violations[0].rule == "draft.request"


@pytest.mark.parametrize("name", ["", "7", "not-a-uuid", 5, None])
def test_a_request_has_a_uuid(drafts: Drafts, name: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        drafts.draft("harvest", HARVEST, name, FARMER)
    assert refused.value.violations[0].field == "/request"


def test_an_unknown_kind_is_refused(drafts: Drafts) -> None:
    assert refusal(drafts, "gift", {}) == [("/kind", "draft.kind")]


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ({"grams": 0}, "/grams", "draft.grams"),
        ({"grams": -1}, "/grams", "draft.grams"),
        ({"grams": 1.5}, "/grams", "draft.grams"),
        ({"grams": "1240000"}, "/grams", "draft.grams"),
        ({"grams": True}, "/grams", "draft.grams"),
        ({"grams": 2**36}, "/grams", "draft.grams"),
        ({"grams": None}, "/grams", "draft.missing"),
        ({"lot": ""}, "/lot", "draft.missing"),
        ({"lot": "<script>alert(1)</script>"}, "/lot", "draft.length"),
        ({"lot": "<b>"}, "/lot", "draft.markup"),
        ({"lot": "A\u202eB"}, "/lot", "draft.hidden"),
        ({"lot": "A\x00B"}, "/lot", "draft.hidden"),
        ({"lot": 7}, "/lot", "draft.text"),
        ({"lot": "甜瓜"}, "/lot", "gs1.ai10"),
        ({"product": "123"}, "/product", "gs1.gtin.length"),
        ({"plot": "12345"}, "/plot", "gs1.gln.length"),
        ({"cases": 0}, "/cases", "draft.number"),
        ({"season": 1}, "/season", "draft.number"),
        ({"at": "yesterday"}, "/at", "draft.time"),
        ({"at": "2026-08-05T13:00:00+08:00"}, "/at", "draft.future"),
        ({"photos": "x"}, "/photos", "draft.rows"),
        ({"photos": ["<img>"]}, "/photos/0", "draft.markup"),
        ({"party": "9520000000028"}, "/party", "draft.unknown"),
        ({"price": 5}, "/price", "draft.unknown"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_refused_where_it_stands(
    world: World, drafts: Drafts, change: JsonTree, field: str, rule: str
) -> None:
    assert refusal(drafts, "harvest", HARVEST | change) == [(field, rule)]


def test_fields_are_an_object(drafts: Drafts) -> None:
    assert refusal(drafts, "harvest", [HARVEST]) == [("", "draft.form")]  # type: ignore[arg-type]


def test_what_the_ledger_would_refuse_is_refused_already_now(world: World, drafts: Drafts) -> None:
    world.record(b.harvest())
    assert refusal(drafts, "harvest", HARVEST) == [("/lot", "LotExists")]
    foreign = HARVEST | {"lot": "H-9", "product": f"{b.FOREIGN_PRODUCT:014d}"}
    assert refusal(drafts, "harvest", foreign) == [("/product", "ProductNotAllowed")]


def test_a_weight_beyond_what_is_held_is_refused_at_its_row(world: World, drafts: Drafts) -> None:
    world.record(b.harvest(), b.harvest(lot=b.LotRef(b.BULK_MELON, "H-0002"), grams=500_000))
    rows = [{"lot": f"{b.BULK_MELON:014d}/H-0002", "grams": 500_000}, {"lot": "H-0001", "grams": 1_000_001}]
    for order in (rows, rows[::-1]):
        (found,) = refusal(drafts, "ship", SHIP | {"manifest": order})
        assert found == (f"/manifest/{order.index(rows[1])}/grams", "NotEnoughHeld")


def test_the_value_that_is_refused_is_told_with_names_that_people_know(world: World, drafts: Drafts) -> None:
    world.record(b.harvest())
    with pytest.raises(Refused) as refused:
        made(drafts, "ship", SHIP | {"manifest": [{"lot": "H-0001", "grams": 1_000_001}]})
    assert LOT in refused.value.violations[0].value


def test_packing_balances_to_the_gram(world: World, drafts: Drafts) -> None:
    at_packing_house(world)
    draft = made(drafts, "pack", PACK, PACKER)
    assert isinstance(draft.action, Transformation)
    assert (draft.action.culls, draft.action.process_loss, draft.action.remainder) == (60_000, 40_000, 0)
    assert draft.event["silkroot:cases"] == [{"epcClass": lot_uri(b.PACKED_LOT), "count": 180}]
    for change in ({"loss": 39_999}, {"loss": None}, {"culls": 60_001}, {"rest": 1}):
        assert refusal(drafts, "pack", PACK | change, PACKER) == [("/loss", "draft.balance")]
    with pytest.raises(InvalidInput) as refused:
        made(drafts, "pack", PACK | {"loss": 39_999}, PACKER)
    assert refused.value.violations[0].value == "1 g"


def test_packing_splits_and_merges(world: World, drafts: Drafts) -> None:
    at_packing_house(world)
    two = [
        {"product": f"{b.MELON_CASE:014d}", "lot": "P-0001", "grams": 500_000},
        {"product": f"{b.MELON_CASE:014d}", "lot": "P-0002", "grams": 400_000},
    ]
    draft = made(drafts, "pack", PACK | {"outputs": two}, PACKER)
    assert isinstance(draft.action, Transformation)
    assert len(draft.action.outputs) == 2
    twice = PACK | {"inputs": [{"lot": LOT, "grams": 500_000}, {"lot": "H-0001", "grams": 500_000}]}
    assert refusal(drafts, "pack", twice, PACKER) == [("/inputs/1/lot", "line.twice")]
    same = PACK | {"outputs": [two[0], two[0] | {"grams": 400_000}]}
    assert refusal(drafts, "pack", same, PACKER)[0][1] in {"LotExists", "line.twice"}


def test_an_intake_adds_up_its_sheet(drafts: Drafts) -> None:
    draft = made(drafts, "intake", SHEET | {"where": f"{b.FARM:013d}"}, BUYER)
    assert isinstance(draft.action, Intake)
    assert draft.action.grams == 600_000
    assert [row["ticket"] for row in draft.event["silkroot:intake"]] == ["T-1", "T-2"]


@pytest.mark.parametrize(
    ("row", "field", "rule"),
    [
        ({"ticket": "T-1"}, "/roster/1/ticket", "draft.ticket"),
        ({"grams": 0}, "/roster/1/grams", "draft.grams"),
        ({"village": "<Toksun>"}, "/roster/1/village", "draft.markup"),
        ({"name": "Somebody"}, "/roster/1/name", "draft.unknown"),
    ],
)
def test_a_wrong_row_of_a_sheet_is_refused(drafts: Drafts, row: JsonTree, field: str, rule: str) -> None:
    sheet = SHEET | {"roster": [SHEET["roster"][0], SHEET["roster"][1] | row]}
    assert refusal(drafts, "intake", sheet, BUYER) == [(field, rule)]
    assert refusal(drafts, "intake", SHEET | {"roster": []}, BUYER) == [("/roster", "draft.missing")]
    many = SHEET | {"roster": [SHEET["roster"][0]] * 501}
    assert refusal(drafts, "intake", many, BUYER) == [("/roster", "draft.rows")]


def test_a_shipment_says_who_carries(world: World, drafts: Drafts) -> None:
    world.record(b.harvest())
    more = {"carrier": f"{b.CARRIER:013d}", "vehicle": "新A·12345", "seal": "S-77", "driver": "Driver 4"}
    draft = made(drafts, "ship", SHIP | more)
    assert isinstance(draft.action, Shipment)
    assert draft.action.receiver == b.PACKING_HOUSE
    assert draft.event["silkroot:carrier"] == f"{b.CARRIER:013d}"
    assert "Driver 4" not in str(draft.event)
    itself = SHIP | {"to": f"{b.FARM:013d}"}
    unknown = SHIP | {"manifest": [{"lot": "NONE", "grams": 1}]}
    assert refusal(drafts, "ship", unknown) == [("/manifest/0/lot", "UnknownLot")]
    assert refusal(drafts, "ship", itself) == [("/to", "SelfShipment")]
    world.record(signed(draft))
    again = SHIP | {"manifest": [{"lot": LOT, "grams": 1}]}
    assert ("/reference", "ConsignmentUsed") in refusal(drafts, "ship", again)


@pytest.mark.parametrize(
    ("kind", "fields", "action"),
    [
        ("receive", {}, "Receipt"),
        ("receive", {"short": [{"lot": LOT, "grams": 5_000}], "seal": "S-1"}, "PartialReceipt"),
        ("reject", {"reason": "warm", "return_reference": "R-1"}, "PartialReceipt"),
    ],
)
def test_what_is_under_way_is_received_short_or_rejected(
    world: World, drafts: Drafts, kind: str, fields: JsonTree, action: str
) -> None:
    world.record(b.harvest(), b.shipping())
    told = {"shipper": f"{b.FARM:013d}", "reference": b.REFERENCE, "where": f"{b.PACKING_HOUSE:013d}/LINE-1"}
    assert made(drafts, kind, told | fields, PACKER).to_json()["action"]["type"] == action
    nowhere = told | fields | {"reference": "NOT-SHIPPED"}
    assert refusal(drafts, kind, nowhere, PACKER) == [("/reference", "draft.not-found")]


@pytest.mark.parametrize("kind", ["notice", "sell", "dispose", "inspect", "void"])
def test_other_kinds_are_drafted(world: World, drafts: Drafts, kind: str) -> None:
    world.record(b.harvest(), b.shipping(manifest=[b.amount(grams=900_000)]))
    sent: JsonTree = {"shipper": f"{b.FARM:013d}", "reference": b.REFERENCE}
    fields: dict[str, JsonTree] = {
        "notice": sent,
        "void": {"reference": b.REFERENCE},
        "sell": {"lot": LOT, "grams": 100},
        "dispose": {"lot": LOT, "grams": 100, "reason": "spoilt"},
        "inspect": {"lot": LOT, "found": "conformant"},
    }
    draft = made(drafts, kind, fields[kind])
    assert (draft.to_json()["cosigner"] is not None) == (kind == "void")


def test_a_recall_and_its_end(world: World, drafts: Drafts) -> None:
    world.record(b.harvest())
    regulator = Actor(b.REGULATOR, "ab", "Inspector")
    assert made(drafts, "recall", {"lot": LOT, "reason": "residues"}, regulator).to_json()["action"]["type"] == "Recall"
    assert refusal(drafts, "recall", {"lot": LOT}, regulator) == [("/reason", "draft.missing")]
    assert refusal(drafts, "release", {"lot": LOT, "reason": "clean"}, regulator) == [("/lot", "NotRecalled")]


def test_certificates_of_plots(drafts: Drafts) -> None:
    certifier = Actor(b.CERTIFIER, "cd", "Certifier")
    plot = {"plot": f"{b.FARM:013d}/PLOT-9", "producer": f"{b.FARM:013d}"}
    assert made(drafts, "certify-plot", plot, certifier).to_json()["action"]["type"] == "PlotRegistration"
    missing = {"plot": f"{b.FARM:013d}/PLOT-9", "grams": 5}
    assert refusal(drafts, "certify-yield", missing, certifier) == [("/season", "draft.missing")]


def test_a_settlement_needs_the_other_side_unless_it_is_alone(world: World, drafts: Drafts) -> None:
    world.record(b.harvest(), b.shipping())
    told = {"shipper": f"{b.FARM:013d}", "reference": b.REFERENCE}
    assert refusal(drafts, "settle", told | {"alone": "yes"}) == [("/alone", "draft.flag")]
    assert refusal(drafts, "settle", told | {"alone": True}) == [("/reference", "NoVariance")]


def test_a_party_that_nobody_admitted_drafts_nothing(drafts: Drafts) -> None:
    nobody = Actor(PartyId(b.STRANGER), "1", "Stranger")
    assert refusal(drafts, "harvest", HARVEST, nobody) == [("/party", "UnknownParty")]


def test_a_key_that_may_not_sign_is_told_before_anybody_signs(drafts: Drafts) -> None:
    stranger = Actor(b.FARM, "1", "A", p256_key(92).id)
    assert [rule for _field, rule in refusal(drafts, "harvest", HARVEST, stranger)] == ["UnknownKey"]
    other = Actor(b.PACKING_HOUSE, "1", "A", PHONE.id)
    assert [rule for _field, rule in refusal(drafts, "harvest", HARVEST, other)] == ["WrongParty"]


def test_every_kind_refuses_fields_that_it_does_not_know(drafts: Drafts) -> None:
    """Each builder is asked with one field only that none of them has: it misses its own, or refuses this one."""
    for kind in KINDS:
        rules = {rule for _field, rule in refusal(drafts, kind, {"surprise": 1})}
        assert rules <= {"draft.missing", "draft.unknown"}, (kind, rules)
