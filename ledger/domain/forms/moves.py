"""
The events by which lots come into being, move, and leave, and the statements about them; no I/O.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledger.domain.digital_link import lot_uri
from ledger.domain.forms.base import (
    Amount,
    Extra,
    Spot,
    When,
    add_cases,
    bare_event,
    between,
    object_event,
    quantity,
)
from ledger.domain.identifiers import Grams, LotRef, PartyId
from ledger.domain.records import JsonTree


@dataclass(frozen=True, slots=True)
class RosterLine:
    """One grower's delivery in an intake; the grower is a roster code, never a name."""

    roster: str
    village: str
    grams: Grams
    ticket: str


def harvest(
    party: PartyId,
    amount: Amount,
    when: When,
    plot: Spot,
    *,
    season: int | None = None,
    ilmd: Extra | None = None,
    extra: Extra | None = None,
) -> JsonTree:
    """A lot comes into being on a plot. `season`: the year whose yield it counts against; else that of its time."""
    event = object_event(party, when, "ADD", "commissioning", "active", [amount], read_point=plot, extra=extra)
    if season is not None:
        event["silkroot:season"] = season
    if ilmd:
        event["ilmd"] = dict(ilmd)
    return event


def intake(
    party: PartyId, amount: Amount, when: When, where: Spot, roster: Sequence[RosterLine], *, extra: Extra | None = None
) -> JsonTree:
    """A lot comes into being from many growers' deliveries; the sheet must add up to the lot."""
    event = object_event(party, when, "ADD", "commissioning", "active", [amount], read_point=where, extra=extra)
    event["silkroot:intake"] = roster_rows(roster)
    return event


def roster_rows(roster: Sequence[RosterLine]) -> list[dict[str, Any]]:
    """The sheet as the event carries it."""
    return [
        {"roster": line.roster, "village": line.village, "grams": line.grams, "ticket": line.ticket} for line in roster
    ]


def transformation(
    party: PartyId,
    inputs: Sequence[Amount],
    outputs: Sequence[Amount],
    when: When,
    where: Spot,
    *,
    biz_step: str = "packing",
    culls: int | None = None,
    process_loss: int | None = None,
    remainder: int | None = None,
    ilmd: Extra | None = None,
    extra: Extra | None = None,
) -> JsonTree:
    """
    Lots in, new lots out: packing, repacking, splitting, merging. Grams: inputs = outputs + culls + process loss +
    remainder; culls and remainder that are not given are 0, a process loss that is not given is the rest.
    """
    event = bare_event("TransformationEvent", party, when, biz_step, "active", where, extra)
    event["inputQuantityList"] = [quantity(amount) for amount in inputs]
    event["outputQuantityList"] = [quantity(amount) for amount in outputs]
    for name, grams in (("culls", culls), ("processLoss", process_loss), ("remainder", remainder)):
        if grams is not None:
            event[f"silkroot:{name}"] = grams
    if ilmd:
        event["ilmd"] = dict(ilmd)
    add_cases(event, [*inputs, *outputs])
    return event


def shipping(
    shipper: PartyId,
    receiver: PartyId,
    reference: str,
    manifest: Sequence[Amount],
    when: When,
    where: Spot,
    *,
    transaction_type: str = "desadv",
    extra: Extra | None = None,
) -> JsonTree:
    """The sender's side of a handoff. `reference`, the consignment's: an SSCC Digital Link or a CBV transaction URN."""
    event = object_event(shipper, when, "OBSERVE", "shipping", "in_transit", manifest, read_point=where, extra=extra)
    return between(event, shipper, receiver, reference, transaction_type)


def receiving(
    receiver: PartyId,
    shipper: PartyId,
    reference: str,
    manifest: Sequence[Amount],
    when: When,
    where: Spot,
    *,
    transaction_type: str = "desadv",
    extra: Extra | None = None,
) -> JsonTree:
    """The receiver's side of a handoff, in full."""
    event = object_event(receiver, when, "OBSERVE", "receiving", "in_progress", manifest, read_point=where, extra=extra)
    return between(event, shipper, receiver, reference, transaction_type)


def sale(party: PartyId, amounts: Sequence[Amount], when: When, where: Spot, *, extra: Extra | None = None) -> JsonTree:
    """Grams are sold to somebody outside the ledger."""
    return object_event(party, when, "OBSERVE", "retail_selling", "retail_sold", amounts, read_point=where, extra=extra)


def disposal(
    party: PartyId, amounts: Sequence[Amount], when: When, where: Spot, *, extra: Extra | None = None
) -> JsonTree:
    """Grams are destroyed."""
    return object_event(party, when, "DELETE", "destroying", "destroyed", amounts, read_point=where, extra=extra)


def recall(party: PartyId, lot: LotRef, when: When, *, extra: Extra | None = None) -> JsonTree:
    """The lot is called back, wherever it is."""
    return _persistent(party, lot, when, {"set": ["recalled"]}, extra)


def release(party: PartyId, lot: LotRef, when: When, *, extra: Extra | None = None) -> JsonTree:
    """A recall is taken back by whoever issued it."""
    return _persistent(party, lot, when, {"unset": ["recalled"]}, extra)


def statement(
    party: PartyId,
    biz_step: str,
    lots: Sequence[LotRef],
    when: When,
    where: Spot,
    *,
    disposition: str = "in_progress",
    extra: Extra | None = None,
) -> JsonTree:
    """Something seen or done that moves nothing: inspection, cooling, loading, transport, a sensor's reading."""
    event = bare_event("ObjectEvent", party, when, biz_step, disposition, where, extra)
    event["action"] = "OBSERVE"
    event["quantityList"] = [{"epcClass": lot_uri(lot)} for lot in lots]
    return event


def _persistent(
    party: PartyId, lot: LotRef, when: When, disposition: dict[str, list[str]], extra: Extra | None
) -> JsonTree:
    event = bare_event("ObjectEvent", party, when, "holding", "in_progress", None, extra)
    event["action"] = "OBSERVE"
    event["quantityList"] = [{"epcClass": lot_uri(lot)}]
    event["persistentDisposition"] = disposition
    return event
