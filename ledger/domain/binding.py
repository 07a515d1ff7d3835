"""
Binds events to signatures: the one EIP-712 struct that an EPCIS event implies; pure and total, no I/O.

Capture signs `action_of(event)` and verification derives it again, so that nobody signs one thing and shows another.
The forms are those of docs/events.md. An event that moves nothing, and every error declaration, is a `Statement`. One
that looks like more (a business step that moves, with lots in a quantity list; a member of ours that marks a form) but
is not a complete one is refused: it must not pass for a statement, because then a page would show a shipment that the
ledger never counted. The forms themselves stand in `ledger.domain.bindings`.

Raises `InvalidEvent` (the event does not have the form) or `Refused` (another party would have to act), each with JSON
pointer, rule and value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ledger.domain.actions import Action, Disposal, Line, Output, Recall, Release, Sale, Statement
from ledger.domain.bindings import handoffs, makings, titles
from ledger.domain.bindings.checks import Own, require_action, require_disposition
from ledger.domain.content_hash import content_hash
from ledger.domain.errors import InvalidEvent
from ledger.domain.event_reading import acting_party, cbv_word, elements_of, lots_of, portions_of
from ledger.domain.identifiers import ContentHash, LotRef, PartyId
from ledger.domain.own_members import own_members
from ledger.domain.own_values import lines_in
from ledger.domain.records import JsonTree

__all__ = ["acting_party", "action_of", "amended_of", "lines_of", "lots_of"]

ERROR_DECLARATION = "errorDeclaration"
MOVING_STEPS = ("commissioning", "shipping", "receiving", "void_shipping", "retail_selling", "destroying")
_OBJECT = "ObjectEvent"
_MARKS: dict[str, tuple[str, str]] = {
    "receipt": (_OBJECT, "receiving"),
    "settlement": (_OBJECT, "accepting"),
    "notice": (_OBJECT, "void_shipping"),
    "void": (_OBJECT, "void_shipping"),
    "plot": (_OBJECT, "commissioning"),
    "yield": (_OBJECT, "inspecting"),
    "pledge": (_OBJECT, "reserving"),
    "pledgeRelease": (_OBJECT, "reserving"),
}
"""Members of ours that make an event one of our forms: of which type it has to be, and which business step."""
_READERS: dict[str, Callable[[JsonTree, Own, PartyId, ContentHash, int], Action]] = {
    "receipt": handoffs.partial_receipt,
    "settlement": handoffs.settlement,
    "notice": handoffs.notice,
    "void": handoffs.void,
    "plot": titles.plot_registration,
    "yield": titles.yield_certificate,
    "corrects": makings.amendment,
    "pledge": titles.pledge,
    "pledgeRelease": titles.pledge_release,
}


def action_of(event: JsonTree, deadline: int, content: ContentHash | None = None) -> Action:
    """
    The action that the event implies, to be signed until `deadline` (Unix seconds). `content`: its content hash, where
    that is at hand.
    """
    party = acting_party(event)
    content = content_hash(event) if content is None else content
    if ERROR_DECLARATION in event:
        return _statement(event, ERROR_DECLARATION, party, content, deadline)
    own = own_members(event)
    moving = _moving_step(event)
    mark = _mark_of(event, own)
    recall = _recall_of(event)
    if (moving or mark) and recall:
        raise InvalidEvent.one(
            "/bizStep",
            "form.two-actions",
            event.get("bizStep"),
            f"a {moving or mark} event does not {recall} a lot too",
        )
    if "intake" in own and moving != "commissioning":
        raise InvalidEvent.one("/bizStep", "form.intake", event.get("bizStep"), "an intake is a commissioning of a lot")
    _check_companions(own, mark, moving)
    if mark:
        return _READERS[mark](event, own, party, content, deadline)
    if event.get("type") != _OBJECT:
        recall = ""
    match moving or recall:
        case "commissioning":
            return makings.birth(event, own, party, content, deadline)
        case "transformation":
            return makings.transformation(event, own, party, content, deadline)
        case "shipping":
            return handoffs.shipment(event, party, content, deadline)
        case "receiving":
            return handoffs.receipt(event, own, party, content, deadline)
        case "void_shipping":
            message = "silkroot:void or silkroot:notice says what the event is"
            raise InvalidEvent.one("/bizStep", "form.own-member", event.get("bizStep"), message)
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
    What the event is about in grams, in ascending order of lot id: its quantity list, or a transformation's inputs.

    For a receipt, a partial receipt, a settlement and a void it is what was open before: the lines that go with the
    entry as witness of its manifest hash.
    """
    own = own_members(event)
    for mark, names in (("receipt", handoffs.ARRIVED), ("settlement", handoffs.SETTLED)):
        if mark in own:
            return handoffs.totals(lines_in(*own[mark], names))
    member = "inputQuantityList" if event.get("type") == "TransformationEvent" else "quantityList"
    return makings.lines(portions_of(event, member, zero="corrects" in own))


