"""What `action_of` refuses: each rule with the field that broke it."""

from __future__ import annotations

from typing import Any

import event_builders as build
import pytest
from event_builders import BUILDERS, changed

from ledger.domain.actions import Statement
from ledger.domain.binding import action_of
from ledger.domain.errors import InvalidEvent, Refused
from ledger.domain.records import JsonTree

DEADLINE = 1_790_000_000
TWO_LINES = (build.amount(build.PACKED_LOT, 2_000), build.amount(build.OTHER_PACKED_LOT, 3_000))
BAD_CHECK_DIGIT = "https://id.gs1.org/01/09520000001002/10/H-0001"
NO_LOT = "https://id.gs1.org/01/09520000001001"


@pytest.mark.parametrize(
    ("name", "path", "value", "field", "rule"),
    [
        ("harvest", "/silkroot:party", ..., "/silkroot:party", "silkroot.party"),
        ("harvest", "/silkroot:party", "9520000000012", "/silkroot:party", "gs1.check-digit"),
        ("harvest", "/silkroot:party", "952000000001", "/silkroot:party", "silkroot.party"),
        ("harvest", "/silkroot:party", "09520000000011", "/silkroot:party", "silkroot.party"),
        ("harvest", "/silkroot:party", 9520000000011, "/silkroot:party", "silkroot.party"),
        ("harvest", "/silkroot:party", "0000000000000", "/silkroot:party", "gs1.gln.zero"),
        ("harvest", "/silkroot:party", "18446744073709551616", "/silkroot:party", "party.allotted"),
        ("harvest", "/silkroot:party", "٩520000000011", "/silkroot:party", "silkroot.party"),
        ("harvest", "/action", "OBSERVE", "/action", "form.action"),
        ("harvest", "/quantityList/0/epcClass", BAD_CHECK_DIGIT, "/quantityList/0/epcClass", "gs1.check-digit"),
        ("harvest", "/quantityList/0/epcClass", NO_LOT, "/quantityList/0/epcClass", "line.lot"),
        ("harvest", "/quantityList/0/epcClass", ..., "/quantityList/0/epcClass", "epcis.uri"),
        ("harvest", "/quantityList/0/quantity", 0.0001, "/quantityList/0/quantity", "mass.whole-grams"),
        ("harvest", "/quantityList/0/quantity", ..., "/quantityList/0/quantity", "mass.number"),
        ("harvest", "/quantityList/0/uom", ..., "/quantityList/0/uom", "mass.uom"),
        ("harvest", "/quantityList/0", 7, "/quantityList/0", "epcis.object"),
        ("harvest", "/quantityList", "H-0001", "/quantityList", "epcis.list"),
        ("harvest", "/readPoint/id", "https://id.gs1.org/414/9520000000012", "/readPoint/id", "gs1.check-digit"),
        ("harvest", "/readPoint", "field", "/readPoint/id", "epcis.uri"),
        ("harvest", "/bizStep", "inspecting", "", ""),
        ("intake", "/silkroot:intake", [], "/silkroot:intake", "intake.roster"),
        ("intake", "/silkroot:intake", {"a": 1}, "/silkroot:intake", "intake.roster"),
        ("intake", "/silkroot:intake/0/grams", 1, "/silkroot:intake", "intake.sum"),
        ("intake", "/silkroot:intake/0/grams", 250_000.0, "/silkroot:intake/0/grams", "intake.grams"),
        ("intake", "/silkroot:intake/0/grams", 0, "/silkroot:intake/0/grams", "intake.grams"),
        ("intake", "/silkroot:intake/0/grams", True, "/silkroot:intake/0/grams", "intake.grams"),
        ("intake", "/silkroot:intake/0/ticket", ..., "/silkroot:intake/0", "intake.row"),
        ("intake", "/silkroot:intake/0/roster", "", "/silkroot:intake/0/roster", "intake.text"),
        ("intake", "/silkroot:intake/0/village", 7, "/silkroot:intake/0/village", "intake.text"),
        ("intake", "/silkroot:intake/1", "G002", "/silkroot:intake/1", "intake.row"),
        ("intake", "/bizStep", "receiving", "/bizStep", "form.intake"),
        ("intake", "/bizStep", "inspecting", "/bizStep", "form.intake"),
        ("packing", "/bizStep", "inspecting", "/bizStep", "form.biz-step"),
        ("packing", "/bizStep", ..., "/bizStep", "form.biz-step"),
        ("packing", "/inputQuantityList", ..., "/inputQuantityList", "form.both-lists"),
        ("packing", "/outputQuantityList", [], "/outputQuantityList", "form.both-lists"),
        ("packing", "/outputQuantityList/0/uom", "EA", "/outputQuantityList/0/uom", "mass.uom"),
        ("packing", "/disposition", "recalled", "/bizStep", "form.two-actions"),
        ("shipping", "/action", "ADD", "/action", "form.action"),
        ("shipping", "/disposition", "in_progress", "/disposition", "form.disposition"),
        ("shipping", "/disposition", ..., "/disposition", "form.disposition"),
        ("shipping", "/sourceList", ..., "/sourceList", "handoff.party"),
        ("shipping", "/sourceList/0/type", "owning_party", "/sourceList", "handoff.party"),
        ("shipping", "/destinationList", ..., "/destinationList", "handoff.party"),
        ("shipping", "/destinationList/0/destination", 7, "/destinationList/0/destination", "handoff.party"),
        ("shipping", "/destinationList/0/destination", "https://id.gs1.org/417/9520000000029",
         "/destinationList/0/destination", "gs1.check-digit"),
        ("shipping", "/destinationList/0/destination", "https://id.gs1.org/417/0000000000000",
         "/destinationList/0/destination", "gs1.gln.zero"),
        ("shipping", "/destinationList/0/destination", "https://example.org/me",
         "/destinationList/0/destination", "party.uri"),
        ("shipping", "/bizTransactionList", ..., "/bizTransactionList", "handoff.reference"),
        ("shipping", "/bizTransactionList/0/type", "po", "/bizTransactionList", "handoff.reference"),
        ("shipping", "/bizTransactionList/0/type", ..., "/bizTransactionList", "handoff.reference"),
        ("shipping", "/bizTransactionList/0/bizTransaction", "", "/bizTransactionList/0/bizTransaction",
         "handoff.reference"),
        ("shipping", "/persistentDisposition", {"set": ["recalled"]}, "/bizStep", "form.two-actions"),
        ("receiving", "/action", "DELETE", "/action", "form.action"),
        ("receiving", "/sourceList", [], "/sourceList", "handoff.party"),
        ("receiving", "/bizTransactionList", [], "/bizTransactionList", "handoff.reference"),
        ("sale", "/disposition", "in_progress", "/disposition", "form.disposition"),
        ("sale", "/action", "ADD", "/action", "form.action"),
        ("disposal", "/disposition", ..., "/disposition", "form.disposition"),
        ("disposal", "/action", "ADD", "/action", "form.action"),
        ("recall", "/quantityList", ..., "/quantityList", "form.recall-one-lot"),
        ("recall", "/persistentDisposition", {"set": ["recalled"], "unset": ["recalled"]},
         "/persistentDisposition", "form.two-actions"),
        ("recall", "/persistentDisposition", "recalled", "/persistentDisposition", "epcis.object"),
        ("recall", "/persistentDisposition/set", "recalled", "/persistentDisposition/set", "epcis.list"),
        ("release", "/disposition", "recalled", "/persistentDisposition", "form.two-actions"),
        ("inspection", "/quantityList/0/epcClass", BAD_CHECK_DIGIT, "/quantityList/0/epcClass", "gs1.check-digit"),
    ],
)  # fmt: skip
def test_refusals_name_field_and_rule(name: str, path: str, value: Any, field: str, rule: str) -> None:
    event = changed(BUILDERS[name](), path, value)
    if not rule:
        assert isinstance(action_of(event, DEADLINE), Statement)
        return
    with pytest.raises(InvalidEvent) as refusal:
        action_of(event, DEADLINE)
    assert (refusal.value.violations[0].field, refusal.value.violations[0].rule) == (field, rule)


