"""
A whole workbook -> a plan: which events it would record, and which rows it cannot; pure.

>>> plan_workbook([], MasterData()).errors[0].rule
'workbook.no-sheets'
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ledger.domain.errors import InvalidInput
from ledger.domain.imports import details, values
from ledger.domain.imports.address_book import AddressBook
from ledger.domain.imports.cell_rules import broken_cells
from ledger.domain.imports.cells import BadCell, CellFault, Note, RowError, RowKey, Sheet, shown
from ledger.domain.imports.desk import Desk
from ledger.domain.imports.growing import HarvestLot, broken, read_cooling, read_harvest
from ledger.domain.imports.handoffs import Heading, ManifestLine, plan_handoff, read_heading, read_line
from ledger.domain.imports.layouts import Row, SheetKind, kind_of, read_sheet
from ledger.domain.imports.ordering import in_order
from ledger.domain.imports.packing import read_packing, read_pooled_packing, read_transformation
from ledger.domain.imports.plan import Plan
from ledger.domain.imports.values import Moment
from ledger.domain.master_data import MasterData, Place

BEIJING = "+08:00"


def plan_workbook(sheets: Sequence[Sheet], master: MasterData, zone: str = BEIJING) -> Plan:
    """
    Plans the import of these sheets. `zone` is the offset of the places' local time, which the sheets do not say.
    Never raises for what a cell holds: every row that cannot be recorded is in `errors`, with its rule.
    """
    desk = Desk(AddressBook(master), zone)
    rows, ignored = _read(desk, sheets)
    if not any(kind_of(sheet.title) for sheet in sheets):
        kinds = ", ".join(kind.value for kind in SheetKind)
        desk.errors.append(
            RowError(
                "", 0, "", "", "workbook.no-sheets", f"no sheet of this workbook has a title that is known: {kinds}"
            )
        )
    count = sum(len(found) for found in rows.values())
    sound = {kind: _sound(desk, rows.get(kind, ())) for kind in SheetKind}
    lots: list[HarvestLot] = []
    readers: dict[SheetKind, Callable[[Row], object]] = {
        SheetKind.LOCATIONS: desk.book.add_location,
        SheetKind.PRODUCTS: desk.book.add_product,
        SheetKind.HARVEST: lambda row: lots.append(read_harvest(desk, row)),
        SheetKind.COOLING: lambda row: read_cooling(desk, row, lots),
        SheetKind.PACKING: lambda row: read_packing(desk, row, lots),
        SheetKind.POOLED_PACKING: lambda row: read_pooled_packing(desk, row),
    }
    for kind, read in readers.items():
        for row in sound[kind]:
            _try(desk, row, read)
    _plan_orders(desk, rows.get(SheetKind.TRANSFORMATION, []), sound[SheetKind.TRANSFORMATION])
    for kind in (SheetKind.SHIPPING, SheetKind.RECEIVING):
        _plan_consignments(desk, rows.get(kind, []), sound[kind])
    errors = sorted(desk.errors, key=lambda error: (error.sheet, error.row, error.column, error.rule))
    notes = formula_notes([row for found in rows.values() for row in found])
    return Plan(tuple(in_order(desk.groups)), tuple(errors), desk.book.additions, count, tuple(ignored), notes)


def formula_notes(rows: Sequence[Row]) -> tuple[Note, ...]:
    """In which columns the results of formulas were taken."""
    found: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        for cell in row.cells.values():
            if cell.formula and not cell.blank and not isinstance(cell.value, CellFault):
                found.setdefault((cell.sheet, cell.column), []).append(cell.row)
    message = "a formula stands here; its last computed result was taken"
    return tuple(
        Note(sheet, column, min(numbers), len(numbers), "cell.formula-result", message)
        for (sheet, column), numbers in found.items()
    )


def _read(desk: Desk, sheets: Sequence[Sheet]) -> tuple[dict[SheetKind, list[Row]], list[str]]:
    rows: dict[SheetKind, list[Row]] = {}
    ignored = []
    for index, sheet in enumerate(sheets):
        kind = kind_of(sheet.title)
        if kind is None:
            ignored.append(sheet.title)
            continue
        found, errors = read_sheet(index, kind, sheet)
        desk.errors.extend(errors)
        rows.setdefault(kind, []).extend(found)
    return rows, ignored


def _sound(desk: Desk, rows: Sequence[Row]) -> list[Row]:
    """The rows whose cells each keep their column's rule, and that do not stand there twice."""
    sound = []
    seen: dict[tuple[object, ...], Row] = {}
    for row in rows:
        errors = list(broken_cells(row))
        same = (
            row.key.sheet_index,
            *sorted((name, shown(cell.value)) for name, cell in row.cells.items() if not cell.blank),
        )
        first = seen.setdefault(same, row)
        if first is not row:
            errors.append(row.whole("row.duplicate", f"row {first.key.row} says exactly the same"))
        desk.errors.extend(errors)
        if not errors:
            sound.append(row)
    return sound


