"""
Hami melons: the co-operative of Naomaohu and one farm; East Tianshan packs; four weeks of July to September.

Merges (a co-operative's and a farm's fruit in one lot), splits (boxes and gift boxes of one harvest), culls and loss.
Some trucks are the carrier's, who signs; the others only have the haulier's name on the waybill.
"""

from __future__ import annotations

from demo_season.cast import BEIJING, CARRIER, EAST_TIANSHAN, FARM, GUANGZHOU, HUB, MELON_COOP, SHANGHAI
from demo_season.facts import Handoff, Harvest, Intake, Packing, Story, Temperature, deliveries

HAULIER = "丝路快运 新L·A2087挂"
_VILLAGES = ("淖毛湖镇一队", "淖毛湖镇二队", "淖毛湖镇三队", "淖毛湖农场")


def story() -> Story:
    """All of it."""
    return Story(_intakes(), _harvests(), _packings(), [*_to_packing(), *_trucks(), *_flights()], _temperatures())


def _bought(code: str, time: str, growers: int, kilograms: int) -> Intake:
    return Intake(MELON_COOP, code, time, deliveries(code, "N", _VILLAGES, growers, kilograms))


def _intakes() -> list[Intake]:
    return [
        _bought("MH-260720", "07-20T19:30", 10, 12400),
        _bought("MH-260721", "07-21T19:40", 9, 11150),
        _bought("MH-260722", "07-22T19:10", 8, 9300),
        _bought("MH-260804", "08-04T19:20", 9, 10900),
        _bought("MH-260805", "08-05T19:30", 10, 11700),
        _bought("MY-260805", "08-05T20:00", 6, 7600),
        _bought("MH-260806", "08-06T19:15", 8, 8450),
        _bought("MY-260818", "08-18T19:00", 6, 6900),
        _bought("MH-260819", "08-19T19:20", 9, 9800),
        _bought("MH-260912", "09-12T18:40", 7, 6800),
    ]


def _harvests() -> list[Harvest]:
    return [
        Harvest(FARM, "JT-260721-A1", "07-21T07:10", "A1", 6200),
        Harvest(FARM, "JT-260723-A2", "07-23T06:50", "A2", 5100),
        Harvest(FARM, "JT-260805-B1", "08-05T06:45", "B1", 4900),
        Harvest(FARM, "JT-260820-A1", "08-20T07:20", "A1", 5600),
        Harvest(FARM, "JT-260821-A2", "08-21T07:15", "A2", 4800),
    ]


def _to_packing() -> list[Handoff]:
    """From the fields of Naomaohu to Hami: four hours over the desert road at night."""
    runs = (
        (MELON_COOP, "MH-260720", 12400, "07-20T21:00", "07-21T01:10"),
        (MELON_COOP, "MH-260721", 11150, "07-21T21:10", "07-22T01:30"),
        (FARM, "JT-260721-A1", 6200, "07-21T20:00", "07-22T00:05"),
        (MELON_COOP, "MH-260722", 9300, "07-22T20:40", "07-23T00:50"),
        (FARM, "JT-260723-A2", 5100, "07-23T19:30", "07-23T23:40"),
        (MELON_COOP, "MH-260804", 10900, "08-04T21:00", "08-05T01:15"),
        (FARM, "JT-260805-B1", 4900, "08-05T20:10", "08-06T00:20"),
        (MELON_COOP, "MY-260805", 7600, "08-05T21:30", "08-06T01:40"),
        (MELON_COOP, "MH-260805", 11700, "08-05T21:20", "08-06T01:25"),
        (MELON_COOP, "MH-260806", 8450, "08-06T20:50", "08-07T01:00"),
        (MELON_COOP, "MY-260818", 6900, "08-18T20:30", "08-19T00:45"),
        (MELON_COOP, "MH-260819", 9800, "08-19T21:00", "08-20T01:10"),
        (FARM, "JT-260820-A1", 5600, "08-20T19:40", "08-20T23:50"),
        (FARM, "JT-260821-A2", 4800, "08-21T19:30", "08-21T23:45"),
        (MELON_COOP, "MH-260912", 6800, "09-12T20:10", "09-13T00:20"),
    )
    return [
        Handoff(f"{'NMH' if party == MELON_COOP else 'JT'}-{code[3:]}-{code[:2]}", party, EAST_TIANSHAN,
                [(code, kilograms)], sent, received, "" if party == FARM else HAULIER)
        for party, code, kilograms, sent, received in runs
    ]  # fmt: skip


