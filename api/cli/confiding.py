"""Commands of what is sealed in events: disclose it to one reader, erase it for good."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from api.cli.arguments import ask
from api.cli.output import CANNOT_TELL, Json, err, out, print_json
from api.cli.recording import done
from api.cli.words import _, formats, ngettext

Target = Annotated[
    str, typer.Argument(metavar="EVENT_OR_LOT", help="An event’s content hash (0x…) or eventID, or a lot.")
]
Members = Annotated[
    list[str] | None,
    typer.Option("--member", metavar="NAME", help="Only this member, by name or JSON pointer; may be given again."),
]


def add_to(app: typer.Typer) -> None:
    """Registers the commands."""
    app.command("disclose")(disclose)
    app.command("erase")(erase)


def disclose(
    target: Target,
    member: Members = None,
    to: Annotated[Path | None, typer.Option("--out", help="Where to write it; standard output if not given.")] = None,
    as_json: Json = False,
) -> None:
    """Write what was sealed into a file for one reader, who can check it. Exit 2: it was never sealed, or is erased."""
    result = ask("disclose", as_json, target=target, members=member or [])
    if to is None:
        print_json(result if as_json else result["file"])
    else:
        _write_private(to, json.dumps(result["file"], ensure_ascii=False, indent=2) + "\n")
        if as_json:
            print_json({**result, "file": str(to)})
    if not as_json:
        for event in result["events"]:
            _tell_shown(event)
        if to is not None:
            done(_("%(file)s: for the one reader whom it is meant for; whoever has it can pass it on", file=to))


def _write_private(path: Path, text: str) -> None:
    """For the owner's eyes: nobody else of this machine reads what was sealed."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)


def _tell_shown(event: dict[str, Any]) -> None:
    # Beside the file, which may be on standard output.
    places = formats().joined(event["places"])
    err.print(Text(_("event %(number)s shows %(places)s", number=event["sequence"], places=places)))
    if event["outer"]:
        outer = formats().joined(event["outer"])
        err.print(Text("  " + _("%(places)s goes with it: what was asked for lies in it", places=outer), style="dim"))
    if event["erased"]:
        told = ngettext("%(count)s more was erased", "%(count)s more were erased", event["erased"])
        err.print(Text(f"  {told}", style="dim"))
    if event["withheld"]:
        told = ngettext(
            "%(count)s member stays withheld from the reader", "%(count)s members stay withheld from the reader",
            event["withheld"],
        )  # fmt: skip
        err.print(Text(f"  {told}", style="dim"))


def erase(
    value: Annotated[
        str, typer.Option(metavar="TEXT", help="Whatever says exactly this, at any depth; - reads it from the input.")
    ] = "",
    member: Annotated[str, typer.Option(metavar="NAME", help="Only this member, by name or JSON pointer.")] = "",
    event: Annotated[str, typer.Option(metavar="EVENT", help="Only in this event: content hash or eventID.")] = "",
    lot: Annotated[str, typer.Option(metavar="LOT", help="Only in events of this lot.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be erased.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Erase it; nobody can bring it back.")] = False,
    as_json: Json = False,
) -> None:
    """Destroy sealed values and their salts for good. Events and proofs stay as they are. Exit 2 without --yes."""
    if value == "-":
        value = sys.stdin.read().strip()
    going = yes and not dry_run
    result = ask("erase", as_json, value=value, member=member, event=event, lot=lot, yes=going)
    if as_json:
        print_json(result)
    else:
        _tell_erased(result, dry_run)
    raise typer.Exit(0 if going or dry_run or not result["disclosures"] else CANNOT_TELL)


def _tell_erased(result: dict[str, Any], dry_run: bool) -> None:
    for found in result["events"]:
        places = formats().joined(found["places"])
        if found["sequence"] is None:
            out.print(Text("  " + _("a proposal that waits: %(places)s", places=places)))
        else:
            out.print(Text("  " + _("event %(number)s: %(places)s", number=found["sequence"], places=places)))
    count = result["disclosures"]
    if not count:
        out.print(Text(_("Nothing of that is kept.")))
    elif result["erased"]:
        done(
            ngettext(
                "%(count)s sealed member is erased for good", "%(count)s sealed members are erased for good", count
            )
        )
    else:
        told = ngettext("%(count)s sealed member would be erased", "%(count)s sealed members would be erased", count)
        out.print(Text(told))
        if not dry_run:
            err.print(Text(_("Nothing was erased. To erase it for good, say --yes.")))
    if still := result["stillOpen"]:
        named = formats().joined(str(number) for number in still[:20])
        told = ngettext(
            "%(count)s event says it in the open, where it is signed and cannot be erased: %(events)s",
            "%(count)s events say it in the open, where it is signed and cannot be erased: %(events)s",
            len(still), events=named,
        )  # fmt: skip
        err.print(Text(told))
