"""
What is kept of an event and what the chain says of it: the values that stores return and verdicts are made from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from ledger.domain.actions import Action, EntryKind
from ledger.domain.identifiers import (
    ConsignmentId,
    ContentHash,
    Digest,
    Grams,
    KeyId,
    LotId,
    PartyId,
    PlotId,
)  # fmt: skip
from ledger.domain.log.proofs import InclusionProof
from ledger.domain.merkle import TreeHash

JsonTree = dict[str, Any]
"""A parsed JSON object: exactly what is sealed, hashed and stored."""


class Scheme(IntEnum):
    """How a key signs; the numbers of `IPartyRegistry.Scheme`."""

    NONE = 0
    SECP256K1 = 1
    P256 = 2


@dataclass(frozen=True, slots=True)
class CoSignature:
    """The second party's signature over the same digest, in the form of its scheme."""

    party: PartyId
    key_id: KeyId
    scheme: Scheme
    signature: bytes


@dataclass(frozen=True, slots=True)
class BatchPlace:
    """
    A statement's place among those that were signed at once, as `Batch(root, count)`: its index from 0, and the
    inclusion path from its leaf up; see `ledger.domain.batch_signatures`.
    """

    root: TreeHash
    count: int
    index: int
    path: tuple[TreeHash, ...]


@dataclass(frozen=True, slots=True)
class SignatureProof:
    """
    What was signed, by which key: the struct as signed (with its deadline), and the signature in the form of the
    scheme; see `ledger.domain.signatures`. `co`: the second signature of what two parties sign (`cosigner_of`), and
    None for all else. `batch`: where the signature is over a batch, the struct's place in it.
    """

    action: Action
    key_id: KeyId
    scheme: Scheme
    signature: bytes
    co: CoSignature | None = None
    batch: BatchPlace | None = None


class EntryState(StrEnum):
    """Where an event stands on its way to the chain."""

    QUEUED = "queued"
    SENT = "sent"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An acknowledged event: durable, in order, signed. `refusal` is the contract's rule where it refused for good."""

    sequence: int
    content_hash: ContentHash
    event_id: str
    record_time: datetime
    body: JsonTree
    proof: SignatureProof
    state: EntryState
    refusal: str = ""
    transaction: bytes = b""


@dataclass(frozen=True, slots=True)
class BlockMark:
    """A block: its number, its 32-byte hash, its time in Unix seconds."""

    number: int
    hash: bytes
    time: int


@dataclass(frozen=True, slots=True)
class ChainEntry:
    """An `EntryRecorded` log of `ProduceLedger`. `block_time` is in Unix seconds: the key time of the event."""

    content_hash: ContentHash
    party: PartyId
    kind: EntryKind
    key_id: KeyId
    digest: Digest
    block_number: int
    block_time: int
    transaction: bytes
    log_index: int


@dataclass(frozen=True, slots=True)
class LogPlace:
    """
    Where an event's leaf lies in the log, and under which checkpoints; what a store or a bundle states, to be checked
    against the chain. `proof` is for the size of a checkpoint that lies in `block`; the first checkpoint that covers
    the leaf lies in `first_block`. Both are block numbers, and hints: a wrong one only means that nothing is found.
    `root` is that of the checkpoint, where it is stated as well; it has to be the chain's.
    """

    proof: InclusionProof
    block: int
    first_block: int
    root: TreeHash | None = None


@dataclass(frozen=True, slots=True)
class ChainCheckpoint:
    """A `Checkpoint` log of `EventLog`, the first to cover the entries from `previous_size` up to `size` - 1."""

    size: int
    root: TreeHash
    previous_size: int
    block_number: int
    block_time: int
    transaction: bytes
    log_index: int


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A `DigestCancelled` log of `PartyRegistry`: the party took back what it had signed."""

    block_number: int
    log_index: int


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key in `PartyRegistry`; times in Unix seconds, 0 = never."""

    party: PartyId
    scheme: Scheme
    admin: bool
    hosted: bool
    valid_from: int
    valid_until: int
    revoked_at: int


@dataclass(frozen=True, slots=True)
class LotState:
    """A lot in `ProduceLedger`; see `IProduceLedger.LotState`. `issuer` 0: the chain knows no such lot."""

    issuer: PartyId
    grams: Grams
    certified_grams: Grams
    entries: int
    recalled_by: PartyId
    inherited: bool
    moved: bool
    origin_hash: bytes


@dataclass(frozen=True, slots=True)
class RoleRecord:
    """The roles that a party has from this log of `PartyRegistry` on (bits of `Role`; 0: suspended)."""

    roles: int
    block_number: int
    log_index: int


