"""
The melon and grape season as sortable workbooks: rows by our names of the columns, one list a sheet.

Melons: three fields of one farm; two harvests are merged into one packed lot, the third is split into two, of which
one is recalled later. Grapes: two harvests are packed one to one, a third late in the season.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from demo_season.cast import (
    BEIJING,
    CARRIER,
    FARM,
    GRAPE_BOX,
    GUANGZHOU,
    HUB,
    MELON_BOX,
    NAMES,
    PACKING_HOUSE,
    SHANGHAI,
    VINEYARD,
)  # fmt: skip
from ledger.domain.gs1 import format_gln, format_gtin14, voice_pick_code, with_check_digit
from ledger.domain.identifiers import PartyId, ProductId
from ledger.domain.imports.layouts import SheetKind

Rows = Sequence[Mapping[str, Any]]
Book = Mapping[SheetKind, Rows]

_DESCRIPTIONS = {MELON_BOX: "Hami melon, 2 in a box, 5 kg", GRAPE_BOX: "Turpan seedless grapes, 2 kg box"}


def melons() -> Book:
    """10-hami-melons.xlsx."""
    fruit = {"commodity": "Hami melon", "variety": "Xizhoumi 25"}
    return {
        SheetKind.LOCATIONS: _locations(FARM, PACKING_HOUSE, CARRIER, HUB, BEIJING, SHANGHAI, GUANGZHOU),
        SheetKind.PRODUCTS: _products(MELON_BOX),
        SheetKind.HARVEST: [
            _harvest("NMH-260718-A1", fruit, 6200, FARM, "A1", "07-18T06:30"),
            _harvest("NMH-260719-A2", fruit, 5100, FARM, "A2", "07-19T06:20"),
            _harvest("NMH-260804-B1", fruit, 4900, FARM, "B1", "08-04T06:45"),
        ],
        SheetKind.COOLING: [
            _cooling("PC-0719-01", fruit, 6200, FARM, "NMH-260718-A1", "07-19T05:10", 5.2),
            _cooling("PC-0720-01", fruit, 5100, FARM, "NMH-260719-A2", "07-20T04:50", 4.9),
            _cooling("PC-0805-02", fruit, 4900, FARM, "NMH-260804-B1", "08-05T05:30", 5.1),
        ],
        SheetKind.PACKING: [
            _packing("PO-0720", fruit, "NMH-260718-A1 NMH-260719-A2", FARM, "07-18",
                11300, MELON_BOX, "HM2607A", 2200, "07-20T09:00"),
            _packing("PO-0805", fruit, "NMH-260804-B1", FARM, "08-04",
                2600, MELON_BOX, "HM2608B", 500, "08-05T10:00"),
            _packing("PO-0806", fruit, "NMH-260804-B1", FARM, "08-04",
                2300, MELON_BOX, "HM2608C", 450, "08-06T09:30"),
        ],
        SheetKind.SHIPPING: [
            _shipping("WB-7201", MELON_BOX, "HM2607A", 1200, PACKING_HOUSE, CARRIER, "07-20T20:10", 1),
            _shipping("WB-7201", MELON_BOX, "HM2607A", 1000, PACKING_HOUSE, CARRIER, "07-20T20:10", 2),
            _shipping("TC-7201", MELON_BOX, "HM2607A", 2200, CARRIER, HUB, "07-21T01:30", 3),
            _shipping("URC-072101", MELON_BOX, "HM2607A", 1300, HUB, BEIJING, "07-21T09:15", 4),
            _shipping("URC-072102", MELON_BOX, "HM2607A", 900, HUB, SHANGHAI, "07-21T11:40", 5),
            _shipping("WB-8061", MELON_BOX, "HM2608B", 500, PACKING_HOUSE, HUB, "08-06T19:00", 6),
            _shipping("WB-8061", MELON_BOX, "HM2608C", 450, PACKING_HOUSE, HUB, "08-06T19:00", 7),
            _shipping("URC-080701", MELON_BOX, "HM2608B", 500, HUB, GUANGZHOU, "08-07T08:20", 8),
            _shipping("URC-080702", MELON_BOX, "HM2608C", 450, HUB, SHANGHAI, "08-07T10:05", 9),
        ],
        SheetKind.RECEIVING: [
            _receiving("WB-7201", MELON_BOX, "HM2607A", 1200, PACKING_HOUSE, CARRIER, "07-20T20:45", 1),
            _receiving("WB-7201", MELON_BOX, "HM2607A", 1000, PACKING_HOUSE, CARRIER, "07-20T20:45", 2),
            _receiving("TC-7201", MELON_BOX, "HM2607A", 2200, CARRIER, HUB, "07-21T01:55", 3),
            _receiving("URC-072101", MELON_BOX, "HM2607A", 1300, HUB, BEIJING, "07-21T16:30", 4),
            _receiving("URC-072102", MELON_BOX, "HM2607A", 900, HUB, SHANGHAI, "07-21T20:10", 5),
            _receiving("WB-8061", MELON_BOX, "HM2608B", 500, PACKING_HOUSE, HUB, "08-07T00:40", 6),
            _receiving("WB-8061", MELON_BOX, "HM2608C", 450, PACKING_HOUSE, HUB, "08-07T00:40", 7),
            _receiving("URC-080701", MELON_BOX, "HM2608B", 500, HUB, GUANGZHOU, "08-07T15:30", 8),
            _receiving("URC-080702", MELON_BOX, "HM2608C", 450, HUB, SHANGHAI, "08-07T18:20", 9),
        ],
    }  # fmt: skip


def grapes() -> Book:
    """20-turpan-grapes.xlsx."""
    fruit = {"commodity": "Turpan grapes", "variety": "Thompson Seedless"}
    return {
        SheetKind.LOCATIONS: _locations(VINEYARD, PACKING_HOUSE, HUB, BEIJING, GUANGZHOU),
        SheetKind.PRODUCTS: _products(GRAPE_BOX),
        SheetKind.HARVEST: [
            _harvest("HYS-260812-07", fruit, 3200, VINEYARD, "V-07", "08-12T06:00"),
            _harvest("HYS-260820-12", fruit, 2800, VINEYARD, "V-12", "08-20T06:10"),
            _harvest("HYS-260905-12", fruit, 2100, VINEYARD, "V-12", "09-05T06:40"),
        ],
        SheetKind.COOLING: [
            _cooling("PC-0812-03", fruit, 3200, VINEYARD, "HYS-260812-07", "08-12T11:00", 1.4),
            _cooling("PC-0820-01", fruit, 2800, VINEYARD, "HYS-260820-12", "08-20T11:20", 1.2),
            _cooling("PC-0905-01", fruit, 2100, VINEYARD, "HYS-260905-12", "09-05T11:10", 1.3),
        ],
        SheetKind.PACKING: [
            _packing("PO-0812", fruit, "HYS-260812-07", VINEYARD, "08-12",
                3200, GRAPE_BOX, "TG2608A", 1540, "08-12T15:00"),
            _packing("PO-0820", fruit, "HYS-260820-12", VINEYARD, "08-20",
                2800, GRAPE_BOX, "TG2608B", 1350, "08-20T15:10"),
            _packing("PO-0905", fruit, "HYS-260905-12", VINEYARD, "09-05",
                2100, GRAPE_BOX, "TG2609C", 1010, "09-05T15:30"),
        ],
        SheetKind.SHIPPING: [
            _shipping("WB-8121", GRAPE_BOX, "TG2608A", 1540, PACKING_HOUSE, HUB, "08-12T21:00", 11),
            _shipping("URC-081301", GRAPE_BOX, "TG2608A", 1540, HUB, GUANGZHOU, "08-13T07:50", 12),
            _shipping("WB-8201", GRAPE_BOX, "TG2608B", 1350, PACKING_HOUSE, HUB, "08-20T21:10", 13),
            _shipping("URC-082101", GRAPE_BOX, "TG2608B", 1350, HUB, BEIJING, "08-21T08:05", 14),
            _shipping("WB-9051", GRAPE_BOX, "TG2609C", 1010, PACKING_HOUSE, HUB, "09-05T21:20", 15),
        ],
        SheetKind.RECEIVING: [
            _receiving("WB-8121", GRAPE_BOX, "TG2608A", 1540, PACKING_HOUSE, HUB, "08-13T00:30", 11),
            _receiving("URC-081301", GRAPE_BOX, "TG2608A", 1540, HUB, GUANGZHOU, "08-13T15:20", 12),
            _receiving("WB-8201", GRAPE_BOX, "TG2608B", 1350, PACKING_HOUSE, HUB, "08-21T00:45", 13),
            _receiving("URC-082101", GRAPE_BOX, "TG2608B", 1350, HUB, BEIJING, "08-21T14:50", 14),
            _receiving("WB-9051", GRAPE_BOX, "TG2609C", 1010, PACKING_HOUSE, HUB, "09-06T00:35", 15),
        ],
    }  # fmt: skip


def _time(text: str) -> datetime:
    """A month and day of the season, with a time of day where it is given: 07-20T09:00."""
    return datetime.fromisoformat(f"2026-{text}")


def _locations(*parties: PartyId) -> Rows:
    return [{"name": NAMES[party], "country": "CN", "gln": format_gln(party)} for party in parties]


def _products(*products: ProductId) -> Rows:
    return [
        {
            "category": "Melons" if product == MELON_BOX else "Fruit",
            "gtin": format_gtin14(product),
            "name": _DESCRIPTIONS[product],
        }
        for product in products
    ]


def _harvest(
    doc: str, fruit: Mapping[str, str], kilograms: int, farm: PartyId, field: str, time: str
) -> Mapping[str, Any]:
    return {
        "doc_type": "Field Ticket",
        "doc": doc,
        **fruit,
        "quantity": kilograms,
        "unit": "kg",
        "farm": NAMES[farm],
        "field": field,
        "harvester": f"{NAMES[farm]}, own crew",
        "date": _time(time),
        "recipient": NAMES[PACKING_HOUSE],
    }


def _cooling(
    doc: str, fruit: Mapping[str, str], kilograms: int, farm: PartyId, code: str, time: str, celsius: float
) -> Mapping[str, Any]:
    return {
        "doc_type": "Pre-cooling Record",
        "doc": doc,
        **fruit,
        "quantity": kilograms,
        "unit": "kg",
        "place": NAMES[PACKING_HOUSE],
        "date": _time(time),
        "farm": NAMES[farm],
        "recipient": NAMES[PACKING_HOUSE],
        "lot_code": code,
        "temperature": celsius,
    }


def _packing(
    doc: str,
    fruit: Mapping[str, str],
    codes: str,
    farm: PartyId,
    harvested: str,
    kilograms: int,
    product: ProductId,
    batch: str,
    cases: int,
    time: str,
) -> Mapping[str, Any]:
    packed = _time(time)
    return {
        "doc_type": "Packing Order",
        "doc": doc,
        **fruit,
        "received_date": _time(time[:5]),
        "received": kilograms,
        "received_unit": "kg",
        "farm": NAMES[farm],
        "harvest_date": _time(harvested),
        "cooling_place": NAMES[PACKING_HOUSE],
        "gtin": format_gtin14(product),
        "batch": batch,
        "tlc_date": f"{packed:%y%m%d}",
        "tlc_date_type": "Pack Date",
        "description": _DESCRIPTIONS[product],
        "packed": cases,
        "packed_unit": "Cases",
        "packer": NAMES[PACKING_HOUSE],
        "pack_date": packed,
        "lot_code": codes,
    }


_PACKED = {
    "HM2607A": "260720",
    "HM2608B": "260805",
    "HM2608C": "260806",
    "TG2608A": "260812",
    "TG2608B": "260820",
    "TG2609C": "260905",
}


def _line(product: ProductId, batch: str, cases: int, pallet: int) -> Mapping[str, Any]:
    return {
        "gtin": format_gtin14(product),
        "batch": batch,
        "tlc_date": _PACKED[batch],
        "tlc_date_type": "Pack Date",
        "pallet": with_check_digit(f"09520001{pallet:09d}"),
        "assigned_by": "Packer",
        "quantity": f"{cases} CS",
        "description": _DESCRIPTIONS[product],
        "tlc_source_gln": format_gln(PACKING_HOUSE),
    }


def _shipping(
    doc: str, product: ProductId, batch: str, cases: int, start: PartyId, end: PartyId, time: str, pallet: int
) -> Mapping[str, Any]:
    return {
        **_line(product, batch, cases, pallet),
        "voice_code": voice_pick_code(format_gtin14(product), batch, _PACKED[batch]),
        "to": NAMES[end],
        "to_id": format_gln(end),
        "from": NAMES[start],
        "from_id": format_gln(start),
        "date": _time(time),
        "doc": doc,
    }


def _receiving(
    doc: str, product: ProductId, batch: str, cases: int, start: PartyId, end: PartyId, time: str, pallet: int
) -> Mapping[str, Any]:
    return {
        **_line(product, batch, cases, pallet),
        "from": NAMES[start],
        "to": NAMES[end],
        "date": _time(time),
        "doc": doc,
        "tlc_source_name": NAMES[PACKING_HOUSE],
    }
