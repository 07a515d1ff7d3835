"""
Reads what stands in members of ours: grams, seasons, times, parties, lots line by line; no I/O.

Every function is total, like those of `ledger.domain.event_reading`: a value, or `InvalidEvent` with the JSON pointer,
the rule and the value. Numbers are JSON integers; a text or a fraction is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta, timezone

from ledger.domain.errors import InvalidEvent
from ledger.domain.event_reading import lot_at, objects_in
from ledger.domain.identifiers import ContentHash, Grams, LotId, LotRef
from ledger.domain.records import JsonTree
from ledger.domain.times import instant

MAX_INTEGER = 2**53 - 1
FIRST_SEASON, LAST_SEASON = 1900, 2200

_HASH = re.compile(r"[0-9a-f]{64}\Z")
_OFFSET = re.compile(r"([+-])([01][0-9]|2[0-3]):([0-5][0-9])\Z")


@dataclass(frozen=True, slots=True)
class OwnLine:
    """One line of a list of ours: a lot, the grams under each name in the order asked for, and where it stands."""

    ref: LotRef
    lot: LotId
    grams: tuple[Grams, ...]
    pointer: str

    @property
    def total(self) -> Grams:
        """All the line's grams."""
        return Grams(sum(self.grams))


def lines_in(pointer: str, value: object, names: Sequence[str], *, zero: bool = False) -> tuple[OwnLine, ...]:
    """
    A list of `{epcClass, name: grams, ...}` in its order: at least one line, every name in every line, no lot twice,
    and, but for `zero`, at least one gram in every line.
    """
    lines: list[OwnLine] = []
    seen: dict[LotId, str] = {}
    for where, row in objects_in(pointer, value):
        ref = lot_at(f"{where}/epcClass", row.get("epcClass"))
        if ref is None:
            raise InvalidEvent.one(f"{where}/epcClass", "line.lot", row.get("epcClass"), "a line names product and lot")
        if (other := seen.setdefault(ref.id, where)) != where:
            raise InvalidEvent.one(
                f"{where}/epcClass", "line.twice", row.get("epcClass"), f"the lot stands at {other} already"
            )
        line = OwnLine(ref, ref.id, tuple(grams_at(f"{where}/{name}", row.get(name)) for name in names), where)
        if not line.total and not zero:
            raise InvalidEvent.one(where, "line.nothing", row, "a line is about at least one gram")
        lines.append(line)
    if not lines:
        raise InvalidEvent.one(pointer, "silkroot.member", value, "a list with at least one line is needed")
    return tuple(lines)


def object_at(pointer: str, value: object) -> JsonTree:
    """A member that is an object."""
    if not isinstance(value, dict):
        raise InvalidEvent.one(pointer, "silkroot.member", value, "not an object")
    return value


def word_at(pointer: str, value: object, *words: str) -> str:
    """One of those words."""
    if not isinstance(value, str) or value not in words:
        raise InvalidEvent.one(pointer, "silkroot.member", value, f"one of {', '.join(words)} is needed")
    return value


def hash_at(pointer: str, value: object) -> ContentHash:
    """A content hash as 64 lower-case hex digits."""
    if not isinstance(value, str) or not _HASH.match(value):
        raise InvalidEvent.one(pointer, "silkroot.member", value, "a content hash is 64 lower-case hex digits")
    return ContentHash(bytes.fromhex(value))


def grams_at(pointer: str, value: object) -> Grams:
    """0 to 2^53 - 1 grams, the integers that strict JSON has; so that a line's few of them fit 64 bits together."""
    if type(value) is not int or not 0 <= value <= MAX_INTEGER:
        raise InvalidEvent.one(pointer, "silkroot.grams", value, "grams are a whole number from 0 to 2^53 - 1")
    return Grams(value)


def season_at(pointer: str, value: object) -> int:
    """A season: the year 1900 to 2200."""
    if type(value) is not int or not FIRST_SEASON <= value <= LAST_SEASON:
        message = f"a season is a year from {FIRST_SEASON} to {LAST_SEASON}"
        raise InvalidEvent.one(pointer, "silkroot.season", value, message)
    return value


def unix_time_at(pointer: str, value: object) -> int:
    """A time, ISO 8601 with its zone offset and in whole seconds, as Unix seconds."""
    at = instant(pointer, value, "silkroot.time")
    if at.microsecond or at.timestamp() < 0:
        raise InvalidEvent.one(pointer, "silkroot.time", value, "a time in whole seconds, from 1970 on, is needed")
    return int(at.timestamp())


def year_of(event: JsonTree) -> int:
    """The year in which the event happened, by the clocks of the place: its time at its own zone offset."""
    at = instant("/eventTime", event.get("eventTime"), "epcis.time")
    offset = event.get("eventTimeZoneOffset")
    if offset is None:
        return at.year
    match = _OFFSET.match(offset) if isinstance(offset, str) else None
    if match is None:
        raise InvalidEvent.one("/eventTimeZoneOffset", "epcis.time", offset, "an offset is like +08:00")
    distance = timedelta(hours=int(match[2]), minutes=int(match[3]))
    try:
        return at.astimezone(timezone(-distance if match[1] == "-" else distance)).year
    except (ValueError, OverflowError):
        raise InvalidEvent.one("/eventTimeZoneOffset", "epcis.time", offset, "there is no such time") from None
