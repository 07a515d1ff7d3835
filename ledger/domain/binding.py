"""
Binds events to signatures: the one EIP-712 struct that an EPCIS event implies; pure and total, no I/O.

Capture signs `action_of(event)` and verification derives it again, so that nobody signs one thing and shows another.
The forms are those of docs/events.md. An event that moves nothing, and every error declaration, is a `Statement`. One
that looks like a move (a business step that moves, with lots in a quantity list) but is not a complete one is refused:
it must not pass for a statement, because then a page would show a shipment that the ledger never counted.

Raises `InvalidEvent` (the event does not have the form) or `Refused` (another party would have to act), each with JSON
pointer, rule and value.
"""

from __future__ import annotations

from typing import Any

from ledger.domain.actions import (
    Action,
    Disposal,
    Harvest,
    Intake,
    Line,
    Output,
    Recall,
    Receipt,
    Release,
    Sale,
    Shipment,
    Statement,
    Transformation,
)
from ledger.domain.content_hash import content_hash
from ledger.domain.digital_link import place_of_uri
from ledger.domain.errors import InvalidEvent, InvalidInput, Refused, Violation
from ledger.domain.event_reading import (
    Portion,
    acting_party,
    cbv_word,
    consignment_reference,
    elements_of,
    lots_of,
    portions_of,
    possessing_party,
)
from ledger.domain.identifiers import NO_PLOT, ContentHash, LotRef, PartyId, PlotId, consignment_id, plot_id
from ledger.domain.own_members import own_member
from ledger.domain.records import JsonTree
from ledger.domain.typed_data import manifest_hash

__all__ = ["acting_party", "action_of", "lines_of", "lots_of"]

ERROR_DECLARATION = "errorDeclaration"
TRANSFORMING_STEPS = ("commissioning", "packing", "repackaging")
MOVING_STEPS = ("commissioning", "shipping", "receiving", "retail_selling", "destroying")
_INTAKE_MEMBERS = {"roster", "village", "grams", "ticket"}


def action_of(event: JsonTree, deadline: int) -> Action:
    """The action that the event implies, to be signed until `deadline` (Unix seconds)."""
    party = acting_party(event)
    content = content_hash(event)
    if ERROR_DECLARATION in event:
        return _statement(event, ERROR_DECLARATION, party, content, deadline)
    moving = _moving_step(event)
    recall = _recall_of(event)
    if moving and recall:
        raise InvalidEvent.one(
            "/bizStep", "form.two-actions", event.get("bizStep"), f"a {moving} event does not {recall} a lot as well"
        )
    if own_member(event, "intake") and moving != "commissioning":
        raise InvalidEvent.one("/bizStep", "form.intake", event.get("bizStep"), "an intake is a commissioning of a lot")
    if event.get("type") != "ObjectEvent":
        recall = ""
    match moving or recall:
        case "commissioning":
            return _birth(event, party, content, deadline)
        case "transformation":
            return _transformation(event, party, content, deadline)
        case "shipping":
            return _shipment(event, party, content, deadline)
        case "receiving":
            return _receipt(event, party, content, deadline)
        case "retail_selling":
            _require_leaving(event, "retail_sold")
            return Sale(party, lines_of(event), content, deadline)
        case "destroying":
            _require_leaving(event, "destroyed")
            return Disposal(party, lines_of(event), content, deadline)
        case "recall":
            return Recall(party, _one_lot(event).id, content, deadline)
        case "release":
            return Release(party, _one_lot(event).id, content, deadline)
    step = cbv_word(event.get("bizStep")) or cbv_word(event.get("type"))
    return _statement(event, step, party, content, deadline)


def lines_of(event: JsonTree) -> tuple[Line, ...]:
    """
    What the event moves, in ascending order of lot id: its quantity list, or a transformation's inputs.

    For a receipt this is the manifest that goes with its entry.
    """
    member = "inputQuantityList" if event.get("type") == "TransformationEvent" else "quantityList"
    return _lines(portions_of(event, member))


