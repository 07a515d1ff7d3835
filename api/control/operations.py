"""
What can be asked of the ledger over the control socket, by name.

Each operation takes the ledger, parameters as JSON, and a progress callback, and returns JSON. Lots are named by text:
`GTIN/LOT`, a Digital Link, or a lot code that only one product has. Store work runs in worker threads.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from pathlib import Path

from api.control.lot_text import lot_of_text, party_of_text
from api.control.protocol import Params, ProgressCallback, Result
from api.control.recording import RECORDING
from ledger.domain.identifiers import LotRef
from ledger.domain.master_data import text_in
from ledger.services.story_json import story_to_json
from ledger.wiring import Ledger

Operation = Callable[[Ledger, Params, ProgressCallback], Awaitable[Result]]


async def ping(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """Says that somebody is there."""
    return {"pong": True}


async def status(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """Chain, contracts, outbox; `status` is "ok" or "degraded"."""
    return await ledger.health()


async def import_file(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """Imports one file: `path`, `proceed`, `dry_run`."""
    report = await asyncio.to_thread(
        ledger.importer().import_file,
        Path(params["path"]),
        dry_run=params.get("dry_run", False),
        proceed=params.get("proceed", False),
        progress=progress,
    )
    ledger.wake()
    return report.to_json()


async def load_season(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """Imports the demonstration season that the package carries; what is known already changes nothing."""
    files = ledger.season_files()
    recorded = 0
    for number, path in enumerate(files, start=1):
        progress(number - 1, len(files), f"importing {path.name}")
        report = await asyncio.to_thread(ledger.importer().import_file, path, dry_run=False, proceed=False)
        if report.refused:
            raise report.as_error()
        recorded += report.recorded
        ledger.wake()
    progress(len(files), len(files), "season imported")
    return {"files": len(files), "recorded": recorded}


async def lots(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """A page of lots: `limit`, `after` (a lot)."""
    after = LotRef(*_split(params["after"])) if params.get("after") else None
    limit = params.get("limit", 100)
    refs = await asyncio.to_thread(ledger.store.lots, after, limit + 1)
    master = await asyncio.to_thread(ledger.store.master_data)
    rows = []
    for ref in refs[:limit]:
        product = master.products.get(ref.product)
        rows.append({"lot": str(ref), "name": text_in(product.name, "en") if product else ""})
    return {"lots": rows, "next": str(refs[limit - 1]) if len(refs) > limit else ""}


async def story(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """A lot's story, judged against the chain now."""
    lot = await asyncio.to_thread(lot_of_text, ledger.store, params["lot"])
    return story_to_json(await ledger.story.story(lot))


async def label(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """The QR of a lot: `form` svg or png; base64 in `data`."""
    lot = await asyncio.to_thread(lot_of_text, ledger.store, params["lot"])
    uri = ledger.lot_url(lot)
    data = ledger.qr(uri, params["form"])
    name = f"{lot.product:014d}-{lot.code}".replace("/", "_")
    return {"uri": uri, "name": f"{name}.{params['form']}", "data": base64.b64encode(data).decode()}


async def parties(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """All parties."""
    master = await asyncio.to_thread(ledger.store.master_data)
    rows = [
        {
            "id": f"{party.id:013d}",
            "name": text_in(party.name, "en"),
            "roles": [role.name.lower() for role in party.roles if role.name],
            "city": text_in(party.city, "en"),
        }
        for party in master.parties.values()
    ]
    return {"parties": rows}


async def revoke_key(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """Revokes `key` (hex) of `party`."""
    party = party_of_text(params["party"])
    key = bytes.fromhex(params["key"].removeprefix("0x"))
    await asyncio.to_thread(ledger.register().revoke_key, party, key)
    ledger.wake()
    return {"party": f"{party:013d}", "key": "0x" + key.hex()}


async def fsck(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """Re-derives everything from what is stored."""
    report = await asyncio.to_thread(ledger.fsck, progress)
    return report


def _split(text: str) -> tuple[int, str]:
    product, _, code = text.partition("/")
    return int(product), code


OPERATIONS: dict[str, Operation] = {
    "ping": ping,
    "status": status,
    "import": import_file,
    "load-season": load_season,
    "lots": lots,
    "story": story,
    "label": label,
    "parties": parties,
    "revoke-key": revoke_key,
    "fsck": fsck,
    **RECORDING,
}
