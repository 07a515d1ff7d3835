"""
The outbox in SQL; implements `ledger.ports_outbox.OutboxStore`.

An entry refused for good takes back what it did to the local projection. That is rare, so it is done the simple way:
the projection is made again from all other entries, in the transaction that records the refusal (see `rebuild`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, func, insert, not_, select, update

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.codec import entry_digest, entry_of
from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.rebuild import NOTHING_TO_PROPAGATE, rebuild
from ledger.domain.errors import Conflict, StoreError
from ledger.domain.records import EntryState
from ledger.ports_outbox import (
    BlockRef,
    NewRow,
    OutboxCounts,
    OutboxRow,
    OutboxTransaction,
    RowOutcome,
    Target,
    TransactionState,
)

_ROWS = t.outbox_rows.c
_SENT = t.outbox_transactions.c
_OPEN = (EntryState.QUEUED.value, EntryState.SENT.value)
_CHUNK = 400


class SqlOutbox:
    """Rows and transactions of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def queue(self, rows: Sequence[NewRow]) -> list[int]:
        """Appends rows as queued; they change nothing in the local projection."""
        with self._database.writing() as connection:
            last = connection.execute(select(func.coalesce(func.max(_ROWS.id), 0))).scalar_one()
            values = [_new_row(last + 1 + index, row) for index, row in enumerate(rows)]
            if values:
                connection.execute(insert(t.outbox_rows), values)
            return [value["id"] for value in values]

    def queued(self, limit: int) -> list[OutboxRow]:
        """The first queued rows."""
        asked = select(t.outbox_rows).where(_ROWS.state == EntryState.QUEUED.value).order_by(_ROWS.id).limit(limit)
        with self._database.reading() as connection:
            return [entry_of(row) for row in connection.execute(asked)]

    def rows(self, ids: Sequence[int]) -> list[OutboxRow]:
        """Those rows, in the order asked."""
        with self._database.reading() as connection:
            return _rows(connection, ids)

    def first_open_row(self) -> int | None:
        """The smallest id of a row that is queued or sent."""
        with self._database.reading() as connection:
            found: int | None = connection.execute(select(func.min(_ROWS.id)).where(_ROWS.state.in_(_OPEN))).scalar()
            return found

    def counts(self) -> OutboxCounts:
        """Rows per state."""
        with self._database.reading() as connection:
            asked = select(_ROWS.state, func.count()).group_by(_ROWS.state)
            found = {str(row[0]): int(row[1]) for row in connection.execute(asked)}
        return OutboxCounts(*(found.get(state.value, 0) for state in EntryState))

    def next_nonce(self) -> int:
        """One more than the highest nonce."""
        with self._database.reading() as connection:
            return int(connection.execute(select(func.coalesce(func.max(_SENT.nonce), -1))).scalar_one()) + 1

    def insert_transaction(self, transaction: OutboxTransaction) -> None:
        """Stores the transaction with its raw bytes and turns its rows sent."""
        key = {"nonce": transaction.nonce, "attempt": transaction.attempt}
        with self._database.writing() as connection:
            if _transactions(connection, select(t.outbox_transactions).where(_is(**key))):
                raise Conflict(f"nonce {transaction.nonce}, attempt {transaction.attempt} is taken")
            rows = _rows(connection, transaction.rows)
            if transaction.attempt == 0 and any(row.state is not EntryState.QUEUED for row in rows):
                raise Conflict("a row of the transaction is not queued any more")
            values = {
                **key,
                "target": transaction.target.value,
                "hash": transaction.hash,
                "raw": transaction.raw,
                "gas": transaction.gas,
                "max_fee": transaction.max_fee,
                "sent_at": transaction.sent_at,
            }
            connection.execute(insert(t.outbox_transactions).values(**values, **_state_of(transaction)))
            carried = [{**key, "position": place, "row": row} for place, row in enumerate(transaction.rows)]
            if carried:
                connection.execute(insert(t.outbox_carried), carried)
            _mark_sent(connection, transaction.rows, transaction.hash)

    def signed(self, limit: int) -> list[OutboxTransaction]:
        """Transactions that are under way."""
        asked = select(t.outbox_transactions).where(_SENT.state == TransactionState.SIGNED.value)
        with self._database.reading() as connection:
            return _transactions(connection, asked.order_by(_SENT.nonce, _SENT.attempt).limit(limit))

    def transactions(self, first_nonce: int, limit: int) -> list[OutboxTransaction]:
        """All transactions from that nonce on."""
        asked = select(t.outbox_transactions).where(_SENT.nonce >= first_nonce)
        with self._database.reading() as connection:
            return _transactions(connection, asked.order_by(_SENT.nonce, _SENT.attempt).limit(limit))

    def last_settled(self, before_nonce: int | None = None) -> OutboxTransaction | None:
        """The settled transaction with the highest nonce."""
        asked = select(t.outbox_transactions).where(_SENT.state == TransactionState.SETTLED.value)
        if before_nonce is not None:
            asked = asked.where(_SENT.nonce < before_nonce)
        with self._database.reading() as connection:
            found = _transactions(connection, asked.order_by(_SENT.nonce.desc()).limit(1))
        return found[0] if found else None

    def mark_sent(self, nonce: int, attempt: int, at: float) -> None:
        """Notes the first sending."""
        with self._database.writing() as connection:
            first = and_(_is(nonce, attempt), _SENT.sent_at == 0.0)
            connection.execute(update(t.outbox_transactions).where(first).values(sent_at=at))

    def settle(self, nonce: int, attempt: int, block: BlockRef, outcomes: Sequence[RowOutcome]) -> None:
        """One attempt is settled, its rivals are displaced, its rows learn what became of them."""
        with self._database.writing() as connection:
            if not _transactions(connection, select(t.outbox_transactions).where(_is(nonce, attempt))):
                raise StoreError(f"there is no transaction with nonce {nonce}, attempt {attempt}")
            rivals = update(t.outbox_transactions).where(_SENT.nonce == nonce, _SENT.attempt != attempt)
            connection.execute(rivals.values(state=TransactionState.DISPLACED.value))
            settled = update(t.outbox_transactions).where(_is(nonce, attempt))
            connection.execute(
                settled.values(
                    state=TransactionState.SETTLED.value,
                    block_number=block.number,
                    block_hash=block.hash,
                    block_time=block.time,
                )
            )
            before = _refused(connection, [outcome.row for outcome in outcomes])
            for outcome in outcomes:
                connection.execute(
                    update(t.outbox_rows)
                    .where(_ROWS.id == outcome.row)
                    .values(state=outcome.state.value, refusal=outcome.refusal, transaction=outcome.transaction)
                )
            if before != _refused(connection, [outcome.row for outcome in outcomes]):
                rebuild(connection)

    def displace(self, nonce: int) -> None:
        """All attempts at the nonce are displaced; their rows wait again."""
        with self._database.writing() as connection:
            attempts = _transactions(connection, select(t.outbox_transactions).where(_SENT.nonce == nonce))
            displaced = update(t.outbox_transactions).where(_SENT.nonce == nonce)
            connection.execute(displaced.values(state=TransactionState.DISPLACED.value))
            for chunk in _chunks(list({row for attempt in attempts for row in attempt.rows})):
                connection.execute(
                    update(t.outbox_rows)
                    .where(_ROWS.id.in_(chunk), _ROWS.state == EntryState.SENT.value)
                    .values(state=EntryState.QUEUED.value, transaction=b"")
                )

    def reopen(self, from_nonce: int) -> int:
        """The chain forgot these transactions: they are under way again, and so are their rows."""
        with self._database.writing() as connection:
            forgotten = and_(_SENT.nonce >= from_nonce, _SENT.state != TransactionState.SIGNED.value)
            asked = select(t.outbox_transactions).where(forgotten).order_by(_SENT.nonce, _SENT.attempt)
            found = _transactions(connection, asked)
            connection.execute(
                update(t.outbox_transactions)
                .where(forgotten)
                .values(
                    state=TransactionState.SIGNED.value,
                    sent_at=0.0,
                    block_number=None,
                    block_hash=None,
                    block_time=None,
                )
            )
            refused = False
            for transaction in found:
                refused |= bool(_refused(connection, transaction.rows))
                _mark_sent(connection, transaction.rows, transaction.hash)
            if refused:
                rebuild(connection)
            return len(found)


