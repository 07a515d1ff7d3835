"""A packing house's rows become events; whatever is doubtful or contradicts another row is refused at its cell."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from house_rows import (
    BOX,
    BUYER,
    FARM,
    LOOSE,
    PACKER,
    column_letters,
    events_of,
    harvest,
    house_day,
    intake,
    master,
    packing,
    planned_day,
    reading,
    receiving,
    shipping,
)

from ledger.domain.actions import Harvest, Intake, Receipt, Shipment, Statement, Transformation
from ledger.domain.binding import action_of
from ledger.domain.epcis import check_event
from ledger.domain.identifiers import ProductId
from ledger.domain.imports.house_layout import SHEETS, HouseSheet
from ledger.domain.imports.plan import Plan
from ledger.domain.records import JsonTree


def refusals(plan: Plan) -> set[tuple[str, int, str, str]]:
    return {(error.sheet, error.row, error.column, error.rule) for error in plan.errors}


def refused(sheet: HouseSheet, key: str, rule: str, row: int = 3) -> tuple[str, int, str, str]:
    return SHEETS[sheet].title.zh, row, column_letters(sheet, key) if key else "", rule


def the(plan: Plan, biz_step: str) -> JsonTree:
    [found] = [event for event in events_of(plan) if event["bizStep"] == biz_step]
    return found


class TestTheDay:
    def test_makes_one_event_of_each_kind(self) -> None:
        plan = planned_day(house_day())
        assert plan.errors == ()
        events = events_of(plan)
        for event in events:
            check_event(event)
        kinds = [type(action_of(event, 2**40)) for event in events]
        assert kinds == [Intake, Harvest, Transformation, Shipment, Receipt, Statement]
        assert plan.rows_read == 11 - 1

    @pytest.mark.parametrize("language", ["en", "ug"])
    def test_reads_alike_in_every_language(self, language: str) -> None:
        assert events_of(planned_day(house_day(), language=language)) == events_of(planned_day(house_day()))

    def test_intake_adds_up_its_deliveries(self) -> None:
        rows = [
            intake(1, quantity="１，２５０．５", unit="千克"),
            intake(2, quantity=500, unit="斤"),
            intake(3, quantity="2吨", unit=None),
        ]
        plan = planned_day(house_day(intake=rows, packing=[], shipping=[], receiving=[], temperature=[]))
        assert plan.errors == ()
        event = events_of(plan)[0]
        assert event["quantityList"][0]["quantity"] == 3500.5
        assert [line["grams"] for line in event["silkroot:intake"]] == [1_250_500, 250_000, 2_000_000]
        assert event["silkroot:intake"][0]["village"] == "淖毛湖村"

    def test_packing_consumes_what_did_not_come_back(self) -> None:
        event = the(planned_day(house_day()), "packing")
        assert event["inputQuantityList"][0]["quantity"] == 980
        assert event["outputQuantityList"][0]["quantity"] == 900
        assert (event["silkroot:culls"], event["silkroot:processLoss"]) == (60_000, 20_000)
        assert event["silkroot:cases"][0]["count"] == 180

    def test_an_order_of_several_rows_merges_and_splits(self) -> None:
        rows = [
            packing(out_cases=100, culls=None, loss=None, remainder=None, date=None, place=None),
            packing(
                in_lot="CS0805", in_quantity=400, out_lot="HM0805B", out_cases=172, culls=40, loss=0, remainder=None
            ),
        ]
        event = the(planned_day(house_day(packing=rows)), "packing")
        assert [line["quantity"] for line in event["inputQuantityList"]] == [1000, 400]
        assert [line["quantity"] for line in event["outputQuantityList"]] == [500, 860]

    def test_a_lot_on_several_rows_adds_up(self) -> None:
        rows = [shipping(cases=60), shipping(cases=40, seal=None, vehicle=None)]
        event = the(planned_day(house_day(shipping=rows)), "shipping")
        assert [line["quantity"] for line in event["quantityList"]] == [500]
        assert (event["silkroot:seal"], event["silkroot:vehicle"]) == ("F-1", "新L12345")

    def test_the_carrier_is_declared(self) -> None:
        event = the(planned_day(house_day(shipping=[shipping(carrier="京果批发", driver="S-07")])), "shipping")
        assert event["silkroot:carrier"] == f"https://id.gs1.org/417/{BUYER}"
        assert event["silkroot:driver"] == "S-07"

    def test_the_product_may_be_left_out_where_one_lot_has_the_number(self) -> None:
        rows = {"shipping": [shipping(product=None)], "packing": [packing(in_product=None)]}
        assert events_of(planned_day(house_day(**rows))) == events_of(planned_day(house_day()))

    def test_both_sides_write_the_same_reference(self) -> None:
        plan = planned_day(house_day())
        sent, received = the(plan, "shipping"), the(plan, "receiving")
        assert sent["bizTransactionList"] == received["bizTransactionList"]
        assert sent["bizTransactionList"][0]["bizTransaction"] == f"urn:epcglobal:cbv:bt:{PACKER}:YD-1"

    def test_a_waybill_may_be_an_sscc(self) -> None:
        plan = planned_day(house_day(shipping=[shipping(waybill="（00）095200000000000016")]))
        assert refused(HouseSheet.SHIPPING, "waybill", "gs1.check-digit") in refusals(plan)
        right = planned_day(house_day(shipping=[shipping(waybill="(00)095200000000000011")], receiving=[]))
        assert the(right, "shipping")["bizTransactionList"][0]["bizTransaction"].startswith("https://id.gs1.org/00/")

    def test_a_truck_is_on_its_way(self) -> None:
        event = events_of(planned_day(house_day(temperature=[reading(vehicle="新L12345", celsius="-1.5℃")])))[-1]
        assert (event["bizStep"], event["disposition"]) == ("transporting", "in_transit")
        assert event["sensorElementList"][0]["sensorReport"][0]["value"] == -1.5

    def test_the_sheet_brings_master_data(self) -> None:
        additions = planned_day(house_day()).additions
        assert {f"{party:013d}" for party in additions.parties} == {FARM, PACKER, BUYER}
        assert additions.products[ProductId(int(BOX))].net_grams == 5000
        assert additions.products[ProductId(int(LOOSE))].bulk_of == "哈密瓜"

    def test_what_the_ledger_has_is_not_added(self) -> None:
        known = planned_day(house_day()).additions
        again = planned_day(house_day(), known)
        assert again.errors == ()
        assert again.additions == type(known)()
        assert events_of(planned_day(house_day(master=[]), known)) == events_of(again)


class TestYears:
    def test_a_day_without_year_takes_the_title_rows(self) -> None:
        rows = {"harvest": [harvest(date="8月5日")]}
        plan = planned_day(house_day(**rows), above="哈密包装厂 2026年 采收台账")
        assert events_of(plan) == events_of(planned_day(house_day()))
        assert "date.year-of-title" in {note.rule for note in plan.notes}

    @pytest.mark.parametrize("above", ["", "采收台账", "2025年至2026年", "12026年"])
    def test_without_one_it_is_refused(self, above: str) -> None:
        plan = planned_day(house_day(harvest=[harvest(date="8月5日")]), above=above)
        assert refused(HouseSheet.HARVEST, "date", "date.no-year") in refusals(plan)

    def test_a_bare_day_number_is_said(self) -> None:
        serial = (date(2026, 8, 5) - date(1899, 12, 30)).days
        plan = planned_day(house_day(harvest=[harvest(date=serial)]))
        assert events_of(plan) == events_of(planned_day(house_day()))
        assert "date.serial" in {note.rule for note in plan.notes}


_ONE_CELL: list[tuple[str, dict[str, Any], str, str]] = [
    ("intake", {"quantity": None}, "quantity", "cell.missing"),
    ("intake", {"unit": None}, "quantity", "quantity.unit-missing"),
    ("intake", {"unit": "箱"}, "quantity", "mass.no-unit"),
    ("intake", {"unit": "担"}, "unit", "quantity.unit"),
    ("intake", {"quantity": "500公斤", "unit": "吨"}, "quantity", "quantity.units-contradict"),
    ("intake", {"quantity": "约500"}, "quantity", "quantity.form"),
    ("intake", {"quantity": "1,25"}, "quantity", "quantity.form"),
    ("intake", {"quantity": 0}, "quantity", "quantity.range"),
    ("intake", {"quantity": -5}, "quantity", "quantity.range"),
    ("intake", {"quantity": 0.0001}, "quantity", "quantity.whole-grams"),
    ("intake", {"roster": None}, "roster", "cell.missing"),
    ("intake", {"village": None}, "village", "cell.missing"),
    ("intake", {"ticket": None}, "ticket", "cell.missing"),
    ("intake", {"place": "丝路"}, "place", "place.unknown"),
    ("intake", {"product": "哈密瓜"}, "product", "product.unknown"),
    ("intake", {"product": "09520001000118"}, "product", "gs1.check-digit"),
    ("intake", {"lot": "SG 0805"}, "lot", "gs1.ai10"),
    ("intake", {"lot": "收0805"}, "lot", "gs1.ai10"),
    ("intake", {"date": "8/5"}, "date", "date.form"),
    ("intake", {"date": "26-8-5"}, "date", "date.form"),
    ("intake", {"date": "2026年2月30日"}, "date", "date.calendar"),
    ("intake", {"date": "1926-8-5"}, "date", "date.range"),
    ("harvest", {"plot": "A9"}, "plot", "plot.unknown"),
    ("harvest", {"plot": None}, "plot", "cell.missing"),
    ("packing", {"culls": 61}, "in_quantity", "packing.balance"),
    ("packing", {"culls": None}, "in_quantity", "packing.balance"),
    ("packing", {"culls": "60箱"}, "culls", "quantity.units-contradict"),
    ("packing", {"remainder": 1000}, "remainder", "packing.remainder"),
    ("packing", {"in_quantity": None, "remainder": None}, "in_quantity", "cell.missing"),
    ("packing", {"out_cases": 180.5}, "out_cases", "quantity.count"),
    ("packing", {"out_quantity": 901}, "out_quantity", "quantity.contradiction"),
    ("packing", {"out_cases": None}, "out_quantity", "cell.missing"),
    ("packing", {"out_product": None}, "out_product", "cell.missing"),
    ("packing", {"in_lot": "SG9999", "in_product": None}, "in_product", "product.missing"),
    ("packing", {"place": None}, "place", "cell.missing"),
    ("shipping", {"receiver": None}, "receiver", "cell.missing"),
    ("shipping", {"receiver": "9520001000088"}, "receiver", "gs1.check-digit"),
    ("shipping", {"cases": None}, "quantity", "cell.missing"),
    ("shipping", {"cases": "100公斤"}, "cases", "quantity.count"),
    ("shipping", {"product": LOOSE}, "cases", "mass.no-unit"),
    ("shipping", {"carrier": "张三"}, "carrier", "party.unknown"),
    ("receiving", {"waybill": None}, "waybill", "cell.missing"),
    ("temperature", {"celsius": "4.5F"}, "celsius", "temperature.celsius"),
    ("temperature", {"celsius": 400}, "celsius", "temperature.celsius"),
    ("temperature", {"date": date(2026, 8, 5)}, "time", "cell.missing"),
    ("temperature", {"date": date(2026, 8, 5), "time": "25:00"}, "time", "date.time"),
    ("temperature", {"time": "9:00"}, "time", "row.contradiction"),
]  # fmt: skip
_MAKE = {
    "intake": intake, "harvest": harvest, "packing": packing, "shipping": shipping, "receiving": receiving,
    "temperature": reading,
}  # fmt: skip


@pytest.mark.parametrize(("sheet", "cells", "key", "rule"), _ONE_CELL)
def test_a_doubtful_cell_is_refused_where_it_stands(sheet: str, cells: dict[str, Any], key: str, rule: str) -> None:
    plan = planned_day(house_day(**{sheet: [_MAKE[sheet](**cells)]}))
    assert refused(HouseSheet(sheet), key, rule) in refusals(plan)
    assert not [group for group in plan.groups if group.rows[0].sheet == SHEETS[HouseSheet(sheet)].title.zh]


def test_deliveries_of_a_day_make_a_lot_with_the_last_of_them() -> None:
    times = [datetime(2026, 8, 5, hour, minute) for hour, minute in ((8, 10), (16, 45), (9, 30))]
    rows = [intake(number, date=time) for number, time in enumerate(times, start=1)]
    plan = planned_day(house_day(intake=rows))
    assert plan.errors == ()
    born = next(event for event in events_of(plan) if "silkroot:intake" in event)
    assert born["eventTime"].startswith("2026-08-05T16:45:00")
    assert len(born["silkroot:intake"]) == 3


class TestContradictions:
    def test_one_lot_on_two_days(self) -> None:
        plan = planned_day(house_day(intake=[intake(1), intake(2, date=date(2026, 8, 6))]))
        assert refused(HouseSheet.INTAKE, "date", "row.contradiction", 4) in refusals(plan)
        assert refused(HouseSheet.INTAKE, "", "row.incomplete", 3) in refusals(plan)

    @pytest.mark.parametrize("other", [{"plot": "9520001000010/A1", "quantity": 1}, {"date": date(2026, 8, 6)}])
    def test_one_lot_harvested_twice(self, other: dict[str, Any]) -> None:
        plan = planned_day(house_day(harvest=[harvest(), harvest(**other)]))
        for row in (3, 4):
            assert refused(HouseSheet.HARVEST, "lot", "row.contradiction", row) in refusals(plan)

    def test_one_lot_taken_in_and_harvested(self) -> None:
        plan = planned_day(house_day(harvest=[harvest(lot="SG0805")]))
        assert refused(HouseSheet.HARVEST, "lot", "row.contradiction") in refusals(plan)
        assert refused(HouseSheet.INTAKE, "lot", "row.contradiction") in refusals(plan)

    def test_one_lot_packed_in_two_orders(self) -> None:
        plan = planned_day(house_day(packing=[packing(), packing(order="FX-2", in_lot="CS0805")]))
        for row in (3, 4):
            assert refused(HouseSheet.PACKING, "out_lot", "row.contradiction", row) in refusals(plan)

    def test_one_ticket_with_two_weights(self) -> None:
        plan = planned_day(house_day(intake=[intake(1), intake(1, quantity=501)]))
        for row in (3, 4):
            assert refused(HouseSheet.INTAKE, "ticket", "row.contradiction", row) in refusals(plan)

    @pytest.mark.parametrize(
        ("key", "value"),
        [("receiver", FARM), ("date", date(2026, 8, 6)), ("place", FARM), ("seal", "F-2"), ("vehicle", "新A1")],
    )
    def test_one_waybill_with_two(self, key: str, value: Any) -> None:
        plan = planned_day(house_day(shipping=[shipping(), shipping(cases=1, **{key: value})]))
        assert refused(HouseSheet.SHIPPING, key, "row.contradiction", 4) in refusals(plan)
        assert not [event for event in events_of(plan) if event["bizStep"] == "shipping"]

    def test_one_order_on_two_places(self) -> None:
        plan = planned_day(house_day(packing=[packing(), packing(place=FARM, out_lot="X")]))
        assert refused(HouseSheet.PACKING, "place", "row.contradiction", 4) in refusals(plan)

    def test_two_temperatures_at_once(self) -> None:
        plan = planned_day(house_day(temperature=[reading(), reading(celsius=9)]))
        for row in (3, 4):
            assert refused(HouseSheet.TEMPERATURE, "celsius", "row.contradiction", row) in refusals(plan)

    @pytest.mark.parametrize(("sheet", "make"), list(_MAKE.items()))
    def test_a_row_twice(self, sheet: str, make: Any) -> None:
        plan = planned_day(house_day(**{sheet: [make(), make(note="again")]}))
        assert refused(HouseSheet(sheet), "", "row.duplicate", 4) in refusals(plan)

    def test_what_the_ledger_says_otherwise(self) -> None:
        known = planned_day(house_day()).additions
        changed = [row | ({"product_net": 6} if row.get("product_net") else {}) for row in master()]
        plan = planned_day(house_day(master=changed), known)
        assert refused(HouseSheet.MASTER, "product_net", "master.contradiction", 4) in refusals(plan)


class TestMasterData:
    def test_a_product_in_cases_needs_its_net_weight(self) -> None:
        rows = [{key: value for key, value in row.items() if key != "product_net"} for row in master()]
        plan = planned_day(house_day(master=rows))
        assert ("档案", 4, "product.net-grams") in {(e.sheet, e.row, e.rule) for e in plan.errors}

    def test_a_name_of_two_is_refused(self) -> None:
        rows = [*master(), {"party_id": "9520001000096", "party_name_zh": "京果批发", "party_roles": "采购"}]
        plan = planned_day(house_day(master=rows, shipping=[shipping(receiver="京果批发")]))
        assert refused(HouseSheet.SHIPPING, "receiver", "party.ambiguous") in refusals(plan)

    @pytest.mark.parametrize(
        ("cells", "key", "rule"),
        [
            ({"party_roles": "老板"}, "party_roles", "party.role"),
            ({"place_kind": "帐篷"}, "place_kind", "place.kind"),
            ({"place_country": "China"}, "place_country", "place.country"),
            ({"party_id": "123"}, "party_id", "gs1.gln.length"),
            ({"party_hosted": "也许"}, "party_hosted", "cell.yes-no"),
            ({"place_party": "无名"}, "place_party", "party.unknown"),
        ],
    )
    def test_a_wrong_cell_is_refused(self, cells: dict[str, Any], key: str, rule: str) -> None:
        first, second, third = master()
        plan = planned_day(house_day(master=[first, second, third | cells]))
        found = {(e.sheet, e.row, e.column): e.rule for e in plan.errors}
        assert found.get(("档案", 5, column_letters(HouseSheet.MASTER, key))) == rule


def test_no_sheet_of_ours_is_refused() -> None:
    assert [error.rule for error in planned_day({}).errors] == ["workbook.no-sheets"]
