"""
A house workbook as it was read -> a plan: which events it would record, which rows it cannot, what must be said; pure.

Contradictions between rows refuse all the rows concerned: nobody can tell which is right.

>>> plan_house([], MasterData()).errors[0].rule
'workbook.no-sheets'
"""

from __future__ import annotations

from collections.abc import Sequence

from ledger.domain.identifiers import LotRef
from ledger.domain.imports import house_values as values
from ledger.domain.imports.cells import BadCell, CellFault, Note, RowError, RowKey
from ledger.domain.imports.house_book import HouseBook
from ledger.domain.imports.house_desk import Birth, HouseDesk, bundle_name, bundles
from ledger.domain.imports.house_growing import plan_harvest, plan_intake, repeated_tickets
from ledger.domain.imports.house_handoffs import contradicting_readings, plan_consignment, plan_reading
from ledger.domain.imports.house_layout import SHEETS, ColumnKind, HouseSheet
from ledger.domain.imports.house_packing import plan_order
from ledger.domain.imports.house_reading import HouseRow, ReadSheet
from ledger.domain.imports.ordering import in_order
from ledger.domain.imports.plan import Plan
from ledger.domain.master_data import MasterData

BEIJING = "+08:00"
_BUNDLED_BY = {
    HouseSheet.INTAKE: ("lot", "product"), HouseSheet.PACKING: ("order",), HouseSheet.SHIPPING: ("waybill",),
    HouseSheet.RECEIVING: ("waybill", "shipper"),
}  # fmt: skip


def plan_house(sheets: Sequence[ReadSheet], master: MasterData, zone: str = BEIJING) -> Plan:
    """
    Plans the import of these sheets. `zone` is the offset of the places' local time. Never raises for what a cell
    holds: every row that cannot be recorded is in `errors`, with its rule.
    """
    desk = HouseDesk(HouseBook(master), zone)
    ours = [sheet for sheet in sheets if sheet.layout is not None]
    if not ours:
        titles = ", ".join(layout.title.zh for layout in SHEETS.values())
        message = f"no sheet of this workbook has a title that is known: {titles}"
        desk.errors.append(RowError("", 0, "", "", "workbook.no-sheets", message))
    for sheet in ours:
        desk.errors.extend(sheet.problems)
    rows = {
        key: [row for sheet in ours if sheet.layout and sheet.layout.key is key for row in sheet.rows] for key in SHEETS
    }
    desk.errors.extend(desk.book.add_rows(rows[HouseSheet.MASTER]))
    broken = _repeated(desk, rows)
    for key in (HouseSheet.INTAKE, HouseSheet.HARVEST, HouseSheet.PACKING):
        _note_births(desk, key, rows[key])
    for same in bundles(rows[HouseSheet.INTAKE], *_BUNDLED_BY[HouseSheet.INTAKE]):
        plan_intake(desk, same, _name(HouseSheet.INTAKE, same[0]), broken)
    for row in rows[HouseSheet.HARVEST]:
        plan_harvest(desk, row, _name(HouseSheet.HARVEST, row), broken)
    for same in bundles(rows[HouseSheet.PACKING], *_BUNDLED_BY[HouseSheet.PACKING]):
        plan_order(desk, same, _name(HouseSheet.PACKING, same[0]), broken)
    for key in (HouseSheet.SHIPPING, HouseSheet.RECEIVING):
        for same in bundles(rows[key], *_BUNDLED_BY[key]):
            plan_consignment(desk, same, broken)
    for row in rows[HouseSheet.TEMPERATURE]:
        plan_reading(desk, row, broken)
    errors = sorted(dict.fromkeys(desk.errors), key=lambda error: (error.sheet, error.row, error.column, error.rule))
    count = sum(len(found) for found in rows.values())
    ignored = tuple(sheet.title for sheet in sheets if sheet.layout is None)
    return Plan(
        tuple(in_order(desk.groups)), tuple(errors), desk.book.additions, count, ignored, notes_of(ours)
    )  # fmt: skip


def notes_of(sheets: Sequence[ReadSheet]) -> tuple[Note, ...]:
    """What must be said of the cells that were read: formulas, bare day numbers, years of the title, examples."""
    found: dict[tuple[str, str, str, str], list[int]] = {}
    for sheet in sheets:
        for row in sheet.rows:
            for name, cell in row.cells.items():
                kind = row.layout.column(name).kind
                if cell.blank or kind is ColumnKind.NOTE:
                    continue
                for rule, message in _sayings(row, name, kind):
                    found.setdefault((sheet.title, cell.column, rule, message), []).append(cell.row)
    notes = [Note(*key[:2], min(rows), len(rows), *key[2:]) for key, rows in found.items()]
    for sheet in sheets:
        if sheet.examples:
            message = "rows marked as examples were left out"
            notes.append(Note(sheet.title, "", sheet.heading_row + 1, sheet.examples, "row.example", message))
    return tuple(notes)


def _sayings(row: HouseRow, name: str, kind: ColumnKind) -> list[tuple[str, str]]:
    cell = row[name]
    said = []
    if cell.formula and not isinstance(cell.value, CellFault):
        said.append(("cell.formula-result", "a formula stands here; its last computed result was taken"))
    if kind is ColumnKind.DATE and values.is_serial(cell):
        said.append(("date.serial", "a bare number was read as a spreadsheet's day number"))
    if kind is ColumnKind.DATE and row.context.year and values.lacks_year(cell):
        said.append(("date.year-of-title", f"the year {row.context.year} was taken from the sheet's title"))
    return said


def _repeated(desk: HouseDesk, rows: dict[HouseSheet, list[HouseRow]]) -> set[RowKey]:
    """The rows that say what another row says, or contradict it; they are listed."""
    errors = repeated_tickets(rows[HouseSheet.INTAKE]) + contradicting_readings(rows[HouseSheet.TEMPERATURE])
    for key, found in rows.items():
        if key is HouseSheet.MASTER:
            continue
        seen: dict[tuple[object, ...], HouseRow] = {}
        for row in found:
            same = (row.key.sheet_index, *row.same_as())
            first = seen.setdefault(same, row)
            if first is not row:
                errors.append(row.whole("row.duplicate", f"row {first.key.row} says exactly the same"))
    desk.errors.extend(errors)
    where = {(error.sheet, error.row) for error in errors}
    return {row.key for found in rows.values() for row in found if (row.key.sheet, row.key.row) in where}


def _note_births(desk: HouseDesk, key: HouseSheet, rows: Sequence[HouseRow]) -> None:
    """Which lots these rows bring into being, as far as they can be read; what cannot is listed later."""
    lot, product = ("out_lot", "out_product") if key is HouseSheet.PACKING else ("lot", "product")
    for row in rows:
        if row[lot].blank or row[product].blank:
            continue
        try:
            ref = LotRef(desk.book.product(row[product]).id, values.lot_code(row[lot]))
        except BadCell:
            continue
        desk.births[ref].append(Birth(row.key, _name(key, row)))


def _name(key: HouseSheet, row: HouseRow) -> tuple[object, ...]:
    """The name of the bundle that the row belongs to; a harvest's row is one of its own."""
    return (key, *bundle_name(row, *_BUNDLED_BY[key])) if key in _BUNDLED_BY else (key, row.key)
