"""What a hub sees: expected, overdue, here, leaving, in variance, and the air leg, from what was recorded."""

from __future__ import annotations

from typing import Any

import event_builders as b
import pytest
from ledger_fixture import START, World

from ledger.domain.air_leg import AirLeg, AirStep, parse_waybill
from ledger.domain.event_forms import Amount, Arrival, Settled, Spot, When, transaction_urn
from ledger.domain.forms.air import air_step
from ledger.domain.identifiers import ConsignmentId, Grams, LotRef, PartyId, consignment_id
from ledger.domain.records import ConsignmentState
from ledger.ports_hub import HubCounts

HOUR = 3_600_000_000
NOON = int(START) * 1_000_000
TYPICAL = 24 * HOUR
MORNING, NIGHT = When("2026-08-05T06:00:00+08:00"), When("2026-08-05T22:00:00+08:00")


def ship(number: int, grams: int = 100_000, when: When = MORNING, **rest: Any) -> dict[str, Any]:
    """The packing house sends some of its lot to the hub."""
    amounts = [Amount(b.PACKED_LOT, Grams(grams))]
    return b.shipping(
        party=b.PACKING_HOUSE, receiver=b.HUB, reference=b.sscc(number), manifest=amounts, when=when,
        where=b.PACKING_LINE, **rest,
    )  # fmt: skip


def receive(number: int, grams: int = 100_000, when: When = b.NOON) -> dict[str, Any]:
    amounts = [Amount(b.PACKED_LOT, Grams(grams))]
    return b.receiving(
        party=b.HUB, shipper=b.PACKING_HOUSE, reference=b.sscc(number), manifest=amounts, when=when, where=b.HUB_DOOR
    )


def sent(number: int, shipper: PartyId = b.PACKING_HOUSE) -> ConsignmentId:
    return consignment_id(shipper, b.sscc(number))


@pytest.fixture
def packed(world: World) -> World:
    world.record(b.harvest(), b.shipping(), b.receiving(), b.packing())
    return world


def coming(world: World, *, overdue: bool, now: int = NOON) -> list[ConsignmentId]:
    found = world.store.hub.coming(b.HUB, now, TYPICAL, None, 10, overdue=overdue)
    return [one.id for one in found]


def test_a_consignment_is_expected_after_as_long_as_goods_usually_take(packed: World) -> None:
    packed.record(ship(11))
    (sight,) = packed.store.hub.coming(b.HUB, NOON, TYPICAL, None, 10, overdue=False)
    assert (sight.id, sight.reference, sight.shipper, sight.receiver) == (
        sent(11), b.sscc(11), b.PACKING_HOUSE, b.HUB,
    )  # fmt: skip
    assert (sight.shipped_at, sight.expected_at, sight.is_stated) == (NOON - 6 * HOUR, NOON + 18 * HOUR, False)
    assert (sight.state, sight.grams, sight.open_grams) == (ConsignmentState.IN_TRANSIT, 100_000, 100_000)
    assert coming(packed, overdue=True) == []
    assert coming(packed, overdue=True, now=NOON + 19 * HOUR) == [sent(11)]
    assert coming(packed, overdue=False, now=NOON + 19 * HOUR) == []


def test_what_the_shipper_states_comes_before_what_is_usual(packed: World) -> None:
    packed.record(ship(11), ship(12, extra={"silkroot:expectedArrival": "2026-08-05T11:00:00+08:00"}))
    (late,) = packed.store.hub.coming(b.HUB, NOON, TYPICAL, None, 10, overdue=True)
    assert (late.id, late.expected_at, late.is_stated) == (sent(12), NOON - HOUR, True)
    assert coming(packed, overdue=False) == [sent(11)]


def test_lists_go_on_where_the_page_before_ended(packed: World) -> None:
    due = ("09:00", "10:00", "10:00", "11:00")
    packed.record(
        *(ship(20 + n, extra={"silkroot:expectedArrival": f"2026-08-05T{at}:00+08:00"}) for n, at in enumerate(due))
    )
    everything = packed.store.hub.coming(b.HUB, NOON, TYPICAL, None, 10, overdue=True)
    assert len(everything) == 4
    place, walked = None, []
    while page := packed.store.hub.coming(b.HUB, NOON, TYPICAL, place, 1, overdue=True):
        walked += page
        place = (page[-1].expected_at, page[-1].id)
    assert walked == everything


