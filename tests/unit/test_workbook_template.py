"""The template of a packing house's workbook: what a person sees, and that what they fill in comes back."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from house_rows import events_of, house_day, planned_day

from ledger.adapters.workbook import read_workbook
from ledger.adapters.workbook_template import heading_row, write_house_workbook
from ledger.domain.imports.cells import Sheet
from ledger.domain.imports.house_layout import EXAMPLE_MARK, LANGUAGES, SHEETS, HouseSheet
from ledger.domain.imports.house_mapping import HouseMapping
from ledger.domain.imports.house_plan import plan_house
from ledger.domain.imports.house_reading import is_house, read_house
from ledger.domain.master_data import MasterData


def opened(language: str) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(write_house_workbook(language)))


def read(path: Path, data: bytes) -> tuple[Sheet, ...]:
    path.write_bytes(data)
    return read_workbook(path)


@pytest.mark.parametrize("language", LANGUAGES)
class TestTemplate:
    def test_has_the_sheets_in_its_language(self, language: str) -> None:
        book = opened(language)
        assert book.sheetnames == [layout.title.of(language) for layout in SHEETS.values()]
        for sheet, layout in zip(book.worksheets, SHEETS.values(), strict=True):
            assert sheet.sheet_view.rightToLeft is (language == "ug")
            assert sheet.freeze_panes == f"C{heading_row(layout) + 1}"
            assert sheet.page_setup.orientation == "landscape"
            assert sheet.print_title_rows == f"$1:${heading_row(layout)}"
            headings = sheet[heading_row(layout)]
            assert [cell.value for cell in headings] == [column.title.of(language) for column in layout.columns]
            for cell, column in zip(headings, layout.columns, strict=True):
                assert cell.comment is not None
                assert column.note.of(language) in cell.comment.text

    def test_offers_lists(self, language: str) -> None:
        book = opened(language)
        for sheet, layout in zip(book.worksheets, SHEETS.values(), strict=True):
            offered = {str(rule.sqref).split(":")[0]: rule.formula1 for rule in sheet.data_validations.dataValidation}
            wanted = [column for column in layout.columns if column.source]
            assert len(offered) == len(wanted)
        shipping = book[SHEETS[HouseSheet.SHIPPING].title.of(language)]
        receivers = {str(rule.sqref): rule.formula1 for rule in shipping.data_validations.dataValidation}["E3:E1002"]
        column = receivers.split("$")[1]
        master = book[SHEETS[HouseSheet.MASTER].title.of(language)]
        heading = SHEETS[HouseSheet.MASTER].column(f"party_name_{language}").title.of(language)
        assert master[f"{column}3"].value == heading
        assert master.title in receivers

    def test_identifiers_keep_their_zeros(self, language: str) -> None:
        sheet = opened(language)[SHEETS[HouseSheet.MASTER].title.of(language)]
        assert sheet["B4"].number_format == sheet.column_dimensions["B"].number_format == "@"

    def test_the_examples_are_whole_and_left_out(self, language: str, tmp_path: Path) -> None:
        found = read_house(read(tmp_path / "t.xlsx", write_house_workbook(language)), HouseMapping())
        assert [(sheet.examples, sheet.rows, sheet.problems) for sheet in found] == [(1, (), ())] * len(SHEETS)

    def test_the_examples_would_be_recorded_without_their_marks(self, language: str, tmp_path: Path) -> None:
        book = opened(language)
        for sheet, layout in zip(book.worksheets, SHEETS.values(), strict=True):
            mark = sheet.cell(heading_row(layout) + 1, 1)
            assert mark.value == EXAMPLE_MARK.of(language)
            mark.value = None
        loose = book.worksheets[-1]
        keys = [column.key for column in SHEETS[HouseSheet.MASTER].columns]
        wanted = {
            "product_gtin": "09529999000019", "product_name_zh": "示例哈密瓜（散装）", "product_loose": "是",
            "product_name_en": "Example Hami melon, loose", "product_name_ug": "مىسال قوغۇن (چاچما)",
            "product_owner": "9529999000019", "party_id": "9529999000026", "party_name_zh": "示例批发公司",
            "party_name_en": "Example Wholesale", "party_name_ug": "مىسال توپ سېتىش شىركىتى", "party_roles": "buyer",
        }  # fmt: skip
        for key, value in wanted.items():
            loose.cell(5, keys.index(key) + 1, value)
        carrier = {"party_id": "9529999000033", "party_name_zh": "示例冷链运输", "party_name_en": "Example Cold Chain"}
        carrier |= {"party_name_ug": "مىسال سوغۇق زەنجىر توشۇش", "party_roles": "carrier"}
        for key, value in carrier.items():
            loose.cell(6, keys.index(key) + 1, value)
        path = tmp_path / "own.xlsx"
        book.save(path)
        plan = plan_house(read_house(read_workbook(path), HouseMapping()), MasterData())
        assert [str(error) for error in plan.errors] == []
        assert len(events_of(plan)) == 6

    def test_a_filled_one_says_what_was_filled_in(self, language: str, tmp_path: Path) -> None:
        sheets = read(tmp_path / "day.xlsx", write_house_workbook(language, house_day()))
        assert is_house(sheets, HouseMapping())
        plan = plan_house(read_house(sheets, HouseMapping()), MasterData())
        assert plan.errors == ()
        assert events_of(plan) == events_of(planned_day(house_day()))
        assert plan.additions == planned_day(house_day()).additions


def test_the_same_rows_make_the_same_bytes() -> None:
    assert write_house_workbook("zh", house_day()) == write_house_workbook("zh", house_day())
