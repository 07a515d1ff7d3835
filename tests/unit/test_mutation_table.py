"""The table of `scripts/mutate` against the sources and its page. No rule is broken here: that takes minutes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "scripts"))

from mutations.page import key_of, page_of, problems, results_in  # noqa: E402
from mutations.table import ROWS, Mutation  # noqa: E402

ROW = Mutation("A rule", "A.sol", "a || b", "a", "A:ATest", "test_A")
OTHER = replace(ROW, rule="Another", original="c", mutated="d")
ROWS_HERE = (ROW, OTHER)
PAGE = page_of({ROW: "1 of 16", OTHER: "2 of 16"}, ROWS_HERE)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Sources and tests that the two rows fit."""
    (tmp_path / "contracts").mkdir()
    (tmp_path / "tests/contracts").mkdir(parents=True)
    (tmp_path / "contracts/A.sol").write_text("if (a || b) c;\n")
    (tmp_path / "tests/contracts/A.t.sol").write_text(
        "contract ATest is Fixture {\n    function test_A() public {}\n}\n"
    )
    return tmp_path


def test_table_sources_and_page_agree() -> None:
    command = [sys.executable, str(ROOT / "scripts/mutate"), "--check"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_table_reaches_every_contract_with_rules() -> None:
    assert len(ROWS) >= 24
    named = {Path(row.source).name for row in ROWS}
    assert named >= {"ProduceLedger.sol", "PartyRegistry.sol", "EventLog.sol", "EntryRelay.sol", "MerkleLog.sol"}
    assert named >= {"Custody.sol", "Authority.sol", "Disputes.sol", "Plots.sol", "Amendments.sol", "Pledges.sol"}
    assert named >= {"Recalls.sol", "Signatures.sol", "Manifests.sol"}


def test_what_agrees_is_no_problem(root: Path) -> None:
    assert problems(PAGE, ROWS_HERE, root) == []


@pytest.mark.parametrize("source", ["if (a) c;\n", "if (a || b) c; if (a || b) d;\n"], ids=["gone", "twice"])
def test_a_text_that_is_not_there_once_is_found(root: Path, source: str) -> None:
    (root / "contracts/A.sol").write_text(source)
    assert problems(PAGE, ROWS_HERE, root)[0].startswith("'A rule': the text to change stands ")


@pytest.mark.parametrize("name", ["contracts/A.sol", "tests/contracts/A.t.sol"])
def test_a_missing_file_is_found(root: Path, name: str) -> None:
    (root / name).unlink()
    assert problems(PAGE, ROWS_HERE, root)[0] == f"'A rule': there is no {Path(name).name}"


@pytest.mark.parametrize("old", ["test_A", "ATest"])
def test_a_renamed_test_is_found(root: Path, old: str) -> None:
    path = root / "tests/contracts/A.t.sol"
    path.write_text(path.read_text().replace(old, "Renamed"))
    assert problems(PAGE, ROWS_HERE, root)[0] == "'A rule': A.t.sol has no ATest.test_A"


def test_a_change_that_changes_nothing_is_found(root: Path) -> None:
    same = replace(ROW, mutated=ROW.original)
    assert problems(page_of({same: "1 of 1"}, (same,)), (same,), root) == ["'A rule': nothing is changed"]


def test_a_rule_that_stands_twice_is_found(root: Path) -> None:
    rows = (ROW, replace(OTHER, rule=ROW.rule))
    assert problems(page_of(dict.fromkeys(rows, "1 of 1"), rows), rows, root) == ["'A rule': the rule stands 2 times"]


@pytest.mark.parametrize(
    ("old", "new"),
    [("A rule", "A ruler"), ("1 of 16", ""), ("1 of 16", "0 of 16"), ("1 of 16", "SURVIVED"), ("`a`", "`b`")],
)
def test_a_row_without_a_result_of_its_own_is_found(root: Path, old: str, new: str) -> None:
    found = problems(PAGE.replace(old, new), ROWS_HERE, root)
    assert found == ["'A rule' is not in mutations.md: run scripts/mutate --missing"]


def test_another_order_more_rows_and_another_text_are_found(root: Path) -> None:
    for page, rows in ((PAGE, (OTHER, ROW)), (PAGE, (ROW,)), (PAGE.replace("survives", "stays"), ROWS_HERE)):
        assert problems(page, rows, root)[0].startswith("mutations.md has other rows than the table"), rows


def test_results_are_read_as_they_are_written() -> None:
    changed = replace(OTHER, mutated="e")
    assert results_in(PAGE, ROWS_HERE) == {ROW: "1 of 16", OTHER: "2 of 16"}
    assert results_in(PAGE, (ROW, changed)) == {ROW: "1 of 16"}
    assert results_in("", ROWS_HERE) == {}


def test_a_row_is_one_line_with_its_bars_escaped() -> None:
    key = key_of(replace(ROW, original="a ||\n    b"))
    assert "`a \\|\\| b` → `a`" in key
    assert "\n" not in key
