"""
How many records a second others take on this machine in the same run: a web3.py transaction for each, attestations on
EAS in bulk, and pymerkle's tree in SQLite.

The chain mines at once here, so that neither chain peer waits for a block, as it would have to elsewhere.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from chain_fixtures import start_anvil
from pymerkle import SqliteTree

from benchmarks.eas_peer import EasPeer
from benchmarks.figures import Figure
from benchmarks.gas_records import cases
from benchmarks.naive_peer import NaivePeer
from ledger.adapters.json_rpc import JsonRpc

NAIVE, ATTESTED, LEAVES, BATCH = 300, 600, 100_000, 100
_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Peer:
    """`rate`: records a second."""

    name: str
    rate: float
    how: str


def rates(folder: Path) -> list[Peer]:
    """Each of them, one after the other."""
    return [*asyncio.run(_on_chain(folder)), _tree(folder / "pymerkle.sqlite3")]


def figures(peers: list[Peer], ours: float) -> list[Figure]:
    """Their rows; `ours` is Silkroot's rate over HTTP, in events a second."""
    return [
        Figure(
            f"peer: {one.name}", f"{one.rate:,.0f} a second", "", f"Silkroot takes {ours / one.rate:.2f} × as many",
            one.how,
        )
        for one in peers
    ]  # fmt: skip


async def _on_chain(folder: Path) -> list[Peer]:
    anvil = await start_anvil(folder / "anvil", "--mixed-mining", "--block-time", "1")
    rpc = JsonRpc(anvil.rpc_url, _SECONDS)
    try:
        naive = await asyncio.to_thread(_naive, anvil.rpc_url)
        eas = await EasPeer.on(rpc)
        few, many = (next(iter(cases(count))).sides[0] for count in (3, ATTESTED))
        await eas.one_by_one(few)  # how many fit a call
        started = time.monotonic()
        cost = await eas.in_bulk(many)
        attested = ATTESTED / (time.monotonic() - started)
    finally:
        await rpc.close()
        await anvil.stop()
    return [
        Peer("one web3.py transaction for each event", naive, f"{NAIVE} harvests, signed, pipelined; nothing is kept"),
        Peer(
            "EAS `multiAttest`", attested,
            f"{ATTESTED} harvests in {cost.calls} calls by one sender; no signature of a party, nothing is checked",
        ),
    ]  # fmt: skip


def _naive(url: str) -> float:
    peer = NaivePeer.on(url)
    started = time.monotonic()
    peer.pipelined(peer.sign(NAIVE))
    return NAIVE / (time.monotonic() - started)


def _tree(file: Path) -> Peer:
    data = [sha256(index.to_bytes(8, "big")).digest() * 2 for index in range(LEAVES)]
    with SqliteTree(str(file), algorithm="sha256") as tree:
        tree.con.execute("PRAGMA journal_mode = WAL")
        tree.con.execute("PRAGMA synchronous = FULL")
        started = time.monotonic()
        for first in range(0, LEAVES, BATCH):
            tree.append_entries(data[first : first + BATCH])
        rate = LEAVES / (time.monotonic() - started)
    return Peer(
        "pymerkle's tree in SQLite", rate,
        f"{LEAVES:,} leaves of 64 bytes, {BATCH} a transaction, write-ahead log and fsync as ours; no event, "
        "no signature, no index: nothing but leaves",
    )  # fmt: skip
