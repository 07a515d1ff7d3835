"""How long a verdict takes, live against the chain, and what a consumer's phone has to fetch."""

from __future__ import annotations

import http.client
import time
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from service_process import ServiceProcess

from benchmarks import orchard
from benchmarks.figures import Figure
from ledger.adapters.qr_labels import lot_link

ASKED = 30
SIZES = (10, 100)


def measure(folder: Path) -> list[Figure]:
    """Stories of lots with so many events, and their pages."""
    events = []
    for number, size in enumerate(SIZES):
        events += [orchard.harvest(number), *orchard.sales(number, size - 1)]
    service = ServiceProcess(folder / "data")
    figures = []
    try:
        service.start()
        service.operate("import", path=str(orchard.write_master(folder)))
        service.operate("import", path=str(orchard.write_document(folder / "sales.jsonld", events)))
        service.wait_until_settled()
        for number, size in enumerate(SIZES):
            lot = orchard.lot(number)
            story = service.operate("story", lot=str(lot))
            if (story["verdict"], len(story["events"])) != ("verified", size):
                raise SystemExit(f"{lot} is {story['verdict']} with {len(story['events'])} events")
            spent, size_in_bytes = _page(lot_link(service.url, lot))
            figures.append(Figure(
                f"page of a lot with {size} events, verdict included", f"{spent * 1000:.0f} ms",
                "< 1 s", "", f"median of {ASKED} requests, each with all five checks made against the chain",
            ))  # fmt: skip
            figures.append(Figure(
                f"bytes of that page ({size} events)", f"{size_in_bytes / 1000:.1f} kB", "< 100 kB", "",
                "gzip, all there is to fetch: no scripts, style inline",
            ))  # fmt: skip
    finally:
        if service.process is not None:
            service.interrupt()
    return figures


def _page(url: str) -> tuple[float, int]:
    """Median seconds to the last byte, and compressed bytes of the body."""
    parts = urlsplit(url)
    times, body = [], b""
    for _ in range(ASKED):
        started = time.monotonic()
        connection = http.client.HTTPConnection(parts.netloc, timeout=30)
        connection.request("GET", parts.path, headers={"accept": "text/html", "accept-encoding": "gzip"})
        answer = connection.getresponse()
        body = answer.read()
        times.append(time.monotonic() - started)
        if answer.status != 200 or answer.getheader("content-encoding") != "gzip":
            raise SystemExit(f"{url}: {answer.status}, {answer.getheader('content-encoding')}")
        connection.close()
    return median(times), len(body)
