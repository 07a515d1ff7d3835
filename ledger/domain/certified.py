"""
Certified origin: how many of a lot's grams come from certified plots, and from which; no I/O.

The chain counts it (DESIGN.md section 5): a harvest is certified in whole or not at all, an intake never; a
transformation takes floor(q x certified / grams) of each input and shares the sum out to its outputs in proportion to
their grams, rounded down. What went into a lot can no longer be corrected, so the same sum can be made again here.
"""

from __future__ import annotations

from collections.abc import Mapping

from ledger.domain.actions import EntryKind, Harvest
from ledger.domain.custody_values import CertifiedOrigin, CertifiedShare
from ledger.domain.identifiers import LotId
from ledger.domain.lot_history import Birth, LotHistory
from ledger.domain.records import ChainFacts


def certified_share(
    lot: LotId, histories: Mapping[LotId, LotHistory], facts: ChainFacts | None
) -> CertifiedShare | None:
    """
    The lot's share and the certified harvests among the lot and its ancestors, `histories` being theirs. None where
    the chain was not asked or knows no such lot.
    """
    state = facts.lots.get(lot) if facts is not None else None
    if facts is None or state is None or not state.issuer:
        return None
    if not state.certified_grams:
        return CertifiedShare(state.grams, state.certified_grams)
    origins = [_origin(name, history, facts) for name, history in histories.items()]
    return CertifiedShare(state.grams, state.certified_grams, tuple(each for each in origins if each is not None))


def certified_problem(history: LotHistory, birth: Birth, facts: ChainFacts) -> str | None:
    """Why the chain's certified grams of the lot cannot be; None where they can."""
    state = facts.lots[history.lot]
    if birth.kind is EntryKind.TRANSFORMATION:
        expected = _passed_on(birth, facts)
        if expected is not None and expected != state.certified_grams:
            return (
                f"By what went into it {expected} g of the lot are certified, by the chain {state.certified_grams} g."
            )
        return None
    if not state.certified_grams:
        return None
    if birth.kind is EntryKind.INTAKE:
        return f"By the chain {state.certified_grams} g of a lot bought in from growers are certified."
    harvest = _harvest_of(history)
    asked = harvest is not None and harvest.plot in facts.plots and (harvest.plot, harvest.season) in facts.yields
    certified_plot = _origin(history.lot, history, facts) is not None
    if state.certified_grams != state.grams or (asked and not certified_plot):
        return (
            f"By the chain {state.certified_grams} g of the lot are certified, but no certified plot stands for them."
        )
    return None


def _passed_on(birth: Birth, facts: ChainFacts) -> int | None:
    """The certified grams that the inputs make of the lot; None where the chain was not asked for one of them."""
    taken = 0
    for line in birth.inputs:
        parent = facts.lots.get(line.lot)
        if parent is None or not parent.grams:
            return None
        taken += line.grams * parent.certified_grams // parent.grams
    grams_in = sum(line.grams for line in birth.inputs)
    return taken * birth.grams // grams_in if grams_in else 0


def _origin(lot: LotId, history: LotHistory, facts: ChainFacts) -> CertifiedOrigin | None:
    """The plot and season of a certified harvest; None for any other lot."""
    state = facts.lots.get(lot)
    if state is None or not state.certified_grams:
        return None
    harvest = _harvest_of(history)
    if harvest is None:
        return None
    plot, season = facts.plots.get(harvest.plot), facts.yields.get((harvest.plot, harvest.season))
    if plot is None or season is None or plot.producer != harvest.producer or season.harvested < state.grams:
        return None
    return CertifiedOrigin(lot, harvest.plot, harvest.season, plot.producer, plot.certifier, season.certified)


def _harvest_of(history: LotHistory) -> Harvest | None:
    """The harvest that brought the lot into being."""
    for reading in history.readings:
        action = reading.action
        born = history.births and history.births[0].event == reading.event.content_hash
        if born and isinstance(action, Harvest):
            return action
    return None
