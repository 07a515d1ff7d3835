"""
Proves what became of an acknowledgement: kept, broken, or neither shown; from the chain and whoever shows the leaf.

An acknowledgement counts only if the log's operator at its time signed it, for the log that is pinned here. Broken is
said only where that follows from the chain; that nobody shows a leaf proves nothing. Imports no store and no HTTP
server. Never raises for what nodes and services do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.domain.bundle.values import Bundle, BundleChain
from ledger.domain.errors import InvalidInput
from ledger.domain.log.acknowledgement_json import SignedAcknowledgement
from ledger.domain.log.acknowledgements import (
    Acknowledgement,
    Anchor,
    Inclusion,
    Judgement,
    Reason,
    Standing,
    breach_of,
)
from ledger.domain.merkle import event_leaf
from ledger.domain.proof_json import signature_hash
from ledger.domain.records import BlockMark, ChainCheckpoint
from ledger.ports import LogHistory, LogNode, LogQuestion, LogShower
from ledger.services.agreeing_nodes import Answer, NodeReport, ask_all

COULD_NOT_TELL = "unknown"


@dataclass(frozen=True, slots=True)
class ReceiptVerification:
    """
    `standing` is one of `Standing`, or "unknown" where it could not be told. `code` says why, `sentence` in words.
    `signer` and `operator` are addresses of 20 bytes. `covering`: the first checkpoint that covers the entry; `shown`:
    the leaf that proves the standing, where one does.
    """

    receipt: SignedAcknowledgement
    standing: str
    code: str
    sentence: str
    nodes: tuple[NodeReport, ...] = ()
    at: BlockMark | None = None
    signer: bytes | None = None
    operator: bytes | None = None
    covering: ChainCheckpoint | None = None
    shown: Inclusion | None = None


async def verify_receipt(
    receipt: SignedAcknowledgement, nodes: Sequence[LogNode], pinned: BundleChain, showers: Sequence[LogShower] = ()
) -> ReceiptVerification:
    """Judges the acknowledgement; `showers` are asked in their order until one shows the leaf."""
    told = receipt.acknowledgement

    def unknown(code: str, sentence: str, answer: Answer[LogHistory] | None = None) -> ReceiptVerification:
        seen = () if answer is None else answer.nodes
        return ReceiptVerification(receipt, COULD_NOT_TELL, code, sentence, seen, signer=signer)

    signer = _signer(receipt)
    if (receipt.chain_id, receipt.contract) != (pinned.chain_id, pinned.log):
        return unknown("receipt.other-log", "It is of another log than the one that is pinned here.")
    if signer is None:
        return unknown("receipt.signature", "No key can have made its signature.")
    if not nodes:
        return unknown("chain.not-asked", "Without a chain node it cannot be told what became of it.")
    answer = await _ask(nodes, LogQuestion(told.log_index, told.time))
    if answer.said is None or answer.at is None:
        return unknown(answer.code, answer.sentence, answer)
    history, at = answer.said, answer.at
    if history.operator != signer:
        return ReceiptVerification(
            receipt, COULD_NOT_TELL, "receipt.not-the-operator",
            "The log's operator at that time did not sign it: it is nobody's promise.",
            answer.nodes, at, signer, history.operator, history.covering,
        )  # fmt: skip
    shown, judgement = await _judged(told, history, at, nodes, showers)
    return ReceiptVerification(
        receipt, judgement.standing.value, *_WORDS[judgement.reason],
        answer.nodes, at, signer, history.operator, history.covering, shown,
    )  # fmt: skip


async def _judged(
    told: Acknowledgement,
    history: LogHistory,
    at: BlockMark,
    nodes: Sequence[LogNode],
    showers: Sequence[LogShower],
) -> tuple[Inclusion | None, Judgement]:
    covering = _anchor(history.covering)
    judgement = breach_of(told, covering, at.time)
    if judgement.standing is not Standing.NOT_SHOWN or history.covering is None:
        return None, judgement
    for shower in showers:
        for inclusion in await shower.shown(told, history.covering):
            under = covering
            if inclusion.proof.size != history.covering.size:
                asked = await _ask(nodes, LogQuestion(told.log_index, told.time, inclusion.proof.size))
                under = _anchor(asked.said.under) if asked.said is not None else None
            if under is None:
                continue
            found = breach_of(told, covering, at.time, inclusion, under)
            if found.standing is not Standing.NOT_SHOWN:
                return inclusion, found
    return None, judgement


class BundleShower:
    """Shows the leaf out of a proof bundle."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    async def shown(self, acknowledgement: Acknowledgement, covering: ChainCheckpoint) -> list[Inclusion]:
        """The bundle's own proof, where it shows the entry."""
        found = []
        for event in self._bundle.events:
            if event.inclusion is None or event.inclusion.index != acknowledgement.log_index:
                continue
            try:
                leaf = event_leaf(event.content_hash, signature_hash(event.proof))
            except InvalidInput:
                continue
            found.append(Inclusion(leaf, event.inclusion))
        return found


async def _ask(nodes: Sequence[LogNode], question: LogQuestion) -> Answer[LogHistory]:
    return await ask_all(nodes, lambda node, number: node.history_at(question, number))


def _signer(receipt: SignedAcknowledgement) -> bytes | None:
    try:
        return receipt.signer()
    except InvalidInput:
        return None


def _anchor(checkpoint: ChainCheckpoint | None) -> Anchor | None:
    if checkpoint is None:
        return None
    return Anchor(checkpoint.size, checkpoint.root, checkpoint.previous_size, checkpoint.block_time)


_WORDS = {
    Reason.INCLUDED: (
        "receipt.included",
        "The event is in the log, at its index, under a checkpoint that came in time.",
    ),
    Reason.OTHER_LEAF: ("receipt.other-leaf", "Another event has the index that was promised to this one."),
    Reason.LATE: ("receipt.late", "The first checkpoint that covers it came after the promised time."),
    Reason.NOT_COVERED: ("receipt.not-covered", "The promised time is over, and no checkpoint covers it."),
    Reason.BEFORE_DEADLINE: (
        "receipt.before-deadline",
        "No checkpoint covers it yet, and the promised time is not over.",
    ),
    Reason.NO_PROOF: (
        "receipt.no-proof",
        "A checkpoint covers its index in time; which event is there was not shown.",
    ),
}
"""Code and sentence."""
