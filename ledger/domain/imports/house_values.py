"""
Cells as a packing house types them -> typed values; no I/O.

Forgiven: full-width letters, digits and signs, Arabic-Indic digits, spaces around, thousands separators, units in
Chinese, English and Uyghur beside the number, behind it or in the heading, dates in the usual spellings, bare Excel
serial numbers of days, binary noise beyond the 15 digits that a spreadsheet shows. Never forgiven: a missing unit or
year, a number that may be read in two ways, a digit too few. Everything raises `BadCell`.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

from ledger.domain.identifiers import CHARACTER_SET_82, Grams
from ledger.domain.imports import values
from ledger.domain.imports.cells import BadCell, Cell, CellFault
from ledger.domain.imports.house_words import COUNT_UNITS, MASS_UNITS
from ledger.domain.imports.values import MAX_GRAMS, Amount, Moment
from ledger.domain.master_data import Product

MAX_COUNT = 10**9
_SIGNS = str.maketrans({"−": "-", "–": "-", "،": ",", "٬": ",", "٫": "."})
"""What stands for a minus, a comma or a point in numbers; identifiers keep what was written."""
_NUMBER = re.compile(r"([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)\s*(.*)\Z", re.ASCII | re.DOTALL)
_TIME = r"(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?\Z"
_FULL_DATES = tuple(
    re.compile(pattern + _TIME, re.ASCII)
    for pattern in (
        r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]",
        r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})",
        r"(\d{4})\s*-?\s*(?:يىلى|يىل)\s*(\d{1,2})\s*-?\s*(?:ئاينىڭ|ئاي)\s*(\d{1,2})\s*-?\s*(?:كۈنى|كۈن)?",
        r"(\d{4})(\d{2})(\d{2})",
    )
)
_MONTH_DAY = tuple(
    re.compile(pattern + _TIME, re.ASCII)
    for pattern in (
        r"(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]",
        r"(\d{1,2})\s*-?\s*(?:ئاينىڭ|ئاي)\s*(\d{1,2})\s*-?\s*(?:كۈنى|كۈن)?",
    )
)
_CLOCK = re.compile(r"(\d{1,2})(?::|时|点)(\d{2})(?:分|:(\d{2}))?\Z", re.ASCII)
_CELSIUS = frozenset({"", "c", "°c", "度", "摄氏度", "℃", "گرادۇس", "سېلسىيە گرادۇس"})
_FIRST_SERIAL, _LAST_SERIAL = 36526, 73050
"""2000-01-01 and 2099-12-31 as a spreadsheet counts days."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a sheet says outside of its rows: the year in its title rows, and whether its days count from 1904."""

    year: int | None = None
    date_1904: bool = False


def folded(text: str) -> str:
    """Text in one width, with ASCII digits and single spaces."""
    flat = unicodedata.normalize("NFKC", text)
    digits = "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in flat)
    return " ".join(digits.split())


def text(cell: Cell) -> str:
    """The cell's text in one width; a whole number as its digits; "" for an empty cell."""
    value = cell.value
    if isinstance(value, float) and math.isfinite(value) and value != int(value):
        raise BadCell(cell, "cell.type", "a number with a fraction cannot be an identifier or a text; write it as text")
    return folded(values.text(cell))


def required(cell: Cell, what: str) -> str:
    """Text that must be there."""
    found = text(cell)
    if not found or found == "-":
        raise BadCell(cell, "cell.missing", f"write the {what} here")
    return found


def lot_code(cell: Cell, what: str = "lot number") -> str:
    """A lot code for AI 10, in one width."""
    found = required(cell, what)
    if not CHARACTER_SET_82.match(found):
        raise BadCell(
            cell, "gs1.ai10", f"a {what} has 1 to 20 letters, digits or signs of GS1 character set 82, and no spaces"
        )
    return found


