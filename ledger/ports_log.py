"""
The transparency log between its store, its checkpointer and the chain, as Protocols. `LogReader`, which verdicts need,
stands in `ledger.ports`.

    leaf         appended in the event's own transaction, with one signed acknowledgement for all leaves of it
    tiles        integrated: re-derived from stored data, grown, the root made from them again
    checkpoint   on chain ──► final ──► published as a signed note

Stores are synchronous and run in worker threads, the chain is asynchronous. `Conflict` where another checkpointer was
faster, `StoreError`, `ChainUnavailable` and `WrongChain` for the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from ledger.domain.identifiers import ContentHash
from ledger.domain.log.acknowledgement_batches import SignedBatch
from ledger.domain.log.acknowledgement_json import SignedAcknowledgement
from ledger.domain.log.proofs import ConsistencyProof, InclusionProof
from ledger.domain.log.tile_names import EntryBundle, Tile
from ledger.domain.log.tiles import Entry
from ledger.domain.merkle import TreeHash, hash_proof
from ledger.domain.records import ChainCheckpoint
from ledger.domain.typed_data import Domain
from ledger.ports import LogReader
from ledger.ports_outbox import BlockRef, SendResult


class Acknowledger(Protocol):
    """Signs, with the key of the log's operator, that leaves will be covered by a checkpoint in time."""

    @property
    def domain(self) -> Domain:
        """The EIP-712 domain of the log that it signs for."""
        ...

    def acknowledge(self, first_index: int, leaves: Sequence[TreeHash]) -> SignedBatch:
        """An acknowledgement of now; for leaves that are about to be stored from that index on, and for no others."""
        ...


# ------------------------------------------------------------------------------------------------ the store


@dataclass(frozen=True, slots=True)
class Head:
    """A size and a root."""

    size: int
    root: TreeHash


@dataclass(frozen=True, slots=True)
class LogCounts:
    """
    How far the log is: leaves appended; leaves in tiles; leaves under the newest checkpoint seen on chain, under the
    newest one final there, and under the newest one published.
    """

    leaves: int = 0
    integrated: int = 0
    on_chain: int = 0
    final: int = 0
    published: int = 0


class StoredLeaf(msgspec.Struct, frozen=True, gc=False):
    """
    A leaf row with what it has to follow from, as stored: content hash and body of its event, the event's present
    proof, and the proofs that it had before it was signed again. `after_entry`: the highest outbox id when the leaf was
    appended. `is_intact`: the row is what was written, and so is that of its acknowledgement (not asked for `fsck`).
    """

    index: int
    leaf_hash: TreeHash
    content_hash: ContentHash
    sequence: int
    after_entry: int
    body: bytes
    proofs: tuple[bytes, ...]
    is_intact: bool

    def entry(self) -> Entry | None:
        """The event's content and that of its proofs which make the leaf; None where none does."""
        for proof in self.proofs:
            found = Entry(self.content_hash, hash_proof(proof))
            if found.leaf == self.leaf_hash:
                return found
        return None


@dataclass(frozen=True, slots=True)
class AnchoredCheckpoint:
    """A `Checkpoint` log of the contract, and the hash (32 bytes) of the block in which it lies."""

    checkpoint: ChainCheckpoint
    block_hash: bytes


class GrowthReader(Protocol):
    """What is read to grow the log by a page."""

    def integrated(self) -> Head:
        """Size and root of the tree that the stored tiles are of, as stored."""
        ...

    def leaves(self, first: int, limit: int) -> list[StoredLeaf]:
        """Leaves from that index on, in order, with what they have to follow from."""
        ...

    def tile_contents(self, tiles: Collection[Tile]) -> Mapping[Tile, bytes]:
        """The content of these tiles, cut to the width asked for; those that are not stored so wide are left out."""
        ...

    def bundle_contents(self, bundles: Collection[EntryBundle]) -> Mapping[EntryBundle, bytes]:
        """The same for entry bundles."""
        ...


class LogStore(LogReader, GrowthReader, Protocol):
    """The log's rows. Every method is one short transaction."""

    def counts(self) -> LogCounts:
        """How far it is."""
        ...

    def releasable(self, now: float) -> int:
        """
        How many leaves a checkpoint may cover at that time (Unix seconds): those before the first that was appended
        after an entry of the registry that is not settled yet; and whatever has waited for half of its merge delay.
        """
        ...

    def first_uncovered_entry(self) -> int | None:
        """`after_entry` of the first leaf that no checkpoint seen on chain covers; None where all are covered."""
        ...

    def integrate(
        self, before: int, tiles: Sequence[tuple[Tile, bytes]], bundles: Sequence[tuple[EntryBundle, bytes]], after: int
    ) -> Head:
        """
        Stores what is new when a log of size `before` grows to `after`, makes the root again from the tiles as they
        are stored now, and keeps both: all in one write transaction. `Conflict` where the tree has another size now.
        """
        ...

    def last_anchored(self, below: int | None = None) -> AnchoredCheckpoint | None:
        """The newest checkpoint seen on chain (of a size below `below`, if given)."""
        ...

    def anchored_since(self, time: int) -> list[AnchoredCheckpoint]:
        """All checkpoints seen on chain in blocks after that time, in order of size."""
        ...

    def anchor(self, checkpoints: Sequence[AnchoredCheckpoint]) -> None:
        """Takes in checkpoints as the chain has them, over what was known of the same sizes."""
        ...

    def forget_anchors(self, above: int) -> int:
        """The chain forgot its checkpoints of sizes over `above`: so do we; returns how many. Notes stay published."""
        ...

    def finalize(self, block: int) -> int:
        """All checkpoints up to that block are final; returns how many became it."""
        ...

    def unpublished(self) -> Head | None:
        """The newest final checkpoint, where it is larger than the newest published one."""
        ...

    def publish(self, size: int, note: bytes) -> None:
        """Keeps the signed note of a final checkpoint: it is published from now on."""
        ...