def _try(desk: Desk, row: Row, read: Callable[[Row], object]) -> bool:
    """Reads a row; what is wrong with it becomes its error."""
    try:
        read(row)
    except BadCell as error:
        desk.errors.append(broken(row, error))
        return False
    except InvalidInput as error:
        desk.errors.extend(row.whole(found.rule, found.message, found.value) for found in error.violations)
        return False
    return True


def _plan_orders(desk: Desk, rows: Sequence[Row], sound: Sequence[Row]) -> None:
    """Transformations: rows of one sheet with the same document, place and day are one order."""
    orders: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        orders.setdefault(_order_key(row), []).append(row)
    for order in orders.values():
        _whole(desk, order, [row for row in order if row in sound], "order", _plan_order)


def _plan_order(desk: Desk, rows: list[Row]) -> None:
    heads: list[tuple[Place, Moment]] = [
        (desk.book.place(row["place"], "place of transformation"), values.moment(row["date"], "date transformed"))
        for row in rows
    ]
    read_transformation(desk, rows, *heads[0])


def _plan_consignments(desk: Desk, rows: Sequence[Row], sound: Sequence[Row]) -> None:
    """Shipments and receipts: rows of one sheet with the same document, places and day are one consignment."""
    consignments: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        consignments.setdefault(_consignment_key(row), []).append(row)
    for consignment in consignments.values():
        _whole(desk, consignment, [row for row in consignment if row in sound], "consignment", _plan_consignment)


def _plan_consignment(desk: Desk, rows: list[Row]) -> None:
    """Reads every row before it plans any, so that each bad one is named."""
    headings: list[Heading] = []
    lines: list[ManifestLine] = []
    bad: list[Row] = []

    def read(row: Row) -> None:
        headings.append(read_heading(desk, row))
        lines.append(read_line(desk, row))

    for row in rows:
        if not _try(desk, row, read):
            bad.append(row)
    if bad:
        desk.refuse_siblings([row for row in rows if row not in bad], _errors_of(desk, bad), "consignment")
        return
    plan_handoff(desk, headings[0], lines)


def _whole(desk: Desk, rows: list[Row], sound: list[Row], what: str, plan: Callable[[Desk, list[Row]], None]) -> None:
    """Plans what several rows say together; one bad row refuses its siblings, each by name."""
    if len(sound) < len(rows):
        bad = [row for row in rows if row not in sound]
        desk.refuse_siblings(sound, _errors_of(desk, bad), what)
        return
    try:
        plan(desk, rows)
    except BadCell as error:
        first = error.row_error()
        desk.errors.append(first)
        desk.refuse_siblings([row for row in rows if row.key.row != first.row], [first], what)
    except InvalidInput as error:
        for row in rows:
            desk.errors.extend(row.whole(found.rule, found.message, found.value) for found in error.violations)


def _errors_of(desk: Desk, rows: Sequence[Row]) -> list[RowError]:
    where = {(row.key.sheet, row.key.row) for row in rows}
    return [error for error in desk.errors if (error.sheet, error.row) in where]


def _order_key(row: Row) -> tuple[object, ...]:
    return (row.key.sheet_index, *_keys(row, "doc", "place"), _day(row))


def _consignment_key(row: Row) -> tuple[object, ...]:
    paper = shown(row["doc"].value) or shown(row["pallet"].value)
    return (row.key.sheet_index, " ".join(paper.split()), *_keys(row, "from", "to"), _day(row))


def _keys(row: Row, *names: str) -> tuple[str, ...]:
    return tuple(" ".join(shown(row[name].value).casefold().split()) for name in names)


def _day(row: Row) -> str:
    """The day for grouping; a date that cannot be read groups by what stands there."""
    try:
        return details.iso_day(row["date"])
    except BadCell:
        return shown(row["date"].value)


def row_keys(plan: Plan) -> list[RowKey]:
    """Every row that the plan would record, once, in the file's order."""
    return sorted({key for group in plan.groups for key in group.rows})
