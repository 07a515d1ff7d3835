"""Drafts of corrections: what a form about a wrong weight becomes, and what is refused before anybody signs."""

from __future__ import annotations

import uuid

import event_builders as b
import pytest
from ledger_fixture import LEDGER_DOMAIN, SECRET, World
from presigned_events import enrol
from signing_keys import p256_key

from ledger.domain.actions import BirthAmendment, TransformationAmendment
from ledger.domain.digital_link import lot_uri
from ledger.domain.errors import InvalidInput, NotFound, Refused
from ledger.domain.event_forms import Amount, RosterLine
from ledger.domain.identifiers import Grams, LotRef
from ledger.domain.presigning import carrying
from ledger.domain.records import JsonTree, RecordedEvent, SignatureProof
from ledger.services.correcting import Standing, weights_of
from ledger.services.drafts import Actor, Draft, Drafts, acting_person

PHONE, HOUSE_PHONE = p256_key(91), p256_key(92)
FARMER = Actor(b.FARM, "0011223344556677", "Ayshem", PHONE.id)
PACKER = Actor(b.PACKING_HOUSE, "8899aabbccddeeff", "李娜", HOUSE_PHONE.id)
BUYER = Actor(b.COOPERATIVE, "0123456789abcdef", "Patigul")
LOT = str(b.HARVEST_LOT)
PACKED = str(b.PACKED_LOT)
RIGHT: JsonTree = {"lot": LOT, "grams": 980_000, "reason": "the scale was misread"}
SHEET: JsonTree = {
    "product": f"{b.BULK_MELON:014d}", "lot": "I-0001",
    "roster": [
        {"roster": "G001", "village": "Toksun", "grams": 250_000, "ticket": "T-1"},
        {"roster": "G002", "village": "Toksun", "grams": 350_000, "ticket": "T-2"},
    ],
}  # fmt: skip
BOUGHT = LotRef(b.BULK_MELON, "I-0001")


@pytest.fixture
def drafts(world: World) -> Drafts:
    enrol(world, b.FARM, PHONE)
    enrol(world, b.PACKING_HOUSE, HOUSE_PHONE)
    return Drafts(world.store, world.clock, LEDGER_DOMAIN, SECRET)


def made(drafts: Drafts, fields: JsonTree, actor: Actor = FARMER, kind: str = "correct") -> Draft:
    found = drafts.draft(kind, fields, str(uuid.uuid4()), actor)
    assert isinstance(found, Draft)
    return found


def recorded(world: World, draft: Draft, phone: object = PHONE) -> RecordedEvent:
    """The event as the phone sends it, recorded."""
    proof = SignatureProof(draft.action, phone.id, phone.scheme, phone.sign(draft.digest))  # type: ignore[attr-defined]
    (record,) = world.record({**carrying(draft.event, proof), "silkroot:disclosures": list(draft.disclosures)})
    return record


def refusal(drafts: Drafts, fields: JsonTree, actor: Actor = FARMER) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as refused:
        drafts.draft("correct", fields, str(uuid.uuid4()), actor)
    return [(one.field, one.rule) for one in refused.value.violations]


def packed(world: World) -> None:
    """A lot of 900 kg in 180 cases, from 1,000 kg."""
    world.record(b.harvest(), b.shipping(), b.receiving(), b.packing())


def test_a_harvest_gets_its_right_weight_signed_by_the_phone(world: World, drafts: Drafts) -> None:
    world.record(b.harvest())
    draft = made(drafts, RIGHT)
    assert isinstance(draft.action, BirthAmendment)
    assert (draft.action.lot, draft.action.was, draft.action.grams) == (b.HARVEST_LOT.id, 1_000_000, 980_000)
    assert draft.event["silkroot:reason"] == "the scale was misread"
    assert acting_person(draft.disclosures) == (FARMER.id, FARMER.name)
    recorded(world, draft)
    assert weights_of(world.store, b.HARVEST_LOT, b.FARM).grams == 980_000
    assert world.fsck() == []


