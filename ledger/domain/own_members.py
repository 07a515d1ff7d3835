"""
Finds Silkroot's own members of an event by their expanded name, whatever prefix the event declares; no I/O.

JSON-LD 1.1, section 4.4 "Compact IRIs": under the context entry `{"sr": "https://silkroot.example/epcis/"}`, `sr:party`
is the member `silkroot:party`. Two members of one expanded name would let a reader and a signer see different values,
so they are refused. Raises `InvalidEvent`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from ledger.domain.epcis.names import Frozen, expand, frozen_context, prefixes_of, prefixes_of_frozen
from ledger.domain.errors import InvalidEvent
from ledger.domain.records import JsonTree

NAMESPACE = "https://silkroot.example/epcis/"
PREFIX = "silkroot"
OWN_MEMBERS = frozenset(
    {
        "airLeg",
        "alone",
        "blind",
        "carrier",
        "cases",
        "certificate",
        "corrects",
        "culls",
        "driver",
        "expectedArrival",
        "intake",
        "leg",
        "limits",
        "logger",
        "notice",
        "over",
        "party",
        "photos",
        "person",
        "pledge",
        "pledgeRelease",
        "plot",
        "processLoss",
        "reason",
        "receipt",
        "remainder",
        "seal",
        "season",
        "settlement",
        "vehicle",
        "void",
        "was",
        "yield",
    }
)
"""The members that we give a meaning, by local name; docs/events.md says which."""

_MOST_KEYS, _LONGEST = 64, 2048


class _Found(NamedTuple):
    """Our members among an event's keys. `places`: pointer and key by local name, of names that stand once."""

    keys: tuple[tuple[str, str], ...]
    places: dict[str, tuple[str, str]]
    is_twice: bool


def keys_of(event: JsonTree, local_name: str) -> list[str]:
    """The keys at the event's top level that expand to our member of that name."""
    return [key for name, key in own_keys(event) if name == local_name]


def own_members(event: JsonTree) -> dict[str, tuple[str, Any]]:
    """All our members at the event's top level by their local names: JSON pointer and value of each."""
    found = _found(event)
    if not found.is_twice:
        return {name: (at, event[key]) for name, (at, key) in found.places.items()}
    names: dict[str, str] = {}
    for name, key in found.keys:
        if name in names:
            raise _twice([names[name], key])
        names[name] = key
    raise AssertionError("a name that stands twice was there")


def own_member(event: JsonTree, local_name: str) -> tuple[str, Any] | None:
    """The JSON pointer and the value of our member of that name; None where the event has none."""
    found = _found(event)
    if (place := found.places.get(local_name)) is not None:
        return place[0], event[place[1]]
    if found.is_twice and len(keys := [key for name, key in found.keys if name == local_name]) > 1:
        raise _twice(keys)
    return None


def own_names(event: JsonTree) -> Collection[str]:
    """The local names of our members at the event's top level; raises as `own_members`."""
    found = _found(event)
    return own_members(event) if found.is_twice else found.places


def own_keys(event: JsonTree) -> tuple[tuple[str, str], ...]:
    """Local name and key of each of our members at the event's top level, in its order."""
    return _found(event).keys


def _found(event: JsonTree) -> _Found:
    keys, context = tuple(event), event.get("@context")
    frozen = frozen_context(context)
    known_keys, known_frozen, answer = _last[0]
    # One and the same value: events that come together mostly have one, and looking it up takes its hash.
    if frozen is known_frozen and keys == known_keys:
        return answer
    if frozen is None or len(keys) > _MOST_KEYS or len("".join(keys)) > _LONGEST:
        return _found_among(keys, prefixes_of(context))
    answer = _remembered(keys, frozen)
    _last[0] = keys, frozen, answer
    return answer


@lru_cache(maxsize=512)
def _remembered(keys: tuple[str, ...], frozen: Frozen) -> _Found:
    return _found_among(keys, prefixes_of_frozen(frozen))


def _found_among(keys: tuple[str, ...], prefixes: Mapping[str, str]) -> _Found:
    names = ((expand(key, prefixes), key) for key in keys)
    ours = tuple((name.removeprefix(NAMESPACE), key) for name, key in names if name.startswith(NAMESPACE))
    times = Counter(name for name, _ in ours)
    places = {name: (f"/{pointer(key)}", key) for name, key in ours if times[name] == 1}
    return _Found(ours, places, len(places) < len(ours))


_last: list[tuple[tuple[str, ...], Frozen, _Found]] = [((), (), _Found((), {}, False))]
"""Keys, context and answer of the event that was asked of last."""


def _twice(keys: list[str]) -> InvalidEvent:
    message = "the same member under two prefixes"
    return InvalidEvent.one(f"/{pointer(keys[1])}", "silkroot.twice", " and ".join(keys), message)


def pointer(key: str) -> str:
    """A key as a JSON pointer's reference token (RFC 6901, section 3)."""
    return key.replace("~", "~0").replace("/", "~1")
