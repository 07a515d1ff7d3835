"""
Silkroot on PostgreSQL, in one process and with `--workers 2`: the documents of `load`, as fast as they are answered and
then in an open loop at 80% of that. Load generator, chain and database server share the machine's processors with it.

Afterwards rows are counted and receipts verified as after `load`.
"""

from __future__ import annotations

from pathlib import Path

import psycopg
from postgres_server import PostgresServer, running_server
from service_process import ServiceProcess

from benchmarks import load, load_check
from benchmarks.figures import Figure
from ledger.adapters.deployment import load_deployment

SIZE = 1_000
"""Events a document."""
WAYS: dict[str, tuple[str, ...]] = {"one process": (), "2 workers": ("--workers", "2")}
"""The arguments of `silkroot up`."""


def measure(folder: Path) -> list[Figure]:
    """Each way on a database of its own."""
    found: list[Figure] = []
    with running_server() as server:
        for way, arguments in WAYS.items():
            place = folder / way.replace(" ", "-")
            place.mkdir()
            found += _way(place, server, way, arguments)
    return found


def _way(folder: Path, server: PostgresServer, way: str, arguments: tuple[str, ...]) -> list[Figure]:
    url = server.database()
    service = ServiceProcess(folder / "data", arguments, settings={"SILKROOT_DATABASE_URL": url})
    try:
        service.start()
        deployment = load_deployment(service.data_dir / "deployment.json")
        key = load.prepare(service, folder)
        sender = load.Sender(service, folder / "documents", deployment.ledger_domain, key)
        with load.Watch(service) as watch:
            highest = sender.send(SIZE, load.MOST, per_second=0, seconds=load.SECONDS)
            rate = highest.rate * load.SHARE
            steady = sender.send(SIZE, int(rate) + 1, per_second=rate, seconds=load.SECONDS)
            delays = load.delays(service, key, steady, watch)
            service.wait_until_settled(600)
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            stored = load_check.stored(lambda statement: connection.execute(statement).fetchall())
        lost = load_check.nothing_lost(service, deployment, stored, sender.events)
    finally:
        if service.process is not None:
            service.interrupt()
    return [_named(one, way) for one in (*load.rows(SIZE, highest, steady, delays), lost, _memory(max(watch.memory)))]


def _memory(most: float) -> Figure:
    return Figure(
        "memory of the service under load", f"{most:.0f} MB", "", "",
        "summed proportional set size of its processes, without chain and database server",
    )  # fmt: skip


def _named(one: Figure, way: str) -> Figure:
    return Figure(f"PostgreSQL, {way}: {one.what}", one.value, one.target, one.beside, one.how)
