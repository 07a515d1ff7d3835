"""
The desk at which a house workbook's rows become events: what all its sheets share; no I/O.

Rows that make one event are a `Bundle`: they must agree on what they have in common, each bad cell is named, and the
bundle stands or falls whole. As in other imports, a date without a time of day is 00:00 in the import's zone and the
event says `datePrecision: day`; no clock and no chance come in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote

from ledger.domain import gs1
from ledger.domain.errors import InvalidInput
from ledger.domain.event_forms import When, transaction_urn
from ledger.domain.identifiers import FIRST_ALLOTTED_PARTY, Grams, LotRef, PartyId
from ledger.domain.imports import house_values as values
from ledger.domain.imports.cells import BadCell, Cell, RowError, RowKey
from ledger.domain.imports.house_book import HouseBook
from ledger.domain.imports.house_reading import HouseRow
from ledger.domain.imports.plan import Group, PlannedEvent
from ledger.domain.imports.values import Amount, Moment
from ledger.domain.master_data import Product

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Birth:
    """A row that brings a lot into being, and the name of the bundle that it belongs to."""

    row: RowKey
    bundle: Hashable


@dataclass
class HouseDesk:
    """Collects groups and errors; knows which lots the workbook makes, and where."""

    book: HouseBook
    zone: str
    groups: list[Group] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    births: dict[LotRef, list[Birth]] = field(default_factory=lambda: defaultdict(list))

    def when(self, at: Moment) -> When:
        """The moment with the import's zone."""
        return When(f"{at.at.isoformat(timespec='seconds')}{self.zone}")

    def product_of_lot(self, row: HouseRow, lot: str, product: str) -> Product:
        """The product that the row names, or else the only one of which this workbook makes a lot of that number."""
        if not row[product].blank:
            return self.book.product(row[product])
        code = values.lot_code(row[lot])
        found = {made.product for made in self.births if made.code == code}
        if len(found) != 1:
            cell = row[product] if row[product].column else row[lot]
            raise BadCell(
                cell, "product.missing", f"pick the product: {len(found)} products of this workbook have the lot"
            )
        return self.book.product_of(found.pop())

    def lot(self, row: HouseRow, lot: str, product: str) -> tuple[LotRef, Product]:
        """The lot that a row names, with its product."""
        code = values.lot_code(row[lot])
        found = self.product_of_lot(row, lot, product)
        return LotRef(found.id, code), found

    def born_once(self, lot: LotRef, cell: Cell, bundle: Hashable) -> None:
        """Refuses a lot that other rows of the workbook bring into being too: nobody can tell which are right."""
        for other in self.births.get(lot, ()):
            if other.bundle != bundle:
                message = f"row {other.row.row} of the sheet {other.row.sheet} makes this lot too"
                raise BadCell(cell, "row.contradiction", message)

    def reference(self, shipper: PartyId, cell: Cell) -> str:
        """The consignment's reference: the waybill's number under the shipper's GLN, or an SSCC written as (00)…."""
        number = values.required(cell, "waybill number")
        if number.startswith("(00)"):
            try:
                return f"https://id.gs1.org/00/{gs1.parse_sscc(number[4:].strip())}"
            except InvalidInput as error:
                found = error.violations[0]
                raise BadCell(cell, found.rule, found.message) from None
        owner = shipper if shipper < FIRST_ALLOTTED_PARTY else PartyId(self.book.reference_gln(shipper))
        if not owner:
            raise BadCell(
                cell, "consignment.reference", "the shipper has no GLN: write the SSCC of the consignment, (00)…"
            )
        return transaction_urn(owner, quote(number, safe=""))


