"""
The two checks of a lot and its ancestors: custody and recall; no I/O.

Custody holds the signed structs of a lot's events against each other and against the contract's own account of the lot:
its count of entries, grams, certified grams, balances, consignments, and the hash of its origin. What does not fit
among the events is a gap, and makes the lot suspect; an account that is not the chain's is a failed check, unverified.
Source: DESIGN.md section 2, checks 4 and 5. Nothing raises; what is wrong is a `Finding`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ledger.domain.certified import certified_problem
from ledger.domain.consignment_check import consignment_problem
from ledger.domain.findings import hexed, not_asked
from ledger.domain.identifiers import LotId
from ledger.domain.lot_history import LotHistory, custody_readings
from ledger.domain.lot_telling import tell
from ledger.domain.readings import Reading
from ledger.domain.records import ChainFacts, EntryState, LotState
from ledger.domain.story_values import CheckName, Finding, Parameter, Verdict


def custody_findings(history: LotHistory, facts: ChainFacts | None) -> list[Finding]:
    """What is wrong with the custody of one lot, open variances aside; nothing if it is whole."""
    lot = history.lot
    if facts is None or lot not in facts.lots:
        return [*history.gaps, replace(not_asked(CheckName.CUSTODY), lot=lot)]
    state = facts.lots[lot]
    counted = tell(lot, _counted(history.readings, state.entries))
    findings = list(history.gaps)
    if not history.births:
        findings.append(
            _finding(lot, "custody.no-birth", "Nothing shows how the lot came into being.", Verdict.SUSPECT)
        )
    if counted.counted != state.entries:
        findings.append(
            _finding(
                lot,
                "custody.count",
                f"The chain counted {state.entries} entries for the lot, {counted.counted} are shown.",
                chain=state.entries,
                shown=counted.counted,
            )
        )
    if state.issuer == 0:
        if counted.counted == 0 and history.births:
            findings.append(_finding(lot, "custody.waiting", "The lot is not on the chain yet.", Verdict.PENDING))
        return findings
    findings += _birth_findings(counted, state, facts)
    findings += _balance_findings(counted, facts)
    findings += _consignment_findings(counted, facts)
    return findings


def variance_findings(history: LotHistory) -> list[Finding]:
    """
    A gap for each consignment with grams of the lot missing that nobody has settled yet. `receiver` is whose branch it
    concerns: what was accepted, and what the shipper kept, is not in doubt.
    """
    return [
        Finding(
            CheckName.CUSTODY,
            "custody.variance",
            Verdict.SUSPECT,
            f"{handoff.missing} g sent by party {handoff.shipper} did not arrive at party {handoff.receiver}.",
            {
                "lot": hexed(history.lot),
                "shipper": handoff.shipper,
                "receiver": handoff.receiver,
                "missing": handoff.missing,
                "consignment": hexed(handoff.consignment),
            },
            handoff.receipt,
            history.lot,
        )
        for handoff in history.handoffs.values()
        if handoff.missing
    ]


def recall_findings(
    lots: Sequence[LotId], facts: ChainFacts | None, parents_of: Callable[[LotId], Sequence[LotId]]
) -> list[Finding]:
    """
    Which of the lots (the lot itself first, then its ancestors) are recalled on chain. Of a recall that was carried to
    a lot, `parent` is the recalled lot that went into it, as far as events show one.
    """
    findings = []
    for index, lot in enumerate(lots):
        state = facts.lots.get(lot) if facts is not None else None
        if facts is None or state is None:
            findings.append(replace(not_asked(CheckName.RECALL), lot=lot))
        elif state.recalled_by:
            recalled = (name for name in parents_of(lot) if name in facts.lots and facts.lots[name].recalled_by)
            parent = next(recalled, None) if state.inherited else None
            code, whose = _recall_words(index == 0, state, parent)
            parameters: dict[str, Parameter] = {"lot": hexed(lot), "party": state.recalled_by}
            if parent is not None:
                parameters["parent"] = hexed(parent)
            sentence = f"{whose} by party {state.recalled_by}."
            findings.append(Finding(CheckName.RECALL, code, Verdict.RECALLED, sentence, parameters, lot=lot))
    return findings


def _recall_words(own: bool, state: LotState, parent: LotId | None) -> tuple[str, str]:
    if not own:
        return "recall.ancestor", "A lot that went into this one is recalled"
    if parent is not None:
        return "recall.carried", "The lot is recalled because a lot that went into it is,"
    if state.inherited:
        return "recall.not-lifted", "The recall that reached this lot from one that went into it still stands,"
    return "recall.lot", "The lot is recalled"


def _counted(readings: Sequence[Reading], entries: int) -> tuple[Reading, ...]:
    """
    The events that the chain's account of the lot can be held against: those with an entry on it.

    An event that was confirmed once and has no entry now fails `anchored`. Whether the chain forgot it or it was never
    there, the count tells: it is included only if the chain's count does.
    """
    custody = custody_readings(readings)
    on_chain = tuple(item for item in custody if item.entry is not None)
    claimed = tuple(item for item in custody if item.entry is not None or item.event.state is EntryState.CONFIRMED)
    return claimed if len(on_chain) != entries and len(claimed) == entries else on_chain


def _birth_findings(counted: LotHistory, state: LotState, facts: ChainFacts) -> list[Finding]:
    lot, findings = counted.lot, []
    for birth in counted.births:
        if birth.holder != state.issuer:
            findings.append(
                _finding(
                    lot,
                    "custody.issuer",
                    f"By its events the lot comes from party {birth.holder}, by the chain from party {state.issuer}.",
                    chain=state.issuer,
                    shown=birth.holder,
                )
            )
        if birth.grams != state.grams:
            findings.append(
                _finding(
                    lot,
                    "custody.grams",
                    f"By its events the lot began with {birth.grams} g, by the chain with {state.grams} g.",
                    chain=state.grams,
                    shown=birth.grams,
                )
            )
        if birth.origin != state.origin_hash:
            findings.append(
                _finding(
                    lot,
                    "custody.origin",
                    "What is shown to have gone into this lot, or to have come out with it, is not what the chain has "
                    "a hash of.",
                    chain=hexed(state.origin_hash),
                    shown=hexed(birth.origin),
                )
            )
        elif birth.grams == state.grams and (problem := certified_problem(counted, birth, facts)) is not None:
            findings.append(_finding(lot, "custody.certified", problem, chain=state.certified_grams))
    return findings


def _balance_findings(counted: LotHistory, facts: ChainFacts) -> list[Finding]:
    lot, findings = counted.lot, []
    for holder in counted.holders:
        shown = counted.amounts.on_hand.get(holder, 0)
        if (lot, holder) not in facts.balances:
            findings.append(replace(not_asked(CheckName.CUSTODY), lot=lot))
        elif facts.balances[lot, holder] != shown:
            chain = facts.balances[lot, holder]
            findings.append(
                _finding(
                    lot,
                    "custody.balance",
                    f"By its events party {holder} holds {shown} g, by the chain {chain} g.",
                    holder=holder,
                    chain=chain,
                    shown=shown,
                )
            )
    return findings


def _consignment_findings(counted: LotHistory, facts: ChainFacts) -> list[Finding]:
    findings = []
    for handoff in counted.handoffs.values():
        record = facts.consignments.get(handoff.consignment)
        if record is None:
            findings.append(replace(not_asked(CheckName.CUSTODY), lot=counted.lot))
            continue
        problem = consignment_problem(handoff, counted.open_lines[handoff.consignment], counted.lot, record)
        if problem:
            code, sentence = problem
            findings.append(_finding(counted.lot, code, sentence, consignment=hexed(handoff.consignment)))
    return findings


def _finding(
    lot: LotId,
    code: str,
    sentence: str,
    verdict: Verdict = Verdict.UNVERIFIED,
    **parameters: Parameter,
) -> Finding:
    # An account that is not the chain's concerns every branch: nobody can tell on which one the missing event lies.
    return Finding(CheckName.CUSTODY, code, verdict, sentence, {"lot": hexed(lot), **parameters}, lot=lot)
