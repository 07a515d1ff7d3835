"""How far goods that fly are: what may follow, what is refused, what is told all the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.air_journey import AirJourney, Stage, advance, journey_of
from ledger.domain.air_leg import AirLeg, AirStep, parse_waybill
from ledger.domain.errors import Refused

AWB = parse_waybill("999-12345675")
SCREENED = AirLeg(AirStep.SCREENING, waybill=AWB, flight="ZZ6901", day="2026-08-05", result="passed")
BUILT = AirLeg(AirStep.BUILD_UP, uld="PMC12345ZZ", pieces=40, grams=800_000)
LOADED = AirLeg(AirStep.LOADED, flight="ZZ6901", day="2026-08-05", uld="PMC12345ZZ")
OFF = AirLeg(AirStep.OFF_LOADED)
PART_OFF = AirLeg(AirStep.OFF_LOADED, pieces=10, grams=200_000)
REBOOKED = AirLeg(AirStep.REBOOKED, flight="ZZ6875", day="2026-08-06")
DOWN = AirLeg(AirStep.BROKEN_DOWN)


def after(*legs: AirLeg) -> AirJourney:
    journey = AirJourney()
    for leg in legs:
        journey = advance(journey, leg)
    return journey


def refusal(*legs: AirLeg) -> tuple[str, str, str]:
    *before, last = legs
    journey = after(*before)
    with pytest.raises(Refused) as refused:
        advance(journey, last)
    (violation,) = refused.value.violations
    return violation.field, violation.rule, violation.value


def test_the_usual_way() -> None:
    journey = after(SCREENED, BUILT, LOADED)
    (portion,) = journey.portions
    assert (portion.stage, portion.flight, portion.uld, portion.pieces, portion.grams) == (
        Stage.ABOARD, "ZZ6901", "PMC12345ZZ", 40, 800_000,
    )  # fmt: skip
    assert journey.waybill == AWB
    assert after(SCREENED, BUILT, LOADED, DOWN).is_over


def test_built_up_first_and_screened_then() -> None:
    assert after(BUILT, SCREENED, LOADED).portions[0].stage is Stage.ABOARD


def test_an_off_loaded_pallet_is_rebooked_and_flies() -> None:
    off = after(SCREENED, BUILT, LOADED, OFF)
    assert off.next_steps == (AirStep.REBOOKED,)
    again = advance(off, REBOOKED)
    (portion,) = again.portions
    assert (portion.stage, portion.flight, portion.day, portion.uld) == (
        Stage.GROUND, "ZZ6875", "2026-08-06", "PMC12345ZZ",
    )  # fmt: skip
    assert again.next_steps[0] is AirStep.LOADED
    assert advance(again, AirLeg(AirStep.LOADED, flight="ZZ6875", day="2026-08-06")).portions[0].stage is Stage.ABOARD


def test_a_part_that_is_left_behind_goes_its_own_way() -> None:
    journey = after(SCREENED, BUILT, LOADED, PART_OFF)
    stays, off = journey.portions
    assert (stays.stage, stays.pieces, stays.grams) == (Stage.ABOARD, 30, 600_000)
    assert (off.stage, off.pieces, off.grams, off.uld) == (Stage.OFF_LOADED, 10, 200_000, "")
    journey = advance(journey, REBOOKED)
    assert journey.portions[1].flight == "ZZ6875"
    assert journey.portions[0].flight == "ZZ6901"
    # On the ground it is loose: it is built up again before it is loaded.
    assert AirStep.BUILD_UP in journey.portions[1].next_steps
    assert AirStep.LOADED not in journey.portions[1].next_steps
    journey = advance(journey, AirLeg(AirStep.BUILD_UP, uld="AKE12345ZZ"))
    journey = advance(journey, AirLeg(AirStep.LOADED, flight="ZZ6875", uld="AKE12345ZZ"))
    journey = advance(journey, AirLeg(AirStep.BROKEN_DOWN, uld="PMC12345ZZ"))
    assert [one.stage for one in journey.portions] == [Stage.ARRIVED, Stage.ABOARD]
    assert advance(journey, DOWN).is_over


def test_all_pieces_are_the_whole() -> None:
    journey = after(SCREENED, BUILT, LOADED, AirLeg(AirStep.OFF_LOADED, pieces=40, grams=800_000))
    (portion,) = journey.portions
    assert portion.stage is Stage.OFF_LOADED


def test_another_device_is_built_up_again() -> None:
    rebooked = AirLeg(AirStep.REBOOKED, flight="ZZ6875", day="2026-08-06", uld="AKE12345ZZ")
    assert after(SCREENED, BUILT, LOADED, OFF, rebooked).next_steps[0] is AirStep.BUILD_UP


def test_a_failed_screening_stops_the_goods() -> None:
    failed = AirLeg(AirStep.SCREENING, result="failed")
    assert after(BUILT, failed).next_steps == (AirStep.SCREENING,)
    assert refusal(BUILT, failed, LOADED)[1] == "air.order"
    assert after(BUILT, failed, SCREENED, LOADED).portions[0].stage is Stage.ABOARD


def test_what_cannot_follow_is_refused() -> None:
    order = ("/silkroot:airLeg/step", "air.order")
    assert refusal(LOADED) == (*order, "loaded")
    assert refusal(BUILT, LOADED) == (*order, "loaded")
    assert refusal(SCREENED, LOADED) == (*order, "loaded")
    assert refusal(SCREENED, BUILT, OFF) == (*order, "off-loaded")
    assert refusal(SCREENED, BUILT, LOADED, REBOOKED) == (*order, "rebooked")
    assert refusal(SCREENED, BUILT, LOADED, OFF, LOADED) == (*order, "loaded")
    assert refusal(SCREENED, BUILT, LOADED, DOWN, OFF) == (*order, "off-loaded")
    assert refusal(DOWN) == (*order, "broken-down")


def test_what_does_not_fit_the_booking_is_refused() -> None:
    other = AirLeg(AirStep.LOADED, flight="ZZ6875", day="2026-08-05")
    assert refusal(SCREENED, BUILT, other) == (
        "/silkroot:airLeg/flight", "air.other-flight", "ZZ6875 2026-08-05",
    )  # fmt: skip
    same = AirLeg(AirStep.REBOOKED, flight="ZZ6901", day="2026-08-05")
    assert refusal(SCREENED, BUILT, LOADED, OFF, same)[1] == "air.same-flight"
    assert refusal(SCREENED, BUILT, LOADED, OFF, AirLeg(AirStep.REBOOKED))[1] == "air.flight"
    more = AirLeg(AirStep.OFF_LOADED, pieces=41)
    assert refusal(SCREENED, BUILT, LOADED, more) == ("/silkroot:airLeg/pieces", "air.more-than-aboard", "41")
    heavier = AirLeg(AirStep.OFF_LOADED, pieces=1, grams=800_001)
    assert refusal(SCREENED, BUILT, LOADED, heavier)[:2] == ("/silkroot:airLeg/grams", "air.more-than-aboard")
    nothing = AirLeg(AirStep.OFF_LOADED, pieces=1, grams=0)
    assert refusal(SCREENED, BUILT, LOADED, nothing)[:2] == ("/silkroot:airLeg/grams", "air.more-than-aboard")
    foreign = AirLeg(AirStep.BUILD_UP, waybill=parse_waybill("999-00000011"))
    assert refusal(SCREENED, foreign)[:2] == ("/silkroot:airLeg/waybill", "air.other-waybill")


def test_the_next_day_is_another_flight() -> None:
    tomorrow = AirLeg(AirStep.REBOOKED, flight="ZZ6901", day="2026-08-06")
    assert after(SCREENED, BUILT, LOADED, OFF, tomorrow).portions[0].day == "2026-08-06"


def test_what_was_signed_out_of_order_is_told_and_counts() -> None:
    journey = journey_of([LOADED, DOWN])
    assert journey.is_over
    assert [(one.rule, one.value) for one in journey.oddities] == [("air.order", "loaded")]


steps = st.builds(
    AirLeg,
    step=st.sampled_from(list(AirStep)),
    flight=st.sampled_from(["", "ZZ1", "ZZ2"]),
    day=st.sampled_from(["", "2026-08-05", "2026-08-06"]),
    uld=st.sampled_from(["", "PMC12345ZZ", "AKE12345ZZ"]),
    pieces=st.none() | st.integers(1, 50),
    grams=st.none() | st.integers(0, 1_000),
)


@given(st.lists(steps, max_size=12))
def test_every_history_can_be_told_and_the_two_readings_agree(history: list[AirLeg]) -> None:
    """What `advance` takes, `journey_of` takes without an oddity, and the other way round."""
    so_far: list[AirLeg] = []
    journey = AirJourney()
    for leg in history:
        told = journey_of([*so_far, leg])
        if told.oddities:
            with pytest.raises(Refused) as refused:
                advance(journey, leg)
            assert refused.value.violations == told.oddities
            continue
        so_far.append(leg)
        journey = advance(journey, leg)
        assert told == journey
    journey_of(history)


@given(st.lists(steps, max_size=12))
def test_no_piece_is_lost_or_made_by_coming_apart(history: list[AirLeg]) -> None:
    journey = after(SCREENED, BUILT, LOADED)
    for leg in history:
        if leg.step in (AirStep.SCREENING, AirStep.BUILD_UP, AirStep.LOADED):
            continue  # They may state other numbers.
        if leg.step is AirStep.OFF_LOADED and (leg.pieces is None) != (leg.grams is None):
            continue
        try:
            journey = advance(journey, leg)
        except Refused:
            continue
    assert sum(one.pieces or 0 for one in journey.portions) == 40
    assert sum(one.grams or 0 for one in journey.portions) == 800_000
