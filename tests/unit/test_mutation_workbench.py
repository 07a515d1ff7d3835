"""The copy that `scripts/mutate` works in, with a stand-in for forge: a rule is broken for a run, then mended."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "scripts"))

from mutations.forge import ForgeFailed, Workbench, failed  # noqa: E402
from mutations.table import Mutation  # noqa: E402

ROW = Mutation(
    "A notice", "libraries/Disputes.sol", "= 72 hours;", "= 71 hours;", "Settlements:SettlementsTest", "test_A"
)
# Its one test passes unless the notice takes 71 hours, and it compiles unless it takes 70.
FORGE = """#!/bin/sh
test "$FOUNDRY_PROFILE $*" = "mutants test --json" || exit 2
grep -q "= 70 hours;" contracts/libraries/Disputes.sol && echo "Compiler run failed" >&2 && exit 1
status=Success
grep -q "= 71 hours;" contracts/libraries/Disputes.sol && status=Failure
for name in $(ls tests/contracts | grep t.sol); do
  echo "{\\"tests/contracts/$name:SettlementsTest\\": {\\"test_results\\": {
    \\"test_A()\\": {\\"status\\": \\"$status\\"}, \\"testFuzz_B(uint8)\\": {\\"status\\": \\"Success\\"}}}}"
done
"""


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    made = Workbench(tmp_path)
    (tmp_path / "scripts/forge").write_text(FORGE)
    return made


def test_a_rule_is_broken_for_the_run_and_mended(bench: Workbench) -> None:
    assert bench.open("Settlements") == []
    assert bench.tests_of(ROW) == {"test_A": False, "testFuzz_B": True}
    assert failed(bench.tests_of(ROW)) == ["test_A"]
    source = bench.folder / "contracts/libraries/Disputes.sol"
    assert source.read_text() == (ROOT / "contracts/libraries/Disputes.sol").read_text()


def test_tests_that_fail_without_a_change_are_named(bench: Workbench) -> None:
    source = bench.folder / "contracts/libraries/Disputes.sol"
    source.write_text(source.read_text().replace(ROW.original, ROW.mutated))
    assert bench.open("Settlements") == ["Settlements:SettlementsTest test_A"]


def test_what_does_not_compile_is_no_failing_test(bench: Workbench) -> None:
    bench.open("Settlements")
    row = Mutation(ROW.rule, ROW.source, ROW.original, "= 70 hours;", ROW.suite, ROW.test)
    with pytest.raises(ForgeFailed, match="Compiler run failed"):
        bench.tests_of(row)
    assert bench.tests_of(ROW)["test_A"] is False, "mended all the same"


def test_one_file_of_tests_is_there_at_a_time(bench: Workbench) -> None:
    bench.open("Settlements")
    bench.open("Notices")
    assert [path.name for path in (bench.folder / "tests/contracts").glob("*.sol")] == ["Notices.t.sol"]
    assert bench.tests_of(ROW) == {}, "the row's suite is not the one that is open"


def test_forge_gets_no_filter(bench: Workbench) -> None:
    settings = (bench.folder / "foundry.toml").read_text()
    assert "match_contract" in (ROOT / "foundry.toml").read_text()
    assert "\nno_match_contract" not in settings
    assert "\nmatch_contract" not in settings
    assert "[profile.mutants]" in settings
