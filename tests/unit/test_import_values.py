"""Cell values as the trade writes them: dates, quantities, identifiers; nothing is guessed."""

from __future__ import annotations

import contextlib
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.identifiers import Grams
from ledger.domain.imports import values
from ledger.domain.imports.cells import BadCell, Cell, CellFault


def cell(value: Any) -> Cell:
    return Cell("Sheet", 3, "B", value)


def refused(read: Any, *arguments: Any) -> str:
    with pytest.raises(BadCell) as caught:
        read(*arguments)
    error = caught.value.row_error()
    assert (error.sheet, error.row, error.column) == ("Sheet", 3, "B")
    return error.rule


@pytest.mark.parametrize(
    ("value", "expected", "day_only"),
    [
        (datetime(2023, 7, 18), datetime(2023, 7, 18), True),
        (datetime(2023, 7, 18, 9, 30), datetime(2023, 7, 18, 9, 30), False),
        (date(2023, 7, 18), datetime(2023, 7, 18), True),
        ("230713", datetime(2023, 7, 13), True),
        (230713, datetime(2023, 7, 13), True),
        ("03 25 2023", datetime(2023, 3, 25), True),
        ("2023-07-18", datetime(2023, 7, 18), True),
        ("2023-07-18 09:30", datetime(2023, 7, 18, 9, 30), False),
        (" 230713 ", datetime(2023, 7, 13), True),
    ],
)
def test_dates(value: Any, expected: datetime, day_only: bool) -> None:
    assert values.moment(cell(value)) == values.Moment(expected, day_only)


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (None, "cell.missing"),
        ("13 25 2023", "date.calendar"),
        ("230732", "date.calendar"),
        (50101, "date.form"),
        ("25/03/2023", "date.form"),
        ("٢٣٠٧١٣", "date.form"),
        (45124, "date.form"),
        (datetime(1899, 12, 31), "date.range"),
        (time(9, 30), "cell.type"),
        (timedelta(1), "cell.type"),
        (True, "cell.type"),
    ],
)
def test_what_is_no_date(value: Any, rule: str) -> None:
    assert refused(values.moment, cell(value)) == rule


@pytest.mark.parametrize(
    ("quantity", "unit", "grams", "cases"),
    [
        ("20 CS", None, 100_000, 20),
        ("20CS", None, 100_000, 20),
        (20, "Cases", 100_000, 20),
        (20.0, "cases", 100_000, 20),
        ("20", "CTN.", 100_000, 20),
        (12.5, "kg", 12_500, 0),
        (0.1, "kg", 100, 0),
        ("1.5 t", None, 1_500_000, 0),
        (100_000, "lbs", 45_359_237, 0),
        (3, "箱", 15_000, 3),
    ],
)
def test_quantities(quantity: Any, unit: str | None, grams: int, cases: int) -> None:
    unit_cell = None if unit is None else cell(unit)
    assert values.amount(cell(quantity), unit_cell, Grams(5_000)) == values.Amount(Grams(grams), cases)


@pytest.mark.parametrize(
    ("quantity", "unit", "rule"),
    [
        ("CS 20", None, "quantity.form"),
        ("20", None, "quantity.form"),
        (20, None, "quantity.form"),
        ("-20 CS", None, "quantity.form"),
        (-20, "CS", "quantity.count"),
        ("1e3", "furlongs", "quantity.unit"),
        ("20 EA of 4", None, "quantity.unit"),
        (0, "CS", "quantity.count"),
        (2.5, "CS", "quantity.count"),
        (0, "kg", "quantity.range"),
        (0.0001, "kg", "quantity.whole-grams"),
        (float("nan"), "kg", "quantity.range"),
        (float("inf"), "kg", "quantity.range"),
        (10**15, "kg", "cell.precision"),
        ("nan", "kg", "quantity.range"),
        ("9e99", "kg", "quantity.range"),
        (None, "CS", "cell.missing"),
    ],
)
def test_what_is_no_quantity(quantity: Any, unit: str | None, rule: str) -> None:
    unit_cell = None if unit is None else cell(unit)
    assert refused(values.amount, cell(quantity), unit_cell, Grams(5_000)) == rule


@pytest.mark.parametrize(
    ("value", "expected"),
    [(" L-1 ", "L-1"), (187, "187"), (187.0, "187"), (None, ""), ("a\n b", "a b")],
)
def test_text(value: Any, expected: str) -> None:
    assert values.text(cell(value)) == expected


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (187.5, "cell.type"),
        (False, "cell.type"),
        (123456789012345675, "cell.precision"),
        (float(10**16), "cell.precision"),
        ("a\x00b", "cell.control-character"),
        ("\ud800", "cell.control-character"),
        (CellFault("cell.formula", "=A1+B1", "no result"), "cell.formula"),
    ],
)
def test_what_is_no_text(value: Any, rule: str) -> None:
    assert refused(values.text, cell(value)) == rule


def test_identifiers_are_never_repaired() -> None:
    assert values.gtin(cell(10333830000016)) == 10333830000016
    assert values.gln(cell("0071430010556")) == 71430010556
    assert refused(values.gln, cell(71430010556)) == "gs1.gln.length"
    assert refused(values.gln, cell("0071430010550")) == "gs1.check-digit"
    assert refused(values.sscc, cell("123456789012345883")) == "gs1.check-digit"
    assert refused(values.gtin, cell("1033383000001")) == "gs1.check-digit"


@pytest.mark.parametrize("code", ["L" * 21, "a b", "É", "#1", "-"])
def test_lot_codes_fit_application_identifier_10(code: str) -> None:
    assert refused(values.lot_code, cell(code)) in {"gs1.ai10", "cell.missing"}


@given(
    st.none()
    | st.text(max_size=30)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.datetimes()
    | st.dates()
    | st.times(),
    st.none() | st.text(max_size=10) | st.sampled_from(["CS", "kg", "lb"]) | st.floats(),
)
def test_anything_else_is_a_bad_cell(value: Any, unit: Any) -> None:
    for read in (values.text, values.describe, values.moment, values.gtin, values.gln, values.sscc, values.lot_code):
        with contextlib.suppress(BadCell):
            read(cell(value))
    with contextlib.suppress(BadCell):
        assert values.amount(cell(value), cell(unit), Grams(5_000)).grams > 0
