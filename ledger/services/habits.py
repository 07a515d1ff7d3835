"""
What a party did last, as its own events tell: the plots, products, growers, receivers and carriers to offer first, and
the next lot code or reference in the row; pure.

Nothing of this is kept anywhere else: a new phone knows it at once, and what is offered was recorded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ledger.domain.actions import Harvest, Intake, Shipment, Transformation
from ledger.domain.digital_link import place_of_uri
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import PartyId, ProductId
from ledger.domain.own_members import own_member
from ledger.domain.records import JsonTree, RecordedEvent

MOST_GROWERS = 60
LONGEST_CODE = 20
_NUMBERED = re.compile(r"(.*?)([0-9]+)([^0-9]*)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Grower:
    """Of whom was bought before: a roster code, never a name, and the village."""

    roster: str
    village: str


@dataclass(frozen=True, slots=True)
class Habits:
    """
    Each tuple has what was used last first. `plots` and `places` are as `GLN` or `GLN/EXT`; `codes` are lot codes by
    what they were made in: "harvest", "intake", "pack"; `references` are the numbers of shipments, `tickets` those of
    deliveries.
    """

    plots: tuple[str, ...] = ()
    harvested: tuple[ProductId, ...] = ()
    bought: tuple[ProductId, ...] = ()
    packed: tuple[ProductId, ...] = ()
    growers: tuple[Grower, ...] = ()
    places: tuple[str, ...] = ()
    receivers: tuple[PartyId, ...] = ()
    carriers: tuple[PartyId, ...] = ()
    vehicles: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    tickets: tuple[str, ...] = ()
    codes: dict[str, tuple[str, ...]] = field(default_factory=dict)


def habits_of(events: Iterable[RecordedEvent]) -> Habits:
    """The habits behind a party's own events, the newest first."""
    found: dict[str, dict[Any, None]] = {}

    def note(name: str, *values: Any) -> None:
        found.setdefault(name, {}).update(dict.fromkeys(value for value in values if value))

    for event in events:
        body, action = event.body, event.proof.action
        match action:
            case Harvest():
                note("plots", _place(body))
                note("harvested", action.product)
                note("harvest", action.lot_code)
            case Intake():
                note("places", _place(body))
                note("bought", action.product)
                note("intake", action.lot_code)
                rows = _rows(body, "intake")
                note("growers", *(Grower(str(row.get("roster", "")), str(row.get("village", ""))) for row in rows))
                note("tickets", *(str(row.get("ticket", "")) for row in reversed(rows)))
            case Transformation():
                note("places", _place(body))
                note("packed", *(output.product for output in action.outputs))
                note("pack", *(output.lot_code for output in reversed(action.outputs)))
            case Shipment():
                note("places", _place(body))
                note("receivers", action.receiver)
                note("references", reference_number(action.consignment_ref))
                note("carriers", _party(body, "carrier"))
                note("vehicles", _text(body, "vehicle"))
    lists = {name: tuple(values) for name, values in found.items()}
    codes = {kind: lists.pop(kind, ()) for kind in ("harvest", "intake", "pack")}
    return Habits(**{**lists, "growers": lists.get("growers", ())[:MOST_GROWERS]}, codes=codes)


def next_code(used: Sequence[str], start: str, is_free: Callable[[str], bool] = lambda code: True) -> str:
    """
    The code after the last one that was used (`used`, newest first): its last number plus one, as many digits, the
    first that is free; `start` where none was used. "" where there is none.
    """
    code = used[0] if used else start
    if not used and is_free(code):
        return code
    for _attempt in range(1_000):
        if (match := _NUMBERED.match(code)) is None:
            code = f"{code}-2"
        else:
            code = f"{match[1]}{int(match[2]) + 1:0{len(match[2])}d}{match[3]}"
        if len(code) > LONGEST_CODE:
            return ""
        if is_free(code):
            return code
    return ""


def reference_number(reference: str) -> str:
    """A consignment's reference as it stands on paper: the shipper's own number, or the SSCC."""
    return reference.rpartition(":" if reference.startswith("urn:") else "/")[2]


def first_code(prefix: str, day: date) -> str:
    """What a party's first lots are called until it says otherwise: `H-0805-1`."""
    return f"{prefix}-{day:%m%d}-1"


def _place(body: JsonTree) -> str:
    point = body.get("readPoint")
    uri = point.get("id") if isinstance(point, dict) else None
    try:
        place = place_of_uri(uri) if isinstance(uri, str) else None
    except InvalidInput:
        return ""
    return "" if place is None else f"{place[0]:013d}/{place[1]}" if place[1] else f"{place[0]:013d}"


def _rows(body: JsonTree, name: str) -> list[JsonTree]:
    found = own_member(body, name)
    rows = found[1] if found else []
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _text(body: JsonTree, name: str) -> str:
    found = own_member(body, name)
    return found[1] if found and isinstance(found[1], str) else ""


def _party(body: JsonTree, name: str) -> PartyId | None:
    text = _text(body, name)
    return PartyId(int(text)) if text.isascii() and text.isdigit() else None