def amended_of(event: JsonTree) -> tuple[tuple[Line, ...], tuple[Output, ...]]:
    """
    Inputs and outputs that a transformation had until the event corrected it: what goes with the entry of a
    `TransformationAmendment` as witness of its origin hash.
    """
    return makings.amended(event, own_members(event))


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


def _mark_of(event: JsonTree, own: Own) -> str:
    """The member of ours that makes the event one of our forms; "" where none does. Type and step have to fit it."""
    marks = [name for name in ("corrects", *_MARKS) if name in own]
    if len(marks) > 1 or (marks and "intake" in own and marks != ["corrects"]):
        pointer, value = own[marks[-1]]
        raise InvalidEvent.one(pointer, "form.two-actions", value, f"an event is one thing, not {' and '.join(marks)}")
    if not marks:
        return ""
    kind, step = event.get("type"), cbv_word(event.get("bizStep"))
    if marks == ["corrects"]:
        if kind not in (_OBJECT, "TransformationEvent"):
            raise InvalidEvent.one("/type", "form.event-type", kind, "a harvest, an intake or a packing is corrected")
        needed = "commissioning" if kind == _OBJECT else step
    else:
        type_needed, needed = _MARKS[marks[0]]
        if kind != type_needed:
            raise InvalidEvent.one("/type", "form.event-type", kind, f"silkroot:{marks[0]} goes with an {type_needed}")
    if step != needed:
        message = f"silkroot:{marks[0]} goes with the business step {needed}"
        raise InvalidEvent.one("/bizStep", "form.biz-step", event.get("bizStep"), message)
    return marks[0]


def _check_companions(own: Own, mark: str, moving: str) -> None:
    for name, fits, other in (
        ("was", mark == "corrects", "silkroot:corrects"),
        ("alone", mark == "settlement", "silkroot:settlement"),
        ("over", "receiving" in (moving, _MARKS.get(mark, ("", ""))[1]), "a receipt"),
    ):
        if name in own and not fits:
            pointer, value = own[name]
            raise InvalidEvent.one(pointer, "form.own-member", value, f"silkroot:{name} goes with {other}")


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


def _statement(event: JsonTree, step: str, party: PartyId, content: ContentHash, deadline: int) -> Statement:
    return Statement(party, step, tuple(ref.id for ref in lots_of(event)), content, deadline)


def _one_lot(event: JsonTree) -> LotRef:
    lots = lots_of(event)
    if len(lots) != 1 or len(elements_of(event, "quantityList")) != 1:
        raise InvalidEvent.one(
            "/quantityList", "form.recall-one-lot", f"{len(lots)} lots", "a recall or a release names exactly one lot"
        )
    return lots[0]


def _require_leaving(event: JsonTree, disposition: str) -> None:
    require_action(event, "OBSERVE", "DELETE")
    require_disposition(event, disposition)
