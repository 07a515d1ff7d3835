"""
Sends documents over HTTP from a process of its own, at a pace that does not wait for answers (open loop), or as fast as
they are answered.

    python -m benchmarks.load_generator HOST:PORT DOCUMENTS --connections 8 --per-second 20 --seconds 15 --warm-up 5

The API key comes in the environment (`SILKROOT_BENCH_KEY`). Prints one JSON object. Without `--per-second` each
connection sends its next document when the last is answered. A latency runs from the time at which a document was due
to the last byte of its answer, so that waiting for a free connection counts. The warm-up is not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.load_events import read_documents


@dataclass
class Run:
    """What is asked and what was found; `until` and times are of `time.perf_counter`."""

    address: tuple[str, int]
    documents: Iterator[bytes]
    per_second: float
    counted_from: float
    until: float
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    acknowledged: list[tuple[float, str]] = field(default_factory=list)
    """Unix time of each counted answer, and the job that it names."""


def main() -> int:
    """Runs, prints."""
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("documents", type=Path)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--per-second", type=float, default=0)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--warm-up", type=float, default=5)
    asked = parser.parse_args()
    host, _, port = asked.address.rpartition(":")
    started = time.perf_counter()
    counted = started + asked.warm_up
    run = Run((host, int(port)), read_documents(asked.documents), asked.per_second, counted, counted + asked.seconds)
    asyncio.run(_send(run, asked.connections, started))
    json.dump(
        {
            "latencies": run.latencies,
            "statuses": run.statuses,
            "acknowledged": run.acknowledged,
            "seconds": time.perf_counter() - counted,
        },
        sys.stdout,
    )
    return 0


async def _send(run: Run, connections: int, started: float) -> None:
    due: Iterator[float] = itertools.repeat(0.0)
    if run.per_second:
        due = (started + number / run.per_second for number in itertools.count())
    schedule = zip(due, run.documents, strict=False)
    await asyncio.gather(*(_connection(run, schedule) for _ in range(connections)))


async def _connection(run: Run, schedule: Iterator[tuple[float, bytes]]) -> None:
    line = _Line(run.address)
    for due, body in schedule:
        now = time.perf_counter()
        if max(due, now) >= run.until:
            break
        if due > now:
            await asyncio.sleep(due - now)
        begun = due or now
        status, location = await line.send(body)
        ended = time.perf_counter()
        if begun >= run.counted_from:
            run.statuses[status] += 1
            run.latencies.append(ended - begun)
            run.acknowledged.append((time.time(), location))
        if status == 429:
            await asyncio.sleep(1)
    line.close()


class _Line:
    """One kept connection, opened again where the service closed it: it does so when it is idle, and behind errors."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._key = os.environ["SILKROOT_BENCH_KEY"]

    async def send(self, body: bytes) -> tuple[int, str]:
        """Status, and the job of the answer."""
        if self._streams is not None:
            try:
                return await self._sent(*self._streams, body)
            except (ConnectionError, asyncio.IncompleteReadError):
                self.close()
        self._streams = await asyncio.open_connection(*self._address)
        return await self._sent(*self._streams, body)

    def close(self) -> None:
        """Ends the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _sent(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: bytes) -> tuple[int, str]:
        head = (
            f"POST /epcis/capture HTTP/1.1\r\nhost: {self._address[0]}\r\nauthorization: Bearer {self._key}\r\n"
            f"content-type: application/ld+json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        named = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
        await reader.readexactly(int(named.get("content-length", "0")))
        if named.get("connection", "").lower() == "close":
            self.close()
        return int(lines[0].split()[1]), named.get("location", "").rpartition("/")[2]


if __name__ == "__main__":
    sys.exit(main())
