"""Commands of temperature, as people type them: limits from master data, a logger's file, the series, an inspection."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_desk import BULK, FARM, HOUSE, LOT, MASTER, PLOT, Run, done, refused

from ledger.adapters.sql_store.store import SqlStore

COLD = f"{BULK}/H-COLD"
CSV = "Time,Temperature (°C),Humidity (%RH)\n2026-08-05 14:00,4,90\n2026-08-05 14:10,9.5,91\n2026-08-05 14:20,5,92\n"


@pytest.fixture
def cold(run: Run, tmp_path: Path) -> Run:
    """A lot with limits on its way to the packing house under WB-7, and the file of its logger."""
    limits = MASTER.replace(f'gtin = "{BULK}"', f'gtin = "{BULK}"\nmin_celsius = 2\nmax_celsius = 8\ntolerance = 5')
    (tmp_path / "limits.toml").write_text(limits)
    (tmp_path / "logger.csv").write_text(CSV, encoding="utf-8")
    assert run("import", str(tmp_path / "limits.toml")).code == 0
    done(run, "register", COLD, "100kg", "--plot", PLOT, "--as", FARM)
    done(run, "ship", f"{COLD}=100kg", "--to", HOUSE, "--ref", "WB-7", "--as", FARM)
    return run


def logged(cold: Run, tmp_path: Path, *more: str) -> tuple[str, ...]:
    way = ("--consignment", "WB-7", "--from", FARM, "--as", HOUSE, "--zone", "+08:00")
    return ("import-logger", str(tmp_path / "logger.csv"), "--serial", "A-77", *way, *more)


def test_the_birth_states_the_limits_of_its_product(cold: Run, store: SqlStore) -> None:
    (birth, _) = store.events_of_lot(store.lots_with_code("H-COLD")[0].id)
    line = {"epcClass": f"https://id.gs1.org/01/{BULK}/10/H-COLD", "minimum": 2000, "maximum": 8000, "tolerance": 5}
    assert birth.body["silkroot:limits"] == [line]
    again = done(cold, "register", COLD, "100kg", "--plot", PLOT, "--as", FARM)
    assert again["repeated"]
    assert done(cold, "register", f"{BULK}/H-2B", "1kg", "--plot", PLOT, "--as", FARM)["repeated"] is False


def test_a_loggers_file_becomes_a_series(cold: Run, tmp_path: Path) -> None:
    told = cold(*logged(cold, tmp_path, "--json")).json
    assert (told["readings"], len(told["events"]), told["lots"]) == (3, 1, [COLD])
    assert "1 of them new" not in cold(*logged(cold, tmp_path)).out  # known already
    found = cold("temperature", COLD, "--json")
    assert found.code == 2  # no chain here
    (branch,) = found.json["branches"]
    assert (branch["holder"], branch["standing"], branch["degreeMinutes"]) == (HOUSE, "open", 15.0)
    assert branch["limits"] == {"minimum": 2.0, "maximum": 8.0, "toleranceDegreeMinutes": 5}
    assert branch["longest"] | {"from": "", "to": ""} == {
        "side": "above", "minutes": 10, "peak": 9.5, "degreeMinutes": 15.0, "from": "", "to": "",
    }  # fmt: skip
    temperature, humidity = branch["series"]
    assert temperature["device"] == "urn:silkroot:logger:A-77"
    assert [one["lowest"] for one in temperature["readings"]] == [4.0, 9.5, 5.0]
    assert (humidity["type"], humidity["highest"], humidity["limits"]) == ("RelativeHumidity", 92.0, None)


def test_in_words(cold: Run, tmp_path: Path) -> None:
    assert "Temperature not recorded" in cold("show", COLD).out
    assert cold(*logged(cold, tmp_path)).code == 0
    shown = cold("show", COLD).out
    assert "4 °C to 9.5 °C on the way, in 3 readings" in shown
    assert "outside its limits (2 °C to 8 °C) for 10 min, and not inspected since" in shown
    told = cold("temperature", COLD, "--readings").out
    assert "above the limit from 2026-08-05 06:10Z to 2026-08-05 06:20Z, 10 min, up to 9.5 °C (15 degree-min" in told
    assert "2026-08-05T06:10:00.000Z  9.5 °C" in told
    assert "92 %" in told


def test_an_inspection_closes_it(cold: Run, tmp_path: Path) -> None:
    assert cold(*logged(cold, tmp_path)).code == 0
    done(cold, "inspect", COLD, "--found", "conformant", "--reason", "cut open, firm", "--as", HOUSE)
    (branch,) = cold("temperature", COLD, "--json").json["branches"]
    assert branch["standing"] == "inspected"
    assert "inspected since and found in order" in cold("show", COLD).out
    assert refused(cold, "inspect", COLD, "--found", "fine", "--as", HOUSE) == "inspection.found"


def test_a_lot_without_limits(run: Run, tmp_path: Path) -> None:
    (tmp_path / "logger.csv").write_text(CSV, encoding="utf-8")
    way = ("--lot", LOT, "--as", FARM, "--zone", "Z")
    assert run("import-logger", str(tmp_path / "logger.csv"), "--serial", "A-77", *way).code == 0
    assert "no limits were set for it" in run("show", LOT).out


def test_what_is_wrong_with_a_file_is_named_by_line_column_rule_and_value(cold: Run, tmp_path: Path) -> None:
    (tmp_path / "logger.csv").write_text(CSV.replace("9.5", "warm"), encoding="utf-8")
    said = cold(*logged(cold, tmp_path))
    assert said.code == 1
    assert "line 3, Temperature (°C)" in said.err
    assert "rule logger.number, value warm" in said.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--as", HOUSE),
        ("--as", HOUSE, "--consignment", "WB-7"),
        ("--as", HOUSE, "--lot", COLD, "--consignment", "WB-7", "--from", FARM),
        ("--as", HOUSE, "--lot", COLD, "--unit", "K"),
        ("--as", HOUSE, "--lot", COLD, "--dates", "ymd"),
    ],
)
def test_usage(cold: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert cold("import-logger", str(tmp_path / "logger.csv"), "--serial", "A-77", *arguments).code == 2


def test_a_consignment_that_nobody_sent(cold: Run, tmp_path: Path) -> None:
    said = cold(*(word if word != "WB-7" else "WB-8" for word in logged(cold, tmp_path)))
    assert said.code == 2
    assert "has shipped nothing" in said.err


def test_a_receipt_commits_to_what_was_measured_on_the_way(cold: Run, store: SqlStore, tmp_path: Path) -> None:
    assert cold(*logged(cold, tmp_path)).code == 0
    done(cold, "receive", "WB-7", "--from", FARM, "--as", HOUSE)
    *_, readings, receipt = store.events_of_lot(store.lots_with_code("H-COLD")[0].id)
    (line,) = receipt.body["silkroot:leg"]
    assert line["last"] == readings.content_hash.hex()
    assert (line["readings"], line["minimum"], line["maximum"], line["degreeMinutes"]) == (3, 4_000, 9_500, 15)


def test_a_receipt_of_what_nobody_measured_commits_to_nothing(cold: Run, store: SqlStore) -> None:
    done(cold, "receive", "WB-7", "--from", FARM, "--as", HOUSE)
    *_, receipt = store.events_of_lot(store.lots_with_code("H-COLD")[0].id)
    assert "silkroot:leg" not in receipt.body
