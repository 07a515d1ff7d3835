"""
What is told of temperature and humidity on a branch of a lot; values only, no I/O.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ledger.domain.identifiers import ContentHash, LotId, PartyId
from ledger.domain.sensors.limits import Limits
from ledger.domain.sensors.series import Excursion, Point, Summary
from ledger.domain.sensors.units import Kind


class Standing(StrEnum):
    """What a series comes to: `open` alone makes a verdict."""

    NO_LIMITS = "no-limits"
    WITHIN = "within"
    TOLERATED = "tolerated"
    INSPECTED = "inspected"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Series:
    """
    What one party signed of one device about a lot on the way to a holder. `device` is "" where none is named; `limits`
    are the lot's and None for humidity; `events` in the order of recording.
    """

    lot: LotId
    party: PartyId
    device: str
    kind: Kind
    limits: Limits | None
    points: tuple[Point, ...]
    summary: Summary
    standing: Standing
    events: tuple[ContentHash, ...]


@dataclass(frozen=True, slots=True)
class Climate:
    """
    All series of a branch: the lot's own, then those of lots that went into it. `limits` are the lot's own. The
    properties tell of the lot's own temperatures.
    """

    lot: LotId
    limits: Limits | None
    series: tuple[Series, ...] = ()

    @property
    def own(self) -> tuple[Series, ...]:
        """The series of the lot's own temperatures."""
        return tuple(one for one in self.series if one.lot == self.lot and one.kind is Kind.TEMPERATURE)

    @property
    def recorded(self) -> bool:
        """Whether anybody recorded a temperature of the lot."""
        return bool(self.own)

    @property
    def lowest(self) -> int | None:
        """The lowest reading, thousandths of a degree Celsius."""
        return min((one.summary.lowest for one in self.own), default=None)

    @property
    def highest(self) -> int | None:
        """The highest reading."""
        return max((one.summary.highest for one in self.own), default=None)

    @property
    def outside(self) -> int:
        """Milliseconds outside the limits, in the series that was so longest."""
        return max((one.summary.outside for one in self.own), default=0)

    @property
    def excess(self) -> int:
        """Thousandths of a degree times milliseconds outside, in the series with most of them."""
        return max((one.summary.excess for one in self.own), default=0)

    @property
    def longest(self) -> Excursion | None:
        """The longest excursion of any series."""
        longest = (one.summary.longest for one in self.own)
        return max((one for one in longest if one is not None), key=lambda one: one.milliseconds, default=None)

    @property
    def standing(self) -> Standing:
        """The worst standing of the lot's own series; NO_LIMITS where there is none."""
        return max((one.standing for one in self.own), key=list(Standing).index, default=Standing.NO_LIMITS)
