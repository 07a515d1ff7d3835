"""
A packer's own titles and headings -> ours; no I/O.

    [sheets]
    "八月收货台账" = "收购"           # your sheet = ours, by any of its titles or its key (intake)

    [columns."收购"]                 # for one sheet; headings straight under [columns] hold for all sheets
    "户号" = "花名册编号"

    [units]
    "毛重减皮重" = "公斤"             # the unit of a column's bare numbers, where its heading does not say it

Raises `InvalidInput`, rule `mapping.*`, with every entry that means nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger.domain.errors import InvalidInput, Violation, shorten
from ledger.domain.imports.house_layout import SHEETS, Column, HouseSheet, SheetLayout, column_of_heading, plain
from ledger.domain.imports.house_layout import sheet_of_title as our_sheet
from ledger.domain.imports.house_values import unit_factor

_NONE: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class HouseMapping:
    """Sheets by the packer's title, columns' keys by sheet and the packer's heading, units by heading; all folded."""

    sheets: Mapping[str, HouseSheet] = field(default_factory=dict)
    columns: Mapping[tuple[HouseSheet, str], str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    def sheet(self, title: str) -> SheetLayout | None:
        """The layout of a sheet by its title: the packer's word first."""
        mapped = self.sheets.get(plain(title))
        return SHEETS[mapped] if mapped else our_sheet(title)

    def column(self, sheet: SheetLayout, heading: str) -> Column | None:
        """The column of a heading: the packer's word first."""
        mapped = self.columns.get((sheet.key, plain(heading)))
        return sheet.column(mapped) if mapped else column_of_heading(sheet, heading)

    def renames(self, sheet: SheetLayout, heading: str) -> bool:
        """Whether the packer's mapping says what this heading means."""
        return (sheet.key, plain(heading)) in self.columns


def mapping_of(tree: Mapping[str, Any]) -> HouseMapping:
    """The mapping that a parsed TOML file holds."""
    bad: list[Violation] = []

    def refuse(path: str, rule: str, value: object, message: str) -> None:
        bad.append(Violation(path, rule, shorten(value), message))

    for key in tree.keys() - {"sheets", "columns", "units"}:
        refuse(key, "mapping.unknown-key", key, "a mapping file has the tables sheets, columns and units")
    sheets: dict[str, HouseSheet] = {}
    for theirs, ours in _table(tree, "sheets", refuse).items():
        found = _sheet(ours)
        if found is None:
            refuse(f"sheets.{theirs}", "mapping.sheet", ours, "this is no title of a sheet of the template")
        else:
            sheets[plain(theirs)] = found.key
    columns: dict[tuple[HouseSheet, str], str] = {}
    for theirs, ours in _table(tree, "columns", refuse).items():
        if isinstance(ours, Mapping):
            layout = _sheet(theirs)
            if layout is None:
                refuse(f"columns.{theirs}", "mapping.sheet", theirs, "this is no title of a sheet of the template")
                continue
            entries, layouts = ours, [layout]
        else:
            entries, layouts = {theirs: ours}, list(SHEETS.values())
        for heading, meant in entries.items():
            found_in = [(layout, column) for layout in layouts if (column := _column(layout, meant))]
            if not found_in:
                refuse(f"columns.{theirs}", "mapping.column", meant, f"no such column stands there for {heading!r}")
            columns.update({(layout.key, plain(heading)): column.key for layout, column in found_in})
    units: dict[str, str] = {}
    for heading, word in _table(tree, "units", refuse).items():
        if not isinstance(word, str) or unit_factor(word) is None:
            refuse(f"units.{heading}", "mapping.unit", word, "this is no unit: kg, t, g, jin, case")
        else:
            units[plain(heading)] = word
    if bad:
        raise InvalidInput(bad)
    return HouseMapping(sheets, columns, units)


def _table(tree: Mapping[str, Any], name: str, refuse: Any) -> Mapping[str, Any]:
    table = tree.get(name, _NONE)
    if not isinstance(table, Mapping):
        refuse(name, "mapping.type", table, f"write a table here: [{name}]")
        return _NONE
    return table


def _sheet(word: object) -> SheetLayout | None:
    if not isinstance(word, str):
        return None
    return SHEETS[HouseSheet(word)] if word in tuple(HouseSheet) else our_sheet(word)


def _column(layout: SheetLayout, word: object) -> Column | None:
    if not isinstance(word, str):
        return None
    if word in {column.key for column in layout.columns}:
        return layout.column(word)
    return column_of_heading(layout, word)
