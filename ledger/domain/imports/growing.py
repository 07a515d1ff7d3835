"""
From the field to the packing house: rows of Harvest and Cooling -> events; no I/O.

A harvest row brings a lot of the commodity's bulk product into being, under the row's reference document number (or its
own lot code where the sheet has that column). Where it names a subsequent recipient of another party, it is also the
shipment to that recipient. A cooling row is a statement about the harvest lot; where the cooler was the recipient it
receives the lot first, and passes it on to the recipient that the row names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.domain import event_forms
from ledger.domain.digital_link import lot_uri
from ledger.domain.event_forms import Spot
from ledger.domain.identifiers import LotRef, PartyId
from ledger.domain.imports import details, values
from ledger.domain.imports.cells import BadCell, Cell, RowError
from ledger.domain.imports.desk import Desk, form_amount, held, in_grams, planned, reference, sent, spot
from ledger.domain.imports.layouts import Row
from ledger.domain.imports.plan import LineCells, PlannedEvent, line_cells
from ledger.domain.imports.values import Amount, Moment
from ledger.domain.master_data import Place, Product

HARVEST_STAGE, COOLING_STAGE = 0, 1


@dataclass(frozen=True, slots=True)
class Leg:
    """A harvest lot under way to its next holder."""

    shipper: PartyId
    receiver: Place
    reference: str


@dataclass
class HarvestLot:
    """A lot that a harvest row made, and where it went since."""

    ref: LotRef
    product: Product
    amount: Amount
    farm: Place
    names: tuple[str, str, str]
    """Commodity, variety and field as later rows repeat them, folded."""
    day: str
    cells: LineCells
    holder: PartyId
    pending: Leg | None = None
    received_day: str = ""
    rows: list[Row] = field(default_factory=list)


def read_harvest(desk: Desk, row: Row) -> HarvestLot:
    """Plans the harvest (and its shipment to the recipient); returns the lot for the rows that refer to it."""
    farm = desk.book.place(row["farm"], "harvest location")
    product = desk.book.bulk_product(row["commodity"], row["variety"], farm.party)
    plot = desk.book.plot(row["field"], farm)
    code_name = "lot_code" if not row["lot_code"].blank else "doc"
    code = values.lot_code(row[code_name], "lot code" if code_name == "lot_code" else "reference document number")
    lot = LotRef(product.id, code)
    amount = in_grams(product, row["quantity"], row["unit"])
    at = values.moment(row["date"], "harvest date")
    recipient = None if not values.optional_text(row["recipient"]) else desk.book.place(row["recipient"], "recipient")
    cells = LineCells(lot, row["commodity"], row[code_name], row["quantity"])
    event = event_forms.harvest(
        farm.party, form_amount(lot, amount), desk.when(at),
        Spot(plot.gln, plot.extension) if plot else spot(farm),
        ilmd=details.ilmd(row, lot, at.at.date().isoformat()),
        extra=details.details(row, "harvest", at, harvestLocation=details.uri(farm), recipient=details.uri(recipient)),
    )  # fmt: skip
    pointers = {
        **dict(line_cells("quantityList", "manifest", [cells])), "/readPoint": row["field"], "/producer": row["farm"],
        "/product": row["commodity"], "/lotCode": cells.code, "/grams": cells.quantity, "/eventTime": row["date"],
    }  # fmt: skip
    events = [planned(event, farm.party, row["doc"], pointers, (), [held(lot, farm.party)])]
    made = HarvestLot(lot, product, amount, farm, _names(row), at.at.date().isoformat(), cells, farm.party, rows=[row])
    if recipient is not None and recipient.party != farm.party:
        made.pending = Leg(farm.party, recipient, reference(farm.party, farm, row["doc"], row["pallet"]))
        events.append(_ship(desk, row, made, made.pending, farm, at))
    desk.add([row], HARVEST_STAGE, at, events)
    return made


def read_cooling(desk: Desk, row: Row, lots: Sequence[HarvestLot]) -> None:
    """Plans the statement about the lot that was cooled, and the handoffs around it."""
    cooler = desk.book.place(row["place"], "cooling location")
    at = values.moment(row["date"], "cooling date")
    lot = one_of(row, [lot for lot in lots if lot.day <= at.at.date().isoformat()])
    amount = in_grams(lot.product, row["quantity"], row["unit"])
    recipient = None if not values.optional_text(row["recipient"]) else desk.book.place(row["recipient"], "recipient")
    events: list[PlannedEvent] = []
    if lot.pending is not None and lot.pending.receiver.party == cooler.party:
        events.append(receipt(desk, row, lot, lot.pending, at, row["date"]))
        lot.holder, lot.pending = cooler.party, None
    elif lot.holder != cooler.party:
        raise row.refuse(
            "place", "cooling.not-the-holder", "neither the farm nor the recipient that its row names cooled here"
        )
    extra: dict[str, Any] = details.details(
        row, "cooling", at, harvestLocation=details.uri(lot.farm), recipient=details.uri(recipient)
    )
    if not row["temperature"].blank:
        extra["sensorElementList"] = [{"sensorReport": [{"type": "Temperature", "value": _celsius(row), "uom": "CEL"}]}]
    tree = event_forms.statement(cooler.party, "storing", [lot.ref], desk.when(at), spot(cooler), extra=extra)
    tree["quantityList"] = [event_forms.quantity(form_amount(lot.ref, amount))]
    if amount.cases:
        tree["silkroot:cases"] = [{"epcClass": lot_uri(lot.ref), "count": amount.cases}]
    events.append(planned(tree, cooler.party, row["doc"], {"/readPoint": row["place"]}, [held(lot.ref, cooler.party)]))
    if recipient is not None and lot.pending is not None and lot.pending.receiver.party != recipient.party:
        raise row.refuse("recipient", "cooling.contradiction", "the harvest row names another recipient")
    if recipient is not None and lot.pending is None and recipient.party != cooler.party:
        lot.pending = Leg(cooler.party, recipient, reference(cooler.party, cooler, row["doc"], row["pallet"]))
        events.append(_ship(desk, row, lot, lot.pending, cooler, at))
    lot.rows.append(row)
    desk.add([row], COOLING_STAGE, at, events)


def receipt(desk: Desk, row: Row, lot: HarvestLot, leg: Leg, at: Moment, date: Cell) -> PlannedEvent:
    """The recipient takes the whole lot over; the row that says so may be one of several."""
    tree = event_forms.receiving(
        leg.receiver.party,
        leg.shipper,
        leg.reference,
        [form_amount(lot.ref, lot.amount)],
        desk.when(at),
        spot(leg.receiver),
        extra={
            "silkroot:criticalTrackingEvent": "receiving",
            **({"silkroot:datePrecision": "day"} if at.day_only else {}),
        },
    )
    cells = dict.fromkeys(("/eventTime", "/consignment", "/bizTransactionList", "/manifestHash"), date)
    return planned(
        tree,
        leg.receiver.party,
        row["doc"],
        cells,
        [sent(leg.shipper, leg.reference)],
        [held(lot.ref, leg.receiver.party)],
        shared=True,
    )


def one_of(row: Row, lots: Sequence[HarvestLot]) -> HarvestLot:
    """The one harvest lot that the row speaks of; refused where there is none, or several."""
    found = matching(row, lots)
    if len(found) > 1:
        codes = ", ".join(lot.ref.code for lot in found)
        raise row.refuse(
            "commodity", "harvest.ambiguous", f"several harvest rows fit ({codes}); add the column Harvest Lot Code"
        )
    return found[0]


def matching(row: Row, lots: Sequence[HarvestLot]) -> list[HarvestLot]:
    """
    The harvest lots that fit what the row repeats: lot code, or commodity, variety, farm, and field where it has one.
    """
    codes = values.text(row["lot_code"]).split()
    if codes:
        found = [lot for lot in lots if lot.ref.code in codes]
        missing = set(codes) - {lot.ref.code for lot in found}
        if missing:
            raise row.refuse(
                "lot_code", "harvest.unknown", f"no accepted harvest row made {', '.join(sorted(missing))}"
            )
        return found
    commodity, variety, plot = _names(row)
    farm = _fold(values.required_text(row["farm"], "harvest location"))
    found = [
        lot
        for lot in lots
        if lot.names[:2] == (commodity, variety)
        and farm in {_fold(values.text(lot.rows[0]["farm"])), *map(_fold, lot.farm.name.values())}
        and plot in ("", lot.names[2])
    ]
    if not found:
        raise row.refuse(
            "commodity",
            "harvest.unknown",
            "no accepted harvest row of this file has this commodity, variety, farm, field and day",
        )
    return found


def broken(row: Row, error: BadCell) -> RowError:
    """The error, named at the row's first cell where the cell itself is no part of the sheet."""
    found = error.row_error()
    return found if found.column else RowError(
        found.sheet, found.row, "", found.value, found.rule, found.message
    )  # fmt: skip


