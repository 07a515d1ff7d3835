"""Air waybills, flights, unit load devices and the member that states them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.air_leg import (
    AirLeg,
    AirStep,
    AirWaybill,
    air_leg_at,
    air_leg_member,
    air_leg_of,
    names_an_air_leg,
    parse_waybill,
)
from ledger.domain.epcis import check_event
from ledger.domain.errors import InvalidEvent
from ledger.domain.event_forms import Spot, When
from ledger.domain.forms.air import BIZ_STEPS, air_step
from ledger.domain.identifiers import LotRef, PartyId, ProductId

digits = st.text("0123456789", min_size=7, max_size=7)
prefixes = st.text("0123456789", min_size=3, max_size=3)
waybills = st.builds(AirWaybill, prefixes, digits)
legs = st.builds(
    AirLeg,
    step=st.sampled_from([step for step in AirStep if step is not AirStep.SCREENING]),
    consignment=st.text("ABC-0123:", max_size=30),
    waybill=st.none() | waybills,
    airline=st.sampled_from(["", "ZZ", "3U", "G5"]),
    flight=st.sampled_from(["", "ZZ1", "ZZ6901", "3U8888A"]),
    day=st.dates().map(str) | st.just(""),
    origin=st.sampled_from(["", "URC"]),
    destination=st.sampled_from(["", "PEK", "CAN"]),
    uld=st.sampled_from(["", "PMC12345ZZ", "AKE1234ZZ", "P1P12345ZZ"]),
    pieces=st.none() | st.integers(1, 99_999),
    grams=st.none() | st.integers(0, 2**53 - 1),
)


def rule_of(value: object) -> tuple[str, str]:
    with pytest.raises(InvalidEvent) as refused:
        air_leg_at("/x", value)
    (violation,) = refused.value.violations
    return violation.field, violation.rule


@given(waybills)
def test_a_waybill_is_read_back_in_all_its_forms(waybill: AirWaybill) -> None:
    text = str(waybill)
    assert parse_waybill(text) == waybill
    assert parse_waybill(text.replace("-", "")) == waybill
    assert parse_waybill(text.replace("-", " ")) == waybill
    assert int(text[-1]) == int(text[4:11]) % 7


@given(waybills, st.integers(0, 9))
def test_any_other_last_digit_is_refused(waybill: AirWaybill, last: int) -> None:
    text = str(waybill)[:-1] + str(last)
    if last == waybill.check:
        assert parse_waybill(text) == waybill
        return
    with pytest.raises(InvalidEvent) as refused:
        parse_waybill(text, "/silkroot:airLeg/waybill")
    (violation,) = refused.value.violations
    assert (violation.field, violation.rule, violation.value) == (
        "/silkroot:airLeg/waybill", "air.waybill.check-digit", text,
    )  # fmt: skip
    assert f"should be {waybill.check}, not {last}" in violation.message


@given(waybills, st.integers(0, 6), st.integers(1, 9))
def test_one_wrong_digit_of_the_serial_is_found_unless_it_is_seven_off(
    waybill: AirWaybill, place: int, off: int
) -> None:
    old = int(waybill.serial[place])
    new = (old + off) % 10
    text = f"{waybill.prefix}-{waybill.serial[:place]}{new}{waybill.serial[place + 1 :]}{waybill.check}"
    if abs(new - old) == 7:
        parse_waybill(text)
        return
    with pytest.raises(InvalidEvent, match=r"air\.waybill\.check-digit"):
        parse_waybill(text)


@pytest.mark.parametrize(
    "text", ["", "999-1234567", "999-123456751", "9991-2345675", "٩٩٩-12345675", "abc-12345675", "999--12345675", 7]
)
def test_what_is_no_waybill_is_refused(text: object) -> None:
    with pytest.raises(InvalidEvent, match=r"air\.waybill\.form"):
        parse_waybill(text)


@given(legs)
def test_a_leg_is_read_back_as_it_was_written(leg: AirLeg) -> None:
    assert air_leg_at("/silkroot:airLeg", air_leg_member(leg)) == leg


@pytest.mark.parametrize(
    ("member", "field", "rule"),
    [
        ([], "/x", "silkroot.member"),
        ({}, "/x/step", "air.step"),
        ({"step": "boarding"}, "/x/step", "air.step"),
        ({"step": "loaded", "waybill": "999-12345670"}, "/x/waybill", "air.waybill.check-digit"),
        ({"step": "loaded", "airline": "Z"}, "/x/airline", "air.airline"),
        ({"step": "loaded", "airline": "11"}, "/x/airline", "air.airline"),
        ({"step": "loaded", "flight": "ZZ"}, "/x/flight", "air.flight"),
        ({"step": "loaded", "flight": "zz6901"}, "/x/flight", "air.flight"),
        ({"step": "loaded", "flight": "ZZ69011"}, "/x/flight", "air.flight"),
        ({"step": "loaded", "date": "2026-02-30"}, "/x/date", "air.date"),
        ({"step": "loaded", "date": "20260805"}, "/x/date", "air.date"),
        ({"step": "loaded", "from": "ZWWW"}, "/x/from", "air.airport"),
        ({"step": "loaded", "to": "pek"}, "/x/to", "air.airport"),
        ({"step": "loaded", "uld": "PMC123ZZ"}, "/x/uld", "air.uld"),
        ({"step": "loaded", "uld": "1MC12345ZZ"}, "/x/uld", "air.uld"),
        ({"step": "off-loaded", "pieces": 0}, "/x/pieces", "air.pieces"),
        ({"step": "off-loaded", "pieces": True}, "/x/pieces", "air.pieces"),
        ({"step": "off-loaded", "pieces": "12"}, "/x/pieces", "air.pieces"),
        ({"step": "off-loaded", "grams": -1}, "/x/grams", "silkroot.grams"),
        ({"step": "loaded", "result": "passed"}, "/x/result", "air.result"),
        ({"step": "screening", "result": "conformant"}, "/x/result", "air.result"),
        ({"step": "loaded", "consignment": 7}, "/x/consignment", "air.reference"),
    ],
)
def test_what_does_not_fit_is_named(member: object, field: str, rule: str) -> None:
    assert rule_of(member) == (field, rule)


@pytest.mark.parametrize("step", AirStep)
def test_the_form_of_every_step_is_a_good_event(step: AirStep) -> None:
    leg = AirLeg(step, consignment="WB-1", waybill=parse_waybill("999-12345675"), flight="ZZ6901", uld="PMC12345ZZ")
    lot = LotRef(ProductId(9521000000018), "A-1")
    event: dict[str, Any] = air_step(
        PartyId(9521000000025), [lot], leg, When("2026-08-05T12:00:00+08:00"), Spot(9521000000025)
    )
    check_event(event)
    assert names_an_air_leg(event)
    assert air_leg_of(event) == leg
    assert event["bizStep"] == BIZ_STEPS[step]


def test_a_screening_is_no_inspection_of_the_fruit() -> None:
    lot, when, where = LotRef(ProductId(9521000000018), "A-1"), When("2026-08-05T12:00:00+08:00"), Spot(9521000000025)
    for result, disposition in (("passed", "in_progress"), ("failed", "non_conformant"), ("", "in_progress")):
        leg = AirLeg(AirStep.SCREENING, result=result)
        assert air_step(PartyId(9521000000025), [lot], leg, when, where)["disposition"] == disposition


def test_an_event_without_the_member_states_no_step() -> None:
    assert air_leg_of({"type": "ObjectEvent"}) is None
    assert not names_an_air_leg({"type": "ObjectEvent", "silkroot:party": "1"})
