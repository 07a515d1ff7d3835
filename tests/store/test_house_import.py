"""The packing house's own workbook on a real store: recorded once, refused whole, told at its cells, marked."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from house_rows import Day, house_day, intake, packing, shipping
from import_world import ImportWorld, import_world

from ledger.adapters.workbook import read_workbook
from ledger.adapters.workbook_marks import mark_workbook
from ledger.adapters.workbook_template import write_house_workbook
from ledger.domain.errors import InvalidInput
from ledger.domain.imports.cells import RowError
from ledger.domain.imports.house_layout import LANGUAGES
from ledger.domain.master_data import MasterData


@pytest.fixture
def world(tmp_path: Path, url: str) -> ImportWorld:
    return import_world(tmp_path, MasterData(), url)


def written(folder: Path, day: Day, language: str = "zh", name: str = "day.xlsx") -> Path:
    path = folder / name
    path.write_bytes(write_house_workbook(language, day))
    return path


def say(error: RowError) -> str:
    return error.message


class TestImport:
    def test_the_whole_day(self, world: ImportWorld, tmp_path: Path) -> None:
        report = world.importer.import_file(written(tmp_path, house_day()))
        assert report.ok, report.refused
        assert (report.rows, report.events, report.recorded, report.repeated) == (10, 6, 6, 0)
        assert {note.rule for note in report.notes} == {"row.example"}

    def test_twice_and_in_other_languages_changes_nothing(self, world: ImportWorld, tmp_path: Path) -> None:
        world.importer.import_file(written(tmp_path, house_day()))
        before = [event.content_hash for event in world.parts.store.events()]
        for language in LANGUAGES:
            again = world.importer.import_file(written(tmp_path, house_day(), language))
            assert (again.recorded, again.repeated, again.refused) == (0, 6, ())
        assert [event.content_hash for event in world.parts.store.events()] == before

    def test_one_bad_row_and_nothing_is_recorded(self, world: ImportWorld, tmp_path: Path) -> None:
        path = written(tmp_path, house_day(shipping=[shipping(), shipping(waybill="YD-2", cases=None)]))
        report = world.importer.import_file(path)
        assert [(error.sheet, error.row, error.rule) for error in report.refused] == [("发货", 5, "cell.missing")]
        assert report.recorded == world.events() == 0
        again = world.importer.import_file(path, proceed=True)
        assert (again.recorded, len(again.refused)) == (6, 1)

    def test_what_the_ledger_refuses_is_told_at_its_cell(self, world: ImportWorld, tmp_path: Path) -> None:
        more = {"shipping": [shipping(cases=181)], "receiving": []}
        report = world.importer.import_file(written(tmp_path, house_day(**more)))
        found = {(error.sheet, error.row, error.column, error.rule) for error in report.refused}
        assert ("发货", 4, "H", "NotEnoughHeld") in found
        assert world.events() == 0

    def test_a_day_of_300_rows_and_40_lots(self, world: ImportWorld, tmp_path: Path) -> None:
        deliveries: list[dict[str, Any]] = []
        orders: list[dict[str, Any]] = []
        for lot in range(20):
            deliveries += [intake(lot * 13 + n, lot=f"SG-{lot}", quantity=100) for n in range(13)]
            taken = {"in_lot": f"SG-{lot}", "in_quantity": 1300, "culls": 50, "loss": 50, "remainder": None}
            orders.append(packing(order=f"FX-{lot}", out_lot=f"HM-{lot}", out_cases=240, **taken))
        sent = [shipping(waybill=f"YD-{lot}", lot=f"HM-{lot}") for lot in range(20)]
        day = house_day(intake=deliveries, packing=orders, shipping=sent, receiving=[], harvest=[], temperature=[])
        report = world.importer.import_file(written(tmp_path, day))
        assert report.ok, report.refused[:3]
        assert (report.rows, report.recorded) == (303, 60)


class TestMarks:
    def test_errors_stand_on_the_cells_of_a_copy(self, world: ImportWorld, tmp_path: Path) -> None:
        rows = [intake(1, quantity="五百"), intake(2), intake(3, lot="SG-X", place="无名")]
        path = written(tmp_path, house_day(intake=rows))
        before = path.read_bytes()
        report = world.importer.import_file(path)
        out = tmp_path / "marked.xlsx"
        assert mark_workbook(path, out, report.refused, say) > 0
        assert path.read_bytes() == before
        sheet = openpyxl.load_workbook(out)["收购"]
        comment = sheet["H4"].comment
        assert comment is not None
        assert "quantity.form" in comment.text
        assert sheet["H4"].fill.fgColor.rgb.endswith("FFC7CE")
        assert sheet["C6"].comment is not None
        assert sheet["H5"].value == 500
        assert sheet["A2"].comment is not None, "notes of the template stay"
        assert sheet.data_validations.dataValidation, "lists stay"
        again = world.importer.import_file(out, dry_run=True)
        assert {(error.sheet, error.row, error.rule) for error in again.refused} == {
            (error.sheet, error.row, error.rule) for error in report.refused
        }

    def test_computed_results_of_formulas_stay(self, tmp_path: Path) -> None:
        path = written(tmp_path, house_day())
        book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
        book["收购"]["K4"] = "=1+1"
        book["收购"]["K5"] = '="a"&"<b>"'
        book.save(path)
        stored = tmp_path / "stored.xlsx"
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(stored, "w") as new:
            for name in old.namelist():
                body = old.read(name)
                for empty in (b"<v />", b"<v></v>", b"<v/>"):
                    body = body.replace(b"<f>1+1</f>" + empty, b"<f>1+1</f><v>2</v>")
                    text = b'<f>"a"&amp;"&lt;b&gt;"</f>'
                    body = body.replace(text + empty, text + b"<v>a&lt;b&gt;</v>")
                new.writestr(name, body.replace(b'<c r="K5"', b'<c r="K5" t="str"') if "sheet1" in name else body)
        out = tmp_path / "marked.xlsx"
        mark_workbook(stored, out, [RowError("收购", 4, "H", "", "quantity.form", "no")], say)
        rows = {row.number: row.cells for row in read_workbook(out)[0].rows}
        assert (rows[4]["K"].value, rows[4]["K"].formula) == (2, True)
        assert rows[5]["K"].value == "a<b>"
        assert openpyxl.load_workbook(out)["收购"]["K4"].value == "=1+1"

    def test_the_original_is_never_written_to(self, tmp_path: Path) -> None:
        path = written(tmp_path, house_day())
        with pytest.raises(InvalidInput) as refusal:
            mark_workbook(path, path, [], say)
        assert refusal.value.violations[0].rule == "mark.original"

    def test_rows_and_merged_cells_and_unknown_sheets(self, tmp_path: Path) -> None:
        path = written(tmp_path, house_day())
        errors = [
            RowError("收购", 4, "", "", "row.incomplete", "with another"),
            RowError("收购", 1, "C", "", "sheet.columns", "in the merged title"),
            RowError("", 0, "", "", "workbook.no-sheets", "none"),
        ]
        out = tmp_path / "marked.xlsx"
        assert mark_workbook(path, out, errors, say) == 2
        sheet = openpyxl.load_workbook(out)["收购"]
        assert sheet["B4"].comment is not None
        assert sheet["B4"].fill.fgColor.rgb.endswith("FFEB9C")
        assert sheet["A1"].comment is not None
        assert "merged title" in sheet["A1"].comment.text
        assert "none" in sheet["A1"].comment.text
