"""Operations by which lots come into being: plots and yields, harvest, packing; and recalls of them."""

from __future__ import annotations

import asyncio

from api.control.lot_text import lot_of_text, new_lot_of_text, party_of_text, spot_of_text
from api.control.protocol import Params, ProgressCallback, Result
from api.control.recording import existing, recording
from ledger.domain import event_forms
from ledger.domain.errors import InvalidInput, NotFound
from ledger.domain.event_forms import Amount, Spot, When
from ledger.domain.identifiers import Grams, PartyId, plot_id
from ledger.domain.records import JsonTree
from ledger.wiring import Ledger

_SEASONS = range(2000, 2100)
"""The years in which yields are looked for."""


def _harvest(ledger: Ledger, party: PartyId, when: When, params: Params) -> JsonTree:
    amount = Amount(new_lot_of_text(params["lot"]), Grams(params["grams"]))
    return event_forms.harvest(
        party, amount, when, spot_of_text(params["where"], party), season=params.get("season") or None
    )


def _pack(ledger: Ledger, party: PartyId, when: When, params: Params) -> JsonTree:
    inputs = existing(ledger, params["inputs"])
    outputs = [Amount(new_lot_of_text(row["lot"]), Grams(row["grams"])) for row in params["outputs"]]
    return event_forms.transformation(
        party, inputs, outputs, when, spot_of_text(params["where"], party), culls=params.get("culls"),
        process_loss=params.get("process_loss"), remainder=params.get("remainder"),
    )  # fmt: skip


def _certify_plot(ledger: Ledger, party: PartyId, when: When, params: Params) -> JsonTree:
    return event_forms.plot_registration(party, party_of_text(params["producer"]), _plot(params), when)


def _certify_yield(ledger: Ledger, party: PartyId, when: When, params: Params) -> JsonTree:
    return event_forms.yield_certificate(party, _plot(params), params["season"], Grams(params["grams"]), when)


def _plot(params: Params) -> Spot:
    gln, separator, _ = params["plot"].partition("/")
    if not separator:
        raise InvalidInput.one("plot", "plot.form", params["plot"], "write a plot as GLN/EXT: the farm and its field")
    return spot_of_text(params["plot"], PartyId(0)) if gln else Spot(0)


async def plot(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """Whose `plot` is, who certifies it, and its yields by season in grams."""
    spot = _plot(params)
    name = plot_id(PartyId(spot.gln), spot.extension)

    def work() -> Result:
        with ledger.store.rehearsing() as transaction:
            known = transaction.projection.plot(name)
            yields = transaction.projection.yields_of([(name, season) for season in _SEASONS])
        if known is None:
            raise NotFound(f"no certifier has registered plot {params['plot']}")
        rows = [
            {
                "season": season,
                "certified": found.certified,
                "harvested": found.harvested,
                "left": found.certified - found.harvested,
            }
            for (_, season), found in sorted(yields.items(), key=lambda item: item[0][1])
        ]
        sides = {"producer": f"{known.producer:013d}", "certifier": f"{known.certifier:013d}"}
        return {"plot": params["plot"], **sides, "yields": rows}

    return await asyncio.to_thread(work)


def _recall(ledger: Ledger, party: PartyId, when: When, params: Params) -> JsonTree:
    extra = {"silkroot:reason": params["reason"]}
    return event_forms.recall(party, lot_of_text(ledger.store, params["lot"]), when, extra=extra)


def _release(ledger: Ledger, party: PartyId, when: When, params: Params) -> JsonTree:
    extra = {"silkroot:reason": params["reason"]}
    return event_forms.release(party, lot_of_text(ledger.store, params["lot"]), when, extra=extra)


async def carry_recall(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """Queues what is missing so that recalls of `lot` and of lots above it reach it and all made from it."""
    lot = await asyncio.to_thread(lot_of_text, ledger.store, params["lot"])
    carried = await asyncio.to_thread(ledger.propagation().carry, lot.id)
    ledger.wake()
    return {"lot": str(lot), "carried": carried}


GROWING = {
    "harvest": recording(_harvest),
    "pack": recording(_pack),
    "certify-plot": recording(_certify_plot),
    "certify-yield": recording(_certify_yield),
    "plot": plot,
    "recall": recording(_recall),
    "release": recording(_release),
    "carry-recall": carry_recall,
}
