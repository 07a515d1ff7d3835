"""
An event's own rows, as tuples in the order of their tables' columns: what is stored of it in `events`, and what it is
searched by in `event_index`, made from the event's body; no I/O.
"""

from __future__ import annotations

import hashlib
from typing import Any

from ledger.adapters.sql_store.codec import EVENT_DIGESTED, digest_template
from ledger.adapters.sql_store.columns import id_hash, key_text
from ledger.domain.errors import StoreError
from ledger.domain.new_events import NewEvent
from ledger.domain.searched import Searched, event_time_of, searched_of

Row = tuple[Any, ...]
_NOTHING = b"None"
_TEMPLATES = {
    (claims, has_mac): digest_template(
        EVENT_DIGESTED,
        (int, bytes, str, str if claims else type(None), bytes if has_mac else type(None), int, bytes, bytes, int),
    )
    for claims in (True, False)
    for has_mac in (True, False)
}
"""By whether the event claims its eventID, and whether the request has an identity."""
_INDEXED = (
    "sequence", "event_time", "event_type", "party", "biz_step", "read_point", "biz_location", "is_declaration",
    "declared_id",
)  # fmt: skip


def event_row(sequence: int, event: NewEvent, proof: bytes, record_time: int) -> Row:
    """
    The row in `events`, its digest the last: what `codec.event_digest` makes of the columns before it, with body and
    proof as they are read. `StoreError` for one that is packed and holds disclosures: those are found in plain bodies.
    """
    if event.packed_body and event.disclosures:
        raise StoreError("an event that holds disclosures is not packed")
    content, event_id, mac, party, body = event.content_hash, event.event_id, event.request_mac, event.party, event.body
    number, named, by, time = b"%d" % sequence, event_id.encode(), b"%d" % party, b"%d" % record_time
    if event.is_declaration:
        claimed, claim = None, _NOTHING
    else:
        claimed, key = id_hash(event_id), key_text(event_id)
        claim = named if key is event_id else key.encode()
    asked = _NOTHING if mac is None else mac
    hashed = _TEMPLATES[claimed is not None, mac is not None] % (
        len(number), number, len(content), content, len(named), named, len(claim), claim, len(asked), asked,
        len(by), by, len(body), body, len(proof), proof, len(time), time,
    )  # fmt: skip
    digest = hashlib.sha256(hashed).digest()
    stored, proven = event.packed_body or body, event.packed_proof or proof
    return sequence, content, event_id, claimed, mac, party, stored, proven, record_time, digest


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
        id_hash(event_id) if searched.is_declaration else None,
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
