"""
Reads from an EPCIS event what the ledger's actions are made of: parties, lots, masses, references; no I/O.

Every function is total: for any tree of JSON values it gives a value or raises `InvalidEvent` with the JSON pointer,
the rule and the value. Source: EPCIS 2.0, sections 7.3 and 7.4 (quantity elements, sources, destinations, business
transactions).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ledger.domain.digital_link import lot_of_class, parse_party, party_of_uri
from ledger.domain.epcis.names import bare_word
from ledger.domain.errors import InvalidEvent, InvalidInput
from ledger.domain.identifiers import Grams, LotId, LotRef, PartyId
from ledger.domain.own_members import own_member, own_members, own_names
from ledger.domain.quantities import grams
from ledger.domain.records import JsonTree

QUANTITY_LISTS = ("quantityList", "inputQuantityList", "outputQuantityList", "childQuantityList")
OWN_LINES = ("receipt", "over", "settlement")
"""Our members that are lists of lots."""
_NAMING_LOTS = frozenset({*OWN_LINES, "was"})

_PARTY = re.compile(r"[0-9]{13}\Z|[1-9][0-9]{13,19}\Z")

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Portion:
    """One element of a quantity list that moves: the lot by its names, its grams, and where it stands."""

    ref: LotRef
    lot: LotId
    grams: Grams
    pointer: str


def acting_party(event: JsonTree) -> PartyId:
    """The party that acts and signs: `silkroot:party`, at least 13 decimal digits, a GLN's check digit checked."""
    found = own_member(event, "party")
    if found is None:
        raise InvalidEvent.one("/silkroot:party", "silkroot.party", "", "the event does not name the party that acts")
    return party_at(*found)


def party_at(pointer: str, value: object) -> PartyId:
    """A party by its number, at least 13 decimal digits as text, a GLN's check digit checked."""
    if isinstance(value, str) and (known := _parties.get(value)) is not None:
        return known
    if not isinstance(value, str) or not _PARTY.match(value):
        raise InvalidEvent.one(pointer, "silkroot.party", value, "a party is a number of 13 or more digits, as text")
    party = _at(pointer, parse_party, value)
    if len(_parties) >= _MOST_PARTIES:
        _parties.clear()
    _parties[value] = party
    return party


_MOST_PARTIES = 1024
_parties: dict[str, PartyId] = {}
"""What was read and is a party; each event is asked for its own several times."""


def lots_of(event: JsonTree) -> tuple[LotRef, ...]:
    """Every lot that a quantity list, or a list of ours, names, once, in ascending order of lot id."""
    found: dict[LotId, LotRef] = {}
    elements = [element for member in QUANTITY_LISTS if member in event for element in elements_of(event, member)]
    if not _NAMING_LOTS.isdisjoint(own_names(event)):
        for name, (where, value) in own_members(event).items():
            if name in OWN_LINES:
                elements += objects_in(where, value)
            elif name == "was" and isinstance(value, dict):
                for side in ("inputs", "outputs"):
                    elements += objects_in(f"{where}/{side}", value.get(side))
    for pointer, element in elements:
        ref = lot_at(f"{pointer}/epcClass", element.get("epcClass"))
        if ref is not None:
            found[ref.id] = ref
    return tuple([found[lot] for lot in sorted(found)])


def portions_of(event: JsonTree, member: str, *, zero: bool = False) -> tuple[Portion, ...]:
    """
    The elements of a quantity list in the event's order; each needs a lot and a mass, and no lot stands twice. `zero`:
    a mass may be nothing, as in corrections.
    """
    portions: list[Portion] = []
    seen: dict[LotId, str] = {}
    for pointer, element in elements_of(event, member):
        ref = lot_at(f"{pointer}/epcClass", element.get("epcClass"))
        if ref is None:
            raise InvalidEvent.one(
                f"{pointer}/epcClass", "line.lot", element.get("epcClass"), "what moves is named by product and lot"
            )
        lot = ref.id
        if lot in seen:
            raise InvalidEvent.one(
                f"{pointer}/epcClass", "line.twice", element.get("epcClass"), f"the lot stands at {seen[lot]} already"
            )
        seen[lot] = pointer
        try:
            mass = grams(element.get("quantity"), element.get("uom"), pointer, zero=zero)
        except InvalidInput as error:
            raise InvalidEvent(error.violations) from None
        portions.append(Portion(ref, lot, mass, pointer))
    return tuple(portions)


