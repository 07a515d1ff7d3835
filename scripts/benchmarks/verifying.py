"""
How long it takes to check a proof file of a lot with 20 events: in Python once started, and in a browser on a machine
slowed down four times; and what the file weighs.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright
from service_process import ServiceProcess

from benchmarks import orchard
from benchmarks.figures import Figure
from ledger.adapters.deployment import load_deployment
from ledger.adapters.evm_chain import EvmChain
from ledger.adapters.json_rpc import JsonRpc
from ledger.adapters.networks import local_network
from ledger.adapters.qr_labels import lot_link
from ledger.domain.bundle.opening import dossier_of, open_bundle
from ledger.domain.bundle.reading import read_bundle
from ledger.domain.dossier import question_of
from ledger.domain.story_values import Verdict
from ledger.domain.verdict import judge
from ledger.wiring import SystemClock

EVENTS = 20
ASKED = 30
ASKED_IN_BROWSER = 7
SLOWER = 4
CHROMIUM = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip

_ASKING = """() => {
  // Milliseconds in which at least one question to the node was open, of those since the last clearing.
  const spans = performance.getEntriesByType('resource').filter(one => new URL(one.name).pathname === '/rpc')
    .map(one => [one.startTime, one.responseEnd]).sort((one, other) => one[0] - other[0]);
  let until = 0, open = 0;
  for (const [start, end] of spans) { open += Math.max(0, end - Math.max(start, until)); until = Math.max(until, end); }
  performance.clearResourceTimings();
  return [open, spans.length];
}"""
_AGAIN = "link => { const field = document.querySelector('#link'); field.value = link; field.form.requestSubmit(); }"


@dataclass(frozen=True, slots=True)
class _Browsed:
    """Seconds from opening the page to the verdict; of a second check without and with the node, and its questions."""

    cold: float
    thinking: float
    asking: float
    questions: int


def measure(folder: Path) -> list[Figure]:
    """One harvest and nineteen sales: the bundle from the running service, checked again and again."""
    service = ServiceProcess(folder / "data")
    try:
        service.start()
        events = [orchard.harvest(0), *orchard.sales(0, EVENTS - 1)]
        service.operate("import", path=str(orchard.write_master(folder)))
        service.operate("import", path=str(orchard.write_document(folder / "sales.jsonld", events)))
        service.wait_until_settled()
        lot = orchard.lot(0)
        with urllib.request.urlopen(f"{service.url}/lots/{lot.product:014d}/{lot.code}/proof") as answer:
            data = answer.read()
        thinking, asking = asyncio.run(_in_python(data, folder / "data", f"{service.url}/rpc"))
        browsed = _in_browser(f"{service.url}/verify?lot={lot.product:014d}/{lot.code}", lot_link(service.url, lot))
    finally:
        if service.process is not None:
            service.interrupt()
    return [
        Figure(
            f"bytes of a proof file, {EVENTS} events", f"{len(data) / EVENTS:.0f} an event", "< 3000 an event", "",
            "JSON as served, not compressed",
        ),
        Figure(
            f"checking a proof file of {EVENTS} events, in Python", f"{thinking * 1000:.0f} ms", "< 300 ms",
            f"{asking * 1000:.0f} ms more to ask the node", f"median of {ASKED}, once started, asking the node apart",
        ),
        Figure(
            f"checking a lot of {EVENTS} events in Chromium, {SLOWER}x slower", f"{browsed.thinking * 1000:.0f} ms",
            "< 1 s", f"{browsed.asking * 1000:.0f} ms more with {browsed.questions} questions to the node open",
            f"median of {ASKED_IN_BROWSER}, a second check on the same page, fetching the proof file included, without "
            "the time in which a question to the node was open (Resource Timing)",
        ),
        Figure(
            f"the same from a click on the link, {SLOWER}x slower", f"{browsed.cold * 1000:.0f} ms", "", "",
            f"median of {ASKED_IN_BROWSER}, page and scripts fetched and compiled, the node asked",
        ),
    ]  # fmt: skip


async def _in_python(data: bytes, data_dir: Path, node: str) -> tuple[float, float]:
    """Seconds of reading, opening and judging, and of asking the node."""
    deployment = load_deployment(data_dir / "deployment.json")
    rpc = JsonRpc(node)
    chain = EvmChain(rpc, deployment, local_network().network, SystemClock())
    thinking, asking = [], []
    for _ in range(ASKED):
        started = time.perf_counter()
        dossier = dossier_of(open_bundle(read_bundle(data), ()), deployment.ledger_domain)
        question = question_of(dossier)
        asked = time.perf_counter()
        facts = await chain.facts(question)
        answered = time.perf_counter()
        judgement = judge(dossier, facts, single_operator=True)
        thinking.append(time.perf_counter() - answered + asked - started)
        asking.append(answered - asked)
        if judgement.verdict is not Verdict.VERIFIED:
            raise SystemExit(f"the lot is {judgement.verdict}: {judgement.reasons}")
    await rpc.close()
    return median(thinking), median(asking)


def _in_browser(url: str, link: str) -> _Browsed:
    """Each time a page of its own, and a second check on it."""
    done = 'main[data-verdict="verified"]'
    cold, thinking, asking, questions = [], [], [], 0
    with sync_playwright() as playwright:
        found = os.environ.get("SILKROOT_TEST_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=found, args=list(CHROMIUM))
        for _ in range(ASKED_IN_BROWSER):
            page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
            page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
            started = time.perf_counter()
            page.goto(url)
            page.wait_for_selector(done)
            cold.append(time.perf_counter() - started)
            page.evaluate(_ASKING)
            started = time.perf_counter()
            page.evaluate(_AGAIN, link)  # takes the verdict away at once
            page.wait_for_selector(done)
            whole = time.perf_counter() - started
            spent, questions = page.evaluate(_ASKING)
            if not questions:
                raise SystemExit("the page did not ask the node")
            asking.append(spent / 1000)
            thinking.append(whole - spent / 1000)
            page.context.close()
        browser.close()
    return _Browsed(median(cold), median(thinking), median(asking), questions)
