"""The command line in three languages: how one is chosen, and that what is printed is in it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer.rich_utils
from service_process import SILKROOT

from api.cli import main, words
from api.cli.help_words import MESSAGES, TITLES, usage_words
from api.cli.words import chosen_language

SCRIPTS = {"zh": re.compile(r"[\u4e00-\u9fff]"), "ug": re.compile(r"[\u0600-\u06ff]")}
BROKEN_LINK = "https://id.gs1.org/01/09521234000012/10/A"


Said = Callable[..., tuple[int, str, str]]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Said]:
    """Runs `silkroot` in this process: the exit code, what it printed, and its words on standard error."""
    for title in TITLES:  # which the command line library keeps for the whole process
        monkeypatch.setattr(typer.rich_utils, title, getattr(typer.rich_utils, title))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str, **environment: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["silkroot", *arguments])
        for name, value in {"SILKROOT_LANG": "en", **environment}.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        return int(end.value.code or 0), printed.out, printed.err

    yield run
    words.choose("en")


def test_the_script_itself_speaks_the_language_of_its_environment() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "SILKROOT_LANG"}
    done = subprocess.run(
        [*SILKROOT, "link", BROKEN_LINK],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
        env={**environment, "LC_ALL": "ug_CN.UTF-8"},
    )
    assert done.returncode == 1
    assert SCRIPTS["ug"].search(done.stderr)


@pytest.mark.parametrize(
    ("arguments", "environment", "language"),
    [
        (["--lang", "ug", "lots"], {"SILKROOT_LANG": "zh", "LANG": "en_GB.UTF-8"}, "ug"),
        (["--lang=zh", "lots"], {}, "zh"),
        (["lots", "--lang", "ug"], {}, "en"),
        (["template", "--lang", "ug"], {"LANG": "zh_CN.UTF-8"}, "zh"),
        (["lots"], {"SILKROOT_LANG": "ug", "LC_ALL": "zh_CN.UTF-8"}, "ug"),
        (["lots"], {"SILKROOT_LANG": "ug-Arab-CN"}, "ug"),
        (["lots"], {"LC_ALL": "zh_CN.GB18030", "LANG": "ug_CN"}, "zh"),
        (["lots"], {"LC_MESSAGES": "ug_CN.UTF-8", "LANG": "zh_CN"}, "ug"),
        (["lots"], {"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        (["lots"], {"LC_ALL": "", "LANG": "zh_CN.UTF-8"}, "zh"),
        (["lots"], {"LANG": "de_AT.UTF-8"}, "en"),
        (["--lang"], {}, "en"),
        ([], {}, "en"),
    ],
)
def test_how_the_language_is_chosen(arguments: list[str], environment: dict[str, str], language: str) -> None:
    assert chosen_language(arguments, environment) == language


def test_a_language_that_there_is_not_is_refused(said: Said) -> None:
    code, out, err = said("--lang", "de", "lots")
    assert code == 2
    assert out == ""
    assert "zh" in err
    assert "ug" in err
    with pytest.raises(ValueError, match="de"):
        words.choose("de")


@pytest.mark.parametrize("language", ["zh", "ug"])
def test_a_broken_rule_is_told_in_the_language(said: Said, language: str) -> None:
    code, out, err = said("--lang", language, "link", BROKEN_LINK)
    assert (code, out) == (1, "")
    assert SCRIPTS[language].search(err)
    assert "check digit" not in err
    assert "gs1.check-digit" in err
    assert "09521234000012" in err
    assert said("link", BROKEN_LINK)[2].startswith("✗ 01: the check digit in AI 01 should be 3, not 2")


@pytest.mark.parametrize("language", ["zh", "ug"])
def test_json_is_the_same_in_every_language(said: Said, language: str) -> None:
    code, out, err = said("--lang", language, "link", BROKEN_LINK, "--json")
    assert (code, err) == (1, "")
    assert out == said("link", BROKEN_LINK, "--json")[1]
    assert "the check digit in AI 01 should be 3" in json.loads(out)["error"]["violations"][0]["message"]


@pytest.mark.parametrize("language", ["zh", "ug"])
def test_a_ledger_that_is_not_there_is_told_in_the_language(said: Said, language: str, tmp_path: Path) -> None:
    code, _out, err = said("lots", SILKROOT_LANG=language, SILKROOT_DATA_DIR=str(tmp_path / "none"))
    assert code == 2
    assert SCRIPTS[language].search(err)
    assert "silkroot up" in err


@pytest.mark.parametrize("language", ["zh", "ug"])
def test_headings_of_tables(said: Said, language: str) -> None:
    code, out, _err = said("--lang", language, "link", BROKEN_LINK.replace("00012", "00013"))
    assert code == 0
    assert SCRIPTS[language].search(out.splitlines()[0])


@pytest.mark.parametrize("language", ["zh", "ug"])
def test_help_is_in_the_language(said: Said, language: str) -> None:
    code, out, _err = said("--lang", language, "import", "--help")
    assert code == 0
    for english in ("Usage", "Options", "Arguments", "required", "Show this message", "Record", "Check everything"):
        assert english not in out
    assert len(SCRIPTS[language].findall(out)) > 100
    assert "--dry-run" in out
    assert "Usage: " in said("import", "--help")[1]


@pytest.mark.parametrize("language", ["zh", "ug"])
@pytest.mark.parametrize(
    ("arguments", "named"),
    [(["show"], "LOT"), (["shwo"], "show"), (["lots", "--limit", "x"], "--limit"), (["lots", "--no"], "--no")],
)
def test_wrong_usage_is_told_in_the_language(said: Said, language: str, arguments: list[str], named: str) -> None:
    code, out, err = said("--lang", language, *arguments)
    assert (code, out) == (2, "")
    assert named in err
    first = err.splitlines()[0]
    assert SCRIPTS[language].search(first)
    assert not re.search(r"\b(Missing|No such|Invalid|should|mean)\b", err)


def test_usage_errors_are_found_by_their_english_form() -> None:
    words.choose("zh")
    try:
        assert usage_words("Missing command.") == "缺少命令。"
        nested = "Invalid value for '--limit': Input should be greater than or equal to 1"
        assert usage_words(nested) == "'--limit' 的值无效：不能小于 1。"
        assert usage_words("something else entirely") == "something else entirely"
    finally:
        words.choose("en")
    assert len(MESSAGES) == len(set(MESSAGES))