def _moving_step(event: JsonTree) -> str:
    """Which form of move the event has to have; "" where it moves nothing."""
    match event.get("type"):
        case "ObjectEvent":
            step = cbv_word(event.get("bizStep"))
            return step if step in MOVING_STEPS and elements_of(event, "quantityList") else ""
        case "TransformationEvent":
            lots = elements_of(event, "inputQuantityList") or elements_of(event, "outputQuantityList")
            return "transformation" if lots else ""
    return ""


def _recall_of(event: JsonTree) -> str:
    """ "recall", "release" or ""."""
    persistent = event.get("persistentDisposition", {})
    if not isinstance(persistent, dict):
        raise InvalidEvent.one("/persistentDisposition", "epcis.object", persistent, "not an object")
    recalls = cbv_word(event.get("disposition")) == "recalled" or _holds_recalled(persistent, "set")
    releases = _holds_recalled(persistent, "unset")
    if recalls and releases:
        raise InvalidEvent.one(
            "/persistentDisposition", "form.two-actions", persistent, "an event recalls or releases, not both"
        )
    return "recall" if recalls else "release" if releases else ""


def _holds_recalled(persistent: dict[str, Any], member: str) -> bool:
    words = persistent.get(member, [])
    if not isinstance(words, list):
        raise InvalidEvent.one(f"/persistentDisposition/{member}", "epcis.list", words, "not a list")
    return any(cbv_word(word) == "recalled" for word in words)


def _birth(event: JsonTree, party: PartyId, content: ContentHash, deadline: int) -> Harvest | Intake:
    _require_action(event, ("ADD",))
    portions = portions_of(event, "quantityList")
    if len(portions) != 1:
        raise InvalidEvent.one("/quantityList", "birth.one-lot", f"{len(portions)} lots", "one lot is born at a time")
    (born,) = portions
    roster = own_member(event, "intake")
    if roster is None:
        plot = _plot_of(event)
        return Harvest(party, born.ref.product, born.ref.code, plot, born.grams, content, deadline)
    _check_roster(*roster, born)
    return Intake(party, born.ref.product, born.ref.code, born.grams, content, deadline)


def _plot_of(event: JsonTree) -> PlotId:
    """The plot that the read point names by GLN and extension; `NO_PLOT` where it names none."""
    read_point = event.get("readPoint")
    if read_point is None:
        return NO_PLOT
    uri = read_point.get("id") if isinstance(read_point, dict) else None
    if not isinstance(uri, str):
        raise InvalidEvent.one("/readPoint/id", "epcis.uri", read_point, "a read point has an id")
    try:
        place = place_of_uri(uri)
    except InvalidInput as error:
        raise InvalidEvent.one("/readPoint/id", error.violations[0].rule, uri, error.violations[0].message) from None
    return plot_id(PartyId(place[0]), place[1]) if place and place[1] else NO_PLOT


def _check_roster(pointer: str, roster: object, born: Portion) -> None:
    """An intake's sheet: who delivered (a roster code), from which village, how many grams, on which ticket."""
    if not isinstance(roster, list) or not roster:
        raise InvalidEvent.one(pointer, "intake.roster", roster, "an intake lists at least one delivery")
    total = 0
    for index, row in enumerate(roster):
        where = f"{pointer}/{index}"
        if not isinstance(row, dict) or not row.keys() >= _INTAKE_MEMBERS:
            raise InvalidEvent.one(where, "intake.row", row, "a delivery has roster, village, grams and ticket")
        for member in ("roster", "village", "ticket"):
            if not isinstance(row[member], str):
                raise InvalidEvent.one(f"{where}/{member}", "intake.text", row[member], "not a text")
        if not row["roster"]:
            raise InvalidEvent.one(f"{where}/roster", "intake.text", "", "a grower has a roster code")
        if type(row["grams"]) is not int or row["grams"] <= 0:
            raise InvalidEvent.one(f"{where}/grams", "intake.grams", row["grams"], "not a positive whole number")
        total += row["grams"]
    if total != born.grams:
        raise InvalidEvent.one(
            pointer, "intake.sum", f"{total} g", f"the deliveries do not add up to the lot's {born.grams} g"
        )


