"""
A copy of the contracts and of some of their tests, on which forge runs with one rule changed.

The copy lies in a temporary folder, so that a run that is cut short leaves nothing changed behind. It is compiled with
little optimization and with test contracts that fetch the code of what they test only when they run. It holds one file
of tests at a time, and forge gets no filter, for which it would compile everything once more.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from mutations.page import ROOT
from mutations.table import Mutation

# Stack allocation is what the contracts need of the optimizer to compile at all.
_PROFILE = """
[profile.mutants]
dynamic_test_linking = true
optimizer_runs = 1
code_size_limit = 1000000
gas_snapshot_check = false
[profile.mutants.optimizer_details]
peephole = true
jumpdestRemover = true
orderLiterals = false
deduplicate = false
inliner = false
cse = false
constantOptimizer = false
yul = true
[profile.mutants.optimizer_details.yulDetails]
stackAllocation = true
optimizerSteps = ":"
"""
_FILTERS = re.compile(r"^(no_)?match_contract.*$", re.MULTILINE)
_LONGEST_RUN = 900  # seconds


class ForgeFailed(Exception):
    """Forge ended without results: what it was given does not compile. Holds the end of its output."""


class Workbench:
    """The copy, in an empty folder that the caller made and removes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._tests = ""
        self._fill()

    def open(self, tests: str) -> list[str]:
        """Brings in this file of tests in place of the last and runs it on no mutant; the tests that fail."""
        place = self.folder / "tests" / "contracts"
        if self._tests:
            (place / f"{self._tests}.t.sol").unlink()
        shutil.copy(ROOT / "tests" / "contracts" / f"{tests}.t.sol", place)
        self._tests = tests
        return [f"{suite} {test}" for suite, results in self._run().items() for test in failed(results)]

    def tests_of(self, row: Mutation) -> dict[str, bool]:
        """Breaks the rule, runs the file that is open, mends the rule; whether each test of the row's suite passed."""
        source = self.folder / "contracts" / row.source
        text = source.read_text("utf-8")
        source.write_text(text.replace(row.original, row.mutated, 1), "utf-8")
        try:
            return self._run().get(row.suite, {})
        finally:
            source.write_text(text, "utf-8")

    def _fill(self) -> None:
        shutil.copytree(ROOT / "contracts", self.folder / "contracts", ignore=shutil.ignore_patterns("out", "cache"))
        tests = self.folder / "tests" / "contracts"
        shutil.copytree(ROOT / "tests" / "contracts" / "support", tests / "support")
        shutil.copytree(ROOT / "tests" / "vectors", self.folder / "tests" / "vectors")
        (self.folder / "scripts").mkdir()
        for name in ("forge", "solc", "solc.cjs"):
            shutil.copy(ROOT / "scripts" / name, self.folder / "scripts" / name)
        shutil.copy(ROOT / "package.json", self.folder)
        settings = (ROOT / "foundry.toml").read_text("utf-8")
        (self.folder / "foundry.toml").write_text(_FILTERS.sub("", settings) + _PROFILE, "utf-8")
        for name in ("node_modules", ".venv"):
            if (ROOT / name).exists():
                (self.folder / name).symlink_to(ROOT / name)

    def _run(self) -> dict[str, dict[str, bool]]:
        """By suite and test, whether it passed. `ForgeFailed` if it does not compile."""
        command = [str(self.folder / "scripts" / "forge"), "test", "--json"]
        environment = {**os.environ, "FOUNDRY_PROFILE": "mutants"}
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=_LONGEST_RUN, check=False
        )
        _, brace, body = done.stdout.partition("{")
        try:
            suites: dict[str, Any] = json.loads(brace + body)
            return {_suite_of(name): _passed(suite["test_results"]) for name, suite in suites.items()}
        except (ValueError, KeyError, TypeError):
            raise ForgeFailed("\n".join((done.stdout + done.stderr).splitlines()[-12:])) from None


def failed(tests: dict[str, bool]) -> list[str]:
    """The names of the tests that did not pass."""
    return sorted(name for name, passed in tests.items() if not passed)


def _suite_of(name: str) -> str:
    """`Plots:PlotsTest` of forge's `tests/contracts/Plots.t.sol:PlotsTest`."""
    path, _, contract = name.partition(":")
    return f"{Path(path).name.removesuffix('.t.sol')}:{contract}"


def _passed(results: dict[str, dict[str, Any]]) -> dict[str, bool]:
    return {name.partition("(")[0]: result["status"] == "Success" for name, result in results.items()}
