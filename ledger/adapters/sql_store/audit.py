"""The store laid bare, for `fsck`; implements `ledger.ports.StoreAudit`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, Table, func, select

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.certificate_rows import certificate_row
from ledger.adapters.sql_store.codec import (
    DISCLOSURE_DIGESTED,
    FORMER_DIGESTED,
    entry_digest,
    is_intact,
    proof_of,
    proposal_digest,
    row_digest,
)
from ledger.adapters.sql_store.consignment_rows import consignment_rows
from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.dialect import integrity_problems
from ledger.adapters.sql_store.disclosures import kept_of
from ledger.adapters.sql_store.event_rows import index_row
from ledger.adapters.sql_store.rebuild import replay
from ledger.adapters.sql_store.source import load_all
from ledger.domain.errors import InvalidInput, StoreError
from ledger.domain.identifiers import ContentHash, Digest, KeyId, LotId, LotRef, PartyId, ProductId, consignment_id
from ledger.domain.projection import Projection
from ledger.domain.records import SignatureProof
from ledger.ports import StoredDisclosure, StoredEvent

_PAGE = 1_000


class SqlAudit:
    """Reads everything, believes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def integrity_problems(self) -> list[str]:
        """What the database finds wrong with itself."""
        with self._database.looking() as connection:
            return [f"database: {problem}" for problem in integrity_problems(connection)]

    def stored_events(self, after: int, limit: int) -> list[StoredEvent]:
        """The first `limit` events with a sequence number above `after`."""
        e, o = t.events.c, t.outbox_rows.c
        entry = (o.key_id, o.payload, o.signature, o.digest)
        joined = t.events.outerjoin(t.outbox_rows, o.content_hash == e.content_hash)
        asked = select(t.events, *entry).select_from(joined).where(e.sequence > after).order_by(e.sequence)
        with self._database.looking() as connection:
            rows = connection.execute(asked.limit(limit)).all()
            lots = _lots(connection, [row.sequence for row in rows])
            found = _indexed(connection, [row.sequence for row in rows])
            about = _about(connection, [row.sequence for row in rows])
        return [
            _stored(
                row,
                frozenset(lots.get(row.sequence, ())),
                _misindexed(row, found.get(row.sequence), about.get(row.sequence, [])),
            )
            for row in rows
        ]

    def stored_disclosures(self, first: int, last: int) -> dict[int, list[StoredDisclosure]]:
        """Those of the events with these sequence numbers."""
        c = t.disclosures.c
        found: dict[int, list[StoredDisclosure]] = {}
        asked = select(t.disclosures).where(c.sequence.between(first, last)).order_by(c.sequence, c.position)
        with self._database.looking() as connection:
            for row in connection.execute(asked):
                is_intact = row_digest(dict(row._mapping), DISCLOSURE_DIGESTED) == row.row_digest
                stored = StoredDisclosure(row.position, kept_of(row), is_intact)
                found.setdefault(row.sequence, []).append(stored)
        return found

    def disclosure_problems(self) -> list[str]:
        """Disclosures that belong to no event."""
        c = t.disclosures.c
        joined = t.disclosures.outerjoin(t.events, t.events.c.sequence == c.sequence)
        asked = select(c.sequence, c.position).select_from(joined).where(t.events.c.sequence.is_(None))
        with self._database.looking() as connection:
            rows = connection.execute(asked.order_by(c.sequence, c.position)).all()
        return [f"disclosure {row.position} of event {row.sequence}: there is no such event" for row in rows]

    def index_problems(self) -> list[str]:
        """Rows of the indexes that belong to no event, and certificates that are not what their events say."""
        problems = []
        for name, table in (("index", t.event_index), ("consignment", t.consignment_events)):
            c = table.c
            joined = table.outerjoin(t.events, t.events.c.sequence == c.sequence)
            asked = select(c.sequence).select_from(joined).where(t.events.c.sequence.is_(None)).order_by(c.sequence)
            with self._database.looking() as connection:
                found = connection.execute(asked).scalars().all()
            problems += [f"{name} row of event {one}: there is no such event" for one in found]
        of = t.certificates.outerjoin(t.events, t.events.c.sequence == t.certificates.c.sequence)
        kept = select(t.certificates, t.events.c.body).select_from(of).order_by(t.certificates.c.sequence)
        with self._database.looking() as connection:
            rows = connection.execute(kept).all()
        return problems + [problem for row in rows if (problem := _certificate_problem(row))]

    def erased_disclosures(self) -> int:
        """How many were erased."""
        with self._database.looking() as connection:
            asked = select(func.count()).select_from(t.disclosures).where(t.disclosures.c.disclosure.is_(None))
            return int(connection.execute(asked).scalar_one())

    def read_proof(self, data: bytes) -> SignatureProof:
        """The proof behind its stored bytes."""
        return proof_of(data)

    def entry_problems(self) -> list[str]:
        """Outbox rows that are not what was written, are missing or belong to no event."""
        problems = []
        expected = 1
        for row in self._entries():
            if row["id"] != expected:
                problems.append(f"outbox: entry {expected} is missing")
            expected = row["id"] + 1
            if entry_digest(row) != row["row_digest"]:
                problems.append(f"outbox entry {row['id']}: the row is not what was written")
            if row["content_hash"] is not None and row["owner"] is None:
                problems.append(f"outbox entry {row['id']}: its event 0x{row['content_hash'].hex()} is missing")
        with self._database.looking() as connection:
            problems += _changed_rows(connection, t.former_proofs, _former_digest, "the former proof of outbox entry")
            problems += _changed_rows(connection, t.proposals, proposal_digest, "proposal")
        return problems

    def projection_problems(self) -> list[str]:
        """Where the projection's tables differ from what all entries make of it."""
        problems: list[str] = []

        def unreadable(entry: int, error: StoreError) -> None:
            problems.append(f"outbox entry {entry}: {error}")

        with self._database.looking() as connection:
            derived = replay(connection, unreadable)
            stored = load_all(connection)
            problems += _misnamed(connection)
        return problems + list(_differences(derived, stored))

    def _entries(self) -> Iterator[dict[str, Any]]:
        o = t.outbox_rows.c
        joined = t.outbox_rows.outerjoin(t.events, t.events.c.content_hash == o.content_hash)
        columns = select(t.outbox_rows, t.events.c.sequence.label("owner")).select_from(joined)
        after = 0
        while True:
            with self._database.looking() as connection:
                rows = connection.execute(columns.where(o.id > after).order_by(o.id).limit(_PAGE)).mappings().all()
            if not rows:
                return
            yield from (dict(row) for row in rows)
            after = rows[-1]["id"]


