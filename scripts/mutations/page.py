"""
The page of the mutations, docs/mutations.md: how it is written, read again, and held against the sources.

No function here runs forge. A result is the last cell of a row, "1 of 16": how many tests of the contract failed when
the rule was broken, of how many.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from mutations.table import ROWS, Mutation

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "mutations.md"
_RESULT = re.compile(r"[1-9]\d* of [1-9]\d*")
_HEAD = """# Rules broken one at a time

A test that passes says little if it also passes on a contract without the rule that it is about. `scripts/mutate`
changes one rule at a time in a copy of the contracts, runs a contract of tests on it, and demands that it compiles and
that the test named here fails. Before that the same tests have to pass on the unchanged copy.

A run takes about a quarter of an hour and is no part of `scripts/test`. What is part of it: each text that is changed
still stands exactly once in its file, each test still exists, and this table lists every change
(`scripts/mutate --check`). The last column is of the run in which a row was last tried: how many tests failed, of how
many. A row that survives is not written here.

The mutants are compiled with little optimization, which leaves the rules as they are and takes seconds. What is counted
in gas, such as the allowances, is measured elsewhere: `tests/contracts/Allowance.t.sol` and `gas/GasPerEntry.t.sol`.

| rule | file | change | test that fails | failed |
| --- | --- | --- | --- | --- |
"""


def key_of(row: Mutation) -> str:
    """The row of the page but for its result."""
    suite, _, contract = row.suite.partition(":")
    test = f"[{contract}](../tests/contracts/{suite}.t.sol) `{row.test}`"
    change = f"{_code(row.original)} → {_code(row.mutated)}"
    return f"| {row.rule} | [{Path(row.source).name}](../contracts/{row.source}) | {change} | {test} |"


def page_of(results: Mapping[Mutation, str], rows: Iterable[Mutation] = ROWS) -> str:
    """The page; `KeyError` for a row without a result."""
    return _HEAD + "".join(f"{key_of(row)} {results[row]} |\n" for row in rows)


def results_in(page: str, rows: Iterable[Mutation] = ROWS) -> dict[Mutation, str]:
    """The results of those rows that the page has as they are now."""
    results = {row: _result_of(page, key_of(row)) for row in rows}
    return {row: result for row, result in results.items() if result}


def _result_of(page: str, key: str) -> str:
    for line in page.splitlines():
        if line.startswith(f"{key} "):
            result = line[len(key) :].strip(" |")
            return result if _RESULT.fullmatch(result) else ""
    return ""


def problems(page: str, rows: tuple[Mutation, ...] = ROWS, root: Path = ROOT) -> list[str]:
    """What is out of date, one line each: in the rows against the sources below `root`, then in the page."""
    found = [f"{rule!r}: the rule stands {n} times" for rule, n in Counter(row.rule for row in rows).items() if n > 1]
    for row in rows:
        found += _problems_of(row, root)
    results = results_in(page, rows)
    missing = [row for row in rows if row not in results]
    if missing:
        found += [f"{row.rule!r} is not in {PAGE.name}: run scripts/mutate --missing" for row in missing]
    elif page_of(results, rows) != page:
        found.append(f"{PAGE.name} has other rows than the table, or another text: run scripts/mutate --missing")
    return found


def _problems_of(row: Mutation, root: Path) -> list[str]:
    suite, _, contract = row.suite.partition(":")
    tests = root / "tests/contracts" / f"{suite}.t.sol"
    try:
        source, test = (root / "contracts" / row.source).read_text("utf-8"), tests.read_text("utf-8")
    except FileNotFoundError as error:
        return [f"{row.rule!r}: there is no {Path(str(error.filename)).name}"]
    found = []
    if (count := source.count(row.original)) != 1:
        found.append(f"{row.rule!r}: the text to change stands {count} times in {row.source}, not once")
    if row.original == row.mutated:
        found.append(f"{row.rule!r}: nothing is changed")
    if f"contract {contract} " not in test or f"function {row.test}(" not in test:
        found.append(f"{row.rule!r}: {tests.name} has no {contract}.{row.test}")
    return found


def _code(text: str) -> str:
    """On one line, with the bars that would end a cell escaped."""
    return f"`{' '.join(text.split())}`".replace("|", "\\|")