def test_what_a_phone_recorded_is_corrected_and_corrected_again(world: World, drafts: Drafts) -> None:
    """The person who recorded it and the one who corrects it are both sealed, each shown with an event of their own."""
    harvest = {"product": f"{b.BULK_MELON:014d}", "lot": "H-7", "grams": 5_000, "plot": f"{b.FARM:013d}/PLOT-7"}
    first = recorded(world, made(drafts, harvest, kind="harvest"))
    lot = f"{b.BULK_MELON:014d}/H-7"
    second = recorded(world, made(drafts, {"lot": lot, "grams": 4_000, "reason": "tare"}))
    third = recorded(world, made(drafts, {"lot": lot, "grams": 0, "reason": "written twice"}))
    assert [one.proof.action.content_hash for one in (first, second)] == [
        second.proof.action.corrects, third.proof.action.corrects,  # type: ignore[union-attr]
    ]  # fmt: skip
    assert third.body["silkroot:reason"] == "written twice"
    assert third.body["eventTime"] == first.body["eventTime"]
    assert weights_of(world.store, LotRef(b.BULK_MELON, "H-7"), b.FARM).grams == 0
    assert world.fsck() == []


def test_a_form_sent_twice_is_one_correction(world: World, drafts: Drafts) -> None:
    world.record(b.harvest())
    name = str(uuid.uuid4())
    first, again = (drafts.draft("correct", RIGHT, name, FARMER) for _ in range(2))
    assert first == again
    assert isinstance(first, Draft)
    record = recorded(world, first)
    found = drafts.draft("correct", RIGHT, name, FARMER)
    assert isinstance(found, RecordedEvent)
    assert found.sequence == record.sequence


def test_one_delivery_of_an_intake_is_corrected(world: World, drafts: Drafts) -> None:
    world.record(made(drafts, SHEET, BUYER, "intake").event)
    before = weights_of(world.store, BOUGHT, b.COOPERATIVE)
    assert before.deliveries == (
        RosterLine("G001", "Toksun", Grams(250_000), "T-1"),
        RosterLine("G002", "Toksun", Grams(350_000), "T-2"),
    )
    fields: JsonTree = {
        "lot": str(BOUGHT), "reason": "misread",
        "deliveries": [{"ticket": "T-1", "grams": 250_000}, {"ticket": "T-2", "grams": 305_000}],
    }  # fmt: skip
    draft = made(drafts, fields, BUYER)
    assert isinstance(draft.action, BirthAmendment)
    assert (draft.action.was, draft.action.grams) == (600_000, 555_000)
    rows = fields["deliveries"]
    assert refusal(drafts, fields | {"deliveries": [rows[0], {**rows[1], "ticket": "T-9"}]}, BUYER) == [
        ("/deliveries", "correct.ticket")
    ]
    assert refusal(drafts, fields | {"deliveries": [rows[0], rows[0]]}, BUYER) == [
        ("/deliveries/1/ticket", "draft.ticket")
    ]
    same = [rows[0], {"ticket": "T-2", "grams": 350_000}]
    assert refusal(drafts, fields | {"deliveries": same}, BUYER) == [("/deliveries", "draft.unchanged")]
    assert refusal(drafts, RIGHT | {"lot": str(BOUGHT)}, BUYER) == [("/lot", "correct.roster")]


def test_a_packing_is_corrected_with_what_went_in(world: World, drafts: Drafts) -> None:
    packed(world)
    now = weights_of(world.store, b.PACKED_LOT, b.PACKING_HOUSE)
    (taken,) = now.inputs
    assert now.outputs == (Amount(b.PACKED_LOT, now.grams),)
    fields: JsonTree = {
        "lot": PACKED, "reason": "belt scale",
        "inputs": [{"lot": LOT, "grams": taken.grams}], "outputs": [{"lot": PACKED, "grams": now.grams - 1_000}],
        "culls": now.culls + 1_000, "loss": now.loss, "rest": now.rest,
    }  # fmt: skip
    draft = made(drafts, fields, PACKER)
    assert isinstance(draft.action, TransformationAmendment)
    assert [one.grams for one in draft.action.outputs] == [now.grams - 1_000]
    assert (draft.action.culls, draft.action.process_loss) == (now.culls + 1_000, now.loss)
    assert refusal(drafts, fields | {"culls": now.culls}, PACKER) == [("/loss", "draft.balance")]
    twice = fields["outputs"] * 2
    assert refusal(drafts, fields | {"outputs": twice}, PACKER) == [("/outputs/1/lot", "line.twice")]
    same = fields | {"outputs": [{"lot": PACKED, "grams": now.grams}], "culls": now.culls}
    assert refusal(drafts, same, PACKER) == [("/outputs", "draft.unchanged")]
    assert refusal(drafts, RIGHT | {"lot": PACKED}, PACKER) == [("/lot", "correct.packing")]
    recorded(world, draft, HOUSE_PHONE)
    assert weights_of(world.store, b.PACKED_LOT, b.PACKING_HOUSE).culls == now.culls + 1_000
    assert world.fsck() == []


