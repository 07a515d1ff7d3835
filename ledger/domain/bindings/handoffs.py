"""
Handoffs: shipment, full and partial receipt, settlement, notice, void; no I/O.

In a partial receipt and a settlement the grams stand in a member of ours, and the quantity list says the same; where
the two disagree the event is refused, so that no reader of plain EPCIS sees other grams than those that were signed.
"""

from __future__ import annotations

from collections.abc import Mapping

from ledger.domain.actions import (
    Line,
    Notice,
    PartialReceipt,
    Receipt,
    ReceiptLine,
    SettledLine,
    Settlement,
    Shipment,
    Void,
)
from ledger.domain.bindings.checks import Own, require_action, require_disposition, require_lots, require_same
from ledger.domain.bindings.makings import lines
from ledger.domain.errors import InvalidEvent, InvalidInput, Refused, Violation
from ledger.domain.event_reading import (
    consignment_reference,
    elements_of,
    lot_at,
    portions_of,
    possessing_party,
    return_reference,
)
from ledger.domain.identifiers import ConsignmentId, ContentHash, LotId, PartyId, consignment_id
from ledger.domain.own_values import OwnLine, lines_in, word_at
from ledger.domain.quantities import grams
from ledger.domain.records import JsonTree
from ledger.domain.typed_data import manifest_hash

ARRIVED = ("accepted", "refused", "toCome", "short")
SETTLED = ("loss", "weightLoss", "returned", "received")
NOBODY = PartyId(0)


def shipment(event: JsonTree, party: PartyId, content: ContentHash, deadline: int) -> Shipment:
    """The sender's side."""
    require_action(event, "OBSERVE")
    require_disposition(event, "in_transit")
    _, _, receiver = _sides(event, shipper_acts=party, message="the shipper signs the shipment")
    manifest = lines(portions_of(event, "quantityList"))
    return Shipment(party, receiver, consignment_reference(event), manifest, content, deadline)


def receipt(event: JsonTree, own: Own, party: PartyId, content: ContentHash, deadline: int) -> Receipt:
    """The receiver's side, in full."""
    _check_over(own)
    consignment = _received(event, party)
    manifest = lines(portions_of(event, "quantityList"))
    return Receipt(party, consignment, manifest_hash(manifest), content, deadline)


def partial_receipt(event: JsonTree, own: Own, party: PartyId, content: ContentHash, deadline: int) -> PartialReceipt:
    """The receiver's side, lot by lot."""
    _check_over(own)
    consignment = _received(event, party)
    rows = lines_in(*own["receipt"], ARRIVED)
    _check_quantities(event, own["receipt"][0], {row.lot: row.grams[0] + row.grams[1] for row in rows})
    return_ref = return_reference(event, needed=any(row.grams[1] for row in rows))
    stated = tuple(ReceiptLine(row.lot, *row.grams[:3]) for row in _ascending(rows))
    return PartialReceipt(party, consignment, manifest_hash(totals(rows)), stated, return_ref, content, deadline)


def settlement(event: JsonTree, own: Own, party: PartyId, content: ContentHash, deadline: int) -> Settlement:
    """What is missing, settled by both sides or by one alone."""
    require_action(event, "OBSERVE")
    consignment, shipper, receiver = _sides(event)
    other = _other_side(party, shipper, receiver)
    rows = lines_in(*own["settlement"], SETTLED)
    _check_quantities(event, own["settlement"][0], {row.lot: row.total for row in rows})
    if "alone" in own:
        pointer, alone = own["alone"]
        if alone is not True:
            raise InvalidEvent.one(pointer, "silkroot.member", alone, "true, or no such member")
        other = NOBODY
    settled = tuple(SettledLine(row.lot, *row.grams) for row in _ascending(rows))
    return Settlement(party, other, consignment, manifest_hash(totals(rows)), settled, content, deadline)


