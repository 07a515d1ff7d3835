"""
Turpan grapes: the co-operative of the Grape Valley and one vineyard; Silk Road packs; three weeks of August and
September. The pool PT-260812 is recalled later: two packed lots and two of gift boxes come of it.
"""

from __future__ import annotations

from demo_season.cast import BEIJING, CARRIER, GRAPE_COOP, GUANGZHOU, HUB, SHANGHAI, SILK_ROAD, VINEYARD
from demo_season.facts import Handoff, Harvest, Intake, Packing, Story, Temperature, deliveries

HAULIER = "丝路快运 新K·61530"
_VILLAGES = ("بۇيلۇق", "ئۈزۈم يېزىسى 1-مەھەللە", "ئۈزۈم يېزىسى 2-مەھەللە")
"""The co-operative keeps its books in Uyghur."""


def story() -> Story:
    """All of it."""
    return Story(_intakes(), _harvests(), _packings(), [*_to_packing(), *_trucks(), *_flights()], _temperatures())


def _bought(code: str, time: str, growers: int, kilograms: int) -> Intake:
    return Intake(GRAPE_COOP, code, time, deliveries(code, "P", _VILLAGES, growers, kilograms))


def _intakes() -> list[Intake]:
    return [
        _bought("PT-260812", "08-12T10:20", 9, 5200),
        _bought("PT-260813", "08-13T10:30", 8, 4700),
        _bought("PT-260820", "08-20T10:25", 7, 3900),
        _bought("PT-260821", "08-21T10:15", 8, 4400),
        _bought("PT-260902", "09-02T10:40", 7, 3600),
        _bought("PT-260903", "09-03T10:30", 6, 3100),
    ]


def _harvests() -> list[Harvest]:
    return [
        Harvest(VINEYARD, "VY-260812-07", "08-12T06:00", "V-07", 3200),
        Harvest(VINEYARD, "VY-260820-12", "08-20T06:10", "V-12", 2800),
        Harvest(VINEYARD, "VY-260904-12", "09-04T06:40", "V-12", 2100),
    ]


def _to_packing() -> list[Handoff]:
    runs = (
        (GRAPE_COOP, "PT-260812", 5200, "08-12T11:30", "08-12T12:10"),
        (VINEYARD, "VY-260812-07", 3200, "08-12T10:30", "08-12T11:15"),
        (GRAPE_COOP, "PT-260813", 4700, "08-13T11:40", "08-13T12:25"),
        (GRAPE_COOP, "PT-260820", 3900, "08-20T11:35", "08-20T12:20"),
        (VINEYARD, "VY-260820-12", 2800, "08-20T10:40", "08-20T11:25"),
        (GRAPE_COOP, "PT-260821", 4400, "08-21T11:20", "08-21T12:00"),
        (GRAPE_COOP, "PT-260902", 3600, "09-02T11:50", "09-02T12:35"),
        (GRAPE_COOP, "PT-260903", 3100, "09-03T11:40", "09-03T12:25"),
        (VINEYARD, "VY-260904-12", 2100, "09-04T11:00", "09-04T11:45"),
    )
    return [
        Handoff(f"{'PTG' if party == GRAPE_COOP else 'HYS'}-{code[3:]}", party, SILK_ROAD, [(code, kilograms)], sent,
                received)
        for party, code, kilograms, sent, received in runs
    ]  # fmt: skip


def _packings() -> list[Packing]:
    orders = (
        ("GO-0812", "08-12T14:30", [("PT-260812", 5200)], [("WG0812A", 1500), ("WC0812B", 400)], 140, 60),
        ("GO-0812-V", "08-12T16:40", [("VY-260812-07", 3200)], [("WG0812C", 1540)], 80, 40),
        ("GO-0813", "08-13T14:40", [("PT-260813", 4700)], [("WG0813A", 2260)], 120, 60),
        ("GO-0820-V", "08-20T15:10", [("VY-260820-12", 2800)], [("WG0820B", 1350)], 70, 30),
        ("GO-0821", "08-21T14:50", [("PT-260820", 3900), ("PT-260821", 4400)], [("WC0821A", 1600)], 200, 100),
        ("GO-0902", "09-02T15:00", [("PT-260902", 3600)], [("WG0902A", 1740)], 80, 40),
        ("GO-0904", "09-04T14:30", [("PT-260903", 3100), ("VY-260904-12", 2100)], [("WC0904A", 1000)], 140, 60),
    )
    return [Packing(SILK_ROAD, *order) for order in orders]


