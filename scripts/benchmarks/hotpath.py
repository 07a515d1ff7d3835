"""
Where the processor's time goes in bulk capture: from the bytes of a document of pre-signed events to its stored job,
by step, and what each step could cost at least on this machine. HTTP is not in it.

Processor time of this process, by `time.process_time`: so other work on the machine does not count, and what threads do
at the same time adds up. The total is measured untouched; the steps are measured in runs of their own, in which the
functions named in `STEPS` are wrapped, each with what it calls itself taken off. What wrapping costs is measured with a
function that does nothing, and taken off too.
"""

from __future__ import annotations

import hashlib
import importlib
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import coincurve
import event_builders as b
import orjson
from capture_documents import document, jobs_of, key_of
from ledger_fixture import ledger_world
from presigned_events import enrol, presign
from signing_keys import SigningKey, signing_key

from api.collecting import collect_seldom
from benchmarks.figures import Figure
from ledger.domain.identifiers import LotRef
from ledger.domain.records import JsonTree
from ledger.services.integrate import integrate

EVENTS = 1_000
DOCUMENTS = 5
WARM = 2
LOTS = 50
CONTEXT = [
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    {"silkroot": "https://silkroot.example/epcis/"},
]
TARGET = "< 288 µs"
"""3,472 events a second on one core."""

STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("parse strict JSON, split the document", (
        "ledger.services.capture_jobs:parse_json_object", "ledger.services.capture_jobs:events_of",
        "ledger.services.capture_jobs:first_unsigned", "ledger.services.capture_jobs:require_few_parts",
    )),
    ("take the proof out", ("ledger.services.preparing:Preparing._take_apart",)),
    ("check EPCIS", ("ledger.services.preparing:Preparing._check_form",)),
    ("look for what has to be sealed", ("ledger.services.preparing:Preparing._check_sealing",)),
    ("content hash", ("ledger.services.preparing:Preparing._hash",)),
    ("bind: action", ("ledger.services.preparing:Preparing._check_binding",)),
    ("EIP-712 digest", ("ledger.services.preparing:Preparing._digest",)),
    ("check the signature", ("ledger.services.preparing:Preparing._check_signatures",)),
    ("CBV event hash", ("ledger.services.preparing:Preparing._name",)),
    ("identity of the request, stored form", ("ledger.services.preparing:Preparing._identify",)),
    ("lots, values together", ("ledger.services.preparing:Preparing._finish",)),
    ("pack body and proof", ("ledger.services.capture:_packed",)),
    ("look up what is known", ("ledger.services.capture:look_up",)),
    ("rules of the ledger", ("ledger.services.capture:Capture._record_each",)),
    ("number, make rows", (
        "ledger.adapters.sql_store.transaction:SqlTransaction.append",
        "ledger.adapters.sql_store.transaction:SqlTransaction._make_rows",
    )),
    ("sign the receipt", ("ledger.adapters.sql_store.leaves:LeafRows.sign",)),
    ("write the rows", ("ledger.adapters.sql_store.transaction:SqlTransaction.flush",)),
)  # fmt: skip
"""What is measured together: functions by where they are called from."""


def measure(folder: Path) -> list[Figure]:
    """The total, each step beside its least, and how many events a second one core could take."""
    collect_seldom()
    (folder / "total").mkdir()
    (folder / "steps").mkdir()
    total = median(captured(folder / "total")[WARM:])
    with watching() as spent:
        captured(folder / "steps", spent.clear)
    steps = {name: spent[name] / EVENTS * 1e6 for name, _ in STEPS}
    steps["everything else"] = total - sum(steps.values())
    floors = least(folder)
    anchored = integrated(folder / "total")
    return [
        Figure(
            "bytes to stored job, all steps", f"{total:.0f} µs", TARGET, f"{1e6 / total:,.0f} events/s a core",
            f"median of {DOCUMENTS} documents of {EVENTS:,} events after {WARM} others; processor time an event",
        ),
        *(
            Figure(name, f"{spent_in:.1f} µs", "", *floors.get(name, ("", "")))
            for name, spent_in in steps.items()
        ),
        Figure(
            "beside that: into the log", f"{anchored:.0f} µs", "", "",
            "each leaf derived again from what is stored, tiles, root; what a checkpoint needs",
        ),
    ]  # fmt: skip


