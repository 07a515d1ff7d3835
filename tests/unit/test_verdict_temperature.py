"""What temperature makes of a verdict: limits that were signed at birth, branches, inspections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import event_builders as build
import pytest
from verdict_fakes import World, codes

from ledger.domain.digital_link import lot_uri
from ledger.domain.errors import InvalidEvent
from ledger.domain.event_forms import When, transaction_urn
from ledger.domain.identifiers import LotRef, PartyId
from ledger.domain.records import JsonTree
from ledger.domain.sensors.values import Climate, Standing
from ledger.domain.story_values import CheckName, Judgement, QualifierCode, Verdict

MORNING = When("2026-08-06T08:00:00+08:00")
LOT = build.HARVEST_LOT
SECOND = build.sscc(2)


def limited(event: JsonTree, lot: LotRef = LOT, **limits: int) -> JsonTree:
    """The birth with limits: 2 to 8 °C unless others are given."""
    line = {"epcClass": lot_uri(lot), "minimum": 2_000, "maximum": 8_000} | limits
    return event | {"silkroot:limits": [line]}


def measured(
    *degrees: float, party: PartyId = build.PACKING_HOUSE, lots: Sequence[LotRef] = (LOT,), hour: int = 13, **more: Any
) -> JsonTree:
    """A statement with a reading every ten minutes."""
    reports = [
        {
            "type": "Temperature", "value": value, "uom": "CEL",
            "time": f"2026-08-05T{hour:02d}:{10 * number:02d}:00+08:00",
        }
        for number, value in enumerate(degrees)
    ]  # fmt: skip
    event = build.inspection(party=party, lots=lots)
    return event | {"bizStep": "sensor_reporting", "sensorElementList": [{"sensorReport": reports}], **more}


def inspected(
    party: PartyId, found: str = "conformant", lots: Sequence[LotRef] = (LOT,), when: When = build.NOON
) -> JsonTree:
    return build.inspection(party=party, lots=lots, when=when, disposition=found)


@pytest.fixture
def world() -> World:
    """The farm's tonne, with limits, arrived at the packing house."""
    result = World()
    result.record(limited(build.harvest()))
    result.record(build.shipping())
    result.record(build.receiving())
    return result


def climate(judgement: Judgement, party: PartyId) -> Climate:
    found = next(branch.climate for branch in judgement.branches if branch.holder == party)
    assert found is not None
    return found


def test_a_security_screening_is_no_inspection_of_the_fruit(world: World) -> None:
    world.record(measured(19, 19))
    screening = {"silkroot:airLeg": {"step": "screening", "flight": "ZZ6901"}}
    world.record(inspected(build.PACKING_HOUSE) | screening)
    assert climate(world.judged(LOT), build.PACKING_HOUSE).standing is Standing.OPEN
    world.record(inspected(build.PACKING_HOUSE, when=MORNING))
    assert climate(world.judged(LOT), build.PACKING_HOUSE).standing is Standing.INSPECTED


def test_where_nobody_measured_it_is_said_and_the_verdict_stands(world: World) -> None:
    judgement = world.judged(LOT)
    assert judgement.verdict is Verdict.VERIFIED
    (one,) = [item for item in judgement.qualifiers if item.code is QualifierCode.TEMPERATURE_NOT_RECORDED]
    assert one.parties == (build.PACKING_HOUSE,)
    assert not climate(judgement, build.PACKING_HOUSE).recorded


def test_readings_within_limits(world: World) -> None:
    world.record(measured(4, 8, 2))
    judgement = world.judged(LOT)
    assert judgement.verdict is Verdict.VERIFIED
    assert QualifierCode.TEMPERATURE_NOT_RECORDED not in {item.code for item in judgement.qualifiers}
    found = climate(judgement, build.PACKING_HOUSE)
    assert (found.lowest, found.highest, found.outside, found.standing) == (2_000, 8_000, 0, Standing.WITHIN)


def test_an_excursion_is_suspect_and_says_how_long(world: World) -> None:
    world.record(measured(4, 9.5, 10, 4))
    judgement = world.judged(LOT)
    assert judgement.verdict is Verdict.SUSPECT
    (reason,) = judgement.reasons
    assert (reason.code, reason.event) == ("custody.temperature", world.events[-1].content_hash)
    told = reason.parameters
    assert (told["minutes"], told["degree_minutes"], told["peak"]) == (20, 35, 10_000)
    assert climate(judgement, build.PACKING_HOUSE).standing is Standing.OPEN


