"""Rows of a workbook become the events that the ledger understands, or are refused by name."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from workbook_rows import (
    BULK,
    BUYER,
    CASE,
    DAY,
    FARM,
    MASTER,
    PACKER,
    cooling,
    harvest,
    packing,
    pooled,
    receiving,
    sheet,
    shipping,
    transformation,
)  # fmt: skip

from ledger.domain.actions import Harvest, Intake, Receipt, Shipment, Statement, Transformation
from ledger.domain.binding import action_of, lots_of
from ledger.domain.content_hash import add_blind
from ledger.domain.epcis import check_event
from ledger.domain.errors import Violation
from ledger.domain.identifiers import LotRef, plot_id
from ledger.domain.imports.cells import Sheet
from ledger.domain.imports.plan import Plan
from ledger.domain.imports.workbook_plan import plan_workbook
from ledger.domain.master_data import MasterData

BLIND = bytes(16)


def plan(*sheets: Sheet, master: MasterData = MASTER) -> Plan:
    return plan_workbook(sheets, master)


def events(*sheets: Sheet) -> list[Any]:
    made = plan(*sheets)
    assert not made.errors, made.errors
    return [event for group in made.groups for event in group.events]


def actions(*sheets: Sheet) -> list[Any]:
    """The signed actions that the planned events imply; every event passes EPCIS's own rules."""
    found = []
    for event in events(*sheets):
        check_event(event.tree)
        found.append(action_of(add_blind(event.tree, event.party, BLIND), 2_000_000_000))
    return found


def rules(*sheets: Sheet) -> list[tuple[int, str, str]]:
    return [(error.row, error.column, error.rule) for error in plan(*sheets).errors]


def rule(*sheets: Sheet) -> str:
    [found] = plan(*sheets).errors
    return found.rule


class TestHarvest:
    def test_is_a_birth_on_the_plot_under_the_documents_number(self) -> None:
        born, sent = actions(sheet("CTE- Harvest", harvest()))
        assert isinstance(born, Harvest)
        assert (born.producer, born.product, born.lot_code, born.grams) == (FARM, BULK, "H-1", 1_000_000)
        assert born.plot == plot_id(FARM, "A1")
        assert isinstance(sent, Shipment)
        assert (sent.shipper, sent.receiver) == (FARM, PACKER)

    def test_without_another_recipient_nothing_is_shipped(self) -> None:
        assert len(actions(sheet("Harvest", harvest(recipient=None)))) == 1
        assert len(actions(sheet("Harvest", harvest(recipient="Hill Farm")))) == 1

    def test_keeps_what_the_24_hour_spreadsheet_wants(self) -> None:
        tree = events(sheet("Harvest", harvest()))[0].tree
        assert tree["silkroot:referenceDocument"] == {"type": "Field Ticket", "number": "H-1"}
        assert tree["silkroot:harvester"] == "Own crew"
        assert tree["silkroot:field"] == "A1"
        assert tree["silkroot:criticalTrackingEvent"] == "harvest"
        assert tree["silkroot:datePrecision"] == "day"
        assert tree["ilmd"]["cbvmda:harvestStartDate"] == "2026-08-05"
        assert tree["eventTime"] == "2026-08-05T00:00:00+08:00"

    def test_places_go_by_any_of_their_names(self) -> None:
        assert len(actions(sheet("Harvest", harvest(farm="山丘农场", field="north FIELD")))) == 2

    def test_own_lot_code_goes_before_the_document(self) -> None:
        assert actions(sheet("Harvest", harvest(lot_code="OWN-7")))[0].lot_code == "OWN-7"

    @pytest.mark.parametrize(
        ("cells", "expected"),
        [
            ({"doc": "A number of more than twenty"}, "gs1.ai10"),
            ({"doc": "H 1"}, "gs1.ai10"),
            ({"doc": None}, "cell.missing"),
            ({"farm": "Nowhere"}, "place.unknown"),
            ({"field": "Z9"}, "plot.unknown"),
            ({"commodity": "Durian"}, "commodity.unknown"),
            ({"farm": "Buyer DC", "field": None}, "ProductNotAllowed"),
            ({"quantity": 0}, "quantity.count"),
            ({"quantity": 1.5}, "quantity.count"),
            ({"quantity": "many"}, "quantity.form"),
            ({"unit": "pallets"}, "quantity.unit"),
            ({"unit": "lb", "quantity": 1}, "quantity.whole-grams"),
            ({"date": "05/08/2026"}, "date.form"),
            ({"recipient": "Nowhere"}, "place.unknown"),
        ],
    )
    def test_refusals(self, cells: dict[str, Any], expected: str) -> None:
        assert rule(sheet("Harvest", harvest(**cells))) == expected

    def test_a_mass_needs_no_cases(self) -> None:
        [born, _] = events(sheet("Harvest", harvest(quantity=12.5, unit="kg")))
        assert born.tree["quantityList"][0]["quantity"] == 12.5
        assert "silkroot:cases" not in born.tree


