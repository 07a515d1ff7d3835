"""What the pages name is there: pages, pictures, headings, commands, options, settings; in both languages alike."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from doc_pages import ROOT, Command, anchors, links, pages, spans, steps
from PIL import Image

from api.cli.commands import app
from api.localization import words
from api.views.phrases import VERDICTS
from ledger.settings import Settings

READERS = ("producer", "dock", "consumer", "operator")
LANGUAGES = ("zh", "en")
MAX_PICTURE_BYTES = 150_000
ELSEWHERE = re.compile(r"SILKROOT_[A-Z][A-Z_]*")
SCRIPT_OPTIONS = {"--local", "--only"}
"""Of scripts/run and scripts/test."""

PAGES = [pytest.param(page, id=str(page.relative_to(ROOT))) for page in pages()]


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: Path) -> None:
    dead = []
    for number, target, _ in links(page):
        if "://" in target or target.startswith("mailto:"):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        if not path.exists() or (anchor and anchor not in anchors(path)):
            dead.append(f"{page.name}:{number}: {target}")
    assert dead == []


def test_every_picture_is_small_and_shown_somewhere() -> None:
    shown = {(page.parent / target).resolve() for page in pages() for _, target, picture in links(page) if picture}
    stored = set((ROOT / "docs" / "images").iterdir())
    assert stored == {path for path in shown if path.is_relative_to(ROOT / "docs" / "images")}
    heavy = {path.name: path.stat().st_size for path in stored if path.stat().st_size >= MAX_PICTURE_BYTES}
    assert heavy == {}
    for path in stored:
        with Image.open(path) as picture:
            assert picture.format == "PNG"
            picture.verify()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reader", READERS)
def test_there_is_a_page_for_every_reader_with_a_picture_and_what_can_go_wrong(reader: str, language: str) -> None:
    page = ROOT / "docs" / language / f"{reader}.md"
    assert any(picture for _, _, picture in links(page))
    heading = {"zh": "## 出了问题怎么办", "en": "## When something goes wrong"}[language]
    assert heading in page.read_text(encoding="utf-8").splitlines()


def without_words(text: str) -> str:
    """A command without what differs between the languages."""
    return re.sub(r"(--lang \w+|/(zh|en)\b|-(zh|en)\b|\"[^\"]*\"|'[^']*')", "", text)


@pytest.mark.parametrize("reader", READERS)
def test_both_languages_have_the_same_commands(reader: str) -> None:
    told = {
        language: [
            without_words(step.text) if isinstance(step, Command) else step.name
            for step in steps(ROOT / "docs" / language / f"{reader}.md")
        ]
        for language in LANGUAGES
    }
    assert told["zh"] == told["en"]


@pytest.mark.parametrize("reader", READERS)
def test_both_languages_have_the_same_headings_and_pictures(reader: str) -> None:
    def outline(language: str) -> tuple[list[str], int, int]:
        page = ROOT / "docs" / language / f"{reader}.md"
        lines = page.read_text(encoding="utf-8").splitlines()
        levels = [line.split(" ")[0] for line in lines if re.match(r"#+ ", line)]
        rows = sum(line.startswith("|") for line in lines)
        return levels, rows, sum(picture for _, _, picture in links(page))

    assert outline("zh") == outline("en")


# --- Commands and options ---------------------------------------------------------------------------------------------

GROUP = typer.main.get_command(app)


def commands(command: Any) -> Iterator[Any]:
    yield command
    for child in getattr(command, "commands", {}).values():
        yield from commands(child)


def options(command: Any) -> set[str]:
    names = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    return {name for name in names if name.startswith("-")} | {"--help"}


EVERY_OPTION = set().union(*(options(command) for command in commands(GROUP)))


def complaint(text: str) -> str:
    """What is wrong with a command line that begins with `silkroot`; "" where nothing is."""
    words = shlex.split(text, comments=True)[1:]
    current: Any = GROUP
    known = options(GROUP)
    for position, word in enumerate(words):
        children = getattr(current, "commands", {})
        if word.startswith("-"):
            name = word.partition("=")[0]
            if name not in known:
                return f"no option {name}"
        elif word in children:
            current = children[word]
            known = options(current)
        elif children and re.fullmatch(r"[a-z-]+", word) and not words[position - 1].startswith("-"):
            return f"no command {word}"
    return ""


@pytest.mark.parametrize("page", PAGES)
def test_every_command_and_option_named_exists(page: Path) -> None:
    wrong = []
    for number, text in spans(page):
        bare = re.sub(r"^(SILKROOT_\w+=\S+ )+", "", text).removeprefix(".venv/bin/")
        if bare == "silkroot" or bare.startswith("silkroot "):
            problem = complaint(bare)
        elif bare.startswith("--") and "adr" not in page.parts:  # decisions speak of other programs' options too
            name = re.split(r"[ =]", bare)[0]
            problem = "" if name in EVERY_OPTION | SCRIPT_OPTIONS else f"no option {name}"
        else:
            continue
        if problem:
            wrong.append(f"{page.name}:{number}: {text}: {problem}")
    assert wrong == []


def test_the_check_of_commands_finds_what_does_not_exist() -> None:
    assert complaint("silkroot imprt x") == "no command imprt"
    assert complaint("silkroot import --dry x") == "no option --dry"
    assert complaint("silkroot demo tampr LOT") == "no command tampr"
    assert complaint("silkroot import --dry-run x") == ""


# --- Settings ---------------------------------------------------------------------------------------------------------


def settings_table(page: Path) -> dict[str, str]:
    """Rows of the table of settings: name to default, as written."""
    rows = {}
    for line in page.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and (found := re.fullmatch(r"`(SILKROOT_\w+)`", cells[0])):
            rows[found[1]] = cells[1]
    return rows


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_of_settings_is_complete(language: str) -> None:
    named = {f"SILKROOT_{name.upper()}" for name in Settings.model_fields}
    for folder in ("api", "ledger"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            named |= set(re.findall(r"\"(SILKROOT_[A-Z_]+)\"", text))
    table = settings_table(ROOT / "docs" / language / "operator.md")
    assert set(table) == named


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_defaults_in_the_table_are_those_of_the_settings(language: str) -> None:
    table = settings_table(ROOT / "docs" / language / "operator.md")
    for name, field in Settings.model_fields.items():
        if field.default not in (None, "") and not field.is_required() and field.default_factory is None:
            assert table[f"SILKROOT_{name.upper()}"] == f"`{field.default}`", name


@pytest.mark.parametrize("page", PAGES)
def test_every_setting_named_anywhere_is_in_the_table(page: Path) -> None:
    table = settings_table(ROOT / "docs" / "en" / "operator.md")
    named = set(ELSEWHERE.findall(page.read_text(encoding="utf-8")))
    assert {name for name in named if not name.startswith("SILKROOT_TEST")} - set(table) == set()


# --- Words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_consumers_page_uses_the_words_of_the_page_that_they_see(language: str) -> None:
    page = (ROOT / "docs" / language / "consumer.md").read_text(encoding="utf-8")
    missing = {words(language)(phrase.title) for phrase in VERDICTS.values()} - set(re.findall(r"\*\*(.+?)\*\*", page))
    assert missing == set()