def _ship(desk: Desk, row: Row, lot: HarvestLot, leg: Leg, start: Place, at: Moment) -> PlannedEvent:
    tree = event_forms.shipping(
        leg.shipper, leg.receiver.party, leg.reference, [form_amount(lot.ref, lot.amount)], desk.when(at), spot(start),
        extra=details.details(row, "shipping", at, recipient=details.uri(leg.receiver)),
    )  # fmt: skip
    cells = {
        **dict(line_cells("quantityList", "manifest", [lot.cells])), "/receiver": row["recipient"],
        "/destinationList": row["recipient"], "/consignmentRef": row["doc"], "/bizTransactionList": row["doc"],
    }  # fmt: skip
    return planned(
        tree, leg.shipper, row["recipient"], cells, [held(lot.ref, leg.shipper)], [sent(leg.shipper, leg.reference)]
    )


def _names(row: Row) -> tuple[str, str, str]:
    return (
        _fold(values.text(row["commodity"])), _fold(values.optional_text(row["variety"])),
        _fold(values.optional_text(row["field"])),
    )  # fmt: skip


def _celsius(row: Row) -> float:
    cell = row["temperature"]
    try:
        degrees = float(values.describe(cell)) if not isinstance(cell.value, int | float) else float(cell.value)
    except ValueError:
        degrees = float("nan")
    if not -90 <= degrees <= 90:
        raise row.refuse("temperature", "temperature.celsius", "write degrees Celsius here, as a number")
    return degrees


def _fold(name: str) -> str:
    return " ".join(name.casefold().split())
