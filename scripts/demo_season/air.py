"""
The air leg as the hub states it: screening, build-up of the container, loaded; one flight for each consignment.

Flight, container and airline are members of the hub's own statements: the airline is named and signs nothing. Airline
`ZZ` is invented.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from demo_season import grapes, melons, pears
from demo_season.cast import HUB, at, lot
from demo_season.disputes import moment
from demo_season.facts import Handoff
from ledger.domain import event_forms as forms
from ledger.domain.air_leg import AirLeg, AirStep
from ledger.domain.event_forms import When
from ledger.domain.forms.air import air_step
from ledger.domain.records import JsonTree

_FLIGHTS = {"PEK": "ZZ6901", "SHA": "ZZ6875", "CAN": "ZZ6885"}
_STEPS = (("screening", "inspecting", 150), ("build-up", "staging_outbound", 90), ("loaded", "loading", 15))
"""What is done, its business step in the Core Business Vocabulary, minutes before the hub hands over."""


def air_legs() -> list[JsonTree]:
    """60-air-legs.jsonld."""
    stories = (melons.story(), grapes.story(), pears.story())
    flights = [handoff for story in stories for handoff in story.handoffs if handoff.reference.startswith("URC-")]
    return [event for flight in sorted(flights, key=lambda flight: flight.sent) for event in _statements(flight)]


def recent_leg() -> list[JsonTree]:
    """
    67-air-leg-recent.jsonld: pears that the hub has had in its cold room fly at last, but for 120 cases, which come off
    again and are booked on the next day's flight. The service that loads the season moves the days to the day before.
    """
    flight = {"airline": "ZZ", "flight": "ZZ6885", "day": "2026-11-21", "origin": "URC", "destination": "CAN"}
    pallet = {"uld": "PMC27140ZZ", "consignment": "URC-PEARS-CAN"}
    whole, part = {"pieces": 296, "grams": 2_962_000}, {"pieces": 120, "grams": 1_200_000}
    later = flight | {"flight": "ZZ6887", "day": "2026-11-22"}
    return [
        air_step(HUB, [lot("KP0917B")], AirLeg(step, **stated), moment(f"11-21T{time}"), at(HUB))
        for step, time, stated in (
            (AirStep.SCREENING, "06:10", flight | pallet | whole | {"result": "passed"}),
            (AirStep.BUILD_UP, "07:20", flight | pallet | whole),
            (AirStep.LOADED, "09:35", flight | pallet | whole),
            (AirStep.OFF_LOADED, "10:05", flight | pallet | part),
            (AirStep.REBOOKED, "10:50", later | {"consignment": "URC-PEARS-CAN"} | part),
        )
    ]


def _statements(flight: Handoff) -> Iterator[JsonTree]:
    city = flight.reference[-3:]
    digits = int.from_bytes(hashlib.sha256(flight.reference.encode()).digest()[:4], "big") % 100_000
    leg = {"airline": "ZZ", "flight": _FLIGHTS[city], "from": "URC", "to": city, "uld": f"PMC{digits:05d}ZZ",
           "consignment": flight.reference}  # fmt: skip
    left = datetime.fromisoformat(f"2026-{flight.sent}:00+08:00")
    for step, biz_step, minutes in _STEPS:
        yield forms.statement(
            HUB, biz_step, [lot(code) for code, _ in flight.lines],
            When((left - timedelta(minutes=minutes)).isoformat()), at(HUB),
            disposition="conformant" if step == "screening" else "in_progress",
            extra={"silkroot:airLeg": {"step": step, **leg}},
        )  # fmt: skip
