"""
How far goods that fly are, made from the steps that were stated about them; pure, no I/O.

Goods of a consignment are one portion until a part of them is left behind. A portion is on the ground, aboard,
off-loaded or arrived; on the ground it is screened and built up before it is loaded, in either order. `advance` refuses
a step that cannot follow, for whoever is about to sign one. `journey_of` takes what was signed as it was: what airlines
do is declared, late and in pieces, so that a step out of order is applied all the same and told as one.

Raises `Refused` with the field of the step, the rule and the value.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from ledger.domain.air_leg import AirLeg, AirStep, AirWaybill
from ledger.domain.errors import Refused, Violation, shorten


class Stage(StrEnum):
    """Where a portion is."""

    GROUND = "ground"
    ABOARD = "aboard"
    OFF_LOADED = "off-loaded"
    ARRIVED = "arrived"


@dataclass(frozen=True, slots=True)
class Portion:
    """Goods that are together: `pieces` and `grams` as far as they were stated, and the flight they are booked on."""

    stage: Stage = Stage.GROUND
    uld: str = ""
    flight: str = ""
    day: str = ""
    pieces: int | None = None
    grams: int | None = None
    is_screened: bool = False
    is_built: bool = False
    has_failed: bool = False

    @property
    def next_steps(self) -> tuple[AirStep, ...]:
        """What may be stated next, the likeliest first."""
        match self.stage:
            case Stage.ABOARD:
                return (AirStep.BROKEN_DOWN, AirStep.OFF_LOADED)
            case Stage.OFF_LOADED:
                return (AirStep.REBOOKED,)
            case Stage.ARRIVED:
                return ()
        if self.has_failed:
            return (AirStep.SCREENING,)
        asked = (
            (AirStep.SCREENING, not self.is_screened),
            (AirStep.BUILD_UP, not self.is_built),
            (AirStep.LOADED, self.is_screened and self.is_built),
            (AirStep.REBOOKED, bool(self.flight)),
        )
        return tuple(step for step, may_be in asked if may_be)


@dataclass(frozen=True, slots=True)
class AirJourney:
    """All portions in the order in which they came apart; `oddities`: what was stated out of order, if anything."""

    portions: tuple[Portion, ...] = (Portion(),)
    waybill: AirWaybill | None = None
    origin: str = ""
    destination: str = ""
    oddities: tuple[Violation, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether all of it was broken down at its destination."""
        return all(portion.stage is Stage.ARRIVED for portion in self.portions)

    @property
    def next_steps(self) -> tuple[AirStep, ...]:
        """What may be stated next of any portion."""
        return tuple(dict.fromkeys(step for portion in self.portions for step in portion.next_steps))


def journey_of(legs: Iterable[AirLeg]) -> AirJourney:
    """The journey after these steps, in their order; steps that could not follow are applied, and told as oddities."""
    journey = AirJourney()
    for leg in legs:
        place = _place_of(journey, leg)
        problem = _problem(journey, place, leg)
        journey = _applied(journey, place, leg)
        if problem is not None:
            journey = replace(journey, oddities=(*journey.oddities, problem))
    return journey


def advance(journey: AirJourney, leg: AirLeg) -> AirJourney:
    """The journey after one more step; `Refused` where it cannot follow."""
    place = _place_of(journey, leg)
    problem = _problem(journey, place, leg)
    if problem is not None:
        raise Refused([problem])
    return _applied(journey, place, leg)


def _place_of(journey: AirJourney, leg: AirLeg) -> int:
    """The portion that the step is about: one that it can follow, on that device and flight rather than another."""

    def fit(place: int) -> tuple[bool, bool, bool, int]:
        portion = journey.portions[place]
        return (
            leg.step in portion.next_steps,
            bool(leg.uld) and leg.uld == portion.uld,
            # A rebooking names the new flight.
            leg.step is not AirStep.REBOOKED and bool(leg.flight) and leg.flight == portion.flight,
            -place,
        )

    return max(range(len(journey.portions)), key=fit)


