"""The tree of commands; each module holds those of one kind of work."""

from __future__ import annotations

import typer

from api.cli import demo, maintaining, reading, tools, up, writing

app = typer.Typer(
    name="silkroot",
    help="A provenance ledger for produce: from the field to the buyer, signed at every step.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
up.add_to(app)
writing.add_to(app)
reading.add_to(app)
maintaining.add_to(app)
tools.add_to(app)
app.add_typer(demo.app, name="demo")
app.add_typer(maintaining.party_app, name="party")
