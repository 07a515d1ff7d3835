"""
A workbook before anything of it is recorded: every row with what it would record, or why it cannot; and, where all of
it can, the drafts of its events for a device to sign, in order.

All or nothing: a workbook with one wrong row gives no drafts. A row that was recorded before says so and is not drafted
again, so that the same workbook sent twice records once. Master data that a workbook brings is for the operator to
register: new parties and products are refused here. Raises `InvalidInput` for what is no workbook at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ledger.domain.errors import InvalidInput
from ledger.domain.imports.cells import RowError, Sheet
from ledger.domain.imports.house_mapping import HouseMapping
from ledger.domain.imports.plan import Group, Plan
from ledger.domain.imports.workbook_plan import BEIJING
from ledger.domain.master_data import MasterData
from ledger.domain.records import RecordedEvent
from ledger.services.drafts import Actor, Draft, Drafted, Drafts
from ledger.services.import_file import plan_of

MOST_EVENTS = 500
"""So many signatures a phone makes in a few seconds."""


class Names(Protocol):
    """The part of the store that names things."""

    def master_data(self) -> MasterData:
        """All master data."""
        ...


@dataclass(frozen=True, slots=True)
class PreviewedRow:
    """
    One row: `drafts` are the numbers of what it would record, `repeated` whether all of it was recorded before. Rows of
    one group stand or fall together and show the same drafts.
    """

    sheet: str
    row: int
    drafts: tuple[int, ...] = ()
    repeated: bool = False
    errors: tuple[RowError, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """`drafts` is empty where any row is wrong. `ignored` names sheets that hold none of ours."""

    rows: tuple[PreviewedRow, ...]
    drafts: tuple[Draft, ...]
    ignored: tuple[str, ...] = ()

    @property
    def wrong(self) -> int:
        """How many rows are."""
        return sum(bool(row.errors) for row in self.rows)


class WorkbookPreview:
    """`read_workbook` is the adapter's reader; `zone` is the offset of the workbooks' local time."""

    def __init__(
        self, names: Names, drafts: Drafts, read_workbook: Callable[[Path], Sequence[Sheet]], zone: str = BEIJING
    ) -> None:
        self._names = names
        self._drafts = drafts
        self._read_workbook = read_workbook
        self._zone = zone

    def preview(self, path: Path, actor: Actor, mapping: HouseMapping | None = None) -> Preview:
        """What the file would record for the person's party."""
        plan = plan_of(self._read_workbook(path), self._names.master_data(), mapping or HouseMapping(), self._zone)
        events = [event for group in plan.groups for event in group.events]
        if len(events) > MOST_EVENTS:
            message = f"at most {MOST_EVENTS} events are signed at once: split the workbook"
            raise InvalidInput.one("", "draft.rows", f"{len(events)} events", message)
        outcomes = self._drafts.draft_events([event.tree for event in events], actor)
        return _told(plan, outcomes)


def _told(plan: Plan, outcomes: Sequence[Drafted]) -> Preview:
    drafts: list[Draft] = []
    # The same event may come from several rows; it is drafted once.
    numbers: dict[str, int] = {}
    rows: dict[tuple[str, int], PreviewedRow] = {}
    at = 0
    for group in plan.groups:
        found = outcomes[at : at + len(group.events)]
        at += len(group.events)
        errors = _errors(group, found)
        shown: list[int] = []
        for outcome in found:
            if isinstance(outcome, Draft):
                name = str(outcome.event["eventID"])
                if name not in numbers:
                    numbers[name] = len(drafts)
                    drafts.append(outcome)
                shown.append(numbers[name])
        repeated = bool(found) and all(isinstance(outcome, RecordedEvent) for outcome in found)
        for key in group.rows:
            own = tuple(error for error in errors if (error.sheet, error.row) == (key.sheet, key.row))
            if errors and not own:
                first = errors[0]
                message = f"row {first.row} of the same event is refused, and it stands or falls whole"
                own = (RowError(key.sheet, key.row, "", "", "row.incomplete", message),)
            _merge(rows, PreviewedRow(key.sheet, key.row, () if errors else tuple(shown), repeated, own))
    for error in dict.fromkeys(plan.errors):
        _merge(rows, PreviewedRow(error.sheet, error.row, errors=(error,)))
    for rule, brought in (
        ("draft.new-party", plan.additions.parties), ("draft.new-product", plan.additions.products),
    ):  # fmt: skip
        for number in brought:
            message = "this is not registered yet: ask the operator to register it first"
            _merge(rows, PreviewedRow("", 0, errors=(RowError("", 0, "", str(number), rule, message),)))
    order = {key.sheet: key.sheet_index for group in plan.groups for key in group.rows}
    told = sorted(rows.values(), key=lambda row: (order.get(row.sheet, -1), row.sheet, row.row))
    return Preview(tuple(told), () if any(row.errors for row in told) else tuple(drafts), plan.ignored)


def _errors(group: Group, found: Sequence[Drafted]) -> list[RowError]:
    return [
        event.row_error(violation)
        for event, outcome in zip(group.events, found, strict=True)
        if isinstance(outcome, tuple)
        for violation in outcome
    ]


def _merge(rows: dict[tuple[str, int], PreviewedRow], row: PreviewedRow) -> None:
    """One row may stand in several groups, and may be wrong in several ways."""
    known = rows.get((row.sheet, row.row))
    if known is None:
        rows[row.sheet, row.row] = row
        return
    rows[row.sheet, row.row] = PreviewedRow(
        row.sheet, row.row, tuple(dict.fromkeys((*known.drafts, *row.drafts))), known.repeated and row.repeated,
        tuple(dict.fromkeys((*known.errors, *row.errors))),
    )  # fmt: skip
