"""
A lot's temperature limits, as whoever brought it into being signed them; no I/O.

`silkroot:limits` of a harvest, an intake or a transformation is a list with a line for each lot that has limits:
`{"epcClass": …, "minimum": -500, "maximum": 8000, "tolerance": 60}`, thousandths of a degree Celsius, of which one may
be left out, and degree-minutes that are borne, 0 where none are given. Raises `InvalidEvent`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from ledger.domain.errors import InvalidEvent, InvalidInput
from ledger.domain.event_reading import cbv_word, elements_of, lot_at, objects_in
from ledger.domain.identifiers import LotId, ProductId
from ledger.domain.own_members import keys_of, own_member, own_members
from ledger.domain.own_values import MAX_INTEGER
from ledger.domain.records import JsonTree

COLDEST, HOTTEST = -273_150, 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Thousandths of a degree Celsius, one of both given; `tolerance` in degree-minutes."""

    minimum: int | None
    maximum: int | None
    tolerance: int = 0


LimitsOf = Callable[[ProductId], Limits | None]
"""The limits that master data has for a product."""


def limits_in(pointer: str, value: object, born: Collection[LotId] | None = None) -> dict[LotId, Limits]:
    """
    The limits by lot. `born`: the lots that the event brings into being, of which alone it may state any; None where
    that was asked before.
    """
    found: dict[LotId, Limits] = {}
    rows = objects_in(pointer, value)
    if not rows:
        raise InvalidEvent.one(pointer, "silkroot.member", value, "a list with at least one line is needed")
    for at, row in rows:
        ref = lot_at(f"{at}/epcClass", row.get("epcClass"))
        if ref is None or ref.id in found or (born is not None and ref.id not in born):
            message = "limits are stated once for a lot that the event brings into being"
            raise InvalidEvent.one(f"{at}/epcClass", "limits.lot", row.get("epcClass"), message)
        low, high = (_degrees(f"{at}/{name}", row, name) for name in ("minimum", "maximum"))
        if (low is None and high is None) or (low is not None and high is not None and low > high):
            message = "a minimum, a maximum or both are needed, the minimum not above the maximum"
            raise InvalidEvent.one(at, "limits.range", row, message)
        found[ref.id] = Limits(low, high, _tolerance(f"{at}/tolerance", row.get("tolerance", 0)))
    return found


def limits_of(event: JsonTree, lot: LotId) -> Limits | None:
    """The limits of one lot that an event states; None where it states none, or none that can be read."""
    try:
        found = own_member(event, "limits")
        return None if found is None else limits_in(*found).get(lot)
    except (InvalidInput, AttributeError, TypeError):  # The content check tells of it.
        return None


def with_limits(event: JsonTree, limits_of: LimitsOf) -> JsonTree:
    """The birth of lots with the limits of their products, where it states none itself; any other event as it is."""
    if event.get("type") == "TransformationEvent":
        born = elements_of(event, "outputQuantityList")
    elif event.get("action") == "ADD" and cbv_word(event.get("bizStep")) == "commissioning":
        born = elements_of(event, "quantityList")
    else:
        return event
    if "limits" in (own := own_members(event)) or "corrects" in own or "errorDeclaration" in event:
        return event
    lines = []
    for pointer, element in born:
        ref = lot_at(f"{pointer}/epcClass", element.get("epcClass"))
        limits = None if ref is None else limits_of(ref.product)
        if ref is not None and limits is not None:
            stated = {"minimum": limits.minimum, "maximum": limits.maximum, "tolerance": limits.tolerance or None}
            given = {name: value for name, value in stated.items() if value is not None}
            lines.append({"epcClass": element["epcClass"], **given})
    key = keys_of(event, "party")[0].removesuffix("party") + "limits"
    return event | {key: lines} if lines else event


def _degrees(at: str, row: JsonTree, name: str) -> int | None:
    value = row.get(name)
    if value is None and name not in row:
        return None
    if type(value) is not int or not COLDEST <= value <= HOTTEST:
        message = f"a limit is a whole number of thousandths of a degree Celsius, {COLDEST} to {HOTTEST}"
        raise InvalidEvent.one(at, "limits.degrees", value, message)
    return value


def _tolerance(at: str, value: object) -> int:
    if type(value) is not int or not 0 <= value <= MAX_INTEGER:
        raise InvalidEvent.one(at, "limits.tolerance", value, "a tolerance is a whole number of degree-minutes")
    return value
