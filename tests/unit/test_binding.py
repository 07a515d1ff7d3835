"""Events imply actions: every form, every refusal, and no change of what moves that the action does not show."""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import event_builders as build
import pytest
from event_builders import BUILDERS, changed
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.actions import (
    Disposal,
    Harvest,
    Intake,
    Line,
    Output,
    Recall,
    Receipt,
    Release,
    Sale,
    Shipment,
    Statement,
    Transformation,
    signer_of,
)
from ledger.domain.binding import acting_party, action_of, amended_of, lines_of, lots_of
from ledger.domain.content_hash import content_hash
from ledger.domain.digital_link import lot_uri
from ledger.domain.epcis import check_event
from ledger.domain.errors import InvalidEvent, Refused
from ledger.domain.identifiers import NO_PLOT, LotRef, PartyId, consignment_id, plot_id
from ledger.domain.records import JsonTree
from ledger.domain.typed_data import manifest_hash

DEADLINE = 1_790_000_000
TWO_LINES = (build.amount(build.PACKED_LOT, 2_000), build.amount(build.OTHER_PACKED_LOT, 3_000))
ASCENDING = tuple(sorted((Line(item.lot.id, item.grams) for item in TWO_LINES), key=lambda line: line.lot))


@pytest.mark.parametrize("name", BUILDERS)
def test_the_builders_events_are_valid_epcis(name: str) -> None:
    check_event(BUILDERS[name]())


@pytest.mark.parametrize(
    "name",
    sorted(
        set(BUILDERS) - {"partial_receipt", "settlement", "packing_amendment", "plot_registration", "yield_certificate"}
    ),
)
def test_events_about_allotted_products_are_valid_epcis(name: str) -> None:
    event = BUILDERS[name]()
    lot = {"epcClass": lot_uri(LotRef(build.ALLOTTED_PRODUCT, "A/1"))}
    for member in ("quantityList", "inputQuantityList", "outputQuantityList"):
        if member in event:
            event[member] = [{**event[member][0], **lot}]
    check_event(event)
    assert lots_of(event) == (LotRef(build.ALLOTTED_PRODUCT, "A/1"),)


@pytest.mark.parametrize("name", BUILDERS)
def test_every_action_holds_party_content_hash_and_deadline(name: str) -> None:
    event = BUILDERS[name]()
    action = action_of(event, DEADLINE)
    assert signer_of(action) == acting_party(event) == int(event["silkroot:party"])
    assert action.content_hash == content_hash(event)
    assert action.deadline == DEADLINE
    assert action_of(event, DEADLINE) == action


def test_harvest() -> None:
    event = build.harvest(grams=1_250)
    plot = plot_id(build.FARM, "PLOT-7")
    expected = Harvest(build.FARM, build.BULK_MELON, "H-0001", plot, 2026, 1_250, content_hash(event), DEADLINE)
    assert action_of(event, DEADLINE) == expected


@pytest.mark.parametrize(
    "read_point",
    [..., {"id": f"https://id.gs1.org/414/{build.FARM:013d}"}, {"id": "https://example.org/field"}],
    ids=["none", "no extension", "not GS1"],
)
def test_a_harvest_without_a_plot(read_point: Any) -> None:
    action = action_of(changed(build.harvest(), "/readPoint", read_point), DEADLINE)
    assert isinstance(action, Harvest)
    assert action.plot == NO_PLOT


def test_intake() -> None:
    event = build.intake(deliveries=(100, 200, 300))
    expected = Intake(build.COOPERATIVE, build.BULK_MELON, "I-0001", 600, content_hash(event), DEADLINE)
    assert action_of(event, DEADLINE) == expected


def test_an_intake_is_recognised_under_another_prefix() -> None:
    event = build.intake()
    event["@context"][1]["sr"] = event["@context"][1]["silkroot"]
    event["sr:intake"] = event.pop("silkroot:intake")
    assert isinstance(action_of(event, DEADLINE), Intake)


@pytest.mark.parametrize("step", ["commissioning", "packing", "repackaging"])
def test_transformation_sorts_inputs_and_keeps_the_order_of_outputs(step: str) -> None:
    made = [build.amount(LotRef(build.MELON_CASE, code), 10) for code in "CAB"]
    event = build.packing(inputs=TWO_LINES, outputs=made, biz_step=step)
    outputs = tuple(Output(build.MELON_CASE, code, 10) for code in "CAB")
    expected = Transformation(build.PACKING_HOUSE, ASCENDING, outputs, 0, 4_970, 0, content_hash(event), DEADLINE)
    assert action_of(event, DEADLINE) == expected
    assert lines_of(event) == ASCENDING


