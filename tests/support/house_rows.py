"""
A packing house's day in rows of its own workbook, by our keys of the columns, for tests of imports.

`house_day()` is whole: master data, intake, harvest, packing with culls and loss, shipping, receiving, temperature.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ledger.domain.imports.house_layout import HouseSheet

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
        "waybill": "YD-1", "date": DAY, "place": BUYER, "shipper": PACKER, "lot": "HM0805", "product": BOX, "cases": 100,
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
    return [
        {"party_id": FARM, "party_name_zh": "金滩瓜园", "party_roles": "种植", "place_gln": FARM, "place_name_zh": "金滩瓜园",
         "place_party": FARM, "place_kind": "农场", "plot_gln": FARM, "plot_extension": "A1", "plot_name_zh": "A1 号地",
         "plot_producer": "金滩瓜园", "product_gtin": LOOSE, "product_name_zh": "哈密瓜散装", "product_owner": FARM,
         "product_commodity": "哈密瓜", "product_loose": "是", "product_packers": PACKER},
        {"party_id": PACKER, "party_name_zh": "丝路包装厂", "party_name_en": "Silk Road Packing", "party_roles": "包装、采购",
         "place_gln": PACKER, "place_name_zh": "丝路包装厂", "place_party": PACKER, "place_kind": "包装厂",
         "product_gtin": BOX, "product_name_zh": "哈密瓜5公斤箱", "product_net": 5, "product_owner": PACKER},
        {"party_id": BUYER, "party_name_zh": "京果批发", "party_roles": "采购", "place_gln": BUYER, "place_name_zh": "京果批发",
         "place_party": "京果批发", "place_kind": "仓库"},
    ]  # fmt: skip


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
