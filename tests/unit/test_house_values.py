"""What people type is read as they meant it, or refused; never guessed."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.identifiers import Grams, PartyId, ProductId
from ledger.domain.imports import house_values as values
from ledger.domain.imports.cells import BadCell, Cell, CellValue
from ledger.domain.imports.house_values import Context
from ledger.domain.master_data import Product

BOX = Product(ProductId(1), PartyId(1), Grams(5000), {"zh": "箱"})
LOOSE = Product(ProductId(2), PartyId(1), Grams(1000), {"zh": "散"}, bulk_of="瓜")


def cell(value: CellValue) -> Cell:
    return Cell("S", 3, "B", value)


def grams(value: CellValue, unit: CellValue = None, heading: str = "", product: Product = BOX) -> int:
    return values.quantity(cell(value), cell(unit), heading, product).grams


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (1250, "公斤", 1_250_000),
        ("1250", "千克", 1_250_000),
        ("１２５０", "ｋｇ", 1_250_000),
        (" 1,250 ", "KG", 1_250_000),
        ("1，250．5", "公斤", 1_250_500),
        ("1.25", "吨", 1_250_000),
        ("1.25t", None, 1_250_000),
        ("2500斤", None, 1_250_000),
        (2500, "市斤", 1_250_000),
        ("500克", None, 500),
        ("1250公斤", "公斤", 1_250_000),
        ("1250公斤", "kg", 1_250_000),
        (0.1 + 0.2, "kg", 300),
        ("١٢٥٠", "كىلوگرام", 1_250_000),
        (3, "箱", 15_000),
        ("3 件", None, 15_000),
        (1250.0, "kg.", 1_250_000),
        (1, "توننا", 1_000_000),
        (2, "جىڭ", 1000),
        (2, "يەشىك", 10_000),
    ],
)
def test_quantities(value: CellValue, unit: CellValue, expected: int) -> None:
    assert grams(value, unit) == expected


def test_the_heading_may_say_the_unit() -> None:
    assert grams(1250, None, "公斤") == grams("1250kg", "千克", "公斤") == 1_250_000


@pytest.mark.parametrize(
    ("value", "unit", "heading", "rule"),
    [
        (1250, None, "", "quantity.unit-missing"),
        (1250, "公斤", "吨", "quantity.units-contradict"),
        ("1250吨", "公斤", "", "quantity.units-contradict"),
        (1, "担", "", "quantity.unit"),
        (1, "毛重", "", "quantity.unit"),
        ("1 250", "公斤", "", "quantity.form"),
        ("1,25", "公斤", "", "quantity.form"),
        ("1.250,5", "公斤", "", "quantity.form"),
        ("12,34,567", "kg", "", "quantity.form"),
        ("一千", "kg", "", "quantity.form"),
        ("1250左右", None, "", "quantity.unit"),
        ("1。5", "公斤", "", "quantity.form"),
        ("1200-1300", "kg", "", "quantity.form"),
        (True, "kg", "", "cell.type"),
        (None, "kg", "", "cell.missing"),
        (date(2026, 8, 5), "kg", "", "cell.type"),
        ("-5", "kg", "", "quantity.range"),
        ("0", "kg", "", "quantity.range"),
        (float("inf"), "kg", "", "quantity.form"),
        (1.5, "箱", "", "quantity.count"),
        (10**14, "t", "", "quantity.range"),
    ],
)
def test_doubtful_quantities(value: CellValue, unit: CellValue, heading: str, rule: str) -> None:
    with pytest.raises(BadCell) as refusal:
        grams(value, unit, heading)
    assert refusal.value.rule == rule


@pytest.mark.parametrize("unit", ["箱", "件", "case", "يەشىك"])
def test_loose_goods_have_no_cases(unit: str) -> None:
    with pytest.raises(BadCell) as refusal:
        grams(20, unit, "", LOOSE)
    assert refusal.value.rule == "mass.no-unit"


FIFTH = datetime(2026, 8, 5)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026年8月5日", FIFTH),
        ("２０２６年８月５日", FIFTH),
        ("2026 年 8 月 5 号", FIFTH),
        ("2026-8-5", FIFTH),
        ("2026-08-05", FIFTH),
        ("2026/8/5", FIFTH),
        ("2026.8.5", FIFTH),
        ("20260805", FIFTH),
        (20260805, FIFTH),
        (46239, FIFTH),
        (46239.0, FIFTH),
        (FIFTH, FIFTH),
        (FIFTH.date(), FIFTH),
        ("2026-يىلى 8-ئاينىڭ 5-كۈنى", FIFTH),
        ("2026年8月5日 14:30", FIFTH.replace(hour=14, minute=30)),
        ("2026-8-5 9:05", FIFTH.replace(hour=9, minute=5)),
        (46239.5, FIFTH.replace(hour=12)),
    ],
)
def test_dates(value: CellValue, expected: datetime) -> None:
    found = values.moment(cell(value), Context())
    assert found.at == expected
    assert found.day_only == (expected.time() == time())


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("8月5日", "date.no-year"),
        ("8-ئاينىڭ 5-كۈنى", "date.no-year"),
        ("8-5", "date.form"),
        ("8/5/2026", "date.form"),
        ("5.8.26", "date.form"),
        ("昨天", "date.form"),
        ("2026-8/5", "date.form"),
        ("2026年13月1日", "date.calendar"),
        ("2026-8-5 25:00", "date.calendar"),
        (5, "date.form"),
        (2026, "date.form"),
        (True, "cell.type"),
        (None, "cell.missing"),
        ("1999-12-31", "date.range"),
        (time(9, 0), "cell.type"),
    ],
)
def test_doubtful_dates(value: CellValue, rule: str) -> None:
    with pytest.raises(BadCell) as refusal:
        values.moment(cell(value), Context())
    assert refusal.value.rule == rule


def test_bare_days_of_a_workbook_that_counts_from_1904_are_refused() -> None:
    with pytest.raises(BadCell):
        values.moment(cell(46239), Context(date_1904=True))


@pytest.mark.parametrize(
    "value",
    [
        "14:30",
        "１４：３０",
        "14时30分",
        time(14, 30),
        14.5 / 24,
        timedelta(hours=14, minutes=30),
        datetime(1899, 12, 30, 14, 30),
    ],
)
def test_times_of_day(value: CellValue) -> None:
    assert values.clock(cell(value)) == time(14, 30)


@pytest.mark.parametrize("value", ["2:30 pm", "25:00", "14", 14, "下午2:30", None, 1.5])
def test_doubtful_times(value: CellValue) -> None:
    with pytest.raises(BadCell):
        values.clock(cell(value))


@pytest.mark.parametrize("value", [4.5, "4.5", "4.5℃", "4.5 °C", "４．５度"])
def test_degrees(value: CellValue) -> None:
    assert values.celsius(cell(value)) == 4.5


def test_degrees_below_zero() -> None:
    assert values.celsius(cell("−18℃")) == values.celsius(cell("－18")) == -18


@given(st.integers(1, 10**9), st.sampled_from(["公斤", "kg", "千克", "ＫＧ"]), st.booleans(), st.booleans())
def test_a_mass_is_the_same_however_it_is_written(grams_: int, unit: str, wide: bool, commas: bool) -> None:
    number = Decimal(grams_) / 1000
    written = f"{number:,f}" if commas else f"{number:f}"
    if wide:
        written = "".join(chr(ord(letter) + 0xFEE0) for letter in written)
    assert grams(f" {written} {unit} ") == grams(written, unit) == grams_


_ANYTHING: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.text("0123456789０１２年月日公斤吨斤kgt.,-/: ℃箱", max_size=12),
)


@given(_ANYTHING, _ANYTHING, st.sampled_from(["", "公斤", "吨"]))
def test_any_cell_is_read_or_refused(value: CellValue, unit: CellValue, heading: str) -> None:
    for read in (
        lambda: values.quantity(cell(value), cell(unit), heading, BOX),
        lambda: values.count(cell(value), BOX),
        lambda: values.moment(cell(value), Context(2026)),
        lambda: values.clock(cell(value)),
        lambda: values.celsius(cell(value)),
        lambda: values.lot_code(cell(value)),
    ):
        with suppress(BadCell):
            read()


@given(_ANYTHING)
def test_a_quantity_is_a_positive_whole_number_of_grams(value: CellValue) -> None:
    try:
        found = grams(value, "公斤")
    except BadCell:
        return
    assert isinstance(found, int)
    assert found > 0
