"""How long a newcomer waits: the first start to its QR, the second start to the first page, a clone to its QR."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
from service_process import SILKROOT, chain_pids, free_port

from benchmarks.figures import ROOT, Figure

_PATIENCE = 600
_GREETED = "Cheat:"


def measure(folder: Path) -> list[Figure]:
    """Starts with the demonstration season: on an empty folder, and again."""
    command = [*SILKROOT, "up", "--demo"]
    first = _start(command, folder, folder / "data")
    again = _start(command, folder, folder / "data")
    return [
        Figure(
            "first start to QR", f"{first.greeted:.1f} s", "< 180 s with set-up", first.busy,
            "`silkroot up --demo` on an empty folder: chain, contracts, season imported, its lot verified",
        ),
        Figure(
            "second start to first page", f"{again.page:.1f} s", "< 15 s", again.busy_at_page, "until `/` answers 200"
        ),
        Figure(
            "second start to QR", f"{again.greeted:.1f} s", "", again.busy,
            "until the greeting: the season known again, its lot judged anew",
        ),
    ]  # fmt: skip


def measure_clone(folder: Path) -> list[Figure]:
    """`git clone` and `scripts/run`: everything is fetched and set up."""
    started = time.monotonic()
    clone = folder / "silkroot"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    spent = time.monotonic() - started
    command = [str(clone / "scripts" / "run"), "--local"]
    first = _start(command, folder, folder / "data")
    again = _start(command, folder, folder / "data")
    return [
        Figure(
            "fresh clone to QR", f"{spent + first.greeted:.0f} s", "< 180 s", "",
            "`git clone`, `./scripts/run --local`; packages come from the registries, or from the tools' own caches "
            "where this machine has them",
        ),
        Figure("second `./scripts/run` to first page", f"{again.page:.1f} s", "< 15 s", again.busy_at_page,
               f"its QR after {again.greeted:.1f} s"),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Start:
    """Seconds until the greeting and until the first page, and processor seconds used by then."""

    greeted: float
    page: float
    processor: float
    processor_at_page: float

    @property
    def busy(self) -> str:
        return f"{self.processor:.1f} s of processor time"

    @property
    def busy_at_page(self) -> str:
        return f"{self.processor_at_page:.1f} s of processor time"


def _start(command: list[str], folder: Path, data: Path) -> _Start:
    """Seconds until the greeting with the QR, and until the first page; ends it with Ctrl-C."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SILKROOT_", "PYTHONPATH"))}
    log = folder / "start.log"
    greeted = page = processor = processor_at_page = 0.0
    with log.open("wb") as output:
        started = time.monotonic()
        process = subprocess.Popen(
            command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, cwd=ROOT,
            env={**kept, "SILKROOT_DATA_DIR": str(data), "SILKROOT_PORT": str(port), "SILKROOT_LANG": "en"},
        )  # fmt: skip
        try:
            while not (greeted and page):
                now = time.monotonic() - started
                if now > _PATIENCE or process.poll() is not None:
                    raise SystemExit(f"{' '.join(command)} did not come up:\n{log.read_text(errors='replace')[-3000:]}")
                if not greeted and _GREETED in log.read_text(errors="replace"):
                    greeted, processor = now, _processor_seconds(process.pid)
                if not page and _answers(f"http://127.0.0.1:{port}/"):
                    page, processor_at_page = time.monotonic() - started, _processor_seconds(process.pid)
                time.sleep(0.05)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                process.wait(60)
    return _Start(greeted, page, processor, processor_at_page)


def _processor_seconds(pid: int) -> float:
    """User and system time of the process, of its running children, and of those that ended."""
    ticks = 0
    for each in (pid, *chain_pids(pid)):
        ticks += sum(map(int, Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
