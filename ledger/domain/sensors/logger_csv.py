"""
Reads the CSV file of a single-use logger: time, temperature and, where there is one, humidity; no I/O.

Loggers write a few lines about themselves, then a row of headings, then rows. The row of headings is the first one with
a heading for time and one for temperature. Comma, semicolon or tab; a decimal comma where the separator is another;
UTF-8 or UTF-16. Nothing is guessed: the unit stands in the heading or is given, the zone stands in the times, in the
heading or is given, and a date that may be read in two ways is refused unless the order is given. Raises `InvalidInput`
whose fields are `line 7, Temperature (°C)`: all errors at once, up to a hundred.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from ledger.domain.errors import InvalidInput, Violation
from ledger.domain.sensors.units import Kind

MAX_BYTES = 16 * 1024 * 1024
MAX_READINGS = 50_000
_HEADING_WITHIN = 200
_MAX_ERRORS = 100

_T = TypeVar("_T")
_TIME = re.compile(r"(date.?/?.?time|time.?stamp|^time\b|^date$|时间|日期|ۋاقىت)", re.IGNORECASE)
_CLOCK = re.compile(r"^(time|时间)", re.IGNORECASE)
_TEMPERATURE = re.compile(r"(temp|温度|celsius|fahrenheit|°\s*[cf]\b|℃|℉)", re.IGNORECASE)
_HUMIDITY = re.compile(r"(humid|%\s*rh|rh\s*%|^rh\b|湿度)", re.IGNORECASE)
_CELSIUS = re.compile(r"(°\s*c\b|℃|\(\s*c\s*\)|celsius)", re.IGNORECASE)
_FAHRENHEIT = re.compile(r"(°\s*f\b|℉|\(\s*f\s*\)|fahrenheit)", re.IGNORECASE)
_ZONE = re.compile(r"(?:UTC|GMT)\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?|\b(UTC|GMT)\b", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\Z")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4})\Z")
_WHEN = re.compile(
    r"([\d/.-]+)[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AaPp][Mm])?\s*(Z|[+-]\d{2}:?\d{2})?\Z"
)
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})\Z")


@dataclass(frozen=True, slots=True)
class LoggerReading:
    """One row: time in ISO 8601 with offset, and values as the file has them, by kind with their unit."""

    time: str
    values: tuple[tuple[Kind, Decimal, str], ...]


@dataclass(frozen=True, slots=True)
class LoggerFile:
    """What a file says, in its order; `sha256` is that of its bytes."""

    sha256: bytes
    readings: tuple[LoggerReading, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """
    What the file need not say: `unit` CEL or FAH, `zone` as +08:00, `dates` dmy or mdy, all "" where nothing is given.
    What the file does say counts before it.
    """

    unit: str = ""
    zone: str = ""
    dates: str = ""


def read_logger_file(data: bytes, told: Told | None = None) -> LoggerFile:
    """The readings of a logger's file."""
    if len(data) > MAX_BYTES:
        raise InvalidInput.one("file", "logger.size", len(data), f"a logger's file has at most {MAX_BYTES} bytes")
    lines = _text(data).splitlines()
    reader = _Reader(told or Told())
    readings = tuple(reader.read(lines))
    if reader.violations:
        raise InvalidInput(reader.violations)
    if not readings:
        raise InvalidInput.one("file", "logger.empty", "0 readings", "the file has no row below its headings")
    return LoggerFile(hashlib.sha256(data).digest(), readings)