def possessing_party(event: JsonTree, member: str, key: str) -> tuple[str, PartyId]:
    """Pointer and value of the one possessing_party in `sourceList` (key `source`) or `destinationList`."""
    found = [
        (f"{pointer}/{key}", element.get(key))
        for pointer, element in elements_of(event, member)
        if cbv_word(element.get("type")) == "possessing_party"
    ]
    pointer, value = _only(found, f"/{member}", "handoff.party", "exactly one possessing_party is needed")
    return pointer, _at(pointer, party_of_uri, value)


def consignment_reference(event: JsonTree) -> str:
    """The value of the one business transaction of type `desadv`, or, if there is none, of type `bol`."""
    return _only(
        _transactions(event, "desadv") or _transactions(event, "bol"),
        "/bizTransactionList",
        "handoff.reference",
        "exactly one business transaction of type desadv (or, without it, bol) is needed",
    )[1]


def return_reference(event: JsonTree, *, needed: bool) -> str:
    """The value of the one business transaction of type `rma`; "" where none is needed, and then there is none."""
    found = _transactions(event, "rma")
    if not needed and not found:
        return ""
    message = "one business transaction of type rma is needed where something is refused, and none elsewhere"
    if not needed:
        raise InvalidEvent.one(found[0][0], "handoff.return-reference", found[0][1], message)
    return _only(found, "/bizTransactionList", "handoff.return-reference", message)[1]


def _transactions(event: JsonTree, kind: str) -> list[tuple[str, Any]]:
    return [
        (f"{pointer}/bizTransaction", element.get("bizTransaction"))
        for pointer, element in elements_of(event, "bizTransactionList")
        if cbv_word(element.get("type")) == kind
    ]


def elements_of(event: JsonTree, member: str) -> list[tuple[str, JsonTree]]:
    """The objects of a list member, each with its JSON pointer; empty where the event has no such member."""
    value = event.get(member)
    if value is None:
        return []
    if not isinstance(value, list):
        raise InvalidEvent.one(f"/{member}", "epcis.list", value, "not a list")
    for index, element in enumerate(value):
        if not isinstance(element, dict):
            raise InvalidEvent.one(f"/{member}/{index}", "epcis.object", element, "not an object")
    return [(f"/{member}/{index}", element) for index, element in enumerate(value)]


def objects_in(pointer: str, value: object) -> list[tuple[str, JsonTree]]:
    """The objects of a list of ours, each with its JSON pointer."""
    if not isinstance(value, list) or not all(isinstance(element, dict) for element in value):
        raise InvalidEvent.one(pointer, "silkroot.member", value, "a list of objects is needed")
    return [(f"{pointer}/{index}", element) for index, element in enumerate(value)]


def cbv_word(value: object) -> str:
    """The bare word of a CBV value in any of its forms; another URI as it stands; "" for what is no text."""
    return bare_word(value) if isinstance(value, str) else ""


def lot_at(pointer: str, value: object) -> LotRef | None:
    """The lot that an `epcClass` names; None where it names none."""
    if not isinstance(value, str):
        raise InvalidEvent.one(pointer, "epcis.uri", value, "an epcClass is needed here")
    return _at(pointer, lot_of_class, value)


def _only(found: Sequence[tuple[str, Any]], pointer: str, rule: str, message: str) -> tuple[str, str]:
    if len(found) != 1:
        raise InvalidEvent.one(pointer, rule, f"{len(found)} found", message)
    where, value = found[0]
    if not isinstance(value, str) or not value:
        raise InvalidEvent.one(where, rule, value, "not a text")
    return where, value


def _at(pointer: str, read: Callable[[str], _T], value: str) -> _T:
    """Reads the value; what is wrong with it is reported at the pointer."""
    try:
        return read(value)
    except InvalidInput as error:
        raise InvalidEvent([replace(violation, field=pointer) for violation in error.violations]) from None