@pytest.mark.parametrize("order", [TWO_LINES, TWO_LINES[::-1]], ids=["one order", "the other"])
def test_shipment_and_receipt_agree_on_the_manifest_in_any_order(order: Any) -> None:
    shipping = build.shipping(manifest=order, receiver=build.ALLOTTED_BUYER)
    receiving = build.receiving(party=build.ALLOTTED_BUYER, manifest=TWO_LINES)
    content = content_hash(shipping)
    assert action_of(shipping, DEADLINE) == Shipment(
        build.FARM, build.ALLOTTED_BUYER, build.REFERENCE, ASCENDING, content, DEADLINE
    )
    consignment = consignment_id(build.FARM, build.REFERENCE)
    assert action_of(receiving, DEADLINE) == Receipt(
        build.ALLOTTED_BUYER, consignment, manifest_hash(ASCENDING), content_hash(receiving), DEADLINE
    )
    assert lines_of(receiving) == ASCENDING


def test_a_bill_of_lading_stands_in_for_a_despatch_advice() -> None:
    action = action_of(build.shipping(transaction_type="bol"), DEADLINE)
    assert isinstance(action, Shipment)
    assert action.consignment_ref == build.REFERENCE


def test_a_despatch_advice_comes_before_a_bill_of_lading() -> None:
    event = build.shipping()
    event["bizTransactionList"].insert(0, {"type": "bol", "bizTransaction": "urn:epcglobal:cbv:bt:9520000000011:B1"})
    action = action_of(event, DEADLINE)
    assert isinstance(action, Shipment)
    assert action.consignment_ref == build.REFERENCE


def test_words_may_be_written_as_uris() -> None:
    event = build.shipping()
    event["bizStep"] = "https://ref.gs1.org/cbv/BizStep-shipping"
    event["disposition"] = "urn:epcglobal:cbv:disp:in_transit"
    event["sourceList"][0]["type"] = "urn:epcglobal:cbv:sdt:possessing_party"
    event["bizTransactionList"][0]["type"] = "https://ref.gs1.org/cbv/BTT-desadv"
    assert isinstance(action_of(event, DEADLINE), Shipment)


def test_other_sources_ride_along() -> None:
    event = build.shipping()
    event["sourceList"].append({"type": "owning_party", "source": "https://id.gs1.org/417/9520000000028"})
    assert isinstance(action_of(event, DEADLINE), Shipment)


def test_lots_may_be_urns_and_allotted() -> None:
    event = build.sale(lines=[build.amount(LotRef(build.ALLOTTED_PRODUCT, "A/1"), 5)])
    assert lots_of(event) == (LotRef(build.ALLOTTED_PRODUCT, "A/1"),)
    event["quantityList"][0]["epcClass"] = "urn:epc:class:lgtin:9520000.000100.H-0001"
    assert lots_of(event) == (LotRef(build.BULK_MELON, "H-0001"),)


def test_sale_and_disposal() -> None:
    sold, destroyed = build.sale(lines=TWO_LINES), build.disposal(lines=TWO_LINES)
    assert action_of(sold, DEADLINE) == Sale(build.FARM, ASCENDING, content_hash(sold), DEADLINE)
    assert action_of(destroyed, DEADLINE) == Disposal(build.FARM, ASCENDING, content_hash(destroyed), DEADLINE)


def test_recall_and_release() -> None:
    lot = build.HARVEST_LOT.id
    recalled, released = build.recall(), build.release()
    assert action_of(recalled, DEADLINE) == Recall(build.FARM, lot, content_hash(recalled), DEADLINE)
    assert action_of(released, DEADLINE) == Release(build.FARM, lot, content_hash(released), DEADLINE)


def test_the_disposition_recalls_too() -> None:
    event = changed(changed(build.recall(), "/persistentDisposition", ...), "/disposition", "recalled")
    assert isinstance(action_of(event, DEADLINE), Recall)


@pytest.mark.parametrize("name", BUILDERS)
def test_an_error_declaration_moves_nothing(name: str) -> None:
    event = BUILDERS[name]() | {"errorDeclaration": {"declarationTime": "2026-08-06T12:00:00Z"}}
    action = action_of(event, DEADLINE)
    assert isinstance(action, Statement)
    assert action.step == "errorDeclaration"
    assert action.lots == tuple(lot.id for lot in lots_of(event))


