"""Commands on what parties have: stock, and mass balances that have to add up."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from api.cli.arguments import ask
from api.cli.output import NO, Json, err, out, print_json, table
from api.cli.words import N_, _, formats

LINES = {
    "made": N_("made"),
    "received": N_("received"),
    "returned": N_("come back"),
    "used": N_("used in packing"),
    "shipped": N_("shipped"),
    "sold": N_("sold"),
    "destroyed": N_("destroyed"),
    "lost": N_("lost on the way"),
    "weightLoss": N_("weight lost on the way"),
    "culls": N_("culls"),
    "processLoss": N_("lost in packing"),
    "remainder": N_("left over in packing"),
    "onHand": N_("with its holders"),
    "inTransit": N_("under way"),
    "inDispute": N_("in dispute"),
}


def add_to(app: typer.Typer) -> None:
    """Registers the commands."""
    app.command("stock")(stock)
    app.command("balance")(balance)


def stock(
    party: Annotated[str, typer.Argument(metavar="PARTY", help="The party's GLN or number.")],
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at the most.")] = 1000,
    after: Annotated[str, typer.Option(metavar="TOKEN", help="Go on where the list before ended.")] = "",
    as_json: Json = False,
) -> None:
    """List the lots of which a party has anything: on hand, under way from it and to it, in dispute, pledged."""
    result = ask("stock", as_json, party=party, limit=limit, after=after)
    if as_json:
        print_json(result)
        return
    weight = formats().kilograms
    parts = ("onHand", "going", "coming", "inDispute", "pledged")
    heads = (_("lot"), _("product"), _("on hand"), _("going"), _("coming"), _("in dispute"), _("pledged"))
    table(
        heads,
        [
            [row["lot"], row["name"], *(weight(row[part]) if row[part] else "" for part in parts)]
            for row in result["lots"]
        ],
    )
    if result["next"]:
        command = f"silkroot stock {party} --after {result['next']}"
        err.print(Text(_("More: %(command)s", command=command)))


def balance(
    about: Annotated[str, typer.Argument(metavar="PARTY|LOT", help="A party's GLN or number, or a lot.")],
    since: Annotated[str, typer.Option("--from", metavar="TIME", help="From then on, ISO 8601 with offset.")] = "",
    before: Annotated[str, typer.Option("--to", metavar="TIME", help="Until before then.")] = "",
    as_json: Json = False,
) -> None:
    """Balance what came in against what went out and what is there. Exit 1 where it does not add up."""
    result = ask("balance", as_json, about=about, since=since, before=before)
    if as_json:
        print_json(result)
    else:
        weight = formats().kilograms
        rows = [[_("at the beginning"), weight(result["opening"])]]
        rows += [[f"+ {_(LINES[name])}", weight(grams)] for name, grams in result["in"].items()]
        rows += [[f"- {_(LINES[name])}", weight(grams)] for name, grams in result["out"].items()]
        rows.append([_("has to be there"), weight(result["closing"])])
        if result["counted"] is not None:
            rows.append([_("is there"), weight(result["counted"])])
        table((_("account"), _("weight")), rows)
        for name, grams in result["aside"].items():
            if grams:
                out.print(Text(f"  {_(LINES[name])}: {weight(grams)}", style="dim"))
        if result["difference"]:
            told = _("It does not add up: %(grams)s g too much or too little.", grams=result["difference"])
            err.print(Text(told))
    if result["difference"]:
        raise typer.Exit(NO)
