"""
What a hub reads in events that move on their own account: when a shipment is due, and the air leg; no I/O.

Neither moves anything, so no signed struct holds them. They are checked when an event is captured all the same: a time
or a waybill that nobody can read helps nobody at the dock. Raises `InvalidEvent`.
"""

from __future__ import annotations

from datetime import datetime

from ledger.domain.air_leg import air_leg_of, names_an_air_leg
from ledger.domain.own_members import own_member
from ledger.domain.records import JsonTree
from ledger.domain.times import instant

ARRIVAL = "expectedArrival"


def check_hub_members(event: JsonTree) -> None:
    """Refuses an event whose `silkroot:airLeg` or `silkroot:expectedArrival` cannot be read."""
    if names_an_air_leg(event):
        air_leg_of(event)
    due_of(event)


def due_of(event: JsonTree) -> datetime | None:
    """When the shipper expects the goods to arrive, as the event states it; None where it does not."""
    if ARRIVAL not in "".join(event):  # Spares most events the slow look.
        return None
    found = own_member(event, ARRIVAL)
    return None if found is None else instant(*found, "silkroot.time")
