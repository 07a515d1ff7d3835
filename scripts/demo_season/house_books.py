"""
The season's facts as house workbooks: which party writes what into which file, row by row, by the layout's column keys.

Each party keeps its own book, by weeks where there is much: the co-operative what it buys, the packing house what it
receives, packs and ships, and so on; so each handoff stands in two books, as in life. The Grape Valley co-operative's
book is in Uyghur, Shanghai's in English, all others in Chinese.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from demo_season import grapes, melons, pears
from demo_season.cast import (
    BEIJING,
    CARRIER,
    EAST_TIANSHAN,
    FARM,
    GRAPE_COOP,
    GRAPE_GIFT,
    GUANGZHOU,
    HUB,
    MELON_COOP,
    NET_GRAMS,
    ORCHARD,
    PEAR_COOP,
    PEAR_GIFT,
    SHANGHAI,
    SILK_ROAD,
    VINEYARD,
    lot,
)  # fmt: skip
from demo_season.facts import Handoff, Harvest, Intake, Packing, Story, Temperature
from ledger.domain.gs1 import format_gln, format_gtin14
from ledger.domain.identifiers import PartyId, ProductId
from ledger.domain.imports.house_types import HouseSheet
from ledger.domain.imports.house_words import KILOGRAM

Row = dict[str, Any]

DEMO = Path(__file__).resolve().parents[2] / "ledger" / "package_data" / "demo"
_LOOSE = 1000
"""Net grams of what goes by weight: a trade item is a kilogram."""


_GIFT_BOXES: Mapping[ProductId, tuple[Mapping[str, str], float, str, Mapping[str, str]]] = {
    PEAR_GIFT: (
        {"zh": "库尔勒香梨礼盒 2.5千克", "en": "Korla fragrant pears, gift box, 2.5 kg",
         "ug": "كورلا نەشپۈتى، 2.5 كىلوگرام"}, 2.5, "Korla pears", {"zh": "库尔勒香梨", "en": "Korla fragrant pear"},
    ),
    GRAPE_GIFT: (
        {"zh": "无核白葡萄礼盒 1千克", "en": "Turpan seedless grapes, gift box, 1 kg",
         "ug": "تۇرپان ئۈزۈمى، 1 كىلوگرام"}, 1, "Turpan grapes", {"zh": "无核白", "en": "Thompson Seedless"},
    ),
}  # fmt: skip


@dataclass
class Book:
    """One file: whose book, in which language, from which day, and its rows by sheet."""

    name: str
    party: PartyId
    language: str = "zh"
    first: str = "01-01"
    rows: dict[HouseSheet, list[Row]] = field(default_factory=dict)

    def add(self, sheet: HouseSheet, row: Row) -> None:
        """A row at the end of a sheet."""
        self.rows.setdefault(sheet, []).append(row)


def books() -> list[Book]:
    """All workbooks of the season."""
    made = [
        Book("10-melon-cooperative-w30", MELON_COOP),
        Book("11-melon-cooperative-w32", MELON_COOP, first="08-03"),
        Book("12-melon-cooperative-w34-w37", MELON_COOP, first="08-17"),
        Book("13-melon-farm", FARM),
        Book("14-grape-cooperative-ug", GRAPE_COOP, "ug"),
        Book("15-vineyard", VINEYARD),
        Book("16-pear-orchard", ORCHARD),
        Book("20-east-tianshan-w30", EAST_TIANSHAN),
        Book("21-east-tianshan-w32", EAST_TIANSHAN, first="08-03"),
        Book("22-east-tianshan-w34-w37", EAST_TIANSHAN, first="08-17"),
        Book("23-silk-road-w33-w36", SILK_ROAD),
        Book("24-pear-cooperative-w37-w38", PEAR_COOP),
        Book("25-pear-cooperative-w40-w47", PEAR_COOP, first="09-28"),
        Book("30-tianshan-cold-chain", CARRIER),
        Book("40-airport-hub-w30-w34", HUB),
        Book("41-airport-hub-w36-w43", HUB, first="08-31"),
        Book("50-beijing", BEIJING),
        Book("51-shanghai-en", SHANGHAI, "en"),
        Book("52-guangzhou", GUANGZHOU),
    ]
    for story in (melons.story(), grapes.story(), pears.story(), _repacking()):
        _enter(story, made)
    last = [Book("90-pear-cooperative-pending", PEAR_COOP)]
    _enter(pears.pending(), last)
    _book(made, SHANGHAI, "01-01").rows[HouseSheet.MASTER] = list(_gift_boxes())
    for book in (*made, *last):
        for rows in (rows for sheet, rows in book.rows.items() if sheet is not HouseSheet.MASTER):
            rows.sort(key=lambda row: (row["date"].isoformat(), row.get("time", "")))
    return [*made, *last]


def _repacking() -> Story:
    """What the buyers make of it: splits into gift boxes, and a basket of three fruits for Mid-Autumn."""
    return Story(packings=[
        Packing(SHANGHAI, "RP-0814", "08-14T10:00", [("WG0812A", 700)], [("GG0814-1", 800), ("GG0814-2", 560)], 0, 40),
        Packing(SHANGHAI, "RP-0921", "09-21T10:00", [("KP0912A", 500)],
                [("GB0921-1", 1200), ("GB0921-2", 780)], 30, 20),
        Packing(BEIJING, "LZ-0920", "09-20T09:30", [("HM0913A", 500), ("WC0904A", 200), ("KP0915A", 150)],
                [("FB0920-1", 800), ("FB0920-2", 440)], 25, 15),
    ])  # fmt: skip


def _gift_boxes() -> Iterator[Row]:
    """Shanghai's own products, which stand on the master data sheet of its book and nowhere else."""
    for product, (names, kilograms, fruit, variety) in _GIFT_BOXES.items():
        yield {
            "product_gtin": format_gtin14(product), "product_net": kilograms,
            **{f"product_name_{language}": name for language, name in names.items()},
            "product_owner": _names()["party", format_gln(SHANGHAI), ""]["en"],
            **{f"product_variety_{language}": name for language, name in variety.items()}, "product_commodity": fruit,
        }  # fmt: skip