class TestCooling:
    def test_is_a_statement_about_the_harvest_lot(self) -> None:
        *_, cooled = actions(sheet("Harvest", harvest()), sheet("CTE- Cooling", cooling()))
        assert isinstance(cooled, Statement)
        assert (cooled.party, cooled.step, cooled.lots) == (FARM, "storing", (LotRef(BULK, "H-1").id,))

    def test_a_cooler_that_was_the_recipient_receives_first(self) -> None:
        rows = sheet("Harvest", harvest()), sheet("Cooling", cooling(place="Packing Shed", temperature=4.5))
        kinds = [type(action) for action in actions(*rows)]
        assert kinds == [Harvest, Shipment, Receipt, Statement]
        assert events(*rows)[-1].tree["sensorElementList"][0]["sensorReport"][0]["value"] == 4.5

    def test_and_passes_it_on(self) -> None:
        rows = sheet("Harvest", harvest()), sheet("Cooling", cooling(place="Packing Shed", recipient="Buyer DC"))
        *_, last = actions(*rows)
        assert isinstance(last, Shipment)
        assert (last.shipper, last.receiver) == (PACKER, BUYER)

    @pytest.mark.parametrize(
        ("cells", "expected"),
        [
            ({"commodity": "Durian"}, "harvest.unknown"),
            ({"place": "Buyer DC"}, "cooling.not-the-holder"),
            ({"recipient": "Buyer DC"}, "cooling.contradiction"),
            ({"temperature": "cold"}, "temperature.celsius"),
            ({"lot_code": "H-9"}, "harvest.unknown"),
        ],
    )
    def test_refusals(self, cells: dict[str, Any], expected: str) -> None:
        assert rule(sheet("Harvest", harvest()), sheet("Cooling", cooling(**cells))) == expected

    def test_two_harvests_that_fit_are_not_guessed_between(self) -> None:
        rows = sheet("Harvest", harvest(), harvest(doc="H-2", quantity=50)), sheet("Cooling", cooling())
        assert rule(*rows) == "harvest.ambiguous"


