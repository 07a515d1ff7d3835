"""Runs groups of measurements one after the other and prints what they find."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import (
    consumer,
    eas,
    growth,
    hotpath,
    importing,
    load,
    load_workers,
    preparing,
    proofs,
    questions,
    served_proofs,
    starting,
    stories,
    verifying,
)
from benchmarks.figures import PAGE, Figure, keep

GROUPS: dict[str, Callable[[Path], list[Figure]]] = {
    "import": importing.measure,
    "story": stories.measure,
    "proofs": proofs.measure,
    "served": served_proofs.measure,
    "verify": verifying.measure,
    "consumer": consumer.measure,
    "questions": questions.measure,
    "hotpath": hotpath.measure,
    "preparing": preparing.measure,
    "load": load.measure,
    "workers": load_workers.measure,
    "growth": growth.measure,
    "start": starting.measure,
    "eas": eas.measure,
    "clone": starting.measure_clone,
}
"""Each takes an empty folder and gives its figures. `clone` runs only when asked for."""
LONG: dict[str, Callable[[Path], list[Figure]]] = {
    "load": partial(load.measure, long=True),
    "growth": partial(growth.measure, long=True),
}
"""Groups that `--long` makes longer."""


def main() -> int:
    """Measures, prints, keeps."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measures Silkroot on this machine.")
    parser.add_argument("--only", choices=GROUPS, action="append", help="measure this group; may be repeated")
    parser.add_argument("--long", action="store_true", help="load for a minute, growth to ten million events")
    asked = parser.parse_args()
    groups = GROUPS | (LONG if asked.long else {})
    chosen = asked.only or [group for group in GROUPS if group != "clone"]
    console = Console()
    for group in chosen:
        started = time.monotonic()
        print(f"== {group}", flush=True)
        with tempfile.TemporaryDirectory(prefix="silkroot-bench-") as folder:
            figures = groups[group](Path(folder))
        table = Table("what", "figure", "target", "beside", box=None, pad_edge=False)
        for one in figures:
            table.add_row(one.what, one.value, one.target, one.beside)
        console.print(table)
        keep(group, figures)
        print(f"== {group}: {time.monotonic() - started:.0f} s", flush=True)
    print(f"written to {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
