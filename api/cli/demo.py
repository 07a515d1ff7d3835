"""The demonstration: cheat, look, heal."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from api.cli.arguments import LotText, ask
from api.cli.output import NO, Json, out, print_json
from api.cli.words import _, ngettext, number

app = typer.Typer(help="The demonstration season: cheat, look at the page, heal.", no_args_is_help=True)


@app.command("tamper")
def tamper(lot: LotText, as_json: Json = False) -> None:
    """Change a stored event of the lot behind the ledger's back, as a cheat with the database's password would."""
    result = ask("tamper", as_json, lot=lot)
    if as_json:
        print_json(result)
        return
    out.print(
        Text(
            _(
                "Changed in the database: %(member)s from %(before)s to %(after)s.",
                member=result["member"],
                before=result["before"],
                after=result["after"],
            )
        )
    )
    out.print(Text.assemble(_("Now reload:"), " ", (result["url"], "bold underline")))
    out.print(Text(_("Heal it with: silkroot demo restore %(lot)s", lot=lot), style="dim"))


@app.command("restore")
def restore(lot: LotText, as_json: Json = False) -> None:
    """Put back what `demo tamper` changed."""
    result = ask("restore", as_json, lot=lot)
    if as_json:
        print_json(result)
    else:
        out.print(
            Text(
                ngettext(
                    "%(count)s event put back. Reload %(url)s", "%(count)s events put back. Reload %(url)s",
                    result["restored"], url=result["url"],
                )
            )
        )  # fmt: skip


@app.command("send")
def send(lot: LotText, as_json: Json = False) -> None:
    """Let the pending lot's entry, which the demonstration keeps back, go to the chain."""
    result = ask("send-held", as_json, lot=lot)
    if as_json:
        print_json(result)
    elif result["sent"]:
        out.print(
            Text(
                ngettext(
                    "%(count)s entry on its way to the chain. Reload %(url)s in a few seconds.",
                    "%(count)s entries on their way to the chain. Reload %(url)s in a few seconds.",
                    result["sent"],
                    url=result["url"],
                )
            )
        )
    else:
        out.print(_("No entry of this lot was kept back."))


@app.command("reset")
def reset(
    yes: Annotated[bool, typer.Option("--yes", help=_("Do not ask."))] = False,
    as_json: Json = False,
) -> None:
    """Begin again: remove everything that the ledger wrote into its data directory. Refused while it runs."""
    # Imported here: the other commands start faster without it.
    from ledger.adapters.data_dir_reset import Remains
    from ledger.adapters.data_dir_reset import reset as begin_again
    from ledger.settings import Settings

    if as_json and not yes:
        raise typer.BadParameter(_("with --json nobody is asked: say --yes"))

    def agree(remains: Remains) -> bool:
        if yes:
            return True
        out.print(Text(_("This removes the whole ledger in %(folder)s, for good:", folder=remains.folder)))
        out.print(
            Text(
                _(
                    "%(events)s events of %(lots)s lots, the keys of %(parties)s parties, and the local chain.",
                    events=number(remains.events), lots=number(remains.lots), parties=number(remains.parties),
                )
            )
        )  # fmt: skip
        return typer.confirm(_("Begin again?"))

    done = begin_again(Settings(), agree)
    if done is None:
        out.print(Text(_("Nothing was removed.")))
        raise typer.Exit(NO)
    if as_json:
        print_json({"folder": str(done.folder), "removed": len(done.files), "left": list(done.foreign)})
        return
    out.print(Text(_("Removed. Start again with: silkroot up --demo")))
    if done.foreign:
        out.print(Text(_("Left alone, since it is not the ledger's: %(files)s", files=", ".join(done.foreign))))
