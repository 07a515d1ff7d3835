"""
Builder of corrections: a birth or a packing with its right grams, while nothing of it has moved.

What is corrected is the event that last said how many grams the lot was born with; all that is not corrected stays as
it was signed. Whether anything moved, was recalled or pledged is for the ledger's own rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Protocol

from ledger.domain import event_forms
from ledger.domain.actions import (
    BirthAmendment,
    Harvest,
    Intake,
    Transformation,
    TransformationAmendment,
)
from ledger.domain.errors import InvalidInput, NotFound, Refused
from ledger.domain.event_forms import RosterLine, When
from ledger.domain.event_reading import portions_of
from ledger.domain.identifiers import Grams, LotId, LotRef, PartyId, lot_id
from ledger.domain.own_members import own_member
from ledger.domain.records import EntryState, JsonTree, RecordedEvent
from ledger.ports import EventStore
from ledger.services.builders.common import Params, existing
from ledger.services.lot_text import lot_of_text


def correct(store: EventStore, party: PartyId, when: When, params: Params) -> JsonTree:
    lot = lot_of_text(store, params["lot"])
    made = own_making(store, lot, party)
    extra = {"silkroot:reason": params["reason"]}
    if isinstance(made.proof.action, Transformation | TransformationAmendment):
        return _packing(store, made.body, made.proof.action, lot, params, extra)
    return _birth(made.body, lot, params, extra)


def changes_nothing(event: JsonTree, original: JsonTree) -> bool:
    """Whether a correction says of every weight what the event that it corrects says."""
    return _weights(event) == _weights(original)


class LotEvents(Protocol):
    """The part of a store that tells a lot's events in order."""

    def events_of_lot(self, lot: LotId) -> list[RecordedEvent]: ...


def own_making(store: LotEvents, lot: LotRef, party: PartyId) -> RecordedEvent:
    """
    The event that last said how many grams the lot was born with. `NotFound` where none is here, `Refused` where it is
    another party's.
    """
    made = last_making(store.events_of_lot(lot.id), lot.id)
    if made is None:
        raise NotFound(f"no event brought lot {lot} into being here")
    signer = own_member(made.body, "party")
    if signer is not None and signer[1] != f"{party:013d}":
        message = "only whoever brought the lot into being amends it"
        raise Refused.one("/party", "NotTheIssuer", f"lot {lot}: {party:013d}, of {signer[1]}", message)
    return made


def last_making(events: Iterable[RecordedEvent], lot: LotId) -> RecordedEvent | None:
    """The event, of those that name the lot in order, that last said how many grams it was born with."""
    found = None
    for event in events:
        if event.state is not EntryState.REFUSED and _makes(event, lot):
            found = event
    return found


def _weights(body: JsonTree) -> tuple[Any, ...]:
    """The loss is not among them: it is what the others leave over."""
    lists = [
        [(portion.ref, portion.grams) for portion in portions_of(body, name, zero=True)]
        for name in ("quantityList", "inputQuantityList", "outputQuantityList")
    ]
    sheet = own_member(body, "intake")
    found = (own_member(body, "culls"), own_member(body, "remainder"))
    return (*lists, sheet and sheet[1], *(one[1] if one else 0 for one in found))


def _makes(event: RecordedEvent, lot: LotId) -> bool:
    action = event.proof.action
    match action:
        case Harvest() | Intake():
            return lot_id(action.product, action.lot_code) == lot
        case BirthAmendment():
            return action.lot == lot
        case Transformation() | TransformationAmendment():
            return any(lot_id(output.product, output.lot_code) == lot for output in action.outputs)
    return False


def _birth(body: JsonTree, lot: LotRef, params: Params, extra: dict[str, Any]) -> JsonTree:
    stated = any(params.get(name) is not None for name in ("culls", "process_loss", "remainder"))
    if stated or params.get("inputs") or params.get("outputs"):
        raise InvalidInput.one("lot", "correct.birth", str(lot), "this lot was not packed: give its own mass")
    sheet = own_member(body, "intake")
    if sheet is None:
        if params.get("deliveries"):
            raise InvalidInput.one("lot", "correct.deliveries", str(lot), "this lot was not bought from growers")
        if (grams := params.get("grams")) is None and not params.get("annul"):
            raise InvalidInput.one("lot", "correct.birth", str(lot), "say what it weighs, or that it never was")
        return event_forms.amendment(body, {lot: Grams(grams or 0)}, extra=extra)
    roster = _roster(sheet[1], params)
    total = Grams(sum(line.grams for line in roster))
    return event_forms.amendment(body, {lot: total}, roster=roster, extra=extra)


def _roster(rows: list[dict[str, Any]], params: Params) -> list[RosterLine]:
    """The sheet of deliveries with its right weights, by ticket."""
    roster = [RosterLine(row["roster"], row["village"], Grams(row["grams"]), row["ticket"]) for row in rows]
    if params.get("annul"):
        return []
    given = {row["lot"]: Grams(row["grams"]) for row in params.get("deliveries") or []}
    if not given and params.get("grams") is not None and len(roster) == 1:
        return [replace(roster[0], grams=Grams(params["grams"]))]
    if not given:
        message = "this lot was bought from growers: say which delivery is wrong, --delivery TICKET=MASS"
        raise Refused.one("lot", "correct.roster", f"{len(roster)} deliveries", message)
    if unknown := set(given) - {line.ticket for line in roster}:
        raise Refused.one("deliveries", "correct.ticket", sorted(unknown)[0], "no delivery has this ticket")
    changed = [replace(line, grams=given.get(line.ticket, line.grams)) for line in roster]
    return [line for line in changed if line.grams]


def _packing(
    store: EventStore,
    body: JsonTree,
    action: Transformation | TransformationAmendment,
    lot: LotRef,
    params: Params,
    extra: dict[str, Any],
) -> JsonTree:
    if params.get("grams") is not None or params.get("deliveries"):
        message = "this lot was packed: say what went in and came out, --input, --output, --culls"
        raise InvalidInput.one("lot", "correct.packing", str(lot), message)
    if params.get("annul"):
        named = {line.lot for line in action.inputs}
        named |= {lot_id(output.product, output.lot_code) for output in action.outputs}
        nothing = {ref: Grams(0) for one in named if (ref := store.lot_ref(one)) is not None}
        return event_forms.amendment(body, nothing, culls=0, process_loss=0, remainder=0, extra=extra)
    rows = [*(params.get("inputs") or []), *(params.get("outputs") or [])]
    grams = {amount.lot: amount.grams for amount in existing(store, rows)}
    return event_forms.amendment(
        body, grams, culls=params.get("culls"), process_loss=params.get("process_loss"),
        remainder=params.get("remainder"), extra=extra,
    )  # fmt: skip