def test_cases_stay_with_a_lot_whose_weight_stays(world: World, drafts: Drafts) -> None:
    world.record(b.harvest(), b.shipping(), b.receiving())
    two: JsonTree = {
        "inputs": [{"lot": LOT, "grams": 1_000_000}],
        "outputs": [
            {"product": f"{b.MELON_CASE:014d}", "lot": "P-1", "grams": 500_000, "cases": 100},
            {"product": f"{b.MELON_CASE:014d}", "lot": "P-2", "grams": 400_000, "cases": 80},
        ],
        "culls": 100_000, "where": f"{b.PACKING_HOUSE:013d}/LINE-1",
    }  # fmt: skip
    recorded(world, made(drafts, two, PACKER, "pack"), HOUSE_PHONE)
    one, other = LotRef(b.MELON_CASE, "P-1"), LotRef(b.MELON_CASE, "P-2")
    fields: JsonTree = {
        "lot": str(one), "reason": "belt scale", "culls": 101_000,
        "outputs": [{"lot": str(one), "grams": 499_000}, {"lot": str(other), "grams": 400_000}],
    }  # fmt: skip
    assert made(drafts, fields, PACKER).event["silkroot:cases"] == [{"epcClass": lot_uri(other), "count": 80}]


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ({"reason": ""}, "/reason", "draft.missing"),
        ({"reason": "<b>"}, "/reason", "draft.markup"),
        ({"reason": "x" * 201}, "/reason", "draft.length"),
        ({"grams": None}, "/grams", "draft.missing"),
        ({"grams": -1}, "/grams", "draft.grams"),
        ({"grams": "12,5"}, "/grams", "draft.grams"),
        ({"grams": 980.5}, "/grams", "draft.grams"),
        ({"grams": 2**36}, "/grams", "draft.grams"),
        ({"grams": 1_000_000}, "/grams", "draft.unchanged"),
        ({"at": "2026-08-05T12:00:00+08:00"}, "/at", "draft.unknown"),
        ({"lot": ""}, "/lot", "draft.missing"),
        ({"lot": "NO-SUCH"}, "/lot", "UnknownLot"),
        ({"lot": f"{b.BULK_MELON:014d}/NO-SUCH"}, "/lot", "draft.not-found"),
        ({"lot": "123/A"}, "/lot", "gs1.gtin.length"),
        ({"deliveries": [{"ticket": "T-1", "grams": 5}], "grams": None}, "/lot", "correct.deliveries"),
        ({"deliveries": [{"ticket": "T-1", "grams": 5}]}, "/lot", "correct.deliveries"),
        ({"culls": 1, "grams": None}, "/lot", "correct.birth"),
        ({"outputs": [{"lot": LOT, "grams": 1}], "grams": None}, "/lot", "correct.birth"),
        ({"party": f"{b.PACKING_HOUSE:013d}"}, "/party", "draft.unknown"),
    ],
)
def test_a_wrong_field_is_refused_where_it_stands(
    world: World, drafts: Drafts, change: JsonTree, field: str, rule: str
) -> None:
    world.record(b.harvest())
    assert refusal(drafts, RIGHT | change) == [(field, rule)]


def test_only_whoever_made_the_lot_corrects_it(world: World, drafts: Drafts) -> None:
    world.record(b.harvest())
    assert refusal(drafts, RIGHT, PACKER) == [("/party", "NotTheIssuer")]
    with pytest.raises(Refused):
        weights_of(world.store, b.HARVEST_LOT, b.PACKING_HOUSE)


def test_what_has_moved_is_not_corrected(world: World, drafts: Drafts) -> None:
    world.record(b.harvest(), b.shipping())
    assert refusal(drafts, RIGHT) == [("/lot", "LotMoved")]
    assert weights_of(world.store, b.HARVEST_LOT, b.FARM).standing is Standing.MOVED


def test_what_is_recalled_is_not_corrected(world: World, drafts: Drafts) -> None:
    world.record(b.harvest(), b.recall())
    assert [rule for _, rule in refusal(drafts, RIGHT)] == ["LotRecalled"]
    assert weights_of(world.store, b.HARVEST_LOT, b.FARM).standing is Standing.RECALLED


def test_a_lot_that_nobody_made_has_no_weights(world: World, drafts: Drafts) -> None:
    with pytest.raises(NotFound):
        weights_of(world.store, LotRef(b.BULK_MELON, "NO-SUCH"), b.FARM)
