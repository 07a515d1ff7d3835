"""
The air leg in a hub's words: air waybill, flight, unit load device, and the member `silkroot:airLeg`; no I/O.

Air waybill: IATA Resolution 600a, three digits of the airline and eight of the shipment, of which the last is the first
seven modulo 7. Flight: two characters of the airline, one to four digits, perhaps a letter. Unit load device: three
characters of its type, four or five digits, two characters of its owner (IATA ULD Regulations, section 3). What an
airline did is declared by the hub: the airline signs nothing. Raises `InvalidEvent`; never repairs a number.

>>> str(parse_waybill("99912345675"))
'999-12345675'
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from ledger.domain.errors import InvalidEvent
from ledger.domain.own_members import own_member
from ledger.domain.own_values import grams_at, object_at
from ledger.domain.records import JsonTree

MEMBER = "airLeg"
MOST_PIECES = 99_999
PASSED, FAILED = "passed", "failed"
_DIGITS = re.compile(r"([0-9]{3})[ -]?([0-9]{8})\Z")
_FLIGHT = re.compile(r"([A-Z][A-Z0-9]|[0-9][A-Z])[0-9]{1,4}[A-Z]?\Z")
_ULD = re.compile(r"[A-Z][A-Z0-9][A-Z][0-9]{4,5}[A-Z0-9]{2}\Z")
_AIRLINE = re.compile(r"([A-Z][A-Z0-9]|[0-9][A-Z])\Z")
_AIRPORT = re.compile(r"[A-Z]{3}\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_LONGEST_REFERENCE = 200


class AirStep(StrEnum):
    """What is done with goods that fly, in the usual order."""

    SCREENING = "screening"
    BUILD_UP = "build-up"
    LOADED = "loaded"
    OFF_LOADED = "off-loaded"
    REBOOKED = "rebooked"
    BROKEN_DOWN = "broken-down"


@dataclass(frozen=True, slots=True)
class AirWaybill:
    """The number of an air waybill: the airline's `prefix`, three digits, and the `serial`, seven digits."""

    prefix: str
    serial: str

    @property
    def check(self) -> int:
        """The eighth digit of the shipment's number: the serial modulo 7, so never 7, 8 or 9."""
        return int(self.serial) % 7

    def __str__(self) -> str:
        return f"{self.prefix}-{self.serial}{self.check}"


@dataclass(frozen=True, slots=True)
class AirLeg:
    """
    One step as an event states it; "" and None where it states nothing. `origin` and `destination` are airports of
    IATA, `day` is the flight's (YYYY-MM-DD). `pieces` and `grams` of an off-loading are what came off; without them all
    did. `consignment`: the reference that the hub hands the goods over under.
    """

    step: AirStep
    consignment: str = ""
    waybill: AirWaybill | None = None
    airline: str = ""
    flight: str = ""
    day: str = ""
    origin: str = ""
    destination: str = ""
    uld: str = ""
    pieces: int | None = None
    grams: int | None = None
    result: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether the step is about all that it could be about."""
        return self.pieces is None and self.grams is None

    @property
    def has_failed(self) -> bool:
        """Whether a screening found what must not fly."""
        return self.step is AirStep.SCREENING and self.result == FAILED


def parse_waybill(text: object, pointer: str = "waybill") -> AirWaybill:
    """Eleven digits, with a hyphen or a space behind the third or without."""
    match = _DIGITS.match(text) if isinstance(text, str) else None
    if match is None:
        message = "an air waybill has eleven digits, like 999-12345675"
        raise InvalidEvent.one(pointer, "air.waybill.form", text, message)
    waybill = AirWaybill(match[1], match[2][:7])
    if int(match[2][7]) != waybill.check:
        message = f"the last digit of this air waybill should be {waybill.check}, not {match[2][7]}"
        raise InvalidEvent.one(pointer, "air.waybill.check-digit", text, message)
    return waybill


def air_leg_of(event: JsonTree) -> AirLeg | None:
    """The step that the event states; None where it states none. `InvalidEvent` for a member not well formed."""
    found = own_member(event, MEMBER)
    return None if found is None else air_leg_at(*found)


def names_an_air_leg(event: JsonTree) -> bool:
    """Whether any member may be one of ours; a quick look that spares most events the slow one."""
    return MEMBER in "".join(event)


def air_leg_at(pointer: str, value: object) -> AirLeg:
    """The member's value as an `AirLeg`. Members that are not listed in docs/events.md are passed over."""
    member = object_at(pointer, value)
    step = _step(f"{pointer}/step", member.get("step"))
    read = _Members(pointer, member)
    waybill = member.get("waybill")
    grams = member.get("grams")
    return AirLeg(
        step,
        consignment=read.text("consignment"),
        waybill=None if waybill is None else parse_waybill(waybill, f"{pointer}/waybill"),
        airline=read.fitting("airline", _AIRLINE, "air.airline", "an airline has two characters, like ZZ"),
        flight=read.fitting("flight", _FLIGHT, "air.flight", "a flight is like ZZ6901"),
        day=_day(f"{pointer}/date", member.get("date")),
        origin=read.fitting("from", _AIRPORT, "air.airport", "an airport has three letters, like URC"),
        destination=read.fitting("to", _AIRPORT, "air.airport", "an airport has three letters, like URC"),
        uld=read.fitting("uld", _ULD, "air.uld", "a container or pallet is like PMC12345ZZ"),
        pieces=_pieces(f"{pointer}/pieces", member.get("pieces")),
        grams=None if grams is None else grams_at(f"{pointer}/grams", grams),
        result=_result(f"{pointer}/result", member.get("result"), step),
    )