class Bundle:
    """Rows that make one event. Errors go to the desk; `close` says whether all rows are sound."""

    def __init__(self, desk: HouseDesk, rows: Sequence[HouseRow], what: str, broken: Iterable[RowKey] = ()) -> None:
        self.desk = desk
        self.rows = rows
        self.what = what
        self._bad = {(key.sheet, key.row) for key in broken} & {(row.key.sheet, row.key.row) for row in rows}

    @property
    def first(self) -> HouseRow:
        """The first row."""
        return self.rows[0]

    @property
    def sound(self) -> bool:
        """Whether no row is refused so far."""
        return not self._bad

    def refuse(self, error: BadCell) -> None:
        """Lists an error."""
        found = error.row_error()
        self.desk.errors.append(found)
        self._bad.add((found.sheet, found.row))

    def read(self, read: Callable[[], _T], default: _T) -> _T:
        """What the function reads, or the default where a cell is refused."""
        try:
            return read()
        except BadCell as error:
            self.refuse(error)
        except InvalidInput as error:
            found = error.violations[0]
            self.refuse(BadCell(self.first[self.first.layout.columns[1].key], found.rule, found.message))
        return default

    def cell(self, row: HouseRow, name: str, read: Callable[[Cell], _T], default: _T) -> _T:
        """The same of one cell."""
        return self.read(lambda: read(row[name]), default)

    def head(self, name: str, read: Callable[[Cell], _T], default: _T, *, required: bool = True) -> _T:
        """
        What the rows have in common in that column. A row may leave it empty where another has it; two that differ
        contradict each other.
        """
        found: tuple[_T, HouseRow] | None = None
        for row in self.rows:
            cell = row[name]
            if cell.blank:
                continue
            value = self.cell(row, name, read, None)
            if value is None:
                found = found or (default, row)
            elif found is None:
                found = (value, row)
            elif value != found[0] and found[0] is not default:
                message = f"row {found[1].key.row} of the same {self.what} says otherwise"
                self.refuse(BadCell(cell, "row.contradiction", message))
        if found is None and required:
            self.refuse(self.first.refuse(name, "cell.missing", "this cell must not be empty"))
        return found[0] if found is not None else default

    def latest(self, name: str, read: Callable[[Cell], Moment]) -> Moment | None:
        """The latest moment of rows that have to be of one day: deliveries of a lot come in one after another."""
        day = self.head(name, lambda cell: read(cell).at.date(), None)
        if day is None or not self.sound:
            return None
        return max((read(row[name]) for row in self.rows if not row[name].blank), key=lambda moment: moment.at)

    def close(self) -> bool:
        """Whether the bundle is sound; where it is not, its other rows are listed as refused with it."""
        if self.sound:
            return True
        first = min(self._bad)
        for row in self.rows:
            if (row.key.sheet, row.key.row) not in self._bad:
                message = f"row {first[1]} of the same {self.what} is refused, and it stands or falls as a whole"
                self.desk.errors.append(row.whole("row.incomplete", message))
        return False

    def plan(self, stage: int, at: Moment, event: PlannedEvent) -> None:
        """Plans the event."""
        keys = tuple(row.key for row in self.rows)
        self.desk.groups.append(Group(keys, (event,), (at.at.date().isoformat(), stage, keys[0])))


@dataclass(frozen=True, slots=True)
class Line:
    """So much of a lot, from the cells of one row."""

    lot: LotRef
    amount: Amount
    row: HouseRow


def merged(lines: Iterable[Line]) -> list[Line]:
    """Lines of one lot added up, in the order in which the lots first stand there."""
    found: dict[LotRef, Line] = {}
    for line in lines:
        before = found.get(line.lot)
        if before is None:
            found[line.lot] = line
            continue
        counted = before.amount.cases + line.amount.cases if before.amount.cases and line.amount.cases else 0
        total = Amount(Grams(before.amount.grams + line.amount.grams), counted)
        found[line.lot] = Line(line.lot, total, before.row)
    return list(found.values())


def bundles(rows: Iterable[HouseRow], *names: str) -> list[list[HouseRow]]:
    """Rows by what stands in these columns, in the order of the sheet."""
    found: dict[tuple[str, ...], list[HouseRow]] = defaultdict(list)
    for row in rows:
        found[bundle_name(row, *names)].append(row)
    return list(found.values())


def bundle_name(row: HouseRow, *names: str) -> tuple[str, ...]:
    """
    By what rows are bundled: the texts of these cells, as far as they can be read; an empty or unreadable cell bundles
    with nothing.
    """
    parts = []
    for name in names:
        try:
            parts.append(values.text(row[name]).casefold() or f"{row.key.sheet}\0{row.key.row}")
        except BadCell:
            parts.append(f"{row.key.sheet}\0{row.key.row}")
    return tuple(parts)


def case_amount(row: HouseRow, product: Product, cases: str, quantity: str, unit: str | None) -> Amount:
    """
    The amount of a line that counts cases, or weighs, or both; then both must agree. Cases ride along.
    """
    counted = None if row[cases].blank else values.count(row[cases], product)
    weighed = (
        None if row[quantity].blank
        else values.quantity(row[quantity], row[unit] if unit else None, row.units.get(quantity, ""), product)
    )  # fmt: skip
    if counted is None and weighed is None:
        cell = next((row[name] for name in (quantity, cases) if row[name].column), row[quantity])
        raise BadCell(cell, "cell.missing", "write the number of cases or the net weight")
    if counted is not None and weighed is not None and counted.grams != weighed.grams:
        raise row.refuse(
            quantity, "quantity.contradiction",
            f"{counted.cases} cases of {product.net_grams} g are {counted.grams} g, but here stand {weighed.grams} g",
        )  # fmt: skip
    return counted or weighed or Amount(Grams(0))


def members(at: Moment, tracking_event: str, **more: Any) -> dict[str, Any]:
    """Members under `silkroot:` for an event; empty ones are left out."""
    found = {"criticalTrackingEvent": tracking_event, "datePrecision": "day" if at.day_only else "", **more}
    return {f"silkroot:{name}": value for name, value in found.items() if value}
