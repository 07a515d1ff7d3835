"""
Finds Silkroot's own members of an event by their expanded name, whatever prefix the event declares; no I/O.

JSON-LD 1.1, section 4.4 "Compact IRIs": under the context entry `{"sr": "https://silkroot.example/epcis/"}`, `sr:party`
is the member `silkroot:party`. Two members of one expanded name would let a reader and a signer see different values,
so they are refused. Raises `InvalidEvent`.
"""

from __future__ import annotations

from typing import Any

from ledger.domain.epcis.names import expand, prefixes_of
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
        "corrects",
        "culls",
        "driver",
        "intake",
        "leg",
        "limits",
        "logger",
        "notice",
        "over",
        "party",
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


def keys_of(event: JsonTree, local_name: str) -> list[str]:
    """The keys at the event's top level that expand to our member of that name."""
    prefixes = prefixes_of(event.get("@context"))
    return [key for key in event if expand(key, prefixes) == NAMESPACE + local_name]


def own_members(event: JsonTree) -> dict[str, tuple[str, Any]]:
    """All our members at the event's top level by their local names: JSON pointer and value of each."""
    prefixes = prefixes_of(event.get("@context"))
    keys: dict[str, str] = {}
    for key in event:
        name = expand(key, prefixes)
        if name.startswith(NAMESPACE):
            other = keys.setdefault(name.removeprefix(NAMESPACE), key)
            if other != key:
                raise InvalidEvent.one(
                    f"/{pointer(key)}", "silkroot.twice", f"{other} and {key}", "the same member under two prefixes"
                )
    return {name: (f"/{pointer(key)}", event[key]) for name, key in keys.items()}


def own_member(event: JsonTree, local_name: str) -> tuple[str, Any] | None:
    """The JSON pointer and the value of our member of that name; None where the event has none."""
    keys = keys_of(event, local_name)
    if len(keys) > 1:
        raise InvalidEvent.one(
            f"/{pointer(keys[1])}", "silkroot.twice", " and ".join(keys), "the same member under two prefixes"
        )
    return (f"/{pointer(keys[0])}", event[keys[0]]) if keys else None


def pointer(key: str) -> str:
    """A key as a JSON pointer's reference token (RFC 6901, section 3)."""
    return key.replace("~", "~0").replace("/", "~1")
