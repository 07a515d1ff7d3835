"""What a house workbook's layout is made of: sheets, columns, words in three languages; values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

LANGUAGES = ("zh", "en", "ug")


class Words(NamedTuple):
    """One text in Chinese, English and Uyghur."""

    zh: str
    en: str
    ug: str

    def of(self, language: str) -> str:
        """The text in one of `LANGUAGES`."""
        return str(getattr(self, language))


EXAMPLE_MARK = Words("示例", "example", "مىسال")
"""What the mark column holds in the template's filled rows; a row that bears it is no event."""


class HouseSheet(StrEnum):
    """The sheets."""

    INTAKE = "intake"
    HARVEST = "harvest"
    PACKING = "packing"
    SHIPPING = "shipping"
    RECEIVING = "receiving"
    TEMPERATURE = "temperature"
    MASTER = "master"


class ColumnKind(StrEnum):
    """How a column's cells are read."""

    MARK = "mark"
    DATE = "date"
    TIME = "time"
    QUANTITY = "quantity"
    """A mass, or a count of cases where a unit says so; the unit stands in the cell, beside it, or in the heading."""
    MASS = "mass"
    """A mass; its unit stands in the cell or in the heading."""
    UNIT = "unit"
    COUNT = "count"
    CELSIUS = "celsius"
    LOT = "lot"
    CODE = "code"
    """Somebody's own number: ticket, order, waybill, seal, number plate."""
    TEXT = "text"
    NOTE = "note"
    """For people; never read into an event."""
    PARTY = "party"
    PARTIES = "parties"
    PLACE = "place"
    PLOT = "plot"
    PRODUCT = "product"
    PARTY_ID = "party_id"
    GLN = "gln"
    EXTENSION = "extension"
    PRODUCT_ID = "product_id"
    ROLES = "roles"
    PLACE_KIND = "place_kind"
    COUNTRY = "country"
    YES_NO = "yes_no"


class Source(StrEnum):
    """Where a drop-down list comes from: names on the master data sheet, or fixed words."""

    PARTIES = "parties"
    PLACES = "places"
    PLOTS = "plots"
    PRODUCTS = "products"
    UNITS = "units"
    ROLES = "roles"
    KINDS = "kinds"
    YES_NO = "yes_no"


Example = str | int | float | date | Words | None
"""What the example row holds; a `Words` differs by language."""


@dataclass(frozen=True, slots=True)
class Column:
    """
    A column: our key for it, its heading, how it is read, whether a row needs it, a note for the heading's cell, the
    example, its drop-down list, and other headings that mean the same.
    """

    key: str
    title: Words
    kind: ColumnKind
    required: bool
    note: Words
    example: Example = None
    source: Source | None = None
    aliases: tuple[str, ...] = ()
    width: int = 14


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """A sheet: its title, what it is for, and its columns in the template's order."""

    key: HouseSheet
    title: Words
    purpose: Words
    columns: tuple[Column, ...]
    aliases: tuple[str, ...] = ()

    def column(self, key: str) -> Column:
        """The column of that key; KeyError if there is none."""
        for column in self.columns:
            if column.key == key:
                return column
        raise KeyError(key)
