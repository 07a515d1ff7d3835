"""Arguments that several commands share, and how their text is read."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.output import progress_bar
from api.cli.words import language
from ledger.domain.errors import InvalidInput

if TYPE_CHECKING:
    from api.control.protocol import Result

LotText = Annotated[
    str, typer.Argument(metavar="LOT", help="GTIN/LOT, a Digital Link, or a lot code that only one product has.")
]
As = Annotated[str, typer.Option("--as", metavar="PARTY", help="The party that acts and signs: its GLN.")]
At = Annotated[
    str, typer.Option("--at", metavar="TIME", help="When it happened, ISO 8601 with offset; now if not given.")
]
Where = Annotated[
    str, typer.Option("--where", metavar="GLN[/EXT]", help="Where it happened; the party's own GLN if not given.")
]


def ask(operation: str, as_json: bool = False, /, **params: Any) -> Result:
    """Carries out an operation with a progress bar, in the running service or in this process."""
    # Imported here: commands that ask nothing start faster without them.
    from api.control.client import call
    from ledger.settings import Settings

    # Names for people in their language, for programs always in one.
    params.setdefault("lang", "en" if as_json else language())
    with progress_bar(as_json) as progress:
        return call(Settings(), operation, params, progress)


def grams_of(text: str, *, nothing: bool = False) -> int:
    """`1200kg`, `1.2t`, `500 g` as whole grams, with `nothing` also 0g; a number without a unit is never guessed."""
    compact = text.replace(" ", "").replace(",", "").lower()
    for unit, factor in (("kg", 1000), ("t", 1_000_000), ("g", 1)):
        if compact.endswith(unit):
            try:
                grams = Decimal(compact[: -len(unit)]) * factor
            except InvalidOperation:
                break
            if grams.is_finite() and grams == grams.to_integral_value() and (grams > 0 or (nothing and grams == 0)):
                return int(grams)
            raise InvalidInput.one("mass", "mass.whole", text, "a mass is a positive whole number of grams")
    raise InvalidInput.one("mass", "mass.unit", text, "write a mass with its unit: 1200kg, 1.2t, 500g")


def now_text() -> str:
    """The present moment with this machine's zone offset."""
    return datetime.now().astimezone().isoformat(timespec="seconds")
