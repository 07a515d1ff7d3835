"""An `OutboxStore` in memory, for tests of the submitter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ledger.domain.errors import Conflict, StoreError
from ledger.domain.records import EntryState
from ledger.ports_outbox import (
    BlockRef,
    NewRow,
    OutboxCounts,
    OutboxRow,
    OutboxTransaction,
    RowOutcome,
    TransactionState,
)


class MemoryOutbox:
    """Keeps rows by id and transactions by (nonce, attempt); obeys the port to the letter."""

    def __init__(self) -> None:
        self.by_id: dict[int, OutboxRow] = {}
        self.by_nonce: dict[tuple[int, int], OutboxTransaction] = {}

    def queue(self, rows: Sequence[NewRow]) -> list[int]:
        ids = []
        for row in rows:
            number = len(self.by_id) + 1
            self.by_id[number] = OutboxRow(
                number, row.target, row.entry, row.digest, row.content_hash, EntryState.QUEUED
            )
            ids.append(number)
        return ids

    def queued(self, limit: int) -> list[OutboxRow]:
        return [row for row in self.by_id.values() if row.state is EntryState.QUEUED][:limit]

    def rows(self, ids: Sequence[int]) -> list[OutboxRow]:
        try:
            return [self.by_id[number] for number in ids]
        except KeyError as missing:
            raise StoreError(f"there is no outbox row {missing}") from None

    def first_open_row(self) -> int | None:
        open_states = (EntryState.QUEUED, EntryState.SENT)
        return min((row.id for row in self.by_id.values() if row.state in open_states), default=None)

    def counts(self) -> OutboxCounts:
        states = [row.state for row in self.by_id.values()]
        return OutboxCounts(
            queued=states.count(EntryState.QUEUED),
            sent=states.count(EntryState.SENT),
            confirmed=states.count(EntryState.CONFIRMED),
            refused=states.count(EntryState.REFUSED),
        )

    def next_nonce(self) -> int:
        return max((nonce for nonce, _ in self.by_nonce), default=-1) + 1

    def insert_transaction(self, transaction: OutboxTransaction) -> None:
        key = (transaction.nonce, transaction.attempt)
        if key in self.by_nonce:
            raise Conflict(f"nonce {transaction.nonce}, attempt {transaction.attempt} is taken")
        rows = self.rows(transaction.rows)
        if transaction.attempt == 0 and any(row.state is not EntryState.QUEUED for row in rows):
            raise Conflict("a row of the transaction is not queued any more")
        self.by_nonce[key] = transaction
        for row in rows:
            self.by_id[row.id] = replace(row, state=EntryState.SENT, transaction=transaction.hash, refusal="")

    def signed(self, limit: int) -> list[OutboxTransaction]:
        return [item for item in self._ordered() if item.state is TransactionState.SIGNED][:limit]

    def transactions(self, first_nonce: int, limit: int) -> list[OutboxTransaction]:
        return [item for item in self._ordered() if item.nonce >= first_nonce][:limit]

    def last_settled(self, before_nonce: int | None = None) -> OutboxTransaction | None:
        settled = [
            item
            for item in self._ordered()
            if item.state is TransactionState.SETTLED and (before_nonce is None or item.nonce < before_nonce)
        ]
        return settled[-1] if settled else None

    def mark_sent(self, nonce: int, attempt: int, at: float) -> None:
        transaction = self.by_nonce[nonce, attempt]
        if not transaction.sent_at:
            self.by_nonce[nonce, attempt] = replace(transaction, sent_at=at)

    def settle(self, nonce: int, attempt: int, block: BlockRef, outcomes: Sequence[RowOutcome]) -> None:
        for key, transaction in self.by_nonce.items():
            if key == (nonce, attempt):
                self.by_nonce[key] = replace(transaction, state=TransactionState.SETTLED, block=block)
            elif key[0] == nonce:
                self.by_nonce[key] = replace(transaction, state=TransactionState.DISPLACED)
        for outcome in outcomes:
            self.by_id[outcome.row] = replace(
                self.by_id[outcome.row],
                state=outcome.state,
                refusal=outcome.refusal,
                transaction=outcome.transaction,
            )

    def displace(self, nonce: int) -> None:
        for key, transaction in self.by_nonce.items():
            if key[0] != nonce:
                continue
            self.by_nonce[key] = replace(transaction, state=TransactionState.DISPLACED)
            for row in self.rows(transaction.rows):
                if row.state is EntryState.SENT:
                    self.by_id[row.id] = replace(row, state=EntryState.QUEUED, transaction=b"")

    def reopen(self, from_nonce: int) -> int:
        reopened = 0
        for key, transaction in self.by_nonce.items():
            if transaction.nonce < from_nonce or transaction.state is TransactionState.SIGNED:
                continue
            reopened += 1
            self.by_nonce[key] = replace(transaction, state=TransactionState.SIGNED, sent_at=0.0, block=None)
            for row in self.rows(transaction.rows):
                self.by_id[row.id] = replace(row, state=EntryState.SENT, refusal="", transaction=transaction.hash)
        return reopened

    def _ordered(self) -> list[OutboxTransaction]:
        return [self.by_nonce[key] for key in sorted(self.by_nonce)]
