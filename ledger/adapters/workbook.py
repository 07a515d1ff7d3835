"""
Reads an Office Open XML workbook (.xlsx) into typed cells with their coordinates; knows no rules of ours.

A formula counts as the result that the spreadsheet program stored with it. Where none is stored (files written by
programs that do not calculate), a plain reference such as `=Locations!A6` is followed; any other formula becomes a
`CellFault`, never an empty cell. Numbers shown with leading zeros (format "0000") become the text that people see.
Refuses what is no workbook, is encrypted, holds macros, would unpack beyond `MAX_UNPACKED`, or is mostly empty rows:
`InvalidInput`, rule `workbook.*`. All of that is told before, or without, reading the whole file.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from ledger.adapters.workbook_rows import too_many_rows
from ledger.domain.errors import InvalidInput
from ledger.domain.imports.cells import Cell, CellFault, CellValue, Sheet, SheetRow

MAX_UNPACKED = 200 * 1024 * 1024
MAX_ROWS = 200_000
MAX_EMPTY_ROWS = 20_000
"""Empty rows that a sheet may have, between its rows or after them; more were made by a slip, or in bad faith."""
MAX_COLUMNS = 256
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How a compound file (MS-CFB) begins: an encrypted workbook, or one of Excel 97 to 2003."""
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_MACROS = re.compile(r"xl/(vbaProject\.bin|macrosheets/.*|intlMacrosheets/.*)\Z", re.IGNORECASE)
_REFERENCE = re.compile(r"=\+?(?:(?:'((?:[^']|'')+)'|([\w.]+))!)?\$?([A-Z]{1,3})\$?([1-9]\d{0,6})\Z")
_PADDED = re.compile(r"0{2,}\Z")
_MAX_STEPS = 8

_Grid = dict[tuple[int, str], Any]


def read_workbook(path: Path) -> tuple[Sheet, ...]:
    """All sheets of the workbook, in its order, without empty rows."""
    check_archive(path)
    try:
        with warnings.catch_warnings():
            # openpyxl warns of styles and extensions that it does not keep; we read values only.
            warnings.simplefilter("ignore")
            results, date_1904 = _grids(path, results=True)
            formulas, _ = _grids(path, results=False)
    except InvalidInput:
        raise
    except Exception as error:  # the many ways in which a damaged archive fails inside openpyxl
        raise _refuse(path, "workbook.damaged", f"this workbook cannot be read: {type(error).__name__}") from error
    return tuple(
        Sheet(title, _rows(title, grid, formulas.get(title, {}), formulas), date_1904)
        for title, grid in results.items()
    )


