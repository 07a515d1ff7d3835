"""
Writes a copy of a workbook (.xlsx) in which refused cells bear the reason as a comment and a colour.

The copy keeps values, formulas with their computed results, formats, lists and earlier comments; charts and pictures
are not carried over. An error of a whole row stands at the row's first cell that holds something. The original file is
never written to. Raises `InvalidInput` where the copy would replace the original, or where it cannot be written.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.worksheet import Worksheet

from ledger.adapters.workbook import check_archive
from ledger.domain.errors import InvalidInput
from ledger.domain.imports.cells import RowError

_WRONG = PatternFill("solid", fgColor="FFC7CE")
_WITH_IT = PatternFill("solid", fgColor="FFEB9C")
"""For rows that are refused only because of another row."""
_FORMULA_CELL = re.compile(
    rb'<c r="([A-Z]+[0-9]+)"([^>]*)>(<f[^>]*>.*?</f>|<f[^>]*/>)<v\s*(?:/>|>\s*</v>)</c>', re.DOTALL
)
_TYPE = re.compile(rb'\s+t="[^"]*"')


def mark_workbook(path: Path, out: Path, errors: Sequence[RowError], say: Callable[[RowError], str]) -> int:
    """Writes the marked copy to `out`; `say` words an error. Returns how many cells were marked."""
    if out.resolve() == path.resolve():
        raise InvalidInput.one(out.name, "mark.original", out.name, "name another file: the original stays as it is")
    check_archive(path)
    with warnings.catch_warnings():
        # openpyxl warns of extensions that it does not keep.
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(path)
        results = openpyxl.load_workbook(path, data_only=True)
    marked = {
        where for error in errors if (where := _mark(book, error, f"{say(error)} [{error.rule}]")) is not None
    }  # fmt: skip
    buffer = io.BytesIO()
    book.save(buffer)
    try:
        out.write_bytes(_with_results(buffer.getvalue(), book.worksheets, results))
    except OSError as error:
        message = f"this file cannot be written: {error.strerror}"
        raise InvalidInput.one(out.name, "mark.unwritable", out.name, message) from None
    return len(marked)


def _mark(book: openpyxl.Workbook, error: RowError, text: str) -> tuple[str, str] | None:
    if error.column.startswith("/") or not book.worksheets:
        return None
    sheet = book[error.sheet] if error.sheet in book.sheetnames else book.worksheets[0]
    cell = _cell(sheet, error)
    before = cell.comment.text + "\n" if cell.comment is not None else ""
    if text not in before:
        comment = Comment(before + text, "Silkroot")
        comment.width, comment.height = 320, 60 + 18 * (len(comment.text) // 30 + comment.text.count("\n"))
        cell.comment = comment
    if error.rule != "row.incomplete":
        cell.fill = _WRONG
    elif cell.fill.fgColor.rgb != _WRONG.fgColor.rgb:
        cell.fill = _WITH_IT
    return sheet.title, cell.coordinate


def _cell(sheet: Worksheet, error: RowError) -> SheetCell:
    """The cell of the error; of merged cells the one that is shown; for a whole row its first that holds something."""
    row = max(error.row, 1)
    filled = next((cell.coordinate for cell in sheet[row] if cell.value is not None), f"A{row}")
    place = f"{error.column}{row}" if error.column else filled
    for merged in sheet.merged_cells.ranges:
        if place in merged:
            place = merged.start_cell.coordinate
    found: SheetCell = sheet[place]
    return found


def _with_results(data: bytes, sheets: Sequence[Worksheet], results: openpyxl.Workbook) -> bytes:
    """The archive with the computed results of formulas, which openpyxl does not write."""
    paths = {f"xl/worksheets/sheet{number}.xml": sheet.title for number, sheet in enumerate(sheets, 1)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            body = old.read(entry)
            if entry in paths:
                values = results[paths[entry]]
                body = _FORMULA_CELL.sub(lambda found, values=values: _computed(found, values), body)  # type: ignore[misc]
            new.writestr(entry, body)
    return buffer.getvalue()


def _computed(found: re.Match[bytes], values: Worksheet) -> bytes:
    kind, text = _stored(values[found[1].decode()].value)
    if not text:
        return found[0]
    attributes = _TYPE.sub(b"", found[2]) + (f' t="{kind}"'.encode() if kind else b"")
    return b'<c r="%s"%s>%s<v>%s</v></c>' % (found[1], attributes, found[3], escape(text).encode())


def _stored(value: Any) -> tuple[str, str]:
    """A computed result as a sheet stores it: type and text."""
    match value:
        case None:
            return "", ""
        case bool():
            return "b", str(int(value))
        case int() | float():
            return "", repr(value)
        case datetime() | date() | time() | timedelta():
            return "", repr(to_excel(value))  # type: ignore[no-untyped-call]
        case str() if value.startswith("#"):
            return "e", value
        case _:
            return "str", str(value)
