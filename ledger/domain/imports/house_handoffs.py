"""
Rows of Shipping and Receiving -> one event a waybill; rows of Temperature -> one statement each; no I/O.

Carrier, vehicle, seal and driver's code are declared by the shipper: the carrier is named, it does not sign, and the
shipper answers until the receiver has signed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from ledger.domain import event_forms
from ledger.domain.digital_link import party_uri
from ledger.domain.imports import house_values as values
from ledger.domain.imports.cells import BadCell, RowError, RowKey
from ledger.domain.imports.desk import form_amount, held, planned, sent, spot
from ledger.domain.imports.house_desk import Bundle, HouseDesk, Line, case_amount, members, merged
from ledger.domain.imports.house_reading import HouseRow
from ledger.domain.imports.house_types import HouseSheet
from ledger.domain.imports.plan import LineCells, line_cells
from ledger.domain.imports.values import Moment
from ledger.domain.master_data import PlaceKind
from ledger.domain.records import JsonTree

SHIPPING_STAGE, RECEIVING_STAGE, TEMPERATURE_STAGE = 5, 6, 7


def plan_consignment(desk: HouseDesk, rows: Sequence[HouseRow], broken: Collection[RowKey]) -> None:
    """Plans the shipment or the receipt of one consignment."""
    shipping = rows[0].layout.key is HouseSheet.SHIPPING
    other_column = "receiver" if shipping else "shipper"
    bundle = Bundle(desk, rows, "waybill", broken)
    first = bundle.first
    at = bundle.head("date", lambda cell: values.moment(cell, first.context), None)
    place = bundle.head("place", desk.book.place, None)
    other = bundle.head(other_column, desk.book.party, None)
    extra = _particulars(bundle, shipping)
    reference = None
    if place is not None and other is not None:
        shipper = place.party if shipping else other.id
        reference = bundle.head("waybill", lambda cell: desk.reference(shipper, cell), None)
    lines = [line for row in rows if (line := bundle.read(partial(_line, desk, row), None)) is not None]
    if not bundle.close() or at is None or place is None or other is None or reference is None:
        return
    manifest = merged(lines)
    form: Callable[..., JsonTree] = event_forms.shipping if shipping else event_forms.receiving
    tree = form(
        place.party, other.id, reference, [form_amount(line.lot, line.amount) for line in manifest], desk.when(at),
        spot(place), extra=members(at, first.layout.key.value) | extra,
    )  # fmt: skip
    cells = {
        **dict(line_cells("quantityList", "manifest", [_cells(line) for line in manifest])),
        "/receiver": first[other_column] if shipping else first["place"],
        "/destinationList": first[other_column] if shipping else first["place"],
        "/shipper": first["place"] if shipping else first[other_column],
        "/sourceList": first["place"] if shipping else first[other_column],
        "/consignmentRef": first["waybill"], "/consignment": first["waybill"], "/bizTransactionList": first["waybill"],
        "/manifestHash": first["waybill"], "/eventTime": first["date"], "/readPoint": first["place"],
    }  # fmt: skip
    holding = [held(line.lot, place.party) for line in manifest]
    under_way = [sent(shipper, reference)]
    takes, gives = (holding, under_way) if shipping else (under_way, holding)
    stage = SHIPPING_STAGE if shipping else RECEIVING_STAGE
    bundle.plan(stage, at, planned(tree, place.party, first["waybill"], cells, takes, gives))


def plan_reading(desk: HouseDesk, row: HouseRow, broken: Collection[RowKey]) -> None:
    """Plans the statement of one reading."""
    bundle = Bundle(desk, [row], "reading", broken)
    at = bundle.read(lambda: reading_time(row), None)
    place = bundle.head("place", desk.book.place, None)
    lot = bundle.read(lambda: desk.lot(row, "lot", "product")[0], None)
    celsius = bundle.head("celsius", values.celsius, None)
    vehicle = bundle.head("vehicle", values.text, "", required=False)
    device = bundle.head("device", values.text, "", required=False)
    if not bundle.close() or at is None or place is None or lot is None or celsius is None:
        return
    when = desk.when(at)
    moving = bool(vehicle) or place.kind is PlaceKind.VEHICLE
    element = {
        "sensorMetadata": {"time": when.time},
        "sensorReport": [{"type": "Temperature", "value": _plain(celsius), "uom": "CEL"}],
    }
    more = {f"silkroot:{name}": value for name, value in (("vehicle", vehicle), ("logger", device)) if value}
    tree = event_forms.statement(
        place.party, "transporting" if moving else "storing", [lot], when, spot(place),
        disposition="in_transit" if moving else "in_progress", extra={"sensorElementList": [element], **more},
    )  # fmt: skip
    cells = {
        "/quantityList": row["lot"], "/lots": row["lot"], "/readPoint": row["place"], "/eventTime": row["date"],
        "/sensorElementList": row["celsius"],
    }  # fmt: skip
    bundle.plan(TEMPERATURE_STAGE, at, planned(tree, place.party, row["lot"], cells))


def reading_time(row: HouseRow) -> Moment:
    """When the reading was taken: the date with its own time of day, or with the one beside it."""
    at = values.moment(row["date"], row.context)
    if row["time"].blank:
        if at.day_only:
            cell = row["time"] if row["time"].column else row["date"]
            raise BadCell(cell, "cell.missing", "write the time of day of the reading")
        return at
    clock = values.clock(row["time"])
    if not at.day_only and at.at.time() != clock:
        raise row.refuse("time", "row.contradiction", "the date has another time of day")
    return Moment(datetime.combine(at.at.date(), clock), False)


def contradicting_readings(rows: Sequence[HouseRow]) -> list[RowError]:
    """Every row that reads another temperature than a row of the same place, lot, vehicle, logger and moment."""
    found: dict[tuple[object, ...], list[HouseRow]] = defaultdict(list)
    for row in rows:
        try:
            where = tuple(values.text(row[name]) for name in ("place", "lot", "product", "vehicle", "device"))
            found[(reading_time(row), *where)].append(row)
        except BadCell:
            continue  # listed where the row is read
    errors = []
    for same in found.values():
        if len({row.same_as() for row in same}) > 1:
            for row in same:
                other = next(one for one in same if one is not row)
                message = f"row {other.key.row} has another temperature for the same place, lot and time"
                errors.append(BadCell(row["celsius"], "row.contradiction", message).row_error())
    return errors


def _line(desk: HouseDesk, row: HouseRow) -> Line:
    lot, product = desk.lot(row, "lot", "product")
    return Line(lot, case_amount(row, product, "cases", "quantity", "unit"), row)


def _particulars(bundle: Bundle, shipping: bool) -> dict[str, Any]:
    """Seal, carrier, vehicle and driver's code; the temperature on arrival."""
    seal = bundle.head("seal", values.text, "", required=False)
    if not shipping:
        degrees = bundle.head("celsius", values.celsius, None, required=False)
        found: dict[str, Any] = {"silkroot:seal": seal} if seal else {}
        if degrees is not None:
            report = {"type": "Temperature", "value": _plain(degrees), "uom": "CEL"}
            found["sensorElementList"] = [{"sensorReport": [report]}]
        return found
    carrier = bundle.head("carrier", bundle.desk.book.party, None, required=False)
    told = {
        "seal": seal,
        "carrier": party_uri(carrier.id) if carrier is not None else "",
        "vehicle": bundle.head("vehicle", values.text, "", required=False),
        "driver": bundle.head("driver", values.text, "", required=False),
    }
    return {f"silkroot:{name}": value for name, value in told.items() if value}


def _cells(line: Line) -> LineCells:
    row = line.row
    quantity = row["cases"] if not row["cases"].blank else row["quantity"]
    product = row["product"] if row["product"].column else row["lot"]
    return LineCells(line.lot, product, row["lot"], quantity)


def _plain(celsius: float) -> float | int:
    """A whole number of degrees as an integer, as JSON writes it either way."""
    return int(celsius) if celsius == int(celsius) else celsius
