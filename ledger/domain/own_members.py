"""
Finds Silkroot's own members of an event by their expanded name, whatever prefix the event declares; no I/O.

JSON-LD 1.1, section 4.4 "Compact IRIs": under the context entry `{"sr": "https://silkroot.example/epcis/"}`, `sr:party`
is the member `silkroot:party`. Two members of one expanded name would let a reader and a signer see different values,
so they are refused. Raises `InvalidEvent`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

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


def keys_of(event: JsonTree, local_name: str) -> list[str]:
    """The keys at the event's top level that expand to our member of that name."""
    return [key for name, key in own_keys(event) if name == local_name]


def own_members(event: JsonTree) -> dict[str, tuple[str, Any]]:
    """All our members at the event's top level by their local names: JSON pointer and value of each."""
    members: dict[str, tuple[str, Any]] = {}
    for name, key in own_keys(event):
        if name in members:
            other = next(one for known, one in own_keys(event) if known == name)
            raise InvalidEvent.one(
                f"/{pointer(key)}", "silkroot.twice", f"{other} and {key}", "the same member under two prefixes"
            )
        members[name] = (f"/{pointer(key)}", event[key])
    return members


def own_member(event: JsonTree, local_name: str) -> tuple[str, Any] | None:
    """The JSON pointer and the value of our member of that name; None where the event has none."""
    keys = keys_of(event, local_name)
    if len(keys) > 1:
        raise InvalidEvent.one(
            f"/{pointer(keys[1])}", "silkroot.twice", " and ".join(keys), "the same member under two prefixes"
        )
    return (f"/{pointer(keys[0])}", event[keys[0]]) if keys else None


def own_keys(event: JsonTree) -> tuple[tuple[str, str], ...]:
    """Local name and key of each of our members at the event's top level, in its order."""
    keys, context = tuple(event), event.get("@context")
    frozen = frozen_context(context)
    known_keys, known_frozen, answer = _last[0]
    # One and the same value: events that come together mostly have one, and looking it up takes its hash.
    if frozen is known_frozen and keys == known_keys:
        return answer
    if frozen is None or len(keys) > _MOST_KEYS or len("".join(keys)) > _LONGEST:
        return _own_among(keys, prefixes_of(context))
    answer = _remembered_keys(keys, frozen)
    _last[0] = keys, frozen, answer
    return answer


_last: list[tuple[tuple[str, ...], Frozen, tuple[tuple[str, str], ...]]] = [((), (), ())]
"""Keys, context and answer of the event that was asked of last."""


@lru_cache(maxsize=512)
def _remembered_keys(keys: tuple[str, ...], frozen: Frozen) -> tuple[tuple[str, str], ...]:
    return _own_among(keys, prefixes_of_frozen(frozen))


def _own_among(keys: tuple[str, ...], prefixes: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    names = ((expand(key, prefixes), key) for key in keys)
    return tuple((name.removeprefix(NAMESPACE), key) for name, key in names if name.startswith(NAMESPACE))


def pointer(key: str) -> str:
    """A key as a JSON pointer's reference token (RFC 6901, section 3)."""
    return key.replace("~", "~0").replace("/", "~1")
