"""Workbooks become typed cells with coordinates; what is none is refused."""

from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from ledger.adapters import workbook
from ledger.adapters.workbook import read_workbook
from ledger.domain.errors import InvalidInput
from ledger.domain.imports.cells import CellFault, CellValue


def written(folder: Path, **cells: object) -> Path:
    """A workbook of one sheet "Data" with these cells, beside a sheet "Other" with 7 in B2."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Data"
    for place, value in cells.items():
        sheet[place] = value
    book.create_sheet("Other")["B2"] = 7
    path = folder / "book.xlsx"
    book.save(path)
    return path


def cell(path: Path, column: str, row: int) -> CellValue:
    [found] = [found for found in read_workbook(path)[0].rows if found.number == row]
    return found.cells[column].value


def test_values_keep_type_and_place(tmp_path: Path) -> None:
    path = written(tmp_path, A1="text", C2=7, D2=1.5, E2=datetime(2026, 8, 5, 9, 30), F2=True)
    first, second = read_workbook(path)[0].rows
    assert (first.number, first.cells["A"].value) == (1, "text")
    assert {letters: found.value for letters, found in second.cells.items()} == {
        "C": 7, "D": 1.5, "E": datetime(2026, 8, 5, 9, 30), "F": True,
    }  # fmt: skip
    assert [sheet.title for sheet in read_workbook(path)] == ["Data", "Other"]


@pytest.mark.parametrize("formula", ["=Other!B2", "=+Other!$B$2", "='Other'!B2", "=A5"])
def test_a_reference_without_stored_result_is_followed(tmp_path: Path, formula: str) -> None:
    assert cell(written(tmp_path, A1=formula, A5="=Other!B2"), "A", 1) == 7


@pytest.mark.parametrize("formula", ["=Other!B2+1", "=SUM(A2:A3)", "=A1"])
def test_any_other_formula_is_a_fault_and_not_empty(tmp_path: Path, formula: str) -> None:
    found = cell(written(tmp_path, A1=formula), "A", 1)
    assert isinstance(found, CellFault)
    assert (found.rule, found.text) == ("cell.formula", formula)


def test_an_error_value_is_a_fault(tmp_path: Path) -> None:
    found = cell(written(tmp_path, A1="#N/A"), "A", 1)
    assert isinstance(found, CellFault)
    assert found.rule == "cell.error"


def test_leading_zeros_that_people_see_are_kept(tmp_path: Path) -> None:
    path = written(tmp_path, A1=187, A2=187)
    book = openpyxl.load_workbook(path)
    book["Data"]["A2"].number_format = "00000"
    book.save(path)
    assert (cell(path, "A", 1), cell(path, "A", 2)) == (187, "00187")


def refusal(path: Path) -> str:
    with pytest.raises(InvalidInput) as caught:
        read_workbook(path)
    return caught.value.violations[0].rule


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "text.xlsx"
    text.write_text("GTIN;Lot")
    other = tmp_path / "other.xlsx"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    damaged = tmp_path / "damaged.xlsx"
    with zipfile.ZipFile(damaged, "w") as archive:
        archive.writestr("xl/workbook.xml", "<not xml")
    assert refusal(tmp_path / "nothing.xlsx") == "workbook.missing"
    assert refusal(text) == "workbook.not-one"
    assert refusal(other) == "workbook.not-one"
    assert refusal(damaged) == "workbook.damaged"


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, A1=1, A9=2)
    monkeypatch.setattr(workbook, "MAX_ROWS", 5)
    assert refusal(path) == "workbook.too-large"
    monkeypatch.setattr(workbook, "MAX_ROWS", 100)
    monkeypatch.setattr(workbook, "MAX_UNPACKED", 10)
    assert refusal(path) == "workbook.too-large"
