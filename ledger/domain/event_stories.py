"""
An event as pages show it: what it says, who signed it, what the chain has of it, how its checks ended; no I/O.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ledger.domain.actions import (
    BirthAmendment,
    Disposal,
    Harvest,
    Intake,
    Line,
    Notice,
    PartialReceipt,
    Pledge,
    PledgeRelease,
    Receipt,
    Sale,
    Settlement,
    Shipment,
    Statement,
    Transformation,
    TransformationAmendment,
    Void,
    signer_of,
)
from ledger.domain.branches import place_of, text_of
from ledger.domain.checks import is_final
from ledger.domain.event_reading import portions_of
from ledger.domain.identifiers import ConsignmentId, ContentHash, Grams, LotId, PartyId, consignment_id, lot_id
from ledger.domain.qualifiers import co_key_of, is_hosted, issued_by_signer, key_of
from ledger.domain.readings import UNREADABLE, Reading
from ledger.domain.records import ChainFacts, LogPlace
from ledger.domain.story_values import Check, EventStory

Sides = tuple[PartyId, PartyId]
Shipments = Mapping[ConsignmentId, Sides]
"""Shipper and receiver of each consignment, so that a receipt can name the other side."""


def shipments_of(readings: Iterable[Reading]) -> dict[ConsignmentId, Sides]:
    """The consignments that events open, returns among them; of two under one reference the first."""
    shipments: dict[ConsignmentId, Sides] = {}
    for reading in readings:
        action = reading.action
        if isinstance(action, Shipment):
            consignment = consignment_id(action.shipper, action.consignment_ref)
            shipments.setdefault(consignment, (action.shipper, action.receiver))
        elif isinstance(action, PartialReceipt) and action.return_ref and action.consignment in shipments:
            back = consignment_id(action.receiver, action.return_ref)
            shipments.setdefault(back, (action.receiver, shipments[action.consignment][0]))
    return shipments


def event_story(
    reading: Reading,
    facts: ChainFacts | None,
    checks: tuple[Check, ...],
    shipments: Shipments,
    *,
    of_lot: bool,
    relevant: bool,
    corrected_by: ContentHash | None = None,
    place: LogPlace | None = None,
) -> EventStory:
    """
    The event with its checks. What it moves and who signed come from the signed struct, the rest from its body; so does
    what a receipt or a void moves, of which the struct has the hash only.
    """
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
        lots=_moved(reading),
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
        co=proof.co,
        co_key=co_key_of(reading, facts),
        corrected_by=corrected_by,
        checkpoint=None if reading.entry is not None else reading.anchoring.covering,
        log=place,
        batch=proof.batch,
        by_issuer=issued_by_signer(reading, facts),
    )


def _counterparty(reading: Reading, shipments: Shipments) -> PartyId | None:
    action = reading.action
    match action:
        case Shipment():
            return action.receiver
        case Receipt() | PartialReceipt() | Settlement() | Notice() | Void():
            sides = shipments.get(action.consignment)
            if sides is None:
                return None
            return sides[1] if signer_of(action) == sides[0] else sides[0]
        case Pledge():
            return action.lender
        case PledgeRelease():
            return action.holder
    return None


def _moved(reading: Reading) -> dict[LotId, Grams]:
    action = reading.action
    match action:
        case Harvest() | Intake():
            return {lot_id(action.product, action.lot_code): action.grams}
        case BirthAmendment():
            return {action.lot: action.grams}
        case Transformation() | TransformationAmendment():
            made = {lot_id(output.product, output.lot_code): output.grams for output in action.outputs}
            return {**_grams(action.inputs), **made}
        case Shipment():
            return _grams(action.manifest)
        case PartialReceipt():
            return {line.lot: Grams(line.accepted + line.refused) for line in action.lines}
        case Settlement():
            return {
                line.lot: Grams(line.loss + line.weight_loss + line.returned + line.received) for line in action.lines
            }
        case Receipt() | Void():
            return _listed(reading)
        case Sale() | Disposal():
            return _grams(action.lines)
        case Pledge():
            return {action.lot: action.grams}
    return {}


def _listed(reading: Reading) -> dict[LotId, Grams]:
    """What the body lists; the struct holds its hash. Empty where it cannot be read, which the content check tells."""
    try:
        return {portion.lot: portion.grams for portion in portions_of(reading.event.body, "quantityList")}
    except UNREADABLE:
        return {}


def _grams(lines: tuple[Line, ...]) -> dict[LotId, Grams]:
    return {line.lot: line.grams for line in lines}


def _word(value: str) -> str:
    """The CBV local name: `shipping` of `https://ref.gs1.org/cbv/BizStep-shipping` and of the URN."""
    return re.split(r"[:/#-]", value)[-1]
