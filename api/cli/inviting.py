"""`silkroot invite`: the link and the QR by which a party's first administrator comes in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from api.cli.arguments import ask
from api.cli.output import Json, err, out, print_json
from api.cli.words import _


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("invite")(invite)


def invite(
    party: Annotated[str, typer.Argument(metavar="PARTY", help="The party that the person acts for: its GLN.")],
    name: Annotated[str, typer.Option("--name", help="The person's name.")],
    role: Annotated[str, typer.Option("--role", help="admin (invites others too) or staff.")] = "staff",
    hours: Annotated[int, typer.Option("--hours", min=1, max=720, help="For how long the link is good.")] = 72,
    url: Annotated[str, typer.Option("--url", help="Where the pages for staff are, if not at the usual address.")] = "",
    as_json: Json = False,
) -> None:
    """Invite a person: prints a link and its QR, which open the pages for staff once, on the person's own phone."""
    result = ask("invite", as_json, party=party, person=name, role=role, hours=hours, url=url)
    if as_json:
        print_json(result)
        return
    from api.greeting import qr_text

    out.print(Text(qr_text(result["link"]), no_wrap=True), highlight=False)
    out.print(result["link"], markup=False, highlight=False, soft_wrap=True)
    until = datetime.fromtimestamp(result["expiresAt"], UTC).isoformat(timespec="minutes")
    told = _("Good for one person, once, until %(time)s. Whoever has the link can use it.", time=until)
    err.print(Text(told, style="dim"))
