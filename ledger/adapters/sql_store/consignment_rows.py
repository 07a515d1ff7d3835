"""
Which consignments an event is about: its rows in `consignment_events`, made from what was signed and from its body; no
I/O.

The air leg comes before the shipment that hands the goods over; `air_reference` says which consignment that will be.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from ledger.domain.actions import Action, Notice, PartialReceipt, Receipt, Settlement, Shipment, Statement, Void
from ledger.domain.air_leg import AirLeg, air_leg_of, names_an_air_leg
from ledger.domain.air_reference import reference_of
from ledger.domain.errors import InvalidInput
from ledger.domain.hub_members import due_of
from ledger.domain.identifiers import ConsignmentId, PartyId, consignment_id
from ledger.domain.question_names import microseconds
from ledger.domain.records import JsonTree
from ledger.domain.searched import event_time_of


class ConsignmentKind(StrEnum):
    """What an event is to a consignment."""

    SHIPMENT = "shipment"
    RECEIPT = "receipt"
    SETTLEMENT = "settlement"
    NOTICE = "notice"
    VOID = "void"
    AIR = "air"


def consignment_rows(sequence: int, party: int, action: Action, body: JsonTree) -> Iterator[dict[str, Any]]:
    """The event's rows; none of most events, two of a receipt that sends something back."""
    for consignment, kind in _named(party, action, body):
        yield {
            "consignment": bytes(consignment),
            "sequence": sequence,
            "kind": kind.value,
            "party": party,
            "event_time": event_time_of(body),
            "due_time": _due(body) if kind is ConsignmentKind.SHIPMENT else None,
        }


def _named(party: int, action: Action, body: JsonTree) -> Iterator[tuple[ConsignmentId, ConsignmentKind]]:
    match action:
        case Statement():
            leg = _leg(body)
            reference = "" if leg is None else reference_of(PartyId(party), leg)
            if reference:
                yield consignment_id(PartyId(party), reference), ConsignmentKind.AIR
        case Shipment():
            yield consignment_id(action.shipper, action.consignment_ref), ConsignmentKind.SHIPMENT
        case Receipt():
            yield action.consignment, ConsignmentKind.RECEIPT
        case PartialReceipt():
            yield action.consignment, ConsignmentKind.RECEIPT
            if action.return_ref:
                yield consignment_id(action.receiver, action.return_ref), ConsignmentKind.SHIPMENT
        case Settlement():
            yield action.consignment, ConsignmentKind.SETTLEMENT
        case Notice():
            yield action.consignment, ConsignmentKind.NOTICE
        case Void():
            yield action.consignment, ConsignmentKind.VOID


def _leg(body: JsonTree) -> AirLeg | None:
    """Events of before these members were checked may hold what cannot be read."""
    try:
        return air_leg_of(body) if names_an_air_leg(body) and "errorDeclaration" not in body else None
    except InvalidInput:
        return None


def _due(body: JsonTree) -> int | None:
    try:
        due = due_of(body)
    except InvalidInput:
        return None
    return None if due is None else microseconds(due)
