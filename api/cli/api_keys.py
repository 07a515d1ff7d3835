"""Commands about keys of the capture interface, under `silkroot key`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from api.cli.arguments import ask
from api.cli.output import Json, err, out, print_json
from api.cli.words import _

key_app = typer.Typer(
    help="Keys for systems that send events: made, listed, revoked. (Keys that sign: silkroot party key.)",
    no_args_is_help=True,
)


def add_to(app: typer.Typer) -> None:
    """Registers the commands."""
    app.add_typer(key_app, name="key")


@key_app.command("create")
def create(
    party: Annotated[str, typer.Argument(metavar="PARTY", help="The party that the key speaks for: its GLN.")],
    actions: Annotated[str, typer.Option("--actions", help="What it is good for: capture, read-jobs.")] = "capture",
    name: Annotated[str, typer.Option("--name", help="What you call it.")] = "",
    expires: Annotated[int, typer.Option("--expires", metavar="DAYS", min=0, help="Days until it ends; 0: never.")] = 0,
    as_json: Json = False,
) -> None:
    """Make a key with which a system sends a party's events. It is shown once."""
    named = [action.strip() for action in actions.split(",")]
    result = ask("create-api-key", as_json, party=party, actions=named, name=name, days=expires)
    if as_json:
        print_json(result)
        return
    out.print(result["key"], markup=False, highlight=False, soft_wrap=True)
    err.print(Text(_("Keep it like a password: it is shown this once, and only its hash is kept."), style="dim"))


@key_app.command("list")
def list_keys(
    party: Annotated[str, typer.Argument(metavar="[PARTY]", help="Only the keys of this party.")] = "",
    as_json: Json = False,
) -> None:
    """List the keys, with the day on which each was used last."""
    result = ask("api-keys", as_json, party=party)
    if as_json:
        print_json(result)
        return
    for key in result["keys"]:
        used = key["lastUsed"]
        words = [
            key["party"],
            " ".join(key["actions"]),
            key["name"],
            _("used last on %(day)s", day=_day(used)) if used is not None else _("never used"),
            _("until %(day)s", day=_day(key["expiresAt"])) if key["expiresAt"] else "",
            _("revoked") if key["revokedAt"] else "",
        ]
        out.print(key["id"], ", ".join(filter(None, words)), markup=False, highlight=False, soft_wrap=True)


@key_app.command("revoke")
def revoke(
    key: Annotated[str, typer.Argument(metavar="ID", help="The 16 digits behind `silkroot_`, as `list` shows them.")],
    as_json: Json = False,
) -> None:
    """End a key at once. What was recorded with it stays."""
    result = ask("revoke-api-key", as_json, id=key)
    if as_json:
        print_json(result)
    else:
        out.print(Text.assemble(("✓ ", "bold green"), _("key %(id)s is good for nothing any more", id=key)))


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