class ConsignmentState(IntEnum):
    """The numbers of `IProduceLedger.ConsignmentState`."""

    NONE = 0
    IN_TRANSIT = 1
    RECEIVED = 2
    VOID_ANNOUNCED = 3
    VARIANCE = 4
    WRITE_OFF_ANNOUNCED = 5
    SETTLED = 6
    VOIDED = 7

    @property
    def under_way(self) -> bool:
        """Whether grams may still arrive."""
        return self in (ConsignmentState.IN_TRANSIT, ConsignmentState.VOID_ANNOUNCED)

    @property
    def in_dispute(self) -> bool:
        """Whether grams are missing that nobody answered for yet."""
        return self in (ConsignmentState.VARIANCE, ConsignmentState.WRITE_OFF_ANNOUNCED)


@dataclass(frozen=True, slots=True)
class ConsignmentRecord:
    """
    A consignment in `ProduceLedger`. `notice_at`: when notice was given, in Unix seconds; 0: it was not.
    `manifest_hash`: of the lines still under way, or in variance; at an end, of those that the last entry was about.
    The contract keeps only its first 24 bytes: compare `lines_hash(lines)[:24]` with it.
    """

    shipper: PartyId
    receiver: PartyId
    state: ConsignmentState
    notice_at: int
    manifest_hash: bytes


@dataclass(frozen=True, slots=True)
class PlotRecord:
    """A plot in `ProduceLedger`: whose it is and who registered it; both 0 where nobody did."""

    producer: PartyId
    certifier: PartyId


@dataclass(frozen=True, slots=True)
class YieldRecord:
    """What a plot was certified for in a season, and what was harvested against it; both 0 where it was not."""

    certified: Grams
    harvested: Grams


@dataclass(frozen=True, slots=True)
class ChainQuestion:
    """
    What to read at one block. `digests`: what is known to have been signed. Anybody may put an entry of their own on
    chain under a content hash that they saw; where a content has several, the one with such a digest is the one meant.
    `yields`: by plot and season (a year). `checkpoint_blocks`: numbers of blocks in which checkpoints of the log are to
    be found. `cancellations`: who may have cancelled which digest.
    """

    contents: tuple[ContentHash, ...] = ()
    digests: frozenset[Digest] = frozenset()
    lots: tuple[LotId, ...] = ()
    balances: tuple[tuple[LotId, PartyId], ...] = ()
    consignments: tuple[ConsignmentId, ...] = ()
    keys: tuple[KeyId, ...] = ()
    parties: tuple[PartyId, ...] = ()
    plots: tuple[PlotId, ...] = ()
    yields: tuple[tuple[PlotId, int], ...] = ()
    checkpoint_blocks: tuple[int, ...] = ()
    cancellations: tuple[tuple[PartyId, Digest], ...] = ()


@dataclass(frozen=True, slots=True)
class ChainFacts:
    """
    The chain's answers, all read at block `head`. An entry is final when `block_number <= head - confirmations + 1`.
    `chain_id` and the three addresses (20 bytes) say which contracts answered; `asked_at` is our clock, Unix seconds.
    `roles`: what each party was given, in the chain's order; empty for a party that was never admitted. `checkpoints`:
    all that lie in the blocks asked for. `cancelled`: only digests that were.
    """

    chain_id: int
    ledger: bytes
    registry: bytes
    head: int
    head_time: int
    confirmations: int
    asked_at: int
    entries: Mapping[ContentHash, ChainEntry] = field(default_factory=dict)
    lots: Mapping[LotId, LotState] = field(default_factory=dict)
    balances: Mapping[tuple[LotId, PartyId], Grams] = field(default_factory=dict)
    consignments: Mapping[ConsignmentId, ConsignmentRecord] = field(default_factory=dict)
    keys: Mapping[KeyId, KeyRecord] = field(default_factory=dict)
    roles: Mapping[PartyId, tuple[RoleRecord, ...]] = field(default_factory=dict)
    plots: Mapping[PlotId, PlotRecord] = field(default_factory=dict)
    yields: Mapping[tuple[PlotId, int], YieldRecord] = field(default_factory=dict)
    log: bytes = b""
    checkpoints: tuple[ChainCheckpoint, ...] = ()
    cancelled: Mapping[tuple[PartyId, Digest], Cancelled] = field(default_factory=dict)

    def roles_of(self, party: PartyId, at: ChainEntry | ChainCheckpoint | None = None) -> int:
        """
        The party's roles when the entry or checkpoint was taken, or without one at the head. `KeyError`: it was not
        asked for.
        """
        since = [
            record.roles
            for record in self.roles[party]
            if at is None or (record.block_number, record.log_index) < (at.block_number, at.log_index)
        ]
        return since[-1] if since else 0
