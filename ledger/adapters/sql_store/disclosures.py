"""
Disclosures in SQL: beside the event that they belong to, and before that in the row of its proposal.

Raises `StoreError` for what cannot have been written by us.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, select

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.codec import DISCLOSURE_DIGESTED, row_digest
from ledger.adapters.sql_store.reading import chunks
from ledger.domain.errors import StoreError
from ledger.domain.identifiers import ContentHash
from ledger.domain.sealing import KeptDisclosure
from ledger.domain.sealing.disclosures import from_base64url, to_base64url


def rows_of(sequence: int, kept: Sequence[KeptDisclosure]) -> list[dict[str, Any]]:
    """The rows of an event's disclosures."""
    return [row_of(sequence, position, item) for position, item in enumerate(kept)]


def row_of(sequence: int, position: int, item: KeptDisclosure) -> dict[str, Any]:
    """The row of one disclosure, at its place among those of its event."""
    row: dict[str, Any] = {
        "sequence": sequence,
        "position": position,
        "digest": from_base64url(item.digest),
        "place": item.place,
        "disclosure": None if item.text is None else item.text.encode("ascii"),
        "erased_at": item.erased_at,
    }
    row["row_digest"] = row_digest(row, DISCLOSURE_DIGESTED)
    return row


def kept_of(row: Any) -> KeptDisclosure:
    """A disclosure from its row; one that somebody damaged is given as damaged, for its reader to find out."""
    # SQLite keeps what it is given, whatever the column says; the row's digest tells.
    stored = row.disclosure
    text = stored.decode("ascii", "replace") if isinstance(stored, bytes) else None if stored is None else str(stored)
    return KeptDisclosure(to_base64url(row.digest), row.place, text, row.erased_at)


def of_contents(
    connection: Connection, contents: Collection[ContentHash]
) -> dict[ContentHash, tuple[KeptDisclosure, ...]]:
    """The disclosures kept for these events, in the order in which they were made; events without any are left out."""
    found: dict[ContentHash, list[KeptDisclosure]] = {}
    joined = t.disclosures.join(t.events, t.events.c.sequence == t.disclosures.c.sequence)
    asked = select(t.disclosures, t.events.c.content_hash).select_from(joined)
    for chunk in chunks(contents):
        chosen = asked.where(t.events.c.content_hash.in_(chunk))
        for row in connection.execute(chosen.order_by(t.disclosures.c.sequence, t.disclosures.c.position)):
            found.setdefault(ContentHash(row.content_hash), []).append(kept_of(row))
    return {content: tuple(items) for content, items in found.items()}


def erased_in(connection: Connection, contents: Collection[ContentHash]) -> dict[ContentHash, frozenset[str]]:
    """The digests of these events whose disclosures were destroyed; events without any are left out."""
    found: dict[ContentHash, set[str]] = {}
    joined = t.disclosures.join(t.events, t.events.c.sequence == t.disclosures.c.sequence)
    asked = select(t.disclosures.c.digest, t.events.c.content_hash).select_from(joined)
    for chunk in chunks(contents):
        chosen = asked.where(t.events.c.content_hash.in_(chunk), t.disclosures.c.disclosure.is_(None))
        for digest, content in connection.execute(chosen):
            found.setdefault(ContentHash(content), set()).add(to_base64url(digest))
    return {content: frozenset(digests) for content, digests in found.items()}


def kept_bytes(kept: Sequence[KeptDisclosure]) -> bytes | None:
    """The disclosures of a proposal as JSON; None where there are none."""
    return orjson.dumps([[item.digest, item.place, item.text, item.erased_at] for item in kept]) if kept else None


def kept_in(data: bytes | None) -> tuple[KeptDisclosure, ...]:
    """The disclosures behind their JSON."""
    if data is None:
        return ()
    try:
        return tuple(KeptDisclosure(*item) for item in orjson.loads(data))
    except (TypeError, ValueError) as error:
        raise StoreError(f"the stored disclosures of a proposal cannot be read: {error}") from error
