"""
The events of a message: one event, or a JSON array of events; no I/O.

Raises `InvalidInput`: `gateway.size`, `gateway.form`, `gateway.count`, and what strict JSON is refused for (`json.…`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ledger.domain.epcis.view import EVENT_TYPES
from ledger.domain.errors import InvalidInput
from ledger.domain.json_tree import parse_json
from ledger.domain.records import JsonTree


@dataclass(frozen=True, slots=True)
class PayloadLimits:
    """`bytes` of one message, and `events` in it."""

    bytes: int = 1024 * 1024
    events: int = 1_000


def events_of_payload(payload: bytes, limits: PayloadLimits) -> list[JsonTree]:
    """The events in their order, unchecked but for being objects with the type of an event."""
    if len(payload) > limits.bytes:
        message = f"a message has at most {limits.bytes} bytes"
        raise InvalidInput.one("", "gateway.size", len(payload), message)
    tree = parse_json(payload)
    events: list[Any] = tree if isinstance(tree, list) else [tree]
    if not 1 <= len(events) <= limits.events:
        message = f"a message holds 1 to {limits.events} events"
        raise InvalidInput.one("", "gateway.count", len(events), message)
    for index, event in enumerate(events):
        kind = event.get("type") if isinstance(event, dict) else None
        if not isinstance(kind, str) or kind not in EVENT_TYPES:
            at = f"/{index}/type" if isinstance(tree, list) else "/type"
            message = "a message is an EPCIS event, or an array of them"
            raise InvalidInput.one(at, "gateway.form", kind if kind is not None else type(event).__name__, message)
    return events
