"""
Whether an event's leaf is in the log under a checkpoint on chain, and since which block; no I/O.

An event that moves nothing is anchored by the log alone: its key time is the block time of the first checkpoint that
covers its leaf (DESIGN.md section 2). What a store or a bundle states of a leaf (`LogPlace`) is weighed here against
the checkpoints that the chain has in the blocks named. Nothing raises.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import ContentHash
from ledger.domain.merkle import event_leaf
from ledger.domain.proof_json import signature_hash
from ledger.domain.records import ChainCheckpoint, ChainFacts, LogPlace, SignatureProof


class LogStanding(StrEnum):
    """What became of the claim that a leaf is in the log."""

    NOT_STATED = "not-stated"
    NOT_ASKED = "not-asked"
    NO_CHECKPOINT = "no-checkpoint"
    """The chain has no such checkpoint where it is said to be."""
    WRONG_PROOF = "wrong-proof"
    """The proof does not lead from this leaf to the root on chain."""
    NO_FIRST_CHECKPOINT = "no-first-checkpoint"
    """It is included, but the checkpoint that covered it first is not where it is said to be."""
    INCLUDED = "included"


@dataclass(frozen=True, slots=True)
class Anchoring:
    """`covering`: the first checkpoint that covers the leaf, where it is included; else None."""

    standing: LogStanding
    covering: ChainCheckpoint | None = None


NOT_STATED = Anchoring(LogStanding.NOT_STATED)


def anchoring_of(
    content: ContentHash, proof: SignatureProof, place: LogPlace | None, facts: ChainFacts | None
) -> Anchoring:
    """Weighs the place stated for the event of that identity and proof. `facts` None: the chain could not be asked."""
    if place is None:
        return NOT_STATED
    if facts is None or not facts.log:
        return Anchoring(LogStanding.NOT_ASKED)
    index, size = place.proof.index, place.proof.size
    under = [
        one
        for one in facts.checkpoints
        if one.block_number == place.block and one.size == size and place.root in (None, one.root)
    ]
    if not under:
        return Anchoring(LogStanding.NO_CHECKPOINT)
    try:
        leaf = event_leaf(content, signature_hash(proof))
    except InvalidInput:
        return Anchoring(LogStanding.WRONG_PROOF)
    if not any(place.proof.holds(leaf, one.root) for one in under):
        return Anchoring(LogStanding.WRONG_PROOF)
    for one in facts.checkpoints:
        if one.block_number == place.first_block and one.previous_size <= index < one.size:
            return Anchoring(LogStanding.INCLUDED, one)
    return Anchoring(LogStanding.NO_FIRST_CHECKPOINT)
