"""
Rows of Shipping and Receiving -> one event a consignment; no I/O.

Rows of one sheet with the same reference document, both places and the day are the lines of one manifest. The same lot
on two pallets becomes one line of the manifest; each row's own particulars (pallet, description, source) are kept
beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ledger.domain import event_forms
from ledger.domain.identifiers import Grams, LotRef
from ledger.domain.imports import details, values
from ledger.domain.imports.desk import Desk, form_amount, held, in_grams, planned, reference, sent, spot
from ledger.domain.imports.layouts import Row, SheetKind
from ledger.domain.imports.plan import LineCells, line_cells
from ledger.domain.imports.values import Amount, Moment
from ledger.domain.master_data import Place
from ledger.domain.records import JsonTree

SHIPPING_STAGE, RECEIVING_STAGE = 5, 6


@dataclass(frozen=True, slots=True)
class Heading:
    """What the rows of one consignment have in common."""

    kind: SheetKind
    reference: str
    start: Place
    end: Place
    at: Moment


@dataclass(frozen=True, slots=True)
class ManifestLine:
    """One row: a lot and how much of it."""

    row: Row
    cells: LineCells
    amount: Amount


def read_heading(desk: Desk, row: Row) -> Heading:
    """Which consignment the row belongs to."""
    start = desk.book.place_with_id(row["from"], row["from_id"], "ship-from location")
    end = desk.book.place_with_id(row["to"], row["to_id"], "ship-to location")
    what = "ship date" if row.kind is SheetKind.SHIPPING else "receive date"
    return Heading(
        row.kind, reference(start.party, start, row["doc"], row["pallet"]), start, end, values.moment(row["date"], what)
    )


def read_line(desk: Desk, row: Row) -> ManifestLine:
    """The row's line of the manifest."""
    product = desk.book.product(row["gtin"])
    lot = values.lot(row["gtin"], row["batch"])
    return ManifestLine(
        row, LineCells(lot, row["gtin"], row["batch"], row["quantity"]), in_grams(product, row["quantity"], None)
    )


def plan_handoff(desk: Desk, heading: Heading, lines: Sequence[ManifestLine]) -> None:
    """Plans the shipment or the receipt of the whole consignment."""
    manifest = _merged(lines)
    first = lines[0].row
    shipping = heading.kind is SheetKind.SHIPPING
    place, acting = (heading.start, heading.start.party) if shipping else (heading.end, heading.end.party)
    extra = details.details(
        first, heading.kind.value, heading.at, lines=[details.line(line.row, line.cells.lot) for line in lines],
        shipFrom=details.uri(heading.start), shipTo=details.uri(heading.end),
    )  # fmt: skip
    form: Callable[..., JsonTree] = event_forms.shipping if shipping else event_forms.receiving
    other = heading.end.party if shipping else heading.start.party
    tree = form(
        acting, other, heading.reference, [form_amount(cells.lot, amount) for cells, amount in manifest],
        desk.when(heading.at), spot(place), extra=extra,
    )  # fmt: skip
    receiver, shipper = first["to"], first["from"]
    pointers = {
        **dict(line_cells("quantityList", "manifest", [cells for cells, _ in manifest])),
        "/receiver": receiver, "/destinationList": receiver, "/shipper": shipper, "/sourceList": shipper,
        "/consignmentRef": first["doc"], "/consignment": first["doc"], "/bizTransactionList": first["doc"],
        "/manifestHash": first["quantity"], "/eventTime": first["date"],
    }  # fmt: skip
    lots = [cells.lot for cells, _ in manifest]
    under_way = [sent(heading.start.party, heading.reference)]
    takes = [held(lot, acting) for lot in lots] if shipping else under_way
    gives = under_way if shipping else [held(lot, acting) for lot in lots]
    stage = SHIPPING_STAGE if shipping else RECEIVING_STAGE
    desk.add(
        [line.row for line in lines], stage, heading.at, [planned(tree, acting, first["doc"], pointers, takes, gives)]
    )


def _merged(lines: Sequence[ManifestLine]) -> list[tuple[LineCells, Amount]]:
    """Lines of one lot added up, in the order in which the lots first stand in the sheet."""
    merged: dict[LotRef, tuple[LineCells, Amount]] = {}
    for line in lines:
        lot = line.cells.lot
        if lot in merged:
            cells, before = merged[lot]
            counted = before.cases + line.amount.cases if before.cases and line.amount.cases else 0
            merged[lot] = cells, Amount(Grams(before.grams + line.amount.grams), counted)
        else:
            merged[lot] = line.cells, line.amount
    return list(merged.values())
