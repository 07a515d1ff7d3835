"""
Cell values as the trade writes them -> typed values; no I/O.

Dates come as real dates, as '230713' (YYMMDD, GS1 AI 11-17), as '03 25 2023' (month day year, as the Produce
Traceability Initiative's samples write it) or as ISO 8601. Quantities come as a number with a unit beside it or as
'20 CS'. Identifiers must be whole and right: nothing is padded, repaired or guessed. Everything raises `BadCell`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from ledger.domain import gs1
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import Grams, LotRef, ProductId
from ledger.domain.imports.cells import BadCell, Cell, CellFault

_Key = TypeVar("_Key", int, str)
_EXACT_NUMBER = 10**15
"""From here on a spreadsheet's 64-bit numbers have lost digits."""
MAX_GRAMS = 10**15
"""A billion tonnes: more is a slip of the keyboard, and beyond it a JSON number would no longer be exact."""
_MAX_COUNT = 10**9
_LOT_CODE = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}\Z")
_SIX_DIGITS = re.compile(r"\d{6}\Z", re.ASCII)
_MONTH_DAY_YEAR = re.compile(r"(\d{1,2}) (\d{1,2}) (\d{4})\Z", re.ASCII)
_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)\s*([^\W\d_][\w. /]*)\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

_COUNTED = frozenset(
    [
        "cs",
        "case",
        "cases",
        "ca",
        "ct",
        "ctn",
        "ctns",
        "carton",
        "cartons",
        "bx",
        "box",
        "boxes",
        "bag",
        "bags",
        "bin",
        "bins",
        "crate",
        "crates",
        "tray",
        "trays",
        "unit",
        "units",
        "件",
        "箱",
        "筐",
        "袋",
    ]
)
"""Words for one trade item of the product that the row names."""
_MASS_GRAMS = {
    **dict.fromkeys(("g", "gr", "grm", "gram", "grams", "克"), Decimal(1)),
    **dict.fromkeys(("kg", "kgs", "kgm", "kilo", "kilos", "kilogram", "kilograms", "公斤", "千克"), Decimal(1000)),
    **dict.fromkeys(("t", "tne", "tonne", "tonnes", "吨"), Decimal(1_000_000)),
    # The international avoirdupois pound of 1959, exact.
    **dict.fromkeys(("lb", "lbs", "lbr", "pound", "pounds"), Decimal("453.59237")),
}


@dataclass(frozen=True, slots=True)
class Amount:
    """So much of a product: net grams, and the number of trade items where they were counted (else 0)."""

    grams: Grams
    cases: int = 0


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened: a day, or a day with a time where the cell gave one. Naive: the import adds the zone."""

    at: datetime
    day_only: bool


def text(cell: Cell) -> str:
    """The cell as text, trimmed; a number without a fraction as its digits; "" for an empty cell."""
    match cell.value:
        case None:
            return ""
        case str() as value:
            trimmed = value.strip()
            if _CONTROL.search(trimmed.replace("\n", " ").replace("\t", " ").replace("\r", " ")):
                raise BadCell(cell, "cell.control-character", "remove the control characters from this cell")
            return " ".join(trimmed.split())
        case bool():
            raise BadCell(cell, "cell.type", "this is a truth value; write text or a number")
        case int() as number:
            return str(_exact(cell, number))
        case float() as number:
            return str(_exact(cell, number))
        case CellFault() as fault:
            raise BadCell(cell, fault.rule, fault.message)
        case _:
            raise BadCell(cell, "cell.type", "this is a date or time; write text or a number")


def optional_text(cell: Cell) -> str:
    """Text that may be left out: the trade writes '-' or 'N/A' for none."""
    value = describe(cell)
    return "" if value.casefold() in {"-", "--", "n/a", "na", "none"} else value


def describe(cell: Cell) -> str:
    """Text for a record, whatever the cell's type: a real date becomes ISO 8601, a fraction its shortest decimal."""
    match cell.value:
        case datetime() as moment:
            return moment.date().isoformat() if moment.time() == time() else moment.isoformat()
        case date() as day:
            return day.isoformat()
        case float() as number if math.isfinite(number) and number != int(number):
            return repr(number)
        case _:
            return text(cell)


def required_text(cell: Cell, what: str) -> str:
    """Text that must be there."""
    value = text(cell)
    if not value or value == "-":
        raise BadCell(cell, "cell.missing", f"write the {what} here")
    return value


def gtin(cell: Cell) -> ProductId:
    """A GTIN of 8, 12, 13 or 14 digits with a right check digit."""
    return ProductId(_key(cell, "GTIN", gs1.parse_gtin))


def gln(cell: Cell) -> int:
    """A GLN of 13 digits with a right check digit."""
    return _key(cell, "GLN", gs1.parse_gln)


def sscc(cell: Cell) -> str:
    """An SSCC of 18 digits with a right check digit."""
    return _key(cell, "SSCC", gs1.parse_sscc)


def lot_code(cell: Cell, what: str = "lot code") -> str:
    """A lot code for AI 10."""
    value = required_text(cell, what)
    if not _LOT_CODE.match(value):
        raise BadCell(
            cell, "gs1.ai10", f"a lot code has 1 to 20 characters of GS1 character set 82; this {what} does not fit"
        )
    return value


