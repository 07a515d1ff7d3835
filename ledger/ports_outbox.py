"""
The outbox: signed entries waiting for the chain, and the transactions that carry them; the port between
`ledger.services.submit`, a store, and a chain.

    row          queued ──► sent ──► confirmed
                   ▲          ├────► refused (for good, with its rule)
                   └──────────┴────► queued again (its transaction came to nothing)

    transaction  signed ──► settled            a rolled-back chain turns settled and displaced back into signed
                   └──────► displaced          its nonce was used by a transaction that is not ours

A transaction is stored, nonce and raw bytes, before it is sent. Sending again is sending the same bytes, so nothing can
be doubled. Several attempts (same nonce, same rows, higher fee) may stand side by side; the chain takes one of them.

Stores are synchronous and run in worker threads; every method that writes is one durable write transaction. Store
errors: `Conflict` where a nonce was taken meanwhile, `StoreError` for the rest. Relay errors: `ChainUnavailable`,
`WrongChain`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from ledger.domain.identifiers import ContentHash, Digest, KeyId
from ledger.domain.records import EntryState


class Target(StrEnum):
    """Where a transaction goes: rows to `REGISTRY` or `LEDGER`; `CREATION` deploys; `NOTHING` only uses up a nonce."""

    REGISTRY = "registry"
    LEDGER = "ledger"
    CREATION = "creation"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class SignedEntry:
    """`IEntryRelay.Entry`: kind number, key id (32 bytes), ABI payload, signature."""

    kind: int
    key_id: KeyId
    payload: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class NewRow:
    """
    An entry to be queued. `digest` is the EIP-712 digest that was signed. `content_hash` is the event's identity for
    entries of the ledger, and None for those of the registry.
    """

    target: Target
    entry: SignedEntry
    digest: Digest
    content_hash: ContentHash | None


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """
    A queued entry. `id` is its place in the one order of all entries (ascending, never reused). `refusal` is the rule,
    such as "LotExists(lot=0x…)", where the state is `REFUSED`. `transaction` is the hash of the transaction in which
    the entry was recorded (or last sent), empty while queued.
    """

    id: int
    target: Target
    entry: SignedEntry
    digest: Digest
    content_hash: ContentHash | None
    state: EntryState
    refusal: str = ""
    transaction: bytes = b""


class TransactionState(StrEnum):
    """Where a transaction stands; see the module's picture."""

    SIGNED = "signed"
    SETTLED = "settled"
    DISPLACED = "displaced"


@dataclass(frozen=True, slots=True)
class BlockRef:
    """A block: number, hash (32 bytes) and time (Unix seconds)."""

    number: int
    hash: bytes
    time: int


