"""
Korla pears: the co-operative on the Tarim buys, packs and stores; one orchard sells to it; September to November. Three
packed lots lie in its cold store still, in whole or in part, one left yesterday and is under way, and the last pool was
bought today. What October's and November's trucks and a flight came to, where they did not arrive as they left, stands
in disputes.py.
"""

from __future__ import annotations

from demo_season.cast import BEIJING, CARRIER, GUANGZHOU, HUB, ORCHARD, PEAR_COOP, SHANGHAI
from demo_season.facts import Handoff, Harvest, Intake, Packing, Story, Temperature, deliveries

HAULIER = "丝路快运 新M·27714"
COLD_STORE = "COLD-1"
_VILLAGES = ("阿瓦提乡", "英下乡", "和什力克乡", "上户镇")


def story() -> Story:
    """All of it but the pool of today."""
    return Story(_intakes(), _harvests(), _packings(), [*_to_packing(), *_trucks(), *_flights()], _temperatures())


def pending() -> Story:
    """The last pool, which stands alone in its file."""
    return Story(intakes=[_bought("SG-261122", "11-22T17:40", 4, 2765)])


def _bought(code: str, time: str, growers: int, kilograms: int) -> Intake:
    return Intake(PEAR_COOP, code, time, deliveries(code, "K", _VILLAGES, growers, kilograms))


def _intakes() -> list[Intake]:
    return [
        _bought("SG-260910", "09-10T18:30", 10, 9600),
        _bought("SG-260911", "09-11T18:20", 9, 8700),
        _bought("SG-260912", "09-12T18:40", 10, 9300),
        _bought("SG-260915", "09-15T18:30", 11, 10200),
        _bought("SG-261003", "10-03T18:00", 12, 15000),
        _bought("SG-261018", "10-18T17:50", 11, 14400),
    ]


def _harvests() -> list[Harvest]:
    return [
        Harvest(ORCHARD, "E3-260914", "09-14T09:00", "E3", 6000),
        Harvest(ORCHARD, "E5-260916", "09-16T09:10", "E5", 5400),
        Harvest(ORCHARD, "E3-261002", "10-02T09:30", "E3", 4200),
    ]


def _to_packing() -> list[Handoff]:
    runs = (
        ("E3-260914", 6000, "09-14T17:20", "09-14T18:40"),
        ("E5-260916", 5400, "09-16T17:10", "09-16T18:25"),
        ("E3-261002", 4200, "10-02T17:00", "10-02T18:10"),
    )
    return [
        Handoff(f"LS-{code[3:]}", ORCHARD, PEAR_COOP, [(code, kilograms)], sent, received)
        for code, kilograms, sent, received in runs
    ]


def _packings() -> list[Packing]:
    orders = (
        ("KO-0912", "09-12T09:30", [("SG-260910", 9600), ("SG-260911", 8700)], [("KP0912A", 1780)], 380, 120),
        ("KO-0915", "09-15T09:40", [("SG-260912", 9300), ("E3-260914", 6000)], [("KP0915A", 1490)], 290, 110),
        ("KO-0917", "09-17T09:30", [("SG-260915", 10200), ("E5-260916", 5400)],
         [("KP0917A", 900), ("KP0917B", 620)], 280, 120),
        ("KO-1005", "10-05T10:30", [("SG-261003", 15000)], [("KP1005A", 800), ("KP1005B", 660)], 290, 110),
        ("KO-1006", "10-06T10:00", [("E3-261002", 4200)], [("KP1006A", 408)], 90, 30),
        ("KO-1020", "10-20T10:00", [("SG-261018", 14400)],
         [("KP1020A", 700), ("KP1020B", 380), ("KP1020C", 310)], 350, 150),
    )  # fmt: skip
    return [Packing(PEAR_COOP, *order) for order in orders]


def _trucks() -> list[Handoff]:
    """Korla to the airport at Ürümqi, 470 km over the Tianshan."""
    return [
        Handoff("TL-0913-1", PEAR_COOP, CARRIER, [("KP0912A", 1780)], "09-13T19:40", "09-13T20:05"),
        Handoff("TS-0914-1", CARRIER, HUB, [("KP0912A", 1780)], "09-14T04:20", "09-14T04:45"),
        Handoff(
            "TL-0918-1", PEAR_COOP, HUB, [("KP0915A", 1490), ("KP0917A", 900)], "09-18T20:00", "09-19T05:30", HAULIER
        ),
        Handoff("TL-1008-1", PEAR_COOP, HUB, [("KP1005B", 660)], "10-08T20:00", "10-09T05:10", HAULIER),
        Handoff("TL-1022-1", PEAR_COOP, HUB, [("KP1020A", 400)], "10-22T20:00", "", HAULIER),
        Handoff("TL-1022-2", PEAR_COOP, HUB, [("KP1020B", 380)], "10-22T20:20", "10-23T05:40", HAULIER),
        Handoff("TL-1024-1", PEAR_COOP, HUB, [("KP0917B", 300)], "10-24T20:10", "", HAULIER),
        Handoff("TL-1112-1", PEAR_COOP, HUB, [("KP1006A", 150)], "11-12T19:50", "", HAULIER),
        Handoff("TL-1121-1", PEAR_COOP, HUB, [("KP1005A", 800)], "11-21T20:30", "", HAULIER),
    ]


def _flights() -> list[Handoff]:
    flights = (
        ("URC-0914-SHA", SHANGHAI, [("KP0912A", 1000)], "09-14T12:20", "09-14T21:05"),
        ("URC-0914-PEK", BEIJING, [("KP0912A", 780)], "09-14T10:10", "09-14T17:20"),
        ("URC-0919-PEK", BEIJING, [("KP0915A", 1490)], "09-19T13:10", "09-19T19:40"),
        ("URC-0919-CAN", GUANGZHOU, [("KP0917A", 900)], "09-19T12:30", "09-19T21:50"),
        ("URC-1009-CAN", GUANGZHOU, [("KP1005B", 660)], "10-09T09:00", "10-09T17:45"),
        ("URC-1023-PEK", BEIJING, [("KP1020B", 380)], "10-23T09:10", ""),
    )
    return [Handoff(reference, HUB, city, lines, sent, received) for reference, city, lines, sent, received in flights]


def _temperatures() -> list[Temperature]:
    return [
        Temperature(PEAR_COOP, "09-12T06:00", ["SG-260910", "SG-260911"], 1.2, COLD_STORE),
        Temperature(PEAR_COOP, "09-13T06:00", ["KP0912A", "SG-260912"], 0.8, COLD_STORE),
        Temperature(PEAR_COOP, "09-17T06:00", ["KP0915A", "SG-260915", "E5-260916"], 0.9, COLD_STORE),
        Temperature(PEAR_COOP, "10-07T06:00", ["KP1005A", "KP1005B", "KP1006A", "KP0917B"], 0.6, COLD_STORE),
        Temperature(PEAR_COOP, "11-10T06:00", ["KP1005A", "KP1006A", "KP0917B"], 0.5, COLD_STORE),
        Temperature(CARRIER, "09-14T00:00", ["KP0912A"], 1.4),
        Temperature(HUB, "09-14T05:30", ["KP0912A"], 1.5),
        Temperature(HUB, "09-19T06:20", ["KP0915A", "KP0917A"], 1.3),
        Temperature(HUB, "10-09T06:00", ["KP1005B"], 1.2),
        Temperature(HUB, "10-23T06:20", ["KP1020B"], 1.6),
        # The cooling of the lorry from the airport had failed: Beijing refuses the lot.
        Temperature(BEIJING, "10-23T17:05", ["KP1020B"], 13.8),
    ]
