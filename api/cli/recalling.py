"""Commands of recalls: recall, carry a recall on, release."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.arguments import At, LotText, ask, now_text
from api.cli.output import Json, print_json
from api.cli.recording import done, record
from api.cli.words import _, ngettext

RecallingParty = Annotated[
    str, typer.Option("--as", metavar="PARTY", help="The party that acts and signs: its GLN. Not with --carry.")
]
Reason = Annotated[str, typer.Option(help="Why, for everybody who holds the lot.")]


def add_to(app: typer.Typer) -> None:
    """Registers the commands."""
    app.command("recall")(recall)
    app.command("release")(release)


def recall(
    lot: LotText,
    party: RecallingParty = "",
    reason: Reason = "",
    carry: Annotated[
        bool, typer.Option("--carry", help="Sign nothing: carry recalls to lots on chain that they did not reach.")
    ] = False,
    at: At = "",
    as_json: Json = False,
) -> None:
    """Recall a lot and everything made from it: by its issuer or a regulator."""
    if carry:
        if party or reason:
            raise typer.BadParameter(_("--carry signs nothing: give neither --as nor --reason"))
        _carry(lot, as_json)
        return
    if not party or not reason:
        raise typer.BadParameter(_("say who recalls the lot and why: --as and --reason"))
    record("recall", as_json, lot=lot, party=party, reason=reason, at=at or now_text())


def release(
    lot: LotText,
    party: Annotated[str, typer.Option("--as", metavar="PARTY", help="The party that acts and signs: its GLN.")],
    reason: Reason,
    at: At = "",
    as_json: Json = False,
) -> None:
    """Take back a recall that the same party issued."""
    record("release", as_json, lot=lot, party=party, reason=reason, at=at or now_text())


def _carry(lot: str, as_json: bool) -> None:
    result = ask("carry-recall", as_json, lot=lot)
    if as_json:
        print_json(result)
    elif result["carried"]:
        done(
            ngettext(
                "%(count)s entry is on its way to the chain", "%(count)s entries are on their way to the chain",
                result["carried"],
            )
        )  # fmt: skip
    else:
        done(_("Nothing is left to carry."))