def test_what_came_is_here_since_it_came(packed: World) -> None:
    packed.record(ship(11), ship(12, 50_000), receive(11), receive(12, 50_000, NIGHT))
    (row,) = packed.store.hub.here(b.HUB, None, 10)
    assert (row.lot, row.ref, row.grams) == (b.PACKED_LOT.id, b.PACKED_LOT, 150_000)
    assert (row.since, row.consignment) == (NOON, sent(11))
    # What came first leaves first: only the second is left then.
    onward = [Amount(b.PACKED_LOT, Grams(100_000))]
    packed.record(
        b.shipping(party=b.HUB, receiver=b.BUYER, reference=b.sscc(31), manifest=onward, when=NIGHT, where=b.HUB_DOOR)
    )
    (row,) = packed.store.hub.here(b.HUB, None, 10)
    assert (row.grams, row.since, row.consignment) == (50_000, NOON + 10 * HOUR, sent(12))
    (leaving,) = packed.store.hub.leaving(b.HUB, TYPICAL, None, 10)
    assert (leaving.id, leaving.receiver, leaving.grams) == (sent(31, b.HUB), b.BUYER, 100_000)


def test_what_was_made_here_came_with_nothing(packed: World) -> None:
    (row,) = packed.store.hub.here(b.PACKING_HOUSE, None, 10)
    assert (row.ref, row.since, row.consignment) == (b.PACKED_LOT, None, None)
    assert packed.store.hub.here(b.PACKING_HOUSE, row.lot, 10) == []


def test_a_short_receipt_is_a_variance_of_both_until_it_is_settled(packed: World) -> None:
    short = b.partial_receipt(
        party=b.HUB, shipper=b.PACKING_HOUSE, reference=b.sscc(11), where=b.HUB_DOOR, return_ref="",
        arrivals=[Arrival(b.PACKED_LOT, 90_000, 0, 0, 10_000)],
    )  # fmt: skip
    packed.record(ship(11), short)
    for party in (b.HUB, b.PACKING_HOUSE):
        (sight,) = packed.store.hub.variances(party, TYPICAL, None, 10)
        assert (sight.id, sight.open_grams, sight.grams) == (sent(11), 10_000, 100_000)
        assert packed.store.hub.counts(party, NOON, TYPICAL).variances == 1
    assert packed.store.hub.variances(b.BUYER, TYPICAL, None, 10) == []
    (row,) = packed.store.hub.here(b.HUB, None, 10)
    assert row.grams == 90_000
    kinds = [event.body["bizStep"] for event in packed.store.hub.events_about(sent(11))]
    assert kinds == ["shipping", "receiving"]


def test_what_goes_back_is_expected_by_its_shipper(packed: World) -> None:
    returned = transaction_urn(b.HUB, "R-9")
    refused = b.partial_receipt(
        party=b.HUB, shipper=b.PACKING_HOUSE, reference=b.sscc(11), where=b.HUB_DOOR, return_ref=returned,
        arrivals=[Arrival(b.PACKED_LOT, 60_000, 40_000, 0, 0)],
    )  # fmt: skip
    packed.record(ship(11), refused)
    (back,) = packed.store.hub.coming(b.PACKING_HOUSE, NOON, TYPICAL, None, 10, overdue=False)
    assert (back.id, back.reference, back.grams) == (consignment_id(b.HUB, returned), returned, 40_000)


def test_counts(packed: World) -> None:
    packed.record(
        ship(11), ship(12, extra={"silkroot:expectedArrival": "2026-08-05T11:00:00+08:00"}), ship(13), receive(13)
    )
    assert packed.store.hub.counts(b.HUB, NOON, TYPICAL) == HubCounts(1, 1, 1, 0, 0)
    assert packed.store.hub.counts(b.PACKING_HOUSE, NOON, TYPICAL) == HubCounts(0, 0, 1, 2, 0)
    assert packed.store.hub.counts(b.STRANGER, NOON, TYPICAL) == HubCounts(0, 0, 0, 0, 0)


