"""
What can be asked of the ledger over the control socket, by name.

Each operation takes the ledger, parameters as JSON, and a progress callback, and returns JSON. Lots are named by text:
`GTIN/LOT`, a Digital Link, or a lot code that only one product has. Store work runs in worker threads.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from api.control.accounts import ACCOUNTS
from api.control.api_keys import API_KEYS
from api.control.capturing import CAPTURING
from api.control.confidences import CONFIDENCES, confidences
from api.control.corrections import CORRECTIONS
from api.control.growing import GROWING
from api.control.handoffs import HANDOFFS
from api.control.inviting import INVITING
from api.control.keys import KEYS
from api.control.labelling import labels
from api.control.lot_text import lot_of_text, new_lot_of_text
from api.control.pledges import PLEDGES
from api.control.protocol import Params, ProgressCallback, Result
from api.control.receipts import RECEIPTS
from api.control.temperatures import TEMPERATURES
from api.public import health_of
from api.season import let_go
from ledger.adapters.mapping_toml import read_mapping
from ledger.adapters.qr_labels import lot_link, qr_png, qr_svg
from ledger.domain.bundle import bundle_to_json
from ledger.domain.imports.report import ImportReport
from ledger.domain.master_data import text_in
from ledger.ports_leases import Role
from ledger.services.follow import epcis_document, trace_back, trace_page
from ledger.services.story_json import story_json
from ledger.wiring import Ledger

Operation = Callable[[Ledger, Params, ProgressCallback], Awaitable[Result]]


async def ping(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """Says that somebody is there."""
    return {"pong": True}


async def status(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """
    Chain, contracts, outbox, log; `status` is "ok", or "degraded" while the chain is away or entries or checkpoints are
    stuck. `signAgain`: how many refused events of each party another signature can mend; `recalls.waiting`: to how many
    lots a recall, or its end, has yet to be carried.
    """
    health = await health_of(ledger)
    counts = await asyncio.to_thread(ledger.store.outbox.counts)
    submitter = await asyncio.to_thread(ledger.background.standing, Role.SUBMITTER)
    problem = health.detail or submitter.problem
    chain: Result = {"network": ledger.chain.deployment.network}
    if health.chain is not None:
        chain |= {"id": health.chain.id, "head": health.chain.head, **health.chain.contracts}
    if problem:
        chain["problem"] = problem
    outbox = {name: getattr(counts, name) for name in ("queued", "sent", "confirmed", "refused")}
    again = await asyncio.to_thread(ledger.resign().waiting) if counts.refused else {}
    waiting = {f"{party:013d}": count for party, count in again.items()}
    log: Result = {}
    if health.log is not None:
        log = {"size": health.log.size, "covered": health.log.covered, "published": health.log.published}
        log |= {"problem": health.log.problem} if health.log.problem else {}
    degraded = bool(problem) or (health.log is not None and health.log.is_stuck)
    return {
        "status": "degraded" if degraded else "ok",
        "chain": chain,
        "outbox": outbox,
        "log": log,
        "signAgain": waiting,
        "leases": await asyncio.to_thread(_leases, ledger),
        "recalls": {"waiting": await asyncio.to_thread(ledger.store.recalls_waiting)},
    }


def _leases(ledger: Ledger) -> Result:
    return {
        role.value: {"holder": lease.holder, "epoch": lease.epoch, "since": lease.acquired, "left": lease.left}
        for role, lease in ledger.background.leases().items()
    }


async def import_file(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """Imports one file: `path`, `proceed`, `dry_run`, `mapping` (the path of a packer's mapping file)."""
    mapping = read_mapping(Path(params["mapping"])) if params.get("mapping") else None
    report = await asyncio.to_thread(
        ledger.importer().import_file,
        Path(params["path"]),
        dry_run=params.get("dry_run", False),
        proceed=params.get("proceed", False),
        progress=progress,
        mapping=mapping,
    )
    ledger.wake()
    return _report_json(report)


def _report_json(report: ImportReport) -> Result:
    refused = [{name: getattr(error, name) for name in _COLUMNS} for error in report.refused]
    kept = ("file", "rows", "events", "recorded", "repeated", "dry_run", "rules_checked")
    return {
        **{name: getattr(report, name) for name in kept},
        "refused": refused,
        "refused_rows": report.refused_rows,
        "registered": dict(report.registered),
        "ignored_sheets": list(report.ignored_sheets),
        "notes": [{name: getattr(note, name) for name in _NOTE} for note in report.notes],
    }


_COLUMNS = ("sheet", "row", "column", "value", "rule", "message")
_NOTE = ("sheet", "column", "first", "rows", "rule", "message")


async def lots(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """A page of lots: `limit`, `after` (a lot)."""
    after = new_lot_of_text(params["after"]) if params.get("after") else None
    limit = params.get("limit", 100)
    refs = await asyncio.to_thread(ledger.store.lots, after, limit + 1)
    master = await asyncio.to_thread(ledger.store.master_data)
    rows = []
    for ref in refs[:limit]:
        product = master.products.get(ref.product)
        rows.append({"lot": str(ref), "name": text_in(product.name, params.get("lang", "en")) if product else ""})
    return {"lots": rows, "next": str(refs[limit - 1]) if len(refs) > limit else ""}


async def story(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """
    A lot's story, judged against the chain now; for the operator, so it says what was erased and, with `reveal`, what
    sealed members say.
    """
    lot = await asyncio.to_thread(lot_of_text, ledger.store, params["lot"])
    told = story_json(await ledger.story.story(lot))
    await confidences(ledger, told["events"], reveal=params.get("reveal", False))
    master = await asyncio.to_thread(ledger.store.master_data)
    language = params.get("lang", "en")
    told["partyNames"] = {f"{party.id:013d}": text_in(party.name, language) for party in master.parties.values()}
    return told


async def trace(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """
    The lot and what it was made from, or with `forward` what was made from it, nearest first: `limit` lots behind the
    place that the token `after` names.
    """

    def work() -> Result:
        lot = lot_of_text(ledger.store, params["lot"])
        limit, after = params.get("limit", 1000), params.get("after", "")
        page = trace_page(ledger.store, lot, forward=bool(params.get("forward")), limit=limit, token=after)
        products = ledger.store.master_data().products
        rows = []
        for step in page.steps:
            product = products.get(step.lot.product) if step.lot else None
            rows.append({
                "lot": str(step.lot) if step.lot else "0x" + step.id.hex(),
                "name": text_in(product.name, params.get("lang", "en")) if product else "",
                "depth": step.depth,
            })  # fmt: skip
        return {"lots": rows, "total": page.total, "next": page.next}

    return await asyncio.to_thread(work)


async def export(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """The lot's events, with `ancestors` also those of the lots that it was made from, as an EPCIS document."""

    def work() -> Result:
        lot = lot_of_text(ledger.store, params["lot"])
        lots = [step.lot for step in trace_back(ledger.store, lot) if step.lot] if params["ancestors"] else [lot]
        created = datetime.fromtimestamp(ledger.clock.now(), UTC).isoformat(timespec="milliseconds")
        return epcis_document(ledger.store, lots, created)

    return await asyncio.to_thread(work)


async def proof(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """The proof bundle of a lot; with `disclosures` everything in it that is kept and not erased can be read."""

    def work() -> Result:
        lot = lot_of_text(ledger.store, params["lot"])
        return bundle_to_json(ledger.proofs().bundle_of(lot, disclosed=params.get("disclosures", False)))

    return await asyncio.to_thread(work)


async def label(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """The QR of a lot: `form` svg or png; base64 in `data`."""
    lot = await asyncio.to_thread(lot_of_text, ledger.store, params["lot"])
    uri = lot_link(ledger.settings.url, lot)
    data = qr_png(uri) if params["form"] == "png" else qr_svg(uri).encode()
    name = f"{lot.product:014d}-{lot.code}".replace("/", "_")
    return {"uri": uri, "name": f"{name}.{params['form']}", "data": base64.b64encode(data).decode()}


async def parties(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """All parties."""
    master = await asyncio.to_thread(ledger.store.master_data)
    rows = [
        {
            "id": f"{party.id:013d}",
            "name": text_in(party.name, params.get("lang", "en")),
            "roles": [role.name.lower() for role in party.roles if role.name],
            "city": text_in(party.city, params.get("lang", "en")),
        }
        for party in master.parties.values()
    ]
    return {"parties": rows}


async def fsck(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """Re-derives everything from what is stored. `erased`: sealed members that nobody can show any more."""
    check = ledger.fsck()
    findings = await asyncio.to_thread(check.run, progress)
    erased = await asyncio.to_thread(check.erased)
    return {"faults": [{"where": finding.where, "what": finding.what} for finding in findings], "erased": erased}


async def tamper(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """Changes a stored event of the lot behind the ledger's back."""
    lot = await asyncio.to_thread(lot_of_text, ledger.store, params["lot"])
    done = await asyncio.to_thread(ledger.tamper().tamper, lot)
    url = lot_link(ledger.settings.url, lot)
    return {"step": done.step, "member": done.member, "before": done.before, "after": done.after, "url": url}


async def restore(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """Puts back what `tamper` changed."""
    lot = await asyncio.to_thread(lot_of_text, ledger.store, params["lot"])
    restored = await asyncio.to_thread(ledger.tamper().restore, lot)
    return {"restored": restored, "url": lot_link(ledger.settings.url, lot)}


async def send_held(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """Lets the held entries of the lot go to the chain."""
    lot = await asyncio.to_thread(lot_of_text, ledger.store, params["lot"])
    sent = await asyncio.to_thread(let_go, ledger, lot)
    ledger.wake()
    return {"sent": sent, "url": lot_link(ledger.settings.url, lot)}


OPERATIONS: dict[str, Operation] = {
    "ping": ping,
    "status": status,
    "import": import_file,
    "lots": lots,
    "story": story,
    "trace": trace,
    "export": export,
    "proof": proof,
    "label": label,
    "labels": labels,
    "parties": parties,
    "fsck": fsck,
    "tamper": tamper,
    "restore": restore,
    "send-held": send_held,
    **ACCOUNTS,
    **GROWING,
    **HANDOFFS,
    **PLEDGES,
    **CORRECTIONS,
    **KEYS,
    **CONFIDENCES,
    **RECEIPTS,
    **API_KEYS,
    **INVITING,
    **CAPTURING,
    **TEMPERATURES,
}
