"""
Reads `sensorElementList` of an EPCIS 2.0 event (section 7.3.7): temperatures and humidities; no I/O.

A report counts with its `value`, `minValue` and `maxValue`, whichever it has, else with its `meanValue`; its time is
its own, else the metadata's `time`, `startTime` or `endTime`, else the event's. Several values of one report are one
reading with a lowest and a highest. Reports of other kinds are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ledger.domain.errors import InvalidEvent, Violation
from ledger.domain.records import JsonTree
from ledger.domain.sensors.units import Kind, kind_of, thousandths
from ledger.domain.times import instant, milliseconds

_VALUES = ("value", "minValue", "maxValue")
_MEAN = ("meanValue",)


@dataclass(frozen=True, slots=True)
class Report:
    """
    What was measured at a moment, in thousandths of °C, percent or g/m³. `time`: Unix milliseconds, as stated.
    `device`: the sensor's id, "" where none is stated. `at`: the report's JSON pointer.
    """

    kind: Kind
    low: int
    high: int
    time: int
    device: str
    at: str


def reports_of(event: JsonTree) -> tuple[Report, ...]:
    """All temperatures and humidities of the event, in its order. Raises `InvalidEvent` for what cannot be read."""
    found: list[Report] = []
    violations: list[Violation] = []
    for read in _each(event):
        if isinstance(read, Report):
            found.append(read)
        else:
            violations += read.violations
    if violations:
        raise InvalidEvent(violations)
    return tuple(found)


def readable_reports(event: JsonTree) -> tuple[Report, ...]:
    """Those reports that can be read; for stored events, which passed validation once."""
    return tuple(read for read in _each(event) if isinstance(read, Report))


def report_violations(event: Mapping[str, Any]) -> list[Violation]:
    """
    What of the event's values breaks a rule: `sensor.number`, `sensor.unit`, `sensor.range`. On the way of every event
    that is captured, so that plain degrees Celsius cost next to nothing.
    """
    found: list[Violation] = []
    for at, element in _objects("", event.get("sensorElementList"), "sensorElementList"):
        for below, report in _objects(at, element.get("sensorReport"), "sensorReport"):
            kind, unit = kind_of(report.get("type")), report.get("uom")
            if kind is None:
                continue
            for name in _names_in(report):
                value = report[name]
                if kind is Kind.TEMPERATURE and unit == "CEL" and type(value) in (int, float) and -200 < value < 900:
                    continue
                try:
                    thousandths(kind, value, unit, f"{below}/{name}")
                except InvalidEvent as error:
                    found += error.violations
    return found


def _names_in(report: JsonTree) -> list[str]:
    return [name for name in _VALUES if name in report] or [name for name in _MEAN if name in report]


def _each(event: Mapping[str, Any]) -> Iterator[Report | InvalidEvent]:
    for at, element in _objects("", event.get("sensorElementList"), "sensorElementList"):
        metadata = element.get("sensorMetadata")
        stated = metadata if isinstance(metadata, dict) else {}
        for below, report in _objects(at, element.get("sensorReport"), "sensorReport"):
            kind = kind_of(report.get("type"))
            names = _names_in(report)
            if kind is None or not names:
                continue
            try:
                values = [thousandths(kind, report[name], report.get("uom"), f"{below}/{name}") for name in names]
                time = _time(event, at, stated, below, report)
            except InvalidEvent as error:
                yield error
                continue
            device = next((one for one in (report.get("deviceID"), stated.get("deviceID")) if isinstance(one, str)), "")
            yield Report(kind, min(values), max(values), time, device, below)


def _time(event: Mapping[str, Any], at: str, stated: JsonTree, below: str, report: JsonTree) -> int:
    places = [(f"{below}/time", report.get("time"))]
    places += [(f"{at}/sensorMetadata/{name}", stated.get(name)) for name in ("time", "startTime", "endTime")]
    pointer, value = next((one for one in places if one[1] is not None), ("/eventTime", event.get("eventTime")))
    return milliseconds(instant(pointer, value, "epcis.time"))


def _objects(at: str, value: object, name: str) -> Iterator[tuple[str, JsonTree]]:
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict):
            yield f"{at}/{name}/{index}", item
