"""Sheets and columns are recognised in three languages, by other words for them, and by a packer's mapping."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import pytest
from house_rows import events_of, harvest, house_day, planned_day, sheets_of

from ledger.domain.errors import InvalidInput
from ledger.domain.imports.cells import Cell, Sheet, SheetRow
from ledger.domain.imports.house_explain import explain
from ledger.domain.imports.house_layout import (
    EXAMPLE_MARK,
    LANGUAGES,
    SHEETS,
    Column,
    HouseSheet,
    SheetLayout,
    Words,
    column_of_heading,
    headings_of,
    sheet_of_title,
    titles_of,
)
from ledger.domain.imports.house_mapping import HouseMapping, mapping_of
from ledger.domain.imports.house_plan import plan_house
from ledger.domain.imports.house_reading import is_house, read_house
from ledger.domain.master_data import MasterData

COLUMNS = [(layout, column) for layout in SHEETS.values() for column in layout.columns]


@pytest.mark.parametrize("layout", SHEETS.values(), ids=lambda layout: layout.key)
def test_every_title_finds_its_sheet(layout: SheetLayout) -> None:
    for title in titles_of(layout):
        assert sheet_of_title(f" {title} ") is layout


@pytest.mark.parametrize(("layout", "column"), COLUMNS)
def test_every_heading_finds_its_column(layout: SheetLayout, column: Column) -> None:
    for heading in headings_of(column):
        assert column_of_heading(layout, heading) is column
    assert column_of_heading(layout, f"{column.title.zh}\n{column.title.en}") is column
    assert all(column.title.of(language) for language in LANGUAGES)
    assert all(column.note.of(language) for language in LANGUAGES)
    if isinstance(column.example, Words):
        assert all(column.example.of(language) for language in LANGUAGES)


def test_what_is_no_heading_finds_none() -> None:
    for heading in ("毛重", "", "  ", "备注2", "单价", "姓名", "电话"):
        assert column_of_heading(SHEETS[HouseSheet.INTAKE], heading) is None


def test_the_workbook_of_the_initiative_is_not_taken_for_ours() -> None:
    cells = {"A": Cell("Shipping", 1, "A", "TLC - GTIN"), "B": Cell("Shipping", 1, "B", "Qty & UOM")}
    assert not is_house([Sheet("Shipping", (SheetRow(1, cells),))], HouseMapping())
    assert is_house(sheets_of(house_day(), "en"), HouseMapping())


def line(title: str, number: int, values: Sequence[Any]) -> SheetRow:
    """A row of a sheet, from column A on."""
    filled = {chr(65 + index): value for index, value in enumerate(values) if value is not None}
    return SheetRow(number, {letter: Cell(title, number, letter, value) for letter, value in filled.items()})


class TestMapping:
    TREE: ClassVar = {
        "sheets": {"八月收货台账": "采收"},
        "columns": {"采收": {"户号": "地块", "毛重减皮重": "净重"}, "日子": "date"},
        "units": {"毛重减皮重": "吨"},
    }

    def sheet(self) -> Sheet:
        headings = ("日子", "户号", "批号", "产品", "毛重减皮重", "单价")
        row = ("2026-8-5", "A1 号地", "CS0805", "09520001000119", 0.8, 3.2)
        return Sheet("八月收货台账", (line("八月收货台账", 4, headings), line("八月收货台账", 5, row)))

    def test_their_words_mean_ours(self) -> None:
        master = planned_day(house_day()).additions
        plan = plan_house(read_house([self.sheet()], mapping_of(self.TREE)), master)
        assert plan.errors == ()
        only = {key: rows for key, rows in house_day(harvest=[harvest()]).items() if key is HouseSheet.HARVEST}
        assert events_of(plan) == events_of(planned_day(only, master))

    def test_explained(self) -> None:
        [sheet] = explain([self.sheet()], mapping_of(self.TREE), "zh")["sheets"]
        assert (sheet["means"], sheet["title"], sheet["heading_row"], sheet["rows"]) == ("harvest", "采收", 4, 1)
        assert [(c["heading"], c["means"], c["unit"]) for c in sheet["columns"]] == [
            ("日子", "date", ""), ("户号", "plot", ""), ("批号", "lot", ""), ("产品", "product", ""),
            ("毛重减皮重", "quantity", "吨"), ("单价", None, ""),
        ]  # fmt: skip
        assert sheet["missing"] == []
        assert "采收班组" in sheet["absent"]

    @pytest.mark.parametrize(
        ("tree", "rule"),
        [
            ({"sheet": {}}, "mapping.unknown-key"),
            ({"sheets": []}, "mapping.type"),
            ({"sheets": {"A": "账本"}}, "mapping.sheet"),
            ({"columns": {"甲": "乙"}}, "mapping.column"),
            ({"columns": {"账本": {"甲": "批号"}}}, "mapping.sheet"),
            ({"columns": {"采收": {"甲": 7}}}, "mapping.column"),
            ({"units": {"甲": "担"}}, "mapping.unit"),
        ],
    )
    def test_what_means_nothing_is_refused(self, tree: dict[str, object], rule: str) -> None:
        with pytest.raises(InvalidInput) as refusal:
            mapping_of(tree)
        assert {violation.rule for violation in refusal.value.violations} == {rule}


class TestReading:
    def sheet(self, *lines: tuple[Any, ...]) -> Sheet:
        return Sheet("采收", tuple(line("采收", number, values) for number, values in enumerate(lines, 1)))

    HEADINGS = ("标记", "采收日期", "地块", "批号", "产品", "净重", "单位")

    def test_a_missing_column_is_named_in_three_languages(self) -> None:
        [found] = read_house([self.sheet(self.HEADINGS[:4])], HouseMapping())
        assert {error.rule for error in found.problems} == {"sheet.columns"}
        assert [column.key for column in found.missing] == ["product", "quantity"]

    def test_a_heading_twice_is_refused(self) -> None:
        [found] = read_house([self.sheet((*self.HEADINGS, "批次"))], HouseMapping())
        assert [(error.column, error.rule) for error in found.problems] == [("H", "sheet.columns")]

    def test_no_headings_at_all(self) -> None:
        [found] = read_house([self.sheet(("一", "二"))], HouseMapping())
        assert [error.rule for error in found.problems] == ["sheet.headings"]

    def test_titles_above_and_notes_beside_do_not_matter(self) -> None:
        title, blank = ("采收登记表",), (None,)
        row = (None, "2026-8-5", "A1 号地", "CS0805", "09520001000119", 800, "公斤", "随便写")
        [found] = read_house(
            [self.sheet(title, title, blank, (*self.HEADINGS, "我的话"), row, (None, " ", ""))], HouseMapping()
        )
        assert [row.key.row for row in found.rows] == [5]

    def test_the_example_is_left_out_until_it_is_changed(self) -> None:
        layout = SHEETS[HouseSheet.HARVEST]
        named = {column.title.zh: column.example for column in layout.columns}
        shown = [named[heading] for heading in self.HEADINGS]
        for language in LANGUAGES:
            cells = [value.of(language) if isinstance(value, Words) else value for value in shown]
            cells[0] = EXAMPLE_MARK.of(language)
            [found] = read_house([self.sheet(self.HEADINGS, tuple(cells))], HouseMapping())
            assert (found.examples, found.rows, found.problems) == (1, (), ())
            cells[5] = 700
            [found] = read_house([self.sheet(self.HEADINGS, tuple(cells))], HouseMapping())
            assert [error.rule for error in found.problems] == ["row.example-changed"]
            cells[0] = None
            [found] = read_house([self.sheet(self.HEADINGS, tuple(cells))], HouseMapping())
            assert (len(found.rows), found.problems) == (1, ())


def test_an_empty_sheet_says_nothing() -> None:
    plan = plan_house(read_house([Sheet("收购", ())], HouseMapping()), MasterData())
    assert (plan.errors, plan.groups) == ((), ())
