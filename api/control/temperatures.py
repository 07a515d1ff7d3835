"""Operations about how cold lots stayed: the series of a lot, and the inspection that closes an excursion."""

from __future__ import annotations

import asyncio

from api.control.lot_text import lot_of_text, spot_of_text
from api.control.protocol import Params, ProgressCallback, Result
from api.control.recording import recording
from ledger.domain import event_forms
from ledger.domain.errors import InvalidInput
from ledger.domain.event_forms import When
from ledger.domain.identifiers import PartyId
from ledger.domain.master_data import text_in
from ledger.domain.records import JsonTree
from ledger.services.climate_json import temperature_json
from ledger.wiring import Ledger

FOUND = ("conformant", "non_conformant")
"""What an inspection may find, in the words of CBV 2.0."""


async def temperature(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """All series of a `lot` by branch, judged now, with the names of parties in `lang`."""
    lot = await asyncio.to_thread(lot_of_text, ledger.store, params["lot"])
    told = temperature_json(await ledger.story.story(lot))
    master = await asyncio.to_thread(ledger.store.master_data)
    language = params.get("lang", "en")
    told["partyNames"] = {f"{party.id:013d}": text_in(party.name, language) for party in master.parties.values()}
    return told


def _inspect(ledger: Ledger, party: PartyId, when: When, params: Params) -> JsonTree:
    if params["found"] not in FOUND:
        raise InvalidInput.one("found", "inspection.found", params["found"], f"write one of {', '.join(FOUND)}")
    lots = [lot_of_text(ledger.store, text) for text in params["lots"]]
    extra = {"silkroot:reason": params["reason"]} if params.get("reason") else None
    where = spot_of_text(params["where"], party)
    return event_forms.statement(party, "inspecting", lots, when, where, disposition=params["found"], extra=extra)


TEMPERATURES = {"temperature": temperature, "inspect": recording(_inspect)}
