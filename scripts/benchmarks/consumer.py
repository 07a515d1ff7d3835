"""
How long the consumer's page takes on a slow phone in a slow network, how much it moves while it loads, what it weighs.

Chromium with four times less processor, and the network that its developer tools call Fast 3G: 562.5 ms to the first
byte of each answer, 1.6 Mbit/s down, 750 kbit/s up, less a tenth. Each time a new profile, so that nothing is cached.
"""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, sync_playwright
from service_process import ServiceProcess

from api.season import season_lots
from benchmarks.figures import Figure
from benchmarks.verifying import CHROMIUM
from ledger.adapters.qr_labels import lot_link

ASKED = 9
SLOWER = 4
FAST_3G = {
    "offline": False,
    "latency": 562.5,
    "downloadThroughput": 1.6 * 1024 * 1024 / 8 * 0.9,
    "uploadThroughput": 750 * 1024 / 8 * 0.9,
}
_PATIENCE_SECONDS = 180
SEEN = """() => new Promise(done => {
  // Largest content, and all that moved of itself, since the page was opened.
  const found = {content: 0, shift: 0};
  new PerformanceObserver(list => { for (const one of list.getEntries()) found.content = one.startTime; })
    .observe({type: 'largest-contentful-paint', buffered: true});
  new PerformanceObserver(list => { for (const one of list.getEntries()) found.shift += one.value; })
    .observe({type: 'layout-shift', buffered: true});
  setTimeout(() => {
    found.bytes = performance.getEntriesByType('navigation')[0].encodedBodySize;
    found.others = performance.getEntriesByType('resource').filter(one => one.name.startsWith('http')).length;
    done(found);
  }, 400);
})"""


@dataclass(frozen=True, slots=True)
class _Opened:
    """Milliseconds to the largest content, layout shift, bytes of the page as sent, and what else was fetched."""

    content: float
    shift: float
    bytes: int
    others: int


def measure(folder: Path) -> list[Figure]:
    """The verified lot of the season, with map, way and temperature, as a phone gets it."""
    service = ServiceProcess(folder / "data", ("--demo",))
    try:
        service.start()
        _wait_for_the_season(service)
        link = lot_link(service.url, season_lots()["verified"]) + "?at=9520001000089"
        with sync_playwright() as playwright:
            found = os.environ.get("SILKROOT_TEST_CHROMIUM") or shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=found, args=list(CHROMIUM))
            opened = [_open(browser, link) for _ in range(ASKED)]
            browser.close()
    finally:
        if service.process is not None:
            service.interrupt()
    slowest = max(one.content for one in opened)
    return [
        Figure(
            f"consumer page, Fast 3G and {SLOWER}x slower: content", f"{median(o.content for o in opened):.0f} ms",
            "< 1.5 s", f"slowest {slowest:.0f} ms",
            f"largest contentful paint, median of {ASKED} with an empty cache, judged against the chain each time",
        ),
        Figure(
            "the same: layout shift", f"{max(one.shift for one in opened):.3f}", "< 0.05", "",
            f"sum of all layout shifts, worst of {ASKED}",
        ),
        Figure(
            "the same: bytes sent", f"{max(one.bytes for one in opened) / 1000:.1f} kB", "< 100 kB",
            f"and {max(one.others for one in opened)} other requests",
            "gzip, a lot of some forty events with all its evidence",
        ),
    ]  # fmt: skip


def _open(browser: Browser, link: str) -> _Opened:
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2, is_mobile=True)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", FAST_3G)
    page.goto(link)
    if page.locator("main").get_attribute("data-verdict") != "verified":
        raise SystemExit("the page does not say that the lot is verified")
    seen = page.evaluate(SEEN)
    context.close()
    return _Opened(seen["content"], seen["shift"], seen["bytes"], seen["others"])


def _wait_for_the_season(service: ServiceProcess) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while "Cheat:" not in service.log():
        if time.monotonic() > deadline:
            raise SystemExit(service.log())
        time.sleep(0.3)