def _former_digest(values: dict[str, Any]) -> bytes:
    return row_digest(values, FORMER_DIGESTED)


def _changed_rows(
    connection: Connection, table: Table, digest: Callable[[dict[str, Any]], bytes], what: str
) -> Iterator[str]:
    key = next(iter(table.primary_key)).name
    for row in connection.execute(select(table)).mappings():
        if digest(dict(row)) != row["row_digest"]:
            yield f"{what} {row[key]}: the row is not what was written"


def _stored(row: Any, lots: frozenset[LotId], misindexed: tuple[str, ...] | None) -> StoredEvent:
    values = dict(row._mapping)
    return StoredEvent(
        sequence=row.sequence,
        content_hash=ContentHash(row.content_hash),
        event_id=row.event_id,
        is_declaration=row.claimed_id is None,
        party=PartyId(row.party),
        body=row.body,
        proof=row.proof,
        is_intact=is_intact(values),
        lots=lots,
        misindexed=misindexed,
        key_id=None if row.key_id is None else KeyId(row.key_id),
        payload=row.payload,
        signature=row.signature,
        digest=None if row.digest is None else Digest(row.digest),
    )


def _misnamed(connection: Connection) -> Iterator[str]:
    """Names that do not hash to the ids that they stand for."""
    for row in connection.execute(select(t.lot_names)):
        try:
            named = LotRef(ProductId(row.product), row.code).id
        except InvalidInput:
            named = None
        if named != row.lot:
            yield f"projection: lot 0x{row.lot.hex()} is not {row.product}/{row.code}"
    for row in connection.execute(select(t.consignment_names)):
        if consignment_id(PartyId(row.shipper), row.reference) != row.consignment:
            yield f"projection: consignment 0x{row.consignment.hex()} is not {row.shipper}'s {row.reference}"


