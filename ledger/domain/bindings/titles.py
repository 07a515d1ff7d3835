"""
Plots, certified yields and pledges; no I/O.
"""

from __future__ import annotations

from ledger.domain.actions import Pledge, PledgeRelease, PlotRegistration, YieldCertificate
from ledger.domain.bindings.checks import Own, require_action, require_disposition
from ledger.domain.bindings.makings import plot_at
from ledger.domain.errors import InvalidEvent
from ledger.domain.event_reading import elements_of, lots_of, party_at, portions_of
from ledger.domain.identifiers import NO_PLOT, ContentHash, PartyId, PlotId
from ledger.domain.own_values import grams_at, object_at, season_at, unix_time_at
from ledger.domain.records import JsonTree


def plot_registration(
    event: JsonTree, own: Own, party: PartyId, content: ContentHash, deadline: int
) -> PlotRegistration:
    """A certifier registers a field of a producer's."""
    require_action(event, "ADD")
    plot = _plot(event)
    pointer, value = own["plot"]
    producer = party_at(f"{pointer}/producer", object_at(pointer, value).get("producer"))
    return PlotRegistration(party, producer, plot, content, deadline)


def yield_certificate(
    event: JsonTree, own: Own, party: PartyId, content: ContentHash, deadline: int
) -> YieldCertificate:
    """A certifier states a plot's yield of a season."""
    require_action(event, "OBSERVE")
    plot = _plot(event)
    pointer, value = own["yield"]
    stated = object_at(pointer, value)
    season = season_at(f"{pointer}/season", stated.get("season"))
    return YieldCertificate(party, plot, season, grams_at(f"{pointer}/grams", stated.get("grams")), content, deadline)


def pledge(event: JsonTree, own: Own, party: PartyId, content: ContentHash, deadline: int) -> Pledge:
    """Grams of one lot secure a loan."""
    require_action(event, "OBSERVE")
    require_disposition(event, "reserved")
    _require_one_lot(event)
    (pledged,) = portions_of(event, "quantityList")
    pointer, value = own["pledge"]
    terms = object_at(pointer, value)
    lender = party_at(f"{pointer}/lender", terms.get("lender"))
    until = unix_time_at(f"{pointer}/until", terms.get("until"))
    return Pledge(party, lender, pledged.lot, pledged.grams, until, content, deadline)


def pledge_release(event: JsonTree, own: Own, party: PartyId, content: ContentHash, deadline: int) -> PledgeRelease:
    """The acting party, the lender, lets go of all that the holder pledged to it of one lot."""
    require_action(event, "OBSERVE")
    require_disposition(event, "sellable_not_accessible")
    _require_one_lot(event)
    ((where, element),) = elements_of(event, "quantityList")
    if "quantity" in element:
        message = "a release names the lot without a quantity: it lets go of all"
        raise InvalidEvent.one(f"{where}/quantity", "form.one-lot", element["quantity"], message)
    pointer, value = own["pledgeRelease"]
    holder = party_at(f"{pointer}/holder", object_at(pointer, value).get("holder"))
    return PledgeRelease(party, holder, lots_of(event)[0].id, content, deadline)


def _plot(event: JsonTree) -> PlotId:
    """The one plot of the event, which is about no lots."""
    named = event.get("epcList")
    if not isinstance(named, list) or len(named) != 1:
        raise InvalidEvent.one("/epcList", "plot.place", named, "exactly one plot is named in epcList")
    if lots := elements_of(event, "quantityList"):
        raise InvalidEvent.one("/quantityList", "form.lots", f"{len(lots)} lots", "an event about a plot names no lots")
    plot = plot_at("/epcList/0", named[0], named[0])
    if plot == NO_PLOT:
        raise InvalidEvent.one("/epcList/0", "plot.place", named[0], "a plot is a GLN with an extension (AI 414, 254)")
    return plot


def _require_one_lot(event: JsonTree) -> None:
    lots = lots_of(event)
    if len(lots) != 1 or len(elements_of(event, "quantityList")) != 1:
        raise InvalidEvent.one("/quantityList", "form.one-lot", f"{len(lots)} lots", "exactly one lot is named")