@pytest.mark.parametrize(
    ("event", "field", "rule"),
    [
        (
            build.harvest() | {"quantityList": build.sale(lines=TWO_LINES)["quantityList"]},
            "/quantityList",
            "birth.one-lot",
        ),
        (build.sale(lines=[build.amount(), build.amount()]), "/quantityList/1/epcClass", "line.twice"),
        (
            build.recall()
            | {"quantityList": build.inspection(lots=[build.PACKED_LOT, build.HARVEST_LOT])["quantityList"]},
            "/quantityList",
            "form.recall-one-lot",
        ),
        (
            build.recall() | {"quantityList": build.recall()["quantityList"] * 2},
            "/quantityList",
            "form.recall-one-lot",
        ),
    ],
)
def test_refusals_of_lists(event: JsonTree, field: str, rule: str) -> None:
    with pytest.raises(InvalidEvent) as refusal:
        action_of(event, DEADLINE)
    assert (refusal.value.violations[0].field, refusal.value.violations[0].rule) == (field, rule)


@pytest.mark.parametrize("list_name", ["sourceList", "destinationList", "bizTransactionList"])
def test_two_answers_are_no_answer(list_name: str) -> None:
    event = build.shipping()
    event[list_name] = event[list_name] * 2
    with pytest.raises(InvalidEvent) as refusal:
        action_of(event, DEADLINE)
    assert refusal.value.violations[0].field == f"/{list_name}"


def test_only_the_shipper_signs_a_shipment() -> None:
    event = changed(build.shipping(), "/silkroot:party", f"{build.STRANGER:013d}")
    with pytest.raises(Refused) as refusal:
        action_of(event, DEADLINE)
    assert refusal.value.violations[0].field == "/sourceList/0/source"
    assert refusal.value.violations[0].rule == "handoff.shipper"


def test_only_the_receiver_signs_a_receipt() -> None:
    event = changed(build.receiving(), "/silkroot:party", f"{build.STRANGER:013d}")
    with pytest.raises(Refused) as refusal:
        action_of(event, DEADLINE)
    assert refusal.value.violations[0].field == "/destinationList/0/destination"
    assert refusal.value.violations[0].rule == "handoff.receiver"
