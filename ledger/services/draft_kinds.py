"""
What can be drafted, by name: how the fields of a form become an event, and at which field each of the ledger's rules
is told.

Another kind is another line of `KINDS`: a builder that reads its fields, and `places`, which give for a member of the
signed struct the field that it was filled in at. `at`, `photos` and the person are the same for every kind and are
added by `ledger.services.drafts`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ledger.domain import event_forms
from ledger.domain.errors import InvalidInput, NotFound, Violation
from ledger.domain.event_forms import Amount, RosterLine, Spot, When
from ledger.domain.event_reading import portions_of
from ledger.domain.identifiers import LotRef, PartyId
from ledger.domain.records import JsonTree
from ledger.domain.times import instant
from ledger.ports import EventStore
from ledger.services.builders import corrections, growing, handoffs, statements
from ledger.services.builders.common import Params, reference_of
from ledger.services.draft_fields import Fields
from ledger.services.lot_text import lot_of_text, new_lot_of_text, party_of_text, spot_of_text

Build = Callable[[EventStore, PartyId, When, Fields], JsonTree]


@dataclass(frozen=True, slots=True)
class DraftKind:
    """
    `places`: where a member of the signed struct is filled in; of a list of lots, its rows have the field `lot`, or
    `product` and `lot` where the lot is new.
    """

    build: Build
    places: Mapping[str, str] = field(default_factory=dict)


def _harvest(store: EventStore, party: PartyId, when: When, fields: Fields) -> JsonTree:
    amount = Amount(_new_lot(fields), fields.grams(), fields.count("cases"))
    season = fields.count("season", 1900, 2200)
    return event_forms.harvest(party, amount, when, _place(fields, "plot", party), season=season)


def _intake(store: EventStore, party: PartyId, when: When, fields: Fields) -> JsonTree:
    lot, where = _new_lot(fields), _where(fields, party)
    roster = [
        RosterLine(row.text("roster", most=40), row.text("village", most=80), row.grams(), row.text("ticket", most=40))
        for row in fields.rows("roster")
    ]
    seen: dict[str, int] = {}
    for index, line in enumerate(roster):
        if (other := seen.setdefault(line.ticket, index)) != index:
            message = f"row {other + 1} has this ticket already: one of them would count twice"
            raise Fields({}, f"/roster/{index}").refused("ticket", "draft.ticket", line.ticket, message)
    total = sum(line.grams for line in roster)
    return event_forms.intake(party, Amount(lot, total), when, where, roster)  # type: ignore[arg-type]


def _pack(store: EventStore, party: PartyId, when: When, fields: Fields) -> JsonTree:
    inputs = _amounts(store, fields, "inputs")
    outputs = [Amount(_new_lot(row), row.grams(), row.count("cases")) for row in fields.rows("outputs")]
    step = fields.word("step", ("packing", "repackaging", "commissioning"), "packing")
    where = _where(fields, party)
    culls, loss, rest = (fields.grams_or_none(name) for name in ("culls", "loss", "rest"))
    total, out = sum(line.grams for line in inputs), sum(line.grams for line in outputs)
    # A loss that nobody stated would be the rest: on a form it is stated, so that a typing error shows.
    accounted = out + (culls or 0) + (loss or 0) + (rest or 0)
    if accounted != total:
        message = f"{total} g go in and {accounted} g are accounted for: outputs, culls, loss and rest together"
        raise fields.refused("loss", "draft.balance", f"{total - accounted} g", message)
    return event_forms.transformation(
        party, inputs, outputs, when, where, biz_step=step, culls=culls, process_loss=loss or 0, remainder=rest
    )


def _correct(store: EventStore, party: PartyId, when: When, fields: Fields) -> JsonTree:
    lot, reason = _lot(store, fields), fields.text("reason")
    if fields.has("at"):
        message = "a correction keeps the time of what it corrects"
        raise fields.refused("at", "draft.unknown", fields.text("at", most=40), message)
    params: Params = {"lot": str(lot), "reason": reason}
    packing = ("inputs", "outputs", "culls", "loss", "rest")
    if fields.has("deliveries"):
        params["deliveries"] = _deliveries(fields)
    elif any(fields.has(name) for name in packing):
        params |= {name: _weighed(store, fields, name) for name in ("inputs", "outputs")}
        # On a form all three are in sight: what is left empty is none, and not the rest.
        params |= {
            param: fields.grams_or_none(name) or 0
            for param, name in (("culls", "culls"), ("process_loss", "loss"), ("remainder", "rest"))
        }
    else:
        params["grams"] = fields.grams(zero=True)
    try:
        event = corrections.correct(store, party, when, params)
    except InvalidInput as error:
        raise type(error)([_at_own_field(one, fields) for one in error.violations]) from None
    if corrections.changes_nothing(event, corrections.own_making(store, lot, party).body):
        at = "deliveries" if "deliveries" in params else "grams" if "grams" in params else "outputs"
        raise fields.refused(at, "draft.unchanged", str(lot), "this is what is recorded already")
    _require_accounted(event, params, fields)
    return event


def _require_accounted(event: JsonTree, params: Params, fields: Fields) -> None:
    """Of a packing: what goes in is what comes out, with culls, loss and rest."""
    total, out = (
        sum(portion.grams for portion in portions_of(event, f"{side}QuantityList", zero=True))
        for side in ("input", "output")
    )
    accounted = out + sum(params.get(name, 0) for name in ("culls", "process_loss", "remainder"))
    if "culls" in params and accounted != total:
        message = f"{total} g go in and {accounted} g are accounted for: outputs, culls, loss and rest together"
        raise fields.refused("loss", "draft.balance", f"{total - accounted} g", message)


def _at_own_field(violation: Violation, fields: Fields) -> Violation:
    """The builder of corrections names fields by what people call them; forms by a pointer."""
    name = violation.field
    return violation if name.startswith("/") else replace(violation, field=fields.pointer(name))


def _ship(store: EventStore, party: PartyId, when: When, fields: Fields) -> JsonTree:
    manifest = _amounts(store, fields, "manifest")
    receiver, reference = _party(fields, "to"), reference_of(party, fields.text("reference", most=100))
    extra: JsonTree = {}
    if fields.has("carrier"):
        extra["silkroot:carrier"] = f"{_party(fields, 'carrier'):013d}"
    for name in ("vehicle", "seal", "driver"):
        if text := fields.text(name, most=60, needed=False):
            extra[f"silkroot:{name}"] = text
    if due := fields.text("expected_arrival", most=40, needed=False):
        arrival = instant(fields.pointer("expected_arrival"), due, "draft.time")
        if arrival < instant(fields.pointer("at"), when.time, "draft.time"):
            message = f"it leaves {when.time} and cannot arrive before"
            raise fields.refused("expected_arrival", "draft.arrival", due, message)
        extra["silkroot:expectedArrival"] = due
    where = _where(fields, party)
    return event_forms.shipping(party, receiver, reference, manifest, when, where, extra=extra)


def _receive(store: EventStore, party: PartyId, when: When, fields: Fields) -> JsonTree:
    params = _consignment(fields) | {"where": fields.text("where", needed=False)}
    for name in ("short", "refuse", "to_come", "over"):
        params[name] = _rows_of_grams(fields, name)
    params["return_reference"] = fields.text("return_reference", most=100, needed=False)
    return handoffs.receive(store, party, when, params) | _reason(fields) | _seal(fields)


def _reject(store: EventStore, party: PartyId, when: When, fields: Fields) -> JsonTree:
    params = _consignment(fields) | {"where": fields.text("where", needed=False), "reason": fields.text("reason")}
    params["return_reference"] = fields.text("return_reference", most=100)
    return handoffs.reject(store, party, when, params) | _seal(fields)


def _notice(store: EventStore, party: PartyId, when: When, fields: Fields) -> JsonTree:
    return handoffs.notice(store, party, when, _consignment(fields))


def _settle(store: EventStore, party: PartyId, when: When, fields: Fields) -> JsonTree:
    params: Params = _consignment(fields) | {"alone": fields.flag("alone")}
    for name in ("loss", "weight_loss", "returned", "received"):
        params[name] = _rows_of_grams(fields, name)
    return handoffs.settle(store, party, when, params)


def _void(store: EventStore, party: PartyId, when: When, fields: Fields) -> JsonTree:
    params = {"party": f"{party:013d}", "reference": fields.text("reference", most=100), "alone": fields.flag("alone")}
    return handoffs.void(store, party, when, params)


def _sell(store: EventStore, party: PartyId, when: When, fields: Fields) -> JsonTree:
    where = _where(fields, party)
    return event_forms.sale(party, [Amount(_lot(store, fields), fields.grams())], when, where)


def _dispose(store: EventStore, party: PartyId, when: When, fields: Fields) -> JsonTree:
    where = _where(fields, party)
    extra = _reason(fields)
    return event_forms.disposal(party, [Amount(_lot(store, fields), fields.grams())], when, where, extra=extra)


def _inspect(store: EventStore, party: PartyId, when: When, fields: Fields) -> JsonTree:
    params = {"found": fields.word("found", statements.FOUND), "lots": [str(_lot(store, fields))]}
    params |= {"reason": fields.text("reason", needed=False), "where": fields.text("where", needed=False)}
    return statements.inspect(store, party, when, params)


def _certify_plot(store: EventStore, party: PartyId, when: When, fields: Fields) -> JsonTree:
    return growing.certify_plot(store, party, when, {"plot": fields.text("plot"), "producer": fields.text("producer")})


def _certify_yield(store: EventStore, party: PartyId, when: When, fields: Fields) -> JsonTree:
    season = fields.count("season", 1900, 2200)
    if season is None:
        raise fields.refused("season", "draft.missing", "", "this has to be filled in")
    params = {"plot": fields.text("plot"), "season": season, "grams": fields.grams(zero=True)}
    return growing.certify_yield(store, party, when, params)


def _recall(store: EventStore, party: PartyId, when: When, fields: Fields) -> JsonTree:
    return event_forms.recall(party, _lot(store, fields), when, extra={"silkroot:reason": fields.text("reason")})


def _release(store: EventStore, party: PartyId, when: When, fields: Fields) -> JsonTree:
    return event_forms.release(party, _lot(store, fields), when, extra={"silkroot:reason": fields.text("reason")})


def _new_lot(fields: Fields) -> LotRef:
    product, code = fields.text("product", most=20), fields.text("lot", most=20)
    with fields.at("product"):
        number = new_lot_of_text(f"{product}/1").product
    with fields.at("lot"):
        return LotRef(number, code)


def _lot(store: EventStore, fields: Fields) -> LotRef:
    text = fields.text("lot", most=60)
    with fields.at("lot"):
        try:
            return lot_of_text(store, text)
        except NotFound:
            raise fields.refused("lot", "UnknownLot", text, "no such lot was ever made") from None


def _party(fields: Fields, name: str) -> PartyId:
    text = fields.text(name, most=14)
    with fields.at(name):
        return party_of_text(text)


def _place(fields: Fields, name: str, party: PartyId, *, needed: bool = True) -> Spot:
    text = fields.text(name, most=60, needed=needed)
    with fields.at(name):
        return spot_of_text(text, party)


def _where(fields: Fields, party: PartyId) -> Spot:
    return _place(fields, "where", party, needed=False)


def _deliveries(fields: Fields) -> list[Params]:
    """What each ticket weighed, by `lot`, as the builder of corrections calls it; nothing where there was none."""
    rows, seen = [], dict[str, int]()
    for index, row in enumerate(fields.rows("deliveries")):
        ticket = row.text("ticket", most=40)
        if seen.setdefault(ticket, index) != index:
            raise row.refused("ticket", "draft.ticket", ticket, f"row {seen[ticket] + 1} has this ticket already")
        rows.append({"lot": ticket, "grams": row.grams(zero=True)})
    return rows


def _weighed(store: EventStore, fields: Fields, name: str) -> list[Params]:
    """Right weights of lots, each once; nothing is a weight too."""
    rows, seen = [], dict[LotRef, int]()
    for index, row in enumerate(fields.rows(name, needed=False)):
        lot = _lot(store, row)
        if seen.setdefault(lot, index) != index:
            raise row.refused("lot", "line.twice", lot, f"row {seen[lot] + 1} has this lot already")
        rows.append({"lot": str(lot), "grams": row.grams(zero=True)})
    return rows


def _amounts(store: EventStore, fields: Fields, name: str) -> list[Amount]:
    amounts, seen = [], dict[LotRef, int]()
    for index, row in enumerate(fields.rows(name)):
        amount = Amount(_lot(store, row), row.grams(), row.count("cases"))
        if seen.setdefault(amount.lot, index) != index:
            raise row.refused("lot", "line.twice", amount.lot, f"row {seen[amount.lot] + 1} has this lot already")
        amounts.append(amount)
    return amounts


def _consignment(fields: Fields) -> dict[str, Any]:
    return {"shipper": fields.text("shipper", most=14), "reference": fields.text("reference", most=100)}


def _rows_of_grams(fields: Fields, name: str) -> list[Params]:
    return [{"lot": row.text("lot", most=60), "grams": row.grams()} for row in fields.rows(name, needed=False)]


def _reason(fields: Fields) -> dict[str, str]:
    text = fields.text("reason", needed=False)
    return {"silkroot:reason": text} if text else {}


def _seal(fields: Fields) -> dict[str, str]:
    text = fields.text("seal", most=60, needed=False)
    return {"silkroot:seal": text} if text else {}


_BIRTH = {"lotCode": "lot", "product": "product", "grams": "grams", "plot": "plot"}
_HANDOFF = {"consignment": "reference", "returnRef": "return_reference", "lines": "reference"}

KINDS: dict[str, DraftKind] = {
    "harvest": DraftKind(_harvest, _BIRTH | {"season": "season"}),
    "intake": DraftKind(_intake, _BIRTH),
    "pack": DraftKind(_pack, {"inputs": "inputs", "outputs": "outputs", "culls": "culls", "processLoss": "loss"}),
    "correct": DraftKind(
        _correct,
        {
            "lot": "lot",
            "was": "grams",
            "grams": "grams",
            "inputs": "inputs",
            "outputs": "outputs",
            "party": "lot",
            "culls": "culls",
            "processLoss": "loss",
            "originHash": "lot",
            "packer": "lot",
        },
    ),
    "ship": DraftKind(_ship, {"manifest": "manifest", "receiver": "to", "consignmentRef": "reference"}),
    "receive": DraftKind(_receive, _HANDOFF),
    "reject": DraftKind(_reject, _HANDOFF),
    "notice": DraftKind(_notice, _HANDOFF),
    "settle": DraftKind(_settle, _HANDOFF),
    "void": DraftKind(_void, _HANDOFF),
    "sell": DraftKind(_sell, {"lines": "", "grams": "grams"}),
    "dispose": DraftKind(_dispose, {"lines": "", "grams": "grams"}),
    "inspect": DraftKind(_inspect),
    "certify-plot": DraftKind(_certify_plot, {"plot": "plot", "producer": "producer"}),
    "certify-yield": DraftKind(_certify_yield, {"plot": "plot", "season": "season", "grams": "grams"}),
    "recall": DraftKind(_recall, {"lot": "lot"}),
    "release": DraftKind(_release, {"lot": "lot"}),
}
