"""A receipt commits to the temperatures of its leg: what is shown has to be what the receiver had in hand."""

from __future__ import annotations

import hashlib
from typing import Any

import event_builders as build
import pytest
from verdict_fakes import World, codes
from warm_ways import legged_way, measured

from ledger.domain.digital_link import lot_uri
from ledger.domain.records import EntryState, JsonTree
from ledger.domain.sensors.legs import leg_line
from ledger.domain.story_values import CheckName, Verdict

LOT = build.HARVEST_LOT
LIMITS = {"silkroot:limits": [{"epcClass": lot_uri(LOT), "minimum": 2_000, "maximum": 6_000, "tolerance": 500}]}


def line_of(world: World) -> JsonTree | None:
    return leg_line(LOT, build.FARM, build.REFERENCE, world.events_of_lot(LOT.id))


@pytest.fixture
def sent() -> World:
    """On its way, measured twice: by the carrier, and by the farm about something else."""
    world = World()
    world.record(build.harvest() | LIMITS)
    world.record(build.shipping())
    world.record(measured(build.CARRIER, LOT, 5, 6.5, 4, reference=build.REFERENCE))
    world.record(measured(build.FARM, LOT, 30, reference=build.sscc(99)))
    return world


def test_what_a_line_says(sent: World) -> None:
    reading = sent.events[2].content_hash
    assert line_of(sent) == {
        "epcClass": lot_uri(LOT), "readings": 3, "minimum": 4_000, "maximum": 6_500, "degreeMinutes": 5,
        "last": reading.hex(), "digest": hashlib.sha256(b"silkroot-leg-1\n" + reading).hexdigest(),
    }  # fmt: skip


def test_nothing_is_said_where_nobody_measured() -> None:
    world = World()
    world.record(build.harvest())
    world.record(build.shipping())
    assert line_of(world) is None
    world.record(build.inspection(party=build.CARRIER) | {"epcList": [build.REFERENCE]})
    assert line_of(world) is None
    refused = world.record(measured(build.CARRIER, LOT, 5, reference=build.REFERENCE))
    world.change(refused.sequence, state=EntryState.REFUSED)
    assert line_of(world) is None


def test_what_is_shown_is_what_was_signed(sent: World) -> None:
    line = line_of(sent)
    sent.record(build.receiving() | {"silkroot:leg": [line]})
    # What comes later is not part of it.
    sent.record(measured(build.PACKING_HOUSE, LOT, 5, 5, reference=build.REFERENCE))
    judgement = sent.judged(LOT)
    assert "custody.leg" not in codes(judgement, CheckName.CUSTODY)
    sent.drop(3)
    judgement = sent.judged(LOT)
    assert codes(judgement, CheckName.CUSTODY).count("custody.leg") == 1
    assert judgement.verdict is Verdict.SUSPECT


def test_two_events_one_of_which_is_hidden(sent: World) -> None:
    sent.record(measured(build.CARRIER, LOT, 5, 5.5, reference=build.REFERENCE))
    sent.record(build.receiving() | {"silkroot:leg": [line_of(sent)]})
    sent.drop(3)
    assert "custody.leg" in codes(sent.judged(LOT), CheckName.CUSTODY)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("readings", 2), ("minimum", 4_001), ("maximum", 6_000), ("degreeMinutes", 0), ("last", "00" * 32),
        ("digest", "00" * 32), ("readings", 3.0), ("minimum", None), ("last", None),
    ],
)  # fmt: skip
def test_a_line_that_says_something_else(sent: World, name: str, value: Any) -> None:
    sent.record(build.receiving() | {"silkroot:leg": [{**(line_of(sent) or {}), name: value}]})
    assert "custody.leg" in codes(sent.judged(LOT), CheckName.CUSTODY)


@pytest.mark.parametrize("member", [None, 7, "x", {}, [], [7], [{}], [{"epcClass": lot_uri(build.PACKED_LOT)}]])
def test_members_without_a_line_about_the_lot_say_nothing(sent: World, member: Any) -> None:
    sent.record(build.receiving() | {"silkroot:leg": member})
    assert "custody.leg" not in codes(sent.judged(LOT), CheckName.CUSTODY)


def test_the_sample_of_the_proofs_is_whole() -> None:
    world = World()
    for event in legged_way(LOT, build.REFERENCE):
        world.record(event)
    assert world.judged(LOT).verdict is Verdict.VERIFIED
