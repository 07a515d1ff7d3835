"""Plots and what a certifier states of their yields; no I/O."""

from __future__ import annotations

from dataclasses import replace

from ledger.domain.actions import PlotRegistration, YieldCertificate
from ledger.domain.custody_rules.common import refuse
from ledger.domain.custody_state import NO_GRAMS, LedgerState, Plot, StateChange, Yield
from ledger.domain.master_data import Role


def register_plot(state: LedgerState, action: PlotRegistration) -> StateChange:
    """A field of a producer's is registered, once."""
    if not state.roles.get(action.producer, 0) & Role.PRODUCER:
        raise refuse(
            "/producer", "NotAProducer", f"party {action.producer}", "the producer of a plot has the role of one"
        )
    known = state.plots.get(action.plot)
    if known is not None:
        raise refuse(
            "/plot", "PlotExists", f"{action.plot.hex()}, of {known.producer}", "the plot is registered already"
        )
    return StateChange(plots={action.plot: Plot(action.producer, action.certifier)})


def certify_yield(state: LedgerState, action: YieldCertificate) -> StateChange:
    """A plot's yield of a season is stated, or lowered."""
    plot = state.plots.get(action.plot)
    if plot is None:
        raise refuse("/plot", "UnknownPlot", action.plot.hex(), "no certifier registered that plot")
    if plot.certifier != action.certifier:
        raise refuse(
            "/certifier", "NotThePlotsCertifier", f"{action.plot.hex()}: {action.certifier}, of {plot.certifier}",
            "only the certifier that registered a plot certifies its yield",
        )  # fmt: skip
    season = (action.plot, action.season)
    known = state.yields.get(season)
    harvested = NO_GRAMS if known is None else known.harvested
    where = f"{action.plot.hex()}, season {action.season}"
    below = refuse(
        "/grams", "YieldBelowHarvest", f"{where}: harvested {harvested} g, stated {action.grams} g",
        "a yield is at least one gram, and is not lowered below what was harvested",
    )  # fmt: skip
    if action.grams <= 0:
        raise below
    if known is None:
        return StateChange(yields={season: Yield(action.grams)})
    if action.grams >= known.certified:
        raise refuse(
            "/grams", "YieldNotLower", f"{where}: certified {known.certified} g, stated {action.grams} g",
            "a yield is certified once for a season; after that it is only lowered",
        )  # fmt: skip
    if action.grams < harvested:
        raise below
    return StateChange(yields={season: replace(known, certified=action.grams)})
