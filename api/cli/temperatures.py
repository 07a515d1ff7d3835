"""Commands about how cold lots stayed: temperature; inspect, which closes an excursion; import-logger."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from api.cli.arguments import As, At, LotText, Where, ask, now_text
from api.cli.output import VERDICT_EXITS, Json, out, print_json, table, verdict_text
from api.cli.recording import done, record
from api.cli.words import N_, _, formats, number

Lots = Annotated[list[str], typer.Argument(metavar="LOT", help="The lots that were inspected.")]


def add_to(app: typer.Typer) -> None:
    """Registers the commands."""
    app.command("temperature")(temperature)
    app.command("inspect")(inspect)
    app.command("import-logger")(import_logger)


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


def import_logger(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, metavar="FILE", help="The logger's CSV file.")],
    serial: Annotated[str, typer.Option("--serial", help="The number that stands on the logger.")],
    party: As,
    lot: Annotated[
        list[str] | None, typer.Option("--lot", metavar="LOT", help="A lot that it lay beside; may be repeated.")
    ] = None,
    consignment: Annotated[
        str, typer.Option("--consignment", metavar="NUMBER", help="Or the consignment that it came with: all its lots.")
    ] = "",
    sender: Annotated[str, typer.Option("--from", metavar="PARTY", help="Who shipped the consignment.")] = "",
    zone: Annotated[
        str, typer.Option("--zone", metavar="OFFSET", help="Zone of the times, if the file says none: +08:00.")
    ] = "",
    unit: Annotated[str, typer.Option("--unit", help="CEL or FAH, if the heading says neither.")] = "",
    dates: Annotated[str, typer.Option("--dates", help="dmy or mdy, for dates such as 08/05/2026.")] = "",
    where: Where = "",
    as_json: Json = False,
) -> None:
    """Record what a logger measured, signed by whoever opened the box. The same file again changes nothing."""
    if bool(lot) == bool(consignment):
        raise typer.BadParameter(_("say what the logger travelled with: --lot, or --consignment with --from"))
    if consignment and not sender:
        raise typer.BadParameter(_("say who shipped the consignment: --from"))
    if unit not in ("", "CEL", "FAH") or dates not in ("", "dmy", "mdy"):
        raise typer.BadParameter(_("--unit is CEL or FAH, --dates is dmy or mdy"))
    result = ask(
        "import-logger", as_json, path=str(file.resolve()), serial=serial, party=party, lots=lot or [],
        reference=consignment, shipper=sender, zone=zone, unit=unit, dates=dates, where=where,
    )  # fmt: skip
    if as_json:
        print_json(result)
        return
    new = sum(not event["repeated"] for event in result["events"])
    told = {"count": number(result["readings"]), "events": number(len(result["events"])), "new": number(new)}
    done(_("%(count)s readings in %(events)s signed events, %(new)s of them new", **told))
    out.print(Text("  " + _("SHA-256 of the file: %(hash)s", hash=result["sha256"]), style="dim"))


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
            len(one["readings"]), one["minutesOutside"], _plain(one["degreeMinutes"]),
        ]
        for one in branch["series"]
    ]  # fmt: skip
    table(tuple(_(COLUMNS[name]) for name in columns), rows)
    for one in branch["series"]:
        for excursion in one["excursions"]:
            values = {
                "start": _clock(excursion["from"]), "end": _clock(excursion["to"]),
                "minutes": excursion["minutes"], "peak": _value(excursion["peak"], one),
                "sum": _plain(excursion["degreeMinutes"]),
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
    if series["uom"] == "CEL":
        return formats().celsius(Decimal(str(value)))
    return f"{_plain(value)} {_UNITS[series['uom']]}"


def _plain(value: float) -> str:
    """With at most three places, and no zeros at the end."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _clock(time: str) -> str:
    """A time in UTC, to the minute."""
    return time[:16].replace("T", " ") + "Z"
