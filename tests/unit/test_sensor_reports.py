"""Measured values are exact thousandths, and what cannot be read is refused by its place, its rule and its value."""

from __future__ import annotations

import json
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any

import event_builders as build
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.epcis import check_event
from ledger.domain.errors import InvalidEvent
from ledger.domain.records import JsonTree
from ledger.domain.sensors.reports import Report, readable_reports, reports_of
from ledger.domain.sensors.units import Kind, rounded, thousandths

NOON = 1_785_902_400_000


def event(*reports: JsonTree, **metadata: Any) -> JsonTree:
    element: JsonTree = {"sensorReport": list(reports)}
    if metadata:
        element["sensorMetadata"] = metadata
    return build.inspection() | {"bizStep": "sensor_reporting", "sensorElementList": [element]}


def report(value: Any = 4.5, uom: str = "CEL", **members: Any) -> JsonTree:
    return {"type": "Temperature", "value": value, "uom": uom, **members}


@pytest.mark.parametrize(
    ("text", "uom", "expected"),
    [
        ("4", "CEL", 4_000), ("4.5", "CEL", 4_500), ("-0.3", "CEL", -300), ("0.0005", "CEL", 1), ("-0.0005", "CEL", 0),
        ("-0.00051", "CEL", -1), ("1e-05", "CEL", 0), ("273.15", "KEL", 0), ("0", "KEL", -273_150),
        ("277.651", "KEL", 4_501), ("32", "FAH", 0), ("39.2", "FAH", 4_000), ("-40", "FAH", -40_000),
        ("40", "FAH", 4_444), ("41.9", "FAH", 5_500), ("33", "FAH", 556),
    ],
)  # fmt: skip
def test_known_temperatures(text: str, uom: str, expected: int) -> None:
    assert thousandths(Kind.TEMPERATURE, json.loads(text), uom, "/value") == expected


@pytest.mark.parametrize(
    ("kind", "value", "uom", "expected"),
    [
        (Kind.RELATIVE_HUMIDITY, 87.5, "P1", 87_500),
        (Kind.ABSOLUTE_HUMIDITY, 6.25, "A93", 6_250),
        (Kind.ABSOLUTE_HUMIDITY, 6250, "GP", 6_250),
    ],
)
def test_known_humidities(kind: Kind, value: float, uom: str, expected: int) -> None:
    assert thousandths(kind, value, uom, "/value") == expected


@given(st.integers(-273_150, 1_000_000))
def test_thousandths_of_a_degree_survive_the_way_through_json(degrees: int) -> None:
    written = json.dumps(float(Decimal(degrees) / 1000))
    assert thousandths(Kind.TEMPERATURE, json.loads(written), "CEL", "/value") == degrees


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6))
def test_rounding_is_to_the_nearest_halves_up(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    shifted = Decimal(numerator * 2 + denominator) / (2 * denominator)
    assert rounded(numerator, denominator) == int(shifted.to_integral_value(ROUND_FLOOR))
    assert -Fraction(1, 2) <= exact - rounded(numerator, denominator) < Fraction(1, 2)


def test_what_a_report_says() -> None:
    found = reports_of(
        event(
            report(time="2026-08-05T12:10:00+08:00", deviceID="urn:epc:id:giai:9520000.A1"),
            report(None) | {"value": 3, "minValue": -1.5, "maxValue": 8, "meanValue": 99},
            {"type": "gs1:Temperature", "meanValue": 5, "uom": "CEL"},
            {"type": "https://gs1.org/voc/RelativeHumidity", "value": 90, "uom": "P1"},
            {"type": "Illuminance", "value": 7, "uom": "LUX"},
            {"type": "Temperature", "uom": "CEL"},
            deviceID="urn:epc:id:giai:9520000.B2", startTime="2026-08-05T04:00:00Z", endTime="2026-08-05T05:00:00Z",
        )
    )  # fmt: skip
    device = "urn:epc:id:giai:9520000.B2"
    at = "/sensorElementList/0/sensorReport/"
    assert found == (
        Report(Kind.TEMPERATURE, 4500, 4500, NOON + 600_000, "urn:epc:id:giai:9520000.A1", at + "0"),
        Report(Kind.TEMPERATURE, -1500, 8000, NOON, device, at + "1"),
        Report(Kind.TEMPERATURE, 5000, 5000, NOON, device, at + "2"),
        Report(Kind.RELATIVE_HUMIDITY, 90_000, 90_000, NOON, device, at + "3"),
    )


def test_the_time_of_a_report_is_the_nearest_that_is_stated() -> None:
    times = {"time": "2026-08-05T04:00:01Z", "startTime": "2026-08-05T04:00:02Z", "endTime": "2026-08-05T04:00:03Z"}
    left = dict(times)
    for number, name in enumerate(times, start=1):
        (found,) = reports_of(event(report(), **left))
        assert found.time == NOON + number * 1000
        del left[name]
    assert reports_of(event(report()))[0].time == NOON  # the event's own


@pytest.mark.parametrize(
    ("changed", "field", "rule"),
    [
        ({"value": "4.5"}, "value", "sensor.number"),
        ({"value": True}, "value", "sensor.number"),
        ({"uom": "OHM"}, "uom", "sensor.unit"),
        ({"uom": None}, "uom", "sensor.unit"),
        ({"value": -273.151}, "value", "sensor.range"),
        ({"value": 1e300}, "value", "sensor.range"),
        ({"value": float("inf")}, "value", "sensor.range"),
        ({"maxValue": 1001}, "maxValue", "sensor.range"),
        ({"time": "2026-08-05"}, "time", "epcis.time"),
    ],
)
def test_what_is_refused(changed: JsonTree, field: str, rule: str) -> None:
    tree = event(report(), report() | changed)
    with pytest.raises(InvalidEvent) as refusal:
        reports_of(tree)
    (violation,) = refusal.value.violations
    assert (violation.field, violation.rule) == (f"/sensorElementList/0/sensorReport/1/{field}", rule)
    assert len(readable_reports(tree)) == 1


@pytest.mark.parametrize(("changed", "rule"), [({"uom": "OHM"}, "sensor.unit"), ({"value": -300}, "sensor.range")])
def test_capture_refuses_a_temperature_that_cannot_be(changed: JsonTree, rule: str) -> None:
    check_event(event(report()))
    with pytest.raises(InvalidEvent) as refusal:
        check_event(event(report() | changed))
    assert [one.rule for one in refusal.value.violations] == [rule]


NAMES = st.sampled_from(["sensorReport", "sensorMetadata", "type", "value", "uom", "time"])
LEAVES = st.none() | st.booleans() | st.floats() | st.text(max_size=3)


@given(st.recursive(LEAVES, lambda each: st.lists(each, max_size=3) | st.dictionaries(NAMES, each)))
def test_any_tree_is_read_without_another_error(tree: Any) -> None:
    broken = build.inspection() | {"sensorElementList": tree}
    assert isinstance(readable_reports(broken), tuple)
