"""
What the use cases need from the world, as Protocols; `ledger.adapters` gives it, tests give in-memory fakes.

Stores are synchronous (they run in worker threads), chains are asynchronous. Errors are those of
`ledger.domain.errors`; no adapter lets a foreign exception through.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from ledger.domain.actions import Action
from ledger.domain.custody import LedgerState, StateChange
from ledger.domain.identifiers import ConsignmentId, ContentHash, Digest, KeyId, LotId, LotRef, PartyId
from ledger.domain.master_data import MasterData
from ledger.domain.records import ChainFacts, ChainQuestion, RecordedEvent, Scheme
from ledger.domain.typed_data import Domain


class Clock(Protocol):
    """The time, so that tests can set it."""

    def now(self) -> float:
        """Unix seconds."""
        ...


class Signer(Protocol):
    """Keeps parties' keys and signs digests with them; a key never leaves it."""

    def key_of(self, party: PartyId) -> KeyId:
        """The key that signs for the party now; `NotFound` where there is none."""
        ...

    def create(self, party: PartyId) -> KeyId:
        """The party's key, made if it has none."""
        ...

    def scheme_of(self, key: KeyId) -> Scheme:
        """How that key signs."""
        ...

    def sign(self, key: KeyId, digest: Digest) -> bytes:
        """65 bytes r ‖ s ‖ v, low s, v 27 or 28. `KeyLocked` where the passphrase does not open it."""
        ...


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event ready to be appended: sealed, hashed, signed, checked."""

    content_hash: ContentHash
    event_id: str
    request_mac: bytes
    party: PartyId
    body: bytes
    proof_json: bytes
    record_time: float
    lots: tuple[LotRef | LotId, ...]


class EventTransaction(Protocol):
    """One write transaction (BEGIN IMMEDIATE): everything in it stands or nothing does."""

    def find_request(self, mac: bytes) -> RecordedEvent | None:
        """The event that an equal request was recorded as."""
        ...

    def find_event_id(self, event_id: str) -> RecordedEvent | None:
        """The event under that eventID."""
        ...

    def state_of(self, action: Action) -> LedgerState:
        """The local projection of all that the action touches."""
        ...

    def append(self, event: NewEvent, change: StateChange) -> int:
        """Numbers and stores the event, its projection and its outbox entry; returns the sequence number."""
        ...


class EventStore(Protocol):
    """Durable events, in one total order, with the local projection of the ledger and master data beside them."""

    def writing(self) -> AbstractContextManager[EventTransaction]:
        """Opens the one write transaction; commits (with fsync) when the block ends without error."""
        ...

    def events_of_lot(self, lot: LotId) -> list[RecordedEvent]:
        """All events that name the lot, in order of sequence."""
        ...

    def event(self, content_hash: ContentHash) -> RecordedEvent | None:
        """The event of that identity."""
        ...

    def lot_ref(self, lot: LotId) -> LotRef | None:
        """The names behind a lot id."""
        ...

    def lots(self, after: LotRef | None, limit: int) -> list[LotRef]:
        """Lots in order of product and code, for keyset paging."""
        ...

    def consignment_ref(self, consignment: ConsignmentId) -> str | None:
        """The shipper's reference behind a consignment id."""
        ...

    def master_data(self) -> MasterData:
        """All master data."""
        ...

    def merge_master_data(self, data: MasterData) -> None:
        """Adds and replaces master data by identifier."""
        ...


class ChainReader(Protocol):
    """Reads the contracts. Raises `ChainUnavailable` or `WrongChain`, never guesses."""

    async def domain(self) -> Domain:
        """The EIP-712 domain of `ProduceLedger`."""
        ...

    async def facts(self, question: ChainQuestion) -> ChainFacts:
        """Answers everything at one block."""
        ...


class Progress(Protocol):
    """Told how far long work is."""

    def __call__(self, done: int, total: int, what: str) -> None: ...


class EventSource(Protocol):
    """Something that yields events to import (EPCIS document, workbook)."""

    def events(self) -> Iterable[Sequence[object]]: ...
