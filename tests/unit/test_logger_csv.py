"""Files of single-use loggers, as several makers write them; what is wrong is named by line, column, rule and value."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from decimal import Decimal

import event_builders as build
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.binding import action_of
from ledger.domain.content_hash import add_blind
from ledger.domain.epcis import check_event
from ledger.domain.errors import InvalidInput
from ledger.domain.sensors.logger_csv import Told, read_logger_file
from ledger.domain.sensors.logger_events import ROWS, logger_events
from ledger.domain.sensors.reports import reports_of
from ledger.domain.sensors.units import Kind

CHINA = Told(zone="+08:00")
PLAIN = "Time,Temperature (°C)\n2026-08-05 14:00:00,4.5\n2026-08-05 14:10:00,5\n"
PREAMBLE = """Device: TempTale-like
Serial No.,A-77
Trip start,2026-08-05

No.;Date/Time (UTC+8);Temperature (°C);Humidity (%RH)
1;05.08.2026 14:00;4,5;88,0
2;05.08.2026 14:10;-0,3;87,5

"""
TWO_COLUMNS = "Date\tTime\tTemp °F\n2026/8/5\t02:00:00 PM\t40.1\n2026/8/5\t12:05 AM\t41\n"


def rows(text: str, told: Told | None = CHINA) -> list[tuple[str, tuple[tuple[str, str, str], ...]]]:
    return [
        (one.time, tuple((kind.value, str(value), unit) for kind, value, unit in one.values))
        for one in read_logger_file(text.encode(), told).readings
    ]


def test_times_and_temperatures() -> None:
    assert rows(PLAIN) == [
        ("2026-08-05T14:00:00+08:00", (("Temperature", "4.5", "CEL"),)),
        ("2026-08-05T14:10:00+08:00", (("Temperature", "5", "CEL"),)),
    ]


def test_lines_before_the_headings_decimal_commas_humidity_and_the_zone_in_the_heading() -> None:
    assert rows(PREAMBLE, None) == [
        ("2026-08-05T14:00:00+08:00", (("Temperature", "4.5", "CEL"), ("RelativeHumidity", "88.0", "P1"))),
        ("2026-08-05T14:10:00+08:00", (("Temperature", "-0.3", "CEL"), ("RelativeHumidity", "87.5", "P1"))),
    ]


def test_date_and_clock_in_two_columns_in_fahrenheit_and_utf_16() -> None:
    file = read_logger_file(TWO_COLUMNS.encode("utf-16"), CHINA)
    assert [(one.time, one.values[0]) for one in file.readings] == [
        ("2026-08-05T14:00:00+08:00", (Kind.TEMPERATURE, Decimal("40.1"), "FAH")),
        ("2026-08-05T00:05:00+08:00", (Kind.TEMPERATURE, Decimal(41), "FAH")),
    ]
    assert file.sha256 == hashlib.sha256(TWO_COLUMNS.encode("utf-16")).digest()


@pytest.mark.parametrize(
    ("time", "told", "expected"),
    [
        ("2026-08-05T14:00:00Z", CHINA, "2026-08-05T14:00:00+00:00"),
        ("2026-08-05 14:00:00 -0230", CHINA, "2026-08-05T14:00:00-02:30"),
        ("08/05/2026 14:00", Told(zone="+08:00", dates="mdy"), "2026-08-05T14:00:00+08:00"),
        ("08/05/2026 14:00", Told(zone="+08:00", dates="dmy"), "2026-05-08T14:00:00+08:00"),
        ("2026-08-05 14:00:00.250", CHINA, "2026-08-05T14:00:00+08:00"),
    ],
)
def test_forms_of_times(time: str, told: Told, expected: str) -> None:
    assert rows(f"时间,温度(℃)\n{time},1\n", told)[0][0] == expected


@pytest.mark.parametrize(
    ("text", "told", "field", "rule"),
    [
        (PLAIN, Told(), "line 2, Time", "logger.zone"),
        (PLAIN, Told(zone="Beijing"), "line 2, Time", "logger.zone"),
        (PLAIN.replace(" (°C)", ""), CHINA, "line 1, Temperature", "logger.unit"),
        (PLAIN.replace("5\n", "5 °C\n"), CHINA, "line 2, Temperature (°C)", "logger.number"),
        (PLAIN.replace("4.5", "NaN"), CHINA, "line 2, Temperature (°C)", "logger.number"),
        (PLAIN.replace("4.5", "1e9"), CHINA, "line 2, Temperature (°C)", "logger.number"),
        (PLAIN.replace("08-05 14:10", "02-30 14:10"), CHINA, "line 3, Time", "logger.time"),
        (PLAIN.replace("14:10:00", "soon"), CHINA, "line 3, Time", "logger.time"),
        (PLAIN.replace("2026-08-05 14:10", "08/05/2026 14:10"), CHINA, "line 3, Time", "logger.dates"),
        (PLAIN + "the end\n", CHINA, "line 4", "logger.row"),
        ("Time,Temperature (°C)\n", CHINA, "file", "logger.empty"),
        ("", CHINA, "file", "logger.headings"),
        ("a,b\n1,2\n", CHINA, "file", "logger.headings"),
    ],
)
def test_what_is_refused(text: str, told: Told, field: str, rule: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_logger_file(text.encode(), told)
    first = refusal.value.violations[0]
    assert (first.field, first.rule) == (field, rule)


def test_bytes_that_are_no_text_and_files_that_are_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidInput, match=r"logger\.text"):
        read_logger_file(b"\x80\x81", CHINA)
    monkeypatch.setattr("ledger.domain.sensors.logger_csv.MAX_READINGS", 1)
    with pytest.raises(InvalidInput, match=r"logger\.size"):
        read_logger_file(PLAIN.encode(), CHINA)
    monkeypatch.setattr("ledger.domain.sensors.logger_csv.MAX_BYTES", 10)
    with pytest.raises(InvalidInput, match=r"logger\.size"):
        read_logger_file(PLAIN.encode(), CHINA)


def test_all_errors_are_told_at_once() -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_logger_file((PLAIN + "2026-08-05 25:00:00,warm\n" * 80).encode(), CHINA)
    assert 100 <= len(refusal.value.violations) <= 101


@given(st.text(alphabet="Time,;\t°CTemp\n0123456789-: .\"'", max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    read = None
    with suppress(InvalidInput):
        read = read_logger_file(text.encode(), CHINA)
    assert read is None or read.readings


def test_the_events_of_a_file() -> None:
    text = "Time,Temperature (°C)\n" + "".join(
        f"2026-08-{5 + minute // 1440:02d} {minute // 60 % 24:02d}:{minute % 60:02d}:00,{minute % 9}.25\n"
        for minute in range(ROWS + 3)
    )
    file = read_logger_file(text.encode(), CHINA)
    events = logger_events(
        file, build.PACKING_HOUSE, "A-77/1", [build.HARVEST_LOT], build.PACKING_LINE, reference=build.REFERENCE
    )
    assert [len(reports_of(event)) for event in events] == [ROWS, 3]
    for event in events:
        blinded = add_blind(event, build.PACKING_HOUSE, build.BLIND)
        check_event(blinded)
        assert action_of(blinded, 0).lots == (build.HARVEST_LOT.id,)  # type: ignore[union-attr]
        (element,) = event["sensorElementList"]
        assert element["sensorMetadata"]["deviceID"] == "urn:silkroot:logger:A-77%2F1"
        assert element["sensorMetadata"]["rawData"].startswith("ni:///sha-256;")
        assert event["bizTransactionList"][0]["bizTransaction"] == build.REFERENCE
    assert events[-1]["eventTime"] == file.readings[-1].time
    assert events == logger_events(
        file, build.PACKING_HOUSE, "A-77/1", [build.HARVEST_LOT], build.PACKING_LINE, reference=build.REFERENCE
    )
