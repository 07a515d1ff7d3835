"""
The sortable spreadsheet that an inspector may ask for within 24 hours: rows for each critical tracking event of a
family of lots, with the key data elements of 21 CFR part 1, subpart S (FSMA 204).

Made from recorded events and master data. Cells have what was stated; what is sealed, or nobody stated, stays empty.
Sheets and headings are those of the Produce Traceability Initiative's workbook, as the import reads them. A making of
several lots has a row for each of them, what was used on the left and what was made on the right, under one document.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import zip_longest

from ledger.domain.actions import (
    Harvest,
    Intake,
    PartialReceipt,
    Receipt,
    Shipment,
    Statement,
    Transformation,
    signer_of,
)  # fmt: skip
from ledger.domain.errors import InvalidInput
from ledger.domain.event_reading import consignment_reference, lots_of, portions_of, possessing_party
from ledger.domain.identifiers import LotId, LotRef, PartyId
from ledger.domain.imports.layouts import SheetKind
from ledger.domain.master_data import MasterData, text_in
from ledger.domain.records import JsonTree, RecordedEvent

SHEETS: Mapping[SheetKind, tuple[str, ...]] = {
    SheetKind.HARVEST: ("doc_type", "doc", "commodity", "variety", "quantity", "unit", "farm", "field", "date",
                        "recipient", "lot_code"),
    SheetKind.COOLING: ("doc_type", "doc", "commodity", "variety", "quantity", "unit", "place", "date", "farm",
                        "lot_code"),
    SheetKind.PACKING: ("doc_type", "doc", "commodity", "variety", "received", "received_unit", "farm", "field",
                        "harvest_date", "lot_code", "gtin", "batch", "description", "packed", "packed_unit", "packer",
                        "pack_date"),
    SheetKind.TRANSFORMATION: ("doc_type", "doc", "used_gtin", "used_batch", "used", "used_unit", "used_description",
                               "made_gtin", "made_batch", "made", "made_unit", "made_description", "place", "date"),
    SheetKind.SHIPPING: ("gtin", "batch", "quantity", "description", "from", "from_id", "to", "to_id", "date",
                         "tlc_source_gln", "doc"),
    SheetKind.RECEIVING: ("gtin", "batch", "quantity", "description", "from", "to", "date", "tlc_source_gln", "doc"),
}  # fmt: skip
"""The columns of each sheet, by the import's names of them."""

Cells = Mapping[str, str | float]
_UNIT = "kg"
_CHINA = timezone(timedelta(hours=8))
_PLACE = re.compile(r"/414/([0-9]{13})(?:/254/([^/?#]+))?\Z")


@dataclass(frozen=True, slots=True)
class TrackingRow:
    """A row of one sheet."""

    sheet: SheetKind
    cells: Cells


def tracking_rows(
    events: Sequence[RecordedEvent], lots: Collection[LotId], names: Mapping[LotId, LotRef], master: MasterData
) -> Iterator[TrackingRow]:
    """
    The rows of those events, in order of recording, as far as they are about those lots; `names` knows every lot that
    an event names.
    """
    ordered = sorted(events, key=lambda event: event.sequence)
    told = _Telling(set(lots), names, master, ordered)
    for event in ordered:
        yield from told.rows(event)


