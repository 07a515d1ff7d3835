"""
Finds Silkroot's own members of an event by their expanded name, whatever prefix the event declares; no I/O.

JSON-LD 1.1, section 4.4 "Compact IRIs": under the context entry `{"sr": "https://silkroot.example/epcis/"}`, `sr:party`
is the member `silkroot:party`. Two members of one expanded name would let a reader and a signer see different values,
so they are refused. Raises `InvalidEvent`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ledger.domain.errors import InvalidEvent
from ledger.domain.records import JsonTree

NAMESPACE = "https://silkroot.example/epcis/"
PREFIX = "silkroot"


def prefixes_of(context: object) -> dict[str, str]:
    """The prefixes that a JSON-LD context declares inline; a later entry replaces an earlier one."""
    prefixes: dict[str, str] = {}
    for part in context if isinstance(context, list) else [context]:
        if isinstance(part, dict):
            prefixes.update({name: value for name, value in part.items() if isinstance(value, str)})
    return prefixes


def keys_of(event: JsonTree, local_name: str) -> Iterator[str]:
    """The keys at the event's top level that expand to our member of that name."""
    wanted = NAMESPACE + local_name
    prefixes = prefixes_of(event.get("@context"))
    for key in event:
        prefix, colon, local = key.partition(":")
        if key == wanted or (colon and prefix in prefixes and prefixes[prefix] + local == wanted):
            yield key


def own_member(event: JsonTree, local_name: str) -> tuple[str, Any] | None:
    """The JSON pointer and the value of our member of that name; None where the event has none."""
    keys = list(keys_of(event, local_name))
    if len(keys) > 1:
        raise InvalidEvent.one(
            f"/{pointer(keys[1])}", "silkroot.twice", " and ".join(keys), "the same member under two prefixes"
        )
    return (f"/{pointer(keys[0])}", event[keys[0]]) if keys else None


def pointer(key: str) -> str:
    """A key as a JSON pointer's reference token (RFC 6901, section 3)."""
    return key.replace("~", "~0").replace("/", "~1")