def lot(gtin_cell: Cell, batch_cell: Cell) -> LotRef:
    """The lot that two cells name: GTIN and batch."""
    return LotRef(gtin(gtin_cell), lot_code(batch_cell))


def moment(cell: Cell, what: str = "date") -> Moment:
    """A date in one of the accepted forms, between 2000 and 2099."""
    found = _moment(cell, what)
    if not 2000 <= found.at.year <= 2099:
        raise BadCell(cell, "date.range", f"the {what} is not in this century")
    return found


def _moment(cell: Cell, what: str) -> Moment:
    value = cell.value
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            raise BadCell(cell, "date.form", "a workbook's dates have no zone")
        return Moment(value.replace(microsecond=0), value.time() == time())
    if isinstance(value, date):
        return Moment(datetime(value.year, value.month, value.day), True)
    written = required_text(cell, what)
    try:
        if _SIX_DIGITS.match(written):
            return Moment(datetime(2000 + int(written[:2]), int(written[2:4]), int(written[4:])), True)
        if parts := _MONTH_DAY_YEAR.match(written):
            return Moment(datetime(int(parts[3]), int(parts[1]), int(parts[2])), True)
        if re.match(r"\d{4}-\d\d-\d\d\Z", written, re.ASCII):
            return Moment(datetime.strptime(written, "%Y-%m-%d"), True)
        if re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?\Z", written, re.ASCII):
            return Moment(datetime.fromisoformat(written), False)
    except ValueError:
        raise BadCell(cell, "date.calendar", f"there is no such day: the {what} is not in the calendar") from None
    raise BadCell(
        cell,
        "date.form",
        f"write the {what} as a real date, as YYMMDD (230713), as MM DD YYYY (03 25 2023) or as YYYY-MM-DD",
    )


def amount(quantity: Cell, unit: Cell | None, net_grams: Grams) -> Amount:
    """
    A quantity of a product. `net_grams` is the net mass of one trade item of it. The unit stands in a cell of its own
    or, where `unit` is None, behind the number ('20 CS').
    """
    number, word, word_cell = _number_and_unit(quantity, unit)
    key = word.casefold().rstrip(".")
    if key in _COUNTED:
        if number != number.to_integral_value() or not 0 < number <= _MAX_COUNT:
            raise BadCell(quantity, "quantity.count", "a count of trade items is a whole number from 1 up")
        grams = int(number) * net_grams
        cases = int(number)
    elif key in _MASS_GRAMS:
        exact = number * _MASS_GRAMS[key]
        if exact != exact.to_integral_value():
            raise BadCell(quantity, "quantity.whole-grams", f"{exact} g is not a whole number of grams")
        grams, cases = int(exact), 0
    else:
        raise BadCell(word_cell, "quantity.unit", "this unit is neither a count of trade items nor a mass")
    if not 0 < grams < MAX_GRAMS:
        raise BadCell(quantity, "quantity.range", "a quantity is more than 0 and less than a billion tonnes")
    return Amount(Grams(grams), cases)


def _number_and_unit(quantity: Cell, unit: Cell | None) -> tuple[Decimal, str, Cell]:
    if unit is not None and not unit.blank:
        return _decimal(quantity), text(unit), unit
    written = required_text(quantity, "quantity with its unit")
    parts = _QUANTITY.match(written)
    if parts is None:
        raise BadCell(quantity, "quantity.form", "write a number and a unit, such as '20 CS' or '150 kg'")
    return Decimal(parts[1]), parts[2].strip(), quantity


def whole_number(cell: Cell, what: str) -> int:
    """A whole number from 1 up."""
    number = _decimal(cell)
    if number != number.to_integral_value() or not 0 < number < MAX_GRAMS:
        raise BadCell(cell, "cell.whole-number", f"the {what} is a whole number from 1 up")
    return int(number)


def _decimal(cell: Cell) -> Decimal:
    value = cell.value
    # repr is the shortest decimal that means this number: what the author typed.
    written = repr(value) if isinstance(value, float) else required_text(cell, "quantity")
    try:
        number = Decimal(written)
    except InvalidOperation:
        raise BadCell(cell, "quantity.form", "this is not a number") from None
    if not number.is_finite() or abs(number) >= MAX_GRAMS or len(number.as_tuple().digits) > 30:
        raise BadCell(cell, "quantity.range", "a quantity is more than 0 and less than a billion tonnes")
    return number


def _exact(cell: Cell, number: int | float) -> int:
    if not math.isfinite(number) or number != int(number):
        raise BadCell(cell, "cell.type", "a number with a fraction cannot be an identifier or a text; write it as text")
    if abs(number) >= _EXACT_NUMBER:
        raise BadCell(
            cell,
            "cell.precision",
            "a spreadsheet keeps 15 digits of a number: format the cell as text and write it again",
        )
    return int(number)


def _key(cell: Cell, what: str, parse: Callable[[str], _Key]) -> _Key:
    digits = required_text(cell, what)
    try:
        return parse(digits)
    except InvalidInput as error:
        violation = error.violations[0]
        raise BadCell(cell, violation.rule, violation.message) from None
