"""
Proposals in SQL: what one write transaction (or a rehearsal of one) sees of them, and what it changes.

A proposal that ends is forgotten; `meta` remembers the last number, so that none is given out twice.
"""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import Connection, delete, insert, or_, select

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.codec import proof_of, proposal_digest
from ledger.adapters.sql_store.dialect import upsert
from ledger.adapters.sql_store.disclosures import kept_bytes, kept_in
from ledger.adapters.sql_store.reading import Connect, Reader
from ledger.domain.errors import Conflict, StoreError
from ledger.domain.identifiers import ContentHash, Digest, LotRef, PartyId, ProductId
from ledger.domain.new_events import NewEvent
from ledger.domain.proof_json import proof_bytes
from ledger.ports_proposals import Proposal

_LAST = "last proposal"
_COLUMNS = t.proposals.c


class ProposalRows(Reader):
    """Reads by `connect`; gathers what is proposed and closed until `flush`."""

    def __init__(self, connect: Connect) -> None:
        super().__init__(connect)
        self._made: dict[int, Proposal] = {}
        self._closed: set[int] = set()

    def propose(self, event: NewEvent, counterparty: PartyId) -> Proposal:
        """Numbers and gathers the proposal. `Conflict` where an open one has the same content or request."""
        same = or_(_COLUMNS.content_hash == event.content_hash, _COLUMNS.request_mac == event.request_mac)
        if taken := [one for one in self._open(same) if _alike(one.event, event)]:
            raise Conflict(f"proposal {taken[0].id} has the same identity as {event.event_id}")
        proposal = Proposal(self._last() + 1, counterparty, event)
        self._made[proposal.id] = proposal
        return proposal

    def get(self, number: int) -> Proposal | None:
        """The open proposal of that number."""
        return next((one for one in self._open(_COLUMNS.id == number) if one.id == number), None)

    def find(self, mac: bytes) -> Proposal | None:
        """The open proposal that an equal request was kept as."""
        found = self._open(_COLUMNS.request_mac == mac)
        return next((one for one in found if one.event.request_mac == mac), None)

    def of(self, party: PartyId) -> list[Proposal]:
        """The open proposals that the party made, or that wait for it; by number."""
        found = self._open(or_(_COLUMNS.party == party, _COLUMNS.counterparty == party))
        return [one for one in found if party in (one.party, one.counterparty)]

    def close(self, number: int) -> None:
        """Forgets the proposal."""
        self._closed.add(number)

    def flush(self, connection: Connection) -> None:
        """Writes what was gathered."""
        if self._closed:
            connection.execute(delete(t.proposals).where(_COLUMNS.id.in_(sorted(self._closed))))
        if self._made:
            upsert(connection, t.meta, [{"key": _LAST, "value": str(max(self._made))}])
        if made := [_row(one) for number, one in self._made.items() if number not in self._closed]:
            connection.execute(insert(t.proposals), made)

    def _open(self, where: Any) -> list[Proposal]:
        """Those stored under that condition, and all that were made here; by number, without those closed here."""
        stored = map(proposal_of, self.all(select(t.proposals).where(where).order_by(_COLUMNS.id)))
        return [one for one in (*stored, *self._made.values()) if one.id not in self._closed]

    def _last(self) -> int:
        if self._made:
            return max(self._made)
        found = self.all(select(t.meta.c.value).where(t.meta.c.key == _LAST))
        return int(found[0].value) if found else 0


def proposal_of(row: Any) -> Proposal:
    """A proposal from its row. `StoreError` where it cannot have been written by us."""
    try:
        lots = tuple(LotRef(ProductId(product), code) for product, code in orjson.loads(row.lots))
    except (TypeError, ValueError) as error:
        raise StoreError(f"the lots of proposal {row.id} cannot be read: {error}") from error
    event = NewEvent(
        content_hash=ContentHash(row.content_hash),
        event_id=row.event_id,
        is_declaration=row.is_declaration,
        request_mac=row.request_mac,
        party=PartyId(row.party),
        plain=row.body,
        given=proof_of(row.proof),
        digest=Digest(row.digest),
        payload=row.payload,
        record_time=row.record_time / 1_000_000,
        lots=lots,
        disclosures=kept_in(row.disclosures),
    )
    return Proposal(row.id, PartyId(row.counterparty), event)


def _row(proposal: Proposal) -> dict[str, Any]:
    event = proposal.event
    row: dict[str, Any] = {
        "id": proposal.id,
        "counterparty": int(proposal.counterparty),
        "content_hash": bytes(event.content_hash),
        "event_id": event.event_id,
        "is_declaration": event.is_declaration,
        "request_mac": event.request_mac,
        "party": int(event.party),
        "body": event.body,
        "proof": proof_bytes(event.proof),
        "digest": bytes(event.digest),
        "payload": event.payload,
        "record_time": round(event.record_time * 1_000_000),
        "lots": orjson.dumps([[lot.product, lot.code] for lot in event.lots]),
        "disclosures": kept_bytes(event.disclosures),
    }
    row["row_digest"] = proposal_digest(row)
    return row


def _alike(one: NewEvent, other: NewEvent) -> bool:
    return one.content_hash == other.content_hash or one.request_mac == other.request_mac
