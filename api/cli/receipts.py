"""The command that writes receipts: what the log's operator signed when it took events in."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from api.cli.arguments import ask
from api.cli.output import Json, out, print_json
from api.cli.words import ngettext

EventOrLot = Annotated[
    str, typer.Argument(metavar="EVENT|LOT", help="A content hash (0x…), an event's number, or a lot.")
]


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("receipt")(receipt)


def receipt(
    of: EventOrLot,
    to: Annotated[Path | None, typer.Option("--out", help="Where to write it; standard output if not given.")] = None,
    as_json: Json = False,
) -> None:
    """Write the receipt of an event, signed by the log's operator; of a lot, those of all its events, one a line."""
    receipts = [row["receipt"] for row in ask("receipt", as_json, of=of)["receipts"]]
    if to is None and as_json:
        print_json(receipts)
        return
    lines = [json.dumps(receipts[0], indent=2)] if len(receipts) == 1 else map(json.dumps, receipts)
    text = "".join(f"{line}\n" for line in lines)
    if to is None:
        sys.stdout.write(text)
        return
    to.write_text(text, encoding="utf-8")
    out.print(Text(f"{to}: {ngettext('%(count)s receipt', '%(count)s receipts', len(receipts))}"))
