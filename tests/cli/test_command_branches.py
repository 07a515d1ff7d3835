"""One command alone is the same command as in the whole tree, and whoever asks for the whole gets it."""

from __future__ import annotations

from typing import Any

import pytest
import typer.main

from api.cli.commands import app, branch
from api.cli.words import command_word

WHOLE: Any = typer.main.get_command(app)


def described(command: Any) -> Any:
    """What a person can type and read of it."""
    parameters = [(one.name, one.opts, one.secondary_opts, one.nargs, one.required, one.help) for one in command.params]
    inner = {name: described(one) for name, one in getattr(command, "commands", {}).items()}
    return command.name, command.help, command.no_args_is_help, parameters, inner


@pytest.mark.parametrize("word", list(WHOLE.commands))
def test_a_branch_holds_its_command_alone_and_as_it_is(word: str) -> None:
    alone: Any = typer.main.get_command(branch(word))
    assert list(alone.commands) == [word]
    assert described(alone.commands[word]) == described(WHOLE.commands[word])
    assert described(alone)[:4] == described(WHOLE)[:4]


@pytest.mark.parametrize("word", ["", "shows", "list", "Show"])
def test_a_word_that_names_no_command_gets_the_whole(word: str) -> None:
    assert branch(word) is app


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["show", "x"], "show"),
        (["--lang", "zh", "show", "--lang", "ug"], "show"),
        (["--lang=zh", "show"], "show"),
        (["--help", "show"], ""),
        (["--lang", "zh", "--help", "show"], ""),
        (["--lang"], ""),
        ([], ""),
    ],
)
def test_the_word_that_names_the_command_is_found(arguments: list[str], word: str) -> None:
    assert command_word(arguments) == word