class TestPacking:
    def test_receives_and_packs_the_harvest(self) -> None:
        *_, received, packed = actions(sheet("Harvest", harvest()), sheet("CTE- Initial Packing", packing()))
        assert isinstance(received, Receipt)
        assert received.receiver == PACKER
        assert isinstance(packed, Transformation)
        assert [(line.lot, line.grams) for line in packed.inputs] == [(LotRef(BULK, "H-1").id, 1_000_000)]
        assert [(out.product, out.lot_code, out.grams) for out in packed.outputs] == [(CASE, "P-1", 900_000)]

    def test_the_receipt_matches_the_shipment(self) -> None:
        _, sent, received, _ = events(sheet("Harvest", harvest()), sheet("Initial Packing", packing()))
        for member in ("bizTransactionList", "sourceList", "destinationList", "quantityList"):
            assert sent.tree[member] == received.tree[member]

    def test_a_farm_that_packs_itself_receives_nothing(self) -> None:
        rows = sheet("Harvest", harvest(recipient=None)), sheet("Initial Packing", packing(packer="Hill Farm"))
        assert [type(action) for action in actions(*rows)] == [Harvest, Transformation]

    def test_one_harvest_in_two_packings_is_received_once(self) -> None:
        halves = packing(received=50, packed=50), packing(doc="W-9", batch="P-9", received=50, packed=50)
        made = plan(sheet("Harvest", harvest()), sheet("Initial Packing", *halves))
        receipts = [event.tree for group in made.groups for event in group.events if event.shared]
        assert len(receipts) == 2
        assert receipts[0] == receipts[1]

    def test_two_harvests_received_together_are_merged_whole(self) -> None:
        rows = (
            sheet("Harvest", harvest(), harvest(doc="H-2", quantity=50)),
            sheet("Initial Packing", packing(received=150)),
        )
        *_, packed = actions(*rows)
        assert sorted(line.grams for line in packed.inputs) == [500_000, 1_000_000]

    def test_several_codes_name_the_harvests_to_merge(self) -> None:
        rows = (
            sheet("Harvest", harvest(), harvest(doc="H-2", date=DAY + timedelta(1))),
            sheet(
                "Initial Packing",
                packing(
                    received=200, received_date=DAY + timedelta(1), pack_date=DAY + timedelta(1), lot_code="H-1 H-2"
                ),
            ),
        )
        *_, packed = actions(*rows)
        assert len(packed.inputs) == 2

    @pytest.mark.parametrize(
        ("cells", "expected"),
        [
            ({"gtin": "09520002000011"}, "gs1.check-digit"),
            ({"batch": "L" * 21}, "gs1.ai10"),
            ({"gtin": "09506000134352"}, "product.unknown"),
            ({"sscc": "123456789012345883"}, "gs1.check-digit"),
            ({"field": "B2"}, "harvest.unknown"),
            ({"harvest_date": DAY + timedelta(1)}, "harvest.unknown"),
            ({"packer": "Buyer DC"}, "packing.not-the-recipient"),
            ({"received_date": None}, "cell.missing"),
            ({"cooling_place": "Nowhere"}, "place.unknown"),
            ({"packed_unit": "heads"}, "quantity.unit"),
        ],
    )
    def test_refusals(self, cells: dict[str, Any], expected: str) -> None:
        assert rule(sheet("Harvest", harvest()), sheet("Initial Packing", packing(**cells))) == expected

    def test_parts_of_a_harvest_that_come_on_two_days_are_refused(self) -> None:
        parts = packing(received=50), packing(batch="P-9", received=50, received_date=DAY + timedelta(1))
        assert rules(sheet("Harvest", harvest()), sheet("Initial Packing", *parts))[0][2] == "packing.received-in-parts"

    def test_a_sum_that_does_not_fit_is_not_shared_out(self) -> None:
        rows = (
            sheet("Harvest", harvest(), harvest(doc="H-2", quantity=50)),
            sheet("Initial Packing", packing(received=149)),
        )
        assert rule(*rows) == "harvest.ambiguous"

    def test_growers_outside_the_rule_are_an_intake(self) -> None:
        taken, packed = actions(sheet("CTE-Initial Pck- non fsma growr", pooled()))
        assert isinstance(taken, Intake)
        assert (taken.buyer, taken.lot_code, taken.grams) == (PACKER, "W-2", 500_000)
        assert packed.inputs[0].lot == LotRef(BULK, "W-2").id

    def test_seed_of_sprouts_is_kept(self) -> None:
        rows = (
            sheet("Harvest", harvest()),
            sheet("Initial Packing- SPROUTS", packing(seed_lot="CV-8", seed_harvest_date="03 25 2023")),
        )
        seed = events(*rows)[-1].tree["silkroot:seed"]
        assert seed == {"seedLot": "CV-8", "seedHarvestDate": "03 25 2023"}


class TestTransformation:
    def test_rows_of_one_order_are_one_event(self) -> None:
        second = transformation(used_batch="P-2", made_gtin=None, made_batch=None, made=None, made_unit=None)
        [made] = actions(sheet("Transformation", transformation(made=15), second))
        assert isinstance(made, Transformation)
        assert len(made.inputs) == 2
        assert [out.grams for out in made.outputs] == [135_000]

    def test_a_lot_written_twice_is_not_added_up(self) -> None:
        found = rules(sheet("Transformation", transformation(), transformation(used_batch="P-2")))
        assert found == [(2, "", "row.incomplete"), (3, "G", "transformation.repeated-lot")]

    def test_an_order_needs_both_sides(self) -> None:
        nothing = {f"made_{name}": None for name in ("gtin", "batch", "unit")} | {"made": None}
        assert rule(sheet("Transformation", transformation(**nothing))) == "cell.missing"


