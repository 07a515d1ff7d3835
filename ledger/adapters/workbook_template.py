"""
Writes house workbooks (.xlsx): the empty template in a language, or one filled with rows; see `house_layout`.

Each sheet has a title row, headings with notes, a marked example row, drop-down lists, formats and print settings. The
bytes depend on the arguments alone (no clock), so that files made from the same rows are the same.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime

import openpyxl
from openpyxl.comments import Comment
from openpyxl.packaging.core import DocumentProperties
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from ledger.domain.imports.cells import CellFault, CellValue
from ledger.domain.imports.house_layout import (
    EXAMPLE_MARK,
    FIXED_LISTS,
    SHEETS,
    Column,
    ColumnKind,
    HouseSheet,
    SheetLayout,
    Source,
    Words,
)
from ledger.domain.imports.house_master import BLOCKS

Rows = Mapping[HouseSheet, Sequence[Mapping[str, CellValue]]]
"""Rows by sheet; each maps a column's key to its value."""

LIST_ROWS = 1000
"""How far down formats and drop-down lists reach."""
_NAMES = {
    Source.PARTIES: "party_name", Source.PLACES: "place_name", Source.PLOTS: "plot_name",
    Source.PRODUCTS: "product_name",
}  # fmt: skip
_TEXT_KINDS = frozenset(
    {ColumnKind.LOT, ColumnKind.CODE, ColumnKind.PARTY_ID, ColumnKind.GLN, ColumnKind.EXTENSION, ColumnKind.PRODUCT_ID}
)
_FORMATS = {
    ColumnKind.DATE: "yyyy-mm-dd", ColumnKind.TIME: "hh:mm", ColumnKind.QUANTITY: "#,##0.###",
    ColumnKind.MASS: "#,##0.###", ColumnKind.COUNT: "#,##0", ColumnKind.CELSIUS: "0.0",
}  # fmt: skip
_REQUIRED_WORD = Words("必填。", "Required. ", "چوقۇم يېزىلىدۇ. ")
_PAGE = Words("第 &P 页，共 &N 页", "Page &P of &N", "&P / &N")
_TITLE = Words("包装厂工作簿", "Packing house workbook", "قاچىلاش زاۋۇتىنىڭ خىزمەت دەپتىرى")
_EPOCH = datetime(2026, 1, 1)

_DARK, _LIGHT, _GREY = (PatternFill("solid", fgColor=colour) for colour in ("2F5D50", "7FA99B", "E7E6E6"))
_LINE = Side("thin", color="BFBFBF")
_BORDER = Border(_LINE, _LINE, _LINE, _LINE)


def write_house_workbook(language: str, rows: Rows | None = None, *, examples: bool = True) -> bytes:
    """The bytes of a workbook in one of `LANGUAGES` with these rows below the examples."""
    book = openpyxl.Workbook()
    if book.active is not None:
        book.remove(book.active)
    for layout in SHEETS.values():
        sheet = book.create_sheet(layout.title.of(language))
        _write_sheet(sheet, layout, language, (rows or {}).get(layout.key, ()), examples)
    book.properties = DocumentProperties(
        creator="Silkroot", title=_TITLE.of(language), language=language, created=_EPOCH, modified=_EPOCH
    )
    buffer = io.BytesIO()
    book.save(buffer)
    return _without_clock(buffer.getvalue())


def heading_row(layout: SheetLayout) -> int:
    """The number of the row of headings; above it stand the title and, for master data, the blocks' titles."""
    return 3 if layout.key is HouseSheet.MASTER else 2


def _write_sheet(
    sheet: Worksheet, layout: SheetLayout, language: str, rows: Sequence[Mapping[str, CellValue]], examples: bool
) -> None:
    top, last = heading_row(layout), get_column_letter(len(layout.columns))
    right_to_left = language == "ug"
    sheet.sheet_view.rightToLeft = right_to_left
    sheet["A1"] = f"{layout.title.of(language)}: {layout.purpose.of(language)}"
    sheet["A1"].font = Font(bold=True, size=13)
    sheet["A1"].alignment = Alignment(vertical="center", horizontal="right" if right_to_left else "left")
    sheet.merge_cells(f"A1:{last}1")
    sheet.row_dimensions[1].height = 26
    if layout.key is HouseSheet.MASTER:
        _write_blocks(sheet, layout, language)
    for index, column in enumerate(layout.columns, 1):
        _write_column(sheet, column, index, top, language)
    sheet.row_dimensions[top].height = 34
    number = top
    if examples:
        number += 1
        _write_example(sheet, layout, language, number)
    for row in rows:
        number += 1
        for index, column in enumerate(layout.columns, 1):
            value = row.get(column.key)
            if value is not None:
                cell = sheet.cell(number, index, value.text if isinstance(value, CellFault) else value)
                cell.number_format = _format(column, value)
    sheet.freeze_panes = f"C{top + 1}"
    sheet.auto_filter.ref = f"A{top}:{last}{max(number, top + 1)}"
    _print_setup(sheet, top, language)


