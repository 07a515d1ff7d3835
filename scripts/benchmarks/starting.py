"""How long a newcomer waits: the first start to its QR, the second start to the first page, a clone to its QR."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import httpx
from service_process import SILKROOT, free_port

from benchmarks.figures import ROOT, Figure

_PATIENCE = 600
_GREETED = "Cheat:"


def measure(folder: Path) -> list[Figure]:
    """Starts with the demonstration season: on an empty folder, and again."""
    command = [*SILKROOT, "up", "--demo"]
    first, _ = _start(command, folder, folder / "data")
    again, page = _start(command, folder, folder / "data")
    return [
        Figure(
            "first start to QR", f"{first:.1f} s", "< 180 s with set-up", "",
            "`silkroot up --demo` on an empty folder: chain, contracts, season imported, its lot verified",
        ),
        Figure("second start to first page", f"{page:.1f} s", "< 15 s", "", "until `/` answers 200"),
        Figure("second start to QR", f"{again:.1f} s", "", "", "until the greeting, its lot judged anew"),
    ]  # fmt: skip


def measure_clone(folder: Path) -> list[Figure]:
    """`git clone` and `scripts/run`: everything is fetched and set up."""
    started = time.monotonic()
    clone = folder / "silkroot"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    spent = time.monotonic() - started
    run, _ = _start([str(clone / "scripts" / "run"), "--local"], folder, folder / "data")
    again, page = _start([str(clone / "scripts" / "run"), "--local"], folder, folder / "data")
    return [
        Figure(
            "fresh clone to QR", f"{spent + run:.0f} s", "< 180 s", "",
            "`git clone`, `./scripts/run --local`; packages come from the registries, or from the tools' own caches "
            "where this machine has them",
        ),
        Figure("second `./scripts/run` to first page", f"{page:.1f} s", "< 15 s", "", f"its QR after {again:.1f} s"),
    ]  # fmt: skip


def _start(command: list[str], folder: Path, data: Path) -> tuple[float, float]:
    """Seconds until the greeting with the QR, and until the first page; ends it with Ctrl-C."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SILKROOT_", "PYTHONPATH"))}
    log = folder / "start.log"
    greeted = page = 0.0
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
                    greeted = now
                if not page and _answers(f"http://127.0.0.1:{port}/"):
                    page = time.monotonic() - started
                time.sleep(0.05)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                process.wait(60)
    return greeted, page


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
