"""Handoffs that do not go as planned: which struct each event implies, and what is refused."""

from __future__ import annotations

from typing import Any

import event_builders as build
import pytest
from event_builders import changed
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.actions import Line, Notice, PartialReceipt, Receipt, ReceiptLine, SettledLine, Settlement, Void
from ledger.domain.binding import action_of, lines_of, lots_of
from ledger.domain.content_hash import content_hash
from ledger.domain.digital_link import lot_uri, party_uri
from ledger.domain.epcis import check_event
from ledger.domain.errors import InvalidEvent, Refused
from ledger.domain.event_forms import Arrival, Settled
from ledger.domain.identifiers import Grams, LotRef, PartyId, consignment_id
from ledger.domain.records import JsonTree
from ledger.domain.typed_data import manifest_hash

DEADLINE = 1_790_000_000
CONSIGNMENT = consignment_id(build.FARM, build.REFERENCE)
NOBODY = PartyId(0)
STRANGER = f"{build.STRANGER:013d}"

lots = st.lists(st.text("ABC019", min_size=1, max_size=6), min_size=1, max_size=4, unique=True).map(
    lambda codes: [LotRef(build.MELON_CASE, code) for code in codes]
)
four = st.tuples(*[st.integers(0, 2**36 // 4) | st.just(0)] * 4).filter(any)


def _ascending(lines: list[Any]) -> tuple[Any, ...]:
    return tuple(sorted(lines, key=lambda line: line.lot))


@given(st.data())
def test_a_partial_receipt_gives_back_what_its_builder_was_told(data: st.DataObject) -> None:
    stated = {lot: data.draw(four) for lot in data.draw(lots)}
    refuses = any(grams[1] for grams in stated.values())
    event = build.partial_receipt(
        arrivals=[Arrival(lot, *grams) for lot, grams in stated.items()],
        return_ref=build.RETURN_REFERENCE if refuses else "",
        over=[build.amount(build.HARVEST_LOT, 7)],
    )
    check_event(event)
    manifest = _ascending([Line(lot.id, Grams(sum(grams))) for lot, grams in stated.items()])
    expected = _ascending([ReceiptLine(lot.id, *map(Grams, grams[:3])) for lot, grams in stated.items()])
    assert action_of(event, DEADLINE) == PartialReceipt(
        build.PACKING_HOUSE,
        CONSIGNMENT,
        manifest_hash(manifest),
        expected,
        build.RETURN_REFERENCE if refuses else "",
        content_hash(event),
        DEADLINE,
    )
    assert lines_of(event) == manifest
    assert {lot.id for lot in lots_of(event)} == {lot.id for lot in stated} | {build.HARVEST_LOT.id}


def test_a_rejection_refuses_everything() -> None:
    event = build.partial_receipt(arrivals=[Arrival(build.HARVEST_LOT, refused=1_000_000)])
    action = action_of(event, DEADLINE)
    assert isinstance(action, PartialReceipt)
    assert action.lines == (ReceiptLine(build.HARVEST_LOT.id, Grams(0), Grams(1_000_000), Grams(0)),)
    assert event["disposition"] == "in_progress"


def test_what_differs_from_the_manifest_is_said_in_plain_epcis_too() -> None:
    short = build.partial_receipt(arrivals=[Arrival(build.HARVEST_LOT, 1, short=1)], return_ref="")
    over = build.partial_receipt(arrivals=[Arrival(build.HARVEST_LOT, 1)], return_ref="", over=[build.amount()])
    assert [event["disposition"] for event in (short, over)] == ["mismatch_quantity"] * 2


def test_what_goes_back_is_received_as_any_consignment() -> None:
    event = build.receiving(party=build.FARM, shipper=build.PACKING_HOUSE, reference=build.RETURN_REFERENCE)
    action = action_of(event, DEADLINE)
    assert isinstance(action, Receipt)
    assert action.consignment == consignment_id(build.PACKING_HOUSE, build.RETURN_REFERENCE)


def test_a_full_receipt_may_tell_of_more_than_its_manifest() -> None:
    event = build.receiving(extra={"silkroot:over": [{"epcClass": lot_uri(build.PACKED_LOT), "grams": 5}]})
    check_event(event)
    assert isinstance(action_of(event, DEADLINE), Receipt)
    assert lines_of(event) == (Line(build.HARVEST_LOT.id, Grams(1_000_000)),)
    assert build.PACKED_LOT in lots_of(event)


@given(st.data(), st.sampled_from([build.FARM, build.PACKING_HOUSE]), st.booleans())
def test_a_settlement_gives_back_what_its_builder_was_told(data: st.DataObject, party: PartyId, alone: bool) -> None:
    stated = {lot: data.draw(four) for lot in data.draw(lots)}
    event = build.settlement(party=party, lines=[Settled(lot, *grams) for lot, grams in stated.items()], alone=alone)
    check_event(event)
    missing = _ascending([Line(lot.id, Grams(sum(grams))) for lot, grams in stated.items()])
    other = build.PACKING_HOUSE if party == build.FARM else build.FARM
    assert action_of(event, DEADLINE) == Settlement(
        party,
        NOBODY if alone else other,
        CONSIGNMENT,
        manifest_hash(missing),
        _ascending([SettledLine(lot.id, *map(Grams, grams)) for lot, grams in stated.items()]),
        content_hash(event),
        DEADLINE,
    )
    assert lines_of(event) == missing


@pytest.mark.parametrize(
    ("party", "about"), [(build.FARM, "void"), (build.FARM, "write-off"), (build.PACKING_HOUSE, "write-off")]
)
def test_notice(party: PartyId, about: str) -> None:
    event = build.notice(party=party, about=about)
    check_event(event)
    assert action_of(event, DEADLINE) == Notice(party, CONSIGNMENT, content_hash(event), DEADLINE)


@given(lots, st.booleans(), st.integers(1, 2**36))
def test_a_void_gives_back_what_its_builder_was_told(named: list[LotRef], agreed: bool, grams: int) -> None:
    event = build.void(manifest=[build.amount(lot, grams) for lot in named], agreed=agreed)
    manifest = _ascending([Line(lot.id, Grams(grams)) for lot in named])
    receiver = build.PACKING_HOUSE if agreed else NOBODY
    assert action_of(event, DEADLINE) == Void(
        build.FARM, receiver, CONSIGNMENT, manifest_hash(manifest), content_hash(event), DEADLINE
    )
    assert lines_of(event) == manifest


RECEIPT, SETTLEMENT = "/silkroot:receipt", "/silkroot:settlement"
OVER = [{"epcClass": lot_uri(build.PACKED_LOT), "grams": 5}]


@pytest.mark.parametrize(
    ("name", "path", "value", "field", "rule"),
    [
        ("partial_receipt", "/action", "ADD", "/action", "form.action"),
        ("partial_receipt", "/bizStep", "accepting", "/bizStep", "form.biz-step"),
        ("partial_receipt", "/type", "TransactionEvent", "/type", "form.event-type"),
        ("partial_receipt", RECEIPT, [], RECEIPT, "silkroot.member"),
        ("partial_receipt", RECEIPT, None, RECEIPT, "silkroot.member"),
        ("partial_receipt", f"{RECEIPT}/0", 7, RECEIPT, "silkroot.member"),
        ("partial_receipt", f"{RECEIPT}/0/toCome", ..., f"{RECEIPT}/0/toCome", "silkroot.grams"),
        ("partial_receipt", f"{RECEIPT}/0/short", -1, f"{RECEIPT}/0/short", "silkroot.grams"),
        ("partial_receipt", f"{RECEIPT}/0/short", 1.0, f"{RECEIPT}/0/short", "silkroot.grams"),
        ("partial_receipt", f"{RECEIPT}/0/short", True, f"{RECEIPT}/0/short", "silkroot.grams"),
        ("partial_receipt", f"{RECEIPT}/0/epcClass", ..., f"{RECEIPT}/0/epcClass", "epcis.uri"),
        ("partial_receipt", f"{RECEIPT}/0/epcClass", "https://example.org/melons", f"{RECEIPT}/0/epcClass", "line.lot"),
        ("partial_receipt", f"{RECEIPT}/0/accepted", 700_001, "/quantityList/0/quantity", "line.sum"),
        ("partial_receipt", "/quantityList/0/quantity", ..., "/quantityList/0/quantity", "mass.number"),
        ("partial_receipt", "/quantityList/0/epcClass", lot_uri(build.PACKED_LOT), "/quantityList/0/epcClass",
         "line.differs"),
        ("partial_receipt", "/quantityList", [], "/quantityList", "line.differs"),
        ("partial_receipt", "/quantityList", ..., "/quantityList", "line.differs"),
        ("partial_receipt", "/bizTransactionList/1", ..., "/bizTransactionList", "handoff.return-reference"),
        ("partial_receipt", "/bizTransactionList/1/bizTransaction", "", "/bizTransactionList/1/bizTransaction",
         "handoff.return-reference"),
        ("partial_receipt", "/bizTransactionList/0", ..., "/bizTransactionList", "handoff.reference"),
        ("partial_receipt", "/silkroot:over", [], "/silkroot:over", "silkroot.member"),
        ("partial_receipt", "/silkroot:over", [{"epcClass": lot_uri(build.PACKED_LOT), "grams": 0}],
         "/silkroot:over/0", "line.nothing"),
        ("partial_receipt", "/silkroot:void", "agreed", "/silkroot:void", "form.two-actions"),
        ("partial_receipt", "/silkroot:intake", [], "/silkroot:receipt", "form.two-actions"),
        ("partial_receipt", "/silkroot:was", 5, "/silkroot:was", "form.own-member"),
        ("partial_receipt", "/disposition", "recalled", "/bizStep", "form.two-actions"),
        ("receiving", "/silkroot:over", OVER * 2, "/silkroot:over/1/epcClass", "line.twice"),
        ("shipping", "/silkroot:over", OVER, "/silkroot:over", "form.own-member"),
        ("settlement", "/action", "DELETE", "/action", "form.action"),
        ("settlement", "/bizStep", "receiving", "/bizStep", "form.biz-step"),
        ("settlement", "/sourceList", ..., "/sourceList", "handoff.party"),
        ("settlement", "/destinationList", ..., "/destinationList", "handoff.party"),
        ("settlement", SETTLEMENT, {}, SETTLEMENT, "silkroot.member"),
        ("settlement", f"{SETTLEMENT}/0/weightLoss", ..., f"{SETTLEMENT}/0/weightLoss", "silkroot.grams"),
        ("settlement", f"{SETTLEMENT}/0/loss", 1, "/quantityList/0/quantity", "line.sum"),
        ("settlement", "/silkroot:alone", False, "/silkroot:alone", "silkroot.member"),
        ("partial_receipt", "/silkroot:alone", True, "/silkroot:alone", "form.own-member"),
        ("notice", "/silkroot:notice", "perhaps", "/silkroot:notice", "silkroot.member"),
        ("notice", "/silkroot:notice", ["void"], "/silkroot:notice", "silkroot.member"),
        ("notice", "/silkroot:notice", ..., "/bizStep", "form.own-member"),
        ("notice", "/action", "ADD", "/action", "form.action"),
        ("notice", "/quantityList", [], "/quantityList", "form.lots"),
        ("notice", "/bizTransactionList", ..., "/bizTransactionList", "handoff.reference"),
        ("notice", "/bizStep", "shipping", "/bizStep", "form.biz-step"),
        ("void", "/silkroot:void", ..., "/bizStep", "form.own-member"),
        ("void", "/silkroot:void", True, "/silkroot:void", "silkroot.member"),
        ("void", "/silkroot:notice", "void", "/silkroot:void", "form.two-actions"),
        ("void", "/action", "DELETE", "/action", "form.action"),
        ("void", "/quantityList", ..., "/quantityList", "form.lots"),
        ("void", "/quantityList/0/quantity", ..., "/quantityList/0/quantity", "mass.number"),
        ("void", "/type", "AggregationEvent", "/type", "form.event-type"),
    ],
)  # fmt: skip
def test_refusals_name_field_and_rule(name: str, path: str, value: Any, field: str, rule: str) -> None:
    with pytest.raises(InvalidEvent) as refusal:
        action_of(changed(build.BUILDERS[name](), path, value), DEADLINE)
    assert (refusal.value.violations[0].field, refusal.value.violations[0].rule) == (field, rule)


NOTHING_REFUSED = build.partial_receipt(arrivals=[Arrival(build.HARVEST_LOT, 5)])
NOTHING_ARRIVED = build.partial_receipt(arrivals=[Arrival(build.HARVEST_LOT, short=5)], return_ref="")
NOTHING_AT_ALL = build.partial_receipt(arrivals=[Arrival(build.HARVEST_LOT)], return_ref="")
A_LOT_TWICE = build.partial_receipt(arrivals=[Arrival(build.HARVEST_LOT, 5)] * 2, return_ref="")
ONE_LOT_OF_TWO = build.settlement(lines=[Settled(build.HARVEST_LOT, 5), Settled(build.PACKED_LOT, 5)])


@pytest.mark.parametrize(
    ("event", "field", "rule"),
    [
        (NOTHING_REFUSED, "/bizTransactionList/1/bizTransaction", "handoff.return-reference"),
        (changed(NOTHING_ARRIVED, "/quantityList/0/quantity", 1), "/quantityList/0/uom", "mass.uom"),
        (NOTHING_AT_ALL, f"{RECEIPT}/0", "line.nothing"),
        (A_LOT_TWICE, f"{RECEIPT}/1/epcClass", "line.twice"),
        (changed(A_LOT_TWICE, f"{RECEIPT}/1", ...), "/quantityList/1/epcClass", "line.twice"),
        (changed(ONE_LOT_OF_TWO, "/quantityList/0", ...), "/quantityList", "line.differs"),
    ],
)
def test_refusals_of_lists(event: JsonTree, field: str, rule: str) -> None:
    with pytest.raises(InvalidEvent) as refusal:
        action_of(event, DEADLINE)
    assert (refusal.value.violations[0].field, refusal.value.violations[0].rule) == (field, rule)


def test_grams_beyond_what_json_has_are_refused() -> None:
    event = changed(NOTHING_ARRIVED, f"{RECEIPT}/0/short", 2**53)
    with pytest.raises(InvalidEvent) as refusal:
        lines_of(event)
    assert refusal.value.violations[0].rule == "silkroot.grams"


def test_a_lot_of_which_nothing_arrived_has_no_mass() -> None:
    event = changed(NOTHING_ARRIVED, "/quantityList/0", build.event_forms.quantity(build.amount(grams=5)))
    with pytest.raises(InvalidEvent) as refusal:
        action_of(event, DEADLINE)
    assert refusal.value.violations[0].rule == "line.sum"


@pytest.mark.parametrize(
    ("event", "field", "rule"),
    [
        (build.partial_receipt(), "/destinationList/0/destination", "handoff.receiver"),
        (build.settlement(), "/sourceList", "handoff.side"),
        (build.notice(), "/sourceList/0/source", "handoff.shipper"),
        (build.notice(about="write-off"), "/sourceList", "handoff.side"),
        (build.void(), "/sourceList/0/source", "handoff.shipper"),
    ],
)
def test_a_stranger_may_not_act(event: JsonTree, field: str, rule: str) -> None:
    with pytest.raises(Refused) as refusal:
        action_of(changed(event, "/silkroot:party", STRANGER), DEADLINE)
    assert (refusal.value.violations[0].field, refusal.value.violations[0].rule) == (field, rule)


def test_another_side_of_a_settlement_is_another_consignment_or_party() -> None:
    event = build.settlement()
    other = changed(event, "/sourceList/0/source", party_uri(build.HUB))
    first, second = action_of(event, DEADLINE), action_of(other, DEADLINE)
    assert isinstance(first, Settlement)
    assert isinstance(second, Settlement)
    assert (first.counterparty, second.counterparty) == (build.FARM, build.HUB)
    assert first.consignment != second.consignment
