"""
A write transaction, or the rehearsal of one; implements `ledger.ports.EventTransaction`.

Rows are gathered in memory and written in bulk when the block ends: a thousand events are a dozen statements. The
transaction answers from what it gathered as if it were stored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any, TypeVar

import orjson
from sqlalchemy import Column, Connection, func, insert, select

from ledger.adapters.sql_store import master, queries
from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.codec import (
    ENTRY_DIGESTED,
    EVENT_DIGESTED,
    action_bytes,
    event_of,
    proof_bytes,
    row_digest,
    time_of,
)
from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.dialect import insert_new
from ledger.adapters.sql_store.source import Connect, SqlSource, write_back
from ledger.domain.actions import Shipment
from ledger.domain.errors import Conflict
from ledger.domain.identifiers import ContentHash, consignment_id
from ledger.domain.master_data import MasterData
from ledger.domain.projection import Projection
from ledger.domain.records import EntryState, RecordedEvent
from ledger.ports import NewEvent, NewRegistration
from ledger.ports_outbox import Target

_K = TypeVar("_K", bytes, str, ContentHash)
_CHUNK = 400
_QUEUED: Mapping[str, object] = {"state": EntryState.QUEUED.value, "refusal": "", "transaction": b""}


@contextmanager
def writing(database: Database) -> Iterator[SqlTransaction]:
    """The one write transaction: on disk when the block ends, forgotten if it raises."""
    with database.writing() as connection:
        transaction = SqlTransaction(lambda: nullcontext(connection))
        yield transaction
        transaction.flush(connection)


@contextmanager
def rehearsing(database: Database) -> Iterator[SqlTransaction]:
    """The same over short reads; nothing is ever written."""
    reader = _RenewedReader(database)
    try:
        yield SqlTransaction(reader.connect)
    finally:
        reader.close()


class _RenewedReader:
    """One view of the database for some reads, then a new one, so that no view is held for long."""

    _READS = 500  # a few hundredths of a second

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stack = ExitStack()
        self._connection: Connection | None = None
        self._reads = 0

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """The present view's connection."""
        if self._connection is None or self._reads >= self._READS:
            self.close()
            self._connection = self._stack.enter_context(self._database.reading())
            self._reads = 0
        self._reads += 1
        yield self._connection

    def close(self) -> None:
        """Ends the present view."""
        self._stack.close()
        self._connection = None


