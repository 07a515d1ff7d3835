"""
What FSMA 204 wants of a row, as members of the event: ilmd of the Core Business Vocabulary and members under
`silkroot:`; no I/O.

Nothing of a row that the 24-hour spreadsheet needs is dropped. Empty cells make no members. Members:

    silkroot:criticalTrackingEvent   harvest, cooling, initial_packing, transformation, shipping, receiving
    silkroot:datePrecision           "day" where the sheet gave a date without a time of day
    silkroot:referenceDocument       {"type", "number"}
    silkroot:commodity, variety, field, harvester, harvestLocation, harvestDate, coolingLocation, coolingDate,
    silkroot:receivedDate, recipient, seed {...}
    silkroot:lines                   one a line of the sheet: {"epcClass", "description", "sscc", "date", "dateType",
    ...}
"""

from __future__ import annotations

from typing import Any

from ledger.domain.digital_link import lot_uri, place_uri
from ledger.domain.identifiers import LotRef
from ledger.domain.imports import values
from ledger.domain.imports.cells import Cell
from ledger.domain.imports.layouts import SEED_COLUMNS, Row
from ledger.domain.imports.values import Moment
from ledger.domain.master_data import Place

_PLAIN = ("commodity", "variety", "field", "harvester")
_TLC_SOURCE = ("gln", "ffrn", "url", "ggn", "assigned_by", "name", "street", "city", "state", "country", "zip", "phone")


def details(row: Row, tracking_event: str, at: Moment, **more: Any) -> dict[str, Any]:
    """Members for the event of a row; `more` are further `silkroot:` members, left out where empty."""
    members: dict[str, Any] = {"criticalTrackingEvent": tracking_event, "datePrecision": "day" if at.day_only else ""}
    document = {"type": values.optional_text(row["doc_type"]), "number": values.optional_text(row["doc"])}
    members["referenceDocument"] = _full(document)
    for name in _PLAIN:
        members[name] = values.optional_text(row[name])
    members["seed"] = _full({_camel(name): values.optional_text(row[name]) for name in SEED_COLUMNS})
    members.update(more)
    return {f"silkroot:{name}": value for name, value in members.items() if value}


def line(row: Row, lot: LotRef, prefix: str = "") -> dict[str, Any]:
    """What a row says of one lot beside its quantity; columns begin with `prefix` ("used_", "made_")."""
    date = row[f"{prefix}date" if prefix else "tlc_date"]
    date_type = row[f"{prefix}date_type" if prefix else "tlc_date_type"]
    source = {_camel(name): values.optional_text(row[f"tlc_source_{name}"]) for name in _TLC_SOURCE}
    return {
        "epcClass": lot_uri(lot),
        **_full(
            {
                "description": values.optional_text(row[f"{prefix}description"]),
                "sscc": _sscc(row[f"{prefix}sscc"]) or _sscc(row["pallet"]),
                "date": iso_day(date),
                "dateType": values.optional_text(date_type),
                "voicePickCode": values.optional_text(row["voice_code"]),
                "assignedBy": values.optional_text(row["assigned_by"]),
                "tlcSource": _full(source) if prefix != "used_" else {},
            }
        ),
    }


def ilmd(row: Row, lot: LotRef, harvest_day: str) -> dict[str, Any]:
    """Master data of the new lot, in the Core Business Vocabulary's words."""
    best_before = "best" in values.optional_text(row["tlc_date_type"]).casefold()
    return {
        f"cbvmda:{name}": value
        for name, value in {
            "lotNumber": lot.code,
            "harvestStartDate": harvest_day,
            "harvestEndDate": harvest_day,
            "bestBeforeDate": iso_day(row["tlc_date"]) if best_before else "",
        }.items()
        if value
    }


def iso_day(cell: Cell) -> str:
    """The day in a date cell as ISO 8601; "" for an empty cell."""
    return "" if cell.blank else values.moment(cell).at.date().isoformat()


def uri(place: Place | None) -> str:
    """The place's Digital Link; "" for none."""
    return place_uri(place.gln, place.extension) if place else ""


def _sscc(cell: Cell) -> str:
    return "" if cell.blank else values.sscc(cell)


def _full(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
