"""
Sheets in memory for tests of the import mapping: rows by our names of the columns, with a small cast of their own.

    plan = plan_workbook([sheet("Shipping", shipping(batch="L1"))], MASTER)
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from openpyxl.utils import get_column_letter

from ledger.domain.gs1 import with_check_digit
from ledger.domain.identifiers import Grams, PartyId, ProductId
from ledger.domain.imports.cells import Cell, Sheet, SheetRow
from ledger.domain.imports.layouts import COLUMNS, REQUIRED, kind_of
from ledger.domain.master_data import MasterData, Party, Place, PlaceKind, Plot, Product, Role

FARM, PACKER, BUYER = (PartyId(int(with_check_digit(f"95200020000{n}"))) for n in (1, 2, 3))
BULK, CASE = (ProductId(int(with_check_digit(f"095200020000{n}"))) for n in (1, 2))
DAY = datetime(2026, 8, 5)

MASTER = MasterData(
    parties={
        FARM: Party(FARM, {"en": "Hill Farm", "zh": "山丘农场"}, Role.PRODUCER),
        PACKER: Party(PACKER, {"en": "Packers"}, Role.PACKER),
        BUYER: Party(BUYER, {"en": "Buyer"}, Role.BUYER),
    },
    places={
        (FARM, ""): Place(FARM, "", FARM, {"en": "Hill Farm", "zh": "山丘农场"}, PlaceKind.FARM),
        (PACKER, ""): Place(PACKER, "", PACKER, {"en": "Packing Shed"}, PlaceKind.PACKING_HOUSE),
        (BUYER, ""): Place(BUYER, "", BUYER, {"en": "Buyer DC"}, PlaceKind.WAREHOUSE),
    },
    plots={(FARM, "A1"): Plot(FARM, "A1", FARM, {"en": "North field"})},
    products={
        BULK: Product(
            BULK, FARM, Grams(10_000), {"en": "Melons, loose"}, {"en": "Honey"}, "Melon", "Melon", packers=(PACKER,)
        ),
        CASE: Product(CASE, PACKER, Grams(9_000), {"en": "Melons, case"}),
    },
)


def harvest(**cells: Any) -> dict[str, Any]:
    """100 cases from a field of the farm, for the packer."""
    return {
        "doc_type": "Field Ticket",
        "doc": "H-1",
        "commodity": "Melon",
        "variety": "-",
        "quantity": 100,
        "unit": "Cases",
        "farm": "Hill Farm",
        "field": "A1",
        "harvester": "Own crew",
        "date": DAY,
        "recipient": "Packing Shed",
    } | cells


def cooling(**cells: Any) -> dict[str, Any]:
    """The farm cools the harvest itself."""
    return {
        "doc": "C-1",
        "commodity": "Melon",
        "variety": "-",
        "quantity": 100,
        "unit": "Cases",
        "place": "Hill Farm",
        "date": DAY,
        "farm": "Hill Farm",
        "recipient": "Packing Shed",
    } | cells


def packing(**cells: Any) -> dict[str, Any]:
    """The packer packs the whole harvest."""
    return {
        "doc_type": "Work Order",
        "doc": "W-1",
        "commodity": "Melon",
        "variety": "-",
        "received_date": DAY,
        "received": 100,
        "received_unit": "Cases",
        "farm": "Hill Farm",
        "field": "A1",
        "harvest_date": DAY,
        "gtin": f"{CASE:014d}",
        "batch": "P-1",
        "packed": 100,
        "packed_unit": "Cases",
        "packer": "Packing Shed",
        "pack_date": DAY,
    } | cells


def pooled(**cells: Any) -> dict[str, Any]:
    """The packer packs what a grower outside the ledger brought."""
    return {
        "doc": "W-2",
        "commodity": "Melon",
        "variety": "-",
        "received_date": DAY,
        "received": 50,
        "received_unit": "Cases",
        "farm": "Neighbour",
        "from": "Village road",
        "gtin": f"{CASE:014d}",
        "batch": "P-2",
        "packed": 50,
        "packed_unit": "Cases",
        "packer": "Packing Shed",
        "pack_date": DAY,
    } | cells


def transformation(**cells: Any) -> dict[str, Any]:
    """Cases are repacked one to one."""
    return {
        "doc": "R-1",
        "used_gtin": f"{CASE:014d}",
        "used_batch": "P-1",
        "used": 10,
        "used_unit": "Cases",
        "made_gtin": f"{CASE:014d}",
        "made_batch": "R-1",
        "made": 10,
        "made_unit": "Cases",
        "place": "Packing Shed",
        "date": DAY,
    } | cells


def shipping(**cells: Any) -> dict[str, Any]:
    """20 cases leave the packer for the buyer."""
    return {
        "gtin": f"{CASE:014d}",
        "batch": "P-1",
        "quantity": "20 CS",
        "from": "Packing Shed",
        "to": "Buyer DC",
        "date": DAY,
        "doc": "INV-1",
        "description": "Melons, case",
    } | cells


def receiving(**cells: Any) -> dict[str, Any]:
    """The buyer takes the same 20 cases over."""
    return shipping(**cells)


def sheet(title: str, *rows: dict[str, Any]) -> Sheet:
    """A sheet of that title with its headings in row 1 and these rows below."""
    kind = kind_of(title)
    assert kind is not None
    names = [name for name in COLUMNS[kind] if name in REQUIRED[kind] or any(name in row for row in rows)]
    headings = {name: COLUMNS[kind][name] for name in names}
    made = []
    for number, row in enumerate([headings, *rows], 1):
        letters = {name: get_column_letter(index) for index, name in enumerate(names, 1)}
        cells = {
            letters[name]: Cell(title, number, letters[name], row[name]) for name in names if row.get(name) is not None
        }
        made.append(SheetRow(number, cells))
    return Sheet(title, tuple(made))
