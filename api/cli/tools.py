"""Commands that need no ledger: event hashes of a document, a Digital Link taken apart."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.output import YES, Json, out, print_json, table
from api.cli.words import _


def add_to(app: typer.Typer) -> None:
    """Registers the commands."""
    app.command("hash")(hash_events)
    app.command("link")(link)


def hash_events(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An EPCIS document in JSON-LD.")],
    as_json: Json = False,
) -> None:
    """Print the CBV 2.0 hash of every event in a document, one a line, in its order."""
    # Imported here, as in every command: the others start faster without.
    from ledger.domain.cbv_hash import document_hashes
    from ledger.domain.errors import InvalidJson
    from ledger.domain.json_tree import parse_json

    tree = parse_json(file.read_bytes())
    if not isinstance(tree, dict):
        raise InvalidJson.one("/", "json.object", type(tree).__name__, "an EPCIS document is a JSON object")
    hashes = document_hashes(tree)
    if as_json:
        print_json(hashes)
    else:
        for value in hashes:
            out.print(value, markup=False, highlight=False)
    raise typer.Exit(YES)


def link(uri: Annotated[str, typer.Argument(help="A GS1 Digital Link URI.")], as_json: Json = False) -> None:
    """Take a GS1 Digital Link apart into its application identifiers, checking each."""
    from ledger.domain.digital_link import parse_digital_link

    parsed = parse_digital_link(uri)
    if as_json:
        print_json({"ais": parsed.ais})
    else:
        table(["AI", _("value")], list(parsed.ais.items()))
