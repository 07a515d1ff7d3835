"""
Verifies a proof bundle with nothing but the bundle, pinned contracts and chain nodes.

The five checks are those of the service's own verdict (`ledger.domain.verdict`), over the bundle instead of a store.
Imports no store and no HTTP server, and import-linter sees to it. Never raises for what a bundle says or a node does:
what cannot be had makes the verdict `unknown`, and the reasons say why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ledger.domain.bundle.opening import OpenedBundle, Shown, dossier_of, open_bundle, unproven
from ledger.domain.bundle.values import Bundle, BundleChain
from ledger.domain.dossier import Dossier, question_of
from ledger.domain.identifiers import ContentHash
from ledger.domain.records import BlockMark, ChainFacts, LogPlace
from ledger.domain.story_values import CheckName, Finding, Judgement, Verdict
from ledger.domain.verdict import judge
from ledger.ports import ChainNode
from ledger.services.agreeing_nodes import NodeReport, ask_all, facts_alike

_UNFIT = frozenset({
    "signature.invalid", "signature.no-digest", "signature.other-key", "signature.second-missing",
    "signature.second-other", "signature.second-invalid",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offline:
    """
    Of so many events: whose signatures fit what was signed (not whether the keys were good for it), and whose places in
    the log follow from the bundle's own checkpoint (not whether the chain has that).
    """

    events: int
    signatures_fit: int
    placed: int
    places_hold: int


@dataclass(frozen=True, slots=True)
class Verification:
    """
    What was found. `chain`: the contracts that it rests on, None where none are pinned. `facts` None: the chain was not
    asked, or not believed; then `at` is None too. `nodes` are all that were named, believed or not.
    """

    bundle: Bundle
    opened: OpenedBundle
    judgement: Judgement
    chain: BundleChain | None
    facts: ChainFacts | None
    at: BlockMark | None
    nodes: tuple[NodeReport, ...]

    @property
    def verdict(self) -> Verdict:
        """The verdict on the lot."""
        return self.judgement.verdict

    @property
    def reasons(self) -> tuple[Finding, ...]:
        """What made it, worst first."""
        return self.judgement.reasons

    @property
    def not_made(self) -> tuple[CheckName, ...]:
        """The checks that could not be made in full, for want of a chain."""
        if self.facts is not None:
            return ()
        return (CheckName.SIGNATURE, CheckName.ANCHORED, CheckName.CUSTODY, CheckName.RECALL)

    @property
    def offline(self) -> Offline:
        """What mathematics alone says, whatever a chain does."""
        checks = [check for event in self.judgement.events for check in event.checks]
        fitting = sum(check.name is CheckName.SIGNATURE and check.code not in _UNFIT for check in checks)
        placed = sum(event.inclusion is not None for event in self.bundle.events)
        return Offline(len(self.judgement.events), fitting, placed, placed - len(unproven(self.bundle)))

    @property
    def shown(self) -> tuple[Shown, ...]:
        """What is shown and withheld, event by event."""
        return self.opened.shown

    @property
    def places(self) -> dict[ContentHash, LogPlace]:
        """Where the events are said to lie in the log."""
        found = ((one.content_hash, self.bundle.place_of(one)) for one in self.bundle.events)
        return {content: place for content, place in found if place is not None}


async def verify_bundle(
    bundle: Bundle,
    nodes: Sequence[ChainNode],
    pinned: BundleChain | None,
    *,
    single_operator: bool,
    disclosures: Sequence[str] = (),
) -> Verification:
    """
    Judges the bundle's lot. `pinned` None or no nodes: what can be checked without a chain is. `disclosures`: others
    than the bundle's own. `single_operator`: one party runs all nodes of that chain.
    """
    opened = open_bundle(bundle, disclosures)
    # Without a record of ours, signatures are checked for the contracts that the bundle names: mathematics, no trust.
    dossier = dossier_of(opened, (pinned or bundle.chain).ledger_domain)
    if pinned is not None and pinned != bundle.chain:
        other = dossier_of(opened, bundle.chain.ledger_domain)
        return _unasked(opened, other, pinned, _other_chain(bundle.chain, pinned), (), single_operator)
    if pinned is None or not nodes:
        return _unasked(opened, dossier, pinned, None, (), single_operator)
    question = question_of(dossier)
    answer = await ask_all(nodes, lambda node, number: node.facts_at(question, number), facts_alike)
    if answer.said is None:
        problem = Finding(CheckName.ANCHORED, answer.code, Verdict.UNKNOWN, answer.sentence)
        return _unasked(opened, dossier, pinned, problem, answer.nodes, single_operator)
    judgement = judge(dossier, answer.said, single_operator=single_operator)
    return Verification(bundle, opened, judgement, pinned, answer.said, answer.at, answer.nodes)


def _unasked(
    opened: OpenedBundle,
    dossier: Dossier,
    pinned: BundleChain | None,
    problem: Finding | None,
    nodes: tuple[NodeReport, ...],
    single_operator: bool,
) -> Verification:
    """The verdict without a chain: `unknown`, whatever else was found, which is told all the same."""
    found = replace(dossier, findings=(*dossier.findings, *unproven(opened.bundle)))
    judgement = judge(found, None, single_operator=single_operator)
    if problem is not None:
        judgement = replace(judgement, reasons=(problem, *judgement.reasons))
    return Verification(opened.bundle, opened, judgement, pinned, None, None, nodes)


def _other_chain(stated: BundleChain, pinned: BundleChain) -> Finding:
    differing = [
        name
        for name, one, other in (
            ("chainId", stated.chain_id, pinned.chain_id),
            ("partyRegistry", stated.registry, pinned.registry),
            ("produceLedger", stated.ledger, pinned.ledger),
            ("eventLog", stated.log, pinned.log),
        )
        if one != other
    ]
    named = ", ".join(differing)
    return Finding(
        CheckName.ANCHORED,
        "bundle.other-chain",
        Verdict.UNKNOWN,
        f"The bundle is for other contracts than those that are pinned here ({named}).",
        {"members": named},
    )
