"""What people of a hub are told, and the drafts of the air leg's steps."""

from __future__ import annotations

import uuid
from typing import Any

import event_builders as b
import pytest
from ledger_fixture import LEDGER_DOMAIN, SECRET, World

from ledger.domain.air_journey import Stage
from ledger.domain.air_leg import AirStep
from ledger.domain.errors import InvalidInput, NotFound
from ledger.domain.event_forms import Amount, Arrival, When, transaction_urn
from ledger.domain.identifiers import ConsignmentId, Grams, LotId, PartyId, consignment_id
from ledger.domain.records import JsonTree
from ledger.services.draft_air import air_kind
from ledger.services.draft_kinds import KINDS
from ledger.services.drafts import Actor, Draft, Drafts
from ledger.services.hub import HubDesk
from ledger.services.hub_alarms import HubAlarms

MORNING, NIGHT = When("2026-08-05T06:00:00+08:00"), When("2026-08-05T11:30:00+08:00")
ACTOR = Actor(b.HUB, "0011223344556677", "Memet")
WAYBILL = "999-12345675"
LOT = f"{b.MELON_CASE:014d}/P-0001"


def ship(number: int, grams: int = 100_000, **rest: Any) -> JsonTree:
    amounts = [Amount(b.PACKED_LOT, Grams(grams))]
    return b.shipping(
        party=b.PACKING_HOUSE, receiver=b.HUB, reference=b.sscc(number), manifest=amounts, when=MORNING,
        where=b.PACKING_LINE, **rest,
    )  # fmt: skip


def receive(number: int, grams: int = 100_000, **rest: Any) -> JsonTree:
    amounts = [Amount(b.PACKED_LOT, Grams(grams))]
    return b.receiving(
        party=b.HUB, shipper=b.PACKING_HOUSE, reference=b.sscc(number), manifest=amounts, when=NIGHT,
        where=b.HUB_DOOR, **rest,
    )  # fmt: skip


def sent(number: int) -> ConsignmentId:
    return consignment_id(b.PACKING_HOUSE, b.sscc(number))


@pytest.fixture
def packed(world: World) -> World:
    world.record(b.harvest(), b.shipping(), b.receiving(), b.packing())
    return world


@pytest.fixture
def desk(packed: World) -> HubDesk:
    return HubDesk(packed.store.hub, packed.clock)


@pytest.fixture
def drafts(packed: World) -> Drafts:
    packed.record(ship(11), receive(11))
    kinds = {**KINDS, "air": air_kind(packed.store.hub)}
    return Drafts(packed.store, packed.clock, LEDGER_DOMAIN, SECRET, kinds=kinds)


def test_pages_follow_one_another(packed: World, desk: HubDesk) -> None:
    packed.record(*(ship(20 + n) for n in range(3)))
    walked, token, pages = [], "", 0
    while True:
        page = desk.coming(b.HUB, token, 2, overdue=False)
        walked += [sight.id for sight in page.rows]
        pages += 1
        if not (token := page.next):
            break
    assert (sorted(walked), pages) == (sorted(sent(20 + n) for n in range(3)), 2)
    packed.record(receive(20))
    assert desk.here(b.HUB, "", 1).next == ""
    with pytest.raises(InvalidInput, match=r"paging\.token"):
        desk.coming(b.HUB, "nonsense", 2, overdue=False)
    with pytest.raises(InvalidInput, match=r"paging\.token"):
        desk.here(b.HUB, "nonsense", 2)


def test_a_consignment_is_shown_to_its_sides_alone(packed: World, desk: HubDesk) -> None:
    packed.record(ship(11))
    for party in (b.HUB, b.PACKING_HOUSE):
        file = desk.consignment(party, sent(11))
        assert [event.body["bizStep"] for event in file.events] == ["shipping"]
        assert file.names == {b.PACKED_LOT.id: b.PACKED_LOT}
        assert file.air is None
    for party, consignment in ((b.BUYER, sent(11)), (b.HUB, sent(99))):
        with pytest.raises(NotFound):
            desk.consignment(party, consignment)


def test_who_signed_for_it_last_and_where(packed: World, desk: HubDesk) -> None:
    packed.record(ship(11))
    (one,) = desk.under_way(b.HUB)
    assert (one.signer, one.place, one.time) == (
        b.PACKING_HOUSE, (b.PACKING_LINE.gln, b.PACKING_LINE.extension), "2026-08-05T06:00:00+08:00",
    )  # fmt: skip
    assert one.journey is None
    part = b.partial_receipt(
        party=b.HUB, shipper=b.PACKING_HOUSE, reference=b.sscc(11), where=b.HUB_DOOR, return_ref="", when=NIGHT,
        arrivals=[Arrival(b.PACKED_LOT, 40_000, 0, 60_000, 0)],
    )  # fmt: skip
    packed.record(part)
    (one,) = desk.under_way(b.HUB)
    assert (one.signer, one.sight.open_grams) == (b.HUB, 60_000)
    assert desk.under_way(b.BUYER) == ()


