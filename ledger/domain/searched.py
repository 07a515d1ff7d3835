"""
What of an event is searched by, made from its body once, where the body is at hand; no I/O.

Of many events all of it is the same but for the time, so equal values are one object as far as they are remembered: a
document of readings has a handful of them.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

import msgspec

from ledger.domain import air_leg, certificates
from ledger.domain.question_names import bare_word, microseconds, place_name
from ledger.domain.records import JsonTree

LONGEST_TYPE = 32
_REMEMBERED_LENGTH = 256


class Searched(msgspec.Struct, frozen=True, gc=False):
    """
    In the form of `question_names`; None where the event does not say, or says what cannot be read. `is_bare`: no
    member can be a certificate or a step of an air leg, so that nobody has to look for one.
    """

    event_type: str
    biz_step: str | None
    read_point: str | None
    biz_location: str | None
    is_declaration: bool
    is_bare: bool


def searched_of(body: JsonTree) -> Searched:
    """What a body says. Of one that somebody damaged, what can be read of it."""
    step = body.get("bizStep")
    names = "\0".join(body)
    parts = (
        str(body.get("type", ""))[:LONGEST_TYPE],
        bare_word(step) if isinstance(step, str) else None,
        _place_of(body.get("readPoint")),
        _place_of(body.get("bizLocation")),
        "errorDeclaration" in body,
        certificates.MEMBER not in names and air_leg.MEMBER not in names,
    )
    if all(len(part) <= _REMEMBERED_LENGTH for part in parts[:4] if part):
        return _remembered(*parts)
    return Searched(*parts)


def event_time_of(body: JsonTree) -> int:
    """An event's time in Unix microseconds; 0 where it cannot be read."""
    try:
        return microseconds(datetime.fromisoformat(str(body.get("eventTime"))))
    except (TypeError, ValueError):
        return 0


_remembered = lru_cache(maxsize=512)(Searched)


def _place_of(place: object) -> str | None:
    if isinstance(place, dict):
        place = place.get("id")
    return place_name(place) if isinstance(place, str) else None
