"""Commands about how cold lots stayed: temperature, and inspect, which closes an excursion."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import typer
from rich.text import Text

from api.cli.arguments import As, At, LotText, Where, ask, now_text
from api.cli.output import VERDICT_EXITS, Json, out, print_json, table, verdict_text
from api.cli.recording import record
from api.cli.words import N_, _, formats

Lots = Annotated[list[str], typer.Argument(metavar="LOT", help="The lots that were inspected.")]


def add_to(app: typer.Typer) -> None:
    """Registers the commands."""
    app.command("temperature")(temperature)
    app.command("inspect")(inspect)


def temperature(
    lot: LotText,
    readings: Annotated[bool, typer.Option("--readings", help="Every single reading as well.")] = False,
    as_json: Json = False,
) -> None:
    """Tell how cold a lot stayed: the series of every branch, their excursions and gaps. Exits as `show` does."""
    told = ask("temperature", as_json, lot=lot)
    if as_json:
        print_json(told)
    else:
        for branch in told["branches"]:
            _tell(branch, told, readings)
    raise typer.Exit(VERDICT_EXITS.get(told["verdict"], 2))


def inspect(
    lots: Lots,
    party: As,
    found: Annotated[
        str, typer.Option("--found", metavar="WORD", help="What you found: conformant, or non_conformant.")
    ],
    reason: Annotated[str, typer.Option("--reason", help="What was looked at, for everybody who looks at it.")] = "",
    where: Where = "",
    at: At = "",
    as_json: Json = False,
) -> None:
    """Sign that lots were inspected. A holder that finds them in order closes a temperature excursion."""
    record("inspect", as_json, lots=lots, party=party, found=found, reason=reason, where=where, at=at or now_text())


def _tell(branch: dict[str, Any], told: dict[str, Any], readings: bool) -> None:
    # Imported here: commands that tell of no temperature start faster without it.
    from api.views.climate_words import climate_words

    names = told["partyNames"]
    who = names.get(branch["holder"], branch["holder"])
    out.print(
        Text.assemble((f"{who}: ", "bold"), verdict_text(branch["verdict"]), f" {climate_words(branch, formats())}")
    )
    if not branch["series"]:
        return
    columns = ("lot", "signed by", "device", "from", "to", "lowest", "highest", "readings", "min outside", "degree-min")
    rows = [
        [
            one["lot"].get("lot", one["lot"]["id"][:10]), names.get(one["party"], one["party"]), one["device"] or "–",
            _clock(one["from"]), _clock(one["to"]), _value(one["lowest"], one), _value(one["highest"], one),
            len(one["readings"]), one["minutesOutside"], one["degreeMinutes"],
        ]
        for one in branch["series"]
    ]  # fmt: skip
    table(tuple(_(COLUMNS[name]) for name in columns), rows)
    for one in branch["series"]:
        for excursion in one["excursions"]:
            values = {
                "start": _clock(excursion["from"]), "end": _clock(excursion["to"]),
                "minutes": excursion["minutes"], "peak": _value(excursion["peak"], one),
                "sum": excursion["degreeMinutes"],
            }  # fmt: skip
            sentence = _(SIDES[excursion["side"]], **values)
            out.print(Text(f"  ! {sentence}"))
        for gap in one["gaps"]:
            out.print(
                Text(
                    "  … " + _("no reading from %(start)s to %(end)s", start=_clock(gap["from"]), end=_clock(gap["to"]))
                )
            )
        if readings:
            for each in one["readings"]:
                ends = dict.fromkeys(_value(each[name], one) for name in ("lowest", "highest"))
                out.print(Text(f"    {each['time']}  {' – '.join(ends)}"))


COLUMNS = {
    "lot": N_("lot"), "signed by": N_("signed by"), "device": N_("device"), "from": N_("from"), "to": N_("to"),
    "lowest": N_("lowest"), "highest": N_("highest"), "readings": N_("readings"),
    "min outside": N_("minutes outside"), "degree-min": N_("degree-minutes"),
}  # fmt: skip
SIDES = {
    "above": N_("above the limit from %(start)s to %(end)s, %(minutes)s min, up to %(peak)s (%(sum)s degree-minutes)"),
    "below": N_(
        "below the limit from %(start)s to %(end)s, %(minutes)s min, down to %(peak)s (%(sum)s degree-minutes)"
    ),
}
_UNITS = {"P1": "%", "A93": "g/m³"}


def _value(value: float, series: dict[str, Any]) -> str:
    """A temperature or a humidity with its unit."""
    exact = Decimal(str(value))
    return formats().celsius(exact) if series["uom"] == "CEL" else f"{exact:f} {_UNITS[series['uom']]}"


def _clock(time: str) -> str:
    """A time in UTC, to the minute."""
    return time[:16].replace("T", " ") + "Z"
