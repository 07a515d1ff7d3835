"""
What an event costs in a ledger of ten thousand, a hundred thousand and a million events (ten million with `--long`):
capture, growing the log's tiles, an inclusion proof, a search. A cost that grows with the ledger shows here.

Events that are there already are copies of one captured event, written into the tables in seconds; those that are
measured are distinct, come signed, and go all the way.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from ledger_fixture import LEDGER_DOMAIN, START, ledger_world
from presigned_events import enrol

from benchmarks import orchard
from benchmarks.copied_rows import copy_events, publish
from benchmarks.figures import Figure
from benchmarks.load import DEVICE
from benchmarks.load_events import LOTS, document, presigned, reading
from ledger.adapters.master_data_toml import read_master_data
from ledger.domain.api_keys import ApiAction, ApiKey
from ledger.domain.content_hash import add_blind
from ledger.domain.identifiers import ContentHash, PartyId
from ledger.ports_questions import EventQuestion
from ledger.services.capture_jobs import CaptureJobs
from ledger.services.integrate import integrate

SIZES, LONG_SIZES = (10_000, 100_000, 1_000_000), (10_000, 100_000, 1_000_000, 10_000_000)
SIZE, DOCUMENTS, AGAIN = 1_000, 4, 50
"""Events a document, documents captured, and how often a question is asked."""


def measure(folder: Path, *, long: bool = False) -> list[Figure]:
    """Each row is the largest size beside the smallest."""
    sizes = LONG_SIZES if long else SIZES
    found = {}
    for size in sizes:
        place = folder / str(size)
        place.mkdir()
        found[size] = _costs(place, size)
    return [
        Figure(
            f"{what}, {sizes[-1]:,} events stored", f"{found[sizes[-1]][what]:,.0f} µs",
            "< 1.5 × that at 10,000", f"{found[sizes[-1]][what] / found[sizes[0]][what]:.2f} ×",
            "processor time; " + ", ".join(f"{found[size][what]:,.0f} µs at {size:,}" for size in sizes),
        )
        for what in found[sizes[0]]
    ]  # fmt: skip


def _costs(folder: Path, size: int) -> dict[str, float]:
    """Microseconds of processor time by what is done."""
    (folder / "master.toml").write_text(orchard.MASTER)
    world = ledger_world(folder, read_master_data(folder / "master.toml"))
    world.record(*(add_blind(orchard.harvest(number), orchard.FARM, bytes(16)) for number in range(LOTS)))
    enrol(world, orchard.FARM, DEVICE)
    jobs = CaptureJobs(world.store.capture_jobs, world.capturing, world.signer, world.store.archive, world.clock)
    _taken(jobs, _document(0))
    publish(world, copy_events(world, size))
    # What was copied goes to the disk before anything is measured: the first fsync would write a gigabyte of it.
    os.sync()
    try:
        spent = [_taken(jobs, _document(number)) for number in range(1, DOCUMENTS + 2)]
        started, grown = time.process_time(), 0
        while added := integrate(world.store.log, world.store.log.counts().leaves):
            grown += added
        growing = (time.process_time() - started) / grown * 1e6
        contents = [leaf.content_hash for leaf in world.store.log.leaves(size // 2, AGAIN)]
        return {
            "capture, an event of a document of 1,000": median(spent[1:]),
            "growing the log's tiles, a leaf": growing,
            "inclusion proof": _each(world.store.archive.inclusion, contents),
            "search by party, first 30": _each(lambda _: world.store.questions.events(_QUESTION, None, 30), contents),
        }
    finally:
        world.store.close()


_QUESTION = EventQuestion(parties=(orchard.FARM,))
_KEY = ApiKey("0" * 16, PartyId(orchard.FARM), "", frozenset((ApiAction.CAPTURE,)), bytes(32), 0)


def _taken(jobs: CaptureJobs, data: bytes) -> float:
    """Microseconds of processor time an event."""
    started = time.process_time()
    job = jobs.take(data, _KEY)
    spent = (time.process_time() - started) / SIZE * 1e6
    if not job.success:
        raise SystemExit(f"the document was refused: {job.errors[0]}")
    return spent


def _each(ask: Callable[[ContentHash], object], contents: Sequence[ContentHash]) -> float:
    started = time.process_time()
    for one in contents:
        if not ask(one):
            raise SystemExit("nothing was found")
    return (time.process_time() - started) / len(contents) * 1e6


def _document(number: int) -> bytes:
    deadline = int(START) + 2 * 86_400
    numbers = range(number * SIZE, (number + 1) * SIZE)
    return document([presigned(LEDGER_DOMAIN, DEVICE, reading(one), deadline) for one in numbers])
