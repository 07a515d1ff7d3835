"""
What the writer stores of an event that was prepared elsewhere, made there: body and proof packed, and the hashes over
their plain forms, so that the writer hashes none of it.

The digest of an event's row is SHA-256 over its form's number, sequence and time, which the writer gives, and over the
inner digest of all else that never changes in the row; no I/O.
"""

from __future__ import annotations

import hashlib

from ledger.domain.merkle import SignatureHash, hash_proof
from ledger.domain.packed_bytes import packed

Packed = tuple[bytes, bytes, bytes, SignatureHash]
"""Body and proof in their packed forms, the inner digest, and SHA-256 of the proof's RFC 8785 form."""
_INNER = b"content_hash:%d:%bevent_id:%d:%bis_declaration:%drequest_mac:%d:%bparty:%dbody:%d:%bproof:%d:%b"
_ROW = b"event row 2:%d:%d:%b"


def inner_digest(
    content_hash: bytes,
    event_id: str,
    is_declaration: bool,
    request_mac: bytes | None,
    party: int,
    body: bytes,
    proof: bytes,
) -> bytes:
    """SHA-256 over them, each text with its length before it (that of no identity is -1); body and proof are plain."""
    named = event_id.encode()
    length, mac = (-1, b"") if request_mac is None else (len(request_mac), request_mac)
    hashed = _INNER % (
        len(content_hash), content_hash, len(named), named, is_declaration, length, mac, party,
        len(body), body, len(proof), proof,
    )  # fmt: skip
    return hashlib.sha256(hashed).digest()


def outer_digest(sequence: int, record_time: int, inner: bytes) -> bytes:
    """The digest of the row with that number and time (Unix microseconds)."""
    return hashlib.sha256(_ROW % (sequence, record_time, inner)).digest()


def packed_event(
    content_hash: bytes, event_id: str, is_declaration: bool, party: int, body: bytes, proof: bytes
) -> Packed:
    """Of an event that came signed, whose request has no identity of its own. `ValueError` for what is too long."""
    inner = inner_digest(content_hash, event_id, is_declaration, None, party, body, proof)
    return packed(body), packed(proof), inner, hash_proof(proof)