def _transformation(event: JsonTree, party: PartyId, content: ContentHash, deadline: int) -> Transformation:
    step = cbv_word(event.get("bizStep"))
    if step not in TRANSFORMING_STEPS:
        raise InvalidEvent.one(
            "/bizStep", "form.biz-step", event.get("bizStep"), f"lots are made by {', '.join(TRANSFORMING_STEPS)}"
        )
    inputs, outputs = portions_of(event, "inputQuantityList"), portions_of(event, "outputQuantityList")
    for member, portions in (("inputQuantityList", inputs), ("outputQuantityList", outputs)):
        if not portions:
            raise InvalidEvent.one(f"/{member}", "form.both-lists", "0 lots", "lots go in and lots come out")
    made = tuple(Output(portion.ref.product, portion.ref.code, portion.grams) for portion in outputs)
    return Transformation(party, _lines(inputs), made, content, deadline)


def _shipment(event: JsonTree, party: PartyId, content: ContentHash, deadline: int) -> Shipment:
    _require_action(event, ("OBSERVE",))
    _require_disposition(event, "in_transit")
    pointer, shipper = possessing_party(event, "sourceList", "source")
    _require_same(pointer, "handoff.shipper", shipper, party, "the shipper signs the shipment")
    _, receiver = possessing_party(event, "destinationList", "destination")
    return Shipment(party, receiver, consignment_reference(event), lines_of(event), content, deadline)


def _receipt(event: JsonTree, party: PartyId, content: ContentHash, deadline: int) -> Receipt:
    _require_action(event, ("OBSERVE",))
    _, shipper = possessing_party(event, "sourceList", "source")
    pointer, receiver = possessing_party(event, "destinationList", "destination")
    _require_same(pointer, "handoff.receiver", receiver, party, "the receiver signs the receipt")
    consignment = consignment_id(shipper, consignment_reference(event))
    return Receipt(party, consignment, manifest_hash(lines_of(event)), content, deadline)


def _statement(event: JsonTree, step: str, party: PartyId, content: ContentHash, deadline: int) -> Statement:
    return Statement(party, step, tuple(ref.id for ref in lots_of(event)), content, deadline)


def _one_lot(event: JsonTree) -> LotRef:
    lots = lots_of(event)
    if len(lots) != 1 or len(elements_of(event, "quantityList")) != 1:
        raise InvalidEvent.one(
            "/quantityList", "form.recall-one-lot", f"{len(lots)} lots", "a recall or a release names exactly one lot"
        )
    return lots[0]


def _lines(portions: tuple[Portion, ...]) -> tuple[Line, ...]:
    return tuple(Line(portion.lot, portion.grams) for portion in sorted(portions, key=lambda portion: portion.lot))


def _require_action(event: JsonTree, allowed: tuple[str, ...]) -> None:
    if event.get("action") not in allowed:
        message = f"{event.get('bizStep')} of a lot has the action {' or '.join(allowed)}"
        raise InvalidEvent.one("/action", "form.action", event.get("action"), message)


def _require_disposition(event: JsonTree, needed: str) -> None:
    if cbv_word(event.get("disposition")) != needed:
        message = f"{event.get('bizStep')} of a lot has the disposition {needed}"
        raise InvalidEvent.one("/disposition", "form.disposition", event.get("disposition"), message)


def _require_leaving(event: JsonTree, disposition: str) -> None:
    _require_action(event, ("OBSERVE", "DELETE"))
    _require_disposition(event, disposition)


def _require_same(pointer: str, rule: str, named: PartyId, party: PartyId, message: str) -> None:
    if named != party:
        raise Refused([Violation(pointer, rule, f"{named:013d}", f"{message}, but {party:013d} acts")])