def captured(folder: Path, begin: Callable[[], None] = lambda: None) -> list[float]:
    """Microseconds an event of each of the documents, captured one after the other into a new ledger."""
    world = ledger_world(folder)
    device = signing_key(4711)
    enrol(world, b.FARM, device)
    jobs, key, found = jobs_of(world), key_of(), []
    for number in range(WARM + DOCUMENTS):
        data = document(events_of_loggers(number * EVENTS, EVENTS, device), **{"@context": CONTEXT})
        begin()
        started = time.process_time()
        job = jobs.take(data, key)
        found.append((time.process_time() - started) / EVENTS * 1e6)
        if not job.success or job.repeated or None in job.contents:
            raise SystemExit(f"not captured: {job.errors[:1]}")
    world.store.close()
    return found


def integrated(folder: Path) -> float:
    """Microseconds an event for deriving the leaves of that ledger again and putting them into tiles."""
    world = ledger_world(folder)
    done, started = 0, time.process_time()
    while count := integrate(world.store.log, 10**9):
        done += count
    spent = time.process_time() - started
    world.store.close()
    return spent / done * 1e6


def events_of_loggers(first: int, count: int, device: SigningKey) -> list[JsonTree]:
    """So many readings of temperature, no two alike, each signed by the device; without a context of their own."""
    signed = (presign(reading(number), device) for number in range(first, first + count))
    return [{key: value for key, value in event.items() if key != "@context"} for event in signed]


def reading(number: int) -> JsonTree:
    """One reading beside a lot, as a logger's gateway sends it."""
    second = number % 60
    at = f"2026-08-05T{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{second:02d}.{number % 1000:03d}+08:00"
    lot = LotRef(b.BULK_MELON, f"H-{number % LOTS:04d}")
    return {
        "@context": CONTEXT,
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "bizStep": "sensor_reporting",
        "disposition": "in_progress",
        "eventTime": at,
        "eventTimeZoneOffset": "+08:00",
        "silkroot:party": f"{b.FARM:013d}",
        "silkroot:blind": hashlib.sha256(b"blind %d" % number).hexdigest()[:32],
        "readPoint": {"id": f"https://id.gs1.org/414/{b.FARM:013d}"},
        "quantityList": [{"epcClass": f"https://id.gs1.org/01/{lot.product:014d}/10/{lot.code}"}],
        "sensorElementList": [
            {
                "sensorMetadata": {"time": at, "deviceID": f"urn:example:logger:{number % 200}"},
                "sensorReport": [{"type": "Temperature", "value": 4 + number % 97 / 100, "uom": "CEL"}],
            }
        ],
    }


# ------------------------------------------------------------------------------------------------------ the steps


@contextmanager
def watching() -> Iterator[dict[str, float]]:
    """Seconds of processor time in each step, without the steps that it calls, while the block runs."""
    spent: dict[str, float] = defaultdict(float)
    inner: list[float] = [0.0]
    costs = _costs_of_watching()
    undo: list[tuple[Any, str, Any]] = []
    for name, places in STEPS:
        for place in places:
            module, _, path = place.partition(":")
            *holders, attribute = path.split(".")
            holder: Any = importlib.import_module(module)
            for one in holders:
                holder = getattr(holder, one)
            original = getattr(holder, attribute)
            undo.append((holder, attribute, original))
            setattr(holder, attribute, _watched(original, name, spent, inner, costs))
    try:
        yield spent
    finally:
        for holder, attribute, original in reversed(undo):
            setattr(holder, attribute, original)


def _watched(
    original: Callable[..., Any],
    name: str,
    spent: dict[str, float],
    inner: list[float],
    costs: tuple[float, float] = (0.0, 0.0),
) -> Callable[..., Any]:
    within, around = costs

    def watched(*arguments: Any, **named: Any) -> Any:
        inner.append(0.0)
        started = time.process_time()
        try:
            return original(*arguments, **named)
        finally:
            took = time.process_time() - started
            spent[name] += took - inner.pop() - within
            inner[-1] += took + around

    return watched


