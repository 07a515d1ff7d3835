"""
What is looked at after a load: that nothing was lost, that receipts hold, and what an event cost on chain and on disk.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from contextlib import closing
from pathlib import Path

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


def figures(service: ServiceProcess, deployment: Deployment, sent: int, memory: float) -> list[Figure]:
    """SystemExit where anything was lost or does not hold. `memory` in MB, the most that was seen."""
    database = service.data_dir / "silkroot.sqlite3"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:

        def count(table: str) -> int:
            return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608

        events, leaves, signed = (
            count("events"),
            count("log_leaves"),
            int(connection.execute("SELECT coalesce(sum(count), 0) FROM log_acknowledgements").fetchone()[0]),
        )
        signatures = count("log_acknowledgements")
        indexed = count("event_index")
        hashes = [row[0] for row in connection.execute("SELECT content_hash FROM events")]
        anchors = ["0x" + row[0].hex() for row in connection.execute(
            'SELECT "transaction" FROM log_checkpoints WHERE "transaction" IS NOT NULL'
        )]  # fmt: skip
    if not events == leaves == signed == indexed:
        raise SystemExit(f"{events} events, {leaves} leaves, {signed} acknowledged, {indexed} in the index")
    chosen = random.Random(3472).sample(hashes, min(RECEIPTS, len(hashes)))  # noqa: S311
    receipts = [service.operate("receipt", of="0x" + one.hex())["receipts"][0]["receipt"] for one in chosen]
    asyncio.run(_verify(service, deployment, receipts))
    gas = asyncio.run(_gas(chain_of(service), sorted(set(anchors))))
    size = sum(Path(f"{database}{end}").stat().st_size for end in ("", "-wal") if Path(f"{database}{end}").exists())
    return [
        Figure(
            "nothing lost", f"{events:,} events", "", f"of {sent:,} made",
            f"events, leaves, acknowledged leaves and index rows counted equal, {signatures:,} signatures of the "
            f"operator; {len(chosen):,} receipts taken at random verified against chain and log",
        ),
        Figure(
            "gas per event in the log", f"{gas / leaves:.1f}", "< 15", f"{len(set(anchors))} checkpoints",
            "gas used by all `extend` transactions, by the events under them",
        ),
        Figure("bytes per event on disk", f"{size / events:,.0f}", "", "", "SQLite with its write-ahead log"),
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
