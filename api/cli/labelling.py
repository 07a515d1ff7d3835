"""The command that makes labels: the bare QR code of a lot, or labels ready to be stuck on boxes."""

from __future__ import annotations

import base64
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from api.catalogues import LANGUAGES
from api.cli.arguments import ask
from api.cli.output import Json, err, out, print_json, progress_bar
from api.cli.words import _, language, ngettext

Language = StrEnum("Language", {code: code for code in LANGUAGES})  # type: ignore[misc]
TYPES = ("pdf", "png", "svg")
DEFAULT_FORMAT = "100x70"


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("label")(label)


def label(
    lots: Annotated[
        list[str] | None,
        typer.Argument(metavar="[LOT]...", help="GTIN/LOT, a Digital Link, or a lot code that only one product has."),
    ] = None,
    of: Annotated[
        list[Path] | None,
        typer.Option("--of", metavar="FILE", help="All lots packed by this file, which was imported."),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", metavar="FILE", help="The mapping file that the --of FILE was imported with."),
    ] = None,
    size: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="100x70 or 60x40 (mm, label printers); a4-24, a4-14, a4-8 (stickers a sheet); a4: the one that fits.",
        ),
    ] = "",
    to: Annotated[
        Path | None,
        typer.Option("--out", help="The file (.pdf, .png, .svg), or a folder for one picture a lot."),
    ] = None,
    langs: Annotated[
        list[Language] | None,
        typer.Option(
            "--lang", help="Language of the label; repeat it for more than one. That of messages if not given."
        ),
    ] = None,
    copies: Annotated[int, typer.Option(min=1, max=10_000, help="Labels for each lot (PDF).")] = 1,
    per_case: Annotated[bool, typer.Option("--per-case", help="As many labels as the lot has cases (PDF).")] = False,
    serials: Annotated[
        int,
        typer.Option(
            "--serials",
            min=0,
            max=20_000,
            metavar="N",
            help="N labels of each lot, each with a serial of its own that cannot be guessed; never more than cases.",
        ),
    ] = 0,
    skip: Annotated[int, typer.Option(min=0, max=100, help="Stickers used up on the first sheet.")] = 0,
    as_json: Json = False,
) -> None:
    """
    Make labels of lots: QR code, lot, product, variety, origin, date, net weight, packer.

    With one lot and nothing else: only its QR code, a GS1 Digital Link on this ledger's address, as .svg or .png.
    """
    texts, files = lots or [], of or []
    if not texts and not files:
        raise typer.BadParameter(_("name a lot, or a file with --of"), param_hint="LOT")
    if (
        len(texts) == 1
        and not files
        and not size
        and not langs
        and not (per_case or serials)
        and copies == 1
        and _is_picture(to)
    ):
        _bare(texts[0], to, as_json)
        return
    if serials and (per_case or copies > 1):
        raise typer.BadParameter(
            _("each serial is on one label: --serials goes without --copies and --per-case"), param_hint="--serials"
        )
    kind, target = _target(to)
    if kind != "pdf" and (per_case or copies > 1):
        raise typer.BadParameter(
            _("a picture is one label; more than one for each lot are made as PDF: --out labels.pdf"),
            param_hint="--per-case" if per_case else "--copies",
        )
    result = ask(
        "labels", as_json, lots=texts, files=[str(path.absolute()) for path in files], format=size or DEFAULT_FORMAT,
        type=kind, languages=[each.value for each in langs or []] or [language()], copies=copies, per_case=per_case,
        serials=serials, skip=skip, mapping=str(mapping.absolute()) if mapping else "",
    )  # fmt: skip
    _write(result, target, as_json)


def _bare(lot: str, to: Path | None, as_json: bool) -> None:
    form = (to.suffix.lstrip(".").lower() if to else "svg") or "svg"
    with progress_bar(as_json):
        result = ask("label", as_json, lot=lot, form=form)
    path = to or Path(result["name"])
    path.write_bytes(base64.b64decode(result["data"]))
    if as_json:
        print_json({"file": str(path), "uri": result["uri"]})
    else:
        out.print(f"{path}: {result['uri']}", markup=False, highlight=False)


def _is_picture(to: Path | None) -> bool:
    return to is None or to.suffix.lower() in (".svg", ".png")


def _target(to: Path | None) -> tuple[str, Path]:
    """The type, and the file or folder to write: a name without a known ending is a folder of PNG pictures."""
    if to is None:
        return "pdf", Path("labels.pdf")
    kind = to.suffix.lstrip(".").lower()
    if kind in TYPES and not to.is_dir():
        return kind, to
    if kind and not to.is_dir():
        raise typer.BadParameter(_("%(form)s: labels are .pdf, .png or .svg", form=kind), param_hint="--out")
    return "png", to


def _write(result: dict[str, Any], target: Path, as_json: bool) -> None:
    files = result["files"]
    if target.suffix and not target.is_dir():
        if len(files) > 1:
            raise typer.BadParameter(
                _("several lots are several pictures: name a folder, or a .pdf"), param_hint="--out"
            )
        written = [target]
        target.write_bytes(base64.b64decode(files[0]["data"]))
    else:
        target.mkdir(parents=True, exist_ok=True)
        written = [target / file["name"] for file in files]
        for path, file in zip(written, files, strict=True):
            path.write_bytes(base64.b64decode(file["data"]))
    if as_json:
        kept = {name: result[name] for name in ("format", "labels", "lots", "missing")}
        print_json({"files": [str(path) for path in written], **kept})
        return
    for lot in result["missing"]:
        err.print(Text(_("%(lot)s is not recorded, so it got no label", lot=lot)))
    made = ngettext("%(count)s label", "%(count)s labels", result["labels"])
    where = written[0] if len(written) == 1 else target
    out.print(f"{where}: {made}, {result['format']}", markup=False, highlight=False)