def _new_row(number: int, row: NewRow) -> dict[str, Any]:
    values: dict[str, Any] = {
        "id": number,
        "target": row.target.value,
        "kind": int(row.entry.kind),
        "key_id": bytes(row.entry.key_id),
        "payload": row.entry.payload,
        "signature": row.entry.signature,
        "digest": bytes(row.digest),
        "content_hash": None if row.content_hash is None else bytes(row.content_hash),
        "action": None,
        "applied_at": None,
    }
    values["row_digest"] = entry_digest(values)
    return {**values, "state": EntryState.QUEUED.value, "refusal": "", "transaction": b""}


def _rows(connection: Connection, ids: Sequence[int]) -> list[OutboxRow]:
    found = {}
    for chunk in _chunks(list(ids)):
        for row in connection.execute(select(t.outbox_rows).where(_ROWS.id.in_(chunk))):
            found[row.id] = entry_of(row)
    try:
        return [found[number] for number in ids]
    except KeyError as missing:
        raise StoreError(f"there is no outbox row {missing}") from None


def _mark_sent(connection: Connection, rows: Sequence[int], transaction: bytes) -> None:
    for chunk in _chunks(list(rows)):
        sent = update(t.outbox_rows).where(_ROWS.id.in_(chunk))
        connection.execute(sent.values(state=EntryState.SENT.value, refusal="", transaction=transaction))


