"""
Recalls that are recorded here and not on chain yet: they count at once, whatever the chain says; no I/O.

A verdict is otherwise made from the chain alone. A recall is the one thing that must not wait for it: a signed one, of
the lot or of anything that went into it, makes the lot recalled from the moment that it is acknowledged, also while the
chain is away (docs/adr/0191). Its end does not: a lot stays recalled until the chain says otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ledger.domain.actions import Recall, Release
from ledger.domain.dossier import Dossier
from ledger.domain.findings import hexed
from ledger.domain.records import EntryState
from ledger.domain.story_values import Branch, Check, CheckName, Finding, Judgement, Outcome, Verdict

_ON_THEIR_WAY = (EntryState.QUEUED, EntryState.SENT)


def recorded_recalls(dossier: Dossier) -> list[Finding]:
    """A finding for the lot, and for each of its ancestors, whose last recall or release is a recall on its way."""
    findings = []
    for lot in sorted(dossier.events, key=lambda one: (one != dossier.lot, one)):
        deeds = [
            (item.event, action)
            for item in dossier.events[lot]
            if isinstance(action := item.event.proof.action, Recall | Release) and action.lot == lot
        ]
        if not deeds:
            continue
        event, last = max(deeds, key=lambda deed: deed[0].sequence)
        if isinstance(last, Release) or event.state not in _ON_THEIR_WAY:
            continue
        own = lot == dossier.lot
        code = "recall.recorded" if own else "recall.ancestor-recorded"
        whose = "The lot is recalled" if own else "A lot that went into this one is recalled"
        sentence = f"{whose} by party {last.issuer}; the chain has yet to take the entry."
        parameters: dict[str, str | int] = {"lot": hexed(lot), "party": int(last.issuer)}
        findings.append(Finding(CheckName.RECALL, code, Verdict.RECALLED, sentence, parameters, lot=lot))
    return findings


def recalled_here(judgement: Judgement, findings: Sequence[Finding]) -> Judgement:
    """The judgement with those recalls in it, for the lot and each of its branches."""
    if not findings:
        return judgement
    added = tuple(findings)
    return replace(
        judgement,
        verdict=Verdict.RECALLED,
        reasons=(*added, *(reason for reason in judgement.reasons if reason.leads_to is not Verdict.VERIFIED)),
        checks=tuple(_failed(check, added) if check.name is CheckName.RECALL else check for check in judgement.checks),
        branches=tuple(_recalled(branch, added) for branch in judgement.branches),
    )


def _failed(check: Check, findings: tuple[Finding, ...]) -> Check:
    left = (one for one in check.findings if one.leads_to is not Verdict.VERIFIED)
    return Check(check.name, Outcome.FAILED, (*findings, *left))


def _recalled(branch: Branch, findings: tuple[Finding, ...]) -> Branch:
    left = (reason for reason in branch.reasons if reason.leads_to is not Verdict.VERIFIED)
    return replace(branch, verdict=Verdict.RECALLED, reasons=(*findings, *left))
