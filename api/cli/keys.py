"""Commands about keys and the standing of parties, under `silkroot party`."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.text import Text

from api.cli.arguments import ask
from api.cli.output import NO, Json, err, out, print_json
from api.cli.violations import sentence
from api.cli.words import _
from ledger.domain.errors import InvalidInput

key_app = typer.Typer(help="Keys of a party: add, rotate, revoke; cancel what was signed.", no_args_is_help=True)
recover_app = typer.Typer(help="Recovery of a party that lost its keys, after a public delay.", no_args_is_help=True)

Party = Annotated[str, typer.Argument(metavar="PARTY", help="The party's GLN.")]


class SchemeName(StrEnum):
    """What `--scheme` takes."""

    SECP256K1 = "secp256k1"
    P256 = "p256"


Scheme = Annotated[SchemeName, typer.Option("--scheme", help="How the new key signs.")]


def add_to(party_app: typer.Typer) -> None:
    """Registers the commands."""
    party_app.add_typer(key_app, name="key")
    party_app.add_typer(recover_app, name="recover")
    party_app.command("suspend")(suspend)
    party_app.command("reinstate")(reinstate)


@key_app.command("list")
def key_list(party: Party, as_json: Json = False) -> None:
    """List the keys of a party, and whether it is suspended or being recovered."""
    result = ask("keys", as_json, party=party)
    if as_json:
        print_json(result)
        return
    for key in result["keys"]:
        # One line a key, never wrapped: its id is what the other commands want.
        words = [
            key["scheme"],
            _("may do everything") if key["admin"] else _("signs events"),
            _("kept by the service") if key["hosted"] else _("kept by the party"),
            _("from %(day)s", day=_day(key["validFrom"])) if key["validFrom"] else "",
            _("until %(day)s", day=_day(key["validUntil"])) if key["validUntil"] else "",
            _("revoked") if key["revoked"] else "",
        ]
        out.print(key["key"], ", ".join(filter(None, words)), markup=False, highlight=False, soft_wrap=True)
    for event in result["refused"]:
        names = {"number": event["sequence"], "rule": event["rule"]}
        err.print(Text(_("The chain refused event %(number)s: %(rule)s.", **names)), soft_wrap=True)
    if result["refused"]:
        err.print(Text(_("Sign them again with: silkroot party key resign %(party)s", party=result["party"])))
    if result["suspended"]:
        err.print(_("The registrar suspended this party."), markup=False)
    if result["recovery"]:
        day = _day(result["recovery"]["effectiveAt"])
        err.print(_("A recovery takes effect on %(day)s.", day=day), markup=False)


@key_app.command("add")
def key_add(
    party: Party,
    public_key: Annotated[
        str, typer.Option("--public-key", help="The device's key in hex: x and y (P-256), or an address (secp256k1).")
    ],
    admin: Annotated[bool, typer.Option("--admin", help="It may change the party's keys too.")] = False,
    until: Annotated[str, typer.Option("--until", help="The day, in UTC, from which it is no longer valid.")] = "",
    deadline: Annotated[int, typer.Option("--deadline", help="As told at the first call.")] = 0,
    signature: Annotated[str, typer.Option("--signature", help="The device's signature over the digest, hex.")] = "",
    as_json: Json = False,
) -> None:
    """Add the key of a device. The first call says what the device has to sign, the second brings its signature."""
    if signature and not deadline:
        raise InvalidInput.one("--deadline", "key.deadline", deadline, "give the deadline that the first call told")
    result = ask(
        "add-key", as_json, party=party, public_key=public_key, admin=admin, until=day_seconds(until),
        deadline=deadline, signature=signature,
    )  # fmt: skip
    if as_json:
        print_json(result)
    elif result["added"]:
        _say(_("the grant of %(key)s is on its way to the chain", key=result["key"]))
    else:
        _say(_("let the device sign %(digest)s", digest=result["digest"]))
        _say(_("then give the same options, --deadline %(deadline)s and --signature", deadline=result["deadline"]))


@key_app.command("rotate")
def key_rotate(
    party: Party,
    scheme: Scheme = SchemeName.SECP256K1,
    keep_old: Annotated[bool, typer.Option("--keep-old", help="Do not revoke the present key.")] = False,
    as_json: Json = False,
) -> None:
    """Give a party a new key in place of its present one."""
    result = ask("rotate-key", as_json, party=party, scheme=scheme.value, keep_old=keep_old)
    _tell(result, as_json, _("%(key)s signs from now on", key=result["key"]))


@key_app.command("revoke")
def key_revoke(
    party: Party,
    key: Annotated[str, typer.Argument(metavar="KEY", help="The key's id, 0x…; signed by an admin key of the party.")],
    as_json: Json = False,
) -> None:
    """Revoke a key: what it signs from now on is refused, what was recorded stays."""
    result = ask("revoke-key", as_json, party=party, key=key)
    _tell(result, as_json, _("revocation of %(key)s is on its way to the chain", key=key))


@key_app.command("cancel")
def key_cancel(
    party: Party,
    digest: Annotated[str, typer.Argument(metavar="DIGEST", help="What was signed, 0x…; see an event's evidence.")],
    as_json: Json = False,
) -> None:
    """Declare void what a party signed and what is not recorded yet."""
    result = ask("cancel-digest", as_json, party=party, digest=digest)
    _tell(result, as_json, _("cancellation of %(digest)s is on its way to the chain", digest=digest))


@key_app.command("resign")
def key_resign(
    party: Party,
    events: Annotated[
        list[int] | None,
        typer.Option("--event", metavar="NUMBER", help="Only this event; a cancelled one has to be named."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Sign again, with the party's present key, what the chain refused because of a key or a deadline."""
    result = ask("resign", as_json, party=party, events=events or [])
    if as_json:
        print_json(result)
    else:
        for event in result["again"]:
            _say(_("event %(number)s is signed again and on its way to the chain", number=event["sequence"]))
        for event in result["left"]:
            told = sentence(event["why"]["rule"], event["why"]["message"])
            err.print(Text(_("event %(number)s cannot be signed again:", number=event["sequence"]) + f" {told}"))
        if not result["again"] and not result["left"]:
            _say(_("Nothing waits for another signature."))
    if result["left"]:
        raise typer.Exit(NO)