def air(step: AirStep, number: str = "999-12345675", reference: str = "", when: When = b.NOON) -> dict[str, Any]:
    leg = AirLeg(step, consignment=reference, waybill=parse_waybill(number), flight="ZZ6901", uld="PMC12345ZZ")
    lots: list[LotRef] = [b.PACKED_LOT]
    return b.sealed(air_step(b.HUB, lots, leg, when, Spot(int(b.HUB))), b.HUB)


def test_the_air_leg_belongs_to_the_consignment_that_it_names(packed: World) -> None:
    packed.record(
        ship(11), receive(11), air(AirStep.SCREENING), air(AirStep.SCREENING, "999-00000011", b.sscc(31)),
        air(AirStep.BUILD_UP, when=NIGHT),
    )  # fmt: skip
    by_waybill = consignment_id(b.HUB, transaction_urn(b.HUB, "999-12345675"))
    assert packed.store.hub.air_legs(b.HUB, NOON, 10) == [by_waybill, sent(31, b.HUB)]
    assert packed.store.hub.air_legs(b.HUB, NOON + HOUR, 10) == [by_waybill]
    assert packed.store.hub.air_legs(b.BUYER, 0, 10) == []
    events = packed.store.hub.events_about(by_waybill)
    assert [event.body["silkroot:airLeg"]["step"] for event in events] == ["screening", "build-up"]
    assert packed.store.hub.sight(by_waybill, TYPICAL) is None


def test_the_last_sequence_number_grows_with_what_is_recorded(packed: World) -> None:
    before = packed.store.hub.last_sequence()
    packed.record(ship(11))
    assert packed.store.hub.last_sequence() == before + 1


@pytest.mark.parametrize(
    ("member", "value", "rule"),
    [
        ("silkroot:airLeg", {"step": "boarding"}, "air.step"),
        ("silkroot:airLeg", {"step": "loaded", "waybill": "999-12345670"}, "air.waybill.check-digit"),
        ("silkroot:expectedArrival", "tomorrow", "silkroot.time"),
    ],
)
def test_what_nobody_can_read_is_not_recorded(packed: World, member: str, value: object, rule: str) -> None:
    before = packed.store.hub.last_sequence()
    assert packed.refusal(ship(11, extra={member: value})) == [rule]
    assert packed.store.hub.last_sequence() == before


def test_a_settled_variance_is_none_any_more(packed: World) -> None:
    short = b.partial_receipt(
        party=b.HUB, shipper=b.PACKING_HOUSE, reference=b.sscc(11), where=b.HUB_DOOR, return_ref="",
        arrivals=[Arrival(b.PACKED_LOT, 90_000, 0, 0, 10_000)],
    )  # fmt: skip
    packed.record(ship(11), short)
    lines = [Settled(b.PACKED_LOT, loss=10_000)]
    notice = b.notice(
        party=b.HUB, shipper=b.PACKING_HOUSE, receiver=b.HUB, reference=b.sscc(11), lots=[b.PACKED_LOT],
        about="write-off",
    )  # fmt: skip
    packed.record(notice)
    packed.clock.time += 73 * 3600
    alone = b.settlement(
        party=b.HUB, shipper=b.PACKING_HOUSE, receiver=b.HUB, reference=b.sscc(11), lines=lines, alone=True
    )
    packed.record(alone)
    assert packed.store.hub.variances(b.HUB, TYPICAL, None, 10) == []


def test_a_check_of_the_store_finds_what_is_wrong_about_consignments(packed: World) -> None:
    packed.record(ship(11), receive(11))
    assert packed.fsck() == []
    packed.sql("UPDATE consignment_events SET due_time = 7 WHERE kind = 'shipment' AND consignment = ?", sent(11))
    (found,) = packed.fsck()
    assert "consignment" in str(found)
