"""Whatever stands in a cell of a packing house's workbook, planning ends with events that are sound, or with errors."""

from __future__ import annotations

from typing import Any

from house_rows import Day, events_of, house_day, planned_day
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.binding import action_of
from ledger.domain.epcis import check_event
from ledger.domain.imports.cells import CellFault
from ledger.domain.imports.house_layout import SHEETS, HouseSheet

_COLUMNS = [
    (sheet, column.key) for sheet, layout in SHEETS.items() for column in layout.columns if column.key != "mark"
]
_VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.text(max_size=12), st.integers(-5, 10**7), st.floats(), st.booleans(), st.datetimes(), st.dates(),
    st.times(), st.just(CellFault("cell.formula", "=A1", "no result")),
    st.text("0123456789０１年月日公斤吨箱.,-/()（）示例", max_size=10),
    st.sampled_from(["9520001000058", "丝路包装厂", "HM0805", "SG0805", "(00)1", "8月5日", "1,000公斤"]),
)  # fmt: skip


def changed(changes: list[tuple[tuple[HouseSheet, str], Any]]) -> Day:
    day = house_day()
    for (sheet, key), value in changes:
        day[sheet][0][key] = value
    return day


@given(st.lists(st.tuples(st.sampled_from(_COLUMNS), _VALUES), min_size=1, max_size=4))
@settings(max_examples=80, deadline=None)
def test_any_cells_are_planned_or_refused(changes: list[tuple[tuple[HouseSheet, str], Any]]) -> None:
    plan = planned_day(changed(changes))
    again = planned_day(changed(changes))
    assert (plan.groups, plan.errors) == (again.groups, again.errors)
    for event in events_of(plan):
        check_event(event)
        action_of(event, 2**40)
    planned = {(key.sheet, key.row) for group in plan.groups for key in group.rows}
    assert not planned & {(error.sheet, error.row) for error in plan.errors if error.sheet != "档案"}
