"""Lots that were too warm on their way to the packing house: one inspected before that was recorded, one after."""

from __future__ import annotations

import event_builders as build

from ledger.domain.content_hash import content_hash
from ledger.domain.digital_link import lot_uri
from ledger.domain.event_forms import When
from ledger.domain.identifiers import LotRef, PartyId
from ledger.domain.records import JsonTree
from ledger.domain.sensors.legs import LegEvent, stated_leg

MORNING = When("2026-08-06T08:00:00.000+08:00")


def measured(party: PartyId, lot: LotRef, *degrees: float, reference: str) -> JsonTree:
    """A logger's readings in °C every ten minutes, of the lot in that consignment."""
    reports = [
        {"type": "Temperature", "value": value, "uom": "CEL", "time": f"2026-08-05T14:{10 * number:02d}:00+08:00"}
        for number, value in enumerate(degrees)
    ]
    element = {"sensorMetadata": {"deviceID": "urn:epc:id:giai:9520000.LOGGER7"}, "sensorReport": reports}
    event = build.inspection(party=party, lots=[lot], when=MORNING, where=build.PACKING_LINE)
    return event | {"bizStep": "sensor_reporting", "sensorElementList": [element], "epcList": [reference]}


def legged_way(lot: LotRef, reference: str) -> list[JsonTree]:
    """The lot stayed cold, and the receipt commits to what was measured on the way."""
    way = {"reference": reference, "manifest": [build.amount(lot)]}
    readings = measured(build.CARRIER, lot, 5, 6.5, 4, reference=reference)
    stated = stated_leg([LegEvent(content_hash(readings), build.CARRIER, readings)], None)
    assert stated is not None
    receipt = build.receiving(**way) | {"silkroot:leg": [{"epcClass": lot_uri(lot), **stated}]}
    return [build.harvest(lot=lot), build.shipping(**way), readings, receipt]


def warm_way(lot: LotRef, reference: str, *, inspected_after: bool) -> list[JsonTree]:
    """The lot may have 2 to 8 °C and had 12 for twenty minutes; the packing house inspects it, and measures it."""
    limits = [{"epcClass": lot_uri(lot), "minimum": 2_000, "maximum": 8_000, "tolerance": 30}]
    way = {"reference": reference, "manifest": [build.amount(lot)]}
    inspection = build.inspection(
        party=build.PACKING_HOUSE, lots=[lot], when=MORNING, where=build.PACKING_LINE, disposition="conformant"
    )
    readings = measured(build.PACKING_HOUSE, lot, 5, 12, 12, 6, reference=reference)
    # A security screening afterwards looks for something else, and closes nothing.
    screening = inspection | {"silkroot:airLeg": {"step": "screening", "result": "passed"}}
    statements = [readings, inspection] if inspected_after else [inspection, readings, screening]
    return [
        build.harvest(lot=lot) | {"silkroot:limits": limits},
        build.shipping(**way),
        build.receiving(**way),
        *statements,
    ]
