"""Words: none missing, none broken, and one for everything that the domain can say."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

import ledger.domain
import ledger.services
from api.localization import LANGUAGES, words
from api.views import phrases
from api.views.finding_phrases import FINDINGS
from ledger.domain.actions import EntryKind
from ledger.domain.master_data import PlaceKind
from ledger.domain.story_values import CheckName, Outcome, QualifierCode, Verdict

ROOT = Path(__file__).parents[2]
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


@pytest.fixture(scope="module")
def chinese() -> Catalog:
    source = resources.files("api").joinpath("locales/zh/LC_MESSAGES/silkroot.po").read_bytes()
    return read_po(io.BytesIO(source), locale="zh")


def test_catalogues_hold_every_text_of_templates_and_code() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/build_locales", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_translations_keep_their_placeholders(chinese: Catalog) -> None:
    for message in chinese:
        if message.id:
            assert sorted(PLACEHOLDER.findall(message.id)) == sorted(PLACEHOLDER.findall(message.string)), message.id


def test_translations_are_chinese(chinese: Catalog) -> None:
    formats = {"%(deed)s, %(party)s, %(when)s"}
    for message in chinese:
        if message.id and message.id not in formats:
            assert re.search(r"[\u4e00-\u9fff]", message.string), message.id
            assert not re.search(r"[\u4e00-\u9fff] ?[,;:?!] ?", message.string), f"Latin punctuation: {message.string}"


def test_a_text_without_translation_is_noticed(tmp_path: Path) -> None:
    assert words("zh")("No such text at all") == "No such text at all"
    assert words("zh")("Lot") != "Lot"


def codes_of_the_domain() -> set[str]:
    """Every code of a finding that stands in the sources of domain and services."""
    names = "|".join(name.value for name in CheckName)
    literal = re.compile(rf'"((?:{names}|chain)\.[a-z][a-z-]*)"')
    codes = {f"{name}.passed" for name in CheckName}
    for package in (ledger.domain, ledger.services):
        for folder in package.__path__:
            for file in Path(folder).glob("*.py"):
                codes |= set(literal.findall(file.read_text("utf-8")))
    return codes | {f"anchored.other-{member}" for member in ("digest", "content", "key", "party", "kind")}


def test_every_finding_has_its_words() -> None:
    codes = codes_of_the_domain()
    assert {"content.changed", "custody.more-than-held", "recall.lot", "chain.not-asked"} <= codes
    assert codes - set(FINDINGS) == set()
    assert set(FINDINGS) - codes == set(), "words for findings that nobody makes"


def test_every_value_that_pages_show_has_its_words() -> None:
    assert set(phrases.VERDICTS) == set(phrases.SHORT_VERDICTS) == set(Verdict)
    assert set(phrases.QUALIFIERS) == set(QualifierCode)
    assert set(phrases.CHECKS) == set(CheckName)
    assert set(phrases.OUTCOMES) == set(phrases.MARKS) == set(Outcome)
    assert set(phrases.DEEDS) | {EntryKind.TRANSFORMATION, EntryKind.STATEMENT} == set(EntryKind)
    assert {kind.value for kind in PlaceKind} | {"place", "recalled"} == set(phrases.PLACES)


@pytest.mark.parametrize("language", [*LANGUAGES])
def test_masses_are_never_rounded(language: str) -> None:
    speak = words(language)
    unit, small = ("公斤", "克") if language == "zh" else ("kg", "g")
    assert speak.kilograms(2_944_000) == f"2,944 {unit}"
    assert speak.kilograms(1_234_567) == f"1,234.567 {unit}"
    assert speak.kilograms(999) == f"999 {small}"
    assert speak.kilograms(2**53 + 1) == f"9,007,199,254,740.993 {unit}"