class TestHandoff:
    def test_rows_of_one_document_are_one_manifest(self) -> None:
        [sent] = actions(sheet("Shipping", shipping(), shipping(batch="P-2", quantity="5 cs")))
        assert isinstance(sent, Shipment)
        assert (sent.shipper, sent.receiver) == (PACKER, BUYER)
        assert sorted(line.grams for line in sent.manifest) == [45_000, 180_000]
        assert sent.consignment_ref == f"urn:epcglobal:cbv:bt:{PACKER:013d}:INV-1"

    def test_two_pallets_of_a_lot_are_one_line(self) -> None:
        pallets = shipping(pallet="095200020000000019"), shipping(pallet="095200020000000026")
        [event] = events(sheet("Shipping", *pallets))
        assert [line["quantity"] for line in event.tree["quantityList"]] == [360]
        assert event.tree["silkroot:cases"][0]["count"] == 40
        assert [line["sscc"] for line in event.tree["silkroot:lines"]] == ["095200020000000019", "095200020000000026"]

    def test_both_sides_make_the_same_consignment(self) -> None:
        sent, received = actions(sheet("Receiving", receiving()), sheet("Shipping", shipping()))
        assert isinstance(sent, Shipment)
        assert isinstance(received, Receipt)
        assert received.receiver == BUYER

    def test_other_day_or_place_is_another_consignment(self) -> None:
        rows = shipping(), shipping(date=DAY + timedelta(1), batch="P-2"), shipping(to="Hill Farm", batch="P-3")
        assert len(actions(sheet("Shipping", *rows))) == 3

    def test_without_a_document_the_pallet_names_it(self) -> None:
        [sent] = actions(sheet("Shipping", shipping(doc=None, pallet="095200020000000019")))
        assert sent.consignment_ref == "https://id.gs1.org/00/095200020000000019"

    def test_a_document_number_with_spaces_is_escaped(self) -> None:
        [sent] = actions(sheet("Shipping", shipping(doc="INV-1 Line 3")))
        assert sent.consignment_ref.endswith(":INV-1%20Line%203")

    def test_one_bad_row_refuses_its_consignment_by_name(self) -> None:
        found = rules(sheet("Shipping", shipping(), shipping(batch="P-2", gtin="10333830000017")))
        assert found == [(2, "", "row.incomplete"), (3, "A", "gs1.check-digit")]

    @pytest.mark.parametrize(
        ("cells", "expected"),
        [
            ({"doc": None}, "consignment.reference"),
            ({"to_id": "0071430010550"}, "gs1.check-digit"),
            ({"to_id": "0071430010556"}, "place.contradiction"),
            ({"from": "Nowhere"}, "place.unknown"),
            ({"quantity": 20}, "quantity.form"),
            ({"quantity": "20 PLT"}, "quantity.unit"),
            ({"batch": 187.5}, "cell.type"),
            ({"batch": True}, "cell.type"),
            ({"pallet": 123456789012345675}, "cell.precision"),
            ({"tlc_date": 231301}, "date.calendar"),
            ({"tlc_source_gln": "0071430010550"}, "gs1.check-digit"),
            ({"voice_code": "0000"}, "pti.voice-code"),
        ],
    )
    def test_refusals(self, cells: dict[str, Any], expected: str) -> None:
        assert rule(sheet("Shipping", shipping(**cells))) == expected

    def test_every_bad_cell_of_a_row_is_named(self) -> None:
        found = rules(sheet("Shipping", shipping(gtin="1", batch=None, to_id="0071430010550")))
        assert {name for _, _, name in found} == {"gs1.gtin.length", "cell.missing", "gs1.check-digit"}

    def test_refusals_of_the_ledger_are_told_at_the_cell(self) -> None:
        [event] = events(sheet("Shipping", shipping(batch="P-2"), shipping(batch="P-3")))
        lots = sorted(lots_of(event.tree), key=lambda lot: lot.id)
        row = {"P-2": 2, "P-3": 3}[lots[1].code]
        error = event.row_error(Violation("/manifest/1/grams", "NotEnoughHeld", "…", "not that many"))
        assert (error.row, error.column, error.value) == (row, "C", "20 CS")


class TestWorkbook:
    def test_a_row_that_stands_twice_is_refused(self) -> None:
        assert rules(sheet("Harvest", harvest(), harvest())) == [(3, "", "row.duplicate")]

    def test_the_same_rows_make_the_same_events(self) -> None:
        sheets = sheet("Harvest", harvest()), sheet("Initial Packing", packing()), sheet("Shipping", shipping())
        assert plan(*sheets) == plan(*sheets)

    def test_events_of_a_day_stand_in_the_order_of_need(self) -> None:
        sheets = (
            sheet("Receiving", receiving()), sheet("Shipping", shipping()), sheet("Initial Packing", packing()),
            sheet("Harvest", harvest()),
            sheet("Transformation", transformation(place="Buyer DC", made_batch="R-2")),
        )  # fmt: skip
        assert [type(action) for action in actions(*sheets)] == [
            Harvest, Shipment, Receipt, Transformation, Shipment, Receipt, Transformation,
        ]  # fmt: skip

    def test_a_time_of_day_is_kept(self) -> None:
        [born, _] = events(sheet("Harvest", harvest(date=datetime(2026, 8, 5, 6, 30))))
        assert born.tree["eventTime"] == "2026-08-05T06:30:00+08:00"
        assert "silkroot:datePrecision" not in born.tree

    def test_a_sheet_without_its_columns_is_refused(self) -> None:
        bare = sheet("Shipping", shipping())
        cut = Sheet("Shipping", bare.rows[1:])
        assert rule(cut) == "sheet.columns"

    def test_a_workbook_without_known_sheets_is_refused(self) -> None:
        made = plan(Sheet("Notes", ()))
        assert [error.rule for error in made.errors] == ["workbook.no-sheets"]
        assert made.ignored == ("Notes",)
