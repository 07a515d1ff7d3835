"""
What is looked at after a load: that nothing was lost, that receipts hold, and what an event cost on chain and on disk.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from service_process import ServiceProcess

from benchmarks.figures import Figure
from benchmarks.importing import chain_of
from ledger.adapters.deployment import Deployment
from ledger.adapters.evm_log_history import EvmLogHistory
from ledger.adapters.json_rpc import JsonRpc
from ledger.adapters.log_client import LogClient
from ledger.adapters.networks import local_network
from ledger.domain.bundle.values import BundleChain
from ledger.domain.log.acknowledgement_json import read_acknowledgement
from ledger.services.verify_receipt import verify_receipt
from ledger.wiring import SystemClock

RECEIPTS = 1_000


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database holds: events, signatures of the operator, and transactions of checkpoints, each once."""

    events: int
    signatures: int
    hashes: list[bytes]
    anchors: list[str]


def stored(ask: Callable[[str], Sequence[Sequence[Any]]]) -> Stored:
    """`ask` gives the rows of a statement; SystemExit where anything was lost."""

    def count(table: str) -> int:
        return int(ask(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608

    events, leaves, indexed = count("events"), count("log_leaves"), count("event_index")
    signed = int(ask("SELECT coalesce(sum(count), 0) FROM log_acknowledgements")[0][0])
    if not events == leaves == signed == indexed:
        raise SystemExit(f"{events} events, {leaves} leaves, {signed} acknowledged, {indexed} in the index")
    anchors = ask('SELECT "transaction" FROM log_checkpoints WHERE "transaction" IS NOT NULL')
    return Stored(
        events,
        count("log_acknowledgements"),
        [bytes(row[0]) for row in ask("SELECT content_hash FROM events")],
        sorted({"0x" + bytes(row[0]).hex() for row in anchors}),
    )


def nothing_lost(service: ServiceProcess, deployment: Deployment, found: Stored, sent: int) -> Figure:
    """Verifies receipts taken at random; SystemExit where one does not hold."""
    chosen = random.Random(3472).sample(found.hashes, min(RECEIPTS, len(found.hashes)))  # noqa: S311
    receipts = [service.operate("receipt", of="0x" + one.hex())["receipts"][0]["receipt"] for one in chosen]
    asyncio.run(_verify(service, deployment, receipts))
    return Figure(
        "nothing lost", f"{found.events:,} events", "", f"of {sent:,} made",
        f"events, leaves, acknowledged leaves and index rows counted equal, {found.signatures:,} signatures of the "
        f"operator; {len(chosen):,} receipts taken at random verified against chain and log",
    )  # fmt: skip


def figures(service: ServiceProcess, deployment: Deployment, sent: int, memory: float) -> list[Figure]:
    """SystemExit where anything was lost or does not hold. `memory` in MB, the most that was seen."""
    database = service.data_dir / "silkroot.sqlite3"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        found = stored(lambda statement: connection.execute(statement).fetchall())
    gas = asyncio.run(_gas(chain_of(service), found.anchors))
    size = sum(Path(f"{database}{end}").stat().st_size for end in ("", "-wal") if Path(f"{database}{end}").exists())
    return [
        nothing_lost(service, deployment, found, sent),
        Figure(
            "gas per event in the log", f"{gas / found.events:.1f}", "< 15", f"{len(found.anchors)} checkpoints",
            "gas used by all `extend` transactions, by the events under them",
        ),
        Figure("bytes per event on disk", f"{size / found.events:,.0f}", "", "", "SQLite with its write-ahead log"),
        Figure(
            "memory of the service under load", f"{memory:.0f} MB", "< 300 MB", "",
            "summed proportional set size of its processes without the chain, the most of samples every 0.4 s",
        ),
    ]  # fmt: skip


async def _verify(service: ServiceProcess, deployment: Deployment, receipts: list[object]) -> None:
    rpc, client = JsonRpc(chain_of(service)), LogClient(service.url)
    node = EvmLogHistory(rpc, deployment.pinned, local_network().network, SystemClock())
    chain = BundleChain(deployment.chain_id, deployment.registry, deployment.ledger, deployment.log)
    try:
        for one in receipts:
            found = await verify_receipt(read_acknowledgement(orjson.dumps(one)), [node], chain, [client])
            if found.standing != "kept":
                raise SystemExit(f"a receipt is {found.standing}: {found.sentence}")
    finally:
        await client.close()
        await rpc.close()


async def _gas(node: str, transactions: list[str]) -> int:
    rpc = JsonRpc(node)
    try:
        return sum([int((await rpc.call("eth_getTransactionReceipt", one))["gasUsed"], 16) for one in transactions])
    finally:
        await rpc.close()
