"""
An event's own rows, as tuples in the order of their tables' columns: what is stored of it in `events`, and what it is
searched by in `event_index`, made from the event's body; no I/O.
"""

from __future__ import annotations

import hashlib
from typing import Any

from ledger.adapters.sql_store.codec import EVENT_DIGESTED, digest_template
from ledger.adapters.sql_store.columns import key_text
from ledger.domain.new_events import NewEvent
from ledger.domain.searched import Searched, event_time_of, searched_of

Row = tuple[Any, ...]
_CLAIMING = digest_template(EVENT_DIGESTED, (int, bytes, str, str, bytes, int, bytes, bytes, int))
_DECLARING = digest_template(EVENT_DIGESTED, (int, bytes, str, type(None), bytes, int, bytes, bytes, int))
_NOTHING = b"None"
_INDEXED = (
    "sequence", "event_time", "event_type", "party", "biz_step", "read_point", "biz_location", "is_declaration",
    "event_id",
)  # fmt: skip


def event_row(sequence: int, event: NewEvent, proof: bytes, record_time: int) -> Row:
    """The row in `events`, its digest the last: what `codec.row_digest` makes of the columns before it."""
    content, event_id, mac, party, body = event.content_hash, event.event_id, event.request_mac, event.party, event.body
    number, named, by, time = b"%d" % sequence, event_id.encode(), b"%d" % party, b"%d" % record_time
    if event.is_declaration:
        template, claimed, claim = _DECLARING, None, _NOTHING
    else:
        template, claimed = _CLAIMING, key_text(event_id)
        claim = named if claimed is event_id else claimed.encode()
    hashed = template % (
        len(number), number, len(content), content, len(named), named, len(claim), claim, len(mac), mac, len(by), by,
        len(body), body, len(proof), proof, len(time), time,
    )  # fmt: skip
    digest = hashlib.sha256(hashed).digest()
    return sequence, content, event_id, claimed, mac, party, body, proof, record_time, digest


def searched_row(sequence: int, time: int, party: int, event_id: str, searched: Searched) -> Row:
    """The row in `event_index`."""
    return (
        sequence,
        time,
        searched.event_type,
        party,
        _key(searched.biz_step),
        _key(searched.read_point),
        _key(searched.biz_location),
        searched.is_declaration,
        key_text(event_id),
    )


def index_row(sequence: int, party: int, body: dict[str, Any]) -> dict[str, Any]:
    """
    The same by name, from the event's body. One that somebody damaged gives what can be read of it, and the beginning
    of time.
    """
    row = searched_row(sequence, event_time_of(body), party, str(body.get("eventID", "")), searched_of(body))
    return dict(zip(_INDEXED, row, strict=True))


def _key(text: str | None) -> str | None:
    return None if text is None else key_text(text)
