"""Commands for whoever runs the ledger: parties and keys, the chain, the store's own check."""

from __future__ import annotations

import typer
from rich.text import Text

from api.cli import keys
from api.cli.arguments import ask
from api.cli.output import NO, YES, Json, err, out, print_json, table

party_app = typer.Typer(help="Parties, their roles and keys.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Registers the commands."""
    app.command("chain")(chain)
    app.command("fsck")(fsck)
    keys.add_to(party_app)


@party_app.command("list")
def party_list(as_json: Json = False) -> None:
    """List the parties with their roles and cities."""
    result = ask("parties", as_json)
    if as_json:
        print_json(result["parties"])
    else:
        table(
            ("party", "name", "roles", "city"),
            [[p["id"], p["name"], ", ".join(p["roles"]), p["city"]] for p in result["parties"]],
        )


def chain(as_json: Json = False) -> None:
    """Say which chain this ledger writes to, and how far it is."""
    status = ask("status", as_json)
    if as_json:
        print_json(status)
    else:
        for name, value in {**status["chain"], **status["outbox"]}.items():
            out.print(f"{name:>14}  {value}", markup=False, highlight=False)
    raise typer.Exit(YES if status["status"] == "ok" else NO)


def fsck(as_json: Json = False) -> None:
    """Re-derive every hash, struct, signature and balance from what is stored; find whatever differs."""
    result = ask("fsck", as_json)
    if as_json:
        print_json(result)
    else:
        for fault in result["faults"]:
            err.print(Text.assemble(("✗ ", "bold red"), f"{fault['where']}: {fault['what']}"))
        out.print(f"{len(result['faults'])} faults" if result["faults"] else "Everything is as it was written.")
    raise typer.Exit(NO if result["faults"] else YES)
