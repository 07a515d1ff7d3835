"""Builders of the events by which lots come into being: plots and yields, harvest, packing; and recalls of them."""

from __future__ import annotations

from ledger.domain import event_forms
from ledger.domain.errors import InvalidInput
from ledger.domain.event_forms import Amount, Spot, When
from ledger.domain.identifiers import Grams, PartyId
from ledger.domain.records import JsonTree
from ledger.ports import EventStore
from ledger.services.builders.common import Params, existing
from ledger.services.lot_text import lot_of_text, new_lot_of_text, party_of_text, spot_of_text


def harvest(store: EventStore, party: PartyId, when: When, params: Params) -> JsonTree:
    amount = Amount(new_lot_of_text(params["lot"]), Grams(params["grams"]))
    return event_forms.harvest(
        party, amount, when, spot_of_text(params["where"], party), season=params.get("season") or None
    )


def pack(store: EventStore, party: PartyId, when: When, params: Params) -> JsonTree:
    inputs = existing(store, params["inputs"])
    outputs = [Amount(new_lot_of_text(row["lot"]), Grams(row["grams"])) for row in params["outputs"]]
    return event_forms.transformation(
        party, inputs, outputs, when, spot_of_text(params["where"], party), culls=params.get("culls"),
        process_loss=params.get("process_loss"), remainder=params.get("remainder"),
    )  # fmt: skip


def certify_plot(store: EventStore, party: PartyId, when: When, params: Params) -> JsonTree:
    return event_forms.plot_registration(party, party_of_text(params["producer"]), plot_spot(params), when)


def certify_yield(store: EventStore, party: PartyId, when: When, params: Params) -> JsonTree:
    return event_forms.yield_certificate(party, plot_spot(params), params["season"], Grams(params["grams"]), when)


def plot_spot(params: Params) -> Spot:
    gln, separator, _ = params["plot"].partition("/")
    if not separator:
        raise InvalidInput.one("plot", "plot.form", params["plot"], "write a plot as GLN/EXT: the farm and its field")
    return spot_of_text(params["plot"], PartyId(0)) if gln else Spot(0)


def recall(store: EventStore, party: PartyId, when: When, params: Params) -> JsonTree:
    extra = {"silkroot:reason": params["reason"]}
    return event_forms.recall(party, lot_of_text(store, params["lot"]), when, extra=extra)


def release(store: EventStore, party: PartyId, when: When, params: Params) -> JsonTree:
    extra = {"silkroot:reason": params["reason"]}
    return event_forms.release(party, lot_of_text(store, params["lot"]), when, extra=extra)
