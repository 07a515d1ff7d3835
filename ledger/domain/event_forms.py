"""
Builds the EPCIS 2.0 events that the ledger understands, from plain values; no I/O.

The forms are those of docs/events.md: one per critical tracking event. What is built here is what `binding.action_of`
reads back; a property test holds the two together. Masses are net grams and are written as kilograms (uom KGM).
Times are ISO 8601 with an offset. Extra members (FSMA 204 details, say) go in as `extra`, with prefixed names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ledger.domain.digital_link import lot_uri, party_uri, place_uri
from ledger.domain.errors import InvalidEvent
from ledger.domain.identifiers import Grams, LotRef, PartyId
from ledger.domain.records import JsonTree

STANDARD_CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
SILKROOT_NAMESPACE = "https://silkroot.example/epcis/"


@dataclass(frozen=True, slots=True)
class Amount:
    """Grams of a lot, with the count of cases that they make, where one was stated."""

    lot: LotRef
    grams: Grams
    cases: int | None = None


@dataclass(frozen=True, slots=True)
class When:
    """When something happened: ISO 8601 with offset, e.g. 2026-08-05T09:30:00+08:00."""

    time: str

    @property
    def offset(self) -> str:
        """The zone offset as EPCIS wants it: +08:00."""
        if self.time.endswith("Z"):
            return "+00:00"
        offset = self.time[-6:]
        if len(offset) != 6 or offset[0] not in "+-" or offset[3] != ":":
            raise InvalidEvent.one("/eventTime", "epcis.time", self.time, "a time needs its zone offset")
        return offset


@dataclass(frozen=True, slots=True)
class Spot:
    """A place: GLN (AI 414) with an optional extension (AI 254)."""

    gln: int
    extension: str = ""

    @property
    def uri(self) -> str:
        """Its GS1 Digital Link."""
        return place_uri(self.gln, self.extension)


@dataclass(frozen=True, slots=True)
class RosterLine:
    """One grower's delivery in an intake; the grower is a roster code, never a name."""

    roster: str
    village: str
    grams: Grams
    ticket: str


Extra = Mapping[str, Any]


def harvest(
    party: PartyId, amount: Amount, when: When, plot: Spot, *, ilmd: Extra | None = None, extra: Extra | None = None
) -> JsonTree:
    """A lot comes into being on a plot."""
    event = _object_event(party, when, "ADD", "commissioning", "active", [amount], read_point=plot, extra=extra)
    if ilmd:
        event["ilmd"] = dict(ilmd)
    return event


def intake(
    party: PartyId, amount: Amount, when: When, where: Spot, roster: Sequence[RosterLine], *, extra: Extra | None = None
) -> JsonTree:
    """A lot comes into being from many growers' deliveries; the sheet must add up to the lot."""
    event = _object_event(party, when, "ADD", "commissioning", "active", [amount], read_point=where, extra=extra)
    event["silkroot:intake"] = [
        {"roster": line.roster, "village": line.village, "grams": line.grams, "ticket": line.ticket} for line in roster
    ]
    return event


def transformation(
    party: PartyId,
    inputs: Sequence[Amount],
    outputs: Sequence[Amount],
    when: When,
    where: Spot,
    *,
    biz_step: str = "packing",
    ilmd: Extra | None = None,
    extra: Extra | None = None,
) -> JsonTree:
    """Lots in, new lots out: packing, repacking, splitting, merging."""
    event = _event("TransformationEvent", party, when, biz_step, "active", where, extra)
    event["inputQuantityList"] = [quantity(amount) for amount in inputs]
    event["outputQuantityList"] = [quantity(amount) for amount in outputs]
    if ilmd:
        event["ilmd"] = dict(ilmd)
    _add_cases(event, [*inputs, *outputs])
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
    event = _object_event(shipper, when, "OBSERVE", "shipping", "in_transit", manifest, read_point=where, extra=extra)
    return _between(event, shipper, receiver, reference, transaction_type)


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
    event = _object_event(
        receiver, when, "OBSERVE", "receiving", "in_progress", manifest, read_point=where, extra=extra
    )
    return _between(event, shipper, receiver, reference, transaction_type)


