"""
Serials of single labels, and when what was seen of one means that it was copied; no I/O.

A serial (AI 21) is 85 random bits in 17 characters of Crockford's base 32, which GS1 character set 82 holds: nobody
guesses one. Kept is only its SHA-256 together with the lot: who reads the database cannot print labels from it.

Scans are counted by label, day and city; a day is one of China's, which has one time. A city that nobody knows is "".
Three things raise an alarm (`copied`), each by a number of `ScanRule`: places, frequency, and time after the sale.
Distance is no rule: fruit flies 3,300 km in an afternoon. More scans never take an alarm away.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from ledger.domain.identifiers import LotId

SERIAL_BITS = 85
SERIAL_LENGTH = 17
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_DOMAIN = b"silkroot-serial-1\n"

SerialHash = NewType("SerialHash", bytes)
"""SHA-256 of a lot and one of its serials; 32 bytes."""
Day = NewType("Day", int)
"""A day in China, as `datetime.date.toordinal` counts them."""

UNISSUED = SerialHash(bytes(32))
"""Stands for all serials of a lot that nobody issued: what a scan invents is never stored."""
CHINA_SECONDS = 8 * 3600
_EPOCH_DAY = 719_163


@dataclass(frozen=True, slots=True)
class Scan:
    """How often a label was scanned on a day in a city; `city` is a name of `ledger.domain.cities`, or ""."""

    day: Day
    city: str
    count: int


@dataclass(frozen=True, slots=True)
class Sale:
    """When a case was sold, and in which city, "" where nobody said. `of_lot`: known only since the lot is sold out."""

    day: Day
    city: str = ""
    of_lot: bool = False


@dataclass(frozen=True, slots=True)
class ScanRule:
    """
    What one label may see before it is called copied: scans on a day and in all, cities on a day and in all, days and
    further cities after its sale, days after its lot was sold out (to a shop, say, that has yet to sell it).
    """

    a_day: int = 40
    in_all: int = 200
    cities_a_day: int = 2
    cities_in_all: int = 5
    days_after_sale: int = 21
    cities_after_sale: int = 1
    days_after_sold_out: int = 60


class Sign(StrEnum):
    """What tells a copy: too many places, too many scans, seen too long or too far away after the sale."""

    PLACES = "places"
    OFTEN = "often"
    SOLD = "sold"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One sign, with the day on which it was first over the limit, and how many cities or scans there were then."""

    sign: Sign
    day: Day
    count: int


@dataclass(frozen=True, slots=True)
class IssuedSerial:
    """A serial that was issued: its hash, its number among the labels of the lot (from 1), when, and its sale."""

    hash: SerialHash
    number: int
    made_at: int
    sold: Sale | None = None


def serial_text(bits: int) -> str:
    """The serial that these 85 bits make, 17 characters."""
    if not 0 <= bits < 1 << SERIAL_BITS:
        raise ValueError(f"a serial has {SERIAL_BITS} bits")
    return "".join(_ALPHABET[bits >> shift & 31] for shift in range(SERIAL_BITS - 5, -1, -5))


def serial_hash(lot: LotId, serial: str) -> SerialHash:
    """What of a serial is kept."""
    return SerialHash(hashlib.sha256(_DOMAIN + lot + serial.encode()).digest())


def day_of(seconds: float) -> Day:
    """The day in China at that time (Unix seconds)."""
    return Day(int(seconds + CHINA_SECONDS) // 86_400 + _EPOCH_DAY)


DEFAULT_RULE = ScanRule()


def copied(scans: Iterable[Scan], sale: Sale | None = None, rule: ScanRule = DEFAULT_RULE) -> tuple[Alarm, ...]:
    """Why these scans of one label mean that it was copied; nothing where they do not."""
    by_day: defaultdict[Day, Counter[str]] = defaultdict(Counter)
    for scan in scans:
        if scan.count > 0:
            by_day[scan.day][scan.city] += scan.count
    alarms = (_places(by_day, rule), _often(by_day, rule), _sold(by_day, sale, rule))
    return tuple(alarm for alarm in alarms if alarm is not None)


_Days = dict[Day, Counter[str]]


def _places(by_day: _Days, rule: ScanRule) -> Alarm | None:
    seen: set[str] = set()
    for day in sorted(by_day):
        here = {city for city in by_day[day] if city}
        seen |= here
        if len(here) > rule.cities_a_day or len(seen) > rule.cities_in_all:
            return Alarm(Sign.PLACES, day, len(here) if len(here) > rule.cities_a_day else len(seen))
    return None


def _often(by_day: _Days, rule: ScanRule) -> Alarm | None:
    whole = 0
    for day in sorted(by_day):
        today = by_day[day].total()
        whole += today
        if today > rule.a_day or whole > rule.in_all:
            return Alarm(Sign.OFTEN, day, today if today > rule.a_day else whole)
    return None


def _sold(by_day: _Days, sale: Sale | None, rule: ScanRule) -> Alarm | None:
    if sale is None:
        return None
    last = sale.day + (rule.days_after_sold_out if sale.of_lot else rule.days_after_sale)
    elsewhere: set[str] = set()
    scans = 0
    for day in sorted(day for day in by_day if day > sale.day):
        elsewhere |= {city for city in by_day[day] if city and city != sale.city}
        scans += by_day[day].total()
        # The city of the buyer's kitchen is one more than that of the sale; where that is unknown it may be two.
        allowed = rule.cities_after_sale + (not sale.city)
        if day > last or (len(elsewhere) > allowed and not sale.of_lot):
            return Alarm(Sign.SOLD, day, scans)
    return None
