"""Commands that record events: import, harvest, pack, ship, receive, sell, dispose, recall, release."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from api.cli.arguments import As, At, LotText, Where, ask, grams_of, now_text
from api.cli.output import NO, YES, Json, err, out, print_json, table
from api.cli.violations import what_is_wrong
from api.cli.words import N_, _, ngettext, number

if TYPE_CHECKING:
    from api.control.protocol import Result

Mass = Annotated[str, typer.Argument(metavar="MASS", help="Net mass with its unit: 1200kg, 1.2t, 500g.")]

KINDS = {"parties": N_("parties"), "places": N_("places"), "plots": N_("plots"), "products": N_("products")}
"""What an import may register, in the plural."""

Reason = Annotated[str, typer.Option(help="Why, for everybody who holds the lot.")]


def add_to(app: typer.Typer) -> None:
    """Registers the commands."""
    app.command("import")(import_files)
    app.command("register")(register)
    app.command("pack")(pack)
    app.command("ship")(ship)
    app.command("receive")(receive)
    app.command("sell")(sell)
    app.command("dispose")(dispose)
    app.command("recall")(recall)
    app.command("release")(release)


def import_files(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="EPCIS JSON-LD, .xlsx or .toml.")],
    proceed: Annotated[bool, typer.Option(help="Record the good rows of a file that has bad ones.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Check everything, record nothing.")] = False,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Say how each sheet and column is understood; record nothing."),
    ] = False,
    mapping: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="What your workbook calls its sheets and columns.")
    ] = None,
    mark: Annotated[
        Path | None, typer.Option(help="Write a copy of the workbook here, with errors as comments on the cells.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Record the events of files: workbooks, EPCIS documents, master data. Importing twice changes nothing."""
    from api.cli.workbooks import explain_files, mark_file

    if explain:
        raise typer.Exit(YES if explain_files(files, mapping, as_json) else NO)
    if mark is not None and len(files) != 1:
        raise typer.BadParameter(_("--mark takes one workbook at a time"))
    meant = str(mapping.resolve()) if mapping is not None else ""
    reports = [
        ask("import", as_json, path=str(file.resolve()), proceed=proceed, dry_run=dry_run, mapping=meant)
        for file in files
    ]
    if mark is not None and reports[0]["refused"]:
        mark_file(files[0], mark, reports[0]["refused"])
    if as_json:
        print_json(reports)
    else:
        for report in reports:
            _show_report(report)
    raise typer.Exit(NO if any(report["refused"] for report in reports) else YES)


def _show_report(report: Result) -> None:
    from api.cli.workbooks import show_notes

    refused = report["refused"]
    counts = {
        "rows": ngettext("%(count)s row", "%(count)s rows", report["rows"]),
        "events": ngettext("%(count)s event", "%(count)s events", report["recorded"]),
        "known": number(report["repeated"]),
    }
    if report["dry_run"]:
        counted = _("%(rows)s, would record %(events)s, %(known)s known already", **counts)
    else:
        counted = _("%(rows)s, recorded %(events)s, %(known)s known already", **counts)
    told = Text.assemble((report["file"], "bold"), ": ", counted)
    for what, count in report["registered"].items():
        if count:
            told.append(_(", %(count)s %(what)s registered", count=number(count), what=_(KINDS.get(what, what))))
    if refused:
        told.append(
            ngettext(", %(count)s row refused", ", %(count)s rows refused", report["refused_rows"]), style="bold red"
        )
    out.print(told)
    show_notes([note for note in report["notes"] if note["rule"] != "row.example"])
    for sheet in report["ignored_sheets"]:
        err.print(Text("  " + _("sheet %(sheet)s: not understood, nothing was read from it", sheet=sheet), style="dim"))
    if report["dry_run"] and not report["rules_checked"] and not refused:
        words = _(
            "  Form, identifiers and quantities were checked. Who may act and who holds what was not: no party is"
            " known. Name the master data first: silkroot import --dry-run master.toml FILE"
        )
        err.print(Text(words, style="dim"))
    if refused:
        columns = ("sheet", "row", "column", "value", "rule")
        headings = (_("sheet"), _("row"), _("column"), _("value"), _("rule"), _("what is wrong"))
        table(headings, [[*(str(row[name]) for name in columns), what_is_wrong(row)] for row in refused])
        if not report["recorded"] and not report["dry_run"]:
            err.print(_("Nothing of this file was recorded. Mend the rows, or record the good ones with --proceed."))