def _write_blocks(sheet: Worksheet, layout: SheetLayout, language: str) -> None:
    for block, words in BLOCKS.items():
        inside = [i for i, column in enumerate(layout.columns, 1) if column.key.startswith(f"{block}_")]
        cell = sheet.cell(2, inside[0], words.of(language))
        cell.font, cell.fill, cell.alignment = Font(bold=True), _GREY, Alignment(horizontal="center")
        sheet.merge_cells(start_row=2, end_row=2, start_column=inside[0], end_column=inside[-1])


def _write_column(sheet: Worksheet, column: Column, index: int, top: int, language: str) -> None:
    letters = get_column_letter(index)
    heading = sheet.cell(top, index, column.title.of(language))
    heading.font = Font(bold=True, color="FFFFFF")
    heading.fill = _DARK if column.required else _LIGHT
    heading.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
    heading.border = _BORDER
    note = Comment((_REQUIRED_WORD.of(language) if column.required else "") + column.note.of(language), "Silkroot")
    note.width, note.height = 260, 110
    heading.comment = note
    # A Chinese character is as wide as two digits.
    sheet.column_dimensions[letters].width = column.width
    sheet.column_dimensions[letters].number_format = _format(column)
    choices = _choices(column, language)
    if choices:
        rule = DataValidation("list", formula1=choices, allow_blank=True)
        # Names may be written as numbers too, and units behind the quantity: the list offers, it does not forbid.
        rule.showErrorMessage = False
        rule.showInputMessage = False
        sheet.add_data_validation(rule)
        rule.add(f"{letters}{top + 1}:{letters}{top + LIST_ROWS}")


def _choices(column: Column, language: str) -> str:
    """The formula of the column's drop-down list; "" where it has none."""
    if column.source is None:
        return ""
    if column.source in FIXED_LISTS:
        words = ",".join(words.of(language) for words in FIXED_LISTS[column.source])
        if len(words) > 255:
            raise ValueError(f"a list of more than 255 characters does not fit a cell rule: {words}")
        return f'"{words}"'
    master = SHEETS[HouseSheet.MASTER]
    keys = [other.key for other in master.columns]
    letters = get_column_letter(keys.index(f"{_NAMES[column.source]}_{language}") + 1)
    first = heading_row(master) + 1
    return f"'{master.title.of(language)}'!${letters}${first}:${letters}${first + LIST_ROWS}"


def _write_example(sheet: Worksheet, layout: SheetLayout, language: str, number: int) -> None:
    for index, column in enumerate(layout.columns, 1):
        example = EXAMPLE_MARK if column.kind is ColumnKind.MARK else column.example
        cell = sheet.cell(number, index, example.of(language) if isinstance(example, Words) else example)
        cell.number_format = _format(column)
        cell.fill, cell.border = _GREY, _BORDER
        cell.font = Font(italic=True, color="7F7F7F")


def _format(column: Column, value: CellValue = None) -> str:
    if column.kind in _TEXT_KINDS:
        return "@"
    if isinstance(value, datetime) and (value.hour or value.minute):
        return "yyyy-mm-dd hh:mm"
    return _FORMATS.get(column.kind, "General")


def _print_setup(sheet: Worksheet, top: int, language: str) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"1:{top}"
    footer = sheet.oddFooter
    if footer is not None and footer.center is not None:
        footer.center.text = _PAGE.of(language)
    sheet.print_options.gridLines = True


def _without_clock(data: bytes) -> bytes:
    """The archive again, with the same moment on every member and in the properties."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            body = old.read(entry)
            if entry == "docProps/core.xml":
                body = _settled(body)
            new.writestr(zipfile.ZipInfo(entry, (2026, 1, 1, 0, 0, 0)), body, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _settled(core: bytes) -> bytes:
    """openpyxl stamps the time of saving over the one we set."""
    start, tag, rest = core.partition(b'<dcterms:modified xsi:type="dcterms:W3CDTF">')
    return start + tag + _EPOCH.isoformat().encode() + b"Z" + rest[rest.index(b"<") :] if tag else core