def _costs_of_watching(calls: int = 20_000) -> tuple[float, float]:
    """Seconds that the wrapper of a call takes: what it counts itself, and what whoever calls it has beside that."""
    spent: dict[str, float] = defaultdict(float)
    inner = [0.0]
    nothing = _watched(lambda: None, "", spent, inner)
    started = time.process_time()
    for _ in range(calls):
        nothing()
    whole = (time.process_time() - started) / calls
    within = spent[""] / calls
    return within, whole - within


# ------------------------------------------------------------------------------------------------------ the limits


def least(folder: Path) -> dict[str, tuple[str, str]]:
    """For a step, what the work in it that nobody can leave out costs here, and how that was measured."""
    device = signing_key(1)
    private = coincurve.PrivateKey(device.secret)
    digests = [hashlib.sha256(b"%d" % number).digest() for number in range(500)]
    signatures = [private.sign_recoverable(digest, hasher=None) for digest in digests]
    event = presign(reading(1), device)
    text = orjson.dumps(event)
    bare = orjson.dumps({key: value for key, value in event.items() if key != "silkroot:proof"})

    def recover(index: int) -> object:
        return coincurve.PublicKey.from_signature_and_message(signatures[index], digests[index], hasher=None)

    def hashed(_: int) -> object:
        return hashlib.sha256(bare).digest()

    def joined(index: int) -> object:
        pair = digests[index] + digests[-1 - index]
        return hashlib.sha256(b"\x00" + pair).digest(), hashlib.sha256(b"\x01" + pair).digest()

    def signed(index: int) -> object:
        return private.sign_recoverable(digests[index], hasher=None)

    return {
        "parse strict JSON, split the document": (
            f"{_each(lambda _: orjson.loads(text)):.1f} µs", f"orjson.loads of one event, {len(text)} bytes",
        ),
        "content hash": (
            f"{_each(lambda _: hashlib.sha256(orjson.dumps(event, option=orjson.OPT_SORT_KEYS)).digest()):.1f} µs",
            "orjson.dumps with sorted keys, and SHA-256 of it",
        ),
        "identity of the request, stored form": (f"{_each(hashed):.1f} µs", f"SHA-256 of {len(bare)} bytes"),
        "CBV event hash": (f"{_each(hashed):.1f} µs", f"SHA-256 of {len(bare)} bytes"),
        "check the signature": (f"{_each(recover):.1f} µs", "coincurve: one recovery of a secp256k1 key"),
        "sign the receipt": (
            f"{_each(joined) + _each(signed) / EVENTS:.1f} µs",
            f"SHA-256 over two hashes, twice: leaf and node; coincurve: a signature, by {EVENTS:,} events",
        ),
        "write the rows": (f"{_rows(folder):.1f} µs", "sqlite3.executemany of the same rows into tables without index"),
    }  # fmt: skip


def _each(work: Callable[[int], object], times: int = 4) -> float:
    """Microseconds of processor time of one call, over 500 different ones."""
    runs = []
    for _ in range(times):
        started = time.process_time()
        for index in range(500):
            work(index)
        runs.append((time.process_time() - started) / 500 * 1e6)
    return min(runs)


_TABLES = ("events", "event_lots", "event_index", "log_leaves")


def _rows(folder: Path) -> float:
    """The rows that the measured ledger has, written again by the driver alone."""
    with sqlite3.connect(folder / "total" / "silkroot.sqlite3") as source:
        rows = {table: source.execute(f"SELECT * FROM {table} LIMIT {EVENTS}").fetchall() for table in _TABLES}  # noqa: S608
    with sqlite3.connect(folder / "plain.sqlite3", isolation_level=None) as plain:
        plain.execute("PRAGMA journal_mode=WAL")
        for table, values in rows.items():
            plain.execute(f"CREATE TABLE {table} ({', '.join(f'c{place}' for place in range(len(values[0])))})")
        started = time.process_time()
        plain.execute("BEGIN IMMEDIATE")
        for table, values in rows.items():
            _insert(plain, table, values)
        plain.execute("COMMIT")
        return (time.process_time() - started) / EVENTS * 1e6


def _insert(connection: sqlite3.Connection, table: str, values: Sequence[tuple[Any, ...]]) -> None:
    marks = ", ".join("?" * len(values[0]))
    connection.executemany(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608


__all__ = ["captured", "events_of_loggers", "measure", "reading"]
