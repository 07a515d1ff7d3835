"""
Erasing disclosures in SQL: of events and of proposals, with the identity of the request; and finding what is left.

The text of an erased disclosure becomes NULL and its row gets another digest. Nothing else of the event changes. `meta`
remembers that something was erased until the database's files were made anew.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, LargeBinary, func, literal, select, type_coerce, update

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.codec import digest_after, event_digest_after, proposal_digest
from ledger.adapters.sql_store.dialect import holds
from ledger.adapters.sql_store.disclosures import kept_bytes, kept_in, kept_of, row_of
from ledger.adapters.sql_store.reading import chunks
from ledger.domain.identifiers import ContentHash, PartyId
from ledger.domain.packed_bytes import FIRST_BYTE
from ledger.domain.sealing.kept import KeptDisclosure, erase
from ledger.ports_disclosures import Erasure, SealedRecord

UNPURGED = "erased and not purged"
"""Noted while the files may still hold bytes of what was erased."""
_PAGE = 1_000
_E, _D, _P = t.events.c, t.disclosures.c, t.proposals.c


def sealed_events(connection: Connection, after: int, limit: int) -> list[SealedRecord]:
    """The next events of which a disclosure is left."""
    left = select(_D.sequence).where(_D.sequence > after, _D.disclosure.is_not(None)).distinct()
    numbers = connection.execute(left.order_by(_D.sequence).limit(limit)).scalars().all()
    if not numbers:
        return []
    between = _D.sequence.between(numbers[0], numbers[-1])
    kept: dict[int, list[KeptDisclosure]] = {}
    for row in connection.execute(select(t.disclosures).where(between).order_by(_D.sequence, _D.position)):
        kept.setdefault(row.sequence, []).append(kept_of(row))
    chosen = select(_E.sequence, _E.content_hash, _E.party, _E.body).order_by(_E.sequence)
    # Those alone: between them may lie all that loggers sent, and each body would be unpacked.
    rows = [row for chunk in chunks(numbers) for row in connection.execute(chosen.where(_E.sequence.in_(chunk)))]
    return [_record(row.sequence, row, tuple(kept[row.sequence])) for row in rows]


def sealed_proposals(connection: Connection) -> list[SealedRecord]:
    """The open proposals of which a disclosure is left."""
    found = connection.execute(select(t.proposals).where(_P.disclosures.is_not(None)).order_by(_P.id))
    records = [_record(0, row, kept_in(row.disclosures)) for row in found]
    return [record for record in records if not all(item.erased for item in record.disclosures)]


def erase_all(connection: Connection, erasures: Sequence[Erasure]) -> int:
    """Destroys the disclosures where they are now; returns how many that were."""
    gone = 0
    for erasure in erasures:
        gone += _erase_event(connection, erasure) or _erase_proposal(connection, erasure)
    return gone


def saying(connection: Connection, text: str) -> list[int]:
    """
    Events whose bodies hold that text, as JSON writes it. The database finds it in plain bodies; those that are packed
    are gone through here, a page at a time.
    """
    written = orjson.dumps(text)[1:-1]
    stored = type_coerce(_E.body, LargeBinary)
    is_packed = func.substr(stored, 1, 1) == literal(FIRST_BYTE, LargeBinary)
    found = set(connection.execute(select(_E.sequence).where(~is_packed, holds(connection, stored, written))).scalars())
    asked = select(_E.sequence, _E.body).where(is_packed).order_by(_E.sequence).limit(_PAGE)
    after, before = -1, -2
    while after != before:
        before = after
        # One by one, for few bytes may be the packed form of many.
        for after, body in connection.execute(asked.where(_E.sequence > before)):
            if written in body:
                found.add(after)
    return sorted(found)


def _record(sequence: int, row: Any, kept: tuple[KeptDisclosure, ...]) -> SealedRecord:
    try:
        body = orjson.loads(row.body)
    except ValueError:
        body = None
    # A damaged body is for `fsck` to tell; what was sealed in it can be erased all the same.
    tree = body if isinstance(body, dict) else {}
    return SealedRecord(sequence, ContentHash(row.content_hash), PartyId(row.party), tree, kept)


def _erase_event(connection: Connection, erasure: Erasure) -> int:
    row = connection.execute(select(t.events).where(_E.content_hash == erasure.content_hash)).mappings().first()
    if row is None:
        return 0
    sequence = row["sequence"]
    own = select(t.disclosures).where(_D.sequence == sequence).order_by(_D.position)
    before = tuple(kept_of(one) for one in connection.execute(own))
    after = erase(before, erasure.digests, erasure.at)
    for old, new, position in zip(before, after, range(len(after)), strict=True):
        if old != new:
            here = (_D.sequence == sequence, _D.position == position)
            connection.execute(update(t.disclosures).where(*here).values(row_of(sequence, position, new)))
    changed: dict[str, Any] = {**row, "request_mac": _free_mac(connection, erasure)}
    changed["row_digest"] = event_digest_after(dict(row), changed)
    values = {name: changed[name] for name in ("request_mac", "row_digest")}
    connection.execute(update(t.events).where(_E.sequence == sequence).values(values))
    return _count(after) - _count(before)


def _erase_proposal(connection: Connection, erasure: Erasure) -> int:
    row = connection.execute(select(t.proposals).where(_P.content_hash == erasure.content_hash)).mappings().first()
    if row is None:
        return 0
    before = kept_in(row["disclosures"])
    after = erase(before, erasure.digests, erasure.at)
    changed: dict[str, Any] = {
        **row, "request_mac": _free_mac(connection, erasure), "disclosures": kept_bytes(after),
    }  # fmt: skip
    changed["row_digest"] = digest_after(dict(row), changed, proposal_digest)
    values = {name: changed[name] for name in ("request_mac", "disclosures", "row_digest")}
    connection.execute(update(t.proposals).where(_P.id == row["id"]).values(values))
    return _count(after) - _count(before)


def _free_mac(connection: Connection, erasure: Erasure) -> bytes:
    for table in (t.events, t.proposals):
        c = table.c
        taken = select(c.request_mac).where(c.request_mac == erasure.request_mac)
        if connection.execute(taken.where(c.content_hash != erasure.content_hash)).first():
            return secrets.token_bytes(32)
    return erasure.request_mac


def _count(kept: Sequence[KeptDisclosure]) -> int:
    return sum(item.erased for item in kept)
