"""What a label's serial says beside its lot's story: the label's own finding, and nobody else's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from story_samples import STORIES, story

from ledger.domain.actions import EntryKind
from ledger.domain.custody_values import Amounts
from ledger.domain.identifiers import Grams
from ledger.domain.label_check import COPIED, NOT_ISSUED, LabelCheck, findings_of, sold_out, with_label
from ledger.domain.serials import Day, Sale, Scan, ScanRule
from ledger.domain.story_values import CheckName, LotStory, Outcome, Verdict

RULE = ScanRule()
EVERYWHERE = tuple(Scan(Day(800_000), city, 1) for city in ("Beijing", "Shanghai", "Guangzhou"))
COPY = LabelCheck(3, True, 1, EVERYWHERE)


def all_sold(last: str) -> LotStory:
    """The verified story, with its last event a sale of everything at that time."""
    told = story(Verdict.VERIFIED)
    events = tuple(
        replace(event, kind=EntryKind.SALE, of_lot=True, event_time=last) if event is told.events[-1] else event
        for event in told.events
    )
    return replace(told, events=events, amounts=Amounts(born=Grams(9), on_hand=Grams(0), in_transit=Grams(0),
                   sold=Grams(9), destroyed=Grams(0), used=Grams(0)))  # fmt: skip


@pytest.mark.parametrize("verdict", [*STORIES])
def test_a_copied_label_never_makes_a_verdict_better(verdict: Verdict) -> None:
    told = story(verdict)
    label = with_label(told, COPY, RULE)
    better = (Verdict.VERIFIED, Verdict.PENDING)
    assert label.verdict is (Verdict.SUSPECT if verdict in better else verdict)
    assert {finding.code for finding in label.reasons} >= {"custody.label-places"}
    custody = next(check for check in label.checks if check.name is CheckName.CUSTODY)
    assert custody.outcome is not Outcome.PASSED
    assert label.branches == told.branches, "the verdicts of branches are their own"


@pytest.mark.parametrize(
    "check",
    [
        LabelCheck(),
        LabelCheck(issued=3),
        LabelCheck(issued=0, asked=True),
        LabelCheck(issued=3, asked=True, number=2),
        LabelCheck(issued=3, asked=True, number=2, scans=EVERYWHERE[:2]),
    ],
)
def test_nothing_is_said_of_labels_in_order_or_unknown(check: LabelCheck) -> None:
    told = story(Verdict.VERIFIED)
    assert with_label(told, check, RULE) is told


def test_a_serial_that_nobody_issued_where_others_were() -> None:
    (finding,) = findings_of(LabelCheck(issued=3, asked=True, scans=EVERYWHERE), story(Verdict.VERIFIED), RULE)
    assert (finding.code, finding.leads_to) == (NOT_ISSUED, Verdict.SUSPECT)


def test_every_sign_has_a_code_and_a_day() -> None:
    day = date(2026, 8, 5)
    scans = (*(Scan(Day(day.toordinal()), scan.city, 99) for scan in EVERYWHERE),)
    found = findings_of(LabelCheck(3, True, 1, scans, Sale(Day(day.toordinal() - 1))), story(Verdict.VERIFIED), RULE)
    assert tuple(finding.code for finding in found) == COPIED
    assert {finding.parameters["day"] for finding in found} == {"2026-08-05"}
    assert all("2026-08-05" in finding.sentence for finding in found)


@pytest.mark.parametrize(
    ("last", "day"),
    [
        ("2026-08-20T10:00:00+08:00", date(2026, 8, 20)),
        ("2026-08-20T17:00:00Z", date(2026, 8, 21)),
        ("2026-08-20T23:00:00", date(2026, 8, 20)),
    ],
)
def test_a_lot_that_is_sold_out_is_sold_on_its_last_day(last: str, day: date) -> None:
    assert sold_out(all_sold(last)) == Sale(Day(day.toordinal()), of_lot=True)


def test_a_time_that_cannot_be_read_sells_nothing() -> None:
    assert sold_out(all_sold("yesterday")) is None


@pytest.mark.parametrize("left", ["on_hand", "in_transit", "used", "missing", "returning"])
def test_a_lot_of_which_something_is_left_is_not_sold_out(left: str) -> None:
    told = all_sold("2026-08-20T10:00:00+08:00")
    assert sold_out(replace(told, amounts=replace(told.amounts, **{left: Grams(1)}))) is None


def test_labels_of_a_lot_that_was_sold_out_long_ago() -> None:
    told = all_sold("2026-08-20T10:00:00+08:00")
    late = Scan(Day(date(2026, 8, 20).toordinal() + 61), "", 1)
    (finding,) = findings_of(LabelCheck(3, True, 1, (late,)), told, RULE)
    assert finding.code == "custody.label-sold"
