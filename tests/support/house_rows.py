"""
A packing house's day in rows of its own workbook, by our keys of the columns, for tests of imports.

`house_day()` is whole: master data, intake, harvest, packing with culls and loss, shipping, receiving, temperature.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ledger.domain.imports.cells import Cell, Sheet, SheetRow
from ledger.domain.imports.house_layout import SHEETS, HouseSheet
from ledger.domain.imports.house_mapping import HouseMapping
from ledger.domain.imports.house_plan import plan_house
from ledger.domain.imports.house_reading import read_house
from ledger.domain.imports.plan import Plan
from ledger.domain.master_data import MasterData
from ledger.domain.records import JsonTree

DAY = date(2026, 8, 5)
FARM, PACKER, BUYER = "9520001000010", "9520001000058", "9520001000089"
LOOSE, BOX = "09520001000119", "19520001000017"

Day = dict[HouseSheet, list[dict[str, Any]]]


def intake(number: int = 1, **cells: Any) -> dict[str, Any]:
    """A delivery of 500 kg; `number` tells growers and tickets apart."""
    return {
        "date": DAY, "place": "丝路包装厂", "lot": "SG0805", "product": LOOSE, "roster": f"H-{number:03d}",
        "village": "淖毛湖村", "quantity": 500, "unit": "公斤", "ticket": f"B-{number:05d}",
    } | cells  # fmt: skip


def harvest(**cells: Any) -> dict[str, Any]:
    """A harvest of 800 kg."""
    return {"date": DAY, "plot": "A1 号地", "lot": "CS0805", "product": LOOSE, "quantity": 0.8, "unit": "吨"} | cells


def packing(**cells: Any) -> dict[str, Any]:
    """1,000 kg in; 180 boxes out, 60 kg of culls, 20 kg lost, 20 kg back."""
    return {
        "order": "FX-1", "date": DAY, "place": "丝路包装厂", "in_lot": "SG0805", "in_product": LOOSE,
        "in_quantity": 1000, "out_lot": "HM0805", "out_product": BOX, "out_cases": 180, "culls": 60, "loss": 20,
        "remainder": 20,
    } | cells  # fmt: skip


def shipping(**cells: Any) -> dict[str, Any]:
    """100 boxes to the buyer."""
    return {
        "waybill": "YD-1", "date": DAY, "place": "丝路包装厂", "receiver": BUYER, "lot": "HM0805", "product": BOX,
        "cases": 100, "seal": "F-1", "vehicle": "新L12345",
    } | cells  # fmt: skip


def receiving(**cells: Any) -> dict[str, Any]:
    """The buyer takes the same 100 boxes over."""
    return {
        "waybill": "YD-1", "date": DAY, "place": BUYER, "shipper": PACKER, "lot": "HM0805", "product": BOX,
        "cases": 100,
    } | cells  # fmt: skip


def reading(**cells: Any) -> dict[str, Any]:
    """4.5 degrees in the packing house."""
    return {
        "date": datetime(2026, 8, 5, 14, 30),
        "place": "丝路包装厂",
        "lot": "HM0805",
        "product": BOX,
        "celsius": 4.5,
    } | cells


def master() -> list[dict[str, Any]]:
    """Farm, packing house and buyer; a plot; a loose product and a boxed one."""
    farm = {"party_id": FARM, "party_name_zh": "金滩瓜园", "party_roles": "种植", **_place(FARM, "金滩瓜园", "农场")}
    packer = {"party_id": PACKER, "party_name_zh": "丝路包装厂", "party_name_en": "Silk Road Packing"}
    buyer = {"party_id": BUYER, "party_name_zh": "京果批发", "party_roles": "采购", **_place(BUYER, "京果批发", "仓库")}
    plot = {"plot_gln": FARM, "plot_extension": "A1", "plot_name_zh": "A1 号地", "plot_producer": "金滩瓜园"}
    loose = {
        "product_gtin": LOOSE,
        "product_name_zh": "哈密瓜散装",
        "product_owner": FARM,
        "product_commodity": "哈密瓜",
    }
    box = {"product_gtin": BOX, "product_name_zh": "哈密瓜5公斤箱", "product_net": 5, "product_owner": PACKER}
    return [
        {**farm, **plot, **loose, "product_loose": "是", "product_packers": PACKER},
        {**packer, "party_roles": "包装、采购", **_place(PACKER, "丝路包装厂", "包装厂"), **box},
        buyer,
    ]


def _place(gln: str, name: str, kind: str) -> dict[str, Any]:
    return {"place_gln": gln, "place_name_zh": name, "place_party": gln, "place_kind": kind}


def house_day(**sheets: list[dict[str, Any]]) -> Day:
    """The day; sheets given by name replace its own."""
    found: Day = {
        HouseSheet.MASTER: master(),
        HouseSheet.INTAKE: [intake(1), intake(2)],
        HouseSheet.HARVEST: [harvest()],
        HouseSheet.PACKING: [packing()],
        HouseSheet.SHIPPING: [shipping()],
        HouseSheet.RECEIVING: [receiving()],
        HouseSheet.TEMPERATURE: [reading()],
    }
    return found | {HouseSheet(name): rows for name, rows in sheets.items()}


def sheets_of(day: Day, language: str = "zh", above: str = "") -> tuple[Sheet, ...]:
    """The day as sheets with headings in that language; `above` is a title row over the headings."""
    found = []
    for key, rows in day.items():
        layout = SHEETS[key]
        title = layout.title.of(language)
        letters = {column.key: f"C{index}" for index, column in enumerate(layout.columns)}
        headings = {column.key: column.title.of(language) for column in layout.columns}
        lines: list[dict[str, Any]] = [headings, *rows]
        made = [
            SheetRow(number, {letters[k]: Cell(title, number, letters[k], v) for k, v in line.items() if v is not None})
            for number, line in enumerate(lines, 2)
        ]
        top = SheetRow(1, {"C0": Cell(title, 1, "C0", above)})
        found.append(Sheet(title, (top, *made)))
    return tuple(found)


def planned_day(day: Day, master: MasterData | None = None, language: str = "zh", above: str = "") -> Plan:
    """The plan of the day."""
    return plan_house(read_house(sheets_of(day, language, above), HouseMapping()), master or MasterData())


def events_of(plan: Plan) -> list[JsonTree]:
    """Its events, in order."""
    return [event.tree for group in plan.groups for event in group.events]


def column_letters(sheet: HouseSheet, key: str) -> str:
    """The letters that `sheets_of` gives a column."""
    return f"C{[column.key for column in SHEETS[sheet].columns].index(key)}"
