"""
What the use cases need from the world, as Protocols; `ledger.adapters` gives it, tests give in-memory fakes.

Stores are synchronous (they run in worker threads), chains are asynchronous. Errors are those of
`ledger.domain.errors`; no adapter lets a foreign exception through.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from ledger.domain.actions import Line
from ledger.domain.custody_state import Lot
from ledger.domain.identifiers import ConsignmentId, ContentHash, Digest, KeyId, LotId, LotRef, PartyId, ProductId
from ledger.domain.log.acknowledgement_json import SignedAcknowledgement
from ledger.domain.log.acknowledgements import Acknowledgement, Inclusion
from ledger.domain.master_data import MasterData
from ledger.domain.new_events import Appended, NewEvent
from ledger.domain.projection import Projection
from ledger.domain.records import (
    BlockMark,
    ChainCheckpoint,
    ChainFacts,
    ChainQuestion,
    LogPlace,
    RecordedEvent,
    Scheme,
    SignatureProof,
)
from ledger.domain.registry_actions import RegistryAction
from ledger.domain.sealing import KeptDisclosure
from ledger.domain.sensors.limits import Limits
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

    def create_another(self, party: PartyId, scheme: Scheme = Scheme.SECP256K1) -> KeyId:
        """A new key for the party, which `key_of` names from now on; the old ones stay."""
        ...

    def create_spare(self, party: PartyId, scheme: Scheme = Scheme.SECP256K1) -> KeyId:
        """A new key that is kept for the party and that `key_of` does not name before it is adopted."""
        ...

    def adopt(self, party: PartyId, key: KeyId) -> None:
        """The spare key is the party's current one from now on."""
        ...

    def scheme_of(self, key: KeyId) -> Scheme:
        """How that key signs; `NotFound` where it is not kept here."""
        ...

    def sign(self, key: KeyId, digest: Digest) -> bytes:
        """In the form of the key's scheme, see `domain.signatures`. `KeyLocked` where no passphrase opens it."""
        ...


@dataclass(frozen=True, slots=True)
class NewRegistration:
    """A signed change of the registry, ready to be queued for `PartyRegistry`."""

    action: RegistryAction
    key_id: KeyId
    signature: bytes
    digest: Digest
    payload: bytes


class EventTransaction(Protocol):
    """One write transaction: everything in it stands or nothing does. A rehearsal looks the same and writes nothing."""

    @property
    def projection(self) -> Projection:
        """Ledger and registry as they stand now; what is applied to it is stored with the transaction."""
        ...

    def prefetch(self, macs: Collection[bytes], contents: Collection[ContentHash], event_ids: Collection[str]) -> None:
        """Looks many events up in few reads, so that the three that find, and `is_new`, need none."""
        ...

    def expect_new(self, contents: Collection[ContentHash], event_ids: Collection[str]) -> None:
        """
        Takes these for new in `is_new`, without looking them up, as long as none is appended in this transaction. Where
        one is taken after all, the transaction ends with `Conflict`. The methods below look up as ever.
        """
        ...

    def find_request(self, mac: bytes) -> RecordedEvent | None:
        """The event that an equal request was recorded as."""
        ...

    def find_event_id(self, event_id: str) -> RecordedEvent | None:
        """The event, no error declaration, under that eventID."""
        ...

    def find_content(self, content_hash: ContentHash) -> RecordedEvent | None:
        """The event of that identity."""
        ...

    def is_new(self, event_id: str | None, mac: bytes, content: ContentHash) -> bool:
        """
        Whether the three methods above find nothing, of what was looked up before or is expected to be new; False where
        something is neither. `event_id` is None for an error declaration.
        """
        ...

    def append(self, event: NewEvent) -> Appended:
        """
        Numbers the event and stores it with its outbox entry and its leaf in the log; its change was applied to the
        projection before.
        """
        ...

    def acknowledgements(self, contents: Collection[ContentHash]) -> Mapping[ContentHash, SignedAcknowledgement]:
        """What the log's operator signed for each of these events, now or before; nothing in a rehearsal."""
        ...

    def queue(self, registration: NewRegistration) -> None:
        """Queues the entry; its change was applied to the projection before."""
        ...

    def merge_master_data(self, data: MasterData) -> None:
        """Adds and replaces master data by identifier."""
        ...


class EventStore(Protocol):
    """Durable events, in one total order, with the local projection of the ledger and master data beside them."""

    def writing(self) -> AbstractContextManager[EventTransaction]:
        """Opens the one write transaction; commits (with fsync) when the block ends without error."""
        ...

    def rehearsing(self) -> AbstractContextManager[EventTransaction]:
        """The same, but nothing is ever stored and nobody is kept waiting."""
        ...

    def events_of_lot(self, lot: LotId) -> list[RecordedEvent]:
        """All events that name the lot, in order of sequence."""
        ...

    def event(self, content_hash: ContentHash) -> RecordedEvent | None:
        """The event of that identity."""
        ...

    def events(self, after: int, limit: int) -> list[RecordedEvent]:
        """The first `limit` events with a sequence number above `after`."""
        ...

    def lot_ref(self, lot: LotId) -> LotRef | None:
        """The names behind a lot id."""
        ...

    def lots(self, after: LotRef | None, limit: int) -> list[LotRef]:
        """Lots in order of product and code, for keyset paging."""
        ...

    def lots_with_code(self, code: str) -> list[LotRef]:
        """All lots of that lot code, whatever the product."""
        ...

    def lineage(self, lots: Collection[LotId]) -> Mapping[LotId, Lot]:
        """These lots and all their ancestors, as the local projection has them."""
        ...

    def descent(self, lots: Collection[LotId]) -> Mapping[LotId, tuple[LotId, ...]]:
        """The lots made from each of these lots, and from each of those, to the end; those without are left out."""
        ...

    def ascent(self, lots: Collection[LotId]) -> Mapping[LotId, tuple[LotId, ...]]:
        """What each of these lots was made from, and each of those, to the fields, which are left out."""
        ...

    def lot_refs(self, lots: Collection[LotId]) -> Mapping[LotId, LotRef]:
        """The names behind many lot ids; those without any are left out."""
        ...

    def manifest(self, consignment: ConsignmentId) -> tuple[Line, ...] | None:
        """The lines that were shipped, ascending by lot id; None where there is no such consignment."""
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

    def limits_of(self, product: ProductId) -> Limits | None:
        """The temperature limits that master data has for the product."""
        ...