def _problem(journey: AirJourney, place: int, leg: AirLeg) -> Violation | None:
    """Why the step cannot follow; None where it can."""
    portion = journey.portions[place]
    if journey.waybill is not None and leg.waybill is not None and leg.waybill != journey.waybill:
        return _violation("waybill", "air.other-waybill", leg.waybill, f"these goods fly under {journey.waybill}")
    if leg.step not in portion.next_steps:
        # What one would have to say first depends on where the goods are.
        may_be = ", ".join(journey.next_steps) or "nothing any more"
        return _violation("step", "air.order", leg.step, f"what can follow now: {may_be}")
    if leg.step is AirStep.LOADED and leg.flight and portion.flight and not _is_booked_on(portion, leg):
        message = f"the goods are booked on {portion.flight} {portion.day}".rstrip() + "; rebook them first"
        return _violation("flight", "air.other-flight", f"{leg.flight} {leg.day}".rstrip(), message)
    if leg.step is AirStep.REBOOKED:
        if not leg.flight:
            return _violation("flight", "air.flight", leg.flight, "a rebooking names the new flight")
        if _is_booked_on(portion, leg):
            value = f"{leg.flight} {leg.day}".rstrip()
            return _violation("flight", "air.same-flight", value, "that is the flight that the goods were booked on")
    if leg.step is AirStep.OFF_LOADED:
        for name, part, whole in (
            ("pieces", leg.pieces, portion.pieces),
            ("grams", leg.grams, portion.grams),
        ):
            if part is not None and whole is not None and part > whole:
                return _violation(name, "air.more-than-aboard", part, f"only {whole} of it are aboard")
            if name == "grams" and part == 0:
                return _violation(name, "air.more-than-aboard", part, "at least one gram comes off")
    return None


def _applied(journey: AirJourney, place: int, leg: AirLeg) -> AirJourney:
    """The journey with the step, whatever was before."""
    before = journey.portions
    portion = before[place]
    portions = (*before[:place], *_after(portion, leg), *before[place + 1 :])
    return replace(
        journey,
        portions=portions,
        waybill=journey.waybill or leg.waybill,
        origin=journey.origin or leg.origin,
        destination=leg.destination or journey.destination,
    )


def _after(portion: Portion, leg: AirLeg) -> tuple[Portion, ...]:
    """What becomes of the portion: two of it where a part comes off."""
    match leg.step:
        case AirStep.SCREENING:
            told = _told(portion, leg)
            return (replace(told, is_screened=not leg.has_failed, has_failed=leg.has_failed),)
        case AirStep.BUILD_UP:
            return (replace(_told(portion, leg), is_built=True),)
        case AirStep.LOADED:
            return (replace(_told(portion, leg), stage=Stage.ABOARD, is_built=True),)
        case AirStep.OFF_LOADED:
            return _off_loaded(portion, leg)
        case AirStep.REBOOKED:
            uld = leg.uld or portion.uld
            # On another device it has to be built up again; on its own it stays as it is.
            is_built = portion.is_built and uld == portion.uld and portion.uld != ""
            return (replace(portion, stage=Stage.GROUND, flight=leg.flight, day=leg.day, uld=uld, is_built=is_built),)
        case AirStep.BROKEN_DOWN:
            return (replace(portion, stage=Stage.ARRIVED),)


def _off_loaded(portion: Portion, leg: AirLeg) -> tuple[Portion, ...]:
    takes_all = leg.is_whole or (
        leg.pieces in (None, portion.pieces) and leg.grams in (None, portion.grams) and portion.stage is Stage.ABOARD
    )
    if takes_all:
        return (replace(portion, stage=Stage.OFF_LOADED),)
    stays = replace(
        portion, pieces=_rest(portion.pieces, leg.pieces), grams=_rest(portion.grams, leg.grams), stage=Stage.ABOARD
    )
    # What came off a device is loose until it is built up again.
    off = replace(
        portion, stage=Stage.OFF_LOADED, uld="", is_built=False, pieces=leg.pieces, grams=leg.grams,
    )  # fmt: skip
    return (stays, off)


def _told(portion: Portion, leg: AirLeg) -> Portion:
    """The portion with what the step says anew of it."""
    return replace(
        portion,
        uld=leg.uld or portion.uld,
        flight=leg.flight or portion.flight,
        day=leg.day or portion.day,
        pieces=portion.pieces if leg.pieces is None else leg.pieces,
        grams=portion.grams if leg.grams is None else leg.grams,
    )


def _rest(whole: int | None, part: int | None) -> int | None:
    return None if whole is None or part is None else max(whole - part, 0)


def _is_booked_on(portion: Portion, leg: AirLeg) -> bool:
    return leg.flight == portion.flight and (not leg.day or not portion.day or leg.day == portion.day)


def _violation(name: str, rule: str, value: object, message: str) -> Violation:
    return Violation(f"/silkroot:airLeg/{name}", rule, shorten(str(value)), message)