def fields(step: str, **more: Any) -> JsonTree:
    return {"step": step, "waybill": WAYBILL, **more}


def made(drafts: Drafts, form: JsonTree) -> Draft:
    found = drafts.draft("air", form, str(uuid.uuid4()), ACTOR)
    assert isinstance(found, Draft)
    return found


def state(packed: World, drafts: Drafts, form: JsonTree) -> JsonTree:
    """Drafts a step and records what it says, which the hub's own key signs here."""
    body = made(drafts, form).event
    plain = {key: value for key, value in body.items() if key not in ("silkroot:blind", "silkroot:sealed", "eventID")}
    packed.record(plain)
    return body


def refusal(drafts: Drafts, form: JsonTree) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as refused:
        drafts.draft("air", form, str(uuid.uuid4()), ACTOR)
    return [(one.field, one.rule) for one in refused.value.violations]


def test_an_off_loaded_pallet_is_rebooked(packed: World, drafts: Drafts, desk: HubDesk) -> None:
    first = state(
        packed, drafts,
        fields("screening", lots=[{"lot": LOT}], flight="zz6901", date="2026-08-05", to="PEK", result="passed"),
    )  # fmt: skip
    assert first["silkroot:airLeg"] == {
        "step": "screening", "waybill": WAYBILL, "airline": "ZZ", "flight": "ZZ6901", "date": "2026-08-05",
        "to": "PEK", "result": "passed",
    }  # fmt: skip
    second = state(packed, drafts, fields("build-up", uld="pmc12345zz", pieces=20, grams=100_000))
    assert second["quantityList"] == first["quantityList"]
    state(packed, drafts, fields("loaded", flight="ZZ6901", date="2026-08-05"))
    state(packed, drafts, fields("off-loaded", pieces=5, grams=25_000))
    assert refusal(drafts, fields("rebooked", flight="ZZ6901", date="2026-08-05")) == [("/flight", "air.same-flight")]
    state(packed, drafts, fields("rebooked", flight="ZZ6875", date="2026-08-06"))
    (file,) = desk.air(b.HUB)
    assert file.id == consignment_id(b.HUB, transaction_urn(b.HUB, WAYBILL))
    assert (file.reference, file.lots, file.sight) == (WAYBILL, (b.PACKED_LOT,), None)
    stays, off = file.journey.portions
    assert (stays.stage, stays.pieces, stays.flight) == (Stage.ABOARD, 15, "ZZ6901")
    assert (off.stage, off.pieces, off.flight, off.day) == (Stage.GROUND, 5, "ZZ6875", "2026-08-06")
    assert file.journey.oddities == ()
    assert desk.air(b.BUYER) == ()


def test_the_air_leg_is_shown_with_the_consignment(packed: World, drafts: Drafts, desk: HubDesk) -> None:
    state(packed, drafts, fields("build-up", lots=[{"lot": LOT}]))
    onward = b.shipping(
        party=b.HUB, receiver=b.BUYER, reference=transaction_urn(b.HUB, WAYBILL),
        manifest=[Amount(b.PACKED_LOT, Grams(100_000))], when=b.NOON, where=b.HUB_DOOR,
    )  # fmt: skip
    packed.record(onward)
    file = desk.consignment(b.BUYER, consignment_id(b.HUB, transaction_urn(b.HUB, WAYBILL)))
    assert file.air is not None
    assert [leg.step for leg, _ in file.air.legs] == [AirStep.BUILD_UP]
    (one,) = desk.under_way(b.BUYER)
    assert (one.step, one.journey) == ("", file.air.journey)


@pytest.mark.parametrize(
    ("form", "refused"),
    [
        ({"step": "screening", "lots": [{"lot": LOT}]}, [("/waybill", "draft.missing")]),
        (fields("screening"), [("/lots", "draft.missing")]),
        (fields("screening", lots=[{"lot": "NONE"}]), [("/lots/0/lot", "UnknownLot")]),
        (fields("loaded", lots=[{"lot": LOT}]), [("/step", "air.order")]),
        (fields("boarding", lots=[{"lot": LOT}]), [("/step", "draft.choice")]),
        ({"step": "screening", "waybill": "999-12345670"}, [("/waybill", "air.waybill.check-digit")]),
        (fields("screening", flight="6901"), [("/flight", "air.flight")]),
        (fields("build-up", pieces=0), [("/pieces", "draft.number")]),
        (fields("build-up", result="passed"), [("/result", "air.result")]),
        (fields("build-up", pilot="X", lots=[{"lot": LOT}]), [("/pilot", "draft.unknown")]),
    ],
)
def test_a_step_that_cannot_be_is_refused_at_its_field(
    drafts: Drafts, form: JsonTree, refused: list[tuple[str, str]]
) -> None:
    assert refusal(drafts, form) == refused


