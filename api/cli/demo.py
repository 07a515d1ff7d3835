"""The demonstration: cheat, look, heal."""

from __future__ import annotations

import typer
from rich.text import Text

from api.cli.arguments import LotText, ask
from api.cli.output import Json, out, print_json

app = typer.Typer(help="The demonstration season: cheat, look at the page, heal.", no_args_is_help=True)


@app.command("tamper")
def tamper(lot: LotText, as_json: Json = False) -> None:
    """Change a stored event of the lot behind the ledger's back, as a cheat with the database's password would."""
    result = ask("tamper", as_json, lot=lot)
    if as_json:
        print_json(result)
        return
    out.print(Text(f"Changed in the database: {result['member']} from {result['before']} to {result['after']}."))
    out.print(Text.assemble("Now reload ", (result["url"], "bold underline")))
    out.print(Text(f"Heal it with: silkroot demo restore {lot}", style="dim"))


@app.command("restore")
def restore(lot: LotText, as_json: Json = False) -> None:
    """Put back what `demo tamper` changed."""
    result = ask("restore", as_json, lot=lot)
    if as_json:
        print_json(result)
    else:
        out.print(Text(f"{result['restored']} event(s) put back. Reload {result['url']}"))


@app.command("send")
def send(lot: LotText, as_json: Json = False) -> None:
    """Let the pending lot's entry, which the demonstration keeps back, go to the chain."""
    result = ask("send-held", as_json, lot=lot)
    if as_json:
        print_json(result)
    elif result["sent"]:
        out.print(Text(f"{result['sent']} entry on its way to the chain. Reload {result['url']} in a few seconds."))
    else:
        out.print("No entry of this lot was kept back.")
