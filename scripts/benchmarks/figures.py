"""
A measured figure, and the file of figures: bench/results.json is what was measured, bench/results.md is made from it.
"""

from __future__ import annotations

import json
import os
import platform
import time
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "bench" / "results.json"
PAGE = ROOT / "bench" / "results.md"


@dataclass(frozen=True, slots=True)
class Figure:
    """
    One row. `value` is the figure with its unit; `target` what it has to reach ("" where nothing is promised);
    `beside` a ratio to something measured in the same run; `how` what exactly was measured.
    """

    what: str
    value: str
    target: str = ""
    beside: str = ""
    how: str = ""


def machine() -> str:
    """Cores, memory, processor and versions."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or platform.machine(),
    )
    memory = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return (
        f"{len(os.sched_getaffinity(0))} cores ({model}), {memory / 2**20:.1f} GiB of memory, {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}"
    )


def keep(group: str, figures: list[Figure]) -> None:
    """Puts the group's figures in the file, in place of those that it had, and makes the page again."""
    RESULTS.parent.mkdir(exist_ok=True)
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    known[group] = {
        "measured": time.strftime("%Y-%m-%d"),
        "machine": machine(),
        "load": round(os.getloadavg()[0], 2),
        "figures": [asdict(figure) for figure in figures],
    }
    RESULTS.write_text(json.dumps(known, ensure_ascii=False, indent=2) + "\n")
    PAGE.write_text(_page(known))


def _page(known: dict[str, dict[str, object]]) -> str:
    lines = [
        "# Measured",
        "",
        "Made by `./scripts/bench`; do not edit. Service, chain and whatever loads them share the same machine.",
        "Where the load average is well above the number of cores, something else was running: measure again.",
    ]
    for group, run in known.items():
        lines += ["", f"## {group}", "", f"`./scripts/bench --only {group}`, {run['measured']}: {run['machine']}; load "
                  f"average of the last minute {run['load']}.", ""]  # fmt: skip
        lines += ["| what | figure | target | beside | how |", "| --- | --- | --- | --- | --- |"]
        figures = [Figure(**each) for each in run["figures"]]  # type: ignore[attr-defined]
        lines += [f"| {one.what} | {one.value} | {one.target} | {one.beside} | {one.how} |" for one in figures]
    return "\n".join(lines) + "\n"


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