def _packings() -> list[Packing]:
    orders = (
        ("PO-0721", "07-21T10:00", [("MH-260720", 12400)], [("HM0721A", 2380)], 310, 190),
        # A merge: the co-operative's growers and the farm.
        ("PO-0722", "07-22T10:30", [("MH-260721", 11150), ("JT-260721-A1", 6200)], [("HM0722A", 3300)], 560, 290),
        # A split: boxes of two, and the finest alone in gift boxes.
        ("PO-0723", "07-23T10:00", [("MH-260722", 9300)], [("HM0723A", 1200), ("HS0723B", 1180)], 240, 110),
        ("PO-0724", "07-24T09:30", [("JT-260723-A2", 5100)], [("HS0724A", 1960)], 130, 70),
        ("PO-0805", "08-05T10:00", [("MH-260804", 10900)], [("HM0805A", 2080)], 340, 160),
        # Merge and split in one order.
        (
            "PO-0806",
            "08-06T10:00",
            [("MH-260805", 11700), ("JT-260805-B1", 4900)],
            [("HM0806A", 2000), ("HS0806B", 2300)],
            580,
            270,
        ),
        ("PO-0807", "08-07T09:40", [("MH-260806", 8450)], [("HM0807A", 1610)], 270, 130),
        ("PO-0807-Y", "08-07T14:20", [("MY-260805", 7600)], [("HY0807B", 1440)], 260, 140),
        ("PO-0820", "08-20T15:00", [("MY-260818", 6900)], [("HY0820A", 1310)], 230, 120),
        ("PO-0821", "08-21T10:00", [("MH-260819", 9800), ("JT-260820-A1", 5600)], [("HM0821A", 2940)], 460, 240),
        ("PO-0822", "08-22T09:30", [("JT-260821-A2", 4800)], [("HS0822A", 1840)], 130, 70),
        ("PO-0913", "09-13T10:00", [("MH-260912", 6800)], [("HM0913A", 1290)], 230, 120),
    )
    return [Packing(EAST_TIANSHAN, *order) for order in orders]


def _trucks() -> list[Handoff]:
    """Hami to the airport at Ürümqi, 600 km."""
    by_carrier = (
        ("HM-0723-1", "TS-0724-1", [("HM0721A", 2380), ("HM0722A", 3300)],
         "07-23T20:10", "07-23T20:40", "07-24T04:10", "07-24T04:35"),
        ("HM-0807-1", "TS-0808-1", [("HM0805A", 2080), ("HM0806A", 2000), ("HS0806B", 2300)],
         "08-07T19:30", "08-07T20:05", "08-08T03:40", "08-08T04:10"),
        ("HM-0822-1", "TS-0823-1", [("HY0820A", 1310), ("HM0821A", 2940), ("HS0822A", 1840)],
         "08-22T19:50", "08-22T20:20", "08-23T03:50", "08-23T04:20"),
    )  # fmt: skip
    signed = [
        handoff
        for first, second, lines, loaded, taken, unloaded, received in by_carrier
        for handoff in (
            Handoff(first, EAST_TIANSHAN, CARRIER, lines, loaded, taken),
            Handoff(second, CARRIER, HUB, lines, unloaded, received),
        )
    ]
    return [
        *signed,
        Handoff("HM-0724-1", EAST_TIANSHAN, HUB, [("HM0723A", 1200), ("HS0723B", 1180), ("HS0724A", 1960)],
                "07-24T20:30", "07-25T05:10", HAULIER),
        Handoff("HM-0808-1", EAST_TIANSHAN, HUB, [("HM0807A", 1610), ("HY0807B", 1440)],
                "08-08T19:40", "08-09T04:30", HAULIER),
        Handoff("HM-0914-1", EAST_TIANSHAN, HUB, [("HM0913A", 1290)], "09-14T19:20", "09-15T03:50", HAULIER),
    ]  # fmt: skip


