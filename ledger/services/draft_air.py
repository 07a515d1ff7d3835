"""
The draft of a step of the air leg: kind `air`. Its fields are the members of `silkroot:airLeg` with `lots` and `where`.

A step is held against those that were stated before of the same consignment: one that cannot follow is refused at its
field (`air.…`), before anybody signs it. A first step names the lots; later ones are about the same lots unless they
say otherwise. What is recorded by other ways, workbooks and documents, is only read: airlines tell late and in pieces.
"""

from __future__ import annotations

from dataclasses import replace

from ledger.domain.air_journey import advance, journey_of
from ledger.domain.air_leg import FAILED, PASSED, AirLeg, AirStep, air_leg_at
from ledger.domain.air_reference import reference_of
from ledger.domain.binding import lots_of
from ledger.domain.errors import NotFound, Refused
from ledger.domain.event_forms import When
from ledger.domain.forms.air import air_step
from ledger.domain.identifiers import LotRef, PartyId, consignment_id
from ledger.domain.records import JsonTree
from ledger.ports import EventStore
from ledger.services.draft_fields import Fields
from ledger.services.draft_kinds import DraftKind
from ledger.services.hub import AirBooks, stated_legs
from ledger.services.lot_text import lot_of_text, spot_of_text

_TEXTS = ("consignment", "waybill", "airline", "flight", "date", "from", "to", "uld")
_UPPER = frozenset({"airline", "flight", "from", "to", "uld"})
_MEMBER = "/silkroot:airLeg"


def air_kind(books: AirBooks) -> DraftKind:
    """The kind, over the books that know what was stated before."""

    def build(store: EventStore, party: PartyId, when: When, fields: Fields) -> JsonTree:
        leg = _leg(fields)
        reference = reference_of(party, leg)
        if not reference:
            raise fields.refused("waybill", "draft.missing", "", "name the consignment, or its air waybill")
        before = stated_legs(books.events_about(consignment_id(party, reference)))
        _require_next(leg, [one for one, _ in before])
        lots = _lots(store, fields)
        if not lots and before:
            lots = tuple(lots_of(before[-1][1].body))
        if not lots:
            raise fields.refused("lots", "draft.missing", "", "say which lots fly")
        text = fields.text("where", most=60, needed=False)
        with fields.at("where"):
            where = spot_of_text(text, party)
        return air_step(party, lots, leg, when, where)

    return DraftKind(build, {"lots": "lots"})


def _leg(fields: Fields) -> AirLeg:
    """The step that was filled in; refusals name the form's fields, which are called as the members are."""
    member: JsonTree = {"step": fields.word("step", tuple(AirStep))}
    for name in _TEXTS:
        if text := fields.text(name, most=200, needed=False):
            member[name] = text.upper() if name in _UPPER else text
    for name in ("pieces", "grams"):
        if (number := fields.count(name, 1, 2**36 - 1)) is not None:
            member[name] = number
    if fields.has("result"):
        member["result"] = fields.word("result", (PASSED, FAILED))
    leg = air_leg_at("", member)
    # The two characters that a flight begins with are its airline's.
    return replace(leg, airline=leg.flight[:2]) if leg.flight and not leg.airline else leg


def _require_next(leg: AirLeg, before: list[AirLeg]) -> None:
    try:
        advance(journey_of(before), leg)
    except Refused as error:
        told = [replace(one, field=one.field.removeprefix(_MEMBER)) for one in error.violations]
        raise Refused(told) from None


def _lots(store: EventStore, fields: Fields) -> tuple[LotRef, ...]:
    lots: dict[LotRef, None] = {}
    for row in fields.rows("lots", needed=False):
        text = row.text("lot", most=60)
        with row.at("lot"):
            try:
                lots[lot_of_text(store, text)] = None
            except NotFound:
                raise row.refused("lot", "UnknownLot", text, "no such lot was ever made") from None
    return tuple(lots)
