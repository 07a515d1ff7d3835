"""Import into a real store: all or nothing, row by row, twice, with progress; workbooks, documents and master data."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from import_world import DATA, ImportWorld, import_world
from workbook_rows import (
    BULK,
    BUYER,
    CASE,
    DAY,
    FARM,
    MASTER,
    PACKER,
    harvest,
    packing,
    receiving,
    shipping,
    transformation,
)  # fmt: skip

from ledger.domain import event_forms as forms
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import Grams, LotRef
from ledger.domain.imports.layouts import COLUMNS, kind_of
from ledger.domain.records import JsonTree


@pytest.fixture
def world(tmp_path: Path, url: str) -> ImportWorld:
    return import_world(tmp_path, MASTER, url)


def workbook(folder: Path, sheets: dict[str, list[dict[str, Any]]], name: str = "book.xlsx") -> Path:
    book = openpyxl.Workbook()
    for title, rows in sheets.items():
        kind = kind_of(title)
        assert kind is not None
        sheet = book.create_sheet(title)
        sheet.append(list(COLUMNS[kind].values()))
        for row in rows:
            sheet.append([row.get(name) for name in COLUMNS[kind]])
    path = folder / name
    book.save(path)
    return path


def document(folder: Path, *events: JsonTree, name: str = "events.jsonld") -> Path:
    tree = {
        "@context": [forms.STANDARD_CONTEXT, {"silkroot": forms.SILKROOT_NAMESPACE}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-08-06T00:00:00+08:00",
        "epcisBody": {"eventList": [{k: v for k, v in event.items() if k != "@context"} for event in events]},
    }
    path = folder / name
    path.write_text(json.dumps(tree))
    return path


def birth(code: str, grams: int = 5_000_000) -> JsonTree:
    return forms.harvest(
        FARM,
        forms.Amount(LotRef(BULK, code), Grams(grams)),
        forms.When("2026-08-05T09:00:00+08:00"),
        forms.Spot(FARM, "A1"),
    )


SEASON = {
    "CTE- Harvest": [harvest()],
    "CTE- Initial Packing": [packing()],
    "Shipping": [shipping()],
    "Receiving": [receiving()],
    "Transformation": [transformation(used=5, made=5)],
}


class TestWorkbook:
    def test_the_whole_way(self, world: ImportWorld, tmp_path: Path) -> None:
        report = world.importer.import_file(workbook(tmp_path, SEASON))
        assert report.ok, report.refused
        assert (report.rows, report.events, report.recorded, report.repeated) == (5, 7, 7, 0)
        assert report.ignored_sheets == ("Sheet",)
        balances = world.parts.store.registered()
        repacked = LotRef(CASE, "R-1")
        assert balances.may_use(CASE, PACKER)
        assert repacked in world.parts.store.lots(None, 10)

    def test_twice_changes_nothing(self, world: ImportWorld, tmp_path: Path) -> None:
        path = workbook(tmp_path, SEASON)
        world.importer.import_file(path)
        before = [event.content_hash for event in world.parts.store.events()]
        for proceed in (False, True):
            again = world.importer.import_file(path, proceed=proceed)
            assert (again.recorded, again.repeated, again.refused) == (0, 7, ())
        assert [event.content_hash for event in world.parts.store.events()] == before

    def test_a_row_more_records_that_row_only(self, world: ImportWorld, tmp_path: Path) -> None:
        world.importer.import_file(workbook(tmp_path, SEASON))
        more = SEASON | {"CTE- Harvest": [harvest(), harvest(doc="H-2", date=DAY + timedelta(1), recipient=None)]}
        report = world.importer.import_file(workbook(tmp_path, more))
        assert (report.recorded, report.repeated, report.refused) == (1, 7, ())

    def test_one_bad_cell_and_nothing_is_recorded(self, world: ImportWorld, tmp_path: Path) -> None:
        bad = SEASON | {"Shipping": [shipping(gtin="09520002000011")]}
        report = world.importer.import_file(workbook(tmp_path, bad))
        assert {(error.sheet, error.row, error.column, error.rule) for error in report.refused} == {
            ("Shipping", 2, "A", "gs1.check-digit"),
            ("Receiving", 2, "Q", "NotInTransit"),
        }
        assert report.recorded == world.events() == 0

    def test_what_the_ledger_refuses_is_told_at_its_cell(self, world: ImportWorld, tmp_path: Path) -> None:
        too_much = SEASON | {"Shipping": [shipping(quantity="101 CS")], "Receiving": [], "Transformation": []}
        report = world.importer.import_file(workbook(tmp_path, too_much))
        [error] = report.refused
        assert (error.sheet, error.row, error.value, error.rule) == ("Shipping", 2, "101 CS", "NotEnoughHeld")
        assert world.events() == 0

    @pytest.mark.parametrize("case", ["more out than in", "packed twice", "received by another"])
    def test_other_refusals_of_the_ledger(self, world: ImportWorld, tmp_path: Path, case: str) -> None:
        sheets, cell, rule = {
            "more out than in": ({"CTE- Initial Packing": [packing(packed=112)]}, "packed", "MoreOutThanIn"),
            "packed twice": (
                {"CTE- Initial Packing": [packing(received=50, packed=50), packing(doc="W-9", received=50, packed=40)]},
                "batch", "LotExists",
            ),
            "received by another": (
                {"CTE- Initial Packing": [packing()], "Shipping": [shipping()],
                 "Receiving": [receiving(to="Hill Farm")]},
                "to", "NotTheReceiver",
            ),
        }[case]  # fmt: skip
        report = world.importer.import_file(workbook(tmp_path, {"CTE- Harvest": [harvest()], **sheets}))
        [error] = report.refused
        kind = kind_of(error.sheet)
        assert kind is not None
        columns = list(COLUMNS[kind])
        assert error.rule == rule
        assert error.column == openpyxl.utils.get_column_letter(columns.index(cell) + 1)
        assert world.events() == 0

    def test_proceed_records_the_rest(self, world: ImportWorld, tmp_path: Path) -> None:
        rows = [harvest(), harvest(doc="H 2"), harvest(doc="H-3", recipient=None)]
        report = world.importer.import_file(workbook(tmp_path, {"CTE- Harvest": rows}), proceed=True)
        assert [(error.row, error.rule) for error in report.refused] == [(3, "gs1.ai10")]
        assert report.recorded == world.events() == 3

    def test_nothing_of_a_refused_row_stays(self, world: ImportWorld, tmp_path: Path) -> None:
        """The packing is refused, so that its receipt is not recorded either."""
        sheets = {"CTE- Harvest": [harvest()], "CTE- Initial Packing": [packing(packed=112)]}
        report = world.importer.import_file(workbook(tmp_path, sheets), proceed=True)
        assert [error.rule for error in report.refused] == ["MoreOutThanIn"]
        assert [event.body["bizStep"] for event in world.parts.store.events()] == ["commissioning", "shipping"]

    def test_many_rows_with_some_bad_ones(self, world: ImportWorld, tmp_path: Path) -> None:
        """Runs of rows are recorded together; a refusal in one takes no neighbour with it."""
        rows = [harvest(doc=f"H-{n}", quantity=n, recipient=None) for n in range(1, 41)]
        rows += [harvest(doc=f"H-{n}", quantity=n + 100, recipient=None) for n in (7, 21)]
        report = world.importer.import_file(workbook(tmp_path, {"CTE- Harvest": rows}), proceed=True)
        assert [(error.row, error.rule) for error in report.refused] == [(42, "LotExists"), (43, "LotExists")]
        assert report.recorded == world.events() == 40

    @pytest.mark.parametrize("proceed", [False, True])
    def test_a_dry_run_says_the_same_and_writes_nothing(
        self, world: ImportWorld, tmp_path: Path, proceed: bool
    ) -> None:
        path = workbook(tmp_path, SEASON | {"Transformation": [transformation(used=500, made=500)]})
        rehearsed = world.importer.import_file(path, dry_run=True, proceed=proceed)
        assert world.events() == 0
        done = world.importer.import_file(path, proceed=proceed)
        assert (rehearsed.recorded, rehearsed.refused) == (done.recorded, done.refused)
        assert done.recorded == world.events() == (6 if proceed else 0)

    def test_progress_runs_to_the_end(self, world: ImportWorld, tmp_path: Path) -> None:
        for proceed in (False, True):
            told: list[tuple[int, int, str]] = []
            rows = [harvest(doc=f"H{proceed}-{n}", recipient=None) for n in range(60)]
            world.importer.import_file(
                workbook(tmp_path, {"CTE- Harvest": rows}),
                proceed=proceed,
                progress=lambda *step, told=told: told.append(step),
            )
            assert told[-1][:2] == (60, 60)
            for what in {step[2] for step in told}:
                counts = [done for done, _, name in told if name == what]
                assert counts == sorted(counts)

    def test_parties_of_its_own_are_registered(self, world: ImportWorld, tmp_path: Path) -> None:
        place = {"name": "New Buyer", "gln": "9520002000040", "roles": "buyer"}
        path = workbook(tmp_path, SEASON | {
            "Locations": [place], "Shipping": [shipping(to="New Buyer")], "Receiving": [receiving(to="New Buyer")],
        })  # fmt: skip
        dry = world.importer.import_file(path, dry_run=True)
        assert (dry.rules_checked, world.parts.store.master_data().parties.keys()) == (False, {FARM, PACKER, BUYER})
        report = world.importer.import_file(path)
        assert report.ok, report.refused
        assert report.registered["parties"] == 1
        assert world.importer.import_file(path).repeated == 7


class TestDocument:
    def test_events_are_recorded_once(self, world: ImportWorld, tmp_path: Path) -> None:
        path = document(tmp_path, birth("L-1"), birth("L-2"))
        assert world.importer.import_file(path).recorded == 2
        again = world.importer.import_file(path)
        assert (again.recorded, again.repeated) == (0, 2)

    def test_a_bad_event_is_named_by_number_and_pointer(self, world: ImportWorld, tmp_path: Path) -> None:
        broken = birth("L-2") | {"bizStep": "harvesting"}
        path = document(tmp_path, birth("L-1"), broken, birth("L-1", 7_000))
        report = world.importer.import_file(path)
        assert {(error.row, error.rule) for error in report.refused} >= {(3, "LotExists")}
        assert {error.column for error in report.refused if error.row == 2} == {"/bizStep"}
        assert report.recorded == world.events() == 0
        assert world.importer.import_file(path, proceed=True).recorded == world.events() == 1

    def test_duplicate_keys_are_refused_whole(self, world: ImportWorld, tmp_path: Path) -> None:
        path = document(tmp_path, birth("L-1"))
        path.write_text(path.read_text().replace('"action": "ADD"', '"action": "ADD", "action": "ADD"'))
        with pytest.raises(InvalidInput):
            world.importer.import_file(path, proceed=True)
        assert world.events() == 0

    def test_a_header_that_is_wrong_refuses_the_document(self, world: ImportWorld, tmp_path: Path) -> None:
        path = document(tmp_path, birth("L-1"))
        path.write_text(path.read_text().replace('"schemaVersion": "2.0"', '"schemaVersion": 2'))
        with pytest.raises(InvalidInput):
            world.importer.import_file(path, proceed=True)

    @pytest.mark.parametrize("text", ["[]", "7", '"EPCISDocument"'])
    def test_what_is_no_document(self, world: ImportWorld, tmp_path: Path, text: str) -> None:
        path = tmp_path / "events.json"
        path.write_text(text)
        with pytest.raises(InvalidInput):
            world.importer.import_file(path)


class TestOtherFiles:
    def test_master_data_is_registered_once(self, world: ImportWorld, tmp_path: Path) -> None:
        report = world.importer.import_file(DATA / "pti_master.toml")
        assert report.registered["parties"] == 10
        assert sum(world.importer.import_file(DATA / "pti_master.toml").registered.values()) == 0

    def test_a_dry_run_of_master_data_registers_nothing(self, world: ImportWorld) -> None:
        before = world.parts.store.master_data()
        assert world.importer.import_file(DATA / "pti_master.toml", dry_run=True).rows == 31
        assert world.parts.store.master_data() == before

    @pytest.mark.parametrize(
        ("name", "rule"), [("a.csv", "import.kind"), ("a.json", "import.missing"), ("a.xlsx", "workbook.missing")]
    )
    def test_other_kinds_and_missing_files(self, world: ImportWorld, tmp_path: Path, name: str, rule: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            world.importer.import_file(tmp_path / name)
        assert caught.value.violations[0].rule == rule
