"""The map and the chart of a lot's page: nothing outside the frame, nothing drawn that nobody measured."""

from __future__ import annotations

import re
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from api.localization import words
from api.views.climate_chart import climate_chart
from api.views.origin_map import MapStop, origin_map
from ledger.domain.cities import CITIES
from ledger.domain.identifiers import ContentHash, LotId, PartyId
from ledger.domain.sensors.limits import Limits
from ledger.domain.sensors.series import Point, summary_of
from ledger.domain.sensors.units import Kind
from ledger.domain.sensors.values import Climate, Series, Standing

LOT = LotId(b"\1" * 32)
HOUR = 3_600_000
LIMITS = Limits(2_000, 8_000, 60)
START = 1_785_000_000_000
STOPS = st.lists(
    st.builds(
        lambda key, language, grown: MapStop(CITIES[key], CITIES[key].name.get(language, key), grown),
        st.sampled_from(sorted(CITIES)), st.sampled_from(["en", "zh", "ug"]), st.booleans(),
    ),
    min_size=1, max_size=7,
)  # fmt: skip


@given(STOPS)
@settings(max_examples=200, deadline=None)
def test_every_city_lies_on_the_map_and_no_name_on_another(stops: list[MapStop]) -> None:
    drawn = origin_map(stops)
    assert drawn is not None
    assert len(drawn.pins) == len({stop.city.key for stop in stops})
    boxes = []
    for pin in drawn.pins:
        assert 0 <= pin.x <= drawn.width
        assert 0 <= pin.y <= drawn.height
        if pin.label:
            half = sum(13 if ord(letter) > 0x2E80 else 7.4 for letter in pin.label) / 2
            boxes.append((pin.label_x - half, pin.label_y - 12, pin.label_x + half, pin.label_y + 3))
            assert boxes[-1][0] >= 0
            assert boxes[-1][2] <= drawn.width
    for one, other in combinations(boxes, 2):
        apart = one[2] <= other[0] + 1 or other[2] <= one[0] + 1 or one[3] <= other[1] + 1 or other[3] <= one[1] + 1
        assert apart
    assert len(drawn.rivers) < 1_500
    assert re.fullmatch(r"[MLQVHlh0-9 .\-]*", drawn.rivers + drawn.ridges + drawn.sand + drawn.way)


def test_the_first_and_the_last_city_are_told_apart() -> None:
    cities = [
        MapStop(CITIES["Hami"], "Hami", True),
        MapStop(CITIES["Ürümqi"], "Ürümqi"),
        MapStop(CITIES["Beijing"], "Beijing"),
    ]
    drawn = origin_map(cities)
    assert drawn is not None
    assert [(pin.label, pin.grown, pin.last) for pin in drawn.pins] == [
        ("Hami", True, False), ("Ürümqi", False, False), ("Beijing", False, True),
    ]  # fmt: skip
    assert drawn.way.count("Q") == 2


def test_without_a_city_there_is_no_map() -> None:
    assert origin_map([]) is None


def climate(*values: tuple[float, int], limits: Limits | None = LIMITS) -> Climate:
    """Readings as (hours, thousandths of a degree) of one device."""
    points = tuple(Point(START + round(hours * HOUR), value, value) for hours, value in values)
    series = Series(
        LOT, PartyId(1), "d", Kind.TEMPERATURE, limits, points, summary_of(points, limits), Standing.WITHIN,
        (ContentHash(bytes(32)),),
    )  # fmt: skip
    return Climate(LOT, limits, (series,))


def test_a_gap_is_not_drawn_over() -> None:
    drawn = climate_chart(climate((0, 5_000), (1, 5_000), (6, 5_000), (7, 5_000)), words("en"))
    assert drawn is not None
    assert drawn.lines.count("M") == 2
    assert drawn.outside == ""


def test_what_was_outside_is_drawn_again_and_no_more() -> None:
    drawn = climate_chart(climate((0, 5_000), (1, 9_000), (2, 5_000)), words("en"))
    assert drawn is not None
    assert drawn.outside.count("M") == 1
    assert drawn.band is not None
    assert [mark.text for mark in drawn.marks] == ["8 °C", "2 °C"]
    assert all(mark.limit for mark in drawn.marks)


def test_without_limits_the_extremes_are_named() -> None:
    drawn = climate_chart(climate((0, 4_800), (1, 5_800), limits=None), words("en"))
    assert drawn is not None
    assert drawn.band is None
    assert [mark.text for mark in drawn.marks] == ["5.8 °C", "4.8 °C"]


def test_one_reading_makes_no_chart() -> None:
    assert climate_chart(climate((0, 5_000)), words("en")) is None
    assert climate_chart(None, words("en")) is None
    assert climate_chart(Climate(LOT, None), words("en")) is None


@given(st.lists(st.tuples(st.integers(0, 2_000), st.integers(-30_000, 60_000)), min_size=2, max_size=300))
@settings(max_examples=60, deadline=None)
def test_no_line_leaves_the_chart_however_many_readings(values: list[tuple[int, int]]) -> None:
    readings = sorted(dict(values).items())
    drawn = climate_chart(climate(*((minutes / 60, value) for minutes, value in readings)), words("en"))
    if len(readings) < 2:
        assert drawn is None
        return
    assert drawn is not None
    for command, numbers in re.findall(r"([MHV])([0-9. \-]+)", drawn.lines):
        parts = [float(number) for number in numbers.split()]
        xs = parts[:1] if command in "MH" else []
        ys = parts[1:] if command == "M" else parts if command == "V" else []
        assert all(drawn.left <= x <= drawn.right + 3.1 for x in xs)
        assert all(0 <= y <= drawn.height for y in ys)
    assert len(drawn.lines) < 12_000
