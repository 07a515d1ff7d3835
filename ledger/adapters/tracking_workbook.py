"""
Writes the 24-hour spreadsheet (.xlsx): a sheet for each kind of critical tracking event, headings, a row for each line.

Sheets without rows are there too, so that nobody takes what is missing for forgotten. A text is always a text, never a
formula; characters that the format cannot hold are left out.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from ledger.domain.imports.layouts import COLUMNS, SheetKind
from ledger.services.tracking_records import SHEETS, TrackingRow

TITLES = {
    SheetKind.HARVEST: "Harvest", SheetKind.COOLING: "Cooling", SheetKind.PACKING: "Initial Packing",
    SheetKind.TRANSFORMATION: "Transformation", SheetKind.SHIPPING: "Shipping", SheetKind.RECEIVING: "Receiving",
}  # fmt: skip
_WIDTH = 22


def tracking_workbook(rows: Iterable[TrackingRow]) -> bytes:
    """The workbook of those rows."""
    book = openpyxl.Workbook(write_only=True)
    sheets = {kind: _sheet(book, kind) for kind in SHEETS}
    for row in rows:
        sheet = sheets[row.sheet]
        sheet.append([_cell(sheet, row.cells.get(name, "")) for name in SHEETS[row.sheet]])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet(book: openpyxl.Workbook, kind: SheetKind) -> Any:
    sheet: Any = book.create_sheet(TITLES[kind])
    sheet.freeze_panes = "A2"
    for index in range(1, len(SHEETS[kind]) + 1):
        sheet.column_dimensions[get_column_letter(index)].width = _WIDTH
    headings = [_cell(sheet, COLUMNS[kind][name]) for name in SHEETS[kind]]
    for heading in headings:
        heading.font = Font(bold=True)
    sheet.append(headings)
    return sheet


def _cell(sheet: Any, value: str | float) -> Cell:
    cell = WriteOnlyCell(sheet)
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value) or None
        if value:
            # Else openpyxl makes a formula of what begins with an equals sign.
            cell.data_type = "s"
    else:
        cell.value = value
    return cell