def _trucks() -> list[Handoff]:
    """Turpan to the airport at Ürümqi, 190 km."""
    by_carrier = (
        ("SL-0812-1", "TS-0813-1", [("WG0812A", 1500), ("WC0812B", 400), ("WG0812C", 1540)],
         "08-12T21:00", "08-12T21:25", "08-13T00:30", "08-13T00:50"),
        ("SL-0904-1", "TS-0905-1", [("WG0902A", 1740), ("WC0904A", 1000)],
         "09-04T20:40", "09-04T21:05", "09-05T00:10", "09-05T00:35"),
    )  # fmt: skip
    signed = [
        handoff
        for first, second, lines, loaded, taken, unloaded, received in by_carrier
        for handoff in (
            Handoff(first, SILK_ROAD, CARRIER, lines, loaded, taken),
            Handoff(second, CARRIER, HUB, lines, unloaded, received),
        )
    ]
    return [
        *signed,
        Handoff("SL-0813-1", SILK_ROAD, HUB, [("WG0813A", 2260)], "08-13T20:50", "08-14T00:20", HAULIER),
        Handoff("SL-0820-1", SILK_ROAD, HUB, [("WG0820B", 1350)], "08-20T21:10", "08-21T00:45", HAULIER),
        Handoff("SL-0821-1", SILK_ROAD, HUB, [("WC0821A", 1600)], "08-21T21:00", "08-22T00:30", HAULIER),
    ]


def _flights() -> list[Handoff]:
    flights = (
        ("URC-0813-SHA", SHANGHAI, [("WG0812A", 1500)], "08-13T11:30", "08-13T19:50"),
        ("URC-0813-CAN", GUANGZHOU, [("WC0812B", 400), ("WG0812C", 1540)], "08-13T08:10", "08-13T17:00"),
        ("URC-0814-PEK", BEIJING, [("WG0813A", 2260)], "08-14T09:05", "08-14T16:10"),
        ("URC-0821-PEK", BEIJING, [("WG0820B", 1350)], "08-21T09:10", "08-21T16:20"),
        ("URC-0822-SHA", SHANGHAI, [("WC0821A", 900)], "08-22T11:35", "08-22T20:00"),
        ("URC-0822-CAN", GUANGZHOU, [("WC0821A", 700)], "08-22T08:20", "08-22T17:10"),
        ("URC-0905-PEK", BEIJING, [("WC0904A", 1000)], "09-05T09:10", "09-05T16:15"),
        # Arrives in two parts: see disputes.py.
        ("URC-0913-CAN", GUANGZHOU, [("WG0902A", 900)], "09-13T08:20", ""),
    )
    return [Handoff(reference, HUB, city, lines, sent, received) for reference, city, lines, sent, received in flights]


def _temperatures() -> list[Temperature]:
    return [
        Temperature(SILK_ROAD, "08-12T20:00", ["WG0812A", "WC0812B", "WG0812C"], 0.8),
        Temperature(SILK_ROAD, "08-13T19:50", ["WG0813A"], 0.6),
        Temperature(SILK_ROAD, "08-20T20:00", ["WG0820B"], 0.9),
        Temperature(SILK_ROAD, "08-21T20:00", ["WC0821A"], 0.7),
        Temperature(SILK_ROAD, "09-03T20:00", ["WG0902A"], 0.4),
        Temperature(CARRIER, "08-12T23:00", ["WG0812A", "WC0812B", "WG0812C"], 1.2),
        Temperature(CARRIER, "09-04T22:40", ["WG0902A", "WC0904A"], 1.1),
        Temperature(HUB, "08-13T02:00", ["WG0812A", "WC0812B", "WG0812C"], 1.6),
        Temperature(HUB, "08-14T02:00", ["WG0813A"], 1.4),
        Temperature(HUB, "08-21T02:00", ["WG0820B"], 1.5),
        Temperature(HUB, "08-22T02:00", ["WC0821A"], 1.3),
        Temperature(HUB, "09-05T02:00", ["WG0902A", "WC0904A"], 1.2),
        Temperature(HUB, "09-12T02:00", ["WG0902A"], 0.9),
    ]
