"""What the CBV event hash depends on, and what it does not."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.cbv_hash import document_hashes, event_hash, pre_hash
from ledger.domain.errors import InvalidEvent

STANDARD = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
EVENT: dict[str, Any] = {
    "@context": [STANDARD, {"ex": "https://ns.example.com/epcis/"}],
    "type": "ObjectEvent",
    "eventTime": "2026-07-30T08:15:00+08:00",
    "eventTimeZoneOffset": "+08:00",
    "epcList": ["urn:epc:id:sgtin:4012345.011122.2", "urn:epc:id:sgtin:4012345.011122.1"],
    "action": "ADD",
    "bizStep": "receiving",
    "sourceList": [{"source": "urn:epc:id:pgln:4012345.00024", "type": "possessing_party"}],
    "ilmd": {"ex:grade": "A"},
    "ex:note": ["b", "a", 452.0, True],
}


def test_pre_hash_string() -> None:
    assert pre_hash(EVENT) == (
        "eventType=ObjectEventeventTime=2026-07-30T00:15:00.000ZeventTimeZoneOffset=+08:00"
        "epcListepc=https://id.gs1.org/01/04012345111224/21/1epc=https://id.gs1.org/01/04012345111224/21/2"
        "action=ADDbizStep=https://ref.gs1.org/cbv/BizStep-receiving"
        "ilmd{https://ns.example.com/epcis/}grade=A"
        "sourceListtype=https://ref.gs1.org/cbv/SDT-possessing_partysource=https://id.gs1.org/417/4012345000245"
        "{https://ns.example.com/epcis/}note=452{https://ns.example.com/epcis/}note=a"
        "{https://ns.example.com/epcis/}note=b{https://ns.example.com/epcis/}note=true"
    )


@given(st.randoms())
def test_order_of_members_and_of_lists_does_not_matter(random: Any) -> None:
    names = list(EVENT)
    random.shuffle(names)
    shuffled = {name: copy.deepcopy(EVENT[name]) for name in names}
    random.shuffle(shuffled["epcList"])
    random.shuffle(shuffled["ex:note"])
    assert event_hash(shuffled) == event_hash(EVENT)


@pytest.mark.parametrize(
    "change",
    [
        {"recordTime": "2026-07-31T00:00:00Z"},
        {"eventID": "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8"},
        {"errorDeclaration": {"declarationTime": "2026-07-31T00:00:00Z"}},
        {"rdfs:comment": "a comment"},
        {"eventTime": "2026-07-30T00:15:00.0000Z"},
        {"bizStep": "https://ref.gs1.org/cbv/BizStep-receiving"},
        {"bizStep": "cbv:BizStep-receiving"},
        {"epcList": [
            "http://example.com/01/04012345111224/22/V/10/L/21/1?17=261231",
            "https://id.gs1.org/gtin/4012345111224/ser/2",
        ]},
        {"sourceList": [{"type": "possessing_party", "source": "https://id.gs1.org/417/4012345000245"}]},
    ],
)  # fmt: skip
def test_spelling_and_interchange_members_do_not_matter(change: dict[str, Any]) -> None:
    assert event_hash(EVENT | change) == event_hash(EVENT)


@pytest.mark.parametrize(
    "change",
    [
        {"eventTime": "2026-07-30T08:15:00.001+08:00"},
        {"eventTimeZoneOffset": "+06:00"},
        {"action": "OBSERVE"},
        {"epcList": ["urn:epc:id:sgtin:4012345.011122.2"]},
        {"ilmd": {"ex:grade": "B"}},
        {"ex:other": 1},
        {"disposition": "active"},
    ],
)
def test_everything_else_matters(change: dict[str, Any]) -> None:
    assert event_hash(EVENT | change) != event_hash(EVENT)


def test_the_prefix_is_only_a_spelling() -> None:
    other = {key.replace("ex:", "zz:"): value for key, value in EVENT.items()}
    other |= {"@context": [STANDARD, {"zz": "https://ns.example.com/epcis/"}], "ilmd": {"zz:grade": "A"}}
    assert event_hash(other) == event_hash(EVENT)


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2026-07-30T08:15:00.1235Z", "08:15:00.124Z"),
        ("2026-07-30T08:15:00.1225Z", "08:15:00.122Z"),
        ("2026-07-30T23:59:59.9996+00:00", "2026-07-31T00:00:00.000Z"),
        ("2026-07-30T08:15:00.123456789012Z", "08:15:00.123Z"),
    ],
)
def test_times_are_rounded_to_the_millisecond(time: str, expected: str) -> None:
    assert f"{expected}eventTimeZoneOffset" in pre_hash(EVENT | {"eventTime": time})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("007", "7"),
        ("4.50", "4.5"),
        (1e-7, "0.0000001"),
        ("-0.0", "0"),
        ("1_000", "1_000"),
        (" x ", "x"),
        ("nan", "nan"),
    ],
)
def test_values(value: object, text: str) -> None:
    assert pre_hash(EVENT | {"ex:note": value}).endswith(f"note={text}")


def test_members_of_other_namespaces_stay_with_their_object() -> None:
    place = {"id": "urn:epc:id:sgln:4012345.00024.0", "ex:b": 2, "ex:a": 1}
    assert (
        "readPointid=https://id.gs1.org/414/4012345000245{https://ns.example.com/epcis/}a=1"
        "{https://ns.example.com/epcis/}b=2ilmd"
    ) in pre_hash(EVENT | {"readPoint": place})


def test_sensor_reports() -> None:
    elements = [
        {
            "sensorReport": [{"type": "Temperature", "value": 4.0, "uom": "CEL", "time": "2026-07-30T08:15:00+08:00"}],
            "sensorMetadata": {"deviceID": "urn:epc:id:giai:4000001.111"},
        }
    ]
    assert (
        "sensorElementListsensorElementsensorMetadatadeviceID=https://id.gs1.org/8004/4000001111"
        "sensorReporttype=https://gs1.org/voc/Temperaturetime=2026-07-30T00:15:00.000Zvalue=4uom=CEL"
    ) in pre_hash(EVENT | {"sensorElementList": elements})


@pytest.mark.parametrize("tree", [{}, {"type": "EPCISDocument"}, EVENT | {"sourceList": "x"}])
def test_refuses_to_hash_what_is_no_document(tree: dict[str, Any]) -> None:
    with pytest.raises(InvalidEvent):
        document_hashes(tree)


def test_a_single_event_is_a_document_of_one() -> None:
    assert document_hashes(EVENT) == [event_hash(EVENT)]
