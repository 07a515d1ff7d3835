"""Operations about how cold lots stayed: a lot's series, an inspection that closes an excursion, a logger's file."""

from __future__ import annotations

import asyncio
from pathlib import Path

from api.control.lot_text import lot_of_text, party_of_text, spot_of_text
from api.control.protocol import Params, ProgressCallback, Result
from api.control.recording import recorded, recording
from ledger.domain.errors import InvalidInput, NotFound
from ledger.domain.identifiers import consignment_id
from ledger.domain.master_data import text_in
from ledger.domain.sensors.logger_csv import Told, read_logger_file
from ledger.domain.sensors.logger_events import logger_events
from ledger.services.builders.common import known_lot, reference_of
from ledger.services.builders.statements import inspect
from ledger.services.climate_json import temperature_json
from ledger.wiring import Ledger


async def temperature(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """All series of a `lot` by branch, judged now, with the names of parties in `lang`."""
    lot = await asyncio.to_thread(lot_of_text, ledger.store, params["lot"])
    told = temperature_json(await ledger.story.story(lot))
    master = await asyncio.to_thread(ledger.store.master_data)
    language = params.get("lang", "en")
    told["partyNames"] = {f"{party.id:013d}": text_in(party.name, language) for party in master.parties.values()}
    return told


async def import_logger(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """
    Records a single-use logger's file (`path`) for `party`: about `lots`, or about all lots of the consignment
    `reference` of `shipper`. `serial`, `unit`, `zone`, `dates` as in `ledger.domain.sensors.logger_csv`.
    """
    result = await asyncio.to_thread(_import_logger, ledger, params)
    ledger.wake()
    return result


def _import_logger(ledger: Ledger, params: Params) -> Result:
    party = party_of_text(params["party"])
    told = Told(**{name: params.get(name, "") for name in ("unit", "zone", "dates")})
    try:
        data = Path(params["path"]).read_bytes()
    except OSError as error:
        raise InvalidInput.one("file", "logger.text", params["path"], f"cannot be read: {error.strerror}") from None
    file = read_logger_file(data, told)
    lots = [lot_of_text(ledger.store, text) for text in params.get("lots") or ()]
    reference = ""
    if params.get("reference"):
        shipper = party_of_text(params["shipper"])
        reference = reference_of(shipper, params["reference"])
        manifest = ledger.store.manifest(consignment_id(shipper, reference))
        if manifest is None:
            raise NotFound(f"party {shipper:013d} has shipped nothing under {reference}")
        lots = lots or [known_lot(ledger.store, line.lot) for line in manifest]
    where = spot_of_text(params["where"], party)
    events = logger_events(file, party, params["serial"], lots, where, reference=reference)
    outcomes = ledger.capture().capture(events, party)
    if violations := [violation for outcome in outcomes for violation in outcome.violations]:
        raise InvalidInput(violations)
    return {
        "sha256": file.sha256.hex(),
        "readings": len(file.readings),
        "lots": [str(lot) for lot in lots],
        "events": [
            recorded(outcome.record, repeated=outcome.repeated) for outcome in outcomes if outcome.record is not None
        ],
    }


TEMPERATURES = {"temperature": temperature, "inspect": recording(inspect), "import-logger": import_logger}
