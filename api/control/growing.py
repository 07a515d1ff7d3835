"""Operations by which lots come into being: plots and yields, harvest, packing; and recalls of them."""

from __future__ import annotations

import asyncio

from api.control.lot_text import lot_of_text
from api.control.protocol import Params, ProgressCallback, Result
from api.control.recording import recording
from ledger.domain.errors import NotFound
from ledger.domain.identifiers import PartyId, plot_id
from ledger.services.builders import growing
from ledger.wiring import Ledger

_SEASONS = range(2000, 2100)
"""The years in which yields are looked for."""


async def plot(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """Whose `plot` is, who certifies it, and its yields by season in grams."""
    spot = growing.plot_spot(params)
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


async def carry_recall(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """Queues what is missing so that recalls of `lot` and of lots above it reach it and all made from it."""
    lot = await asyncio.to_thread(lot_of_text, ledger.store, params["lot"])
    carried = await asyncio.to_thread(ledger.propagation().carry, lot.id)
    ledger.wake()
    return {"lot": str(lot), "carried": carried}


GROWING = {
    "harvest": recording(growing.harvest),
    "pack": recording(growing.pack),
    "certify-plot": recording(growing.certify_plot),
    "certify-yield": recording(growing.certify_yield),
    "plot": plot,
    "recall": recording(growing.recall),
    "release": recording(growing.release),
    "carry-recall": carry_recall,
}