class LogReader(Protocol):
    """Where events lie in the transparency log, as the store has it."""

    def places(self, contents: Collection[ContentHash]) -> Mapping[ContentHash, LogPlace]:
        """
        The place of each event's present proof under one checkpoint that is final on chain, with its inclusion proof;
        events that no such checkpoint covers yet are left out.
        """
        ...


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """
    An event as it lies in the store, unread: for `fsck`. `body` and `proof` are the stored bytes. `is_intact`: the row
    still is what was written. `misindexed`: columns in which its row of the index that is searched says something else
    than the event; None where it has no row. The entry's parts are those queued for the chain; `payload` is None where
    there is none.
    """

    sequence: int
    content_hash: ContentHash
    event_id: str
    is_declaration: bool
    party: PartyId
    body: bytes
    proof: bytes
    is_intact: bool
    lots: frozenset[LotId]
    misindexed: tuple[str, ...] | None
    key_id: KeyId | None
    payload: bytes | None
    signature: bytes | None
    digest: Digest | None


@dataclass(frozen=True, slots=True)
class StoredDisclosure:
    """A disclosure as it lies in the store, at its place among those of its event. `is_intact` as with events."""

    position: int
    kept: KeptDisclosure
    is_intact: bool


class StoreAudit(Protocol):
    """The store laid bare, for `fsck`. Problems are sentences that say where and what."""

    def integrity_problems(self) -> list[str]:
        """What the database finds wrong with itself."""
        ...

    def stored_events(self, after: int, limit: int) -> list[StoredEvent]:
        """The first `limit` events with a sequence number above `after`."""
        ...

    def stored_disclosures(self, first: int, last: int) -> Mapping[int, list[StoredDisclosure]]:
        """Those of the events with these sequence numbers, by sequence number and position."""
        ...

    def disclosure_problems(self) -> list[str]:
        """Disclosures that belong to no event."""
        ...

    def index_problems(self) -> list[str]:
        """Rows of the index that is searched that belong to no event."""
        ...

    def erased_disclosures(self) -> int:
        """How many were erased."""
        ...

    def read_proof(self, data: bytes) -> SignatureProof:
        """The proof behind its stored bytes; `StoreError` where they are not in the form that was written."""
        ...

    def entry_problems(self) -> list[str]:
        """Outbox rows that are not what was written, are missing or belong to no event."""
        ...

    def projection_problems(self) -> list[str]:
        """Where the projection's tables differ from what all events make of it."""
        ...


class ChainReader(Protocol):
    """Reads the contracts. Raises `ChainUnavailable` or `WrongChain`, never guesses."""

    async def domain(self) -> Domain:
        """The EIP-712 domain of `ProduceLedger`."""
        ...

    async def facts(self, question: ChainQuestion) -> ChainFacts:
        """Answers everything at one block."""
        ...


class ChainNode(Protocol):
    """One of several nodes that have to agree. Raises `ChainError` for whatever it answers that is no answer."""

    @property
    def url(self) -> str:
        """Its address, by which it is named."""
        ...

    async def head(self) -> BlockMark:
        """Its newest block."""
        ...

    async def facts_at(self, question: ChainQuestion, number: int) -> tuple[BlockMark, ChainFacts]:
        """Answers everything at the block of that number, and says which block that is on its chain."""
        ...


@dataclass(frozen=True, slots=True)
class LogQuestion:
    """About entry `index` of the log, acknowledged at `time` (Unix seconds); `size`: a checkpoint asked for besides."""

    index: int
    time: int
    size: int | None = None


@dataclass(frozen=True, slots=True)
class LogHistory:
    """
    `covering`: the first checkpoint that covers the entry; `operator`: the 20-byte address of the log's owner at the
    time; `under`: the checkpoint of the size asked for. None: there is none.
    """

    covering: ChainCheckpoint | None
    operator: bytes | None
    under: ChainCheckpoint | None = None


class LogNode(Protocol):
    """One of several nodes, asked about `EventLog`. Raises `ChainError`."""

    @property
    def url(self) -> str:
        """Its address, by which it is named."""
        ...

    async def head(self) -> BlockMark:
        """Its newest block."""
        ...

    async def history_at(self, question: LogQuestion, number: int) -> tuple[BlockMark, LogHistory]:
        """Answers as of the block of that number, and says which block that is on its chain."""
        ...


class LogShower(Protocol):
    """Where a holder has the leaf from: a service's log, a bundle. What it shows is checked, never believed."""

    async def shown(self, acknowledgement: Acknowledgement, covering: ChainCheckpoint) -> Sequence[Inclusion]:
        """Proofs of which leaf has the index, for any size that the log had."""
        ...


class Progress(Protocol):
    """Told how far long work is."""

    def __call__(self, done: int, total: int, what: str) -> None: ...
