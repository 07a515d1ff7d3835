"""
The pears, the hub's own records and the recall as EPCIS 2.0 documents.

Pears: a co-operative pools what many growers bring (an intake with its roster) and merges it with an orchard's
harvest; one lot goes to Shanghai and is split into gift boxes, one leaves the cold store in November and is still
under way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from demo_season import cast
from demo_season.cast import (
    BEIJING,
    COOPERATIVE,
    GIFT_A,
    GIFT_B,
    GRAPES_A,
    GRAPES_B,
    GRAPES_C,
    GUANGZHOU,
    HUB,
    MELON_A,
    MELON_B,
    MELON_C,
    ORCHARD,
    PACKING_HOUSE,
    PEARS_A,
    PEARS_B,
    PEARS_C,
    PEARS_E3,
    PEARS_POOLED,
    PEARS_POOLED_LATE,
    PEARS_POOLED_NOW,
    SHANGHAI,
    at,
)  # fmt: skip
from ledger.domain import event_forms as forms
from ledger.domain.event_forms import Amount, RosterLine, Spot, When, transaction_urn
from ledger.domain.identifiers import Grams, LotRef, PartyId
from ledger.domain.records import JsonTree

_VILLAGES = ("Awat", "Xayar Road", "Tokum", "Yingxia", "Heshilik")


def pears() -> list[JsonTree]:
    """30-korla-pears.jsonld."""
    pooled = [1840, 1525, 2210, 960, 1375, 2050, 1190, 1645, 880, 1430, 1295, 1600]
    late = [2150, 1780, 1935, 2420, 1265, 1890, 2060, 1500]
    return [
        _intake(PEARS_POOLED, pooled, "2026-09-12T18:30"),
        forms.harvest(
            ORCHARD, _kilograms(PEARS_E3, 6000), _at("2026-09-14T09:00"), at(ORCHARD, "E3"),
            ilmd={"cbvmda:lotNumber": PEARS_E3.code, "cbvmda:harvestStartDate": "2026-09-14"},
        ),
        *_handoff(ORCHARD, COOPERATIVE, "LS-260914", [_kilograms(PEARS_E3, 6000)],
                  "2026-09-14T17:20", "2026-09-14T18:40"),
        _temperature(COOPERATIVE, [PEARS_POOLED, PEARS_E3], "2026-09-15T06:00", 0.8, "storing", "COLD-1"),
        # Merge: the growers' pool and the orchard's harvest become one packed lot.
        _packing([_kilograms(PEARS_POOLED, 18000), _kilograms(PEARS_E3, 6000)], _cases(PEARS_A, 2360),
                 "2026-09-16T10:00"),
        *_handoff(COOPERATIVE, HUB, "TL-260918", [_cases(PEARS_A, 2360)], "2026-09-18T20:00", "2026-09-19T05:30"),
        _inspection(HUB, [PEARS_A], "2026-09-19T08:00"),
        *_handoff(HUB, SHANGHAI, "URC-091901", [_cases(PEARS_A, 1400)], "2026-09-19T12:20", "2026-09-19T21:05"),
        *_handoff(HUB, BEIJING, "URC-091902", [_cases(PEARS_A, 960)], "2026-09-19T13:10", "2026-09-19T19:40"),
        _intake(PEARS_POOLED_LATE, late, "2026-10-03T18:00"),
        _temperature(COOPERATIVE, [PEARS_POOLED_LATE], "2026-10-04T06:00", 0.6, "storing", "COLD-1"),
        # Split: one pool becomes two packed lots, packed in October for the winter.
        forms.transformation(
            COOPERATIVE, [_kilograms(PEARS_POOLED_LATE, 15000)], [_cases(PEARS_B, 800), _cases(PEARS_C, 680)],
            _at("2026-10-05T10:30"), at(COOPERATIVE),
            extra={"silkroot:referenceDocument": {"type": "Packing Order", "number": "BZ-261005"}},
        ),
        *_handoff(COOPERATIVE, HUB, "TL-261008", [_cases(PEARS_C, 680)], "2026-10-08T20:00", "2026-10-09T05:10"),
        *_handoff(HUB, GUANGZHOU, "URC-100901", [_cases(PEARS_C, 680)], "2026-10-09T09:00", "2026-10-09T17:45"),
        _temperature(COOPERATIVE, [PEARS_B], "2026-11-10T06:00", 0.5, "storing", "COLD-1"),
        _shipping(COOPERATIVE, HUB, "TL-261121", [_cases(PEARS_B, 800)], "2026-11-21T20:30"),
    ]  # fmt: skip


def hub_and_cities() -> list[JsonTree]:
    """40-hub-and-cities.jsonld: what the hub and the buyers wrote down of melons, grapes and pears."""
    return [
        _temperature(HUB, [MELON_A], "2026-07-21T03:00", 5.6, "sensor_reporting"),
        _inspection(HUB, [MELON_A], "2026-07-21T06:30"),
        _loading(HUB, [MELON_A], "2026-07-21T08:50", "URC-PEK"),
        _inspection(BEIJING, [MELON_A], "2026-07-21T17:10"),
        forms.sale(BEIJING, [_cases(MELON_A, 420)], _at("2026-07-23T18:00"), at(BEIJING)),
        forms.sale(SHANGHAI, [_cases(MELON_A, 300)], _at("2026-07-24T20:00"), at(SHANGHAI, "SHOP-3")),
        _inspection(HUB, [MELON_B, MELON_C], "2026-08-07T04:00"),
        forms.sale(GUANGZHOU, [_cases(MELON_B, 260)], _at("2026-08-09T19:30"), at(GUANGZHOU)),
        _temperature(HUB, [GRAPES_A], "2026-08-13T02:00", 1.6, "sensor_reporting"),
        forms.sale(GUANGZHOU, [_cases(GRAPES_A, 900)], _at("2026-08-15T20:00"), at(GUANGZHOU)),
        _inspection(BEIJING, [GRAPES_B], "2026-08-21T16:00"),
        forms.disposal(BEIJING, [_cases(GRAPES_B, 24)], _at("2026-08-25T09:00"), at(BEIJING)),
        _temperature(HUB, [GRAPES_C], "2026-09-06T02:00", 1.5, "storing"),
        # A split in Shanghai: cases become gift boxes of the buyer's own, in two lots.
        forms.transformation(
            SHANGHAI, [_cases(PEARS_A, 500)], [_cases(GIFT_A, 1200), _cases(GIFT_B, 780)], _at("2026-09-21T10:00"),
            at(SHANGHAI), biz_step="repackaging",
            extra={"silkroot:referenceDocument": {"type": "Re-pack Order", "number": "RP-0921"}},
        ),
        forms.sale(SHANGHAI, [_cases(GIFT_A, 640)], _at("2026-09-28T21:00"), at(SHANGHAI, "SHOP-3")),
        forms.sale(BEIJING, [_cases(PEARS_A, 310)], _at("2026-09-30T18:30"), at(BEIJING)),
    ]  # fmt: skip


def recall() -> list[JsonTree]:
    """50-recall.jsonld: the packing house calls one melon lot back; Shanghai destroys what it holds of it."""
    reason = {"silkroot:reason": {"en": "Residue above the limit in a retained sample", "zh": "留样检测农药残留超标"}}
    return [
        forms.sale(SHANGHAI, [_cases(MELON_C, 60)], _at("2026-08-08T20:00"), at(SHANGHAI, "SHOP-3")),
        forms.recall(PACKING_HOUSE, MELON_C, _at("2026-08-09T11:20"), extra=reason),
        forms.disposal(SHANGHAI, [_cases(MELON_C, 390)], _at("2026-08-10T15:00"), at(SHANGHAI)),
    ]


def pending() -> list[JsonTree]:
    """60-pending.jsonld: the co-operative's last intake, registered just now."""
    return [_intake(PEARS_POOLED_NOW, [640, 815, 720, 590], "2026-11-22T17:40")]


