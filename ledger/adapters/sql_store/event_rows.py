"""
What of an event is searched by: its row in `event_index`, made from the event's body; no I/O.

Names are stored in one form, however they were written: business steps as bare words, places as GS1 Digital Links.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ledger.domain.digital_link import place_of_uri, place_uri
from ledger.domain.epcis.names import bare_word
from ledger.domain.errors import InvalidInput

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def index_row(sequence: int, party: int, body: dict[str, Any]) -> dict[str, Any]:
    """The event's row. A body that somebody damaged gives what can be read of it, and the beginning of time."""
    step = body.get("bizStep")
    return {
        "sequence": sequence,
        "event_time": _time_of(body.get("eventTime")),
        "event_type": str(body.get("type", ""))[:32],
        "party": party,
        "biz_step": bare_word(step) if isinstance(step, str) else None,
        "read_point": _place_of(body.get("readPoint")),
        "biz_location": _place_of(body.get("bizLocation")),
        "is_declaration": "errorDeclaration" in body,
    }


def microseconds(moment: datetime) -> int:
    """Unix microseconds of a time with a zone, exactly."""
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def place_name(uri: str) -> str:
    """A place in the one form in which it is stored and asked for; what is no GS1 place stays as it is."""
    try:
        place = place_of_uri(uri)
    except InvalidInput:
        return uri
    return uri if place is None else place_uri(*place)


def _time_of(text: object) -> int:
    try:
        return microseconds(datetime.fromisoformat(str(text)))
    except (TypeError, ValueError):
        return 0


def _place_of(place: object) -> str | None:
    if isinstance(place, dict):
        place = place.get("id")
    return place_name(place) if isinstance(place, str) else None