class SqlTransaction:
    """What is appended and changed, on top of what `connect` reads."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._projection = Projection(SqlSource(connect))
        self._sequence = self._highest(t.events.c.sequence)
        self._entry = self._highest(t.outbox_rows.c.id)
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._master: list[MasterData] = []
        # Events by request, eventID and content; None: asked for, and not there.
        self._by_mac: dict[bytes, RecordedEvent | None] = {}
        self._by_event_id: dict[str, RecordedEvent | None] = {}
        self._by_content: dict[bytes, RecordedEvent | None] = {}

    @property
    def projection(self) -> Projection:
        """Ledger and registry as they stand in this transaction."""
        return self._projection

    def prefetch(self, macs: Collection[bytes], contents: Collection[ContentHash], event_ids: Collection[str]) -> None:
        """Looks many events up in few reads."""
        self._load(self._by_mac, t.events.c.request_mac, macs)
        self._load(self._by_content, t.events.c.content_hash, contents)
        self._load(self._by_event_id, t.events.c.claimed_id, event_ids)

    def find_request(self, mac: bytes) -> RecordedEvent | None:
        """The event that an equal request was recorded as."""
        self._load(self._by_mac, t.events.c.request_mac, (mac,))
        return self._by_mac[mac]

    def find_event_id(self, event_id: str) -> RecordedEvent | None:
        """The event, no error declaration, under that eventID."""
        self._load(self._by_event_id, t.events.c.claimed_id, (event_id,))
        return self._by_event_id[event_id]

    def find_content(self, content_hash: ContentHash) -> RecordedEvent | None:
        """The event of that identity."""
        self._load(self._by_content, t.events.c.content_hash, (content_hash,))
        return self._by_content[content_hash]

    def append(self, event: NewEvent) -> RecordedEvent:
        """Numbers the event and gathers its rows. `Conflict` where its eventID or content is taken."""
        taken = self.find_content(event.content_hash) or self.find_request(event.request_mac)
        if taken is None and not event.is_declaration:
            taken = self.find_event_id(event.event_id)
        if taken is not None:
            raise Conflict(f"event {taken.sequence} has the same identity as {event.event_id}")
        self._sequence += 1
        row: dict[str, Any] = {
            "sequence": self._sequence,
            "content_hash": bytes(event.content_hash),
            "event_id": event.event_id,
            "claimed_id": None if event.is_declaration else event.event_id,
            "request_mac": event.request_mac,
            "party": int(event.party),
            "body": event.body,
            "proof": proof_bytes(event.proof),
            "record_time": round(event.record_time * 1_000_000),
        }
        row["row_digest"] = row_digest(row, EVENT_DIGESTED)
        self._add(t.events.name, row)
        names = dict.fromkeys(event.lots)
        for ref in names:
            self._add(t.lot_names.name, {"lot": ref.id, "product": ref.product, "code": ref.code})
            self._add(t.event_lots.name, {"lot": ref.id, "sequence": self._sequence})
        action = event.proof.action
        if isinstance(action, Shipment):
            consignment = consignment_id(action.shipper, action.consignment_ref)
            name = {"consignment": consignment, "shipper": action.shipper, "reference": action.consignment_ref}
            self._add(t.consignment_names.name, name)
        self._add_entry(
            Target.LEDGER,
            kind=int(action.KIND),
            key_id=bytes(event.proof.key_id),
            payload=event.payload,
            signature=event.proof.signature,
            digest=bytes(event.digest),
            content_hash=bytes(event.content_hash),
            action=None,
        )
        recorded = RecordedEvent(
            sequence=self._sequence,
            content_hash=event.content_hash,
            event_id=event.event_id,
            record_time=time_of(row["record_time"]),
            body=orjson.loads(event.body),
            proof=event.proof,
            state=EntryState.QUEUED,
        )
        self._by_mac[event.request_mac] = self._by_content[event.content_hash] = recorded
        if not event.is_declaration:
            self._by_event_id[event.event_id] = recorded
        return recorded

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
        )

    def merge_master_data(self, data: MasterData) -> None:
        """Master data to add or replace when the transaction is written."""
        self._master.append(data)

    def flush(self, connection: Connection) -> None:
        """Writes all that was gathered and changed."""
        insert_new(connection, t.lot_names, self._rows.get(t.lot_names.name, []))
        insert_new(connection, t.consignment_names, self._rows.get(t.consignment_names.name, []))
        for table in (t.events, t.event_lots, t.outbox_rows):
            if rows := self._rows.get(table.name):
                connection.execute(insert(table), rows)
        write_back(connection, self._projection)
        for data in self._master:
            master.merge(connection, data)

    def _add(self, table: str, row: dict[str, Any]) -> None:
        self._rows.setdefault(table, []).append(row)

    def _add_entry(self, target: Target, **values: Any) -> None:
        self._entry += 1
        row = {"id": self._entry, "target": target.value, **values}
        self._add(t.outbox_rows.name, {**row, **_QUEUED, "row_digest": row_digest(row, ENTRY_DIGESTED)})

    def _load(self, known: dict[_K, RecordedEvent | None], column: Column[Any], values: Collection[_K]) -> None:
        missing = [value for value in values if value not in known]
        for start in range(0, len(missing), _CHUNK):
            chunk = missing[start : start + _CHUNK]
            known.update(dict.fromkeys(chunk))
            with self._connect() as connection:
                rows = connection.execute(queries.EVENTS.where(column.in_(chunk))).all()
            known.update({getattr(row, column.name): event_of(row) for row in rows})

    def _highest(self, column: Column[int]) -> int:
        with self._connect() as connection:
            return int(connection.execute(select(func.coalesce(func.max(column), 0))).scalar_one())
