"""
The temperature of a branch as a small chart: shapes for an inline SVG, from the recorded series, made on the server.

Readings hold until the next one, as `ledger.domain.sensors.series` has it, so the line goes in steps and stops where
there is a gap: nothing is drawn that nobody measured. What was outside the limits is drawn again, thicker, on top.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.localization import CHINA_TIME, Words
from ledger.domain.sensors.limits import Limits
from ledger.domain.sensors.series import LONGEST_HOLD, Point
from ledger.domain.sensors.values import Climate, Series

WIDTH, HEIGHT = 360, 78
_LEFT, _RIGHT, _TOP, _FOOT = 46, 354, 6, 58
_MOST_STEPS = 96
_ROOM = 1_000
"""Thousandths of a degree of room above and below what is shown."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across the chart with its text at the left."""

    y: int
    text: str
    limit: bool


@dataclass(frozen=True, slots=True)
class ChartView:
    """
    `band` is y and height of the limits, None where there are none; `lines` and `outside` are SVG path data; `start`
    and `end` are the days at the ends of the axis, `end` "" where it is the same day.
    """

    band: tuple[int, int] | None
    lines: str
    outside: str
    marks: tuple[Mark, ...]
    start: str
    end: str
    left: int = _LEFT
    right: int = _RIGHT
    width: int = WIDTH
    height: int = HEIGHT


def climate_chart(climate: Climate | None, speak: Words) -> ChartView | None:
    """The chart of the lot's own temperatures; None where there are fewer than two readings."""
    series = climate.own if climate is not None else ()
    if climate is None or sum(one.summary.count for one in series) < 2:
        return None
    first = min(one.summary.start for one in series)
    last = max(max(one.summary.end for one in series), first + 1)
    scale = _Scale(first, last, *_range(series, climate.limits))
    steps = [step for one in series for step in _steps(one)]
    days = [speak.short_day(datetime.fromtimestamp(at / 1000, CHINA_TIME)) for at in (first, last)]
    return ChartView(
        band=_band(climate.limits, scale),
        lines=_path(steps, scale),
        outside=_path([step for step in steps if step.outside], scale),
        marks=_marks(climate, scale, speak),
        start=days[0],
        end=days[1] if days[1] != days[0] else "",
    )


@dataclass(frozen=True, slots=True)
class _Step:
    """A stretch of time with the lowest and highest value in it."""

    start: int
    end: int
    low: int
    high: int
    outside: bool


class _Scale:
    def __init__(self, first: int, last: int, lowest: int, highest: int) -> None:
        self._first, self._span = first, last - first
        self.lowest, self.highest = lowest, highest

    def x(self, time: int) -> float:
        return _LEFT + (time - self._first) / self._span * (_RIGHT - _LEFT)

    def y(self, value: int) -> float:
        value = min(max(value, self.lowest), self.highest)
        return _TOP + (self.highest - value) / (self.highest - self.lowest) * (_FOOT - _TOP)


def _range(series: Sequence[Series], limits: Limits | None) -> tuple[int, int]:
    values = [value for one in series for value in (one.summary.lowest, one.summary.highest)]
    values += [value for value in (limits.minimum, limits.maximum) if value is not None] if limits else []
    return min(values) - _ROOM, max(values) + _ROOM


def _band(limits: Limits | None, scale: _Scale) -> tuple[int, int] | None:
    if limits is None:
        return None
    top = scale.y(scale.highest if limits.maximum is None else limits.maximum)
    foot = scale.y(scale.lowest if limits.minimum is None else limits.minimum)
    return round(top), max(1, round(foot) - round(top))


def _steps(series: Series) -> Iterable[_Step]:
    """The readings with how long they hold; many readings are drawn as few steps, each from its lowest to highest."""
    points = series.points
    size = -(-len(points) // _MOST_STEPS)
    for at in range(0, len(points), size):
        group = points[at : at + size]
        for run in _unbroken(group):
            following = points[at + size] if run[-1] is group[-1] and at + size < len(points) else None
            end = run[-1].time + LONGEST_HOLD
            end = min(end, following.time) if following else min(end, series.summary.end)
            low, high = min(one.low for one in run), max(one.high for one in run)
            yield _Step(run[0].time, max(end, run[0].time), low, high, _is_outside(low, high, series.limits))


def _unbroken(group: Sequence[Point]) -> Iterable[list[Point]]:
    """The group in parts without a gap."""
    run: list[Point] = []
    for point in group:
        if run and point.time - run[-1].time > LONGEST_HOLD:
            yield run
            run = []
        run.append(point)
    if run:
        yield run


def _is_outside(low: int, high: int, limits: Limits | None) -> bool:
    if limits is None:
        return False
    above = limits.maximum is not None and high > limits.maximum
    return above or (limits.minimum is not None and low < limits.minimum)


def _path(steps: Iterable[_Step], scale: _Scale) -> str:
    """A level stroke for each step, an upright one where it spans values or the next begins at once."""
    path = ""
    end_x, end_y = -1.0, -1.0
    for step in steps:
        x1, x2 = scale.x(step.start), max(scale.x(step.end), scale.x(step.start) + 3)
        y = scale.y((step.low + step.high) // 2)
        joined = abs(x1 - end_x) < 0.6
        path += f"V{y:.1f}" if joined and end_y >= 0 else f"M{x1:.1f} {y:.1f}"
        if step.low != step.high:
            path += f"V{scale.y(step.high):.1f}V{scale.y(step.low):.1f}V{y:.1f}"
        path += f"H{x2:.1f}"
        end_x, end_y = x2, y
    return path


def _marks(climate: Climate, scale: _Scale, speak: Words) -> tuple[Mark, ...]:
    """The limits, else the lowest and the highest reading; two that would touch are one."""
    limits = climate.limits
    said = [limits.minimum, limits.maximum] if limits else [climate.lowest, climate.highest]
    values = sorted({value for value in said if value is not None}, reverse=True)
    marks: list[Mark] = []
    for value in values:
        y = round(scale.y(value))
        if not marks or y - marks[-1].y >= 14:
            marks.append(Mark(y, speak.millidegrees(value), limits is not None))
    return tuple(marks)
