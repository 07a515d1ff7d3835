"""
A write transaction, or the rehearsal of one; implements `ledger.ports_proposals.ProposalTransaction`.

Rows are gathered in memory and written in bulk when the block ends: a thousand events are a dozen statements. The
transaction answers from what it gathered as if it were stored.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from eth_hash.auto import keccak
from sqlalchemy import Column, Connection, func, select

from ledger.adapters.sql_store import carrying, disclosures, master, queries
from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.captures import write_job
from ledger.adapters.sql_store.certificate_rows import certificate_row
from ledger.adapters.sql_store.codec import action_bytes, entry_digest, event_of
from ledger.adapters.sql_store.columns import id_hash
from ledger.adapters.sql_store.consignment_rows import consignment_rows
from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.dialect import insert_all, insert_new, insert_rows, present
from ledger.adapters.sql_store.event_rows import Row, event_row, searched_row, stored_proof
from ledger.adapters.sql_store.leaves import LeafRows
from ledger.adapters.sql_store.proposals import ProposalRows
from ledger.adapters.sql_store.reading import Connect
from ledger.adapters.sql_store.renewed_reader import RenewedReader
from ledger.adapters.sql_store.signed_again import SignedAgain
from ledger.adapters.sql_store.source import SqlSource
from ledger.adapters.sql_store.write_back import write_back
from ledger.domain.actions import Action, EntryKind, Line, PartialReceipt, Shipment
from ledger.domain.capture_job import CaptureJob
from ledger.domain.entry_codec import encode_propagation, joined_signature
from ledger.domain.errors import Conflict
from ledger.domain.identifiers import ContentHash, Digest, LotId, LotRef, PartyId, consignment_id
from ledger.domain.log.acknowledgement_json import SignedAcknowledgement
from ledger.domain.master_data import MasterData
from ledger.domain.new_events import Appended, NewEvent
from ledger.domain.projection import Projection
from ledger.domain.proof_json import signature_hash
from ledger.domain.records import EntryState, RecordedEvent, SignatureProof
from ledger.domain.searched import event_time_of, searched_of
from ledger.ports import NewRegistration
from ledger.ports_log import Acknowledger
from ledger.ports_outbox import Target
from ledger.ports_proposals import Proposal

_K = TypeVar("_K", bytes, str, ContentHash)
_Known = RecordedEvent | Appended | None
_UNASKED = object()
_CHUNK = 400
_QUEUED: Mapping[str, object] = {"state": EntryState.QUEUED.value, "refusal": "", "transaction": b""}


@contextmanager
def writing(database: Database, acknowledger: Acknowledger | None = None) -> Iterator[SqlTransaction]:
    """
    The one write transaction: on disk when the block ends, forgotten if it raises. Without an acknowledger no event
    can be appended.
    """
    with database.writing() as connection:
        transaction = SqlTransaction(lambda: nullcontext(connection), acknowledger, writes=True)
        yield transaction
        transaction.flush(connection)


@contextmanager
def rehearsing(database: Database) -> Iterator[SqlTransaction]:
    """The same over short reads; nothing is ever written."""
    reader = RenewedReader(database)
    try:
        yield SqlTransaction(reader.connect, None, writes=False)
    finally:
        reader.close()


class SqlTransaction:
    """What is appended and changed, on top of what `connect` reads."""

    def __init__(self, connect: Connect, acknowledger: Acknowledger | None, *, writes: bool) -> None:
        self._connect = connect
        self._leaves = LeafRows(connect, acknowledger, writes=writes)
        self._projection = Projection(SqlSource(connect))
        self._sequence = self._highest(t.events.c.sequence)
        self._entry = self._highest(t.outbox_rows.c.id)
        # Events whose rows are still to be made, each with the highest outbox id by then.
        self._appended: list[tuple[Appended, int]] = []
        self._event_rows: list[Row] = []
        self._index_rows: list[Row] = []
        self._lot_rows: list[Row] = []
        self._ids: dict[tuple[LotRef, ...], tuple[LotId, ...]] = {}
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._lots: dict[LotId, dict[str, Any]] = {}
        self._master: list[MasterData] = []
        self._proposals = ProposalRows(connect)
        self._again: list[SignedAgain] = []
        self._changes: list[Callable[[Connection], None]] = []
        # Events by request, eventID (its `id_hash`) and content; None: asked for, and not there.
        self._by_mac: dict[bytes, _Known] = {}
        self._by_event_id: dict[bytes, _Known] = {}
        self._by_content: dict[bytes, _Known] = {}
        # Contents and eventIDs (`id_hash`) that were not asked for, and are taken for new.
        self._expected: set[bytes] = set()

    @property
    def projection(self) -> Projection:
        """Ledger and registry as they stand in this transaction."""
        return self._projection

    def prefetch(self, macs: Collection[bytes], contents: Collection[ContentHash], event_ids: Collection[str]) -> None:
        """Looks many events up in few reads."""
        self._load(self._by_mac, t.events.c.request_mac, macs)
        self._load(self._by_content, t.events.c.content_hash, contents)
        self._load(self._by_event_id, t.events.c.claimed_id, [id_hash(one) for one in event_ids])

    def expect_new(self, contents: Collection[ContentHash], event_ids: Collection[str]) -> None:
        """Takes these for new, unasked; the database refuses the rows where that is wrong."""
        self._expected.update(contents, map(id_hash, event_ids))

    def find_request(self, mac: bytes) -> RecordedEvent | None:
        """The event that an equal request was recorded as."""
        if mac not in self._by_mac:
            self._load(self._by_mac, t.events.c.request_mac, (mac,))
        return _recorded(self._by_mac[mac])

    def find_event_id(self, event_id: str) -> RecordedEvent | None:
        """The event, no error declaration, under that eventID."""
        key = id_hash(event_id)
        if key not in self._by_event_id:
            self._load(self._by_event_id, t.events.c.claimed_id, (key,))
        return _recorded(self._by_event_id[key])

    def find_content(self, content_hash: ContentHash) -> RecordedEvent | None:
        """The event of that identity."""
        if content_hash not in self._by_content:
            self._load(self._by_content, t.events.c.content_hash, (content_hash,))
        return _recorded(self._by_content[content_hash])

    def is_new(self, event_id: str | None, mac: bytes | None, content: ContentHash) -> bool:
        """Whether nothing of it is taken, as far as it was looked up or is expected; False where it is neither."""
        return (
            (mac is None or self._by_mac.get(mac, _UNASKED) is None)
            and self._is_free(self._by_content, content)
            and (event_id is None or self._is_free(self._by_event_id, id_hash(event_id)))
        )

    def _is_free(self, known: dict[bytes, _Known], key: bytes) -> bool:
        return known[key] is None if key in known else key in self._expected

    def append(self, event: NewEvent) -> Appended:
        """Numbers the event; its rows are made later. `Conflict` where its eventID or content is taken."""
        if not self.is_new(None if event.is_declaration else event.event_id, event.request_mac, event.content_hash):
            taken = self.find_content(event.content_hash)
            if taken is None and event.request_mac is not None:
                taken = self.find_request(event.request_mac)
            if taken is None and not event.is_declaration:
                taken = self.find_event_id(event.event_id)
            if taken is not None:
                raise Conflict(f"event {taken.sequence} has the same identity as {event.event_id}")
        self._sequence += 1
        if not event.is_stated:
            self._add_event_entry(event.proof, event.digest, event.payload, event.content_hash)
        appended = Appended(self._sequence, event)
        self._appended.append((appended, self._entry))
        self._by_content[event.content_hash] = appended
        if event.request_mac is not None:
            self._by_mac[event.request_mac] = appended
        if not event.is_declaration:
            self._by_event_id[id_hash(event.event_id)] = appended
        return appended

    def _make_rows(self) -> None:
        """The rows of what was appended, and its leaves, for all at once: the same work together is done faster."""
        appended, self._appended = self._appended, []
        rows, searched, named = self._event_rows, self._index_rows, self._lot_rows
        for one, entry in appended:
            event = one.event
            proof, signed = stored_proof(event)
            rows.append(event_row(one.sequence, event, proof, one.microseconds))
            self._leaves.append(event.content_hash, signed, one.sequence, entry)
        for one, _ in appended:
            event, sequence = one.event, one.sequence
            for lot in self._named(event.lots):
                named.append((lot, sequence))
            if event.searched is None:
                tree = event.read()
                time, found = event_time_of(tree), searched_of(tree)
            else:
                time, found = event.event_time, event.searched
            searched.append(searched_row(sequence, time, event.party, event.event_id, found))
            if event.disclosures or not (found.is_bare and event.is_stated):
                self._make_rare_rows(one)

    def _named(self, lots: tuple[LotRef, ...]) -> tuple[LotId, ...]:
        """The lots' ids, each once; their names are stored with the rest."""
        if (known := self._ids.get(lots)) is None:
            self._lots.update({ref.id: {"lot": ref.id, "product": ref.product, "code": ref.code} for ref in lots})
            known = self._ids[lots] = tuple(dict.fromkeys(ref.id for ref in lots))
        return known

    def _make_rare_rows(self, one: Appended) -> None:
        """Rows that only events have which hold disclosures, move something, are certificates or part of an air leg."""
        event, sequence = one.event, one.sequence
        for kept in disclosures.rows_of(sequence, event.disclosures):
            self._add(t.disclosures.name, kept)
        action = event.proof.action
        if (opened := _named_consignment(action)) is not None:
            shipper, reference = opened
            name = {"consignment": consignment_id(*opened), "shipper": shipper, "reference": reference}
            self._add(t.consignment_names.name, name)
        body = event.read()
        if (certificate := certificate_row(sequence, int(event.party), body)) is not None:
            self._add(t.certificates.name, certificate)
        for consignment in consignment_rows(sequence, int(event.party), action, body):
            self._add(t.consignment_events.name, consignment)

    def acknowledgements(self, contents: Collection[ContentHash]) -> Mapping[ContentHash, SignedAcknowledgement]:
        """What the log's operator signed for each of these events, in this transaction or before."""
        self._make_rows()
        return self._leaves.acknowledgements(contents)

    def queue(self, registration: NewRegistration) -> None:
        """Gathers the entry of a registration."""
        self._add_entry(
            Target.REGISTRY,
            kind=int(registration.action.KIND),
            key_id=bytes(registration.key_id),
            payload=registration.payload,
            signature=registration.signature,
            digest=bytes(registration.digest),
            content_hash=None,
            action=action_bytes(registration.action),
            applied_at=None,
        )

    def propose(self, event: NewEvent, counterparty: PartyId) -> Proposal:
        """Numbers and keeps the proposal."""
        return self._proposals.propose(event, counterparty)

    def proposal(self, number: int) -> Proposal | None:
        """The open proposal of that number."""
        return self._proposals.get(number)

    def find_proposal(self, mac: bytes) -> Proposal | None:
        """The open proposal that an equal request was kept as."""
        return self._proposals.find(mac)

    def proposals_of(self, party: PartyId) -> list[Proposal]:
        """The open proposals that the party made, or that wait for it; by number."""
        return self._proposals.of(party)

    def close_proposal(self, number: int) -> None:
        """Forgets the proposal."""
        self._proposals.close(number)

    def queue_propagation(self, lot: LotId, inputs: Sequence[Line], outputs_hash: bytes) -> None:
        """Gathers the entry that carries a recall to the lot. Nobody signs it: its digest is that of its payload."""
        payload = encode_propagation(lot, inputs, outputs_hash)
        self._add_entry(
            Target.LEDGER,
            kind=int(EntryKind.PROPAGATION),
            key_id=bytes(32),
            payload=payload,
            signature=b"",
            digest=keccak(payload),
            content_hash=None,
            action=None,
            applied_at=None,
        )

    def carry_later(self, lots: Collection[LotId]) -> None:
        """Gathers lots from which recalls are carried after this transaction, to all that was made from them."""
        self._changes.append(partial(carrying.add_roots, lots=tuple(lots)))

    def line_up(self, lots: Sequence[LotId], spreading: Collection[LotId]) -> None:
        """Gathers lots to carry to, behind all that wait."""
        self._changes.append(partial(carrying.append, lots=tuple(lots), spreading=frozenset(spreading)))

    def first_in_line(self, limit: int) -> list[LotId]:
        """The first lots to carry to, as the line stood when the transaction began."""
        with self._connect() as connection:
            return carrying.first(connection, limit)

    def spread_from(self, lots: Collection[LotId]) -> None:
        """All that was made from these lots stands in the line when the transaction is written."""
        self._changes.append(partial(carrying.spread_done, lots=tuple(lots)))

    def carried_to(self, lots: Collection[LotId]) -> None:
        """These leave the line when the transaction is written."""
        self._changes.append(partial(carrying.remove, lots=tuple(lots)))

    def refused_of(self, party: PartyId) -> list[RecordedEvent]:
        """The party's events that the contract refused for good, in order of sequence."""
        asked = queries.EVENTS.where(t.events.c.party == party, t.outbox_rows.c.state == EntryState.REFUSED.value)
        again = {one.sequence for one in self._again}
        with self._connect() as connection:
            rows = connection.execute(asked.order_by(t.events.c.sequence)).all()
        return [event_of(row) for row in rows if row.sequence not in again]

    def sign_again(self, event: RecordedEvent, proof: SignatureProof, digest: Digest, payload: bytes) -> RecordedEvent:
        """A refused event gets another proof and another entry. `Conflict` where it is not refused (any more)."""
        with self._connect() as connection:
            self._again.append(SignedAgain.of(connection, event, proof))
        self._add_event_entry(proof, digest, payload, event.content_hash)
        self._make_rows()
        self._leaves.replace(event.sequence)
        self._leaves.append(event.content_hash, signature_hash(proof), event.sequence, self._entry)
        queued = replace(event, proof=proof, state=EntryState.QUEUED, refusal="", transaction=b"")
        for known in (self._by_mac, self._by_event_id, self._by_content):
            _replace_event(known, queued)
        return queued

    def keep_job(self, job: CaptureJob, *, forget_before: int) -> None:
        """The job is written with the rest."""
        self._changes.append(partial(write_job, job=job, forget_before=forget_before))

    def merge_master_data(self, data: MasterData) -> None:
        """Master data to add or replace when the transaction is written."""
        self._master.append(data)

    def flush(self, connection: Connection) -> None:
        """Writes all that was gathered and changed."""
        self._make_rows()
        for again in self._again:
            again.write(connection)
        insert_new(connection, t.lot_names, list(self._lots.values()))
        insert_new(connection, t.consignment_names, self._rows.get(t.consignment_names.name, []))
        insert_rows(connection, t.events, self._event_rows)
        insert_rows(connection, t.event_lots, self._lot_rows)
        insert_rows(connection, t.event_index, self._index_rows)
        for table in (t.disclosures, t.certificates, t.consignment_events, t.outbox_rows):
            insert_all(connection, table, self._rows.get(table.name, []))
        self._leaves.flush(connection)
        for change in self._changes:
            change(connection)
        write_back(connection, self._projection)
        self._proposals.flush(connection)
        for data in self._master:
            master.merge(connection, data)

    def _add(self, table: str, row: dict[str, Any]) -> None:
        self._rows.setdefault(table, []).append(row)

    def _add_event_entry(self, proof: SignatureProof, digest: Digest, payload: bytes, content: ContentHash) -> None:
        self._add_entry(
            Target.LEDGER,
            kind=int(proof.action.KIND),
            key_id=bytes(proof.key_id),
            payload=payload,
            signature=joined_signature(proof),
            digest=bytes(digest),
            content_hash=bytes(content),
            action=None,
            applied_at=self._projection.applied_at.get(digest),
        )

    def _add_entry(self, target: Target, **values: Any) -> None:
        self._entry += 1
        row = {"id": self._entry, "target": target.value, **values}
        self._add(t.outbox_rows.name, {**row, **_QUEUED, "row_digest": entry_digest(row)})

    def _load(self, known: dict[_K, _Known], column: Column[Any], values: Collection[_K]) -> None:
        missing = [value for value in values if value not in known]
        for start in range(0, len(missing), _CHUNK):
            chunk = missing[start : start + _CHUNK]
            known.update(dict.fromkeys(chunk))
            with self._connect() as connection:
                # Nearly always nothing: an event is new.
                there = present(connection, column, chunk)
                rows = connection.execute(queries.EVENTS.where(column.in_(there))).all() if there else []
            known.update({getattr(row, column.name): event_of(row) for row in rows})

    def _highest(self, column: Column[int]) -> int:
        with self._connect() as connection:
            return int(connection.execute(select(func.coalesce(func.max(column), 0))).scalar_one())


def _recorded(known: _Known) -> RecordedEvent | None:
    return known.recorded() if isinstance(known, Appended) else known


def _replace_event(known: dict[Any, _Known], event: RecordedEvent) -> None:
    for key, found in known.items():
        if found is not None and found.sequence == event.sequence:
            known[key] = event


def _named_consignment(action: Action) -> tuple[PartyId, str] | None:
    """Shipper and reference of the consignment that the action opens, if it opens one: a return is one too."""
    if isinstance(action, Shipment):
        return action.shipper, action.consignment_ref
    if isinstance(action, PartialReceipt) and action.return_ref:
        return action.receiver, action.return_ref
    return None
