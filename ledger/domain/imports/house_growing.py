"""
Rows of Intake and Harvest -> events; no I/O.

All rows of one lot in Intake are one pooled lot: its sheet of roster code, village, grams and ticket adds up to it.
They are of one day; the lot comes into being with the last delivery.
Each row of Harvest is a lot of its own, from a registered plot.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import partial

from ledger.domain import event_forms
from ledger.domain.event_forms import RosterLine, Spot
from ledger.domain.identifiers import Grams, LotRef
from ledger.domain.imports import house_values as values
from ledger.domain.imports.cells import BadCell, Cell, RowError, RowKey
from ledger.domain.imports.desk import form_amount, held, planned, spot
from ledger.domain.imports.house_desk import Bundle, HouseDesk, members
from ledger.domain.imports.house_reading import HouseRow
from ledger.domain.imports.plan import LineCells, line_cells
from ledger.domain.imports.values import Amount
from ledger.domain.master_data import Product

BIRTH_STAGE = 0


def plan_intake(desk: HouseDesk, rows: Sequence[HouseRow], name: object, broken: Collection[RowKey]) -> None:
    """Plans the intake of one pooled lot."""
    bundle = Bundle(desk, rows, "lot", broken)
    at = bundle.latest("date", lambda cell: values.moment(cell, bundle.first.context))
    place = bundle.head("place", desk.book.place, None)
    product = bundle.head("product", desk.book.product, None)
    code = bundle.head("lot", values.lot_code, None)
    first = bundle.first
    if product is not None and code is not None:
        lot = LotRef(product.id, code)
        bundle.read(lambda: desk.born_once(lot, first["lot"], name), None)
    roster = [
        RosterLine(
            bundle.cell(row, "roster", lambda cell: values.required(cell, "roster code"), ""),
            bundle.cell(row, "village", lambda cell: values.required(cell, "village"), ""),
            Grams(0) if product is None else bundle.read(partial(_grams, row, product), Grams(0)),
            bundle.cell(row, "ticket", lambda cell: values.required(cell, "number of the weigh ticket"), ""),
        )
        for row in rows
    ]
    if not bundle.close() or at is None or place is None or product is None or code is None:
        return
    total = Amount(Grams(sum(line.grams for line in roster)))
    tree = event_forms.intake(
        place.party, form_amount(lot, total), desk.when(at), spot(place), roster, extra=members(at, "receiving")
    )
    tree["ilmd"] = {"cbvmda:lotNumber": lot.code}
    cells = _birth_cells(lot, first) | {"/buyer": first["place"], "/readPoint": first["place"]}
    for index, row in enumerate(rows):
        cells[f"/silkroot:intake/{index}"] = row["ticket"]
        cells[f"/silkroot:intake/{index}/grams"] = row["quantity"]
    bundle.plan(BIRTH_STAGE, at, planned(tree, place.party, first["lot"], cells, (), [held(lot, place.party)]))


def plan_harvest(desk: HouseDesk, row: HouseRow, name: object, broken: Collection[RowKey]) -> None:
    """Plans the harvest of one lot."""
    bundle = Bundle(desk, [row], "lot", broken)
    at = bundle.head("date", lambda cell: values.moment(cell, row.context), None)
    plot = bundle.head("plot", desk.book.plot, None)
    product = bundle.head("product", desk.book.product, None)
    code = bundle.head("lot", values.lot_code, None)
    amount = None
    if product is not None:
        unit = row.units.get("quantity", "")
        amount = bundle.read(lambda: values.quantity(row["quantity"], row["unit"], unit, product), None)
        if code is not None:
            lot = LotRef(product.id, code)
            bundle.read(lambda: desk.born_once(lot, row["lot"], name), None)
    team = bundle.head("team", values.text, "", required=False)
    if not bundle.close() or at is None or plot is None or product is None or code is None or amount is None:
        return
    day = at.at.date().isoformat()
    tree = event_forms.harvest(
        plot.producer, form_amount(lot, amount), desk.when(at), Spot(plot.gln, plot.extension),
        ilmd={"cbvmda:lotNumber": lot.code, "cbvmda:harvestStartDate": day, "cbvmda:harvestEndDate": day},
        extra=members(at, "harvest", harvester=team),
    )  # fmt: skip
    cells = _birth_cells(lot, row) | {"/readPoint": row["plot"], "/plot": row["plot"], "/producer": row["plot"]}
    bundle.plan(BIRTH_STAGE, at, planned(tree, plot.producer, row["lot"], cells, (), [held(lot, plot.producer)]))


def _grams(row: HouseRow, product: Product) -> Grams:
    return values.quantity(row["quantity"], row["unit"], row.units.get("quantity", ""), product).grams


def _birth_cells(lot: LotRef, row: HouseRow) -> dict[str, Cell]:
    return {
        **dict(line_cells("quantityList", "manifest", [LineCells(lot, row["product"], row["lot"], row["quantity"])])),
        "/product": row["product"], "/lotCode": row["lot"], "/grams": row["quantity"], "/eventTime": row["date"],
    }  # fmt: skip


def repeated_tickets(rows: Sequence[HouseRow]) -> list[RowError]:
    """Every row whose weigh ticket another row states with other particulars."""
    found: dict[tuple[str, str], list[HouseRow]] = defaultdict(list)
    for row in rows:
        try:
            ticket, place = values.text(row["ticket"]), values.text(row["place"])
        except BadCell:
            continue  # listed where the row is read
        if ticket:
            found[ticket, place].append(row)
    errors = []
    for same in found.values():
        if len({row.same_as() for row in same}) > 1:
            for row in same:
                other = next(one for one in same if one is not row)
                message = f"row {other.key.row} has the same ticket with other particulars"
                errors.append(BadCell(row["ticket"], "row.contradiction", message).row_error())
    return errors
