"""Commands of pledges, under `silkroot pledge`: fruit in store that secures a loan."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from api.cli.arguments import As, At, LotText, ask, grams_of, now_text
from api.cli.keys import day_seconds
from api.cli.output import Json, out, print_json, table
from api.cli.recording import Mass, record
from api.cli.words import _, formats

pledge_app = typer.Typer(help="Pledges: fruit in store that secures a loan.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Registers the commands."""
    app.add_typer(pledge_app, name="pledge")


@pledge_app.command("make")
def pledge_make(
    lot: LotText,
    mass: Mass,
    lender: Annotated[str, typer.Option(metavar="PARTY", help="The lender's GLN.")],
    until: Annotated[str, typer.Option(metavar="DATE", help="The day, in UTC, on which the pledge ends.")],
    party: As,
    at: At = "",
    as_json: Json = False,
) -> None:
    """Pledge grams of a lot: until then they stay where they are. The lender has to agree."""
    record(
        "pledge", as_json, lot=lot, grams=grams_of(mass), lender=lender, until=day_seconds(until), party=party,
        at=at or now_text(),
    )  # fmt: skip


@pledge_app.command("release")
def pledge_release(
    lot: LotText,
    holder: Annotated[str, typer.Option(metavar="PARTY", help="Who pledged it.")],
    party: As,
    at: At = "",
    as_json: Json = False,
) -> None:
    """Let go of all that a holder pledged of a lot: by the lender."""
    record("pledge-release", as_json, lot=lot, holder=holder, party=party, at=at or now_text())


@pledge_app.command("list")
def pledge_list(
    lot: LotText,
    holder: Annotated[str, typer.Option(metavar="PARTY", help="Who holds it.")],
    as_json: Json = False,
) -> None:
    """List the pledges that stand on what a party holds of a lot."""
    result = ask("pledges", as_json, lot=lot, holder=holder)
    if as_json:
        print_json(result)
        return
    weight = formats().kilograms
    if result["pledges"]:
        table(
            (_("lender"), _("weight"), _("until")),
            [[row["lender"], weight(row["grams"]), _day(row["until"])] for row in result["pledges"]],
        )
    held, free = weight(result["held"]), weight(result["free"])
    out.print(Text(_("%(held)s held, %(free)s of it free", held=held, free=free)))


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
