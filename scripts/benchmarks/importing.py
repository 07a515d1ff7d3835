"""
A file of 1,000 rows until all are confirmed, beside the naive way: one transaction for each event, on the same chain.

The rows are 500 harvests, 250 shipments and their 250 receipts. The peer signs the same 500 harvests and 500 more with
eth-account and sends each in a transaction of its own through web3.py, to contracts of its own on the same Anvil, once
in a pipeline and once waiting for each receipt.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from service_process import ServiceProcess, chain_pids, service_pids

from benchmarks import orchard
from benchmarks.figures import Figure
from benchmarks.naive_peer import NaivePeer

ROWS = 1000
ONE_BY_ONE = 20


def measure(folder: Path) -> list[Figure]:
    """Import, capture rate, memory, and the peer."""
    events = [orchard.harvest(number) for number in range(500)]
    for number in range(250):
        events += orchard.handoff(number)
    document = orchard.write_document(folder / "thousand.jsonld", events)
    service = ServiceProcess(folder / "data")
    try:
        service.start()
        service.operate("import", path=str(orchard.write_master(folder)))
        service.wait_until_settled()
        started = time.monotonic()
        report = service.operate("import", path=str(document))
        captured = time.monotonic() - started
        if report["recorded"] != ROWS:
            raise SystemExit(f"only {report['recorded']} of {ROWS} rows were recorded: {report['refused'][:3]}")
        outbox = service.wait_until_settled()["outbox"]
        confirmed = time.monotonic() - started
        if outbox["refused"]:
            raise SystemExit(f"{outbox['refused']} entries were refused")
        memory = _memory(service)
        peer = NaivePeer.on(chain_of(service))
        signing = time.monotonic()
        entries = peer.sign(ROWS)
        signed = time.monotonic() - signing
        piped = signed + peer.pipelined(entries)
        slow = peer.one_by_one(peer.sign(ONE_BY_ONE, first=ROWS))
    finally:
        if service.process is not None:
            service.interrupt()
    each = slow / ONE_BY_ONE
    return [
        Figure(
            f"file of {ROWS:,} rows to all confirmed", f"{confirmed:.1f} s", "< 60 s",
            f"{piped / confirmed:.1f} × as fast as the peer's pipeline, {each * ROWS / confirmed:.0f} × as fast as "
            "one by one",
            "checked, signed, stored with fsync, on chain, receipts read: `silkroot import` until `silkroot chain` "
            "shows nothing waiting",
        ),
        Figure(
            f"peer: {ROWS:,} events, a transaction each, pipelined", f"{piped:.1f} s", "", "",
            f"web3.py, eth-account; {signed:.1f} s of it sign; nothing is checked or stored",
        ),
        Figure(
            "peer: the same, waiting for each receipt", f"{each:.2f} s an event", "", "",
            f"mean of {ONE_BY_ONE} events; a block a second sets the pace",
        ),
        Figure(
            "capture rate", f"{ROWS / captured:,.0f} events/s", "", "",
            f"the import alone, {captured:.2f} s: parsed, checked, hashed, signed, on disk",
        ),
        *memory,
    ]  # fmt: skip


def _memory(service: ServiceProcess) -> list[Figure]:
    pid = service.pid
    ours, chain = sum(map(pss, service_pids(pid))), sum(map(pss, chain_pids(pid)))
    return [
        Figure(
            "memory of the service after it", f"{ours:.0f} MB", "< 300 MB", "",
            "proportional set size of its one process (/proc/PID/smaps_rollup)",
        ),
        Figure("memory of the local chain (Anvil)", f"{chain:.0f} MB", "", "", "the same, of its child"),
    ]  # fmt: skip


def pss(pid: int) -> float:
    """Proportional set size of a process, in MB; 0 where it has ended."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def chain_of(service: ServiceProcess) -> str:
    """Where the service's Anvil answers, from its command line."""
    (pid,) = chain_pids(service.pid)
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    return f"http://127.0.0.1:{words[words.index('--port') + 1]}"
