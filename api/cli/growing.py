"""Commands about lots coming into being: plots and their certified yield, harvest, packing."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from api.cli.arguments import As, At, LotText, Where, ask, grams_of, now_text
from api.cli.output import Json, out, print_json, table
from api.cli.recording import Mass, amounts, mass_or_none, record
from api.cli.words import _, formats

plot_app = typer.Typer(help="Plots and the yield that certifiers signed for them.", no_args_is_help=True)

PlotText = Annotated[
    str, typer.Argument(metavar="PLOT", help="The plot: the farm's GLN and the field's extension, GLN/EXT.")
]
Season = Annotated[int, typer.Option("--season", metavar="YEAR", min=2000, max=9999, help="The year of the harvest.")]


def add_to(app: typer.Typer) -> None:
    """Registers the commands."""
    app.command("register")(register)
    app.command("pack")(pack)
    app.add_typer(plot_app, name="plot")


def register(
    lot: LotText,
    mass: Mass,
    party: As,
    plot: Annotated[str, typer.Option(metavar="GLN/EXT", help="The plot: the farm's GLN and the field's extension.")],
    season: Annotated[
        int,
        typer.Option(metavar="YEAR", min=0, max=9999, help="Whose certified yield it counts against; else its year."),
    ] = 0,
    at: At = "",
    as_json: Json = False,
) -> None:
    """Register a harvest: a new lot from one of the producer's plots."""
    record(
        "harvest", as_json, lot=lot, grams=grams_of(mass), party=party, where=plot, season=season, at=at or now_text()
    )


def pack(
    into: Annotated[list[str], typer.Option(metavar="LOT=MASS", help="A new lot and its mass; may be repeated.")],
    take: Annotated[list[str], typer.Option("--from", metavar="LOT=MASS", help="A lot used and how much of it.")],
    party: As,
    culls: Annotated[str, typer.Option(metavar="MASS", help="Sorted out as unfit.")] = "",
    process_loss: Annotated[
        str, typer.Option(metavar="MASS", help="Lost in the process: peel, juice, water; else all that is left over.")
    ] = "",
    remainder: Annotated[str, typer.Option(metavar="MASS", help="Sound fruit that went into no lot.")] = "",
    where: Where = "",
    at: At = "",
    as_json: Json = False,
) -> None:
    """Turn lots into new ones: pack, repack, split, merge. What is not accounted for is process loss."""
    record(
        "pack", as_json, inputs=amounts(take), outputs=amounts(into), culls=mass_or_none(culls),
        process_loss=mass_or_none(process_loss), remainder=mass_or_none(remainder), party=party, where=where,
        at=at or now_text(),
    )  # fmt: skip


@plot_app.command("certify")
def plot_certify(
    plot: PlotText,
    party: As,
    producer: Annotated[str, typer.Option(metavar="PARTY", help="Whose plot it is: the producer's GLN.")],
    at: At = "",
    as_json: Json = False,
) -> None:
    """Register a plot of a producer: by a certifier, once."""
    record("certify-plot", as_json, plot=plot, producer=producer, party=party, at=at or now_text())


@plot_app.command("yield")
def plot_yield(
    plot: PlotText, mass: Mass, season: Season, party: As, at: At = "", as_json: Json = False
) -> None:  # fmt: skip
    """Certify the yield of a plot for a season; after that it can only be lowered."""
    record(
        "certify-yield", as_json, plot=plot, season=season, grams=grams_of(mass), party=party, at=at or now_text()
    )  # fmt: skip


@plot_app.command("show")
def plot_show(plot: PlotText, as_json: Json = False) -> None:
    """Show whose a plot is, who certifies it, and how much of each season's yield was harvested."""
    result = ask("plot", as_json, plot=plot)
    if as_json:
        print_json(result)
        return
    names = {"producer": result["producer"], "certifier": result["certifier"]}
    out.print(Text(_("producer %(producer)s, certified by %(certifier)s", **names)))
    if result["yields"]:
        weight = formats().kilograms
        table(
            (_("season"), _("certified"), _("harvested"), _("left")),
            [
                [str(row["season"]), weight(row["certified"]), weight(row["harvested"]), weight(row["left"])]
                for row in result["yields"]
            ],
        )
    else:
        out.print(Text(_("No yield is certified yet."), style="dim"))
