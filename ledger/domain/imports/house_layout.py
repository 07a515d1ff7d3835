"""
The packing house's own workbook: its sheets and columns, in Chinese, English and Uyghur; no I/O.

Seven sheets: intake, harvest, packing, shipping, receiving, temperature, master data. The template writer draws them,
the importer recognises them, `--explain` describes them, all from the tables here (`house_columns`, `house_master`).
A heading is recognised in any of the three languages, by a usual other word for it (`aliases`), or through a packer's
mapping file. What stands in brackets after a heading may be a unit, '净重(公斤)': it is the unit of the column's
numbers.

>>> sheet_of_title("收购").key, sheet_of_title("Sheet1")
(<HouseSheet.INTAKE: 'intake'>, None)
>>> column_of_heading(SHEETS[HouseSheet.INTAKE], " 净重 （公斤）").key
'quantity'
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from ledger.domain.imports.house_columns import EVENT_SHEETS
from ledger.domain.imports.house_master import MASTER_SHEET
from ledger.domain.imports.house_types import (
    EXAMPLE_MARK,
    LANGUAGES,
    Column,
    ColumnKind,
    HouseSheet,
    SheetLayout,
    Source,
    Words,
)
from ledger.domain.imports.house_words import KIND_WORDS, ROLE_WORDS, UNIT_WORDS, YES_NO_WORDS

SHEETS: Mapping[HouseSheet, SheetLayout] = {layout.key: layout for layout in (*EVENT_SHEETS, MASTER_SHEET)}
"""All sheets, in the order in which the template has them."""

FIXED_LISTS: Mapping[Source, tuple[Words, ...]] = {
    Source.UNITS: UNIT_WORDS,
    Source.ROLES: tuple(ROLE_WORDS.values()),
    Source.KINDS: tuple(KIND_WORDS.values()),
    Source.YES_NO: YES_NO_WORDS,
}
"""What drop-down lists offer that do not come from the master data."""

_BRACKETED = re.compile(r"[(\[【〔]([^)\]】〕]*)[)\]】〕]")
_SPLIT = re.compile(r"[\n\r/|]+")


def plain(text: str) -> str:
    """A title or heading as it is compared: width, case, spaces, punctuation and Arabic lengthening do not count."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum() or unicodedata.category(letter) == "Mn")


def bracketed(heading: str) -> str:
    """What stands in brackets in a heading, such as its unit; "" where nothing does."""
    found = _BRACKETED.search(unicodedata.normalize("NFKC", heading))
    return found[1].strip() if found else ""


def forms(heading: str) -> Iterator[str]:
    """The heading as it may be compared: whole, without brackets, and each of the parts of a bilingual one."""
    whole = unicodedata.normalize("NFKC", heading)
    bare = _BRACKETED.sub("", whole)
    seen = set()
    for text in (whole, bare, *_SPLIT.split(bare)):
        found = plain(text)
        if found and found not in seen:
            seen.add(found)
            yield found


def sheet_of_title(title: str) -> SheetLayout | None:
    """The layout of the sheet of that title; None where it is none of ours."""
    for form in forms(title):
        if form in _TITLES:
            return SHEETS[_TITLES[form]]
    return None


def column_of_heading(sheet: SheetLayout, heading: str) -> Column | None:
    """The column of that heading; None where it is none of ours, or where its parts mean different columns."""
    known = _HEADINGS[sheet.key]
    for form in forms(heading):
        if form in known:
            return sheet.column(known[form])
    return None


def titles_of(sheet: SheetLayout) -> Iterator[str]:
    """Every title under which the sheet is recognised."""
    yield from sheet.title
    yield from sheet.aliases


def headings_of(column: Column) -> Iterator[str]:
    """Every heading under which the column is recognised."""
    yield from column.title
    yield from column.aliases


def _by_form(entries: Iterator[tuple[str, str]], what: str) -> dict[str, str]:
    known: dict[str, str] = {}
    for text, key in entries:
        for form in list(forms(text))[:2]:
            if known.setdefault(form, key) != key:
                raise ValueError(f"{what}: {text!r} stands for both {known[form]} and {key}")
    return known


_TITLES = {
    form: HouseSheet(key)
    for form, key in _by_form(
        ((title, layout.key.value) for layout in SHEETS.values() for title in titles_of(layout)), "sheets"
    ).items()
}
_HEADINGS = {
    layout.key: _by_form(
        ((heading, column.key) for column in layout.columns for heading in headings_of(column)), layout.key
    )
    for layout in SHEETS.values()
}

__all__ = [
    "EXAMPLE_MARK", "FIXED_LISTS", "LANGUAGES", "SHEETS", "Column", "ColumnKind", "HouseSheet", "SheetLayout", "Source",
    "Words", "bracketed", "column_of_heading", "forms", "headings_of", "plain", "sheet_of_title", "titles_of",
]  # fmt: skip
