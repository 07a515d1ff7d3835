"""
Rows of the Initial Packing sheets and of Transformation -> events; no I/O.

Initial packing consumes the harvest lots that the row describes: one, or several that were received together whole.
Where they came from another party, the same row is the receipt of their shipment, once, in full. The sheet for growers
outside the rule has no harvest rows: what it received is an intake (pooled purchase) under the row's reference
document number, and the growers are declared by the packer. A transformation order may take several rows: each lot
stands in one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ledger.domain import event_forms
from ledger.domain.event_forms import RosterLine
from ledger.domain.identifiers import LotRef
from ledger.domain.imports import details, values
from ledger.domain.imports.cells import BadCell, Cell
from ledger.domain.imports.desk import Desk, form_amount, held, in_grams, planned, spot
from ledger.domain.imports.growing import HarvestLot, matching, receipt
from ledger.domain.imports.layouts import Row
from ledger.domain.imports.plan import LineCells, PlannedEvent, line_cells
from ledger.domain.imports.values import Amount, Moment
from ledger.domain.master_data import Place, Product
from ledger.domain.records import JsonTree

PACKING_STAGE, TRANSFORMATION_STAGE = 2, 4


def read_packing(desk: Desk, row: Row, lots: Sequence[HarvestLot]) -> None:
    """Plans the receipt of the harvest lots, if they had to travel, and their packing."""
    place = desk.book.place(row["packer"], "packing location")
    day = details.iso_day(row["harvest_date"])
    found = matching(row, [lot for lot in lots if lot.day == day or not row["lot_code"].blank])
    at = values.moment(row["pack_date"], "pack date")
    cooling = (
        None
        if not values.optional_text(row["cooling_place"])
        else desk.book.place(row["cooling_place"], "cooling location")
    )
    events = _receipts(desk, row, place, found)
    inputs = _inputs(row, found)
    output, made, packed = _packed(desk, row)
    extra = details.details(
        row,
        "initial_packing",
        at,
        harvestLocation=details.uri(found[0].farm),
        harvestDate=day,
        coolingLocation=details.uri(cooling),
        coolingDate=details.iso_day(row["cooling_date"]),
        receivedDate=details.iso_day(row["received_date"]),
        lines=[details.line(row, output.lot)],
    )
    tree = event_forms.transformation(
        place.party,
        [form_amount(lot.ref, amount) for lot, amount in zip(found, inputs, strict=True)],
        [form_amount(output.lot, packed)],
        desk.when(at),
        spot(place),
        biz_step="packing",
        ilmd=details.ilmd(row, made, day),
        extra=extra,
    )
    used = [LineCells(lot.ref, row["commodity"], row["commodity"], row["received"]) for lot in found]
    takes = [held(lot.ref, place.party) for lot in found]
    events.append(_transformation(row, tree, place, used, [output], takes))
    desk.add([row], PACKING_STAGE, at, events)


def read_pooled_packing(desk: Desk, row: Row) -> None:
    """Plans the intake from a grower outside the ledger, and the packing of what came in."""
    place = desk.book.place(row["packer"], "packing location")
    product = desk.book.bulk_product(row["commodity"], row["variety"], place.party)
    taken_in = LotRef(product.id, values.lot_code(row["doc"], "reference document number"))
    amount = in_grams(product, row["received"], row["received_unit"])
    at = values.moment(row["pack_date"], "pack date")
    received = at if row["received_date"].blank else values.moment(row["received_date"], "date received")
    grower = RosterLine(
        values.optional_text(row["farm"]) or values.text(row["from"]),
        values.required_text(row["from"], "place it came from"),
        amount.grams,
        taken_in.code,
    )
    intake = event_forms.intake(
        place.party,
        form_amount(taken_in, amount),
        desk.when(received),
        spot(place),
        [grower],
        extra=details.details(row, "receiving", received),
    )
    cells = LineCells(taken_in, row["commodity"], row["doc"], row["received"])
    pointers = {
        **dict(line_cells("quantityList", "manifest", [cells])),
        "/product": row["commodity"],
        "/lotCode": row["doc"],
        "/grams": row["received"],
        "/buyer": row["packer"],
    }
    first = planned(intake, place.party, row["doc"], pointers, (), [held(taken_in, place.party)])
    output, made, packed = _packed(desk, row)
    tree = event_forms.transformation(
        place.party,
        [form_amount(taken_in, amount)],
        [form_amount(output.lot, packed)],
        desk.when(at),
        spot(place),
        biz_step="packing",
        ilmd=details.ilmd(row, made, ""),
        extra=details.details(
            row,
            "initial_packing",
            at,
            receivedDate=details.iso_day(row["received_date"]),
            lines=[details.line(row, output.lot)],
        ),
    )
    events = [first, _transformation(row, tree, place, [cells], [output], [held(taken_in, place.party)])]
    desk.add([row], PACKING_STAGE, at, events)


def read_transformation(desk: Desk, rows: Sequence[Row], place: Place, at: Moment) -> None:
    """Plans one transformation from all rows of its order."""
    used = _order_lines(desk, rows, "used", "used in")
    made = _order_lines(desk, rows, "made", "made by")
    first = rows[0]
    lines = [details.line(row, cells.lot, "used_") for row, cells, _ in used]
    lines += [details.line(row, cells.lot, "made_") for row, cells, _ in made]
    tree = event_forms.transformation(
        place.party,
        [form_amount(cells.lot, amount) for _, cells, amount in used],
        [form_amount(cells.lot, amount) for _, cells, amount in made],
        desk.when(at),
        spot(place),
        biz_step="repackaging",
        extra=details.details(first, "transformation", at, lines=lines),
    )
    takes = [held(cells.lot, place.party) for _, cells, _ in used]
    event = _transformation(first, tree, place, [cells for _, cells, _ in used], [cells for _, cells, _ in made], takes)
    desk.add(rows, TRANSFORMATION_STAGE, at, [event])


def _receipts(desk: Desk, row: Row, place: Place, lots: Sequence[HarvestLot]) -> list[PlannedEvent]:
    events = []
    for lot in lots:
        if lot.pending is None:
            if lot.holder != place.party:
                raise row.refuse(
                    "packer",
                    "packing.not-the-recipient",
                    "the harvest row names no recipient, and the farm is another party",
                )
            continue
        if lot.pending.receiver.party != place.party:
            raise row.refuse("packer", "packing.not-the-recipient", "the harvest was sent to another recipient")
        if row["received_date"].blank:
            raise row.refuse("received_date", "cell.missing", "write the day on which the harvest lot was received")
        at = values.moment(row["received_date"], "date received")
        day = at.at.isoformat()
        if lot.received_day not in ("", day):
            raise row.refuse(
                "received_date",
                "packing.received-in-parts",
                "a harvest lot is received whole, once; another row gives another day. "
                "Write a harvest row for each delivery",
            )
        lot.received_day = day
        events.append(receipt(desk, row, lot, lot.pending, at, row["received_date"]))
    return events


def _inputs(row: Row, lots: Sequence[HarvestLot]) -> list[Amount]:
    """How much of each harvest lot the row uses."""
    if len(lots) == 1:
        return [in_grams(lots[0].product, row["received"], row["received_unit"])]
    if len({lot.product.id for lot in lots}) > 1:
        raise row.refuse("commodity", "harvest.ambiguous", "the harvest lots are of different bulk products")
    stated = in_grams(lots[0].product, row["received"], row["received_unit"])
    if stated.grams != sum(lot.amount.grams for lot in lots):
        codes = ", ".join(lot.ref.code for lot in lots)
        raise row.refuse(
            "received",
            "harvest.ambiguous",
            f"several harvest rows fit ({codes}), and this is not their sum; add the column Harvest Lot Code",
        )
    return [lot.amount for lot in lots]


def _packed(desk: Desk, row: Row) -> tuple[LineCells, LotRef, Amount]:
    product = desk.book.product(row["gtin"])
    lot = values.lot(row["gtin"], row["batch"])
    return (
        LineCells(lot, row["gtin"], row["batch"], row["packed"]),
        lot,
        in_grams(product, row["packed"], row["packed_unit"]),
    )


def _order_lines(desk: Desk, rows: Sequence[Row], side: str, verb: str) -> list[tuple[Row, LineCells, Amount]]:
    lines: list[tuple[Row, LineCells, Amount]] = []
    seen: dict[LotRef, Row] = {}
    for row in rows:
        cells = [row[f"{side}_gtin"], row[f"{side}_batch"], row[side]]
        if all(cell.blank for cell in cells):
            continue
        for cell in cells:
            values.required_text(cell, "GTIN, batch and quantity of the lot")
        product: Product = desk.book.product(cells[0])
        lot = values.lot(cells[0], cells[1])
        if lot in seen:
            raise BadCell(
                cells[1],
                "transformation.repeated-lot",
                f"row {seen[lot].key.row} names this lot as {verb} the same order; write each "
                f"lot once and leave the other cells empty",
            )
        seen[lot] = row
        lines.append((row, LineCells(lot, *cells), in_grams(product, row[side], row[f"{side}_unit"])))
    if not lines:
        raise rows[0].refuse(f"{side}_gtin", "cell.missing", f"no row of this order says which lot was {verb} it")
    return lines


def _transformation(
    row: Row,
    tree: JsonTree,
    place: Place,
    used: Sequence[LineCells],
    made: Sequence[LineCells],
    takes: Sequence[tuple[object, ...]],
) -> PlannedEvent:
    cell_of: Callable[[str], Cell] = row.__getitem__
    quantity = made[0].quantity
    cells = {
        **dict(line_cells("inputQuantityList", "inputs", used)),
        **dict(line_cells("outputQuantityList", "outputs", made)),
        "/outputs": quantity,
        "/outputQuantityList": quantity,
        "/packer": cell_of("packer" if row["place"].blank else "place"),
    }
    gives = [held(line.lot, place.party) for line in made]
    return planned(tree, place.party, made[0].code, cells, takes, gives)
