"""How a workbook was understood, as plain values for people and programs; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ledger.domain.imports.cells import Sheet, shown
from ledger.domain.imports.house_mapping import HouseMapping
from ledger.domain.imports.house_plan import notes_of
from ledger.domain.imports.house_reading import ReadColumn, ReadSheet, is_house, read_house
from ledger.domain.imports.layouts import COLUMNS, REQUIRED, columns_of, kind_of, read_sheet


def explain(sheets: Sequence[Sheet], mapping: HouseMapping, language: str = "en") -> dict[str, Any]:
    """
    `{"workbook": "house" | "pti", "sheets": [...]}`. Of each sheet: `sheet` (its title), `means` (our key, None: not
    read), `title`, `heading_row`, `rows`, `examples`, `year`, `columns` (`column`, `heading`, `means`, `title`, `unit`,
    `mapped`), `missing`, `absent` (columns that need not be there and are not), `problems`, `notes`. Titles are in
    `language`.
    """
    if is_house(sheets, mapping):
        return {"workbook": "house", "sheets": [_house_sheet(sheet, language) for sheet in read_house(sheets, mapping)]}
    return {"workbook": "pti", "sheets": [_pti_sheet(index, sheet) for index, sheet in enumerate(sheets)]}


def _house_sheet(sheet: ReadSheet, language: str) -> dict[str, Any]:
    layout = sheet.layout
    present = {column.column.key for column in sheet.columns if column.column}
    absent = [] if layout is None else [column for column in layout.columns if column.key not in present]
    return {
        "sheet": sheet.title,
        "means": layout.key.value if layout else None,
        "title": layout.title.of(language) if layout else "",
        "heading_row": sheet.heading_row,
        "rows": len(sheet.rows),
        "examples": sheet.examples,
        "year": sheet.context.year,
        "columns": [_house_column(column, language) for column in sheet.columns],
        "missing": [column.title.of(language) for column in sheet.missing],
        "absent": [column.title.of(language) for column in absent if not column.required],
        "problems": [{"rule": found.rule, "where": found.where, "message": found.message} for found in sheet.problems],
        "notes": [
            {"rule": note.rule, "column": note.column, "rows": note.rows, "message": note.message}
            for note in notes_of([sheet])
        ],
    }


def _house_column(column: ReadColumn, language: str) -> dict[str, Any]:
    return {
        "column": column.letters,
        "heading": column.heading,
        "means": column.column.key if column.column else None,
        "title": column.column.title.of(language) if column.column else "",
        "unit": column.unit,
        "mapped": column.mapped,
    }


def _pti_sheet(index: int, sheet: Sheet) -> dict[str, Any]:
    kind = kind_of(sheet.title)
    empty: dict[str, Any] = {
        "sheet": sheet.title, "means": None, "title": "", "heading_row": 0, "rows": 0, "examples": 0, "year": None,
        "columns": [], "missing": [], "absent": [], "problems": [], "notes": [],
    }  # fmt: skip
    if kind is None:
        return empty
    number, names = columns_of(kind, sheet)
    rows, problems = read_sheet(index, kind, sheet)
    heading = next((row for row in sheet.rows if row.number == number), None)
    cells = heading.cells if heading else {}
    present = set(names.values())
    return empty | {
        "means": kind.value,
        "title": sheet.title,
        "heading_row": number,
        "rows": len(rows),
        "columns": [
            {"column": letters, "heading": shown(cell.value), "means": names.get(letters),
             "title": COLUMNS[kind].get(names.get(letters, ""), ""), "unit": "", "mapped": False}
            for letters, cell in cells.items() if not cell.blank
        ],
        "missing": [COLUMNS[kind][name] for name in sorted(REQUIRED[kind] - present)],
        "absent": [title for name, title in COLUMNS[kind].items() if name not in present | REQUIRED[kind]],
        "problems": [{"rule": found.rule, "where": found.where, "message": found.message} for found in problems],
    }  # fmt: skip