def _enter(story: Story, made: list[Book]) -> None:
    for intake in story.intakes:
        _intake(_book(made, intake.party, intake.time), intake)
    for harvest in story.harvests:
        _harvest(_book(made, harvest.party, harvest.time), harvest)
    for packing in story.packings:
        _packing(_book(made, packing.party, packing.time), packing)
    for handoff in story.handoffs:
        _shipping(_book(made, handoff.sender, handoff.sent), handoff)
        if handoff.received:
            _receiving(_book(made, handoff.receiver, handoff.received), handoff)
    for reading in story.temperatures:
        _temperature(_book(made, reading.party, reading.time), reading)


def _book(made: list[Book], party: PartyId, time: str) -> Book:
    """The party's book of that day."""
    return [book for book in made if book.party == party and book.first <= time[:5]][-1]


def _intake(book: Book, intake: Intake) -> None:
    for number, (roster, village, kilograms) in enumerate(intake.deliveries, 1):
        book.add(HouseSheet.INTAKE, {
            "date": _time(intake.time), "place": _place(book, intake.party), **_lot(book, intake.code),
            "roster": roster, "village": village, "quantity": kilograms, "unit": _kilogram(book),
            "ticket": f"{intake.code}-{number:02d}",
        })  # fmt: skip


def _harvest(book: Book, harvest: Harvest) -> None:
    book.add(HouseSheet.HARVEST, {
        "date": _time(harvest.time), "plot": _plot(book, harvest.party, harvest.field), **_lot(book, harvest.code),
        "quantity": harvest.kilograms, "unit": _kilogram(book), "team": "1",
    })  # fmt: skip


