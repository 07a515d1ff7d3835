"""Words: none missing, none broken, and one for everything that the domain can say."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest
from babel.core import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

import ledger.domain
import ledger.services
from api.catalogues import PLURALS, catalogue, read_catalogue
from api.localization import LANGUAGES, words
from api.views import phrases
from api.views.finding_phrases import FINDINGS
from ledger.domain.actions import EntryKind
from ledger.domain.master_data import PlaceKind
from ledger.domain.story_values import CheckName, Outcome, QualifierCode, Verdict

ROOT = Path(__file__).parents[2]
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


SCRIPTS = {"zh": r"[\u4e00-\u9fff]", "ug": r"[\u0600-\u06ff]"}
UYGHUR = "ئابپتجچخدرزژسشغفقكگڭلمنھوۇۆۈۋېىيە"
FOREIGN_SIGNS = {"zh": rf"{SCRIPTS['zh']} ?[,;:?!] ?", "ug": rf"[,;?]|[\u0620-\u06ff](?<![{UYGHUR}])"}
"""What must not stand in a translation: Latin punctuation; in Uyghur also letters of other Arabic alphabets."""
SAME_IN_ALL = {"%(first)s, %(second)s", "%(deed)s, %(party)s, %(when)s", "Value error, %(message)s"}
"""Texts without words of their own."""


def catalogue_of(language: str) -> Catalog:
    source = resources.files("api").joinpath(f"locales/{language}/LC_MESSAGES/silkroot.po").read_bytes()
    return read_po(io.BytesIO(source), locale=language)


@pytest.fixture(scope="module", params=["zh", "ug"])
def catalog(request: pytest.FixtureRequest) -> Catalog:
    return catalogue_of(request.param)


def forms(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple) else [message.string]


def msgids(message: Message) -> list[str]:
    return list(message.id) if isinstance(message.id, tuple) else [message.id]


def test_catalogues_hold_every_text_of_templates_and_code() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/build_locales", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_nothing_is_missing_and_nothing_fuzzy(catalog: Catalog) -> None:
    for message in catalog:
        assert not message.fuzzy or not message.id, message.id
        assert all(forms(message)) or not message.id, message.id
        if isinstance(message.id, tuple):
            assert len(forms(message)) == catalog.num_plurals, message.id


def test_translations_keep_their_placeholders(catalog: Catalog) -> None:
    for message in catalog:
        if message.id:
            expected = sorted(PLACEHOLDER.findall(msgids(message)[-1]))
            for form in forms(message):
                assert sorted(PLACEHOLDER.findall(form)) == expected, message.id


def test_translations_are_written_in_their_script(catalog: Catalog) -> None:
    language = str(catalog.locale)
    for message in catalog:
        if message.id and message.id not in SAME_IN_ALL:
            for form in forms(message):
                assert re.search(SCRIPTS[language], form), message.id
                words_only = re.sub(r"(silkroot|--out|EPCIS|GET)[ !-~،]*", "", form)
                found = re.search(FOREIGN_SIGNS[language], words_only)
                assert not found, f"{found and found[0]!r} in {form}"


@pytest.mark.parametrize("language", ["zh", "ug"])
def test_our_reader_of_catalogues_reads_what_babel_reads(language: str) -> None:
    told = {msgids(message)[0]: tuple(forms(message)) for message in catalogue_of(language) if message.id}
    assert catalogue(language).texts == told


def test_a_fuzzy_translation_is_not_shown() -> None:
    assert read_catalogue('#, fuzzy\nmsgid "Lot"\nmsgstr "guess"\n\nmsgid "Why"\nmsgstr "so"\n') == {"Why": ("so",)}


@pytest.mark.parametrize("language", [*LANGUAGES])
def test_plural_forms_are_those_of_the_cldr(language: str) -> None:
    rule = Locale.parse(language).plural_form
    names = [name for name in ("one", "other") if name in rule.tags | {"other"}]
    for count in (0, 1, 2, 3, 5, 11, 21, 100, 1_000_000):
        assert names[PLURALS[language](count)] == rule(count)


@pytest.mark.parametrize("language", [*LANGUAGES])
def test_counts_take_their_form(language: str) -> None:
    speak = words(language)
    one = speak.ngettext("%(count)s row", "%(count)s rows", 1)
    many = speak.ngettext("%(count)s row", "%(count)s rows", 2_000)
    assert one.startswith("1 ")
    assert many.startswith("2,000 ")
    if language == "en":
        assert (one, many) == ("1 row", "2,000 rows")


def test_a_text_without_translation_is_noticed(tmp_path: Path) -> None:
    assert words("zh")("No such text at all") == "No such text at all"
    assert words("zh")("Lot") != "Lot"


def codes_of_the_domain() -> set[str]:
    """Every code of a finding that stands in the sources of domain and services."""
    names = "|".join(name.value for name in CheckName)
    literal = re.compile(rf'"((?:{names}|chain)\.[a-z][a-z-]*|bundle\.other-chain)"')
    codes = {f"{name}.passed" for name in CheckName}
    for package in (ledger.domain, ledger.services):
        for folder in package.__path__:
            for file in Path(folder).rglob("*.py"):
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
    unit, small = {"zh": ("公斤", "克"), "en": ("kg", "g"), "ug": ("كىلوگرام", "گرام")}[language]
    assert speak.kilograms(2_944_000) == f"2,944 {unit}"
    assert speak.kilograms(1_234_567) == f"1,234.567 {unit}"
    assert speak.kilograms(999) == f"999 {small}"
    assert speak.kilograms(2**53 + 1) == f"9,007,199,254,740.993 {unit}"
