"""The packing house's own workbook: an empty one, how a filled one was understood, errors written into a copy."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from api.catalogues import LANGUAGES
from api.cli.output import YES, Json, err, out, print_json, table
from api.cli.violations import sentence, what_is_wrong
from api.cli.words import _, language, ngettext

TemplateLanguage = StrEnum("TemplateLanguage", {code: code for code in LANGUAGES})  # type: ignore[misc]
"""What `--lang` takes."""


def add_to(app: typer.Typer) -> None:
    """Registers the commands."""
    app.command("template")(template)


def template(
    lang: Annotated[
        TemplateLanguage | None, typer.Option("--lang", help="Language of the workbook; else that of messages.")
    ] = None,
    to: Annotated[Path | None, typer.Option("--out", help="The file to write; else silkroot-LANG.xlsx here.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if there is one.")] = False,
    as_json: Json = False,
) -> None:
    """Write an empty workbook for a packing house: intake, packing, shipping and more, with lists and examples."""
    from ledger.adapters.workbook_template import write_house_workbook
    from ledger.domain.errors import InvalidInput

    code = lang.value if lang is not None else language()
    path = to or Path(f"silkroot-{code}.xlsx")
    if path.suffix.lower() != ".xlsx":
        raise InvalidInput.one("--out", "template.suffix", path.name, "a workbook's name ends in .xlsx")
    data = write_house_workbook(code)
    try:
        with path.open("wb" if force else "xb") as file:
            file.write(data)
    except FileExistsError:
        raise InvalidInput.one(
            "--out", "template.exists", path.name, "this file is there already: name another, or add --force"
        ) from None
    except OSError as error:
        raise InvalidInput.one(
            "--out", "template.unwritable", path.name, f"this file cannot be written: {error.strerror}"
        ) from None
    if as_json:
        print_json({"file": str(path), "language": code})
    else:
        out.print(Text(_("%(file)s written", file=str(path))))
    raise typer.Exit(YES)


def explain_files(files: list[Path], mapping: Path | None, as_json: bool) -> bool:
    """Prints how each sheet and column of workbooks is understood; records nothing. Whether all can be read."""
    from ledger.adapters.mapping_toml import read_mapping
    from ledger.adapters.workbook import read_workbook
    from ledger.domain.imports.house_explain import explain
    from ledger.domain.imports.house_mapping import HouseMapping

    known = read_mapping(mapping) if mapping is not None else HouseMapping()
    found = [{"file": file.name, **explain(read_workbook(file), known, language())} for file in files]
    if as_json:
        print_json(found)
    else:
        for book in found:
            out.print(Text(book["file"], style="bold"))
            for sheet in book["sheets"]:
                _show_sheet(sheet)
    return not any(sheet["problems"] for book in found for sheet in book["sheets"])


def _show_sheet(sheet: dict[str, Any]) -> None:
    if sheet["means"] is None:
        out.print(Text("  " + _("sheet %(sheet)s: not understood, nothing is read from it", sheet=sheet["sheet"])))
        return
    told = _("sheet %(sheet)s is read as %(title)s", sheet=sheet["sheet"], title=sheet["title"])
    rows = ngettext("%(count)s row", "%(count)s rows", sheet["rows"])
    where = _("headings in row %(row)s", row=sheet["heading_row"]) if sheet["heading_row"] else _("empty")
    out.print(Text(f"  {told}: {rows}, {where}", style="bold"))
    lines = [
        [f"    {column['column']}", column["heading"], column["title"] or _("(ignored)"), column["unit"]]
        for column in sheet["columns"]
    ]
    if lines:
        table((_("column"), _("heading"), _("read as"), _("unit")), lines)
    for title in sheet["missing"]:
        out.print(Text("    " + _("missing, and needed: %(title)s", title=title), style="bold red"))
    if sheet["absent"]:
        titles = ", ".join(sheet["absent"])
        out.print(Text("    " + _("not there, and not needed: %(titles)s", titles=titles), style="dim"))
    for problem in sheet["problems"]:
        if problem["rule"] != "sheet.columns" or not sheet["missing"]:
            out.print(Text(f"    {problem['where']}: {sentence(problem['rule'], problem['message'])}", style="red"))
    show_notes([{**note, "sheet": sheet["sheet"]} for note in sheet["notes"]])


def show_notes(notes: list[dict[str, Any]]) -> None:
    """What was taken for what, one line a column."""
    for note in notes:
        where = f"{note['sheet']}!{note['column']}" if note["column"] else note["sheet"]
        counted = ngettext("%(count)s row", "%(count)s rows", note["rows"])
        err.print(Text(f"  {where} ({counted}): {sentence(note['rule'], note['message'])}", style="dim"))


def mark_file(file: Path, to: Path, refused: list[dict[str, Any]]) -> None:
    """Writes a copy of the workbook with its refused cells marked; says so."""
    from ledger.adapters.workbook_marks import mark_workbook
    from ledger.domain.imports.cells import RowError

    errors = [RowError(**row) for row in refused]
    words = {error: what_is_wrong(row) for error, row in zip(errors, refused, strict=True)}
    count = mark_workbook(file, to, errors, lambda error: words[error])
    told = ngettext("%(count)s cell marked in %(file)s", "%(count)s cells marked in %(file)s", count, file=str(to))
    err.print(Text(told))
