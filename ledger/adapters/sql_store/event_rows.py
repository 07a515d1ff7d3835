"""
An event's own rows, as tuples in the order of their tables' columns: what is stored of it in `events`, and what it is
searched by in `event_index`, made from the event's body; no I/O.
"""

from __future__ import annotations

from typing import Any

from ledger.adapters.sql_store.columns import id_hash, key_text
from ledger.domain.errors import StoreError
from ledger.domain.merkle import SignatureHash, hash_proof
from ledger.domain.new_events import NewEvent
from ledger.domain.packed_events import inner_digest, outer_digest
from ledger.domain.proof_json import proof_bytes
from ledger.domain.searched import Searched, event_time_of, searched_of

Row = tuple[Any, ...]
_INDEXED = (
    "sequence", "event_time", "event_type", "party", "biz_step", "read_point", "biz_location", "is_declaration",
    "declared_id",
)  # fmt: skip


def stored_proof(event: NewEvent) -> tuple[bytes, SignatureHash]:
    """The proof's RFC 8785 form, empty where the event is packed, and its hash for the leaf in the log."""
    if event.packed is not None:
        return b"", event.packed[3]
    proof = event.proof_form or proof_bytes(event.proof)
    return proof, hash_proof(proof)


def event_row(sequence: int, event: NewEvent, proof: bytes, record_time: int) -> Row:
    """
    The row in `events`, its digest the last: what `codec.event_digest` makes of the columns before it, with body and
    proof as they are read. `proof`: its RFC 8785 form, which is not looked at where the event is packed. `StoreError`
    for one that is packed and holds disclosures: those are found in plain bodies.
    """
    content, event_id, mac, party = event.content_hash, event.event_id, event.request_mac, event.party
    if event.packed is None:
        body = event.plain
        inner = inner_digest(content, event_id, event.is_declaration, mac, party, body, proof)
    elif event.disclosures:
        raise StoreError("an event that holds disclosures is not packed")
    else:
        body, proof, inner, _ = event.packed
    claimed = None if event.is_declaration else id_hash(event_id)
    digest = outer_digest(sequence, record_time, inner)
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
