"""
Series of readings and how long they were outside limits; pure arithmetic in integers, no I/O.

The step rule: a reading holds until the next one of its series, and for no longer than an hour; what lies beyond that
is a gap, of which nothing is said. The last reading holds as long as the one before it did, a lone one for an hour.
What is measured between two readings is not guessed at: the sum of a straight line would need a model of the box, and
fractions (ADR 0150). A series is what one party signed of one device; readings of one moment are one, with the lowest
and the highest of them. Degrees are thousandths of a degree Celsius, times Unix milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from ledger.domain.sensors.limits import Limits

LONGEST_HOLD = 3_600_000
"""Milliseconds that a reading holds at the most."""
MINUTE = 60_000
DEGREE_MINUTE = 1000 * MINUTE
"""Thousandths of a degree times milliseconds in a degree-minute."""


class Side(StrEnum):
    """On which side of the limits."""

    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Point:
    """A reading: lowest and highest at a moment. `rank` orders its event among those recorded, larger is later."""

    time: int
    low: int
    high: int
    rank: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Held:
    """A reading with the milliseconds that it holds, and by how much it lies outside, 0 where it does not."""

    point: Point
    hold: int
    above: int
    below: int

    @property
    def excess(self) -> int:
        """Thousandths of a degree times milliseconds outside."""
        return (self.above + self.below) * self.hold


@dataclass(frozen=True, slots=True)
class Excursion:
    """A stretch of readings outside on one side, without a gap. `excess` as in `Held`; `peak`: the farthest reading."""

    side: Side
    start: int
    end: int
    peak: int
    excess: int

    @property
    def milliseconds(self) -> int:
        """How long it was."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Summary:
    """
    A series in figures. `outside`: milliseconds outside the limits; `excess`: thousandths of a degree times
    milliseconds; `gaps`: stretches without a reading that holds, `(start, end)`. Without limits nothing is outside.
    """

    count: int
    start: int
    end: int
    lowest: int
    highest: int
    outside: int
    excess: int
    excursions: tuple[Excursion, ...]
    gaps: tuple[tuple[int, int], ...]

    @property
    def longest(self) -> Excursion | None:
        """The longest excursion, the first of several."""
        return max(self.excursions, key=lambda one: one.milliseconds, default=None)


def merged(points: Iterable[Point]) -> tuple[Point, ...]:
    """The points in order of time; those of one moment are one, and as late as the latest of them."""
    by_time: dict[int, Point] = {}
    for point in points:
        other = by_time.setdefault(point.time, point)
        if other is not point:
            low, high = min(point.low, other.low), max(point.high, other.high)
            by_time[point.time] = Point(point.time, low, high, max(point.rank, other.rank))
    return tuple(by_time[time] for time in sorted(by_time))


def held(points: Sequence[Point], limits: Limits | None) -> tuple[Held, ...]:
    """The points, which `merged` gave, each with its hold and its distance from the limits."""
    holds = [min(after.time - before.time, LONGEST_HOLD) for before, after in pairwise(points)]
    holds += [holds[-1] if holds else LONGEST_HOLD] if points else []
    return tuple(Held(point, hold, *_outside(point, limits)) for point, hold in zip(points, holds, strict=True))


def summary_of(points: Sequence[Point], limits: Limits | None) -> Summary:
    """The figures of a series of at least one point, which `merged` gave."""
    return figures(held(points, limits))


def figures(every: Sequence[Held]) -> Summary:
    """The same of what `held` gave."""
    last, points = every[-1], [one.point for one in every]
    return Summary(
        count=len(points),
        start=points[0].time,
        end=last.point.time + last.hold,
        lowest=min(point.low for point in points),
        highest=max(point.high for point in points),
        outside=sum(one.hold for one in every if one.above or one.below),
        excess=sum(one.excess for one in every),
        excursions=tuple(sorted(_excursions(every), key=lambda one: (one.start, one.side))),
        gaps=tuple(
            (before.time + LONGEST_HOLD, after.time)
            for before, after in pairwise(points)
            if after.time - before.time > LONGEST_HOLD
        ),
    )


def _outside(point: Point, limits: Limits | None) -> tuple[int, int]:
    """By how much it lies above the maximum, and below the minimum."""
    if limits is None:
        return 0, 0
    above = 0 if limits.maximum is None else max(0, point.high - limits.maximum)
    below = 0 if limits.minimum is None else max(0, limits.minimum - point.low)
    return above, below


def _excursions(every: Sequence[Held]) -> list[Excursion]:
    found = []
    for side in Side:
        run: Excursion | None = None
        for one in every:
            by = one.above if side is Side.ABOVE else one.below
            start, end = one.point.time, one.point.time + one.hold
            if run is not None and (not by or start > run.end):
                found.append(run)
                run = None
            if by:
                value = one.point.high if side is Side.ABOVE else one.point.low
                run = run or Excursion(side, start, end, value, 0)
                peak = max(run.peak, value) if side is Side.ABOVE else min(run.peak, value)
                run = replace(run, end=end, peak=peak, excess=run.excess + by * one.hold)
        if run is not None:
            found.append(run)
    return found
