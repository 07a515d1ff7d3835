"""
Silkroot over HTTP: documents of pre-signed sensor events into a running service with its chain, load generator on the
same machine; first as fast as it answers, then in an open loop at 80% of that. Each event has a signature of its own;
at last documents are sent whose events have one signature together.

Everything is on: sealing, receipts, stock, indexes, log, checkpoints on chain. Afterwards rows, leaves and
acknowledgements are counted, and receipts taken at random are verified against the chain.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from service_process import ServiceProcess, service_pids
from signing_keys import SigningKey, signing_key

from benchmarks import load_check, orchard, peers
from benchmarks.figures import Figure
from benchmarks.importing import pss
from benchmarks.load_events import LOTS, write_documents
from ledger.adapters.deployment import load_deployment
from ledger.domain.typed_data import Domain

DEVICE = signing_key(4471)
WARM_UP, SECONDS, LONG_SECONDS = 5, 15, 60
SIZES = (100, 1_000)
"""Events a document."""
CONNECTIONS = {100: 8, 1_000: 8}
ANCHORED = 40
"""Documents of which the time to an anchored proof is taken."""
SHARE = 0.8
"""Of the highest rate, in the open loop."""
MOST = 12_000
"""
Events a second that are made ahead for, on all cores, 20 s for each run at the highest rate; a machine that takes more
runs out of documents earlier.
"""
LOOK_SECONDS = 0.2
MEMORY_LOOKS, PROCESSES_LOOKS = 2, 15
"""
At each look the published size is asked for, at each second one pages are added up, which takes 7 ms of processor time
and keeps a process from getting new ones meanwhile, and at each fifteenth its processes are looked for, which takes 9.
All of it at each look was a tenth of a core. Once a second misses peaks: by 6 MB in a run that was watched by two.
"""


@dataclass
class Watch:
    """Samples memory and the published size while it runs; `published` as (Unix time, leaves)."""

    service: ServiceProcess
    published: list[tuple[float, int]] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Watch:
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        pids: list[int] = []
        for look in itertools.count():
            if self._stop.wait(LOOK_SECONDS):
                return
            with urllib.request.urlopen(f"{self.service.url}/log/checkpoint") as answer:
                self.published.append((time.time(), int(answer.read().split(b"\n")[1])))
            if look % PROCESSES_LOOKS == 0:
                pids = service_pids(self.service.pid)
            if look % MEMORY_LOOKS == 0:
                self.memory.append(sum(map(pss, pids)))


def measure(folder: Path, *, long: bool = False) -> list[Figure]:
    """One service for all sizes of document, so that each run meets what the one before has left."""
    seconds = LONG_SECONDS if long else SECONDS
    service = ServiceProcess(folder / "data")
    figures: list[Figure] = []
    best = 0.0
    try:
        service.start()
        deployment = load_deployment(service.data_dir / "deployment.json")
        sender = Sender(service, folder / "documents", deployment.ledger_domain, prepare(service, folder))
        with Watch(service) as watch:
            for size in SIZES:
                highest = sender.send(size, MOST, per_second=0, seconds=SECONDS)
                best, rate = max(best, highest.rate), highest.rate * SHARE
                steady = sender.send(size, int(rate) + 1, per_second=rate, seconds=seconds)
                figures += rows(size, highest, steady, delays(service, sender.key, steady, watch))
            batched = sender.send(SIZES[-1], MOST, per_second=0, seconds=SECONDS, together=True)
            figures.append(_together(batched))
            service.wait_until_settled(600)
        figures += load_check.figures(service, deployment, sender.events, max(watch.memory))
    finally:
        if service.process is not None:
            service.interrupt()
    return figures + peers.figures(peers.rates(folder), best)


def prepare(service: ServiceProcess, folder: Path) -> str:
    """Registers a farm, its lots and its device; gives an API key."""
    service.operate("import", path=str(orchard.write_master(folder)))
    harvests = [orchard.harvest(number) for number in range(LOTS)]
    service.operate("import", path=str(orchard.write_document(folder / "harvests.jsonld", harvests)))
    enrol(service, DEVICE)
    service.wait_until_settled()
    made = service.operate("create-api-key", party=f"{orchard.FARM:013d}", actions=["capture"], days=1)
    return str(made["key"])


def enrol(service: ServiceProcess, key: SigningKey) -> None:
    """The device becomes a key of the farm."""
    asked = {
        "party": f"{orchard.FARM:013d}", "public_key": "0x" + key.address.hex(), "admin": False, "until": 0,
        "deadline": None, "signature": "",
    }  # fmt: skip
    told = service.operate("add-key", **asked)
    signature = key.sign(bytes.fromhex(told["digest"][2:]))  # type: ignore[arg-type]
    service.operate("add-key", **{**asked, "deadline": told["deadline"], "signature": "0x" + signature.hex()})


@dataclass(frozen=True)
class Sent:
    """What one run of the generator found. `rate`: events a second, counted ones over the time that they took."""

    size: int
    latencies: list[float]
    statuses: dict[str, int]
    acknowledged: list[tuple[float, str]]
    rate: float


@dataclass
class Sender:
    """Makes documents and has them sent; `events` counts what was made so far, `key` is the API key."""

    service: ServiceProcess
    file: Path
    domain: Domain
    key: str
    events: int = 0

    def send(self, size: int, rate: int, *, per_second: float, seconds: int, together: bool = False) -> Sent:
        """Documents of `size` events, enough for `rate` events a second; signed `together`, or each event by itself."""
        count = max(2, rate * (WARM_UP + seconds) // size)
        write_documents(self.file, self.domain, DEVICE, count=count, size=size, first=self.events, together=together)
        self.events += count * size
        words = [sys.executable, "-m", "benchmarks.load_generator", f"127.0.0.1:{self.service.port}", str(self.file)]
        words += ["--connections", str(CONNECTIONS[size]), "--seconds", str(seconds), "--warm-up", str(WARM_UP)]
        if per_second:
            words += ["--per-second", str(per_second / size)]
        environment = {
            **os.environ,
            "SILKROOT_BENCH_KEY": self.key,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }
        done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode:
            raise SystemExit(done.stderr)
        told = json.loads(done.stdout)
        taken = told["statuses"].get("202", 0)
        if not taken:
            raise SystemExit(f"no document was taken: {told['statuses']}")
        return Sent(
            size, told["latencies"], told["statuses"], [(at, job) for at, job in told["acknowledged"] if job],
            taken * size / told["seconds"],
        )  # fmt: skip


def delays(service: ServiceProcess, key: str, sent: Sent, watch: Watch) -> list[float]:
    """Seconds from the acknowledgement of a document, of some taken at random, until a published checkpoint has it."""
    found = []
    for at, job in random.Random(9162).sample(sent.acknowledged, min(ANCHORED, len(sent.acknowledged))):  # noqa: S311
        request = urllib.request.Request(
            f"{service.url}/epcis/capture/{job}", headers={"authorization": f"Bearer {key}"}
        )
        with urllib.request.urlopen(request) as answer:
            told: Any = json.load(answer)
        last = max(int(event["receipt"]["logIndex"]) for event in told["events"])
        while not watch.published or watch.published[-1][1] <= last:
            time.sleep(0.2)
        found.append(next(seen for seen, size in watch.published if size > last) - at)
    return found


def rows(size: int, highest: Sent, steady: Sent, anchored: Sequence[float]) -> list[Figure]:
    """Three rows: as fast as answered, in the open loop, to an anchored proof (`anchored`, seconds)."""
    documents = f"documents of {size:,} events"
    slowest = quantiles(steady.latencies, n=100)[98] if len(steady.latencies) > 1 else steady.latencies[0]
    refused = {status: count for status, count in steady.statuses.items() if status != "202"}
    return [
        Figure(
            f"capture over HTTP, {documents}", f"{highest.rate:,.0f} events/s", "3,472/s, aim 5,000/s", "",
            f"each event with its own signature; {CONNECTIONS[size]} connections, each sending when answered, for "
            f"{highest.size * len(highest.latencies) / highest.rate:.0f} s after {WARM_UP} s of warm-up",
        ),
        Figure(
            f"acknowledgement at {SHARE:.0%} of it, {documents}", f"{median(steady.latencies) * 1000:.0f} ms", "",
            f"99th percentile {slowest * 1000:.0f} ms" + (f"; refused: {refused}" if refused else ""),
            f"open loop, {steady.rate:,.0f} events/s, from the time a document was due; target of the 99th percentile "
            "for 100 events: 250 ms",
        ),
        Figure(
            f"to an anchored proof, {documents}", f"{median(anchored):.1f} s", "< 3 s",
            f"slowest {max(anchored):.1f} s",
            f"{len(anchored)} documents of that run, from the acknowledgement until /log shows a checkpoint over it "
            "that is final on chain",
        ),
    ]  # fmt: skip


def _together(sent: Sent) -> Figure:
    return Figure(
        f"capture over HTTP, documents of {sent.size:,} events, one signature for each document",
        f"{sent.rate:,.0f} events/s", "10,000/s", "",
        f"as above, but that a device signs its events at once, as `Batch(root, count)`; {CONNECTIONS[sent.size]} "
        "connections",
    )  # fmt: skip
