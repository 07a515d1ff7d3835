"""
The events of a handoff that does not go as planned: partial receipt, settlement, notice, void; no I/O.

All of them name shipper, receiver and the consignment's reference as the shipment does. Their grams stand in members
of ours, lot by lot, because EPCIS has no words for them; the quantity list says the same for readers of plain EPCIS.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ledger.domain.digital_link import lot_uri
from ledger.domain.forms.base import Amount, Extra, Spot, When, between, object_event, quantity
from ledger.domain.identifiers import Grams, LotRef, PartyId
from ledger.domain.records import JsonTree


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of the grams of a lot that were still under way: together exactly those."""

    lot: LotRef
    accepted: int = 0
    refused: int = 0
    to_come: int = 0
    short: int = 0


@dataclass(frozen=True, slots=True)
class Settled:
    """What the two sides make of the missing grams of a lot: together exactly those."""

    lot: LotRef
    loss: int = 0
    weight_loss: int = 0
    returned: int = 0
    received: int = 0

    @property
    def missing(self) -> int:
        """All of them."""
        return self.loss + self.weight_loss + self.returned + self.received


def partial_receipt(
    receiver: PartyId,
    shipper: PartyId,
    reference: str,
    arrivals: Sequence[Arrival],
    when: When,
    where: Spot,
    *,
    return_ref: str = "",
    over: Sequence[Amount] = (),
    transaction_type: str = "desadv",
    extra: Extra | None = None,
) -> JsonTree:
    """
    What became of every lot still under way; everything refused is a rejection.

    `return_ref`: the receiver's own reference for what goes back, needed where something is refused and only there.
    `over`: what arrived beyond the manifest; it is recorded and moves nothing.
    """
    differs = any(line.short for line in arrivals) or bool(over)
    event = object_event(
        receiver, when, "OBSERVE", "receiving", "mismatch_quantity" if differs else "in_progress", (),
        read_point=where, extra=extra,
    )  # fmt: skip
    event["quantityList"] = _quantities((line.lot, line.accepted + line.refused) for line in arrivals)
    event["silkroot:receipt"] = [
        {
            "epcClass": lot_uri(line.lot),
            "accepted": line.accepted,
            "refused": line.refused,
            "toCome": line.to_come,
            "short": line.short,
        }
        for line in arrivals
    ]
    if over:
        event["silkroot:over"] = [{"epcClass": lot_uri(amount.lot), "grams": amount.grams} for amount in over]
    between(event, shipper, receiver, reference, transaction_type)
    if return_ref:
        event["bizTransactionList"].append({"type": "rma", "bizTransaction": return_ref})
    return event


def settlement(
    party: PartyId,
    shipper: PartyId,
    receiver: PartyId,
    reference: str,
    lines: Sequence[Settled],
    when: When,
    where: Spot | None = None,
    *,
    alone: bool = False,
    transaction_type: str = "desadv",
    extra: Extra | None = None,
) -> JsonTree:
    """What is missing of a consignment is settled: by both sides, or by `party` alone, as loss, after its notice."""
    event = object_event(
        party, when, "OBSERVE", "accepting", "mismatch_quantity", (), read_point=where, extra=extra
    )  # fmt: skip
    event["quantityList"] = _quantities((line.lot, line.missing) for line in lines)
    event["silkroot:settlement"] = [
        {
            "epcClass": lot_uri(line.lot),
            "loss": line.loss,
            "weightLoss": line.weight_loss,
            "returned": line.returned,
            "received": line.received,
        }
        for line in lines
    ]
    if alone:
        event["silkroot:alone"] = True
    return between(event, shipper, receiver, reference, transaction_type)


def notice(
    party: PartyId,
    shipper: PartyId,
    receiver: PartyId,
    reference: str,
    lots: Sequence[LotRef],
    when: When,
    where: Spot | None = None,
    *,
    about: Literal["void", "write-off"] = "void",
    transaction_type: str = "desadv",
    extra: Extra | None = None,
) -> JsonTree:
    """
    Public notice that the shipper will void the consignment, or that a side will write its variance off. `lots`: those
    of the consignment.
    """
    event = object_event(party, when, "OBSERVE", "void_shipping", "in_progress", (), read_point=where, extra=extra)
    event["quantityList"] = [{"epcClass": lot_uri(lot)} for lot in lots]
    event["silkroot:notice"] = about
    return between(event, shipper, receiver, reference, transaction_type)


def void(
    shipper: PartyId,
    receiver: PartyId,
    reference: str,
    manifest: Sequence[Amount],
    when: When,
    where: Spot | None = None,
    *,
    agreed: bool,
    transaction_type: str = "desadv",
    extra: Extra | None = None,
) -> JsonTree:
    """What is still under way (`manifest`) goes back to the shipper: `agreed` with the receiver, or after a notice."""
    event = object_event(
        shipper, when, "OBSERVE", "void_shipping", "in_progress", manifest, read_point=where, extra=extra
    )
    event["silkroot:void"] = "agreed" if agreed else "after-notice"
    return between(event, shipper, receiver, reference, transaction_type)


def _quantities(masses: Iterable[tuple[LotRef, int]]) -> list[dict[str, Any]]:
    """A quantity list; of a lot of which nothing is there it gives the name alone."""
    return [quantity(Amount(lot, Grams(mass))) if mass else {"epcClass": lot_uri(lot)} for lot, mass in masses]
