"""
What a hub's pages say, in plain words: lists, states of consignments, steps of the air leg, spans of time. Msgids.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from api.localization import CHINA_TIME, N_, Words, isolated
from api.views.climate_words import duration
from ledger.domain.actions import (
    Action,
    Notice,
    PartialReceipt,
    Receipt,
    Settlement,
    Shipment,
    Void,
)
from ledger.domain.air_journey import Portion, Stage
from ledger.domain.air_leg import AirLeg, AirStep
from ledger.domain.records import ConsignmentState

LISTS = {
    "expected": (N_("Expected"), N_("On its way to you, and not late.")),
    "overdue": (N_("Overdue"), N_("Should have come by now. Nobody has signed for it.")),
    "here": (
        N_("Here"),
        N_("What you hold, and since when it has been here: what came first is taken to have left first."),
    ),
    "leaving": (N_("Leaving"), N_("You sent it; nobody has signed for it yet.")),
    "alarms": (N_("Too warm or cold"), N_("Readings outside the limits that nobody has inspected since.")),
    "variances": (N_("Missing"), N_("Less arrived than was sent, and nobody has answered for it yet.")),
}
"""The lists of the first page: name and what stands in it."""
EMPTY = {
    "expected": N_("Nothing is on its way to you."),
    "overdue": N_("Nothing is late."),
    "here": N_("You hold nothing just now."),
    "leaving": N_("Nothing of yours is under way."),
    "alarms": N_("No reading is outside its limits."),
    "variances": N_("Nothing is missing."),
}
STATES = {
    ConsignmentState.IN_TRANSIT: N_("On its way"),
    ConsignmentState.RECEIVED: N_("Received"),
    ConsignmentState.VOID_ANNOUNCED: N_("The sender will take it back"),
    ConsignmentState.VARIANCE: N_("Something is missing"),
    ConsignmentState.WRITE_OFF_ANNOUNCED: N_("What is missing will be written off"),
    ConsignmentState.SETTLED: N_("Settled"),
    ConsignmentState.VOIDED: N_("Taken back"),
}
DEEDS: dict[type, str] = {
    Shipment: N_("Sent"),
    Receipt: N_("Received in full"),
    PartialReceipt: N_("Received in part"),
    Settlement: N_("Settled what was missing"),
    Notice: N_("Announced"),
    Void: N_("Taken back from the road"),
}
STEPS = {
    AirStep.SCREENING: N_("Security screening passed"),
    AirStep.BUILD_UP: N_("Built up"),
    AirStep.LOADED: N_("Loaded"),
    AirStep.OFF_LOADED: N_("Off-loaded"),
    AirStep.REBOOKED: N_("Rebooked"),
    AirStep.BROKEN_DOWN: N_("Broken down at destination"),
}
"""What was done, as a step says it."""
FAILED_SCREENING = N_("Security screening not passed")
PART_OFF = N_("Off-loaded in part")
BUTTONS = {
    AirStep.SCREENING: N_("Screening passed"),
    AirStep.BUILD_UP: N_("Built up"),
    AirStep.LOADED: N_("Loaded"),
    AirStep.OFF_LOADED: N_("Off-loaded …"),
    AirStep.REBOOKED: N_("Rebook …"),
    AirStep.BROKEN_DOWN: N_("Broken down"),
}
"""What a button says that states the step; one with dots asks for more first."""
STAGES = {
    Stage.GROUND: N_("On the ground"),
    Stage.ABOARD: N_("Aboard"),
    Stage.OFF_LOADED: N_("Off-loaded, waits for a flight"),
    Stage.ARRIVED: N_("Arrived"),
}
STAGE_TONES = {Stage.GROUND: "plain", Stage.ABOARD: "wait", Stage.OFF_LOADED: "warn", Stage.ARRIVED: "good"}
_MINUTE, _HOUR, _DAY = 60_000_000, 3_600_000_000, 86_400_000_000


def moment(microseconds: int, speak: Words) -> str:
    """A time in China's zone."""
    return speak.minute(datetime.fromtimestamp(microseconds // 1_000_000, CHINA_TIME))


def span(microseconds: int, speak: Words) -> str:
    """How long, as one looks at a dock: minutes below two hours, hours below two days, else days and hours."""
    if microseconds < 2 * _HOUR:
        return duration(max(microseconds, 0) // _MINUTE, speak)
    if microseconds < 2 * _DAY:
        return speak(N_("%(hours)s h"), hours=speak.number(microseconds // _HOUR))
    days, rest = divmod(microseconds, _DAY)
    return speak(N_("%(days)s d %(hours)s h"), days=speak.number(days), hours=rest // _HOUR)


def deed_words(action: Action, leg: AirLeg | None, speak: Words) -> str:
    """What was done to a consignment in one event."""
    if leg is not None:
        return step_words(leg, speak)
    return speak(DEEDS.get(type(action), N_("Stated")))


def step_words(leg: AirLeg, speak: Words) -> str:
    """What a step of the air leg says, with how much came off where it was a part."""
    if leg.has_failed:
        return speak(FAILED_SCREENING)
    if leg.step is AirStep.OFF_LOADED and not leg.is_whole:
        return speak(PART_OFF) + amount_words(leg.pieces, leg.grams, speak, before=": ")
    return speak(STEPS[leg.step])


def amount_words(pieces: int | None, grams: int | None, speak: Words, before: str = "") -> str:
    """Pieces and mass, as far as they were stated; "" where neither was."""
    parts = []
    if pieces is not None:
        parts.append(speak.ngettext("%(count)s piece", "%(count)s pieces", pieces))
    if grams is not None:
        parts.append(speak.kilograms(grams))
    return before + speak.joined(parts) if parts else ""


def flight_words(flight: str, day: str, speak: Words) -> tuple[str, ...]:
    """The flight and its day, as far as they are known."""
    if not flight or not day:
        return (flight,) if flight else ()
    return flight, speak.date(datetime.fromisoformat(day))


def portion_words(portion: Portion, speak: Words) -> str:
    """What a portion is: device, flight, pieces and mass."""
    flight = flight_words(portion.flight, portion.day, speak)
    return dotted((portion.uld, *flight, amount_words(portion.pieces, portion.grams, speak)), speak)


def dotted(parts: Iterable[str], speak: Words) -> str:
    """
    What is not empty of these, side by side; where lines run from right to left each keeps its own direction. Nothing
    in it says then which way the whole runs: a page states that, in `<bdi dir>`.
    """
    there = [part for part in parts if part]
    return " · ".join(isolated(part) for part in there) if speak.direction == "rtl" else " · ".join(there)
