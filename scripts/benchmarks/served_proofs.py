"""
How long a proof takes over HTTP, out of a log of a million leaves: an event's inclusion proof, and the whole proof file
of a lot.

The application, store and tables are the real ones, on a real socket. Lots whose files are asked for were captured;
the other leaves are written into the table as capture would have left them, since capturing a million takes long.
"""

from __future__ import annotations

import http.client
import json
import random
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles

import event_builders as b
import uvicorn
from fake_services import FakeWorld
from ledger_fixture import LEDGER_DOMAIN, LOG_DOMAIN, FixedClock, World, ledger_world

from api.app import create_app
from api.dependencies import PublishedLog
from benchmarks.copied_rows import publish, spread_leaves
from benchmarks.figures import Figure
from ledger.domain.bundle.opening import open_bundle
from ledger.domain.bundle.reading import read_bundle
from ledger.domain.bundle.values import BundleChain
from ledger.domain.identifiers import LotRef
from ledger.domain.log.proofs import InclusionProof
from ledger.domain.merkle import TreeHash
from ledger.services.proofs import Proofs

LEAVES, LOTS, EVENTS, ASKED = 1_000_000, 60, 5, 600


def measure(folder: Path, leaves: int = LEAVES) -> list[Figure]:
    """Each asked over one connection, one after the other; every answer is verified, apart from the clock."""
    world = ledger_world(folder)
    for number in range(LOTS):
        made = b.harvest(lot=_lot(number))
        world.record(made, *(b.inspection(lots=[_lot(number)], when=_time(nth)) for nth in range(EVENTS - 1)))
    entries = spread_leaves(world, leaves)
    root = publish(world, entries)
    indexes = random.Random(9162).sample(range(leaves), ASKED)  # noqa: S311
    with _serving(world) as address:
        single = _asked(address, [f"/log/proof?hash=0x{entries[index].content_hash.hex()}" for index in indexes])
        files = _asked(address, [_file(_lot(number % LOTS)) for number in range(ASKED)])
    for index, (_, answer) in zip(indexes, single, strict=True):
        told = json.loads(answer)
        hashes = tuple(TreeHash(bytes.fromhex(one[2:])) for one in told["proof"])
        if not InclusionProof(told["logIndex"], told["size"], hashes).holds(entries[index].leaf, root):
            raise SystemExit(f"the proof of leaf {index} is wrong")
    for _, answer in files[:LOTS]:
        bundle = read_bundle(answer)
        included = [one.inclusion for one in open_bundle(bundle, ()).bundle.events]
        if len(included) != EVENTS or not all(one is not None and one.size == leaves for one in included):
            raise SystemExit("a proof file does not have every event's place in the log")
    size = f"{leaves:,} leaves"
    return [
        Figure(
            f"an event's inclusion proof over HTTP, {size}", *_words(single),
            f"median of {ASKED} answers of /log/proof, one after the other, each verified",
        ),
        Figure(
            f"proof file of a lot with {EVENTS} events over HTTP, {size}", *_words(files),
            f"median of {ASKED} answers of /lots/…/proof; {len(files[0][1]):,} bytes",
        ),
    ]  # fmt: skip


@contextmanager
def _serving(world: World) -> Iterator[tuple[str, int]]:
    chain = BundleChain(LEDGER_DOMAIN.chain_id, bytes(20), LEDGER_DOMAIN.contract, LOG_DOMAIN.contract)
    services = replace(
        FakeWorld().services,
        log=PublishedLog(world.store.archive, "a key"),
        proofs=Proofs(world.store, world.store.log, chain, FixedClock()),
    )
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # as the service listens
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    server = uvicorn.Server(uvicorn.Config(create_app(services), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield listener.getsockname()
    finally:
        server.should_exit = True
        thread.join()
        world.store.close()


def _asked(address: tuple[str, int], paths: Sequence[str]) -> list[tuple[float, bytes]]:
    """Seconds from the request to the last byte of its answer, and the answer; after some that are not counted."""
    connection = http.client.HTTPConnection(*address)
    found = []
    for path in (*paths[:20], *paths):
        started = time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        data = answer.read()
        found.append((time.perf_counter() - started, data))
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status}")
    connection.close()
    return found[20:]


def _words(asked: Sequence[tuple[float, bytes]]) -> tuple[str, str, str]:
    """Median, target, and the slowest in a hundred."""
    times = [seconds * 1000 for seconds, _ in asked]
    return f"{median(times):.1f} ms", "< 10 ms", f"99th percentile {quantiles(times, n=100)[98]:.1f} ms"


def _file(lot: LotRef) -> str:
    return f"/lots/{lot.product:014d}/{lot.code}/proof"


def _lot(number: int) -> LotRef:
    return LotRef(b.BULK_MELON, f"P{number:04d}")


def _time(nth: int) -> b.When:
    return b.When(f"2026-08-05T13:{nth:02d}:00.000+08:00")
