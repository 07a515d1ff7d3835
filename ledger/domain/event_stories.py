"""
An event as pages show it: what it says, who signed it, what the chain has of it, how its checks ended; no I/O.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ledger.domain.actions import (
    Disposal,
    Harvest,
    Intake,
    Line,
    Receipt,
    Sale,
    Shipment,
    Statement,
    Transformation,
    signer_of,
)
from ledger.domain.branches import place_of, text_of
from ledger.domain.checks import is_final
from ledger.domain.identifiers import ConsignmentId, Grams, LotId, PartyId, consignment_id, lot_id
from ledger.domain.qualifiers import is_hosted, key_of
from ledger.domain.readings import Reading
from ledger.domain.records import ChainFacts
from ledger.domain.story_values import Check, EventStory

Shipments = Mapping[ConsignmentId, Shipment]
"""The shipment behind each consignment, so that a receipt can tell what it moves."""


def shipments_of(readings: Iterable[Reading]) -> dict[ConsignmentId, Shipment]:
    """The shipments among the events; of two under one reference the first."""
    shipments: dict[ConsignmentId, Shipment] = {}
    for reading in readings:
        action = reading.action
        if isinstance(action, Shipment):
            shipments.setdefault(consignment_id(action.shipper, action.consignment_ref), action)
    return shipments


def event_story(
    reading: Reading,
    facts: ChainFacts | None,
    checks: tuple[Check, ...],
    shipments: Shipments,
    *,
    of_lot: bool,
    relevant: bool,
) -> EventStory:
    """The event with its checks. What it moves and who signed come from the signed struct, the rest from its body."""
    event, proof, action = reading.event, reading.event.proof, reading.action
    return EventStory(
        content_hash=event.content_hash,
        sequence=event.sequence,
        event_id=event.event_id,
        kind=action.KIND,
        step=action.step if isinstance(action, Statement) else _word(text_of(event.body, "bizStep")),
        party=signer_of(action),
        counterparty=_counterparty(reading, shipments),
        event_time=text_of(event.body, "eventTime"),
        record_time=event.record_time,
        place=place_of(event.body),
        lots=_moved(reading, shipments),
        of_lot=of_lot,
        relevant=relevant,
        body=event.body,
        action=action,
        key_id=proof.key_id,
        scheme=proof.scheme,
        signature=proof.signature,
        digest=reading.signed_digest or reading.examined.stored_digest,
        key=key_of(reading, facts),
        hosted=is_hosted(reading, facts),
        state=event.state,
        refusal=event.refusal,
        entry=reading.entry,
        final=is_final(reading, facts),
        checks=checks,
    )


def _counterparty(reading: Reading, shipments: Shipments) -> PartyId | None:
    action = reading.action
    if isinstance(action, Shipment):
        return action.receiver
    if isinstance(action, Receipt) and action.consignment in shipments:
        return shipments[action.consignment].shipper
    return None


def _moved(reading: Reading, shipments: Shipments) -> dict[LotId, Grams]:
    action = reading.action
    match action:
        case Harvest() | Intake():
            return {lot_id(action.product, action.lot_code): action.grams}
        case Transformation():
            made = {lot_id(output.product, output.lot_code): output.grams for output in action.outputs}
            return {**_grams(action.inputs), **made}
        case Shipment():
            return _grams(action.manifest)
        case Receipt():
            shipment = shipments.get(action.consignment)
            return _grams(shipment.manifest) if shipment is not None else {}
        case Sale() | Disposal():
            return _grams(action.lines)
    return {}


def _grams(lines: tuple[Line, ...]) -> dict[LotId, Grams]:
    return {line.lot: line.grams for line in lines}


def _word(value: str) -> str:
    """The CBV local name: `shipping` of `https://ref.gs1.org/cbv/BizStep-shipping` and of the URN."""
    return re.split(r"[:/#-]", value)[-1]
