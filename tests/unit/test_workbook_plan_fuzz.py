"""Whatever stands in the cells: a row becomes an event or a listed row error, never an exception."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from workbook_rows import (
    CASE,
    DAY,
    MASTER,
    cooling,
    harvest,
    packing,
    pooled,
    receiving,
    sheet,
    shipping,
    transformation,
)  # fmt: skip

from ledger.domain.binding import action_of
from ledger.domain.content_hash import add_blind
from ledger.domain.epcis import check_event
from ledger.domain.errors import InvalidInput, Violation
from ledger.domain.imports.cells import CellFault
from ledger.domain.imports.layouts import COLUMNS, SheetKind
from ledger.domain.imports.plan import PlannedEvent
from ledger.domain.imports.workbook_plan import plan_workbook

ROWS = {
    "Locations": (SheetKind.LOCATIONS, lambda: {"name": "Somewhere", "gln": "9520002000040", "roles": "buyer"}),
    "Products": (SheetKind.PRODUCTS, lambda: {"gtin": "09520002000057", "name": "Box", "net_grams": 100}),
    "CTE- Harvest": (SheetKind.HARVEST, harvest),
    "CTE- Cooling": (SheetKind.COOLING, cooling),
    "CTE- Initial Packing": (SheetKind.PACKING, packing),
    "CTE-Initial Pck- non fsma growr": (SheetKind.POOLED_PACKING, pooled),
    "Transformation": (SheetKind.TRANSFORMATION, transformation),
    "Shipping": (SheetKind.SHIPPING, shipping),
    "Receiving": (SheetKind.RECEIVING, receiving),
}

VALUES = st.one_of(
    st.none(),
    st.text(max_size=25),
    st.integers(),
    st.integers(0, 400_000),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.sampled_from(
        [
            "Hill Farm",
            "Packing Shed",
            "Buyer DC",
            "Melon",
            "A1",
            "H-1",
            "P-1",
            "20 CS",
            "5 kg",
            "kg",
            "230713",
            "03 25 2023",
            f"{CASE:014d}",
            "0071430010556",
            "-",
            "* note",
            DAY,
            datetime(2026, 8, 6, 3, 4),
            CellFault("cell.formula", "=A1", "?"),
        ]
    ),
)


@st.composite
def changed_rows(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """A sound row on every sheet, and copies in which some cells are anything."""
    sheets = {}
    for title, (kind, row) in ROWS.items():
        changes = st.dictionaries(st.sampled_from(sorted(COLUMNS[kind])), VALUES, max_size=3)
        sheets[title] = [row(), *[row() | change for change in draw(st.lists(changes, max_size=2))]]
    return sheets


def _unbound(event: PlannedEvent) -> tuple[Violation, ...]:
    """Why the event implies no action; empty where it implies one."""
    try:
        action_of(add_blind(event.tree, event.party, bytes(16)), 2_000_000_000)
    except InvalidInput as refused:
        return refused.violations
    return ()


@settings(max_examples=120, deadline=None)
@given(changed_rows())
def test_any_cells(rows: dict[str, list[dict[str, Any]]]) -> None:
    sheets = [sheet(title, *some) for title, some in rows.items()]
    plan = plan_workbook(sheets, MASTER)
    assert plan == plan_workbook(sheets, MASTER)
    for error in plan.errors:
        assert error.rule
        assert error.message
        assert error.sheet in rows
    for group in plan.groups:
        for event in group.events:
            check_event(event.tree)
            # What binding refuses (a handoff needs two parties, say) is told at a cell of the sheet.
            assert all(event.row_error(violation).sheet in rows for violation in _unbound(event))