def _text(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        message = "a logger's file is text in UTF-8 or UTF-16"
        raise InvalidInput.one("file", "logger.text", f"byte {error.start}", message) from None


class _Wrong(Exception):
    """A cell broke a rule."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule, self.message = rule, message


class _Reader:
    def __init__(self, told: Told) -> None:
        self.violations: list[Violation] = []
        self._told = told
        self._zone = ""
        self._clock: int | None = None

    def read(self, lines: Sequence[str]) -> Iterator[LoggerReading]:
        first, separator = _headings_of(lines)
        headings = _cells(lines[first], separator)
        time = next(index for index, name in enumerate(headings) if _TIME.search(name))
        after = headings[time + 1] if time + 1 < len(headings) else ""
        # A date and a clock in two columns are one time.
        self._clock = time + 1 if "time" not in headings[time].lower() and _CLOCK.search(after) else None
        self._zone = _zone_in(headings[time]) or self._told.zone
        columns = self._columns(headings, first + 1)
        for number, line in enumerate(lines[first + 1 :], start=first + 2):
            if not line.strip(f'{separator} \t"'):
                continue
            if len(self.violations) >= _MAX_ERRORS:
                return
            if number - first > MAX_READINGS + 1:
                message = f"a logger's file has at most {MAX_READINGS} readings"
                self.violations.append(Violation(f"line {number}", "logger.size", str(number), message))
                return
            cells = _cells(line, separator)
            if len(cells) < len(headings):
                message = f"the row has {len(cells)} cells, there are {len(headings)} headings"
                self.violations.append(Violation(f"line {number}", "logger.row", line[:80], message))
                continue
            when = self._cell(number, headings[time], self._when_text(cells, time), self._when)
            values = [
                (kind, self._cell(number, headings[index], cells[index], _number), unit)
                for index, kind, unit in columns
            ]
            if when is not None and all(value is not None for _, value, _ in values):
                yield LoggerReading(
                    when, tuple((kind, value, unit) for kind, value, unit in values if value is not None)
                )

    def _columns(self, headings: Sequence[str], line: int) -> list[tuple[int, Kind, str]]:
        found = []
        for index, name in enumerate(headings):
            if _HUMIDITY.search(name):
                found.append((index, Kind.RELATIVE_HUMIDITY, "P1"))
            elif _TEMPERATURE.search(name):
                unit = "CEL" if _CELSIUS.search(name) else "FAH" if _FAHRENHEIT.search(name) else self._told.unit
                if not unit:
                    message = "the heading does not say whether these are °C or °F: give --unit"
                    self.violations.append(Violation(f"line {line}, {name}", "logger.unit", name, message))
                found.append((index, Kind.TEMPERATURE, unit))
        return found

    def _when_text(self, cells: Sequence[str], time: int) -> str:
        return cells[time] if self._clock is None else f"{cells[time]} {cells[self._clock]}"

    def _cell(self, line: int, heading: str, text: str, read: Callable[[str], _T]) -> _T | None:
        try:
            return read(text)
        except _Wrong as wrong:
            self.violations.append(Violation(f"line {line}, {heading}", wrong.rule, text, wrong.message))
            return None

    def _when(self, text: str) -> str:
        match = _WHEN.match(text)
        if match is None:
            raise _Wrong("logger.time", "a time is like 2026-08-05 09:30:00")
        date, hour, minute, second, half, offset = match.groups()
        year, month, day = self._date(date)
        hours = int(hour) % 12 + (12 if half.lower() == "pm" else 0) if half else int(hour)
        zone = _zone(offset or self._zone)
        try:
            moment = datetime(year, month, day, hours, int(minute), int(second or 0), tzinfo=zone)
        except ValueError:
            raise _Wrong("logger.time", "there is no such day or time") from None
        return moment.isoformat(timespec="seconds")

    def _date(self, text: str) -> tuple[int, int, int]:
        if match := _YEAR_FIRST.match(text):
            return int(match[1]), int(match[2]), int(match[3])
        if match := _YEAR_LAST.match(text):
            first, second, year = int(match[1]), int(match[3]), int(match[4])
            order = "dmy" if match[2] == "." else self._told.dates
            if order not in ("dmy", "mdy"):
                raise _Wrong("logger.dates", "day or month first? give --dates dmy or --dates mdy")
            return (year, second, first) if order == "dmy" else (year, first, second)
        raise _Wrong("logger.time", "a date is like 2026-08-05, 2026/08/05 or 05.08.2026")


def _headings_of(lines: Sequence[str]) -> tuple[int, str]:
    """Where the headings stand, and what separates them."""
    for index, line in enumerate(lines[:_HEADING_WITHIN]):
        for separator in ("\t", ";", ","):
            cells = _cells(line, separator)
            if len(cells) > 1 and any(map(_TIME.search, cells)) and any(map(_TEMPERATURE.search, cells)):
                return index, separator
    message = f"none of the first {_HEADING_WITHIN} lines has a heading for the time and one for the temperature"
    raise InvalidInput.one("file", "logger.headings", lines[0][:80] if lines else "", message)


def _cells(line: str, separator: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([line], delimiter=separator), [])]


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise _Wrong("logger.number", "a measured value is a number, without its unit") from None
    if not value.is_finite() or abs(value) > 10_000:
        raise _Wrong("logger.number", "no logger measures that")
    return value


def _zone_in(heading: str) -> str:
    match = _ZONE.search(heading)
    if match is None:
        return ""
    return "+00:00" if match[4] else f"{match[1]}{int(match[2]):02d}:{match[3] or '00'}"


def _zone(text: str) -> timezone:
    if text == "Z":
        return UTC
    match = _OFFSET.match(text)
    if match is None or int(match[2]) > 14 or int(match[3]) > 59:
        raise _Wrong("logger.zone", "the file does not say in which zone its times are: give --zone, such as +08:00")
    distance = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(-distance if match[1] == "-" else distance)
