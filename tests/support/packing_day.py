"""
A packing house's day: 300 rows and 40 lots for a house workbook, with the master data that they need.

Eight pools bought from 24 growers each, eight packing orders of four lots each, one shipment of all that was packed,
temperatures. Everything is of one packing house and one buyer that no ledger knows yet.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import openpyxl

from ledger.adapters.workbook_template import heading_row
from ledger.domain.gs1 import with_check_digit
from ledger.domain.imports.cells import CellValue
from ledger.domain.imports.house_layout import SHEETS, column_of_heading
from ledger.domain.imports.house_types import HouseSheet

Row = dict[str, CellValue]
POOLS, GROWERS, PACKED = 8, 24, 4
HOUSE, BUYER = with_check_digit("952000200001"), with_check_digit("952000200002")
LOOSE, BOXES = with_check_digit("0952000200101"), [with_check_digit(f"195200020{n:04d}") for n in range(1, PACKED + 1)]
EVENT_ROWS, LOTS, BOXED = 300, POOLS + POOLS * PACKED, POOLS * 125
_BOX_NAMES = ("哈密瓜 特级 20公斤箱", "哈密瓜 一级 20公斤箱", "哈密瓜 二级 20公斤箱", "哈密瓜 三级 20公斤箱")
_BOX_KILOGRAMS = 20
_CASES = (60, 40, 20, 5)


def master_rows() -> list[Row]:
    """The master data sheet: packing house and buyer, their places, five products."""
    return [
        {
            "party_id": HOUSE, "party_name_zh": "戈壁瓜果包装厂", "party_name_en": "Gobi Packing House",
            "party_roles": "包装、种植", "party_city_zh": "哈密", "place_gln": HOUSE, "place_name_zh": "戈壁瓜果包装厂",
            "place_party": "戈壁瓜果包装厂", "place_kind": "包装厂", "product_gtin": LOOSE,
            "product_name_zh": "哈密瓜（散装）", "product_owner": "戈壁瓜果包装厂", "product_commodity": "哈密瓜",
            "product_variety_zh": "西州密25号", "product_loose": "是",
        },
        {
            "party_id": BUYER, "party_name_zh": "京津果品批发", "party_roles": "采购", "party_city_zh": "北京",
            "place_gln": BUYER, "place_name_zh": "京津果品批发", "place_party": "京津果品批发", "place_kind": "仓库",
            **_box(0),
        },
        *(_box(number) for number in range(1, PACKED)),
    ]  # fmt: skip


def _box(number: int) -> Row:
    return {
        "product_gtin": BOXES[number], "product_name_zh": _BOX_NAMES[number], "product_net": _BOX_KILOGRAMS,
        "product_owner": "戈壁瓜果包装厂", "product_commodity": "哈密瓜", "product_variety_zh": "西州密25号",
    }  # fmt: skip


def rows(day: int = 5) -> dict[HouseSheet, list[Row]]:
    """All rows of that day of August 2026; another day has other lots, tickets, orders and waybills."""
    date = datetime(2026, 8, day)
    intake: list[Row] = []
    packing: list[Row] = []
    shipping: list[Row] = []
    temperature: list[Row] = []
    for pool in range(1, POOLS + 1):
        raw = f"SG08{day:02d}-{pool}"
        delivered = [90 + (17 * pool + 13 * grower) % 41 for grower in range(GROWERS)]
        boxes = sum(_CASES) * _BOX_KILOGRAMS
        for grower, kilograms in enumerate(delivered, 1):
            intake.append({
                "date": date.date(), "place": "戈壁瓜果包装厂", "lot": raw,
                "product": "哈密瓜（散装）", "roster": f"H-{24 * pool + grower:03d}", "village": f"{pool}村",
                "quantity": kilograms, "unit": "公斤", "ticket": f"B-{day:02d}{pool:02d}{grower:03d}",
            })  # fmt: skip
        for grade in range(PACKED):
            packed = f"HM08{day:02d}-{pool}{'ABCD'[grade]}"
            packing.append({
                "order": f"FX-08{day:02d}-{pool}", "date": date.replace(hour=12 + pool // 3), "place": "戈壁瓜果包装厂",
                "out_lot": packed, "out_product": _BOX_NAMES[grade], "out_cases": _CASES[grade],
                **({"in_lot": raw, "in_product": "哈密瓜（散装）", "in_quantity": sum(delivered),
                    "culls": sum(delivered) - boxes - 20, "loss": 20} if grade == 0 else {}),
            })  # fmt: skip
            shipping.append({
                "waybill": f"YD-08{day:02d}-01", "date": date.replace(hour=20), "place": "戈壁瓜果包装厂",
                "receiver": "京津果品批发", "lot": packed, "product": _BOX_NAMES[grade], "cases": _CASES[grade],
                "vehicle": "新L12345",
            })  # fmt: skip
            temperature.append(_reading(date, packed, "18:30", 4.5 + grade / 10))
    for pool in range(1, POOLS + 1):
        temperature.append(_reading(date, f"SG08{day:02d}-{pool}", "11:00", 6.1))
    while len(intake) + len(packing) + len(shipping) + len(temperature) < EVENT_ROWS:
        number = len(temperature) - LOTS + 1
        temperature.append(_reading(date, f"HM08{day:02d}-{number}A", "19:30", 4.4))
    return {
        HouseSheet.INTAKE: intake, HouseSheet.PACKING: packing, HouseSheet.SHIPPING: shipping,
        HouseSheet.TEMPERATURE: temperature, HouseSheet.MASTER: master_rows(),
    }  # fmt: skip


def _reading(date: datetime, lot: str, time: str, celsius: float) -> Row:
    return {"date": date.date(), "time": time, "place": "戈壁瓜果包装厂", "lot": lot, "celsius": celsius}


def fill(template: Path) -> None:
    """Types the day into an empty template, as a person would: below its example rows, which stay."""
    book = openpyxl.load_workbook(template)
    for key, written in rows().items():
        layout = SHEETS[key]
        sheet = next(book[title] for title in layout.title if title in book.sheetnames)
        columns = {column_of_heading(layout, str(cell.value)): cell.column for cell in sheet[heading_row(layout)]}
        first = heading_row(layout) + 2
        for number, row in enumerate(written, first):
            for name, value in row.items():
                sheet.cell(number, columns[layout.column(name)], value)
    book.save(template)
