"""
The Produce Traceability Initiative's own workbooks: parsed whole, refused exactly where the table says, importable
once corrected.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from import_world import DATA, import_world, lot, pti_folder

from ledger.adapters.master_data_toml import read_master_data
from ledger.adapters.workbook import read_workbook
from ledger.domain import event_forms as forms
from ledger.domain.identifiers import Grams, LotRef, PartyId
from ledger.domain.imports.workbook_plan import plan_workbook
from ledger.services.import_file import ImportReport

EXPECTED = tomllib.loads((Path(__file__).parent / "pti_expected_refusals.toml").read_text(encoding="utf-8"))
MASTER = "pti_master.toml"
CENTRE, ED = PartyId(71430010556), PartyId(71430010204)
WHOLESALER, PACKHOUSE = PartyId(9521000000063), PartyId(71430010228)
CUSTOMER_B = "9521000000049"


def sample(name: str) -> Path:
    return pti_folder() / str(EXPECTED[name]["file"])


def refusals(report: ImportReport) -> set[tuple[str, str, str]]:
    return {(error.sheet, f"{error.column}{error.row}", error.rule) for error in report.refused}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_sample_parses_whole(name: str) -> None:
    plan = plan_workbook(read_workbook(sample(name)), read_master_data(DATA / MASTER))
    assert plan.rows_read == EXPECTED[name]["rows"]
    planned = {(key.sheet, key.row) for group in plan.groups for key in group.rows}
    refused = {(error.sheet, error.row) for error in plan.errors}
    assert len(planned | refused) + EXPECTED[name]["addresses"] == plan.rows_read


@pytest.mark.parametrize("name", EXPECTED)
def test_exactly_the_expected_rows_are_refused(name: str, tmp_path: Path) -> None:
    world = import_world(tmp_path, MASTER)
    report = world.importer.import_file(sample(name), proceed=True)
    assert refusals(report) == {(row["sheet"], row["cell"], row["rule"]) for row in EXPECTED[name]["refused"]}
    assert report.recorded == EXPECTED[name]["recorded"] == world.events()


@pytest.mark.parametrize("name", EXPECTED)
def test_without_proceed_nothing_is_recorded(name: str, tmp_path: Path) -> None:
    world = import_world(tmp_path, MASTER)
    report = world.importer.import_file(sample(name))
    assert refusals(report) >= {(row["sheet"], row["cell"], row["rule"]) for row in EXPECTED[name]["refused"]}
    assert report.recorded == world.events() == 0


def corrected(name: str, folder: Path, cells: dict[str, dict[str, Any]]) -> Path:
    """A copy of the sample in which these cells of these sheets are other ones; other formulas keep no result."""
    book = openpyxl.load_workbook(sample(name))
    for title, changes in cells.items():
        for place, value in changes.items():
            book[title][place] = value
    path = folder / f"{name}.xlsx"
    book.save(path)
    return path


def opening_stock(folder: Path, stock: list[tuple[PartyId, LotRef, int]]) -> Path:
    """What the parties held before the workbook begins, as an EPCIS document of intakes."""
    events = []
    for number, (party, held, kilograms) in enumerate(stock, 1):
        grams = Grams(kilograms * 1000)
        events.append(
            forms.intake(
                party, forms.Amount(held, grams), forms.When("2023-07-10T00:00:00-04:00"), forms.Spot(party),
                [forms.RosterLine("G001", "Salinas", grams, f"OPEN-{number}")],
            )
        )  # fmt: skip
    document = {
        "@context": events[0]["@context"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2023-07-10T00:00:00-04:00",
        "epcisBody": {"eventList": [{k: v for k, v in event.items() if k != "@context"} for event in events]},
    }
    path = folder / "opening-stock.jsonld"
    path.write_text(json.dumps(document))
    return path


def assert_imports_whole(folder: Path, path: Path, stock: list[tuple[PartyId, LotRef, int]], events: int) -> None:
    world = import_world(folder, MASTER)
    if stock:
        assert world.importer.import_file(opening_stock(folder, stock)).ok
    before = world.events()
    report = world.importer.import_file(path)
    assert report.refused == ()
    assert report.recorded == world.events() - before == events
    again = world.importer.import_file(path)
    assert (again.recorded, again.repeated, again.refused) == (0, events, ())


def test_a_corrected_harvest_workbook_imports_whole(tmp_path: Path) -> None:
    harvests = {
        row: {"A": "Field / Bin Ticket", "B": code, "C": commodity, "D": variety, "E": 100,
              "F": "Cases", "G": "ABC Farms", "H": "ESF-A01", "J": "2023-06-01", "K": packer}
        for row, code, commodity, variety, packer in (
            (4, "HO-TOMATO-1", "Tomatoes", "Roma", "DEF Salsa Processing Inc"),
            (5, "HO-SPROUT-1", "Sprouts", "Alfalfa", "DEF Packers"),
        )
    }  # fmt: skip
    path = corrected("harvest", tmp_path, {
        "CTE- Harvest": {f"{column}{row}": value for row, cells in harvests.items() for column, value in cells.items()},
        "CTE- Initial Pack- ingred only": {"O3": "2071231340"},
        "CTE-Initial Pck- non fsma growr": {"K3": "2071231341"},
        "Initial Packing- SPROUTS": {"AG3": "2071231342"},
        "Transformation": {"M3": "123456789012345880"},
    })  # fmt: skip
    # Three harvests and their shipments, one cooling, three receipts, one intake, four packings, one transformation.
    assert_imports_whole(tmp_path, path, [], 6 + 1 + 3 + 1 + 4 + 1)


def test_a_corrected_shipping_workbook_imports_whole(tmp_path: Path) -> None:
    # The right check digit would make the bad GLN the distribution centre's own, so the customer gets another.
    path = corrected("shipping", tmp_path, {"Shipping": {"K11": CUSTOMER_B, "K12": CUSTOMER_B}})
    stock = [
        (CENTRE, lot("10333830000016", "186"), 170),
        (CENTRE, lot("10333830000016", "187"), 200),
        (CENTRE, lot("10333830000023", "188"), 170),
        (CENTRE, lot("10333830000030", "189"), 181),
    ]
    assert_imports_whole(tmp_path, path, stock, 3)


def test_a_corrected_receiving_workbook_imports_whole(tmp_path: Path) -> None:
    """Its shipments are added on a sheet of their own: what is received has to have been sent."""
    # Two cells hold an array formula, whose result a workbook saved by openpyxl does not keep.
    path = corrected("receiving", tmp_path, {"Receiving": {"S9": "3000 Salinas Hwy", "S10": "3000 Salinas Hwy"}})
    book = openpyxl.load_workbook(path)
    sheet = book.create_sheet("Shipping")
    shipping = openpyxl.load_workbook(sample("shipping"))["Shipping"]
    headings = {shipping.cell(8, column).value: column for column in range(1, 21)}
    for text, column in headings.items():
        sheet.cell(8, column, text)
    received = openpyxl.load_workbook(sample("receiving"), data_only=True)["Receiving"]
    for row in range(9, 13):
        for text, source in (
            ("(1) TLC - GTIN", "A"), ("(1) TLC - Batch", "B"), ("(2) Qty & UOM", "G"), ("(4) Ship-To Location", "J"),
            ("(5) Ship-From Location", "I"), ("(6) Ship Date", "K"), ("(8) Ref Doc Type and Number", "Q"),
        ):  # fmt: skip
            sheet.cell(row, headings[text], received[f"{source}{row}"].value)
    book.save(path)
    stock = [
        (CENTRE, lot("10333830000016", "187"), 340),
        (CENTRE, lot("10333830000016", "188"), 510),
        (WHOLESALER, lot("10123456000022", "123456"), 640),
        (PACKHOUSE, lot("10124523000020", "654321"), 640),
    ]
    assert_imports_whole(tmp_path, path, stock, 6)
