"""Plots and yields that a certifier stands behind, as EPCIS 2.0 events: the house workbook has no sheet for these."""

from __future__ import annotations

from demo_season.cast import CERTIFIER, FARM, VINEYARD, at
from ledger.domain import event_forms as forms
from ledger.domain.event_forms import When
from ledger.domain.identifiers import Grams
from ledger.domain.records import JsonTree

_SEASON = 2026
_PLOTS = (
    (FARM, "A1", 15_000),
    # Picked to within 100 kg: a third harvest of this field would be refused.
    (FARM, "A2", 10_000),
    (FARM, "B1", 7_500),
    (VINEYARD, "V-07", 5_000),
    (VINEYARD, "V-12", 6_500),
)
"""Whose field, which, and how many kilograms of it are certified. The orchard's fields are not certified."""


def plots_and_yields() -> list[JsonTree]:
    """05-plots-and-yields.jsonld: before the first harvest."""
    registered, certified = [], []
    for hour, (producer, field, kilograms) in enumerate(_PLOTS, 10):
        plot = at(producer, field)
        registered.append(forms.plot_registration(CERTIFIER, producer, plot, When(f"2026-07-06T{hour}:00:00+08:00")))
        certified.append(
            forms.yield_certificate(
                CERTIFIER, plot, _SEASON, Grams(kilograms * 1000), When(f"2026-07-13T{hour}:00:00+08:00")
            )
        )
    return [*registered, *certified]