@dataclass(frozen=True, slots=True)
class OutboxTransaction:
    """
    One attempt at one nonce. `rows` are the ids of the rows that it carries, in the order of the call's array: an
    index in `EntrySkipped` counts in it. `raw` is the signed transaction. `max_fee` is in wei per gas. `sent_at` is the
    first sending, Unix seconds, 0 = never. `block` is set when settled.
    """

    nonce: int
    attempt: int
    target: Target
    rows: tuple[int, ...]
    hash: bytes
    raw: bytes
    gas: int
    max_fee: int
    state: TransactionState = TransactionState.SIGNED
    sent_at: float = 0.0
    block: BlockRef | None = None


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of a row: `CONFIRMED` (in which transaction), `REFUSED` (by which rule) or `QUEUED` again."""

    row: int
    state: EntryState
    refusal: str = ""
    transaction: bytes = b""


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """How many rows are in each state."""

    queued: int
    sent: int
    confirmed: int
    refused: int


class OutboxStore(Protocol):
    """Durable rows and transactions. Rows get in with what they belong to (an event, a registration) or by `queue`."""

    def queue(self, rows: Sequence[NewRow]) -> list[int]:
        """Appends rows as `QUEUED`; returns their ids, ascending."""
        ...

    def queued(self, limit: int) -> list[OutboxRow]:
        """The first `limit` rows in state `QUEUED`, by id."""
        ...

    def rows(self, ids: Sequence[int]) -> list[OutboxRow]:
        """Those rows, in the order asked; `StoreError` where one does not exist."""
        ...

    def first_open_row(self) -> int | None:
        """The smallest id of a row that is `QUEUED` or `SENT`."""
        ...

    def counts(self) -> OutboxCounts:
        """Rows per state."""
        ...

    def next_nonce(self) -> int:
        """One more than the highest nonce of any transaction, whatever its state; 0 where there is none."""
        ...

    def insert_transaction(self, transaction: OutboxTransaction) -> None:
        """
        Stores the transaction (state `SIGNED`) and turns its rows `SENT` with its hash. `Conflict`, and nothing stored,
        where (nonce, attempt) exists, or where attempt is 0 and one of the rows is not `QUEUED`.
        """
        ...

    def signed(self, limit: int) -> list[OutboxTransaction]:
        """Transactions in state `SIGNED`, by nonce and attempt, the first `limit`."""
        ...

    def transactions(self, first_nonce: int, limit: int) -> list[OutboxTransaction]:
        """All transactions from that nonce on, whatever their state, by nonce and attempt."""
        ...

    def last_settled(self, before_nonce: int | None = None) -> OutboxTransaction | None:
        """The settled transaction with the highest nonce (below `before_nonce`, if given)."""
        ...

    def mark_sent(self, nonce: int, attempt: int, at: float) -> None:
        """Sets `sent_at`, unless it was set."""
        ...

    def settle(self, nonce: int, attempt: int, block: BlockRef, outcomes: Sequence[RowOutcome]) -> None:
        """
        This attempt is `SETTLED` in that block; other attempts at the nonce turn `DISPLACED`. Each outcome is applied
        to its row (state, refusal, transaction). All in one write transaction.
        """
        ...

    def displace(self, nonce: int) -> None:
        """All attempts at the nonce turn `DISPLACED`; those of their rows that are `SENT` turn `QUEUED`."""
        ...

    def reopen(self, from_nonce: int) -> int:
        """
        The chain forgot: every `SETTLED` or `DISPLACED` transaction with `nonce >= from_nonce` turns `SIGNED` again
        (`sent_at` 0, no block) and each of its rows turns `SENT` without refusal. Returns how many transactions.
        """
        ...


@dataclass(frozen=True, slots=True)
class RelayHead:
    """The chain's head and the relay account's nonce at it (the number of its mined transactions)."""

    block: BlockRef
    nonce: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """
    A mined transaction. `recorded` has (content hash, digest) of its `EntryRecorded` logs; `skipped` maps the indexes
    of its `EntrySkipped` logs to the rules that they name.
    """

    block: BlockRef
    succeeded: bool
    recorded: frozenset[tuple[ContentHash, Digest]]
    skipped: Mapping[int, str]


class SendResult(StrEnum):
    """What the node said to a raw transaction. None of these says that it was mined."""

    ACCEPTED = "accepted"
    KNOWN = "known"
    NONCE_TOO_LOW = "nonce too low"
    UNDERPRICED = "underpriced"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class SignedTransaction:
    """A transaction of the relay account: hash (32 bytes), raw bytes."""

    hash: bytes
    raw: bytes


class Relay(Protocol):
    """The account that pays for submissions, on one chain."""

    @property
    def confirmations(self) -> int:
        """After how many blocks (its own counts as the first) a transaction is final."""
        ...

    @property
    def gas_cap(self) -> int:
        """No transaction may ask for more gas."""
        ...

    @property
    def max_fee(self) -> int:
        """The most that a replacement may offer, wei per gas."""
        ...

    @property
    def stuck_after_blocks(self) -> int:
        """How many blocks may pass before a transaction that is next in line is replaced."""
        ...

    async def head(self) -> RelayHead:
        """Head and nonce, read together."""
        ...

    async def block_hash(self, number: int) -> bytes | None:
        """The hash of that block on the chain as it is now; None where there is no such block."""
        ...

    async def fee(self) -> int:
        """The max fee in wei per gas that is worth offering now."""
        ...

    def gas_bound(self, target: Target, entries: Sequence[SignedEntry]) -> int:
        """Gas that is enough for a `submit` of these entries whatever the state they meet."""
        ...

    def sign(
        self, nonce: int, target: Target, entries: Sequence[SignedEntry], gas: int, max_fee: int
    ) -> SignedTransaction:
        """`submit(entries)` to the target; a transfer of nothing to itself where the target is `NOTHING`."""
        ...

    async def send(self, raw: bytes) -> tuple[SendResult, str]:
        """Hands raw bytes to the node; also returns what it said."""
        ...

    async def receipts(self, hashes: Sequence[bytes]) -> dict[bytes, Receipt]:
        """The receipts of those that are mined."""
        ...

    async def simulate(self, target: Target, entry: SignedEntry) -> str:
        """Applies the entry at the head, without a transaction: "" where it would be recorded, else the rule."""
        ...

    async def stands(self, row: OutboxRow) -> bytes | None:
        """
        Whether the entry's effect stands on the chain already, whoever relayed it: the hash of the transaction that
        recorded it (zeros where only the effect can be seen), or None.
        """
        ...
