"""
The events about what stands behind the fruit: plots, certified yields and pledges; no I/O.
"""

from __future__ import annotations

from ledger.domain.digital_link import lot_uri
from ledger.domain.forms.base import Amount, Extra, Spot, When, bare_event, object_event
from ledger.domain.identifiers import Grams, LotRef, PartyId
from ledger.domain.records import JsonTree


def plot_registration(
    certifier: PartyId, producer: PartyId, plot: Spot, when: When, *, extra: Extra | None = None
) -> JsonTree:
    """A certifier registers a field of a producer's. `plot`: its GLN and extension; both are needed."""
    event = _plot_event(certifier, plot, when, "ADD", "commissioning", "active", extra)
    event["silkroot:plot"] = {"producer": f"{producer:013d}"}
    return event


def yield_certificate(
    certifier: PartyId, plot: Spot, season: int, grams: Grams, when: When, *, extra: Extra | None = None
) -> JsonTree:
    """The plot's certifier states how many grams grow on it in a season (a year)."""
    event = _plot_event(certifier, plot, when, "OBSERVE", "inspecting", "conformant", extra)
    event["silkroot:yield"] = {"season": season, "grams": grams}
    return event


def pledge(
    holder: PartyId,
    lender: PartyId,
    amount: Amount,
    until: str,
    when: When,
    where: Spot | None = None,
    *,
    extra: Extra | None = None,
) -> JsonTree:
    """Grams of a lot secure a loan. `until`: ISO 8601 with its zone offset, e.g. 2026-12-31T18:00:00+08:00."""
    event = object_event(holder, when, "OBSERVE", "reserving", "reserved", [amount], read_point=where, extra=extra)
    event["silkroot:pledge"] = {"lender": f"{lender:013d}", "until": until}
    return event


def pledge_release(
    lender: PartyId, holder: PartyId, lot: LotRef, when: When, where: Spot | None = None, *, extra: Extra | None = None
) -> JsonTree:
    """The lender lets go of all that the holder pledged to it of that lot."""
    event = object_event(
        lender, when, "OBSERVE", "reserving", "sellable_not_accessible", (), read_point=where, extra=extra
    )
    event["quantityList"] = [{"epcClass": lot_uri(lot)}]
    event["silkroot:pledgeRelease"] = {"holder": f"{holder:013d}"}
    return event


def _plot_event(
    party: PartyId, plot: Spot, when: When, action: str, biz_step: str, disposition: str, extra: Extra | None
) -> JsonTree:
    event = bare_event("ObjectEvent", party, when, biz_step, disposition, None, extra)
    event["action"] = action
    event["epcList"] = [plot.uri]
    return event
