"""
What is said of the label itself: which one of how many it is, whether it was seen too often, that it can be copied.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.localization import N_, Words
from ledger.domain.label_check import COPIED, NOT_ISSUED, LabelCheck
from ledger.domain.label_reports import ReportKind
from ledger.domain.story_values import Finding, Verdict

CAN_BE_COPIED = N_("This label has no number of its own, so it can be copied without anybody noticing.")
NOT_KEPT = N_("The numbers of this lot’s labels are not kept here, so a copy of this label would not be noticed.")
IN_ORDER = N_(
    "This is label %(number)s of %(issued)s for this lot. It was seen only where and as often as one case can be."
)
COPIED_TITLE = N_("Perhaps a copied label")
COPIED_LEAD = N_("This label may be a copy: see why below. What follows is the record of the lot itself.")
NOT_ISSUED_TITLE = N_("Not a label of this lot")
NOT_ISSUED_LEAD = N_("No label with this number was issued for this lot. Whoever printed it did not pack the fruit.")

KINDS = {
    ReportKind.SPOILED: N_("The fruit is spoiled"),
    ReportKind.OTHER_GOODS: N_("It is not what the label says"),
    ReportKind.LABEL: N_("The label looks copied or damaged"),
    ReportKind.OTHER: N_("Something else"),
}


@dataclass(frozen=True, slots=True)
class KindView:
    """A kind of report to choose."""

    value: str
    text: str


def kinds(speak: Words) -> tuple[KindView, ...]:
    """All kinds, in the order in which they are offered."""
    return tuple(KindView(kind.value, speak(text)) for kind, text in KINDS.items())


def label_sentence(check: LabelCheck | None, reasons: tuple[Finding, ...], speak: Words) -> str:
    """The quiet sentence about the label at hand; "" where the verdict says it already, or nothing is known."""
    if check is None or any(finding.code in (*COPIED, NOT_ISSUED) for finding in reasons):
        return ""
    if not check.asked:
        return speak(CAN_BE_COPIED)
    if check.number is None:
        return speak(NOT_KEPT)
    return speak(IN_ORDER, number=speak.number(check.number), issued=speak.number(check.issued))


def label_headline(reasons: tuple[Finding, ...]) -> tuple[str, str]:
    """The msgids of the verdict's title and sentence where only the label is in doubt; "" where something else is."""
    wrong = {finding.code for finding in reasons if finding.leads_to is not Verdict.VERIFIED}
    if not wrong or not wrong <= {*COPIED, NOT_ISSUED}:
        return "", ""
    return (NOT_ISSUED_TITLE, NOT_ISSUED_LEAD) if NOT_ISSUED in wrong else (COPIED_TITLE, COPIED_LEAD)
