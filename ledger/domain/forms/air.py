"""
The events of the air leg: statements of the hub about goods that fly; no I/O.

A screening has the disposition `in_progress` or `non_conformant`, never `conformant`: a look at security is no
inspection of the fruit, and must not close an excursion of its temperature.
"""

from __future__ import annotations

from collections.abc import Sequence

from ledger.domain.air_leg import AirLeg, AirStep, air_leg_member
from ledger.domain.forms.base import Extra, Spot, When
from ledger.domain.forms.moves import statement
from ledger.domain.identifiers import LotRef, PartyId
from ledger.domain.records import JsonTree

BIZ_STEPS = {
    AirStep.SCREENING: "inspecting",
    AirStep.BUILD_UP: "staging_outbound",
    AirStep.LOADED: "loading",
    AirStep.OFF_LOADED: "unloading",
    AirStep.REBOOKED: "holding",
    AirStep.BROKEN_DOWN: "unpacking",
}
"""The business step of the Core Business Vocabulary that each is."""


def air_step(
    party: PartyId, lots: Sequence[LotRef], leg: AirLeg, when: When, where: Spot, *, extra: Extra | None = None
) -> JsonTree:
    """One step of goods that fly, as the hub states it; the airline is named and signs nothing."""
    return statement(
        party, BIZ_STEPS[leg.step], lots, when, where,
        disposition="non_conformant" if leg.has_failed else "in_progress",
        extra={"silkroot:airLeg": air_leg_member(leg), **(extra or {})},
    )  # fmt: skip