def _refused(connection: Connection, rows: Sequence[int]) -> set[int]:
    """Those of the rows whose refusal takes something back."""
    without_effect = and_(_ROWS.state == EntryState.REFUSED.value, not_(_ROWS.refusal.startswith(NOTHING_TO_PROPAGATE)))
    found: set[int] = set()
    for chunk in _chunks(list(rows)):
        asked = select(_ROWS.id).where(_ROWS.id.in_(chunk), without_effect)
        found.update(connection.execute(asked).scalars())
    return found


def _transactions(connection: Connection, asked: Select[Any]) -> list[OutboxTransaction]:
    return [_transaction(connection, row) for row in connection.execute(asked).all()]


def _transaction(connection: Connection, row: Any) -> OutboxTransaction:
    c = t.outbox_carried.c
    carried = select(c.row).where(c.nonce == row.nonce, c.attempt == row.attempt).order_by(c.position)
    block = None if row.block_hash is None else BlockRef(row.block_number, row.block_hash, row.block_time)
    return OutboxTransaction(
        nonce=row.nonce,
        attempt=row.attempt,
        target=Target(row.target),
        rows=tuple(connection.execute(carried).scalars()),
        hash=row.hash,
        raw=row.raw,
        gas=row.gas,
        max_fee=row.max_fee,
        state=TransactionState(row.state),
        sent_at=row.sent_at,
        block=block,
    )


def _state_of(transaction: OutboxTransaction) -> dict[str, Any]:
    block = transaction.block
    return {
        "state": transaction.state.value,
        "block_number": block and block.number,
        "block_hash": block and block.hash,
        "block_time": block and block.time,
    }


def _is(nonce: int, attempt: int) -> Any:
    return and_(_SENT.nonce == nonce, _SENT.attempt == attempt)


def _chunks(values: list[int]) -> list[list[int]]:
    return [values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK)]