def sale(party: PartyId, amounts: Sequence[Amount], when: When, where: Spot, *, extra: Extra | None = None) -> JsonTree:
    """Grams are sold to somebody outside the ledger."""
    return _object_event(
        party, when, "OBSERVE", "retail_selling", "retail_sold", amounts, read_point=where, extra=extra
    )


def disposal(
    party: PartyId, amounts: Sequence[Amount], when: When, where: Spot, *, extra: Extra | None = None
) -> JsonTree:
    """Grams are destroyed."""
    return _object_event(party, when, "DELETE", "destroying", "destroyed", amounts, read_point=where, extra=extra)


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
    event = _event("ObjectEvent", party, when, biz_step, disposition, where, extra)
    event["action"] = "OBSERVE"
    event["quantityList"] = [{"epcClass": lot_uri(lot)} for lot in lots]
    return event


def transaction_urn(party: PartyId, number: str) -> str:
    """A consignment reference from the shipper's own document number: `urn:epcglobal:cbv:bt:{gln}:{number}`."""
    return f"urn:epcglobal:cbv:bt:{party:013d}:{number}"


def quantity(amount: Amount) -> JsonTree:
    """An element of a quantity list: the lot and its mass in kilograms."""
    kilograms = Decimal(amount.grams) / 1000
    whole = kilograms == kilograms.to_integral_value()
    return {
        "epcClass": lot_uri(amount.lot),
        "quantity": int(kilograms) if whole else float(kilograms),
        "uom": "KGM",
    }


def _event(
    kind: str, party: PartyId, when: When, biz_step: str, disposition: str, where: Spot | None, extra: Extra | None
) -> JsonTree:
    event: JsonTree = {
        "@context": [STANDARD_CONTEXT, {"silkroot": SILKROOT_NAMESPACE}],
        "type": kind,
        "eventTime": when.time,
        "eventTimeZoneOffset": when.offset,
        "bizStep": biz_step,
        "disposition": disposition,
        "silkroot:party": f"{party:013d}",
    }
    if where is not None:
        event["readPoint"] = {"id": where.uri}
    event.update(extra or {})
    return event


def _object_event(
    party: PartyId,
    when: When,
    action: str,
    biz_step: str,
    disposition: str,
    amounts: Sequence[Amount],
    *,
    read_point: Spot,
    extra: Extra | None,
) -> JsonTree:
    event = _event("ObjectEvent", party, when, biz_step, disposition, read_point, extra)
    event["action"] = action
    event["quantityList"] = [quantity(amount) for amount in amounts]
    _add_cases(event, amounts)
    return event


def _between(event: JsonTree, shipper: PartyId, receiver: PartyId, reference: str, transaction_type: str) -> JsonTree:
    event["sourceList"] = [{"type": "possessing_party", "source": party_uri(shipper)}]
    event["destinationList"] = [{"type": "possessing_party", "destination": party_uri(receiver)}]
    event["bizTransactionList"] = [{"type": transaction_type, "bizTransaction": reference}]
    return event


def _persistent(
    party: PartyId, lot: LotRef, when: When, disposition: dict[str, list[str]], extra: Extra | None
) -> JsonTree:
    event = _event("ObjectEvent", party, when, "holding", "in_progress", None, extra)
    event["action"] = "OBSERVE"
    event["quantityList"] = [{"epcClass": lot_uri(lot)}]
    event["persistentDisposition"] = disposition
    return event


def _add_cases(event: JsonTree, amounts: Sequence[Amount]) -> None:
    cases = [{"epcClass": lot_uri(a.lot), "count": a.cases} for a in amounts if a.cases is not None]
    if cases:
        event["silkroot:cases"] = cases
