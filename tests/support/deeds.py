"""What a reader of the pages does between two commands: fills in a workbook, waits, starts and stops the service."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from pathlib import Path

import openpyxl
from service_process import ServiceProcess

from ledger.adapters.workbook_template import heading_row
from ledger.domain.imports.house_layout import SHEETS, HouseSheet

LOT = "19520009000118/HM0805-1"
DAY = date(2026, 8, 5)
HOUSE = {"zh": "哈密绿洲瓜果包装厂", "en": "Hami Oasis Packing House"}
STORE = {"zh": "绿洲包装车间", "en": "Oasis packing hall"}
FIELD = {"zh": "绿洲一号地", "en": "Oasis field 1"}
LOOSE = {"zh": "绿洲哈密瓜（散装）", "en": "Oasis Hami melon, loose"}
BOXED = {"zh": "绿洲哈密瓜 2个装 5千克", "en": "Oasis Hami melon, 2 in a box, 5 kg"}
VARIETY = {"zh": "西州密25号", "en": "Xizhoumi 25"}
VILLAGE = {"zh": "淖毛湖村", "en": "Naomaohu"}
KG = {"zh": "公斤", "en": "kg"}
HAMI = {"zh": "哈密", "en": "Hami"}
ROLES = {"zh": "种植、包装", "en": "producer, packer"}
KIND = {"zh": "包装厂", "en": "packing house"}
YES = {"zh": "是", "en": "yes"}
BUYER = "9520001000089"

OWN_SHEET = {"zh": "八月收货台账", "en": "August purchases"}
OWN_HEADINGS = {
    "zh": {"roster": "户号", "ticket": "小票", "quantity": "过秤"},
    "en": {"roster": "Household", "ticket": "Slip", "quantity": "Taken in"},
}

Row = Mapping[str, object]


def rows_of_the_day(language: str) -> dict[HouseSheet, list[Row]]:
    """A small packing house's day, as its people write it; cells by the keys of the columns."""

    def named(key: str, words: Mapping[str, str]) -> dict[str, object]:
        return {f"{key}_{code}": text for code, text in words.items()}

    def bought(roster: str, mass: int, ticket: str) -> Row:
        return {
            "date": DAY, "place": STORE[language], "lot": "SG0805-1", "product": LOOSE[language], "roster": roster,
            "village": VILLAGE[language], "quantity": mass, "unit": KG[language], "ticket": ticket,
        }  # fmt: skip

    return {
        HouseSheet.MASTER: [
            {
                "party_id": "9520009000012", **named("party_name", HOUSE), "party_roles": ROLES[language],
                **named("party_city", HAMI), "place_gln": "9520009000012", **named("place_name", STORE),
                "place_party": HOUSE[language], "place_kind": KIND[language], **named("place_city", HAMI),
                "plot_gln": "9520009000012", "plot_extension": "A1", **named("plot_name", FIELD),
                "plot_producer": HOUSE[language], "product_gtin": "09520009000111", **named("product_name", LOOSE),
                "product_owner": HOUSE[language], **named("product_variety", VARIETY),
                "product_loose": YES[language],
            },
            {
                "product_gtin": "19520009000118", **named("product_name", BOXED), "product_net": 5,
                "product_owner": HOUSE[language], **named("product_variety", VARIETY),
            },
        ],
        HouseSheet.INTAKE: [bought("H-017", 500, "B-00231"), bought("H-021", 450, "B-00232"),
                            bought("H-034", 300, "B-00233")],
        HouseSheet.PACKING: [
            {
                "order": "FX-0805-1", "date": DAY, "place": STORE[language], "in_lot": "SG0805-1",
                "in_product": LOOSE[language], "in_quantity": 1250, "out_lot": "HM0805-1",
                "out_product": BOXED[language], "out_cases": 232, "culls": 60, "loss": 10, "remainder": 20,
            }
        ],
        HouseSheet.SHIPPING: [
            {
                "waybill": "YD-0805-01", "date": DAY, "place": STORE[language], "receiver": BUYER, "lot": "HM0805-1",
                "product": BOXED[language], "cases": 120, "seal": "F-88121", "vehicle": "新L12345",
            }
        ],
        HouseSheet.TEMPERATURE: [
            {"date": DAY, "time": "18:30", "place": STORE[language], "lot": "HM0805-1", "celsius": 4.5}
        ],
    }  # fmt: skip


def fill_in_the_workbook(
    folder: Path, language: str, service: ServiceProcess | None = None, *, name: str = "day.xlsx"
) -> None:
    """Writes the day into the workbook, below the grey rows of the template."""
    path = folder / name
    book = openpyxl.load_workbook(path)
    for kind, rows in rows_of_the_day(language).items():
        layout = SHEETS[kind]
        sheet = book[layout.title.of(language)]
        keys = [column.key for column in layout.columns]
        for number, row in enumerate(rows, heading_row(layout) + 2):
            for key, value in row.items():
                sheet.cell(number, keys.index(key) + 1, value)  # type: ignore[arg-type]
    book.save(path)


def make_a_mistake(folder: Path, language: str, service: ServiceProcess) -> None:
    """mistake.xlsx: the day, with a delivery whose weight has no unit."""
    book = openpyxl.load_workbook(folder / "day.xlsx")
    layout = SHEETS[HouseSheet.INTAKE]
    keys = [column.key for column in layout.columns]
    book[layout.title.of(language)].cell(heading_row(layout) + 2, keys.index("unit") + 1).value = None
    book.save(folder / "mistake.xlsx")


def keep_a_workbook_of_your_own(folder: Path, language: str, service: ServiceProcess) -> None:
    """own.xlsx: the sheet of purchases under the names of docs/examples/columns-*.toml."""
    book = openpyxl.load_workbook(folder / "day.xlsx")
    layout = SHEETS[HouseSheet.INTAKE]
    sheet = book[layout.title.of(language)]
    keys = [column.key for column in layout.columns]
    for key, title in OWN_HEADINGS[language].items():
        sheet.cell(heading_row(layout), keys.index(key) + 1, title)
    sheet.delete_cols(keys.index("unit") + 1)
    sheet.title = OWN_SHEET[language]
    book.save(folder / "own.xlsx")


def wait_for_the_chain(folder: Path, language: str, service: ServiceProcess) -> None:
    """Until what was recorded is final."""
    until_final(service)


def until_final(service: ServiceProcess) -> None:
    """Waits until the day's lot is not pending any more."""
    deadline = time.monotonic() + 60
    while service.ask("show", LOT)["verdict"] == "pending":
        assert time.monotonic() < deadline
        time.sleep(0.3)


def stop_the_service(folder: Path, language: str, service: ServiceProcess) -> None:
    """Ctrl-C."""
    assert service.interrupt() == 0


DEEDS: dict[str, Callable[[Path, str, ServiceProcess], None]] = {
    "fill in the workbook": fill_in_the_workbook,
    "fill in today's workbook": partial(fill_in_the_workbook, name="today.xlsx"),
    "make a mistake": make_a_mistake,
    "keep a workbook of your own": keep_a_workbook_of_your_own,
    "wait for the chain": wait_for_the_chain,
    "stop the service": stop_the_service,
}