def _packing(book: Book, packing: Packing) -> None:
    for number in range(max(len(packing.inputs), len(packing.outputs))):
        row: Row = {"order": packing.order, "date": _time(packing.time), "place": _place(book, packing.party)}
        if number < len(packing.inputs):
            code, count = packing.inputs[number]
            row |= {f"in_{key}": value for key, value in _lot(book, code).items()}
            row["in_quantity"] = _kilograms(code, count)
        if number < len(packing.outputs):
            code, count = packing.outputs[number]
            row |= {f"out_{key}": value for key, value in _lot(book, code).items()}
            row["out_cases"] = count
        if number == 0:
            row |= {name: mass for name, mass in (("culls", packing.culls), ("loss", packing.loss)) if mass}
        book.add(HouseSheet.PACKING, row)


def _shipping(book: Book, handoff: Handoff) -> None:
    carrier, _, vehicle = handoff.carrier.partition(" ")
    for code, count in handoff.lines:
        book.add(HouseSheet.SHIPPING, {
            "waybill": handoff.reference, "date": _time(handoff.sent), "place": _place(book, handoff.sender),
            "receiver": _name(book, "party", format_gln(handoff.receiver)), **_lot(book, code),
            **_count(book, code, count), "carrier": carrier, "vehicle": vehicle,
        })  # fmt: skip


def _receiving(book: Book, handoff: Handoff) -> None:
    for code, count in handoff.lines:
        book.add(HouseSheet.RECEIVING, {
            "waybill": handoff.reference, "date": _time(handoff.received), "place": _place(book, handoff.receiver),
            "shipper": _name(book, "party", format_gln(handoff.sender)), **_lot(book, code),
            **_count(book, code, count),
        })  # fmt: skip


def _temperature(book: Book, reading: Temperature) -> None:
    for code in reading.codes:
        book.add(HouseSheet.TEMPERATURE, {
            "date": _time(reading.time).date(), "time": reading.time[6:],
            "place": _place(book, reading.party, reading.extension), **_lot(book, code), "celsius": reading.celsius,
            "device": f"T-{hashlib.sha256(str(reading.party).encode()).digest()[0]:03d}",
        })  # fmt: skip


def _lot(book: Book, code: str) -> Row:
    return {"lot": code, "product": _name(book, "product", format_gtin14(lot(code).product))}


def _count(book: Book, code: str, count: int) -> Row:
    if NET_GRAMS[lot(code).product] == _LOOSE and lot(code).product < 10**13:
        return {"quantity": count, "unit": _kilogram(book)}
    return {"cases": count}


def _kilograms(code: str, count: int) -> int | float:
    grams = count * NET_GRAMS[lot(code).product]
    return grams // 1000 if grams % 1000 == 0 else grams / 1000


def _kilogram(book: Book) -> str:
    return KILOGRAM.of(book.language)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}")


def _place(book: Book, party: PartyId, extension: str = "") -> str:
    return _name(book, "place", format_gln(party), extension)


def _plot(book: Book, party: PartyId, extension: str) -> str:
    return _name(book, "plot", format_gln(party), extension)


def _name(book: Book, kind: str, number: str, extension: str = "") -> str:
    """The name in the book's language as master.toml has it; where there is none, the Chinese one."""
    names = _names()[kind, number, extension]
    return names.get(book.language) or names["zh"]


@cache
def _names() -> Mapping[tuple[str, str, str], Mapping[str, str]]:
    own = {("product", format_gtin14(product), ""): names for product, (names, *_) in _GIFT_BOXES.items()}
    return {**own, **dict(_entries(tomllib.loads((DEMO / "master.toml").read_text(encoding="utf-8"))))}


def _entries(tree: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str, str], Mapping[str, str]]]:
    for kind, number in (("party", "id"), ("place", "gln"), ("plot", "gln"), ("product", "gtin")):
        for entry in tree[kind]:
            yield (kind, entry[number], entry.get("extension", "")), entry["name"]


__all__ = ["Book", "books"]