@pytest.mark.parametrize(
    ("change", "step"),
    [
        ({"bizStep": "https://ref.gs1.org/cbv/BizStep-inspecting"}, "inspecting"),
        ({"bizStep": "https://example.org/steps/washing"}, "https://example.org/steps/washing"),
        ({"bizStep": None}, "ObjectEvent"),
        ({"type": "AggregationEvent", "bizStep": "shipping"}, "shipping"),
        ({"type": "TransactionEvent", "bizStep": "receiving"}, "receiving"),
        ({"type": "AssociationEvent", "bizStep": None}, "AssociationEvent"),
        ({"type": "AggregationEvent", "bizStep": None, "disposition": "recalled"}, "AggregationEvent"),
        ({"bizStep": "shipping", "quantityList": []}, "shipping"),
        ({"type": "TransformationEvent", "bizStep": "packing", "quantityList": []}, "packing"),
    ],
)
def test_everything_else_is_a_statement(change: dict[str, Any], step: str) -> None:
    event = {key: value for key, value in (build.inspection() | change).items() if value is not None}
    action = action_of(event, DEADLINE)
    assert isinstance(action, Statement)
    assert action.step == step


def test_a_statement_names_all_lots_once_in_ascending_order() -> None:
    event = build.inspection(lots=[build.PACKED_LOT, build.HARVEST_LOT, build.PACKED_LOT])
    event["childQuantityList"] = [
        {"epcClass": lot_uri(build.OTHER_PACKED_LOT)},
        {"epcClass": "urn:epc:idpat:sgtin:9520000.000100.*"},
    ]
    action = action_of(event, DEADLINE)
    assert isinstance(action, Statement)
    lots = {lot.id for lot in (build.PACKED_LOT, build.HARVEST_LOT, build.OTHER_PACKED_LOT)}
    assert action.lots == tuple(sorted(lots))


def _without_content(action: Any) -> Any:
    return replace(action, content_hash=bytes(32))


@given(
    st.integers(1, 10**9),
    st.integers(1, 10**9),
    st.sampled_from([build.harvest, build.sale, build.disposal, build.shipping, build.receiving]),
)
def test_other_grams_are_another_action(first: int, second: int, builder: Callable[..., JsonTree]) -> None:
    def action(grams: int) -> Any:
        if builder is build.harvest:
            return action_of(builder(grams=grams), DEADLINE)
        member = "manifest" if builder in (build.shipping, build.receiving) else "lines"
        return action_of(builder(**{member: [build.amount(grams=grams)]}), DEADLINE)

    assert (_without_content(action(first)) == _without_content(action(second))) == (first == second)


lot_codes = st.text("ABCabc019-./", min_size=1, max_size=20)


@given(
    lot_codes,
    lot_codes,
    st.sampled_from(["harvest", "sale", "shipping", "receiving", "recall", "inspection", "packing"]),
)
def test_another_lot_is_another_action(first: str, second: str, name: str) -> None:
    def action(code: str) -> Any:
        event = BUILDERS[name]()
        member = "outputQuantityList" if name == "packing" else "quantityList"
        event[member][0]["epcClass"] = lot_uri(LotRef(build.MELON_CASE, code))
        return action_of(event, DEADLINE)

    assert (_without_content(action(first)) == _without_content(action(second))) == (first == second)


parties = st.integers(0, 10**9 - 1).map(build.gln) | st.integers(10**13, 2**64 - 1).map(PartyId)


@given(parties, parties)
def test_another_receiver_is_another_action(first: PartyId, second: PartyId) -> None:
    first_action, second_action = (
        _without_content(action_of(build.shipping(receiver=party), DEADLINE)) for party in (first, second)
    )
    assert (first_action == second_action) == (first == second)


@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30), st.sampled_from(["shipping", "receiving"]))
def test_another_reference_is_another_action(first: str, second: str, name: str) -> None:
    first_action, second_action = (
        _without_content(action_of(BUILDERS[name](reference=reference), DEADLINE)) for reference in (first, second)
    )
    assert (first_action == second_action) == (first == second)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-100, 100)
    | st.floats(allow_nan=False, allow_infinity=False, width=16)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(BUILDERS)), st.data())
def test_any_tree_gives_an_action_or_a_refusal(name: str, data: st.DataObject) -> None:
    """Total: whatever stands in a member, there is an action or an `InvalidEvent`, never another exception."""
    event = copy.deepcopy(BUILDERS[name]())
    key = data.draw(st.sampled_from(sorted(event)))
    value: Any = event[key]
    inner = value[0] if isinstance(value, list) else value
    if isinstance(inner, dict) and data.draw(st.booleans()):
        inner[data.draw(st.sampled_from(sorted(inner)))] = data.draw(json_values)
    else:
        event[key] = data.draw(json_values)
    with suppress(InvalidEvent, Refused):
        lots_of(event)
    with suppress(InvalidEvent, Refused):
        lines_of(event)
    with suppress(InvalidEvent, Refused):
        amended_of(event)
    with suppress(InvalidEvent, Refused):
        assert action_of(event, DEADLINE).content_hash == content_hash(event)
