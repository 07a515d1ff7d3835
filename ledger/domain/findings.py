"""
Helpers to make and weigh findings; no I/O.

A check passes when nothing in it fails or waits. Its findings stand worst first; one that passes has exactly one.
"""

from __future__ import annotations

from collections.abc import Iterable

from ledger.domain.records import ChainCheckpoint, ChainEntry
from ledger.domain.story_values import PRECEDENCE, Check, CheckName, Evidence, Finding, Outcome, Verdict

NOT_ASKED = "chain.not-asked"
_OUTCOMES = {
    Verdict.PENDING: Outcome.PENDING,
    Verdict.UNKNOWN: Outcome.NOT_MADE,
}

_PASSED = {
    CheckName.CONTENT: "Every event reads as it was signed.",
    CheckName.SIGNATURE: "Every event is signed by a key that its party held at the time, in a role allowed to do it.",
    CheckName.ANCHORED: "Every event is on the chain, final.",
    CheckName.CUSTODY: "Every receipt matches a shipment, and amounts and counts are those of the chain.",
    CheckName.RECALL: "Neither the lot nor any lot that went into it is recalled.",
}


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """
    The findings by weight. UNKNOWN comes last here: within a check something that is known to be wrong says more than
    something that could not be looked at.
    """
    return tuple(sorted(findings, key=_weight))


def check_of(name: CheckName, findings: Iterable[Finding], evidence: Evidence | None = None) -> Check:
    """The check that these findings make; passed if there are none, with `evidence` in the one finding it then has."""
    telling = worst_first(_not_asked_once(findings))
    if not telling:
        passed = Finding(name, f"{name}.passed", Verdict.VERIFIED, _PASSED[name], evidence=evidence or Evidence())
        return Check(name, Outcome.PASSED, (passed,))
    return Check(name, _OUTCOMES.get(telling[0].leads_to, Outcome.FAILED), telling)


def gathered(name: CheckName, checks: Iterable[Check]) -> Check:
    """One check of a lot from the same check of its events."""
    return check_of(name, [item for check in checks if check.outcome is not Outcome.PASSED for item in check.findings])


def not_asked(name: CheckName) -> Finding:
    """The finding of a check that needs the chain while it cannot be asked."""
    return Finding(name, NOT_ASKED, Verdict.UNKNOWN, "The chain could not be asked, so this was not checked.")


def entry_evidence(entry: ChainEntry | ChainCheckpoint | None) -> Evidence:
    """What the chain's entry, or the checkpoint that anchors a statement, says."""
    if entry is None:
        return Evidence()
    if isinstance(entry, ChainCheckpoint):
        return Evidence(
            transaction=entry.transaction, block_number=entry.block_number, block_time=entry.block_time
        )  # fmt: skip
    return Evidence(
        signed_hash=entry.content_hash,
        digest=entry.digest,
        key_id=entry.key_id,
        transaction=entry.transaction,
        block_number=entry.block_number,
        block_time=entry.block_time,
    )


def hexed(value: bytes | None) -> str:
    """0x hex; "" for nothing."""
    return "" if value is None else "0x" + value.hex()


def _not_asked_once(findings: Iterable[Finding]) -> list[Finding]:
    """That the chain was not asked is said once, however many events it leaves unchecked."""
    chosen = list(findings)
    unasked = [item for item in chosen if item.code == NOT_ASKED]
    if len(unasked) < 2:
        return chosen
    return [item for item in chosen if item.code != NOT_ASKED] + [not_asked(unasked[0].check)]


def _weight(finding: Finding) -> int:
    return len(PRECEDENCE) if finding.leads_to is Verdict.UNKNOWN else PRECEDENCE.index(finding.leads_to)