def air_leg_member(leg: AirLeg) -> JsonTree:
    """The member's value; `air_leg_at` reads it back."""
    stated: JsonTree = {
        "step": leg.step.value,
        "consignment": leg.consignment,
        "waybill": "" if leg.waybill is None else str(leg.waybill),
        "airline": leg.airline,
        "flight": leg.flight,
        "date": leg.day,
        "from": leg.origin,
        "to": leg.destination,
        "uld": leg.uld,
        "pieces": leg.pieces,
        "grams": leg.grams,
        "result": leg.result,
    }
    return {name: value for name, value in stated.items() if value not in ("", None)}


@dataclass(frozen=True, slots=True)
class _Members:
    pointer: str
    member: JsonTree

    def text(self, name: str) -> str:
        value = self.member.get(name, "")
        if not isinstance(value, str) or len(value) > _LONGEST_REFERENCE:
            message = f"a text of at most {_LONGEST_REFERENCE} characters is needed"
            raise InvalidEvent.one(f"{self.pointer}/{name}", "air.reference", value, message)
        return value

    def fitting(self, name: str, form: re.Pattern[str], rule: str, message: str) -> str:
        value: Any = self.member.get(name)
        if value is None:
            return ""
        if not isinstance(value, str) or not form.match(value):
            raise InvalidEvent.one(f"{self.pointer}/{name}", rule, value, message)
        return value


def _step(pointer: str, value: object) -> AirStep:
    try:
        return AirStep(value)  # type: ignore[arg-type]
    except ValueError:
        message = f"one of {', '.join(AirStep)} is needed"
        raise InvalidEvent.one(pointer, "air.step", value, message) from None


def _day(pointer: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str) and _DAY.match(value):
        try:
            date.fromisoformat(value)
        except ValueError:
            pass  # No such day: said below.
        else:
            return value
    raise InvalidEvent.one(pointer, "air.date", value, "the day of a flight is like 2026-08-05")


def _pieces(pointer: str, value: object) -> int | None:
    if value is None:
        return None
    if type(value) is not int or not 1 <= value <= MOST_PIECES:
        raise InvalidEvent.one(pointer, "air.pieces", value, f"pieces are a whole number from 1 to {MOST_PIECES}")
    return value


def _result(pointer: str, value: object, step: AirStep) -> str:
    if value is None:
        return ""
    if step is not AirStep.SCREENING or value not in (PASSED, FAILED):
        message = f"a screening says {PASSED} or {FAILED}; nothing else has a result"
        raise InvalidEvent.one(pointer, "air.result", value, message)
    return str(value)
