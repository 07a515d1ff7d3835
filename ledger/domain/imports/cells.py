"""
What a workbook adapter hands over: typed cells with their coordinates, and how a row is refused; no I/O.

A cell keeps the type that the file gave it. What an adapter could not read (a formula without a stored result) is a
`CellFault`, so that it is refused where it is used and never taken for an empty cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ledger.domain.errors import SilkrootError


@dataclass(frozen=True, slots=True)
class CellFault:
    """A cell that holds something, but nothing that can be read; `rule` is a stable dotted name."""

    rule: str
    text: str
    message: str


CellValue = str | int | float | bool | datetime | date | time | timedelta | CellFault | None
"""None is an empty cell."""


@dataclass(frozen=True, slots=True)
class Cell:
    """
    One cell: sheet title, row number from 1, column letters, value. `formula`: the value is what the file keeps as a
    formula's result.
    """

    sheet: str
    row: int
    column: str
    value: CellValue
    formula: bool = False

    @property
    def blank(self) -> bool:
        """Whether nothing stands there; white space is nothing."""
        return self.value is None or (isinstance(self.value, str) and not self.value.strip())


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row that is not empty: its cells by column letters."""

    number: int
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet with its rows in order; empty rows are left out. `date_1904`: bare numbers of days count from 1904."""

    title: str
    rows: tuple[SheetRow, ...]
    date_1904: bool = False


@dataclass(frozen=True, slots=True, order=True)
class RowKey:
    """Where a row stands: the number of its sheet in the file, the sheet's title, the row's number from 1."""

    sheet_index: int
    sheet: str
    row: int


@dataclass(frozen=True, slots=True)
class RowError:
    """
    Why a row was refused. `column` is the letters of a workbook's column, or "" where the whole row is meant; for an
    EPCIS document `sheet` is the file's name, `row` the event's number from 1 and `column` a JSON pointer into it.
    """

    sheet: str
    row: int
    column: str
    value: str
    rule: str
    message: str

    @property
    def where(self) -> str:
        """`Sheet!B9`, or `file.jsonld, event 3, /quantityList/0`."""
        if self.column.startswith("/"):
            return f"{self.sheet}, event {self.row}, {self.column}"
        return f"{self.sheet}!{self.column}{self.row}"

    def __str__(self) -> str:
        return f"{self.where}: {self.message} [{self.rule}; got {self.value!r}]"


@dataclass(frozen=True, slots=True)
class Note:
    """What must be said of a column though it is no error; `rows` counts the cells, `first` is the row of the first."""

    sheet: str
    column: str
    first: int
    rows: int
    rule: str
    message: str


class BadCell(SilkrootError):
    """A cell broke a rule; the row that reads it is refused. Does not leave `ledger.domain.imports`."""

    def __init__(self, cell: Cell, rule: str, message: str) -> None:
        super().__init__(message)
        self.cell = cell
        self.rule = rule
        self.message = message

    def row_error(self) -> RowError:
        """The error as the report lists it."""
        cell = self.cell
        return RowError(cell.sheet, cell.row, cell.column, shown(cell.value), self.rule, self.message)


def shown(value: CellValue, limit: int = 120) -> str:
    """A cell's value as a report prints it, cut to `limit` characters."""
    match value:
        case None:
            text = ""
        case CellFault():
            text = value.text
        case datetime() | date() | time():
            text = value.isoformat()
        case _:
            text = str(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