def test_a_shipper_may_say_when_goods_are_due(packed: World) -> None:
    drafts = Drafts(packed.store, packed.clock, LEDGER_DOMAIN, SECRET)
    form = {
        "to": f"{b.HUB:013d}", "reference": "L-9", "manifest": [{"lot": LOT, "grams": 1_000}],
        "expected_arrival": "2026-08-06T08:00:00+08:00",
    }  # fmt: skip
    actor = Actor(b.PACKING_HOUSE, "8899aabbccddeeff", "李娜")
    found = drafts.draft("ship", form, str(uuid.uuid4()), actor)
    assert isinstance(found, Draft)
    assert found.event["silkroot:expectedArrival"] == "2026-08-06T08:00:00+08:00"
    with pytest.raises(InvalidInput, match=r"draft\.time"):
        drafts.draft("ship", {**form, "expected_arrival": "tomorrow"}, str(uuid.uuid4()), actor)
    early = {**form, "expected_arrival": "2026-08-04T08:00:00+08:00"}
    with pytest.raises(InvalidInput, match=r"/expected_arrival.*draft\.arrival"):
        drafts.draft("ship", early, str(uuid.uuid4()), actor)


# Alarms -------------------------------------------------------------------------------------------------------------

LIMITS = [{"epcClass": f"https://id.gs1.org/01/{b.MELON_CASE:014d}/10/P-0001", "minimum": 2000, "maximum": 8000}]


def readings(celsius: float, party: PartyId = b.HUB) -> JsonTree:
    """A thermometer at the hub reads so much, for an hour."""
    reports = [
        {"type": "Temperature", "value": celsius, "uom": "CEL", "deviceID": "urn:x:1", "time": time}
        for time in ("2026-08-05T11:35:00+08:00", "2026-08-05T11:55:00+08:00")
    ]
    event = b.inspection(party=party, lots=[b.PACKED_LOT], where=b.HUB_DOOR)
    return event | {"bizStep": "sensor_reporting", "sensorElementList": [{"sensorReport": reports}]}


def alarmed(world: World, alarms: HubAlarms, party: PartyId) -> list[tuple[LotId, PartyId]]:
    return [(one.lot, one.holder) for one in alarms.alarms(party, int(world.clock.now() * 1_000_000))]


def test_an_open_excursion_of_what_is_here_is_an_alarm_until_somebody_inspects_it(world: World) -> None:
    packing = b.packing(extra={"silkroot:limits": LIMITS})
    world.record(b.harvest(), b.shipping(), b.receiving(), packing, ship(11))
    alarms = HubAlarms(world.store.hub, world.store, world.store.log, lambda: LEDGER_DOMAIN)
    assert alarmed(world, alarms, b.HUB) == []
    world.record(receive(11), readings(6.0))
    assert alarmed(world, alarms, b.HUB) == []
    world.record(readings(19.5))
    assert alarmed(world, alarms, b.HUB) == [(b.PACKED_LOT.id, b.HUB)]
    assert alarms.alarms(b.HUB, 0)[0].climate.highest == 19_500
    assert alarms.alarms(b.HUB, 0)[0].ref == b.PACKED_LOT
    assert alarmed(world, alarms, b.BUYER) == []
    looked = b.inspection(party=b.HUB, lots=[b.PACKED_LOT], where=b.HUB_DOOR, disposition="conformant")
    world.record(looked)
    assert alarmed(world, alarms, b.HUB) == []


def test_a_security_screening_closes_no_alarm(world: World) -> None:
    packing = b.packing(extra={"silkroot:limits": LIMITS})
    world.record(b.harvest(), b.shipping(), b.receiving(), packing, ship(11), receive(11), readings(19.5))
    alarms = HubAlarms(world.store.hub, world.store, world.store.log, lambda: LEDGER_DOMAIN)
    kinds = {**KINDS, "air": air_kind(world.store.hub)}
    drafts = Drafts(world.store, world.clock, LEDGER_DOMAIN, SECRET, kinds=kinds)
    state(world, drafts, fields("screening", lots=[{"lot": LOT}], result="passed"))
    assert alarmed(world, alarms, b.HUB) == [(b.PACKED_LOT.id, b.HUB)]
