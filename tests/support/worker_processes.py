"""`silkroot up --workers N` in processes of its own: which they are, who holds which lease, events that are sent."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import event_builders as b
import httpx
from capture_documents import document, plain
from postgres_server import PostgresServer
from service_process import ServiceProcess, child_pids

from ledger.domain.identifiers import LotRef
from ledger.domain.records import JsonTree
from ledger.ports_leases import Role

WEB, BACKGROUND = "web", "back"
"""Kinds of processes, as their names have them."""
MASTER = f"""
[[party]]
id = "{b.FARM:013d}"
roles = ["producer"]
name = {{ en = "A farm", zh = "农场" }}

[[product]]
gtin = "{b.BULK_MELON:014d}"
owner = "{b.FARM:013d}"
net_grams = 1000
name = {{ en = "Hami melon, loose", zh = "哈密瓜（散装）" }}
"""


@dataclass(frozen=True)
class Held:
    """A lease, in seconds of the server's clock."""

    pid: int
    epoch: int
    acquired: float


@dataclass
class Workers:
    """The running service, its database, and a key to send events with."""

    service: ServiceProcess
    postgres: PostgresServer
    url: str
    key: str = ""
    sent: list[str] = field(default_factory=list)

    def all(self) -> list[int]:
        """All processes of the service, and its chain."""
        found = [self.service.pid]
        for pid in found:
            found += child_pids(pid)
        return found

    def pids(self, kind: str) -> list[int]:
        """Those of that kind which run now."""
        return [pid for pid in self.all() if is_kind(pid, kind)]

    def held(self, role: Role) -> Held:
        """Who has the role's lease, or had it last."""
        ((holder, epoch, acquired),) = self.postgres.run(
            f"SELECT holder, epoch, acquired / 1e6 FROM leases WHERE role = '{role.value}'", self.url
        )
        return Held(int(str(holder).rpartition("/")[2].partition("-")[0]), int(str(epoch)), float(str(acquired)))

    def now(self) -> float:
        """The server's clock."""
        ((at,),) = self.postgres.run("SELECT extract(epoch FROM clock_timestamp())")
        return float(str(at))

    def send(self, count: int = 3) -> None:
        """Harvests, each of a lot of its own; every one is answered with its receipt."""
        first = len(self.sent)
        lots = [f"W-{first + number}" for number in range(count)]
        self.sent += lots
        events: list[JsonTree] = [plain(b.harvest(lot=LotRef(b.BULK_MELON, lot))) for lot in lots]
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/ld+json",
                   "prefer": "return=representation"}  # fmt: skip
        address = f"{self.service.url}/epcis/capture"
        with httpx.Client(headers=headers, timeout=60) as client:
            answer = client.post(address, content=document(events))
            assert answer.status_code == 202, answer.text
            job = answer.json()
            assert (job["success"], job["errorCount"], job["repeated"]) == (True, 0, 0)
            assert all(event["receipt"]["format"] == "silkroot-receipt-2" for event in job["events"])

    def settled(self) -> None:
        """All that was sent is on chain, under a published checkpoint, and in one order without gaps."""
        status = self.service.wait_until_settled()
        assert status["log"]["size"] == len(self.sent)
        assert status["outbox"]["refused"] == 0
        rows = self.postgres.run("SELECT sequence FROM events ORDER BY sequence", self.url)
        assert [row[0] for row in rows] == list(range(1, len(self.sent) + 1))


@contextlib.contextmanager
def workers(folder: Path, postgres: PostgresServer, count: int = 2) -> Iterator[Workers]:
    """A service with so many web workers, a farm and its key; gone, with all its processes, when the block ends."""
    url = postgres.database()
    service = ServiceProcess(folder / "data", ("--workers", str(count)), settings={"SILKROOT_DATABASE_URL": url})
    master = folder / "master.toml"
    master.write_text(MASTER)
    made = Workers(service, postgres, url)
    try:
        service.start()
        service.command("import", str(master))
        made.key = service.ask("key", "create", f"{b.FARM:013d}")["key"]
        yield made
    finally:
        if service.process is not None:
            service.kill()


@contextlib.contextmanager
def stopped(*pids: int) -> Iterator[None]:
    """The processes stand still while the block runs, as a machine that hangs does."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def parent_of(pid: int) -> int:
    """The process that it was forked from."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def is_kind(pid: int, kind: str) -> bool:
    """Whether the process runs and is of that kind; one that waits to be buried does not run."""
    with contextlib.suppress(OSError):
        return runs(pid) and f"silkroot-{kind}-" in Path(f"/proc/{pid}/comm").read_text()
    return False


def runs(pid: int) -> bool:
    """Whether there is such a process that does not only wait to be buried."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def until(condition: Callable[[], object], what: str, seconds: float = 90) -> None:
    """Waits for it."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it did not come to that: {what}"
        time.sleep(0.1)
