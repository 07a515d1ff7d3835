"""Files that are no workbook, or none that is safe to read, are refused at once; formulas count as their results."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from house_rows import house_day

from ledger.adapters import workbook
from ledger.adapters.workbook import read_workbook
from ledger.adapters.workbook_template import write_house_workbook
from ledger.domain.errors import InvalidInput
from ledger.domain.imports.cells import CellFault
from ledger.domain.imports.house_mapping import HouseMapping
from ledger.domain.imports.house_plan import plan_house
from ledger.domain.imports.house_reading import read_house
from ledger.domain.master_data import MasterData

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def rule_of(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    with pytest.raises(InvalidInput) as refusal:
        read_workbook(path)
    return refusal.value.violations[0].rule


def archive(**more: bytes) -> bytes:
    """The template with more members; a member named with __ for / in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(write_house_workbook("zh"))) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        for name, body in more.items():
            new.writestr(name.replace("__", "/").replace("_bin", ".bin"), body)
    return buffer.getvalue()


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x03\x04 not really", b"\xff" * 4096])
def test_no_workbook(tmp_path: Path, data: bytes) -> None:
    assert rule_of(tmp_path / "a.xlsx", data) == "workbook.not-one"


def test_an_archive_without_a_workbook(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("word/document.xml", "<a/>")
    assert rule_of(tmp_path / "a.xlsx", buffer.getvalue()) == "workbook.not-one"


def test_encrypted(tmp_path: Path) -> None:
    # MS-OFFCRYPTO 2.3.4.4: the package is a stream of this name in a compound file.
    body = OLE + bytes(2048) + "EncryptedPackage".encode("utf-16-le") + bytes(2048)
    assert rule_of(tmp_path / "a.xlsx", body) == "workbook.encrypted"


def test_of_an_old_format(tmp_path: Path) -> None:
    assert rule_of(tmp_path / "a.xls", OLE + bytes(4096)) == "workbook.old-format"


@pytest.mark.parametrize("name", ["xl__vbaProject_bin", "xl__macrosheets__sheet1.xml"])
def test_macros(tmp_path: Path, name: str) -> None:
    assert rule_of(tmp_path / "a.xlsm", archive(**{name: b"x"})) == "workbook.macros"


def test_expands_beyond_the_limit(tmp_path: Path) -> None:
    buffer = io.BytesIO(archive())
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as made, made.open("xl/media/big.bin", "w") as member:
        for _ in range(201):
            member.write(bytes(1024 * 1024))
    assert len(buffer.getvalue()) < 1024 * 1024
    assert rule_of(tmp_path / "a.xlsx", buffer.getvalue()) == "workbook.too-large"


def sheet_of_rows(rows: bytes) -> bytes:
    """A workbook whose first sheet's data is this XML."""
    buffer = io.BytesIO()
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = b'<worksheet xmlns="' + main + b'"><sheetData>' + rows + b"</sheetData></worksheet>"
    template = io.BytesIO(write_house_workbook("zh"))
    with zipfile.ZipFile(template) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for name in old.namelist():
            new.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else old.read(name))
    return buffer.getvalue()


def test_a_million_empty_rows(tmp_path: Path) -> None:
    rows = b"".join(b'<row r="%d"/>' % number for number in range(1, 1_000_001))
    assert rule_of(tmp_path / "a.xlsx", sheet_of_rows(rows)) == "workbook.empty-rows"


def test_a_million_rows_of_empty_cells(tmp_path: Path) -> None:
    rows = b"".join(b'<row r="%d"><c r="A%d"/></row>' % (number, number) for number in range(1, 1_000_001))
    assert rule_of(tmp_path / "a.xlsx", sheet_of_rows(rows)) == "workbook.empty-rows"


def test_a_million_rows_left_out(tmp_path: Path) -> None:
    rows = b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>'
    assert rule_of(tmp_path / "a.xlsx", sheet_of_rows(rows)) == "workbook.empty-rows"


def test_some_empty_rows_do_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_EMPTY_ROWS", 3)
    path = tmp_path / "a.xlsx"
    path.write_bytes(sheet_of_rows(b'<row r="4"><c r="A4"><v>1</v></c></row>'))
    assert [row.number for row in read_workbook(path)[0].rows] == [4]


class TestFormulas:
    def with_formula(self, path: Path, stored: bytes) -> None:
        """The day, with 500 kg of the first delivery as a formula with this stored result."""
        book = openpyxl.load_workbook(io.BytesIO(write_house_workbook("zh", house_day())))
        book["收购"]["H4"] = "=250+250"
        buffer = io.BytesIO()
        book.save(buffer)
        with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(path, "w") as new:
            for name in old.namelist():
                body = old.read(name)
                if name == "xl/worksheets/sheet1.xml":
                    for empty in (b"<f>250+250</f><v />", b"<f>250+250</f><v></v>", b"<f>250+250</f><v/>"):
                        body = body.replace(empty, b"<f>250+250</f>" + stored)
                new.writestr(name, body)

    def test_the_stored_result_is_taken_and_said(self, tmp_path: Path) -> None:
        self.with_formula(tmp_path / "a.xlsx", b"<v>500</v>")
        plan = plan_house(read_house(read_workbook(tmp_path / "a.xlsx"), HouseMapping()), MasterData())
        assert plan.errors == ()
        [note] = [note for note in plan.notes if note.rule == "cell.formula-result"]
        assert (note.sheet, note.column, note.first, note.rows) == ("收购", "H", 4, 1)

    def test_without_one_it_is_refused(self, tmp_path: Path) -> None:
        self.with_formula(tmp_path / "a.xlsx", b"")
        plan = plan_house(read_house(read_workbook(tmp_path / "a.xlsx"), HouseMapping()), MasterData())
        assert ("收购", 4, "H", "cell.formula") in {(e.sheet, e.row, e.column, e.rule) for e in plan.errors}
        assert "cell.formula-result" not in {note.rule for note in plan.notes}

    def test_the_formula_is_kept_beside_its_result(self, tmp_path: Path) -> None:
        self.with_formula(tmp_path / "a.xlsx", b"<v>500</v>")
        cell = next(row for row in read_workbook(tmp_path / "a.xlsx")[0].rows if row.number == 4).cells["H"]
        assert (cell.value, cell.formula) == (500, True)
        assert not isinstance(cell.value, CellFault)
