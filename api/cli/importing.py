"""The command that records the events of files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from api.cli.arguments import ask
from api.cli.output import NO, YES, Json, err, out, print_json, table
from api.cli.violations import what_is_wrong
from api.cli.words import N_, _, ngettext, number

if TYPE_CHECKING:
    from api.control.protocol import Result

KINDS = {"parties": N_("parties"), "places": N_("places"), "plots": N_("plots"), "products": N_("products")}
"""What an import may register, in the plural."""


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("import")(import_files)


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
