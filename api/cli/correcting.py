"""The command that corrects a birth or a packing while nothing of it has moved."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.arguments import As, LotText, grams_of
from api.cli.output import Json
from api.cli.recording import WhyText, amounts, mass_or_none, record
from api.cli.words import _


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("correct")(correct)


def correct(
    lot: LotText,
    party: As,
    reason: WhyText,
    mass: Annotated[str, typer.Argument(metavar="MASS", help="The right net mass of a harvested or bought lot.")] = "",
    inputs: Annotated[
        list[str] | None,
        typer.Option("--input", metavar="LOT=MASS", help="What a packing took; lots not named stay as they were."),
    ] = None,
    outputs: Annotated[
        list[str] | None,
        typer.Option("--output", metavar="LOT=MASS", help="What a packing gave; lots not named stay as they were."),
    ] = None,
    culls: Annotated[str, typer.Option(metavar="MASS", help="Sorted out as unfit.")] = "",
    process_loss: Annotated[
        str, typer.Option(metavar="MASS", help="Lost in the process: peel, juice, water; else all that is left over.")
    ] = "",
    remainder: Annotated[str, typer.Option(metavar="MASS", help="Sound fruit that went into no lot.")] = "",
    deliveries: Annotated[
        list[str] | None,
        typer.Option("--delivery", metavar="TICKET=MASS", help="Of a lot bought from growers: what a ticket weighed."),
    ] = None,
    annul: Annotated[bool, typer.Option("--annul", help="It never was: no grams at all.")] = False,
    as_json: Json = False,
) -> None:
    """Correct the weight of a lot, or the packing that made it, as long as nothing of it has moved."""
    packing = bool(inputs or outputs or culls or process_loss or remainder)
    if bool(mass) + packing + bool(deliveries) > 1:
        raise typer.BadParameter(_("give the mass of a lot, its deliveries, or the lots of its packing: one of them"))
    if annul and (mass or packing or deliveries):
        raise typer.BadParameter(_("--annul takes everything back: name no mass with it"))
    if not (annul or mass or packing or deliveries):
        raise typer.BadParameter(_("say what is right: a mass, --delivery, --input and --output, or --annul"))
    record(
        "correct", as_json, lot=lot, grams=grams_of(mass, nothing=True) if mass else None,
        inputs=amounts(inputs, nothing=True), outputs=amounts(outputs, nothing=True), culls=mass_or_none(culls),
        process_loss=mass_or_none(process_loss), remainder=mass_or_none(remainder),
        deliveries=amounts(deliveries, nothing=True), annul=annul, reason=reason, party=party,
    )  # fmt: skip
