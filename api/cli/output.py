"""
How the command line speaks: results to standard output, everything else to standard error, colours only on a terminal.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from api.catalogues import catalogue
from api.cli.words import N_, _, language
from ledger.domain.errors import InvalidInput, SilkrootError

if TYPE_CHECKING:
    from api.control.protocol import ProgressCallback

YES, NO, CANNOT_TELL = 0, 1, 2

out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value instead of words.")]

VERDICT_STYLES = {
    "verified": "bold green",
    "pending": "bold blue",
    "suspect": "bold yellow",
    "unverified": "bold red",
    "recalled": "bold white on red",
    "unknown": "bold magenta",
}
VERDICT_WORDS = {
    "verified": N_("verified"),
    "pending": N_("pending"),
    "suspect": N_("suspect"),
    "unverified": N_("unverified"),
    "recalled": N_("recalled"),
    "unknown": N_("unknown"),
}
VERDICT_EXITS = {"verified": YES, "recalled": NO, "unverified": NO, "suspect": NO, "pending": CANNOT_TELL}


def print_json(value: Any) -> None:
    """One JSON value on standard output, in UTF-8, indented."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A plain table; numbers right."""
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for index, column in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[index], int | float) for row in rows)
        grid.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(Text(f"{cell:,}" if isinstance(cell, int) else str(cell)) for cell in row))
    out.print(grid)


def verdict_text(verdict: str) -> Text:
    """The verdict in its colour; the word alone says it too."""
    return Text(f" {_(VERDICT_WORDS.get(verdict, verdict))} ", style=VERDICT_STYLES.get(verdict, "bold"))


@contextmanager
def progress_bar(quiet: bool) -> Iterator[ProgressCallback]:
    """A progress bar on standard error; nothing at all with `--json` or without a terminal."""
    if quiet or not err.is_terminal:
        yield lambda done, total, what: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total, what: bar.update(
            task, completed=done, total=total or None, description=progress_words(what)
        )


PROGRESS = {
    "checking": N_("checking"),
    "checking events": N_("checking events"),
    "rehearsing": N_("rehearsing"),
    "recording": N_("recording"),
    "labels": N_("labels"),
    "stickers": N_("stickers"),
    "pictures": N_("pictures"),
    "season": N_("season"),
    "season imported": N_("season imported"),
}
"""What long work says of itself; behind a colon it may name a file."""


def progress_words(what: str) -> str:
    """What is being done, in the chosen language."""
    head, colon, tail = what.partition(": ")
    return _(PROGRESS.get(head, head)) + colon + tail


def fail(error: SilkrootError, as_json: bool = False) -> int:
    """Says what went wrong, violation by violation; returns the exit code."""
    if as_json or "--json" in sys.argv:
        from api.control.protocol import error_to_json

        print_json({"error": error_to_json(error)})
    elif isinstance(error, InvalidInput):
        from api.cli.violations import sentence

        for violation in error.violations:
            told = sentence(violation.rule, violation.message)
            err.print(Text.assemble(("✗ ", "bold red"), (violation.field, "bold"), f": {told} "))
            named = _("rule %(rule)s, value %(value)s", rule=violation.rule, value=violation.value)
            err.print(Text(f"    {named}", style="dim"))
    else:
        from api.error_phrases import error_words

        err.print(Text.assemble(("✗ ", "bold red"), error_words(error, catalogue(language()))))
    return NO if isinstance(error, InvalidInput) else CANNOT_TELL
