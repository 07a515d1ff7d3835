"""The workbook's own Locations and Products sheets: other names, and new parties, places, plots and products."""

from __future__ import annotations

from typing import Any

import pytest
from workbook_rows import CASE, FARM, MASTER, PACKER, harvest, sheet, shipping

from ledger.domain.imports.cells import Sheet
from ledger.domain.imports.plan import Plan
from ledger.domain.imports.workbook_plan import plan_workbook


def plan(*sheets: Sheet) -> Plan:
    return plan_workbook(sheets, MASTER)


def rule(*sheets: Sheet) -> str:
    [found] = plan(*sheets).errors
    return found.rule


NEW = "9520002000040"


def test_a_place_with_roles_brings_its_party() -> None:
    row = {"name": "New Buyer", "gln": NEW, "roles": "buyer, packer", "city": "Beijing", "name_zh": "新买家"}
    made = plan(sheet("Locations", row), sheet("Shipping", shipping(to="新买家")))
    assert not made.errors
    assert made.additions.parties[int(NEW)].city == {"en": "Beijing"}  # type: ignore[index]


def test_a_product_with_net_grams_and_owner_is_taken_in() -> None:
    row = {"gtin": "09520002000057", "name": "Half case", "net_grams": 4500, "owner_gln": f"{PACKER:013d}"}
    made = plan(sheet("Products", row), sheet("Shipping", shipping(gtin="09520002000057")))
    assert not made.errors
    assert [product.net_grams for product in made.additions.products.values()] == [4500]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"net_grams": None}, "product.net-grams"),
        ({"net_grams": 0}, "cell.whole-number"),
        ({"owner_gln": None}, "product.owner"),
        ({"owner_gln": "9520002000040"}, "party.unknown"),
        ({"gtin": "09520002000058"}, "gs1.check-digit"),
        ({"gtin": f"{CASE:014d}", "net_grams": 1}, "product.contradiction"),
    ],
)
def test_refusals_of_products(cells: dict[str, Any], expected: str) -> None:
    row = {"gtin": "09520002000057", "name": "Half case", "net_grams": 4500, "owner_gln": f"{PACKER:013d}"} | cells
    assert rule(sheet("Products", row)) == expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"gln": "9520002000041"}, "gs1.check-digit"),
        ({"name": "Packing Shed"}, "place.contradiction"),
        ({"roles": "king"}, "party.role"),
        ({"kind": "castle"}, "place.kind"),
        ({"party_gln": "9520002000057", "roles": None}, "party.unknown"),
    ],
)
def test_refusals_of_places(cells: dict[str, Any], expected: str) -> None:
    row = {"name": "New Buyer", "gln": NEW, "roles": "buyer"} | cells
    assert rule(sheet("Locations", row)) == expected


def test_a_place_whose_party_nobody_knows_is_refused_where_it_is_used() -> None:
    address = sheet("Locations", {"name": "Somewhere", "city": "Turpan"})
    assert not plan(address).errors
    assert rule(address, sheet("Shipping", shipping(to="Somewhere"))) == "place.unknown-party"


def test_a_field_of_its_own_is_a_plot() -> None:
    row = {"name": "Hill Farm", "gln": f"{FARM:013d}", "field": "C3"}
    made = plan(sheet("Locations", row), sheet("Harvest", harvest(field="C3")))
    assert not made.errors
    assert list(made.additions.plots) == [(FARM, "C3")]


def test_another_name_for_a_known_place() -> None:
    row = {"name": "The shed", "gln": f"{PACKER:013d}"}
    assert not plan(sheet("Locations", row), sheet("Harvest", harvest(recipient="the SHED"))).errors
