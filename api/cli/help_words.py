"""
Help and usage errors in the chosen language.

The help texts of commands stand in English where the commands do: docstrings and `help=`. `help_texts` finds them all,
so that `scripts/build_locales` puts them into the catalogues, and `translate` writes the chosen language over them.
What the command line library says of wrong usage is found again by its English form, as in `api.error_phrases`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer
import typer.main
import typer.rich_utils
from rich.text import Text
from typer.exceptions import TyperException

from api.cli.output import err
from api.cli.words import N_, _

Command = Any
"""A command or group of the library, which exports no type for it."""

TITLES = {
    "ARGUMENTS_PANEL_TITLE": N_("Arguments"),
    "OPTIONS_PANEL_TITLE": N_("Options"),
    "COMMANDS_PANEL_TITLE": N_("Commands"),
    "REQUIRED_LONG_STRING": N_("[required]"),
    "DEFAULT_STRING": N_("[default: {}]"),
}
USAGE, HELP = N_("Usage: "), N_("Show this message and exit.")

MESSAGES = (
    N_("Missing command."),
    N_("No such command '%(name)s'."),
    N_("No such command '%(name)s'. Did you mean %(guess)s?"),
    N_("No such option: %(name)s (Possible options: %(guess)s)"),
    N_("No such option: %(name)s"),
    N_("Missing argument '%(name)s'."),
    N_("Missing option '%(name)s'."),
    N_("Got unexpected extra argument(s) (%(arguments)s)"),
    N_("Option '%(name)s' requires an argument."),
    N_("Option '%(name)s' does not take a value."),
    N_("Invalid value for %(name)s: %(message)s"),
    N_("Invalid value: %(message)s"),
    N_("file '%(name)s' does not exist."),
    N_("file '%(name)s' is a directory."),
    N_("Value error, %(message)s"),
    N_("'%(value)s' is not one of %(choices)s."),
    N_("Input should be a valid integer, unable to parse string as an integer"),
    N_("Input should be greater than or equal to %(least)s"),
    N_("Input should be less than or equal to %(most)s"),
    N_("Aborted."),
)
"""What the library says, by its English form; the message of a longer one may be one of the others."""

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def help_texts(command: Command) -> Iterator[str]:
    """Every help text of a command and of those under it, as msgids."""
    for _holder, text in _helps(command):
        yield text


def translate(command: Command) -> None:
    """Puts the chosen language in the place of every help text, and of the titles around them."""
    for name, title in TITLES.items():
        setattr(typer.rich_utils, name, _(title))
    for holder, text in _helps(command):
        holder.help = _(text)
    for each in _tree(command):
        _translate_usage(each)


def _tree(command: Command) -> Iterator[Command]:
    yield command
    for inner in getattr(command, "commands", {}).values():
        yield from _tree(inner)


def _helps(command: Command) -> Iterator[tuple[Any, str]]:
    for each in _tree(command):
        for holder in (each, *each.params):
            text = getattr(holder, "help", None)
            if text:
                yield holder, " ".join(text.split())


def _translate_usage(command: Command) -> None:
    usage, option = command.get_usage, command.get_help_option

    def get_usage(context: Any) -> str:
        return str(usage(context)).replace("Usage: ", _(USAGE), 1)

    def get_help_option(context: Any) -> Any:
        found = option(context)
        if found is not None:
            found.help = _(HELP)
        return found

    command.get_usage, command.get_help_option = get_usage, get_help_option


def run(app: typer.Typer) -> int:
    """Runs the command that the arguments ask for, in the chosen language; returns the exit code."""
    command = typer.main.get_command(app)
    translate(command)
    try:
        code = command.main(standalone_mode=False)
        return code if isinstance(code, int) else 0
    except typer.Abort:
        err.print(_("Aborted."))
        return 1
    except TyperException as error:
        context = getattr(error, "ctx", None)
        # Without arguments the library has printed the help already, and its message is empty or that help.
        if context is None or type(error).__name__ != "NoArgsIsHelpError":
            err.print(Text.assemble(("✗ ", "bold red"), usage_words(error.format_message())))
            path = context.command_path if context is not None else "silkroot"
            err.print(Text(_("Help: %(command)s", command=f"{path} --help"), style="dim"))
        return error.exit_code


def usage_words(message: str) -> str:
    """A message of the library about wrong usage, in the chosen language; one without words of ours as it is."""
    for text in MESSAGES:
        parts = _PLACEHOLDER.split(text)
        pattern = "".join(f"(?P<{part}>.+)" if odd % 2 else re.escape(part) for odd, part in enumerate(parts))
        if found := re.fullmatch(pattern, message.strip(), flags=re.DOTALL):
            values = {
                name: usage_words(value) if name == "message" else value for name, value in found.groupdict().items()
            }
            return _(text, **values) if values else _(text)
    return message
