"""Events that workbooks make are sealed by default where they name persons or telephones, and bind as before."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import house_rows
import pytest
from workbook_rows import MASTER, cooling, harvest, packing, receiving, sheet, shipping, transformation

from ledger.domain.binding import action_of, lots_of
from ledger.domain.canonical_json import canonical
from ledger.domain.content_hash import add_blind
from ledger.domain.epcis import check_event
from ledger.domain.identifiers import ContentHash
from ledger.domain.imports.plan import Plan
from ledger.domain.imports.workbook_plan import plan_workbook
from ledger.domain.records import JsonTree
from ledger.domain.sealing import DEFAULT, reveal, seal

PHONE = "09912345678"
SOURCE = {"tlc_source_name": "Hill Farm", "tlc_source_phone": PHONE}


def trade_day() -> Plan:
    """One workbook of the trade, with a harvester's number and a source's telephone."""
    return plan_workbook(
        [
            sheet("Harvest", harvest(harvester="Tursun 13999123456")),
            sheet("Cooling", cooling()),
            sheet("Initial Packing", packing()),
            sheet("Shipping", shipping(**SOURCE)),
            sheet("Receiving", receiving(**SOURCE)),
            sheet("Transformation", transformation()),
        ],
        MASTER,
    )


def house_day() -> Plan:
    """The packing house's day, with a team that gives names, and a driver's code."""
    rows = {
        "harvest": [house_rows.harvest(team="Tursun 13999123456")],
        "shipping": [house_rows.shipping(driver="D-7")],
    }
    return house_rows.planned_day(house_rows.house_day(**rows))


def events_of(plan: Plan) -> list[JsonTree]:
    assert plan.errors == ()
    return [add_blind(event.tree, event.party, bytes(16)) for group in plan.groups for event in group.events]


@pytest.mark.parametrize(
    ("plan", "places"),
    [
        (trade_day, {"/silkroot:harvester", "/silkroot:lines/0/tlcSource/phone"}),
        (house_day, {"/silkroot:harvester", "/silkroot:driver"}),
    ],
    ids=["trade", "house"],
)
def test_the_default_policy_changes_no_action_of_a_workbook(plan: Callable[[], Plan], places: set[str]) -> None:
    numbers = itertools.count(1)
    sealed_places = set()
    for event in events_of(plan()):
        sealed = seal(event, DEFAULT, lambda: next(numbers).to_bytes(16, "big"))
        before, after = action_of(event, 1), action_of(sealed.event, 1)
        nothing = ContentHash(bytes(32))
        assert replace(before, content_hash=nothing) == replace(after, content_hash=nothing)
        assert lots_of(sealed.event) == lots_of(event)
        check_event(sealed.event)
        public = canonical(sealed.event).decode()
        assert PHONE not in public
        assert "Tursun" not in public
        assert reveal(sealed.event, [item.text for item in sealed.disclosures]) == event
        sealed_places |= {item.place for item in sealed.disclosures}
    assert sealed_places == places
