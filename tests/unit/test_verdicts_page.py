"""docs/verdicts.md names every verdict, check, qualifier and code, with the verdict that the code leads to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ledger.domain
import ledger.services
from ledger.domain.story_values import CheckName, QualifierCode, Verdict

PAGE = Path(__file__).parents[2] / "docs" / "verdicts.md"
SOURCES = [
    *Path(ledger.domain.__path__[0]).glob("*.py"),
    *(Path(ledger.domain.__path__[0]) / "sensors").glob("*.py"),
    Path(ledger.services.__path__[0]) / "story.py",
]
CODE = re.compile(r'"((?:content|signature|anchored|custody|recall|chain)\.[a-z-]+)"')


def codes_in_source() -> set[str]:
    found = {code for source in SOURCES for code in CODE.findall(source.read_text(encoding="utf-8"))}
    return found | {f"anchored.other-{member}" for member in ("digest", "content", "key", "party", "kind")}


@pytest.mark.parametrize("name", [*Verdict, *CheckName, *QualifierCode])
def test_every_word_is_explained(name: str) -> None:
    assert f"| `{name}` |" in PAGE.read_text(encoding="utf-8")


def test_every_code_is_listed_and_no_other() -> None:
    page = PAGE.read_text(encoding="utf-8")
    table = page[page.index("## Codes") : page.index("## What no verdict")]
    listed = set(re.findall(r"`((?:content|signature|anchored|custody|recall|chain)\.[a-z-]+)`", table))
    assert listed == codes_in_source()
