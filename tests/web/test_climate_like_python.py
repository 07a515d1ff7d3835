"""Two readers, one temperature: whatever an event reports, the verifier in TypeScript makes of it what Python does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import event_builders as build
from event_mutations import ODD
from hypothesis import strategies as st
from shared_answers import drawn
from web_library import ask

from ledger.domain.digital_link import lot_uri
from ledger.domain.json_tree import parse_json_object
from ledger.domain.sensors.limits import limits_of
from ledger.domain.sensors.reports import readable_reports
from ledger.domain.sensors.series import Point, held, merged
from ledger.domain.sensors.units import Kind

LOT = build.HARVEST_LOT
URI = lot_uri(LOT)
TIMES = st.integers(0, 400).map(
    lambda minute: f"2026-08-05T{minute // 60:02d}:{minute % 60:02d}:00.{minute % 7}{'Z' if minute % 2 else '+08:00'}"
)
DEGREES = (
    st.integers(-40_000, 60_000).map(lambda value: value / 1000)
    | st.integers(-300, 1200)
    | st.floats(-1e4, 1e4)
    | st.floats(-9e15, 9e15)
)


def rarely(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The strategy, and now and then something else."""
    return st.integers(0, 19).flatmap(lambda dice: st.sampled_from(ODD) if dice == 13 else strategy)


REPORTS = st.fixed_dictionaries(
    {"type": rarely(st.sampled_from(["Temperature", "gs1:Temperature", "https://gs1.org/voc/Temperature", "Speed"])),
     "uom": rarely(st.sampled_from(["CEL", "CEL", "FAH", "KEL"]))},
    optional={"value": rarely(DEGREES), "minValue": DEGREES, "maxValue": DEGREES, "meanValue": DEGREES,
              "time": rarely(TIMES), "deviceID": rarely(st.sampled_from(["urn:a", "urn:b"]))},
)  # fmt: skip
ELEMENTS = st.fixed_dictionaries(
    {"sensorReport": rarely(st.lists(REPORTS, min_size=1, max_size=8))},
    optional={"sensorMetadata": rarely(
        st.fixed_dictionaries({}, optional={"time": TIMES, "startTime": TIMES, "endTime": TIMES,
                                            "deviceID": st.just("urn:c")})
    )},
)  # fmt: skip
LIMITS = st.fixed_dictionaries(
    {"epcClass": st.just(URI)},
    optional={"minimum": rarely(st.integers(-5_000, 5_000)), "maximum": rarely(st.integers(0, 20_000)),
              "tolerance": rarely(st.integers(0, 1_000))},
)  # fmt: skip


def told(text: str) -> dict[str, Any]:
    """What Python makes of it, in the form of tests/web/batch.mjs."""
    event = parse_json_object(text)
    limits = limits_of(event, LOT.id)
    reports = [one for one in readable_reports(event) if one.kind is Kind.TEMPERATURE]
    every = held(merged(Point(one.time, one.low, one.high) for one in reports), limits) if limits else ()
    return {
        "limits": None if limits is None else [
            "-Infinity" if limits.minimum is None else str(limits.minimum),
            "Infinity" if limits.maximum is None else str(limits.maximum),
            str(limits.tolerance),
        ],
        "points": [[one.device, str(one.time), str(one.low), str(one.high)] for one in reports],
        "held": [[str(each) for each in (one.point.time, one.hold, one.above, one.below)] for one in every],
        "excess": str(sum(one.excess for one in every)),
    }  # fmt: skip


def test_random_reports_and_limits(library: Path) -> None:
    drawn_parts = drawn(
        st.tuples(rarely(st.lists(ELEMENTS, min_size=1, max_size=3)), rarely(st.lists(LIMITS, min_size=1, max_size=1)))
    )
    texts = [
        json.dumps(build.harvest() | {"sensorElementList": elements, "silkroot:limits": limits})
        for elements, limits in drawn_parts
    ]
    expected = [told(text) for text in texts]
    questions = [{"ask": "climate", "text": text, "lot": "0x" + LOT.id.hex()} for text in texts]
    for text, theirs, ours in zip(texts, expected, ask(library, questions), strict=True):
        assert ours == theirs, text
    assert sum(one["excess"] != "0" for one in expected) > len(expected) // 10
    assert any(one["points"] and not one["limits"] for one in expected)