def test_what_is_tolerated_is_told_and_not_suspect() -> None:
    for tolerance, verdict in ((20, Verdict.VERIFIED), (19, Verdict.SUSPECT)):
        world = World()
        world.record(limited(build.harvest(), tolerance=tolerance))
        world.record(measured(4, 10, 4, party=build.FARM))
        judgement = world.judged(LOT)
        assert judgement.verdict is verdict
    assert codes(judgement, CheckName.CUSTODY) == ["custody.temperature"]


def test_without_limits_nothing_is_outside() -> None:
    world = World()
    world.record(build.harvest())
    world.record(measured(40, party=build.FARM))
    judgement = world.judged(LOT)
    assert judgement.verdict is Verdict.VERIFIED
    assert climate(judgement, build.FARM).standing is Standing.NO_LIMITS


def test_the_holders_inspection_closes_what_was_recorded_before_it(world: World) -> None:
    world.record(measured(4, 10, 4))
    world.record(inspected(build.PACKING_HOUSE))
    judgement = world.judged(LOT)
    assert judgement.verdict is Verdict.VERIFIED
    assert climate(judgement, build.PACKING_HOUSE).standing is Standing.INSPECTED
    world.record(measured(9, hour=15))
    assert world.judged(LOT).verdict is Verdict.SUSPECT


@pytest.mark.parametrize(
    "event",
    [
        inspected(build.PACKING_HOUSE, "non_conformant"),
        inspected(build.PACKING_HOUSE, "in_progress"),
        inspected(build.FARM),
        inspected(build.HUB),
        inspected(build.PACKING_HOUSE, lots=[build.OTHER_PACKED_LOT]),
        inspected(build.PACKING_HOUSE) | {"bizStep": "storing"},
        inspected(build.PACKING_HOUSE) | {"errorDeclaration": {"declarationTime": "2026-08-06T12:00:00Z"}},
    ],
)  # fmt: skip
def test_what_does_not_close_it(world: World, event: JsonTree) -> None:
    world.record(measured(4, 10, 4))
    world.record(event)
    assert world.judged(LOT).verdict is Verdict.SUSPECT


def test_an_inspection_before_the_readings_are_recorded_does_not_close_them(world: World) -> None:
    world.record(inspected(build.PACKING_HOUSE))
    world.record(measured(4, 10, 4))
    assert world.judged(LOT).verdict is Verdict.SUSPECT


def test_who_passed_it_on_after_its_inspection_has_closed_it_for_those_behind(world: World) -> None:
    world.record(measured(4, 10, 4))
    world.record(inspected(build.PACKING_HOUSE))
    onward = {"party": build.PACKING_HOUSE, "receiver": build.BUYER, "reference": SECOND, "where": build.PACKING_LINE}
    world.record(build.shipping(**onward))
    assert world.judged(LOT).verdict is Verdict.VERIFIED
    world.record(measured(9, hour=15, party=build.CARRIER))
    world.record(inspected(build.PACKING_HOUSE, when=MORNING))
    assert world.judged(LOT).verdict is Verdict.SUSPECT  # it does not hold them any more
    world.record(inspected(build.BUYER))
    assert world.judged(LOT).verdict is Verdict.VERIFIED


def test_one_branch_is_suspect_and_the_other_is_not() -> None:
    world = World()
    world.record(limited(build.harvest()))
    half = [build.amount(LOT, 500_000)]
    other = transaction_urn(build.FARM, "7")
    world.record(build.shipping(manifest=half))
    world.record(build.shipping(receiver=build.BUYER, reference=other, manifest=half))
    world.record(measured(12, party=build.CARRIER, epcList=[build.REFERENCE]))
    judgement = world.judged(LOT)
    verdicts = {branch.holder: branch.verdict for branch in judgement.branches}
    assert verdicts == {build.PACKING_HOUSE: Verdict.SUSPECT, build.BUYER: Verdict.VERIFIED}
    assert judgement.verdict is Verdict.SUSPECT
    (unrecorded,) = [item for item in judgement.qualifiers if item.code is QualifierCode.TEMPERATURE_NOT_RECORDED]
    assert unrecorded.parties == (build.BUYER,)
    by_other_name = {"bizTransactionList": [{"type": "bol", "bizTransaction": other}]}
    world.record(measured(12, party=build.CARRIER, hour=15, **by_other_name))
    assert {branch.verdict for branch in world.judged(LOT).branches} == {Verdict.SUSPECT}


