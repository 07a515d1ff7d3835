"""
Mass in whole grams, exactly, from the numbers of an EPCIS quantity; no I/O.

Units are the UN/CEFACT Recommendation 20 codes KGM, GRM and TNE, as EPCIS wants them. A JSON number is taken for the
decimal that it prints as, so that 0.1 kg is 100 g and never 99. Raises `InvalidInput`: `mass.number`, `mass.uom`,
`mass.whole-grams`, `mass.positive`, `mass.range`.

>>> grams(1.25, "KGM")
1250
"""

from __future__ import annotations

from decimal import Decimal

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import UINT64_MAX, Grams

GRAMS_PER_UNIT = {"GRM": 1, "KGM": 1_000, "TNE": 1_000_000}
"""The units of mass that the ledger takes, by UN/CEFACT code."""


def grams(quantity: object, uom: object, field: str = "", *, zero: bool = False) -> Grams:
    """
    The mass in grams, 1 to 2^64 - 1, or from 0 with `zero`. `field`: the JSON pointer of the quantity element, for the
    error.
    """
    if not isinstance(uom, str) or uom not in GRAMS_PER_UNIT:
        raise InvalidInput.one(
            f"{field}/uom", "mass.uom", uom, "a mass in KGM, GRM or TNE is needed; counts go in silkroot:cases"
        )
    if isinstance(quantity, bool) or not isinstance(quantity, int | float):
        raise InvalidInput.one(f"{field}/quantity", "mass.number", quantity, "a quantity is a number")
    # repr gives the shortest decimal that is this double: what the sender wrote and what RFC 8785 prints.
    exact = Decimal(repr(quantity))
    if not exact.is_finite():
        raise InvalidInput.one(f"{field}/quantity", "mass.number", quantity, "a quantity is a finite number")
    if exact < 0 or (exact == 0 and not zero):
        raise InvalidInput.one(f"{field}/quantity", "mass.positive", quantity, "a mass is more than nothing")
    numerator, denominator = exact.as_integer_ratio()
    whole, rest = divmod(numerator * GRAMS_PER_UNIT[uom], denominator)
    if rest:
        raise InvalidInput.one(
            f"{field}/quantity", "mass.whole-grams", f"{quantity} {uom}", "not a whole number of grams"
        )
    if whole > UINT64_MAX:
        raise InvalidInput.one(f"{field}/quantity", "mass.range", f"{quantity} {uom}", "more grams than 64 bits hold")
    return Grams(whole)
