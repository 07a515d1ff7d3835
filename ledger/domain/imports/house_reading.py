"""
A workbook's sheets -> rows of known columns: what each sheet and column was understood to be; no I/O.

Headings stand in one of the first rows; whatever is above them (titles, merged or not) says at most the year. Rows
marked as examples are left out while they hold what the template put there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from ledger.domain.imports.cells import BadCell, Cell, CellValue, RowError, RowKey, Sheet, SheetRow, shown
from ledger.domain.imports.house_layout import EXAMPLE_MARK, Column, ColumnKind, SheetLayout, Words, bracketed, plain
from ledger.domain.imports.house_mapping import HouseMapping
from ledger.domain.imports.house_values import Context, folded, unit_factor
from ledger.domain.imports.layouts import COLUMNS as PTI_COLUMNS
from ledger.domain.imports.layouts import kind_of

HEADING_ROWS = 20
_YEAR = re.compile(r"(?<!\d)(20\d\d)\s*(?:年|-?\s*يىل)|(?:年份|year|يىل)\s*[:：]?\s*(20\d\d)(?!\d)", re.IGNORECASE)
_MARKS = frozenset(plain(word) for word in EXAMPLE_MARK)


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """A column of the file: its letters, its heading, what it is taken for (None: ignored), the unit of its numbers."""

    letters: str
    heading: str
    column: Column | None
    unit: str = ""
    mapped: bool = False


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """How a sheet was understood. `layout` None: not ours, nothing is read. `problems` are why it cannot be read."""

    title: str
    layout: SheetLayout | None
    heading_row: int = 0
    columns: tuple[ReadColumn, ...] = ()
    missing: tuple[Column, ...] = ()
    context: Context = field(default_factory=Context)
    rows: tuple[HouseRow, ...] = ()
    examples: int = 0
    problems: tuple[RowError, ...] = ()


@dataclass(frozen=True, slots=True)
class HouseRow:
    """A row of a known sheet: its cells, and its columns' units and letters, by our keys of the columns."""

    key: RowKey
    layout: SheetLayout
    cells: Mapping[str, Cell]
    units: Mapping[str, str]
    letters: Mapping[str, str]
    context: Context

    def __getitem__(self, name: str) -> Cell:
        """The cell under that key; an empty one where nothing stands there, without letters where the column lacks."""
        return self.cells.get(name) or Cell(self.key.sheet, self.key.row, self.letters.get(name, ""), None)

    def refuse(self, name: str, rule: str, message: str) -> BadCell:
        """An error at that cell; raise it."""
        return BadCell(self[name], rule, message)

    def whole(self, rule: str, message: str, value: str = "") -> RowError:
        """An error of the row as a whole."""
        return RowError(self.key.sheet, self.key.row, "", value, rule, message)

    def same_as(self) -> tuple[object, ...]:
        """What the row says, without notes: rows of one value say the same."""
        skipped = (ColumnKind.NOTE, ColumnKind.MARK)
        return tuple(
            sorted(
                (name, folded(shown(cell.value)))
                for name, cell in self.cells.items()
                if not cell.blank and self.layout.column(name).kind not in skipped
            )
        )


def is_house(sheets: Sequence[Sheet], mapping: HouseMapping) -> bool:
    """Whether these are a packing house's own sheets rather than those of the Produce Traceability Initiative."""
    if mapping.sheets or mapping.columns:
        return True
    ours = theirs = 0
    for sheet in sheets:
        layout, kind = mapping.sheet(sheet.title), kind_of(sheet.title)
        if layout is not None:
            ours += max((len(_columns(layout, row, mapping)) for row in _top(sheet)), default=0)
        if kind is not None:
            headings = {plain(heading) for heading in PTI_COLUMNS[kind].values()}
            theirs += max(
                (sum(plain(shown(c.value)) in headings for c in r.cells.values()) for r in _top(sheet)), default=0
            )
    return ours > theirs


def read_house(sheets: Sequence[Sheet], mapping: HouseMapping) -> tuple[ReadSheet, ...]:
    """Every sheet as it is understood."""
    return tuple(_read_sheet(index, sheet, mapping) for index, sheet in enumerate(sheets))


