"""The tree of commands; each module holds those of one kind of work."""

from __future__ import annotations

import copy
from enum import StrEnum
from typing import Annotated

import typer
import typer.main
from typer.models import CommandInfo

from api.catalogues import LANGUAGES
from api.cli import (
    accounting,
    agreeing,
    api_keys,
    capturing,
    confiding,
    correcting,
    demo,
    gateway,
    growing,
    handing_over,
    importing,
    inviting,
    labelling,
    maintaining,
    monitoring,
    pledging,
    reading,
    recalling,
    receipts,
    temperatures,
    tools,
    up,
    verifying,
    words,
    workbooks,
)

app = typer.Typer(
    name="silkroot",
    help="A provenance ledger for produce: from the field to the buyer, signed at every step.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Language = StrEnum("Language", {code: code for code in LANGUAGES})  # type: ignore[misc]
"""What `--lang` takes."""


@app.callback()
def options(
    lang: Annotated[
        Language | None, typer.Option("--lang", help="Language of messages; else SILKROOT_LANG or the locale's.")
    ] = None,
) -> None:
    """Options before the command. The language was chosen already by `main`, which reads it from the arguments too."""
    if lang is not None:
        words.choose(lang.value)


up.add_to(app)
importing.add_to(app)
capturing.add_to(app)
growing.add_to(app)
handing_over.add_to(app)
agreeing.add_to(app)
correcting.add_to(app)
pledging.add_to(app)
recalling.add_to(app)
reading.add_to(app)
temperatures.add_to(app)
accounting.add_to(app)
confiding.add_to(app)
receipts.add_to(app)
verifying.add_to(app)
labelling.add_to(app)
maintaining.add_to(app)
monitoring.add_to(app)
gateway.add_to(app)
tools.add_to(app)
api_keys.add_to(app)
inviting.add_to(app)
workbooks.add_to(app)
app.add_typer(demo.app, name="demo")
app.add_typer(maintaining.party_app, name="party")


def branch(word: str) -> typer.Typer:
    """
    The command line with that command or group alone; the whole where the word names none. Before it looks which one
    is meant, the library makes every command with all its options, and these are many.
    """
    one = copy.copy(app)
    one.registered_commands = [command for command in app.registered_commands if _name(command) == word]
    one.registered_groups = [group for group in app.registered_groups if group.name == word]
    return one if one.registered_commands or one.registered_groups else app


def _name(command: CommandInfo) -> str:
    return command.name or typer.main.get_command_name(command.callback.__name__ if command.callback else "")