def _lots(connection: Connection, sequences: list[int]) -> dict[int, set[LotId]]:
    found: dict[int, set[LotId]] = {}
    if sequences:
        c = t.event_lots.c
        between = c.sequence.between(sequences[0], sequences[-1])
        for row in connection.execute(select(t.event_lots).where(between)):
            found.setdefault(row.sequence, set()).add(LotId(row.lot))
    return found


def _indexed(connection: Connection, sequences: list[int]) -> dict[int, dict[str, Any]]:
    if not sequences:
        return {}
    kept = t.certificates.c.sequence
    joined = t.event_index.outerjoin(t.certificates, kept == t.event_index.c.sequence)
    asked = select(t.event_index, kept.is_not(None).label("is_certificate")).select_from(joined)
    asked = asked.where(t.event_index.c.sequence.between(sequences[0], sequences[-1]))
    return {row["sequence"]: dict(row) for row in connection.execute(asked).mappings()}


def _about(connection: Connection, sequences: list[int]) -> dict[int, list[dict[str, Any]]]:
    if not sequences:
        return {}
    c = t.consignment_events.c
    found: dict[int, list[dict[str, Any]]] = {}
    asked = select(t.consignment_events).where(c.sequence.between(sequences[0], sequences[-1]))
    for row in connection.execute(asked.order_by(c.sequence, c.consignment)).mappings():
        found.setdefault(row["sequence"], []).append(dict(row))
    return found


def _misindexed(row: Any, found: dict[str, Any] | None, about: list[dict[str, Any]]) -> tuple[str, ...] | None:
    """The columns that differ, and the consignments; what cannot be read has no rows to compare with."""
    if found is None:
        return None
    try:
        body = orjson.loads(row.body)
    except ValueError:
        return ()
    if not isinstance(body, dict):
        return ()
    wrong = [name for name, value in index_row(row.sequence, row.party, body).items() if found[name] != value]
    if found["is_certificate"] != _is_certificate(row, body):
        wrong.append("certificate")
    try:
        action = proof_of(row.proof).action
    except StoreError:
        return tuple(wrong)
    rows = sorted(consignment_rows(row.sequence, row.party, action, body), key=lambda one: bytes(one["consignment"]))
    return (*wrong, "consignment") if rows != about else tuple(wrong)


def _is_certificate(row: Any, body: dict[str, Any]) -> bool:
    return certificate_row(row.sequence, row.party, body) is not None


def _certificate_problem(row: Any) -> str:
    """What is wrong with a row of the index of certificates; "" where it is what its event says."""
    values = {name: value for name, value in row._mapping.items() if name != "body"}
    try:
        body = orjson.loads(row.body or b"null")
    except ValueError:
        return ""  # The event's own check tells of it.
    made = certificate_row(row.sequence, row.party, body) if isinstance(body, dict) else None
    return "" if made == values else f"certificate of event {row.sequence}: the index does not say what the event says"


def _differences(derived: Projection, stored: Projection) -> Iterator[str]:
    pairs: tuple[tuple[str, Mapping[Any, Any], Mapping[Any, Any]], ...] = (
        ("lot", derived.lots, stored.lots),
        ("balance", derived.balances, stored.balances),
        ("consignment", derived.consignments, stored.consignments),
        ("plot", derived.plots, stored.plots),
        ("yield", derived.yields, stored.yields),
        ("pledge", derived.pledges, stored.pledges),
        ("origin", derived.origins, stored.origins),
        ("used digest", derived.digests, stored.digests),
        ("party", derived.parties, stored.parties),
        ("key", derived.keys, stored.keys),
        ("product", derived.products, stored.products),
        ("permit", derived.permits, stored.permits),
        ("suspension", derived.suspended, stored.suspended),
        ("recovery", derived.recoveries, stored.recoveries),
        ("cancelled digest", derived.cancelled, stored.cancelled),
    )
    for what, left, right in pairs:
        for key in sorted({*left, *right}, key=repr):
            # Absent, None, zero and False all say: nothing there.
            expected, found = left.get(key) or None, right.get(key) or None
            if expected != found:
                yield f"projection: {what} {_named(key)} is {found}, the entries make it {expected}"


def _named(key: object) -> str:
    if isinstance(key, bytes):
        return f"0x{key.hex()}"
    return ", ".join(map(_named, key)) if isinstance(key, tuple) else str(key)