def notice(event: JsonTree, own: Own, party: PartyId, content: ContentHash, deadline: int) -> Notice:
    """Notice of a void, by the shipper, or of a write-off, by either side."""
    require_action(event, "OBSERVE")
    require_lots(event)
    if word_at(*own["notice"], "void", "write-off") == "void":
        consignment, _, _ = _sides(event, shipper_acts=party, message="the shipper gives notice of a void")
    else:
        consignment, shipper, receiver = _sides(event)
        _other_side(party, shipper, receiver)
    return Notice(party, consignment, content, deadline)


def void(event: JsonTree, own: Own, party: PartyId, content: ContentHash, deadline: int) -> Void:
    """What is still under way goes back to the shipper."""
    require_action(event, "OBSERVE")
    require_lots(event)
    agreed = word_at(*own["void"], "agreed", "after-notice") == "agreed"
    consignment, _, receiver = _sides(event, shipper_acts=party, message="the shipper signs the void")
    manifest = lines(portions_of(event, "quantityList"))
    return Void(party, receiver if agreed else NOBODY, consignment, manifest_hash(manifest), content, deadline)


def totals(rows: tuple[OwnLine, ...]) -> tuple[Line, ...]:
    """All grams of each line, ascending by lot id: what was open before the event."""
    return tuple(Line(row.lot, row.total) for row in _ascending(rows))


def _ascending(rows: tuple[OwnLine, ...]) -> list[OwnLine]:
    return sorted(rows, key=lambda row: row.lot)


def _received(event: JsonTree, party: PartyId) -> ConsignmentId:
    require_action(event, "OBSERVE")
    _, shipper = possessing_party(event, "sourceList", "source")
    pointer, receiver = possessing_party(event, "destinationList", "destination")
    require_same(pointer, "handoff.receiver", receiver, party, "the receiver signs the receipt")
    return consignment_id(shipper, consignment_reference(event))


def _sides(
    event: JsonTree, *, shipper_acts: PartyId | None = None, message: str = ""
) -> tuple[ConsignmentId, PartyId, PartyId]:
    """The consignment, its shipper and its receiver; `shipper_acts`: the party that has to be the shipper."""
    pointer, shipper = possessing_party(event, "sourceList", "source")
    if shipper_acts is not None:
        require_same(pointer, "handoff.shipper", shipper, shipper_acts, message)
    _, receiver = possessing_party(event, "destinationList", "destination")
    return consignment_id(shipper, consignment_reference(event)), shipper, receiver


def _other_side(party: PartyId, shipper: PartyId, receiver: PartyId) -> PartyId:
    if party not in (shipper, receiver):
        message = f"shipper {shipper:013d} or receiver {receiver:013d} acts"
        raise Refused([Violation("/sourceList", "handoff.side", f"{party:013d}", message)])
    return receiver if party == shipper else shipper


def _check_over(own: Own) -> None:
    """What arrived over the manifest is only told, but told in full."""
    if "over" in own:
        lines_in(*own["over"], ["grams"])


def _check_quantities(event: JsonTree, pointer: str, expected: Mapping[LotId, int]) -> None:
    """The quantity list names the same lots as our member: with those grams, or by name alone where they are none."""
    found: set[LotId] = set()
    for where, element in elements_of(event, "quantityList"):
        uri = element.get("epcClass")
        ref = lot_at(f"{where}/epcClass", uri)
        if ref is None or ref.id not in expected:
            raise InvalidEvent.one(f"{where}/epcClass", "line.differs", uri, f"{pointer} has no such lot")
        if ref.id in found:
            raise InvalidEvent.one(f"{where}/epcClass", "line.twice", uri, "the lot stands there already")
        found.add(ref.id)
        needed = expected[ref.id]
        if needed or "quantity" in element:
            try:
                stated = grams(element.get("quantity"), element.get("uom"), where)
            except InvalidInput as error:
                raise InvalidEvent(error.violations) from None
            if stated != needed:
                raise InvalidEvent.one(f"{where}/quantity", "line.sum", f"{stated} g", f"{pointer} makes it {needed} g")
    if len(found) != len(expected):
        message = f"{pointer} names {len(expected)} lots"
        raise InvalidEvent.one("/quantityList", "line.differs", f"{len(found)} lots", message)