def number(cell: Cell) -> tuple[Decimal, str]:
    """The number of a cell and what stands behind it."""
    value = cell.value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise BadCell(cell, "quantity.form", "this is not a number")
        # What a spreadsheet shows and keeps: 15 significant digits.
        return Decimal(f"{value:.15g}"), ""
    if isinstance(value, datetime | date | time | timedelta):
        raise BadCell(cell, "cell.type", "this is a date or a time; write a number")
    written = required(cell, "number").translate(_SIGNS)
    parts = _NUMBER.match(written)
    if parts is None:
        raise BadCell(cell, "quantity.form", "write a number here, such as 1250 or 1,250.5")
    try:
        found = Decimal(parts[1].replace(",", ""))
    except InvalidOperation:  # pragma: no cover - the pattern admits no such text
        raise BadCell(cell, "quantity.form", "this is not a number") from None
    if parts[2][:1] in (",", ".") or any(letter.isdigit() for letter in parts[2]):
        raise BadCell(cell, "quantity.form", "this number can be read in two ways; write it without separators")
    return found, parts[2].strip()


def mass(cell: Cell, unit: Cell | None, heading_unit: str, *, zero: bool = False) -> Grams:
    """A mass in grams; `zero` allows none."""
    found = quantity(cell, unit, heading_unit, None, zero=zero)
    return found.grams


def quantity(
    cell: Cell, unit: Cell | None, heading_unit: str, product: Product | None, *, zero: bool = False
) -> Amount:
    """
    A quantity of a product: a mass, or a count of its cases. The unit stands behind the number, in `unit` or in the
    heading; all that are there must agree. Without one, nothing is assumed.
    """
    found, behind = number(cell)
    words = [(word, at) for word, at in ((behind, cell), (_unit(unit), unit), (heading_unit, cell)) if word]
    if not words:
        raise BadCell(cell, "quantity.unit-missing", "nothing says the unit: write kg, t, g, jin or case beside it")
    for word, where in words:
        if _factor(word) is None:
            raise BadCell(
                where or cell, "quantity.unit", "this is neither a mass (kg, t, g, jin) nor a word for a case"
            )
    where, factor = words[0][1] or cell, _factor(words[0][0])
    if any(_factor(other) != factor for other, _ in words[1:]):
        raise BadCell(cell, "quantity.units-contradict", "cell, unit column and heading name different units")
    if factor == 0:
        if product is None:
            raise BadCell(where, "quantity.unit", "write a mass here: kg, t, g or jin")
        return cases(cell, found, product)
    return Amount(_whole_grams(cell, found * (factor or 0), zero))


def cases(cell: Cell, count: Decimal, product: Product) -> Amount:
    """So many cases of a product, by its net weight of one."""
    if product.bulk_of:
        raise BadCell(
            cell, "mass.no-unit", "nothing says what a case of this loose product weighs: write a mass (kg, t, g, jin)"
        )
    if count != count.to_integral_value() or not 0 < count <= MAX_COUNT:
        raise BadCell(cell, "quantity.count", "a count of cases is a whole number from 1 up")
    return Amount(_whole_grams(cell, count * product.net_grams, False), int(count))


def count(cell: Cell, product: Product) -> Amount:
    """A cell that counts cases, with or without a word for them behind."""
    found, behind = number(cell)
    if behind and _factor(behind) != 0:
        raise BadCell(cell, "quantity.count", "this column counts cases; a mass belongs into the column of net weight")
    return cases(cell, found, product)


def moment(cell: Cell, context: Context) -> Moment:
    """A date with its year, and a time of day where one follows, between 2000 and 2099."""
    found = _moment(cell, context)
    if not 2000 <= found.at.year <= 2099:
        raise BadCell(cell, "date.range", "this date is not in this century")
    return found


def is_serial(cell: Cell) -> bool:
    """Whether the cell's bare number can only be a spreadsheet's count of days."""
    value = cell.value
    return isinstance(value, int | float) and not isinstance(value, bool) and _FIRST_SERIAL <= value <= _LAST_SERIAL