def _at(time: str) -> When:
    """A minute in Beijing time, which all of China keeps."""
    return When(f"{time}:00+08:00")


def _kilograms(lot: LotRef, kilograms: int) -> Amount:
    return Amount(lot, Grams(kilograms * 1000))


def _cases(lot: LotRef, count: int) -> Amount:
    return Amount(lot, Grams(count * cast.NET_GRAMS[lot.product]), count)


def _intake(lot: LotRef, deliveries: Sequence[int], time: str) -> JsonTree:
    """Growers are roster codes with a village; `deliveries` in kilograms."""
    roster = [
        RosterLine(
            f"G{number:03d}", _VILLAGES[number % len(_VILLAGES)], Grams(kilograms * 1000), f"{lot.code}-{number:02d}"
        )
        for number, kilograms in enumerate(deliveries, 1)
    ]
    return forms.intake(COOPERATIVE, _kilograms(lot, sum(deliveries)), _at(time), at(COOPERATIVE), roster)


def _packing(inputs: Sequence[Amount], output: Amount, time: str) -> JsonTree:
    return forms.transformation(
        COOPERATIVE, inputs, [output], _at(time), at(COOPERATIVE), ilmd={"cbvmda:lotNumber": output.lot.code}
    )


def _shipping(start: PartyId, end: PartyId, number: str, manifest: Sequence[Amount], time: str) -> JsonTree:
    return forms.shipping(start, end, transaction_urn(start, number), manifest, _at(time), at(start))


def _handoff(
    start: PartyId, end: PartyId, number: str, manifest: Sequence[Amount], sent: str, received: str
) -> list[JsonTree]:
    return [
        _shipping(start, end, number, manifest, sent),
        forms.receiving(end, start, transaction_urn(start, number), manifest, _at(received), at(end)),
    ]


def _temperature(
    party: PartyId, lots: Sequence[LotRef], time: str, celsius: float, step: str, extension: str = ""
) -> JsonTree:
    reading = {
        "sensorMetadata": {"time": _at(time).time},
        "sensorReport": [{"type": "Temperature", "value": celsius, "uom": "CEL"}],
    }
    where = Spot(party, extension)
    return forms.statement(party, step, lots, _at(time), where, extra={"sensorElementList": [reading]})


def _inspection(party: PartyId, lots: Sequence[LotRef], time: str) -> JsonTree:
    return forms.statement(party, "inspecting", lots, _at(time), at(party), disposition="conformant")


def _loading(party: PartyId, lots: Sequence[LotRef], time: str, leg: str) -> JsonTree:
    extra: dict[str, Any] = {"silkroot:leg": leg}
    return forms.statement(party, "loading", lots, _at(time), at(party), disposition="in_progress", extra=extra)
