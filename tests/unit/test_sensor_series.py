"""The step rule: what a reading holds, what lies outside, excursions and gaps."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.sensors.limits import Limits
from ledger.domain.sensors.series import (
    DEGREE_MINUTE,
    LONGEST_HOLD,
    MINUTE,
    Excursion,
    Point,
    Side,
    held,
    merged,
    summary_of,
)

LIMITS = Limits(2_000, 8_000)
POINTS = st.lists(
    st.builds(
        lambda time, low, span: Point(time * 1000, low, low + span),
        st.integers(0, 50_000), st.integers(-30_000, 40_000), st.integers(0, 2_000),
    ),
    min_size=1, max_size=40,
).map(merged)  # fmt: skip


def series(*readings: tuple[int, int]) -> tuple[Point, ...]:
    """Points from minutes and thousandths of a degree."""
    return merged(Point(minute * MINUTE, degrees, degrees) for minute, degrees in readings)


def test_a_series_within_its_limits() -> None:
    found = summary_of(series((0, 2_000), (10, 8_000), (20, 5_000)), LIMITS)
    assert (found.count, found.lowest, found.highest, found.start, found.end) == (3, 2_000, 8_000, 0, 30 * MINUTE)
    assert (found.outside, found.excess, found.excursions, found.gaps, found.longest) == (0, 0, (), (), None)


def test_degree_minutes_by_the_step_rule() -> None:
    found = summary_of(series((0, 5_000), (10, 9_000), (20, 11_500), (30, 7_000), (40, 1_000), (50, 5_000)), LIMITS)
    above = Excursion(Side.ABOVE, 10 * MINUTE, 30 * MINUTE, 11_500, 45 * DEGREE_MINUTE)
    below = Excursion(Side.BELOW, 40 * MINUTE, 50 * MINUTE, 1_000, 10 * DEGREE_MINUTE)
    assert found.excursions == (above, below)
    assert (found.outside, found.excess) == (30 * MINUTE, 55 * DEGREE_MINUTE)
    assert found.longest == above
    assert above.milliseconds == 20 * MINUTE


def test_a_lone_reading_holds_for_an_hour_and_the_last_as_long_as_the_one_before() -> None:
    assert summary_of(series((0, 9_000)), LIMITS).excess == 60 * DEGREE_MINUTE
    assert summary_of(series((0, 5_000), (5, 9_000)), LIMITS).excess == 5 * DEGREE_MINUTE


def test_beyond_an_hour_there_is_a_gap_and_an_excursion_ends_at_it() -> None:
    found = summary_of(series((0, 9_000), (61, 9_000), (121, 9_000)), LIMITS)
    assert found.gaps == ((60 * MINUTE, 61 * MINUTE),)
    assert [(one.start // MINUTE, one.end // MINUTE) for one in found.excursions] == [(0, 60), (61, 181)]
    assert summary_of(series((0, 9_000), (60, 9_000)), LIMITS).gaps == ()


def test_readings_of_one_moment_are_one() -> None:
    (point,) = merged([Point(5, 3, 4, (0, 7)), Point(5, 1, 2, (0, 9)), Point(5, 2, 9, (0, 8))])
    assert point == Point(5, 1, 9, (0, 9))


@pytest.mark.parametrize(
    ("limits", "excess"),
    [(Limits(None, 8_000), 60), (Limits(2_000, None), 120), (LIMITS, 180), (None, 0)],
)
def test_a_reading_may_be_outside_on_both_sides(limits: Limits | None, excess: int) -> None:
    assert summary_of([Point(0, 0, 9_000)], limits).excess == excess * DEGREE_MINUTE


@given(POINTS)
def test_time_is_held_or_a_gap_and_never_both(points: tuple[Point, ...]) -> None:
    found = summary_of(points, LIMITS)
    holds = sum(one.hold for one in held(points, LIMITS))
    assert holds + sum(end - start for start, end in found.gaps) == found.end - found.start
    assert all(0 < one.hold <= LONGEST_HOLD for one in held(points, LIMITS))
    assert found.outside <= holds


@given(POINTS)
def test_excursions_make_up_the_excess(points: tuple[Point, ...]) -> None:
    found = summary_of(points, LIMITS)
    assert sum(one.excess for one in found.excursions) == found.excess
    assert bool(found.excess) == bool(found.outside) == (found.lowest < 2_000 or found.highest > 8_000)
    for one in found.excursions:
        assert one.peak > 8_000 if one.side is Side.ABOVE else one.peak < 2_000
        assert one.end > one.start
    for side in Side:
        runs = [one for one in found.excursions if one.side is side]
        assert all(before.end <= after.start for before, after in pairwise(runs))


@given(POINTS, st.integers(-5_000, 5_000), st.integers(0, 5_000))
def test_wider_limits_never_make_it_worse(points: tuple[Point, ...], maximum: int, more: int) -> None:
    narrow = summary_of(points, Limits(None, maximum))
    wide = summary_of(points, Limits(None, maximum + more))
    assert wide.excess <= narrow.excess
    assert wide.outside <= narrow.outside


@given(POINTS, st.integers(0, 10**12))
def test_a_shift_in_time_changes_no_sum(points: tuple[Point, ...], by: int) -> None:
    later = [Point(point.time + by, point.low, point.high) for point in points]
    before, after = summary_of(points, LIMITS), summary_of(later, LIMITS)
    assert (before.outside, before.excess, before.count) == (after.outside, after.excess, after.count)
    assert len(before.excursions) == len(after.excursions)


@given(POINTS, st.randoms())
def test_the_order_in_which_readings_come_does_not_matter(points: tuple[Point, ...], random: object) -> None:
    shuffled = list(points)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert merged(shuffled) == points
