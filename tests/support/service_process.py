"""
A real `silkroot up` in a process of its own, for tests that need everything: start, ask, kill, start again.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from api.control.client import call
from ledger.ports import Progress
from ledger.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
SILKROOT = [sys.executable, "-c", "import sys; sys.argv[0] = 'silkroot'; from api.cli import main; main()"]


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class ServiceProcess:
    """The service on a data directory; `process` is None while it is down."""

    data_dir: Path
    arguments: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self.process is not None, "the service is down"
        return self.process.pid

    @property
    def environment(self) -> dict[str, str]:
        """What a command that talks to it needs."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SILKROOT_")}
        own = {"SILKROOT_DATA_DIR": str(self.data_dir), "SILKROOT_PORT": str(self.port)}
        return {**kept, **own, **self.settings}

    def start(self, timeout: float = 90) -> None:
        """Starts it and waits until its pages answer."""
        log = (self.data_dir.parent / f"{self.data_dir.name}.log").open("ab")
        with log:
            self.process = subprocess.Popen(
                [*SILKROOT, "up", *self.arguments],
                env=self.environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the service ended with {self.process.returncode}:\n{self.log()}")
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/health", timeout=5).status_code == 200:
                    return
            time.sleep(0.1)
        raise AssertionError(f"the service did not come up:\n{self.log()}")

    def log(self) -> str:
        """What it printed so far."""
        return (self.data_dir.parent / f"{self.data_dir.name}.log").read_text(errors="replace")[-6000:]

    def kill(self) -> None:
        """kill -9 of the service and of its chain."""
        assert self.process is not None
        children = child_pids(self.process.pid)
        self.process.kill()
        for pid in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def interrupt(self, timeout: float = 40) -> int:
        """Ctrl-C; returns its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(timeout)
        self.process = None
        return code

    def command(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A command line of its own that talks to it."""
        result = subprocess.run(
            [*SILKROOT, *arguments], env=self.environment, capture_output=True, text=True, timeout=300, check=False
        )
        if check and result.returncode:
            raise AssertionError(f"silkroot {' '.join(arguments)}: {result.returncode}\n{result.stdout}{result.stderr}")
        return result

    def operate(self, name: str, progress: Progress | None = None, **params: Any) -> dict[str, Any]:
        """An operation over the control socket, without a command line in between."""
        assert self.process is not None, "the service is down"
        return call(Settings(data_dir=self.data_dir), name, params, progress)

    def ask(self, *arguments: str) -> Any:
        """The JSON that a command prints, whatever its exit code."""
        return json.loads(self.command(*arguments, "--json", check=False).stdout)

    def wait_until_settled(self, timeout: float = 120) -> dict[str, Any]:
        """Waits until nothing is left in the outbox and the log has published all; returns the status."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            status = self.operate("status")
            log = status["log"]
            if status["outbox"]["queued"] == 0 and status["outbox"]["sent"] == 0 and log["published"] == log["size"]:
                return status
            time.sleep(0.2)
        raise AssertionError(f"outbox and log did not settle: {self.operate('status')}\n{self.log()}")


def chain_pids(parent: int) -> list[int]:
    """Process ids of the chain of a service."""
    return [pid for pid in child_pids(parent) if "anvil" in Path(f"/proc/{pid}/comm").read_text()]


def service_pids(parent: int) -> list[int]:
    """Process ids of a service and of all that it started, without the chain."""
    chains = chain_pids(parent)
    found = [parent]
    for pid in found:
        found += [child for child in child_pids(pid) if child not in chains]
    return found


def child_pids(parent: int) -> list[int]:
    """Process ids of the children of a process."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                stat = (entry / "stat").read_text()
                if int(stat.rpartition(")")[2].split()[1]) == parent:
                    found.append(int(entry.name))
    return found


@contextlib.contextmanager
def service(data_dir: Path, *arguments: str) -> Iterator[ServiceProcess]:
    """A running service that is gone, with its chain, when the block ends."""
    running = ServiceProcess(data_dir, arguments)
    try:
        running.start()
        yield running
    finally:
        if running.process is not None:
            running.kill()
