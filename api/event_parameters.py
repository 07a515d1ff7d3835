"""
The parameters by which events are searched, out of a query string: those of the EPCIS 2.0 REST interface that have an
index here, and the party. Several values of one parameter are separated by `|`, as the standard has it.

Raises `InvalidInput`, which names parameter, rule and value; a parameter that is not known here is refused, since an
answer that ignores it would be another answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ledger.domain.digital_link import lot_of_class, parse_party, party_of_uri
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import LotId, PartyId
from ledger.domain.paging import key_of, number_in, token_of
from ledger.domain.question_names import bare_word, microseconds, place_name
from ledger.ports_questions import EventPlace, EventQuestion

PER_PAGE, MOST_PER_PAGE = 30, 1000
"""What the standard gives as default, and the most here."""
MOST_VALUES = 20
"""Values of one parameter."""
PARTY = "EQ_silkroot:party"
EVENT_TYPES = ("AggregationEvent", "AssociationEvent", "ObjectEvent", "TransactionEvent", "TransformationEvent")


@dataclass(frozen=True, slots=True)
class EventRequest:
    """A question, and which page of its answer is asked for."""

    question: EventQuestion
    after: EventPlace | None = None
    per_page: int = PER_PAGE


def read_request(pairs: Sequence[tuple[str, str]]) -> EventRequest:
    """The request in the pairs of a query string."""
    members: dict[str, Any] = {}
    page = EventRequest(EventQuestion())
    seen: set[str] = set()
    for name, text in pairs:
        if name in seen:
            raise InvalidInput.one(name, "parameter.repeated", text, "the parameter stands twice: write its values a|b")
        seen.add(name)
        if name == "perPage":
            page = replace(page, per_page=_per_page(text))
        elif name == "nextPageToken":
            page = replace(page, after=_place(text))
        elif name in _READERS:
            member, read = _READERS[name]
            members[member] = read(name, text)
        else:
            raise InvalidInput.one(name, "parameter.unknown", text, _HINTS.get(name, _UNKNOWN))
    return replace(page, question=EventQuestion(**members))


def token_of_place(place: EventPlace) -> str:
    """The token of the page behind that place."""
    return token_of(*place)


def _place(token: str) -> EventPlace:
    time, sequence = key_of(token, 2)
    return number_in(time, token), number_in(sequence, token)


def _per_page(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST_PER_PAGE):
        raise InvalidInput.one("perPage", "parameter.range", text, f"perPage is a number from 1 to {MOST_PER_PAGE}")
    return int(text)


def _time(name: str, text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        message = "a time is ISO 8601 with a zone, such as 2026-08-05T12:00:00Z or, with its plus escaped, ...%2B08:00"
        raise InvalidInput.one(name, "parameter.time", text, message)
    return microseconds(moment)


def _flag(name: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise InvalidInput.one(name, "parameter.flag", text, "write true or false")
    return text == "true"


def _values(name: str, text: str) -> tuple[str, ...]:
    values = tuple(dict.fromkeys(text.split("|")))
    if not all(values) or len(values) > MOST_VALUES or "\0" in text:
        message = f"give one to {MOST_VALUES} values, separated by |, none of them empty"
        raise InvalidInput.one(name, "parameter.values", text, message)
    return values


def _types(name: str, text: str) -> tuple[str, ...]:
    values = _values(name, text)
    if unknown := [value for value in values if value not in EVENT_TYPES]:
        message = f"there are events of the types {', '.join(EVENT_TYPES)}"
        raise InvalidInput.one(name, "parameter.event-type", unknown[0], message)
    return values


def _steps(name: str, text: str) -> tuple[str, ...]:
    return tuple(map(bare_word, _values(name, text)))


def _places(name: str, text: str) -> tuple[str, ...]:
    return tuple(map(place_name, _values(name, text)))


def _lots(name: str, text: str) -> tuple[LotId, ...]:
    lots = []
    for value in _values(name, text):
        try:
            lot = lot_of_class(value)
        except InvalidInput:
            lot = None
        if lot is None:
            message = "lots are asked for: a Digital Link with AI 01 and 10, or an lgtin URN, without wildcards"
            raise InvalidInput.one(name, "parameter.lot", value, message)
        lots.append(lot.id)
    return tuple(lots)


def _parties(name: str, text: str) -> tuple[PartyId, ...]:
    parties = []
    for value in _values(name, text):
        try:
            parties.append(party_of_uri(value) if ":" in value else parse_party(value))
        except InvalidInput as error:
            message = "a party is a GLN, a number from 10^13 up, or its URI"
            raise InvalidInput.one(name, "parameter.party", value, message) from error
    return tuple(parties)


_READERS: dict[str, tuple[str, Callable[[str, str], Any]]] = {
    "GE_eventTime": ("since", _time),
    "LT_eventTime": ("before", _time),
    "eventType": ("types", _types),
    "EQ_bizStep": ("steps", _steps),
    "EQ_readPoint": ("read_points", _places),
    "EQ_bizLocation": ("locations", _places),
    "MATCH_anyEPCClass": ("lots", _lots),
    PARTY: ("parties", _parties),
    "EQ_eventID": ("event_ids", _values),
    "EXISTS_errorDeclaration": ("declarations", _flag),
}
PARAMETERS = (*_READERS, "perPage", "nextPageToken")
"""All that are understood."""
_UNKNOWN = f"events are searched by {', '.join(PARAMETERS)}"
_HINTS = {"EQ_type": "EQ_type means the type of a sensor report, which is not searched; eventType that of an event"}