class _Telling:
    def __init__(
        self, lots: set[LotId], names: Mapping[LotId, LotRef], master: MasterData, events: Sequence[RecordedEvent]
    ) -> None:
        self._lots, self._names, self._master = lots, names, master
        self._plots = {plot.id: plot for plot in master.plots.values()}
        self._births: dict[LotId, RecordedEvent] = {}
        self._recipients: dict[tuple[LotId, PartyId], PartyId] = {}
        self._makers: dict[LotId, PartyId] = {}
        for event in events:
            match action := event.proof.action:
                case Harvest():
                    self._births[LotRef(action.product, action.lot_code).id] = event
                    self._makers[LotRef(action.product, action.lot_code).id] = action.producer
                case Intake():
                    self._births[LotRef(action.product, action.lot_code).id] = event
                case Transformation():
                    for output in action.outputs:
                        self._makers[LotRef(output.product, output.lot_code).id] = action.packer
                case Shipment():
                    for line in action.manifest:
                        self._recipients.setdefault((line.lot, action.shipper), action.receiver)

    def rows(self, event: RecordedEvent) -> Iterator[TrackingRow]:
        match event.proof.action:
            case Harvest() | Intake():
                yield from self._birth(event)
            case Transformation():
                yield from self._making(event)
            case Shipment():
                yield from self._sent(event)
            case Receipt() | PartialReceipt():
                yield from self._received(event)
            case Statement() if event.body.get("silkroot:criticalTrackingEvent") == "cooling":
                yield from self._cooled(event)

    def _birth(self, event: RecordedEvent) -> Iterator[TrackingRow]:
        action = event.proof.action
        assert isinstance(action, Harvest | Intake)  # noqa: S101 - `rows` asks for nothing else
        lot = LotRef(action.product, action.lot_code)
        party = signer_of(action)
        if lot.id not in self._lots:
            return
        recipient = self._recipients.get((lot.id, party))
        cells: dict[str, str | float] = {
            **_document(event), **self._kind(lot), "quantity": action.grams / 1000, "unit": _UNIT,
            **self._grown(lot.id), "date": _day(event.body), "lot_code": lot.code,
            "recipient": self._party(recipient) if recipient is not None else "",
        }  # fmt: skip
        yield TrackingRow(SheetKind.HARVEST, cells)

    def _making(self, event: RecordedEvent) -> Iterator[TrackingRow]:
        action = event.proof.action
        assert isinstance(action, Transformation)  # noqa: S101
        made = [(LotRef(output.product, output.lot_code), output.grams) for output in action.outputs]
        used = [(self._names[line.lot], line.grams) for line in action.inputs if line.lot in self._names]
        if not self._lots & {lot.id for lot, _ in (*made, *used)}:
            return
        # The first packing is that of what came from fields; whatever is made of packed lots is a transformation.
        first = all(lot.id in self._births for lot, _ in used)
        day, where = _day(event.body), self._place(event.body) or self._party(action.packer)
        for taken, given in zip_longest(used, made):
            cells: dict[str, str | float] = dict(_document(event))
            if taken is not None:
                lot, grams = taken
                cells |= (
                    {**self._kind(lot), **self._grown(lot.id), "received": grams / 1000, "received_unit": _UNIT,
                     "harvest_date": _day(self._births[lot.id].body), "lot_code": lot.code}
                    if first
                    else {"used_gtin": f"{lot.product:014d}", "used_batch": lot.code, "used": grams / 1000,
                          "used_unit": _UNIT, "used_description": self._described(lot)}
                )  # fmt: skip
            if given is not None:
                lot, grams = given
                gtin, about = f"{lot.product:014d}", self._described(lot)
                cells |= (
                    {"gtin": gtin, "batch": lot.code, "description": about, "packed": grams / 1000,
                     "packed_unit": _UNIT, "packer": where, "pack_date": day}
                    if first
                    else {"made_gtin": gtin, "made_batch": lot.code, "made": grams / 1000, "made_unit": _UNIT,
                          "made_description": about}
                )  # fmt: skip
            if not first:
                cells |= {"place": where, "date": day}
            yield TrackingRow(SheetKind.PACKING if first else SheetKind.TRANSFORMATION, cells)

    def _sent(self, event: RecordedEvent) -> Iterator[TrackingRow]:
        action = event.proof.action
        assert isinstance(action, Shipment)  # noqa: S101
        for line in action.manifest:
            if line.lot in self._lots:
                cells = {
                    **self._moved(line.lot, line.grams), "from": self._place(event.body) or self._party(action.shipper),
                    "from_id": f"{action.shipper:013d}", "to": self._party(action.receiver),
                    "to_id": f"{action.receiver:013d}", "date": _day(event.body), "doc": action.consignment_ref,
                }  # fmt: skip
                yield TrackingRow(SheetKind.SHIPPING, cells)

    def _received(self, event: RecordedEvent) -> Iterator[TrackingRow]:
        action = event.proof.action
        assert isinstance(action, Receipt | PartialReceipt)  # noqa: S101
        _, shipper = possessing_party(event.body, "sourceList", "source")
        about = {
            "from": self._party(shipper), "to": self._place(event.body) or self._party(action.receiver),
            "date": _day(event.body), "doc": consignment_reference(event.body),
        }  # fmt: skip
        for lot, grams in _quantities(event):
            if lot.id in self._lots:
                yield TrackingRow(SheetKind.RECEIVING, {**self._moved(lot.id, grams), **about})

    def _cooled(self, event: RecordedEvent) -> Iterator[TrackingRow]:
        for lot in lots_of(event.body):
            if lot.id in self._lots:
                farm = self._grown(lot.id).get("farm", "")
                cells = {**_document(event), **self._kind(lot), "place": self._place(event.body), "farm": farm}
                yield TrackingRow(SheetKind.COOLING, {**cells, "date": _day(event.body), "lot_code": lot.code})

    def _moved(self, lot: LotId, grams: int) -> dict[str, str | float]:
        ref, maker = self._names.get(lot), self._makers.get(lot)
        about = {"gtin": f"{ref.product:014d}", "batch": ref.code, "description": self._described(ref)} if ref else {}
        source = f"{maker:013d}" if maker is not None else ""
        return {**about, "quantity": f"{grams / 1000:g} {_UNIT}", "tlc_source_gln": source}

    def _kind(self, lot: LotRef) -> dict[str, str]:
        known = self._master.products.get(lot.product)
        if known is None:
            return {}
        return {"commodity": known.commodity or text_in(known.name, "en"), "variety": text_in(known.variety, "en")}

    def _described(self, lot: LotRef) -> str:
        known = self._master.products.get(lot.product)
        return text_in(known.name, "en") if known else ""

    def _grown(self, lot: LotId) -> dict[str, str]:
        birth = self._births.get(lot)
        if birth is None:
            return {}
        action = birth.proof.action
        plot = self._plots.get(action.plot) if isinstance(action, Harvest) else None
        return {"farm": self._party(signer_of(action)), "field": text_in(plot.name, "en") if plot else ""}

    def _party(self, party: PartyId) -> str:
        known = self._master.parties.get(party)
        return (text_in(known.name, "en") if known else "") or f"{party:013d}"

    def _place(self, body: JsonTree) -> str:
        """The name of where it happened, with its town; "" where master data has none."""
        point = body.get("readPoint")
        found = _PLACE.search(str(point.get("id", ""))) if isinstance(point, dict) else None
        if found is None:
            return ""
        place = self._master.places.get((int(found[1]), found[2] or ""))
        if place is None:
            return ""
        return ", ".join(text for text in (text_in(place.name, "en"), text_in(place.city, "en")) if text)