@dataclass(frozen=True, slots=True)
class PublishedPlace:
    """A leaf of the published log, its inclusion proof for the published size, and the root that it leads to."""

    entry: Entry
    proof: InclusionProof
    root: TreeHash


class LogArchive(Protocol):
    """What the world may see of the log: all of it up to the newest published checkpoint."""

    def published(self) -> bytes | None:
        """The note of the newest published checkpoint; None where there is none yet."""
        ...

    def published_size(self) -> int:
        """How many leaves are published."""
        ...

    def tile(self, name: Tile | EntryBundle) -> bytes | None:
        """The content of a published tile or bundle, of any width up to what is published; None beyond."""
        ...

    def inclusion(self, content_hash: ContentHash) -> PublishedPlace | None:
        """The place of the event's present proof; None where it is not published (yet)."""
        ...

    def consistency(self, first: int, second: int) -> ConsistencyProof:
        """Between two sizes up to the published one; `InvalidInput` for others."""
        ...

    def acknowledgements(self, contents: Collection[ContentHash]) -> Mapping[ContentHash, SignedAcknowledgement]:
        """What the operator signed for the present proof of each of these events."""
        ...


@dataclass(frozen=True, slots=True)
class AuditedLeaf:
    """A leaf row, unread, for `fsck`; and whether it says to be of its event's present proof."""

    leaf: StoredLeaf
    is_present: bool


@dataclass(frozen=True, slots=True)
class AuditedAcknowledgement:
    """
    An acknowledgement's row, unread: for `count` leaves from `first_index` on, as a batch, or of before there were any
    for one leaf by itself. Time and deadline in Unix seconds.
    """

    first_index: int
    count: int
    is_batch: bool
    time: int
    merge_deadline: int
    signature: bytes
    is_intact: bool


@dataclass(frozen=True, slots=True)
class AuditedCheckpoint:
    """A checkpoint row, unread. `previous_size` is None where the chain is not said to have it."""

    size: int
    root: bytes
    previous_size: int | None
    note: bytes | None
    is_intact: bool


class LogAudit(Protocol):
    """The log's rows laid bare, for `fsck`."""

    def audited_leaves(self, first: int, limit: int) -> list[AuditedLeaf]:
        """Leaf rows from that index on."""
        ...

    def audited_acknowledgements(self, first: int, limit: int) -> list[AuditedAcknowledgement]:
        """Acknowledgements whose first index is that or a higher one, in order."""
        ...

    def events_without_leaf(self) -> list[int]:
        """The sequence numbers of events of which no leaf is the present one."""
        ...

    def audited_checkpoints(self) -> list[AuditedCheckpoint]:
        """All checkpoint rows, by size."""
        ...

    def tile_row(self, level: int, index: int) -> tuple[int, bytes] | None:
        """Width and content of a stored tile; level -1: of a bundle."""
        ...

    def tile_count(self) -> int:
        """How many rows of tiles and bundles there are."""
        ...


# ------------------------------------------------------------------------------------------------ the chain


@dataclass(frozen=True, slots=True)
class LogChainHead:
    """The chain's head; the operator's nonce (mined transactions) and the contract's checkpoint at it."""

    block: BlockRef
    nonce: int
    size: int
    root: TreeHash


@dataclass(frozen=True, slots=True)
class Extension:
    """A later size and root, and the consistency proof from the checkpoint that the contract has."""

    size: int
    root: TreeHash
    proof: ConsistencyProof


class LogChain(Protocol):
    """`EventLog` on one chain, and the operator's account that extends it."""

    @property
    def confirmations(self) -> int:
        """After how many blocks (its own counts as the first) a checkpoint is final."""
        ...

    @property
    def max_fee(self) -> int:
        """The most that a replacement may offer, wei per gas."""
        ...

    @property
    def stuck_after_blocks(self) -> int:
        """How many blocks may pass before a transaction is replaced."""
        ...

    async def head(self) -> LogChainHead:
        """Head, nonce and checkpoint, all of one block."""
        ...

    async def block_hash(self, number: int) -> bytes | None:
        """The hash of that block on the chain as it is now; None where there is no such block."""
        ...

    async def checkpoints(self, first_block: int | None) -> list[AnchoredCheckpoint]:
        """The `Checkpoint` logs that cover something, from that block (None: the first) up to the head, in order."""
        ...

    async def obstacle(self, extension: Extension, max_fee: int) -> str:
        """Why `extend` would come to nothing: not the operator, nothing to pay with, a refusal; "" where it would."""
        ...

    async def fee(self) -> int:
        """The max fee in wei per gas that is worth offering now."""
        ...

    async def extend(self, extension: Extension, nonce: int, max_fee: int) -> tuple[SendResult, str]:
        """Signs and sends `extend` under that nonce; returns what the node said."""
        ...


class Cover(Protocol):
    """Asked by the submitter, so that no change of the registry overtakes statements that were made before it."""

    def first_uncovered_entry(self) -> int | None:
        """See `LogStore`."""
        ...
