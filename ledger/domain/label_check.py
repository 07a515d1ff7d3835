"""
What a label's serial says beside its lot's story; no I/O.

A copied label is a finding about that one label: it makes the verdict of what its reader is told `suspect`, and leaves
the verdicts of the lot and of its branches as they are. The lot itself may be in perfect order; so may one of the two
cases that carry the label.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone

from ledger.domain.actions import EntryKind
from ledger.domain.findings import check_of
from ledger.domain.identifiers import LotId
from ledger.domain.serials import CHINA_SECONDS, Alarm, Day, Sale, Scan, ScanRule, Sign, copied
from ledger.domain.story_values import (
    PRECEDENCE,
    Check,
    CheckName,
    Finding,
    LotStory,
    Outcome,
    Parameter,
    Verdict,
    worst,
)

_CHINA = timezone(timedelta(seconds=CHINA_SECONDS))


@dataclass(frozen=True, slots=True)
class LabelCheck:
    """
    What is known of labels of a lot. `issued`: how many serials its packer had made; `asked`: whether the label at hand
    bears one; `number`: which of the lot's labels it is, None where nobody issued it. `scans`, `sale`: of that label.
    """

    issued: int = 0
    asked: bool = False
    number: int | None = None
    scans: tuple[Scan, ...] = ()
    sale: Sale | None = None

    @property
    def can_be_copied(self) -> bool:
        """Whether nobody would notice a copy of the label at hand."""
        return self.number is None


def alarms_of(check: LabelCheck, story: LotStory, rule: ScanRule) -> tuple[Alarm, ...]:
    """Why the label counts as copied."""
    return copied(check.scans, check.sale or sold_out(story), rule) if check.number is not None else ()


def sold_out(story: LotStory) -> Sale | None:
    """When the last grams of the lot were sold, where all of it was; as the seller states it."""
    amounts = story.amounts
    left = (amounts.on_hand, amounts.in_transit, amounts.returning, amounts.missing, amounts.used)
    if not amounts.sold or any(left):
        return None
    days = [
        day
        for event in story.events
        if event.kind is EntryKind.SALE and event.of_lot and (day := _day(event.event_time))
    ]
    return Sale(Day(max(days).toordinal()), of_lot=True) if days else None


def findings_of(check: LabelCheck, story: LotStory, rule: ScanRule) -> tuple[Finding, ...]:
    """What is wrong with the label at hand; nothing where it is in order, or where nothing can be said of it."""
    if not check.asked or not check.issued:
        return ()
    if check.number is None:
        return (_finding(NOT_ISSUED, "No label with this serial was issued for the lot.", story.id),)
    return tuple(
        _finding(
            CODES[alarm.sign],
            _SENTENCES[alarm.sign].format(count=alarm.count, day=date.fromordinal(alarm.day).isoformat()),
            story.id,
            {"number": check.number, "count": alarm.count, "day": date.fromordinal(alarm.day).isoformat()},
        )
        for alarm in alarms_of(check, story, rule)
    )


_SENTENCES = {
    Sign.PLACES: "The label, or a copy of it, was seen in {count} cities by {day}: more than one case travels through.",
    Sign.OFTEN: "The label, or copies of it, had been scanned {count} times by {day}.",
    Sign.SOLD: "The case was sold, and its label, or a copy of it, was still seen on {day}, where it is not expected.",
}
CODES = {
    Sign.PLACES: "custody.label-places",
    Sign.OFTEN: "custody.label-often",
    Sign.SOLD: "custody.label-sold",
}
COPIED = tuple(CODES.values())
"""The codes that mean `suspect: copied label`."""
NOT_ISSUED = "custody.label-not-issued"


def with_label(story: LotStory, check: LabelCheck, rule: ScanRule) -> LotStory:
    """The story as it is told to whoever holds the label: its findings come in, and weigh as much as any."""
    found = findings_of(check, story, rule)
    if not found:
        return story
    checks = tuple(_with(each, found) if each.name is CheckName.CUSTODY else each for each in story.checks)
    telling = [item for item in story.reasons if item.leads_to is not Verdict.VERIFIED]
    reasons = sorted([*telling, *found], key=lambda item: PRECEDENCE.index(item.leads_to))
    return replace(story, verdict=worst([story.verdict, Verdict.SUSPECT]), checks=checks, reasons=tuple(reasons))


def _with(check: Check, found: tuple[Finding, ...]) -> Check:
    kept = check.findings if check.outcome is not Outcome.PASSED else ()
    return check_of(check.name, [*kept, *found])


def _finding(code: str, sentence: str, lot: LotId, parameters: dict[str, Parameter] | None = None) -> Finding:
    return Finding(CheckName.CUSTODY, code, Verdict.SUSPECT, sentence, parameters or {}, lot=lot)


def _day(text: str) -> date | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment.astimezone(_CHINA) if moment.tzinfo else moment).date()