def suspend(party: Party, as_json: Json = False) -> None:
    """Suspend a party: it signs nothing until it is reinstated."""
    _set_standing(party, True, as_json)


def reinstate(party: Party, as_json: Json = False) -> None:
    """End the suspension of a party."""
    _set_standing(party, False, as_json)


@recover_app.command("start")
def recover_start(party: Party, scheme: Scheme = SchemeName.SECP256K1, as_json: Json = False) -> None:
    """Start a recovery; the party can cancel it until it takes effect."""
    result = ask("start-recovery", as_json, party=party, scheme=scheme.value)
    day = _day(result["effectiveAt"])
    _tell(result, as_json, _("%(key)s can take over on %(day)s", key=result["key"], day=day))


@recover_app.command("finish")
def recover_finish(party: Party, as_json: Json = False) -> None:
    """Finish a recovery whose delay is over."""
    result = ask("finish-recovery", as_json, party=party)
    _tell(result, as_json, _("%(key)s signs from now on; revoke the keys that were lost", key=result["key"]))


@recover_app.command("cancel")
def recover_cancel(party: Party, as_json: Json = False) -> None:
    """Call a recovery off, by the party's admin key, or else by the registrar."""
    result = ask("cancel-recovery", as_json, party=party)
    _tell(result, as_json, _("the recovery to %(key)s is off", key=result["key"]))


def _set_standing(party: str, suspended: bool, as_json: bool) -> None:
    result = ask("suspend", as_json, party=party, suspended=suspended)
    if not result["changed"]:
        sentence = _("%(party)s was so already", party=party)
    elif suspended:
        sentence = _("%(party)s is suspended", party=party)
    else:
        sentence = _("%(party)s is reinstated", party=party)
    _tell(result, as_json, sentence)
    if not result["changed"]:
        raise typer.Exit(NO)


def _tell(result: dict[str, Any], as_json: bool, sentence: str) -> None:
    if as_json:
        print_json(result)
    else:
        _say(sentence)


def _say(sentence: str) -> None:
    out.print(sentence, markup=False, highlight=False, soft_wrap=True)


def day_seconds(day: str) -> int:
    """The first second of a day in UTC; 0 where none is given."""
    if not day:
        return 0
    try:
        return int(datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC).timestamp())
    except ValueError as error:
        raise InvalidInput.one("--until", "date", day, "a day is written 2026-12-31") from error


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC") if seconds else ""
