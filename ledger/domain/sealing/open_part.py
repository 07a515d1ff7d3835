"""
What of a sealed event is open: the same for every sealing of one request, whatever salts and blind it got; no I/O.

By it a request is known again after what it sealed was erased, without anything of that being kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.domain.epcis.names import expand, prefixes_of
from ledger.domain.own_members import NAMESPACE
from ledger.domain.records import JsonTree
from ledger.domain.sealing.places import SEALED, SEALED_ELEMENT

_GIVEN = ("recordTime", "eventID")
_BLIND = NAMESPACE + "blind"


def open_part(event: JsonTree) -> JsonTree:
    """The event without eventID, recordTime and blind; digests of members are counted, those of elements marked."""
    prefixes = prefixes_of(event.get("@context"))
    top = {key: value for key, value in event.items() if key not in _GIVEN and expand(key, prefixes) != _BLIND}
    return {key: value if key == "@context" else _open(key, value, prefixes) for key, value in top.items()}


def _open(key: str, value: Any, prefixes: Mapping[str, str]) -> Any:
    name = expand(key, prefixes)
    if name == NAMESPACE + SEALED and isinstance(value, list):
        return len(value)
    return "" if name == NAMESPACE + SEALED_ELEMENT else _within(value, prefixes)


def _within(value: Any, prefixes: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _open(key, inner, prefixes) for key, inner in value.items()}
    return [_within(item, prefixes) for item in value] if isinstance(value, list) else value