def check_archive(path: Path) -> None:
    """Refuses what is no workbook that can be read, by what the archive says of itself."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except FileNotFoundError:
        raise _refuse(path, "workbook.missing", "there is no such file") from None
    except (zipfile.BadZipFile, OSError):
        raise _no_archive(path) from None
    if "xl/workbook.xml" not in {entry.filename for entry in entries}:
        raise _refuse(path, "workbook.not-one", "this archive holds no workbook (xl/workbook.xml)")
    if any(_MACROS.match(entry.filename) for entry in entries):
        raise _refuse(
            path, "workbook.macros",
            "this workbook holds macros, which are never run: save it as an Excel workbook without macros (.xlsx)",
        )  # fmt: skip
    if any(entry.flag_bits & 1 for entry in entries):
        raise _refuse(path, "workbook.encrypted", "this archive is encrypted: save it without a password")
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise _refuse(path, "workbook.too-large", f"this workbook unpacks to more than {MAX_UNPACKED} bytes")
    with zipfile.ZipFile(path) as archive:
        found = too_many_rows(archive, MAX_ROWS, MAX_EMPTY_ROWS)
    if found == "empty":
        message = f"a sheet has over {MAX_EMPTY_ROWS} empty rows: delete them and save again"
        raise _refuse(path, "workbook.empty-rows", message)
    if found:
        raise _refuse(path, "workbook.too-large", f"a sheet has more than {MAX_ROWS} rows")


def _no_archive(path: Path) -> InvalidInput:
    """Why a file is no archive: encrypted, of an old format, or something else."""
    try:
        with path.open("rb") as file:
            head = file.read(8)
            # A compound file's directory may lie anywhere; encrypted workbooks name this stream in it.
            encrypted = head == _OLE and _ENCRYPTED_PACKAGE in file.read(MAX_UNPACKED)
    except OSError as error:
        return _refuse(path, "workbook.missing", f"this file cannot be read: {error.strerror}")
    if encrypted:
        return _refuse(path, "workbook.encrypted", "this workbook is encrypted: save it without a password")
    if head == _OLE:
        return _refuse(path, "workbook.old-format", "this is a workbook of Excel 97 to 2003: save it as .xlsx")
    return _refuse(path, "workbook.not-one", "this is no Office Open XML workbook (.xlsx)")


def _grids(path: Path, *, results: bool) -> tuple[dict[str, _Grid], bool]:
    """
    Cells that are not empty by (row, column letters), by sheet; with formulas' results, or with their texts. And
    whether days count from 1904.
    """
    book = openpyxl.load_workbook(path, read_only=True, data_only=results, keep_links=False)
    try:
        grids: dict[str, _Grid] = {}
        for sheet in book.worksheets:
            # What a file says of its own dimensions may be wrong.
            sheet.reset_dimensions()
            grid: _Grid = {}
            for number, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), start=1):
                if number > MAX_ROWS:
                    raise _refuse(
                        path, "workbook.too-large", f"the sheet {sheet.title!r} has more than {MAX_ROWS} rows"
                    )
                for column, cell in enumerate(row, start=1):
                    if cell.value is not None:
                        grid[number, get_column_letter(column)] = _shown(cell) if results else _formula(cell.value)
            grids[sheet.title] = grid
        return grids, book.epoch == CALENDAR_MAC_1904
    finally:
        book.close()


def _rows(title: str, grid: _Grid, written: _Grid, formulas: Mapping[str, _Grid]) -> tuple[SheetRow, ...]:
    rows: dict[int, dict[str, Cell]] = {}
    for number, letters in sorted(grid.keys() | written.keys(), key=lambda at: (at[0], len(at[1]), at[1])):
        value = grid.get((number, letters))
        formula = _is_formula(written.get((number, letters)))
        if value is None:
            value = _follow(title, written[number, letters], formulas)
        rows.setdefault(number, {})[letters] = Cell(title, number, letters, _typed(value), formula)
    return tuple(SheetRow(number, cells) for number, cells in rows.items())


def _is_formula(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("=")


def _follow(title: str, value: Any, formulas: Mapping[str, _Grid]) -> Any:
    """What a formula without a stored result refers to, if it is nothing but a reference to one cell."""
    formula = value
    for _ in range(_MAX_STEPS):
        if not _is_formula(value):
            return value
        reference = _REFERENCE.match(value)
        if reference is None:
            break
        quoted, plain, letters, number = reference.groups()
        title = quoted.replace("''", "'") if quoted else plain or title
        value = formulas.get(title, {}).get((int(number), letters))
    return CellFault(
        "cell.formula", str(formula), "this formula has no stored result: write the value, or save the file again"
    )


def _shown(cell: Any) -> Any:
    """The value; a whole number in a format of zeros as the digits that people see."""
    value = cell.value
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        zeros = _PADDED.match(str(cell.number_format))
        if zeros:
            return str(value).zfill(len(zeros[0]))
    return value


def _formula(value: Any) -> Any:
    """An array formula's text, else the value."""
    return getattr(value, "text", value)


def _typed(value: Any) -> CellValue:
    match value:
        case str() if value.startswith("#") and value in _ERRORS:
            return CellFault("cell.error", value, "the spreadsheet could not compute this cell")
        case None | str() | bool() | int() | float() | datetime() | date() | time() | timedelta() | CellFault():
            return value
        case _:
            return CellFault("cell.type", repr(value), "a cell of this kind cannot be read")


_ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"})


def _refuse(path: Path, rule: str, message: str) -> InvalidInput:
    return InvalidInput.one(path.name, rule, path.name, message)
