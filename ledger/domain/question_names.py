"""
The one form in which what events are searched by is stored and asked for, however it was written; no I/O.

Business steps are bare words of the CBV, places GS1 Digital Links, times Unix microseconds.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from ledger.domain.digital_link import place_of_uri, place_uri
from ledger.domain.epcis.names import bare_word
from ledger.domain.errors import InvalidInput

__all__ = ["bare_word", "microseconds", "place_name"]

_REMEMBERED_LENGTH = 256
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(moment: datetime) -> int:
    """Unix microseconds of a time with a zone, exactly."""
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def place_name(uri: str) -> str:
    """The place's Digital Link; what is no GS1 place stays as it is."""
    return _remembered_name(uri) if len(uri) <= _REMEMBERED_LENGTH else _name(uri)


def _name(uri: str) -> str:
    try:
        place = place_of_uri(uri)
        return uri if place is None else place_uri(*place)
    except InvalidInput:
        return uri


_remembered_name = lru_cache(maxsize=1024)(_name)
