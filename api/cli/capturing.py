"""
The command that records events as they come: newline-delimited, from files or a pipe, or in EPCIS documents.

Lines are sent in calls of up to a thousand lines, or some megabytes. Without `--proceed` a refused event stops the
work: nothing of its call is recorded, what was recorded before stays, and the same command again goes on from there.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from api.cli.output import NO, YES, Json, err, out, print_json, progress_bar, table
from api.cli.violations import what_is_wrong
from api.cli.words import _, language, ngettext, number
from ledger.domain.errors import InvalidInput

if TYPE_CHECKING:
    from api.control.protocol import Result

STDIN = "-"
LINES = 1_000
CALL_BYTES = 4 * 1024 * 1024
MOST_BYTES = 64 * 1024 * 1024
"""Of one line, or of a document that has several."""
Texts = list[tuple[int, str]]


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("capture")(capture)


def capture(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE…|-", help="One event or document a line, or one EPCIS document; -: standard input."
        ),
    ],
    party: Annotated[str, typer.Option("--party", help="Whose the events are: a GLN. Else each names its party.")] = "",
    proceed: Annotated[
        bool, typer.Option("--proceed", help="Record the good events where others are refused.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Record events: newline-delimited JSON, or EPCIS documents. Events that come signed keep their signatures."""
    for file in files:
        if str(file) != STDIN and not file.is_file():
            raise typer.BadParameter(_("%(file)s: there is no such file", file=str(file)))
    reports = [_capture_file(file, party, proceed, as_json) for file in files]
    if as_json:
        print_json(reports)
    else:
        for report in reports:
            _show(report)
    raise typer.Exit(NO if any(report["refused"] for report in reports) else YES)


def _capture_file(file: Path, party: str, proceed: bool, as_json: bool) -> Result:
    # Imported here: commands that ask nothing start faster without them.
    from api.control.client import call
    from ledger.settings import Settings

    name = STDIN if str(file) == STDIN else file.name
    report: Result = {"file": name, "events": 0, "recorded": 0, "repeated": 0, "captured": [], "refused": []}
    settings, size = Settings(), 0 if name == STDIN else file.stat().st_size
    opened = nullcontext(sys.stdin.buffer) if name == STDIN else file.open("rb")
    with opened as stream, progress_bar(as_json) as progress:
        done = 0
        for texts in _calls(stream, name):
            params: dict[str, Any] = {"texts": texts, "party": party, "proceed": proceed, "lang": language()}
            result = call(settings, "capture", params)
            for count in ("events", "recorded", "repeated"):
                report[count] += result[count]
            report["refused"] += result["refused"]
            if as_json:
                report["captured"] += result["captured"]
            done += sum(len(text.encode()) + 1 for _line, text in texts)
            progress(done if size else report["events"], max(size, done) if size else 0, "recording")
            if result["refused"] and not proceed:
                break
    if not as_json:
        del report["captured"]
    return report


def _calls(stream: IO[bytes], name: str) -> Iterator[Texts]:
    """The file's texts with their lines, in portions of a call each."""
    texts: Texts = []
    held = 0
    for line, text in _texts(stream, name):
        if texts and (len(texts) >= LINES or held + len(text) > CALL_BYTES):
            yield texts
            texts, held = [], 0
        texts.append((line, text))
        held += len(text)
    if texts:
        yield texts


def _texts(stream: IO[bytes], name: str) -> Iterator[tuple[int, str]]:
    """Each line that holds something; the whole, where the first such line is no JSON by itself: one document."""
    first, is_lines = 1, False
    while line := stream.readline(MOST_BYTES + 1):
        _require_size(line, name)
        if line.strip():
            if not is_lines and not _is_json(line):
                rest = stream.read(MOST_BYTES + 1)
                _require_size(line + rest, name)
                yield first, _decoded(line + rest, name, first)
                return
            is_lines = True
            yield first, _decoded(line, name, first).strip()
        first += 1


def _is_json(line: bytes) -> bool:
    import orjson

    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True


def _decoded(data: bytes, name: str, line: int) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput.one(f"{name}: {line}", "json.syntax", str(error), "the text is not UTF-8") from None


def _require_size(data: bytes, name: str) -> None:
    if len(data) > MOST_BYTES:
        message = f"a line, or a document of several lines, has at most {MOST_BYTES} bytes"
        raise InvalidInput.one(name, "import.size", name, message)


def _show(report: Result) -> None:
    counts = {
        "events": ngettext("%(count)s event", "%(count)s events", report["events"]),
        "recorded": number(report["recorded"]),
        "known": number(report["repeated"]),
    }
    told = Text.assemble((report["file"], "bold"), ": ")
    told.append(_("%(events)s, %(recorded)s recorded, %(known)s known already", **counts))
    refused = report["refused"]
    out.print(told)
    if refused:
        columns = ("line", "event", "field", "value", "rule")
        headings = (_("line"), _("event"), _("field"), _("value"), _("rule"), _("what is wrong"))
        table(headings, [[*(str(row[name]) for name in columns), what_is_wrong(row)] for row in refused])
        err.print(_("What is refused is not recorded. Mend it and capture again, or record the rest with --proceed."))
