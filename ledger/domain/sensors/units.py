"""
Measured values in whole thousandths of one unit: degrees Celsius, percent, grams per cubic metre; no I/O.

A JSON number is taken for the decimal that it prints as (RFC 8785), and the sum is done in integers, so that two
readers of one event never differ. What lies between two thousandths, as most degrees Fahrenheit do, is rounded to the
nearest, halves up. Units are UN/ECE Recommendation 20 codes; kinds are measurement types of CBV 2.0.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from ledger.domain.errors import InvalidEvent


class Kind(StrEnum):
    """What is measured."""

    TEMPERATURE = "Temperature"
    RELATIVE_HUMIDITY = "RelativeHumidity"
    ABSOLUTE_HUMIDITY = "AbsoluteHumidity"


_PREFIXES = ("", "gs1:", "https://gs1.org/voc/", "https://www.gs1.org/voc/", "http://gs1.org/voc/")
_KINDS = {prefix + kind.value: kind for prefix in _PREFIXES for kind in Kind}
_UNITS: dict[Kind, dict[str, tuple[int, int, int]]] = {
    Kind.TEMPERATURE: {"CEL": (1000, 0, 1), "KEL": (1000, -273_150, 1), "FAH": (5000, -160_000, 9)},
    Kind.RELATIVE_HUMIDITY: {"P1": (1000, 0, 1)},
    Kind.ABSOLUTE_HUMIDITY: {"A93": (1000, 0, 1), "GP": (1, 0, 1)},
}
"""By unit `(factor, offset, divisor)`: thousandths = (value x factor + offset) / divisor."""
_BOUNDS = {
    Kind.TEMPERATURE: (-273_150, 1_000_000),
    Kind.RELATIVE_HUMIDITY: (0, 100_000),
    Kind.ABSOLUTE_HUMIDITY: (0, 1_000_000),
}


def kind_of(word: object) -> Kind | None:
    """What a report's `type` measures; None where it is none of what is read here."""
    return _KINDS.get(word) if isinstance(word, str) else None


def thousandths(kind: Kind, value: object, unit: object, at: str) -> int:
    """
    The value in thousandths. `at`: the JSON pointer of the value, for errors. Raises `InvalidEvent`: `sensor.number`,
    `sensor.unit`, `sensor.range` (colder than anything can be, more than all).
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidEvent.one(at, "sensor.number", value, "a measured value is a number")
    units = _UNITS[kind]
    if not isinstance(unit, str) or unit not in units:
        message = f"{kind} is measured in {' or '.join(units)} here"
        raise InvalidEvent.one(f"{at.rpartition('/')[0]}/uom", "sensor.unit", unit, message)
    exact = Decimal(repr(value))
    if not exact.is_finite():
        raise InvalidEvent.one(at, "sensor.range", value, "no instrument measures that")
    factor, offset, divisor = units[unit]
    numerator, denominator = exact.as_integer_ratio()
    found = rounded(numerator * factor + offset * denominator, denominator * divisor)
    low, high = _BOUNDS[kind]
    if not low <= found <= high:
        raise InvalidEvent.one(at, "sensor.range", f"{value} {unit}", f"{kind} lies outside what there can be")
    return found


def rounded(numerator: int, denominator: int) -> int:
    """The quotient as the nearest whole number, halves up; the denominator is more than 0."""
    return (2 * numerator + denominator) // (2 * denominator)