def _read_sheet(index: int, sheet: Sheet, mapping: HouseMapping) -> ReadSheet:
    layout = mapping.sheet(sheet.title)
    if layout is None:
        return ReadSheet(sheet.title, None)
    if not sheet.rows:
        return ReadSheet(sheet.title, layout)
    top = max(_top(sheet), key=lambda row: len(_columns(layout, row, mapping)), default=None)
    found = _columns(layout, top, mapping) if top else {}
    if top is None or not found:
        error = RowError(sheet.title, 1, "", "", "sheet.headings", "no row of headings that are known was found")
        return ReadSheet(sheet.title, layout, missing=_required(layout), problems=(error,))
    problems = []
    seen: dict[str, str] = {}
    for letters, column in found.items():
        if seen.setdefault(column.key, letters) != letters:
            cell = top.cells[letters]
            message = f"columns {seen[column.key]} and {letters} mean the same; map or remove one"
            problems.append(RowError(sheet.title, top.number, letters, shown(cell.value), "sheet.columns", message))
    missing = tuple(column for column in _required(layout) if column.key not in seen)
    for column in missing:
        message = f"the sheet lacks the column {column.title.zh} / {column.title.en} / {column.title.ug}"
        problems.append(RowError(sheet.title, top.number, "", column.title.zh, "sheet.columns", message))
    columns = tuple(
        ReadColumn(letters, shown(cell.value), found.get(letters), _unit(shown(cell.value), mapping),
                   mapping.renames(layout, shown(cell.value)))
        for letters, cell in top.cells.items() if not cell.blank
    )  # fmt: skip
    context = Context(_year(sheet, top.number), sheet.date_1904)
    units = {column.column.key: column.unit for column in columns if column.column and column.unit}
    rows: list[HouseRow] = []
    examples = 0
    if not problems:
        for row in sheet.rows:
            if row.number <= top.number:
                continue
            cells = {found[letters].key: cell for letters, cell in row.cells.items() if letters in found}
            read = HouseRow(RowKey(index, sheet.title, row.number), layout, cells, units, seen, context)
            if not any(not c.blank for name, c in cells.items() if layout.column(name).kind is not ColumnKind.NOTE):
                continue
            if not _marked(read):
                rows.append(read)
            elif _is_example(read):
                examples += 1
            else:
                message = "this example row was changed: clear its mark if it is yours, or delete the row"
                problems.append(BadCell(read["mark"], "row.example-changed", message).row_error())
    return ReadSheet(sheet.title, layout, top.number, columns, missing, context, tuple(rows), examples, tuple(problems))


def _top(sheet: Sheet) -> list[SheetRow]:
    return [row for row in sheet.rows if row.number <= HEADING_ROWS]


def _columns(layout: SheetLayout, row: SheetRow, mapping: HouseMapping) -> dict[str, Column]:
    found = {}
    for letters, cell in row.cells.items():
        if isinstance(cell.value, str) and len(cell.value) <= 80:
            column = mapping.column(layout, cell.value)
            if column is not None:
                found[letters] = column
    return found


def _required(layout: SheetLayout) -> tuple[Column, ...]:
    return tuple(column for column in layout.columns if column.required)


def _unit(heading: str, mapping: HouseMapping) -> str:
    """The unit that the mapping gives the column, or that its heading names in brackets."""
    mapped = mapping.units.get(plain(heading))
    if mapped:
        return mapped
    inside = bracketed(heading)
    return inside if inside and unit_factor(inside) is not None else ""


def _year(sheet: Sheet, heading_row: int) -> int | None:
    """The one year that the sheet's title or the rows above its headings name."""
    texts = [sheet.title]
    texts += [shown(cell.value, 1000) for row in sheet.rows if row.number < heading_row for cell in row.cells.values()]
    years = {int(found[1] or found[2]) for text in texts for found in _YEAR.finditer(folded(text))}
    return years.pop() if len(years) == 1 else None


def _marked(row: HouseRow) -> bool:
    return plain(shown(row["mark"].value)) in _MARKS


def _is_example(row: HouseRow) -> bool:
    """Whether every cell still holds what the template put there, in one language or another."""
    return all(
        cell.blank or row.layout.column(name).kind in (ColumnKind.MARK, ColumnKind.NOTE)
        or _plain_value(cell.value) in _example_values(row.layout.column(name))
        for name, cell in row.cells.items()
    )  # fmt: skip


def _example_values(column: Column) -> set[str]:
    example = column.example
    return {_plain_value(value) for value in (example if isinstance(example, Words) else (example,))}


def _plain_value(value: CellValue) -> str:
    match value:
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case time():
            return value.strftime("%H:%M")
        case float() if value == int(value):
            return str(int(value))
        case _:
            return folded(shown(value))