def register(
    lot: LotText,
    mass: Mass,
    party: As,
    plot: Annotated[str, typer.Option(metavar="GLN/EXT", help="The plot: the farm's GLN and the field's extension.")],
    at: At = "",
    as_json: Json = False,
) -> None:
    """Register a harvest: a new lot from one of the producer's plots."""
    _record("harvest", as_json, lot=lot, grams=grams_of(mass), party=party, where=plot, at=at or now_text())


def pack(
    into: Annotated[list[str], typer.Option(metavar="LOT=MASS", help="A new lot and its mass; may be repeated.")],
    take: Annotated[list[str], typer.Option("--from", metavar="LOT=MASS", help="A lot used and how much of it.")],
    party: As,
    where: Where = "",
    at: At = "",
    as_json: Json = False,
) -> None:
    """Turn lots into new ones: pack, repack, split, merge. What does not come out is loss."""
    _record(
        "pack", as_json, inputs=_amounts(take), outputs=_amounts(into), party=party, where=where, at=at or now_text()
    )


def ship(
    lots: Annotated[list[str], typer.Argument(metavar="LOT=MASS...", help="What goes: lots and masses.")],
    to: Annotated[str, typer.Option(metavar="PARTY", help="The receiver's GLN.")],
    ref: Annotated[str, typer.Option(metavar="NUMBER", help="Your waybill or despatch number, or an SSCC; used once.")],
    party: As,
    where: Where = "",
    at: At = "",
    as_json: Json = False,
) -> None:
    """Hand lots to somebody: the sender's side, under one reference."""
    _record(
        "ship", as_json, manifest=_amounts(lots), to=to, reference=ref, party=party, where=where, at=at or now_text()
    )


def receive(
    ref: Annotated[str, typer.Argument(metavar="NUMBER", help="The reference that the shipper gave.")],
    sender: Annotated[str, typer.Option("--from", metavar="PARTY", help="The shipper's GLN.")],
    party: As,
    where: Where = "",
    at: At = "",
    as_json: Json = False,
) -> None:
    """Sign for a consignment in full: the receiver's side."""
    _record("receive", as_json, reference=ref, shipper=sender, party=party, where=where, at=at or now_text())


def sell(lot: LotText, mass: Mass, party: As, where: Where = "", at: At = "", as_json: Json = False) -> None:
    """Grams leave the ledger by sale."""
    _record("sell", as_json, lot=lot, grams=grams_of(mass), party=party, where=where, at=at or now_text())


def dispose(lot: LotText, mass: Mass, party: As, where: Where = "", at: At = "", as_json: Json = False) -> None:
    """Grams are destroyed; a recalled lot may still do this."""
    _record("dispose", as_json, lot=lot, grams=grams_of(mass), party=party, where=where, at=at or now_text())


def recall(
    lot: LotText,
    party: As,
    reason: Reason,
    at: At = "",
    as_json: Json = False,
) -> None:
    """Recall a lot and everything made from it: by its issuer or a regulator."""
    _record("recall", as_json, lot=lot, party=party, reason=reason, at=at or now_text())


def release(lot: LotText, party: As, reason: Reason, at: At = "", as_json: Json = False) -> None:
    """Take back a recall that the same party issued."""
    _record("release", as_json, lot=lot, party=party, reason=reason, at=at or now_text())


def _amounts(pairs: list[str]) -> list[dict[str, object]]:
    amounts = []
    for pair in pairs:
        lot, separator, mass = pair.rpartition("=")
        if not separator:
            raise typer.BadParameter(
                _("%(pair)s: write LOT=MASS, for example 09521000000012/HM-0805-A=1200kg", pair=pair)
            )
        amounts.append({"lot": lot, "grams": grams_of(mass)})
    return amounts


def _record(operation: str, as_json: bool, /, **params: object) -> None:
    result = ask(operation, as_json, **params)
    if as_json:
        print_json(result)
        return
    number_ = number(result["sequence"])
    if result["repeated"]:
        told = _("recorded as number %(number)s (known already)", number=number_)
    else:
        told = _("recorded as number %(number)s", number=number_)
    out.print(Text.assemble(("✓ ", "bold green"), told))
    out.print(Text(f"  {result['event_id']}", style="dim"))
    words = _("content hash %(hash)s; on its way to the chain", hash=result["content_hash"])
    out.print(Text(f"  {words}", style="dim"))
