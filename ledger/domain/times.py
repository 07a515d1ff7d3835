"""
Times of events: ISO 8601 with a zone offset, and Unix milliseconds; no I/O.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from ledger.domain.errors import InvalidEvent

# Hours and minutes are told apart here: what `fromisoformat` takes, 24:00 or +00:99, depends on Python's release.
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_TIME = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{_CLOCK}:[0-5][0-9](?:\.[0-9]+)?(?:Z|[+-]{_CLOCK})\Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def instant(pointer: str, value: object, rule: str) -> datetime:
    """A time, ISO 8601 with its zone offset. `rule`: by which a refusal names what is none."""
    if isinstance(value, str) and _TIME.match(value):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass  # No such day, hour or offset: said below.
    raise InvalidEvent.one(pointer, rule, value, "a time is like 2026-08-05T09:30:00+08:00")


def milliseconds(moment: datetime) -> int:
    """Unix milliseconds, what is finer cut off."""
    return (moment - _EPOCH) // _MILLISECOND


def from_microseconds(microseconds: int) -> datetime:
    """Unix microseconds as a UTC time, exactly."""
    return _EPOCH + timedelta(microseconds=microseconds)
