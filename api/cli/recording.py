"""What commands that record one event have in common: how amounts are written, and what is told afterwards."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.text import Text

from api.cli.arguments import ask, grams_of
from api.cli.output import out, print_json
from api.cli.words import _, ngettext, number

Mass = Annotated[str, typer.Argument(metavar="MASS", help="Net mass with its unit: 1200kg, 1.2t, 500g.")]
Sender = Annotated[
    str, typer.Option("--from", metavar="PARTY", help="The shipper's GLN; the acting party's own if not given.")
]
Reference = Annotated[str, typer.Argument(metavar="NUMBER", help="The reference that the shipper gave.")]
WhyText = Annotated[str, typer.Option("--reason", help="Why, for everybody who looks at it.")]


def amounts(pairs: list[str] | None, *, nothing: bool = False) -> list[dict[str, object]]:
    """`LOT=MASS` as {"lot", "grams"}; with `nothing`, 0g is an amount too. Raises `BadParameter` without a `=`."""
    found = []
    for pair in pairs or []:
        lot, separator, mass = pair.rpartition("=")
        if not separator:
            raise typer.BadParameter(
                _("%(pair)s: write LOT=MASS, for example 09521000000012/HM-0805-A=1200kg", pair=pair)
            )
        found.append({"lot": lot, "grams": grams_of(mass, nothing=nothing)})
    return found


def mass_or_none(text: str) -> int | None:
    """An optional mass in grams, 0g included; None where nothing was written."""
    return grams_of(text, nothing=True) if text else None


def record(operation: str, as_json: bool, /, **params: object) -> None:
    """Asks for an operation that records an event, or proposes one; tells what became of it."""
    result = ask(operation, as_json, **params)
    if as_json:
        print_json(result)
    else:
        tell(result)


def tell(result: dict[str, Any]) -> None:
    """What was recorded, or what waits for the other side."""
    if "proposal" in result:
        _tell_proposal(result)
        return
    number_ = number(result["sequence"])
    if result["repeated"]:
        told = _("recorded as number %(number)s (known already)", number=number_)
    else:
        told = _("recorded as number %(number)s", number=number_)
    done(told)
    out.print(Text(f"  {result['event_id']}", style="dim"))
    words = _("content hash %(hash)s; on its way to the chain", hash=result["content_hash"])
    out.print(Text(f"  {words}", style="dim"))
    if result.get("carried"):
        words = ngettext(
            "carried to %(count)s lot that was made from it", "carried to %(count)s lots that were made from it",
            result["carried"],
        )  # fmt: skip
        out.print(Text(f"  {words}", style="dim"))
    if result.get("waiting"):
        words = ngettext(
            "%(count)s lot that was made from it is marked; the chain follows while the service runs",
            "%(count)s lots that were made from it are marked; the chain follows while the service runs",
            result["waiting"],
        )  # fmt: skip
        out.print(Text(f"  {words}", style="dim"))


def done(sentence: str) -> None:
    """A sentence behind a tick."""
    out.print(Text.assemble(("✓ ", "bold green"), sentence))


def _tell_proposal(result: dict[str, Any]) -> None:
    names = {"number": result["proposal"], "party": result["counterparty"]}
    done(_("proposal %(number)s is signed by you and waits for %(party)s", **names))
    words = _("they agree with: silkroot agree %(number)s --as %(party)s", **names)
    out.print(Text(f"  {words}", style="dim"))
