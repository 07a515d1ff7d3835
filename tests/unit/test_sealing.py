"""Sealing: what is sealed, what never is, and policies; `test_sealing_refusals` has what is refused of events."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import event_builders as build
import pytest
from event_builders import changed
from sealed_samples import DETAILS, detailed, salts, texts

from ledger.domain.canonical_json import canonical
from ledger.domain.cbv_hash import event_hash
from ledger.domain.epcis import check_event
from ledger.domain.errors import InvalidEvent, InvalidInput
from ledger.domain.json_tree import parse_json
from ledger.domain.own_members import NAMESPACE, OWN_MEMBERS
from ledger.domain.records import JsonTree
from ledger.domain.sealing import DEFAULT, Entry, Policy, Withheld, open_sealed, reveal, seal, withheld
from ledger.domain.sealing.disclosures import from_base64url
from ledger.domain.sealing.places import FIXED

SALT = bytes(range(16))


def policy(*selectors: str) -> Policy:
    return Policy((Entry(selectors),))


def test_by_default_prices_telephones_persons_and_coordinates_are_sealed_and_nothing_else() -> None:
    event = detailed()
    sealed = seal(event, DEFAULT, salts())
    assert [disclosure.place for disclosure in sealed.disclosures] == [
        "/silkroot:harvester",
        "/silkroot:driver",
        "/silkroot:lines/0/tlcSource/phone",
        "/silkroot:price",
        "/gs1:telephone",
        "/silkroot:buyer/contactName",
        "/sensorElementList/0/sensorReport/0/value",
        "/sensorElementList/0/sensorReport/1/stringValue",
    ]
    public = canonical(sealed.event).decode()
    for secret in ("Tursun", "09912345678", "13912345678", "D-7", "Li Wei", "43.125", "87.2"):
        assert secret not in public
    assert (
        sealed.event["sensorElementList"][0]["sensorReport"][2:] == DETAILS["sensorElementList"][0]["sensorReport"][2:]
    )
    check_event(sealed.event)
    assert event_hash(sealed.event) != event_hash(event)
    assert event == detailed()


def test_digests_stand_in_ascending_order() -> None:
    sealed = seal(detailed(), DEFAULT, salts())
    digests = sealed.event["silkroot:sealed"]
    assert digests == sorted(digests) != [item.digest for item in sealed.disclosures if item.place.count("/") == 1]
    assert len(digests) == 4


@pytest.mark.parametrize(
    ("selector", "rule"),
    [
        *((f"/silkroot:{name}", "sealing.disclosed") for name in sorted(FIXED)),
        *((name, "sealing.disclosed") for name in sorted(FIXED)),
        ("/silkroot:lines", "sealing.disclosed"),
        ("/silkroot:lines/*", "sealing.disclosed"),
        ("/silkroot:lines/*/epcClass", "sealing.disclosed"),
        ("/silkroot:intake/*/village", "sealing.disclosed"),
        ("/ilmd/cbvmda:lotNumber", "sealing.disclosed"),
        ("/eventTime", "sealing.disclosed"),
        ("/quantityList", "sealing.disclosed"),
        ("/quantityList/*", "sealing.disclosed"),
        ("/quantityList/*/quantity", "sealing.disclosed"),
        ("/quantityList/*/silkroot:price", "sealing.closed"),
        ("/bizTransactionList/*/silkroot:price", "sealing.closed"),
        ("/sourceList/*/source", "sealing.disclosed"),
        ("/readPoint", "sealing.disclosed"),
        ("/readPoint/id", "sealing.disclosed"),
        ("/sensorElementList/*/sensorReport/*/type", "sealing.disclosed"),
        ("/sensorElementList/*/sensorReport/*/component", "sealing.disclosed"),
        ("/sensorElementList/*/sensorReport/*", "sealing.disclosed"),
        ("/silkroot:sealed", "sealing.disclosed"),
        ("/@context", "sealing.disclosed"),
        ("/silkroot:extra/@type", "sealing.name"),
        ("/extra", "sealing.name"),
        ("/ex:price", "sealing.name"),
        ("/epcis:quantityList", "sealing.name"),
        ("/*", "sealing.disclosed"),
        ("/", "sealing.name"),
        ("EPCclass", "sealing.disclosed"),
        ("quantity", "sealing.disclosed"),
        ("eventTime", "sealing.disclosed"),
        ("value", "sealing.disclosed"),
        ("", "sealing.selector"),
        ("silkroot:price", "sealing.selector"),
        ("*", "sealing.selector"),
    ],
)
def test_a_policy_that_would_seal_what_stays_open_is_refused(selector: str, rule: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Policy((Entry(("price",)), Entry(("phone", selector))))
    (violation,) = refusal.value.violations
    assert (violation.field, violation.rule, violation.value) == ("/1/seal/1", rule, selector)


def test_every_member_with_a_meaning_is_either_open_or_declared_by_somebody_alone() -> None:
    assert OWN_MEMBERS - FIXED - {"sealed"} == {"driver", "logger", "person", "reason", "seal", "vehicle"}


def test_the_page_names_what_is_sealed_by_default() -> None:
    told = (Path(__file__).parents[2] / "docs" / "sealing.md").read_text("utf-8").split("## Policy")[1]
    names = {name for entry in DEFAULT.entries for name in entry.seal if not name.startswith("/")}
    assert {name for name in names if f"`{name}`" not in told} == set()


def test_leaving_open_what_nothing_seals_is_refused() -> None:
    with pytest.raises(InvalidInput) as refusal:
        Policy((Entry(("price",)), Entry(leave=("prise",))))
    assert [(item.field, item.rule) for item in refusal.value.violations] == [("/1/leave/0", "sealing.selector")]


@pytest.mark.parametrize(
    ("entry", "sealed"),
    [
        (Entry(("vehicle",)), True),
        (Entry(("VEHICLE",)), True),
        (Entry(("/silkroot:vehicle",)), True),
        (Entry((f"/{NAMESPACE.replace('/', '~1')}vehicle",)), True),
        (Entry(("vehicle",), party=build.FARM), True),
        (Entry(("vehicle",), party=build.HUB), False),
        (Entry(("vehicle",), kinds=frozenset({"shipping"})), True),
        (Entry(("vehicle",), kinds=frozenset({"ObjectEvent"})), True),
        (Entry(("vehicle",), kinds=frozenset({"receiving", "TransformationEvent"})), False),
        (Entry(("/silkroot:extra/vehicle",)), False),
    ],
)
def test_entries_hold_by_party_and_kind(entry: Entry, sealed: bool) -> None:
    event = build.shipping(extra={"silkroot:vehicle": "新A 12345"})
    assert ("silkroot:vehicle" not in seal(event, Policy((entry,)), salts()).event) is sealed


def test_one_party_leaves_open_what_others_seal() -> None:
    both = Policy((Entry(("price", "phone")), Entry(leave=("price",), party=build.FARM)))
    extra = {"silkroot:price": 4, "silkroot:phone": "139"}
    assert [item.name for item in seal(build.harvest(extra=extra), both, salts()).disclosures] == ["silkroot:phone"]
    other = build.shipping(party=build.HUB, extra=extra)
    assert len(seal(other, both, salts()).disclosures) == 2


@pytest.mark.parametrize(
    ("context", "price", "key"),
    [
        ({"sr": NAMESPACE}, "sr:price", "sr:sealed"),
        ({"silkroot": "https://elsewhere.example/", "sr": NAMESPACE}, "sr:price", "sr:sealed"),
        ({"ex": "https://elsewhere.example/"}, NAMESPACE + "price", NAMESPACE + "sealed"),
    ],
)
def test_digests_stand_under_the_events_own_prefix(context: JsonTree, price: str, key: str) -> None:
    standard = build.harvest()["@context"][0]
    event = {**build.harvest(), "@context": [standard, context], price: 5}
    namespace = price.removesuffix("price")
    for name in ("party", "blind"):
        event[namespace + name] = event.pop(f"silkroot:{name}")
    sealed = seal(event, DEFAULT, salts())
    assert len(sealed.event[key]) == 1
    check_event(sealed.event)
    assert reveal(sealed.event, texts(sealed)) == event


def test_what_is_sealed_already_stays_and_no_more_is_sealed() -> None:
    once = seal(detailed(), policy("price", "harvester"), salts())
    again = seal(once.event, policy("price", "harvester"), salts())
    assert again.event == once.event
    assert again.disclosures == ()
    numbers = itertools.count(100)
    more = seal(once.event, DEFAULT, lambda: next(numbers).to_bytes(16, "big"))
    assert set(once.event["silkroot:sealed"]) < set(more.event["silkroot:sealed"])
    assert reveal(more.event, texts(once) + texts(more)) == detailed()


def test_an_element_that_is_sealed_already_stays() -> None:
    event = build.harvest(extra={"silkroot:notes": ["a", ["b"]]})
    once = seal(event, policy("/silkroot:notes/*"), salts())
    assert [list(item) for item in once.event["silkroot:notes"]] == [["silkroot:sealedElement"]] * 2
    assert seal(once.event, policy("/silkroot:notes/*"), salts()).event == once.event
    assert withheld(once.event, texts(once)[:1]) == (Withheld("/silkroot:notes", 1),)


def test_short_and_repeated_salts_are_refused() -> None:
    for new_salt in (lambda: bytes(15), lambda: bytes(16)):
        with pytest.raises(InvalidInput) as refusal:
            seal(detailed(), DEFAULT, new_salt)
        assert refusal.value.violations[0].rule == "sealing.salt"


@pytest.mark.parametrize("text", ["A", "A=", "A+", "AB", "é", "", "AA\n"])
def test_loose_base64_is_none(text: str) -> None:
    assert from_base64url(text) is None


def test_an_event_at_the_limit_of_depth_stays_readable_or_is_refused() -> None:
    def nested(levels: int) -> JsonTree:
        value: Any = {"phone": "1"}
        for _ in range(levels - 2):
            value = [value]
        return build.harvest(extra={"silkroot:deep": value})

    parse_json(canonical(nested(64)))
    sealed = seal(nested(63), DEFAULT, salts())
    parse_json(canonical(sealed.event))
    with pytest.raises(InvalidEvent) as refusal:
        seal(nested(64), DEFAULT, salts())
    assert refusal.value.violations[0].rule == "json.depth"


def test_an_erased_disclosure_is_one_that_is_withheld() -> None:
    sealed = seal(detailed(), DEFAULT, salts())
    kept = [item.text for item in sealed.disclosures if item.name != "silkroot:harvester"]
    opened = open_sealed(sealed.event, kept)
    assert opened.tree == changed(detailed(), "/silkroot:harvester", ...)
    assert opened.withheld == (Withheld("", 1),)


def test_disclosures_are_canonical_json() -> None:
    sealed = seal(build.harvest(extra={"silkroot:price": {"b": 1.0, "a": "é"}}), DEFAULT, lambda: SALT)
    (disclosure,) = sealed.disclosures
    data = from_base64url(disclosure.text)
    assert data == '["AAECAwQFBgcICQoLDA0ODw","silkroot:price",{"a":"é","b":1}]'.encode()
    assert json.loads(data)[2] == {"a": "é", "b": 1}
