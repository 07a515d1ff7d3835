"""
What of an event is searched by: its row in `event_index`, made from the event's body; no I/O.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ledger.adapters.sql_store.columns import id_hash, key_text
from ledger.domain.question_names import bare_word, microseconds, place_name


def index_row(sequence: int, party: int, body: dict[str, Any]) -> dict[str, Any]:
    """The event's row. A body that somebody damaged gives what can be read of it, and the beginning of time."""
    step = body.get("bizStep")
    return {
        "sequence": sequence,
        "event_time": time_of(body.get("eventTime")),
        "event_type": str(body.get("type", ""))[:32],
        "party": party,
        "biz_step": key_text(bare_word(step)) if isinstance(step, str) else None,
        "read_point": _place_of(body.get("readPoint")),
        "biz_location": _place_of(body.get("bizLocation")),
        "is_declaration": "errorDeclaration" in body,
        "declared_id": id_hash(str(body.get("eventID", ""))) if "errorDeclaration" in body else None,
    }


def time_of(text: object) -> int:
    """An event's time in Unix microseconds; 0 where it cannot be read."""
    try:
        return microseconds(datetime.fromisoformat(str(text)))
    except (TypeError, ValueError):
        return 0


def _place_of(place: object) -> str | None:
    if isinstance(place, dict):
        place = place.get("id")
    return key_text(place_name(place)) if isinstance(place, str) else None