def _flights() -> list[Handoff]:
    flights = (
        ("URC-0724-PEK", BEIJING, [("HM0721A", 1500), ("HM0722A", 1800)], "07-24T09:15", "07-24T16:30"),
        ("URC-0724-SHA", SHANGHAI, [("HM0721A", 880), ("HM0722A", 1500)], "07-24T11:40", "07-24T20:10"),
        ("URC-0725-CAN", GUANGZHOU, [("HM0723A", 1200), ("HS0723B", 600)], "07-25T08:20", "07-25T17:40"),
        ("URC-0725-PEK", BEIJING, [("HS0723B", 580), ("HS0724A", 1960)], "07-25T09:20", "07-25T16:50"),
        ("URC-0808-CAN", GUANGZHOU, [("HM0805A", 2080)], "08-08T08:30", "08-08T17:30"),
        ("URC-0808-SHA", SHANGHAI, [("HM0806A", 2000), ("HS0806B", 1100)], "08-08T11:30", "08-08T20:05"),
        ("URC-0808-PEK", BEIJING, [("HS0806B", 1200)], "08-08T09:10", "08-08T16:20"),
        ("URC-0809-CAN", GUANGZHOU, [("HY0807B", 1440)], "08-09T12:50", "08-09T22:15"),
        ("URC-0809-SHA", SHANGHAI, [("HM0807A", 1610)], "08-09T11:35", "08-09T20:20"),
        ("URC-0823-PEK", BEIJING, [("HM0821A", 1700), ("HY0820A", 700)], "08-23T09:10", "08-23T16:25"),
        ("URC-0823-SHA", SHANGHAI, [("HM0821A", 1240), ("HS0822A", 1840)], "08-23T11:40", "08-23T20:15"),
        ("URC-0823-CAN", GUANGZHOU, [("HY0820A", 610)], "08-23T08:25", "08-23T17:20"),
        ("URC-0915-PEK", BEIJING, [("HM0913A", 1290)], "09-15T09:15", "09-15T16:35"),
    )
    return [Handoff(reference, HUB, city, lines, sent, received) for reference, city, lines, sent, received in flights]


def _temperatures() -> list[Temperature]:
    cold = "COLD-1"
    return [
        Temperature(EAST_TIANSHAN, "07-21T20:00", ["HM0721A"], 5.1, cold),
        Temperature(EAST_TIANSHAN, "07-22T20:00", ["HM0721A", "HM0722A"], 4.8, cold),
        Temperature(EAST_TIANSHAN, "07-23T20:30", ["HM0723A", "HS0723B"], 5.0, cold),
        Temperature(EAST_TIANSHAN, "08-06T20:00", ["HM0805A", "HM0806A", "HS0806B"], 5.3, cold),
        Temperature(EAST_TIANSHAN, "08-07T20:30", ["HM0807A", "HY0807B"], 5.2, cold),
        Temperature(EAST_TIANSHAN, "08-21T20:00", ["HY0820A", "HM0821A"], 4.9, cold),
        Temperature(EAST_TIANSHAN, "09-13T20:00", ["HM0913A"], 4.7, cold),
        Temperature(CARRIER, "07-23T23:00", ["HM0721A", "HM0722A"], 5.4),
        Temperature(CARRIER, "07-24T02:30", ["HM0721A", "HM0722A"], 5.8),
        Temperature(CARRIER, "08-08T00:00", ["HM0805A", "HM0806A", "HS0806B"], 5.6),
        Temperature(CARRIER, "08-23T00:30", ["HY0820A", "HM0821A", "HS0822A"], 5.5),
        Temperature(HUB, "07-24T05:30", ["HM0721A", "HM0722A"], 5.7),
        Temperature(HUB, "07-25T06:00", ["HM0723A", "HS0723B", "HS0724A"], 6.1),
        Temperature(HUB, "08-08T05:00", ["HM0805A", "HM0806A", "HS0806B"], 5.9),
        Temperature(HUB, "08-09T05:20", ["HM0807A", "HY0807B"], 6.0),
        Temperature(HUB, "08-23T05:10", ["HY0820A", "HM0821A", "HS0822A"], 5.8),
        Temperature(HUB, "09-15T04:40", ["HM0913A"], 5.5),
        # The container stood on the apron in the sun for hours: Guangzhou destroys the lot.
        Temperature(GUANGZHOU, "08-09T22:40", ["HY0807B"], 21.4),
    ]