def test_a_reading_on_arrival_belongs_to_the_receipt(world: World) -> None:
    receipt = build.receiving(party=build.BUYER, shipper=build.PACKING_HOUSE, reference=SECOND, where=build.SHOP)
    onward = {"party": build.PACKING_HOUSE, "receiver": build.BUYER, "reference": SECOND, "where": build.PACKING_LINE}
    world.record(build.shipping(**onward))
    warm = {"sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": 11, "uom": "CEL"}]}]}
    world.record(receipt | warm)
    judgement = world.judged(LOT)
    assert judgement.verdict is Verdict.SUSPECT
    assert judgement.reasons[0].parameters["party"] == build.BUYER


def test_what_went_in_warm_makes_suspect_what_came_out(world: World) -> None:
    world.record(measured(4, 10, 4))
    world.record(
        build.packing(inputs=[build.amount(LOT, 1_000_000)], outputs=[build.amount(build.PACKED_LOT, 900_000)])
    )
    judgement = world.judged(build.PACKED_LOT)
    assert judgement.verdict is Verdict.SUSPECT
    assert judgement.reasons[0].lot == LOT.id
    assert not climate(judgement, build.PACKING_HOUSE).recorded
    world.record(inspected(build.PACKING_HOUSE, lots=[build.PACKED_LOT]))
    assert world.judged(build.PACKED_LOT).verdict is Verdict.VERIFIED
    assert world.judged(LOT).verdict is Verdict.SUSPECT


def test_each_output_has_limits_of_its_own(world: World) -> None:
    outputs = [build.amount(build.PACKED_LOT, 400_000), build.amount(build.OTHER_PACKED_LOT, 400_000)]
    packing = build.packing(inputs=[build.amount(LOT, 1_000_000)], outputs=outputs)
    world.record(limited(packing, build.OTHER_PACKED_LOT, maximum=6_000))
    world.record(measured(7, lots=[build.PACKED_LOT, build.OTHER_PACKED_LOT]))
    assert world.judged(build.PACKED_LOT).verdict is Verdict.VERIFIED
    assert world.judged(build.OTHER_PACKED_LOT).verdict is Verdict.SUSPECT


def test_limits_cannot_be_moved_by_a_correction() -> None:
    world = World()
    harvest = world.record(limited(build.harvest()))
    amendment = build.harvest_amendment()
    amendment["silkroot:corrects"] = harvest.content_hash.hex()
    world.record(limited(amendment, maximum=30_000))
    world.record(measured(12, party=build.FARM))
    assert world.judged(LOT).verdict is Verdict.SUSPECT


def test_two_devices_are_two_series_and_the_worse_is_told(world: World) -> None:
    event = measured(4, 9, 4)
    (reports,) = (element["sensorReport"] for element in event["sensorElementList"])
    warmer = [one | {"value": 12, "deviceID": "urn:epc:id:giai:9520000.2"} for one in reports]
    event["sensorElementList"].append({"sensorReport": warmer})
    world.record(event)
    judgement = world.judged(LOT)
    assert len(climate(judgement, build.PACKING_HOUSE).own) == 2
    (reason,) = judgement.reasons
    assert reason.parameters["peak"] == 12_000


def test_an_error_declaration_takes_no_reading_back(world: World) -> None:
    warm = measured(12)
    world.record(warm)
    world.record(warm | {"errorDeclaration": {"declarationTime": "2026-08-06T12:00:00Z"}})
    judgement = world.judged(LOT)
    assert judgement.verdict is Verdict.SUSPECT
    assert climate(judgement, build.PACKING_HOUSE).own[0].summary.count == 1


def test_altered_bodies_break_nothing(world: World) -> None:
    world.record(measured(12))
    for body in ([], "x", None, {"sensorElementList": 7, "epcList": 7, "bizTransactionList": [3]}):
        world.change(world.events[-1].sequence, body=body)
        world.change(1, body=body)
        assert world.judged(LOT).verdict is Verdict.UNVERIFIED


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ({"epcClass": lot_uri(build.PACKED_LOT)}, "limits.lot"),
        ({"minimum": 9_000}, "limits.range"),
        ({"minimum": 1.5}, "limits.degrees"),
        ({"maximum": -273_151}, "limits.degrees"),
        ({"maximum": None}, "limits.degrees"),
        ({"tolerance": -1}, "limits.tolerance"),
        ({"tolerance": True}, "limits.tolerance"),
    ],
)
def test_limits_that_are_refused(line: JsonTree, rule: str) -> None:
    event = limited(build.harvest())
    event["silkroot:limits"][0] |= line
    with pytest.raises(InvalidEvent) as refusal:
        World().record(event)
    assert refusal.value.violations[0].rule == rule
