"""
Builders of handoffs: ship, receive, reject, notice, void, settle; sale and disposal, which end custody.

What is still under way, or missing, is read from the local projection; a grams' sum that does not fit is refused here,
with the grams that are left over, before the ledger's own rules see it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.domain import event_forms
from ledger.domain.custody_state import Consignment
from ledger.domain.errors import NotFound, Refused
from ledger.domain.event_forms import Amount, Arrival, Settled, When
from ledger.domain.identifiers import LotRef, PartyId, consignment_id
from ledger.domain.records import JsonTree
from ledger.domain.sensors.legs import leg_line
from ledger.ports import EventStore
from ledger.services.builders.common import Params, existing, known_lot, reference_of
from ledger.services.lot_text import lot_of_text, party_of_text, spot_of_text


def ship(store: EventStore, party: PartyId, when: When, params: Params) -> JsonTree:
    manifest = existing(store, params["manifest"])
    receiver = party_of_text(params["to"])
    reference = reference_of(party, params["reference"])
    return event_forms.shipping(party, receiver, reference, manifest, when, spot_of_text(params["where"], party))


def receive(store: EventStore, party: PartyId, when: When, params: Params) -> JsonTree:
    sent = _sent(store, params)
    where = spot_of_text(params["where"], party)
    short, refused = _grams(store, params.get("short")), _grams(store, params.get("refuse"))
    to_come, over = _grams(store, params.get("to_come")), existing(store, params.get("over") or [])
    extra = _leg(store, sent)
    if not (short or refused or to_come or over):
        return event_forms.receiving(party, sent.shipper, sent.reference, sent.lines, when, where, extra=extra)
    _require_named(sent, (*short, *refused, *to_come))
    if bool(refused) != bool(params.get("return_reference")):
        message = "what is refused goes back under a reference of the receiver's, and only that: --refuse, --return-ref"
        raise Refused.one("lines", "ReturnReference", f"{sum(refused.values())} g refused", message)
    arrivals = []
    for line in sent.lines:
        other = short.get(line.lot, 0) + refused.get(line.lot, 0) + to_come.get(line.lot, 0)
        if other > line.grams:
            raise Refused.one(
                "lines", "LineUnbalanced", f"{line.lot}: {line.grams} g are under way, {other} g are stated",
                "more is stated of the lot than is under way",
            )  # fmt: skip
        arrivals.append(
            Arrival(
                line.lot, line.grams - other, refused.get(line.lot, 0), to_come.get(line.lot, 0), short.get(line.lot, 0)
            )
        )
    return_ref = reference_of(party, params["return_reference"]) if params.get("return_reference") else ""
    return event_forms.partial_receipt(
        party, sent.shipper, sent.reference, arrivals, when, where, return_ref=return_ref, over=over, extra=extra
    )


def _leg(store: EventStore, sent: _Sent) -> JsonTree | None:
    """What the receipt commits to of the temperatures recorded on the way; None where nobody recorded any."""
    lots = [line.lot for line in sent.lines]
    lines = [leg_line(lot, sent.shipper, sent.reference, store.events_of_lot(lot.id)) for lot in lots]
    found = [line for line in lines if line is not None]
    return {"silkroot:leg": found} if found else None


def reject(store: EventStore, party: PartyId, when: When, params: Params) -> JsonTree:
    sent = _sent(store, params)
    return event_forms.partial_receipt(
        party, sent.shipper, sent.reference, [Arrival(line.lot, refused=line.grams) for line in sent.lines], when,
        spot_of_text(params["where"], party), return_ref=reference_of(party, params["return_reference"]),
        extra={"silkroot:reason": params["reason"]},
    )  # fmt: skip


def notice(store: EventStore, party: PartyId, when: When, params: Params) -> JsonTree:
    sent = _sent(store, params)
    lots = [line.lot for line in sent.lines]
    about = "write-off" if sent.known.state.in_dispute else "void"
    return event_forms.notice(
        party,
        sent.shipper,
        sent.known.receiver,
        sent.reference,
        lots,
        when,
        about="void" if about == "void" else "write-off",
    )


def void(store: EventStore, party: PartyId, when: When, params: Params) -> JsonTree:
    sent = _sent(store, {**params, "shipper": params["party"]})
    return event_forms.void(
        party, sent.known.receiver, sent.reference, sent.lines, when, agreed=not params["alone"]
    )  # fmt: skip


def settle(store: EventStore, party: PartyId, when: When, params: Params) -> JsonTree:
    sent = _sent(store, params)
    loss, weight_loss = _grams(store, params["loss"]), _grams(store, params["weight_loss"])
    returned, received = _grams(store, params["returned"]), _grams(store, params["received"])
    if params["alone"]:
        lines = [Settled(line.lot, loss=line.grams) for line in sent.lines]
    else:
        _require_named(sent, (*loss, *weight_loss, *returned, *received))
        lines = [
            Settled(
                line.lot, loss.get(line.lot, 0), weight_loss.get(line.lot, 0), returned.get(line.lot, 0),
                received.get(line.lot, 0),
            )
            for line in sent.lines
        ]  # fmt: skip
        if sent.known.state.in_dispute:
            _require_settled(sent, lines)
    return event_forms.settlement(
        party, sent.shipper, sent.known.receiver, sent.reference, lines, when, alone=params["alone"]
    )


def sell(store: EventStore, party: PartyId, when: When, params: Params) -> JsonTree:
    return event_forms.sale(party, existing(store, [params]), when, spot_of_text(params["where"], party))


def dispose(store: EventStore, party: PartyId, when: When, params: Params) -> JsonTree:
    return event_forms.disposal(party, existing(store, [params]), when, spot_of_text(params["where"], party))


@dataclass(frozen=True, slots=True)
class _Sent:
    """A consignment with its names; `lines`: what of it is still under way, or missing."""

    shipper: PartyId
    reference: str
    known: Consignment
    lines: list[Amount]


def _sent(store: EventStore, params: Params) -> _Sent:
    shipper = party_of_text(params["shipper"])
    reference = reference_of(shipper, params["reference"])
    with store.rehearsing() as transaction:
        known = transaction.projection.consignment(consignment_id(shipper, reference))
    if known is None:
        raise NotFound(f"party {shipper:013d} has shipped nothing under {reference}")
    return _Sent(
        shipper, reference, known, [Amount(known_lot(store, line.lot), line.grams) for line in known.open_lines]
    )


def _grams(store: EventStore, rows: list[Params] | None) -> dict[LotRef, int]:
    """Grams by lot; a lot that is named twice counts twice."""
    found: dict[LotRef, int] = {}
    for row in rows or []:
        lot = lot_of_text(store, row["lot"])
        found[lot] = found.get(lot, 0) + row["grams"]
    return found


def _require_named(sent: _Sent, lots: tuple[LotRef, ...]) -> None:
    there = {line.lot for line in sent.lines}
    for lot in lots:
        if lot not in there:
            raise Refused.one("lines", "LotsDiffer", str(lot), "this lot is not open in the consignment")


def _require_settled(sent: _Sent, lines: list[Settled]) -> None:
    for missing, line in zip(sent.lines, lines, strict=True):
        left = missing.grams - line.missing
        if left:
            message = (
                f"say what became of the other {left} g: --loss, --weight-loss, --returned or --received"
                if left > 0
                else f"{-left} g too many are stated"
            )
            value = f"{missing.lot}: {missing.grams} g are missing, {line.missing} g are stated"
            raise Refused.one("lines", "LineUnbalanced", value, message)