def _quantities(event: RecordedEvent) -> Iterator[tuple[LotRef, int]]:
    """What a receipt took in: the struct's accepted grams, or, in full, those of the event's own list."""
    action = event.proof.action
    if isinstance(action, PartialReceipt):
        by_id = {lot.id: lot for lot in lots_of(event.body)}
        for arrived in action.lines:
            if arrived.lot in by_id and arrived.accepted:
                yield by_id[arrived.lot], arrived.accepted
        return
    for portion in portions_of(event.body, "quantityList"):
        yield portion.ref, portion.grams


def _document(event: RecordedEvent) -> dict[str, str]:
    stated = event.body.get("silkroot:referenceDocument")
    if isinstance(stated, dict):
        return {"doc_type": str(stated.get("type", "")), "doc": str(stated.get("number", ""))}
    return {"doc_type": "EPCIS event", "doc": event.event_id}


def _day(body: JsonTree) -> str:
    """The day in the event's own zone."""
    moment = datetime.fromisoformat(str(body["eventTime"]))
    try:
        # The offset alone, as a time of day has it.
        zone = datetime.fromisoformat(f"2000-01-01T00:00:00{body.get('eventTimeZoneOffset', '')}").tzinfo
    except ValueError:
        zone = None
    return moment.astimezone(zone or _CHINA).date().isoformat()


def too_many(lots: int, most: int) -> InvalidInput:
    """The refusal of a family that is too large for one workbook."""
    return InvalidInput.one("lot", "records.too-many", lots, f"a workbook of records has at most {most} lots")