def lacks_year(cell: Cell) -> bool:
    """Whether the cell names month and day alone."""
    return isinstance(cell.value, str) and any(pattern.match(folded(cell.value)) for pattern in _MONTH_DAY)


def _moment(cell: Cell, context: Context) -> Moment:
    value = cell.value
    if isinstance(value, datetime):
        return Moment(value.replace(microsecond=0, tzinfo=None), value.time() == time())
    if isinstance(value, date):
        return Moment(datetime(value.year, value.month, value.day), True)
    if is_serial(cell) and isinstance(value, int | float):
        if context.date_1904:
            raise BadCell(cell, "date.form", "this workbook counts days from 1904: format the cell as a date")
        at = datetime(1899, 12, 30) + timedelta(seconds=round(value * 86400))
        return Moment(at, at.time() == time())
    written = required(cell, "date")
    try:
        for pattern in _FULL_DATES:
            if parts := pattern.match(written):
                return _built([part for part in parts.groups() if part not in ("-", "/", ".")])
        for pattern in _MONTH_DAY:
            if parts := pattern.match(written):
                if context.year is None:
                    raise BadCell(cell, "date.no-year", "write the year too; nothing in the sheet's title says it")
                return _built([str(context.year), *parts.groups()])
    except ValueError:
        raise BadCell(cell, "date.calendar", "there is no such day or time in the calendar") from None
    raise BadCell(cell, "date.form", "write the date as 2026-08-05 or 2026年8月5日, or format the cell as a date")


def _built(parts: list[str | None]) -> Moment:
    year, month, day, hour, minute, second = (None if part is None else int(part) for part in parts)
    at = datetime(year or 0, month or 0, day or 0, hour or 0, minute or 0, second or 0)
    return Moment(at, hour is None)


def clock(cell: Cell) -> time:
    """A time of day, 24 hours."""
    value = cell.value
    if isinstance(value, datetime) and value.year < 1905:
        return value.time().replace(microsecond=0)
    if isinstance(value, time):
        return value.replace(microsecond=0)
    if isinstance(value, timedelta) and timedelta(0) <= value < timedelta(days=1):
        return (datetime.min + value).time().replace(microsecond=0)
    if isinstance(value, float) and 0 <= value < 1:
        return (datetime.min + timedelta(seconds=min(round(value * 86400), 86399))).time()
    if isinstance(value, str) and (parts := _CLOCK.match(folded(value))):
        try:
            return time(int(parts[1]), int(parts[2]), int(parts[3] or 0))
        except ValueError:
            pass
    if isinstance(value, CellFault):
        raise BadCell(cell, value.rule, value.message)
    raise BadCell(cell, "date.time", "write the time of day as 14:30")


def celsius(cell: Cell) -> float:
    """Degrees Celsius between -90 and 90."""
    found, behind = number(cell)
    if behind.casefold().replace(" ", "") not in {word.replace(" ", "") for word in _CELSIUS} or not -90 <= found <= 90:
        raise BadCell(cell, "temperature.celsius", "write degrees Celsius here, as a number")
    return float(found)


def unit_factor(word: str) -> Decimal | None:
    """Grams of a unit of mass, 0 for a word for a case, None for any other word."""
    return _factor(folded(word))


def _unit(cell: Cell | None) -> str:
    return "" if cell is None or cell.blank else text(cell)


def _factor(word: str) -> Decimal | None:
    key = word.casefold().replace(" ", "").rstrip(".")
    return Decimal(0) if key in COUNT_UNITS else MASS_UNITS.get(key)


def _whole_grams(cell: Cell, grams: Decimal, zero: bool) -> Grams:
    if not (grams > 0 or (zero and grams == 0)) or grams >= MAX_GRAMS:
        raise BadCell(cell, "quantity.range", "a quantity is more than 0 and less than a billion tonnes")
    if grams != grams.to_integral_value():
        raise BadCell(cell, "quantity.whole-grams", f"{grams.normalize():f} g is not a whole number of grams")
    return Grams(int(grams))
