"""Commands about what two parties have to sign: what waits, agreeing, taking back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.text import Text

from api.cli.arguments import As, ask
from api.cli.output import Json, out, print_json
from api.cli.recording import done, tell
from api.cli.words import N_, _, formats
from ledger.domain.errors import InvalidInput

Number = Annotated[int, typer.Argument(metavar="PROPOSAL", min=1, help="Its number, see `silkroot proposals`.")]

WHAT = {
    "settlement": N_("settles what is missing of a consignment"),
    "void": N_("takes back what is under way"),
    "pledge": N_("pledges a lot"),
}
"""What a proposal does, by the name of its struct."""


def add_to(app: typer.Typer) -> None:
    """Registers the commands."""
    app.command("proposals")(proposals)
    app.command("agree")(agree)
    app.command("withdraw")(withdraw)


def proposals(party: As, as_json: Json = False) -> None:
    """List what waits for a party's agreement, and what the party proposed itself."""
    result = ask("proposals", as_json, party=party)
    if as_json:
        print_json(result["proposals"])
        return
    if not result["proposals"]:
        out.print(Text(_("Nothing waits."), style="dim"))
    for row in result["proposals"]:
        _show(row)


def _show(row: dict[str, Any]) -> None:
    names = {"number": row["proposal"], "party": row["party"], "counterparty": row["counterparty"]}
    told = _("%(number)s: %(party)s proposed it, %(counterparty)s has to agree", **names)
    out.print(Text(told, style="bold"), soft_wrap=True)
    out.print(Text(f"    {_(WHAT.get(row['what'], row['what']))}: {row['about']}"), soft_wrap=True)
    for line in row["lines"]:
        shares = [f"{_(MEMBERS[name])} {formats().kilograms(line[name])}" for name in MEMBERS if line.get(name)]
        out.print(Text(f"    {line['lot']}: {', '.join(shares)}"), soft_wrap=True)
    day = datetime.fromtimestamp(row["deadline"], UTC).strftime("%Y-%m-%d %H:%M UTC")
    out.print(Text("    " + _("open until %(day)s", day=day), style="dim"))


MEMBERS = {
    "grams": N_("weight"),
    "loss": N_("loss"),
    "weightLoss": N_("weight loss"),
    "returned": N_("returned"),
    "received": N_("received"),
}
"""The weights that a proposal states of a lot."""


def agree(
    proposal: Number,
    party: As,
    public_key: Annotated[
        str, typer.Option("--public-key", help="Of a key that is not kept here, in hex: x and y, or an address.")
    ] = "",
    signature: Annotated[str, typer.Option("--signature", help="That key's signature over the digest, hex.")] = "",
    as_json: Json = False,
) -> None:
    """Agree to a proposal: the second signature. With a key of your own, the first call says what it has to sign."""
    if signature and not public_key:
        raise InvalidInput.one("--public-key", "key.public", "", "say which key signed: its public key in hex")
    result = ask("agree", as_json, proposal=proposal, party=party, public_key=public_key, signature=signature)
    if as_json:
        print_json(result)
    elif "digest" in result:
        out.print(Text(_("let the key sign %(digest)s", digest=result["digest"])), soft_wrap=True)
        out.print(Text(_("then give the same options and --signature"), style="dim"))
    else:
        tell(result)


def withdraw(proposal: Number, party: As, as_json: Json = False) -> None:
    """Take a proposal of your own back, or turn one down that waits for you."""
    result = ask("withdraw", as_json, proposal=proposal, party=party)
    if as_json:
        print_json(result)
    elif result["cancelled"]:
        done(_("proposal %(number)s is withdrawn; its signature is declared void on the chain", number=proposal))
    else:
        done(_("proposal %(number)s is turned down", number=proposal))
