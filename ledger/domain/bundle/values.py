"""
What a proof bundle is: values only, no I/O.

A bundle states; only the chain and the signatures prove. So nothing in here says that anything was checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ledger.domain.identifiers import ContentHash, LotRef
from ledger.domain.log.proofs import InclusionProof
from ledger.domain.merkle import TreeHash
from ledger.domain.records import EntryState, JsonTree, LogPlace, SignatureProof
from ledger.domain.typed_data import Domain

FORMAT = "silkroot-proof-1"
MAX_BYTES = 64 * 1024 * 1024
"""A longer file is not read."""
MAX_EVENTS = 50_000
MAX_PATH = 64
"""Nodes of one inclusion proof: a log of 2^64 leaves has no more levels."""
MAX_DISCLOSURES = 1_000
"""Of one event."""
MAX_ERASED = 1_000
"""Marks of one event."""
MAX_SIGNATURE_BYTES = 1_024


@dataclass(frozen=True, slots=True)
class BundleChain:
    """For which contracts the events are signed; addresses of 20 bytes."""

    chain_id: int
    registry: bytes
    ledger: bytes
    log: bytes

    @property
    def ledger_domain(self) -> Domain:
        """The EIP-712 domain that the events claim."""
        return Domain.of_ledger(self.chain_id, self.ledger)


@dataclass(frozen=True, slots=True)
class BundleCheckpoint:
    """A checkpoint that is said to be on chain, in that block."""

    size: int
    root: TreeHash
    block: int


@dataclass(frozen=True, slots=True)
class BundledEvent:
    """
    An event as it was hashed and signed, with its proof. `inclusion` is for the size of the bundle's checkpoint and
    `first_block` the block of the first checkpoint that covered it; both None where no checkpoint covers it yet.
    `disclosures`: those that the reader may have. `erased`: digests in ascending order whose disclosures were
    destroyed, so says who made the bundle; nobody can check it.
    """

    body: JsonTree
    proof: SignatureProof
    record_time: datetime
    state: EntryState
    refusal: str = ""
    inclusion: InclusionProof | None = None
    first_block: int | None = None
    disclosures: tuple[str, ...] = ()
    erased: tuple[str, ...] = ()

    @property
    def content_hash(self) -> ContentHash:
        """The identity that was signed."""
        return self.proof.action.content_hash


@dataclass(frozen=True, slots=True)
class Bundle:
    """A lot with its events and those of its ancestors, in the order in which they were recorded."""

    lot: LotRef
    made: datetime
    chain: BundleChain
    checkpoint: BundleCheckpoint | None
    events: tuple[BundledEvent, ...]

    def place_of(self, event: BundledEvent) -> LogPlace | None:
        """Where the event is said to lie in the log."""
        if event.inclusion is None or event.first_block is None or self.checkpoint is None:
            return None
        return LogPlace(event.inclusion, self.checkpoint.block, event.first_block, self.checkpoint.root)
