"""Sealing: what is sealed, what never is, and every refusal of policies, events and disclosures."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import event_builders as build
import pytest
from event_builders import changed

from ledger.domain.canonical_json import canonical
from ledger.domain.cbv_hash import event_hash
from ledger.domain.epcis import check_event
from ledger.domain.errors import InvalidEvent, InvalidInput
from ledger.domain.json_tree import parse_json
from ledger.domain.own_members import NAMESPACE, OWN_MEMBERS
from ledger.domain.records import JsonTree
from ledger.domain.sealing import DEFAULT, Entry, Policy, Withheld, check_sealed, open_sealed, reveal, seal, withheld
from ledger.domain.sealing.disclosures import from_base64url, make_disclosure, to_base64url
from ledger.domain.sealing.places import FIXED

SALT = bytes(range(16))
LINE = {
    "epcClass": "https://id.gs1.org/01/09520000001001/10/H-0001",
    "description": "Hami melon",
    "tlcSource": {"name": "Farm", "phone": "09912345678", "street": "3 Canal Road"},
}
DETAILS: dict[str, Any] = {
    "silkroot:harvester": "Tursun 13999123456",
    "silkroot:driver": "D-7",
    "silkroot:lines": [LINE],
    "silkroot:price": 4.5,
    "gs1:telephone": "13912345678",
    "silkroot:buyer": {"contactName": "Li Wei", "kept": 1},
    "sensorElementList": [
        {
            "sensorReport": [
                {"type": "Angle", "component": "cbv:Comp-latitude", "value": 43.125},
                {"type": "gs1:Angle", "component": "longitude", "stringValue": "87.2"},
                {"type": "Temperature", "value": 3.5, "uom": "CEL"},
                {"type": "Temperature", "component": "latitude", "value": 9.5, "uom": "CEL"},
            ]
        }
    ],
}


def salts() -> Callable[[], bytes]:
    numbers = itertools.count(1)
    return lambda: next(numbers).to_bytes(16, "big")


def policy(*selectors: str) -> Policy:
    return Policy((Entry(selectors),))


def detailed() -> JsonTree:
    return build.harvest(extra=copy.deepcopy(DETAILS))


def texts(sealed: Any) -> list[str]:
    return [disclosure.text for disclosure in sealed.disclosures]


def refused(event: JsonTree, *disclosures: str) -> tuple[str, str]:
    with pytest.raises(InvalidInput) as refusal:
        open_sealed(event, disclosures)
    (violation,) = refusal.value.violations
    return violation.field, violation.rule


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


def hidden(event: JsonTree, *disclosures: Any) -> tuple[JsonTree, list[str]]:
    """The event with those digests at its top, whatever they are of."""
    digests = sorted(item.digest for item in disclosures)
    return {**event, "silkroot:sealed": digests}, [item.text for item in disclosures]


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("quantityList", "disclosure.name"),
        ("epcList", "sealing.disclosed"),
        ("errorDeclaration", "sealing.disclosed"),
        ("silkroot:receipt", "sealing.disclosed"),
        ("silkroot:party", "disclosure.name"),
        (NAMESPACE + "party", "disclosure.name"),
        (NAMESPACE + "corrects", "sealing.disclosed"),
        ("silkroot:sealed", "sealing.disclosed"),
        ("silkroot:sealedElement", "sealing.disclosed"),
        ("epcis:quantityList", "sealing.name"),
        ("@context", "disclosure.name"),
        ("@id", "sealing.name"),
        ("price", "sealing.name"),
        ("ex:price", "sealing.name"),
    ],
)
def test_not_even_the_signer_hides_what_the_ledger_reads(name: str, rule: str) -> None:
    event, given = hidden(build.recall(), make_disclosure(SALT, name, []))
    assert withheld(event, []) == (Withheld("", 1),)
    assert refused(event, *given) == ("/disclosures/0", rule)


def test_temperatures_cannot_be_hidden() -> None:
    report = {"type": "Temperature", "component": "latitude"}
    value = make_disclosure(SALT, "value", 30)
    event = build.harvest(extra={"sensorElementList": [{"sensorReport": [report]}]})
    event["sensorElementList"][0]["sensorReport"][0]["silkroot:sealed"] = [value.digest]
    assert refused(event, value.text) == ("/disclosures/0", "sealing.disclosed")
    report["type"] = "Angle"
    assert reveal(event, [value.text])["sensorElementList"][0]["sensorReport"][0]["value"] == 30


def test_two_disclosures_of_one_name_are_refused() -> None:
    twins = [
        make_disclosure(bytes([number]) * 16, name, 1) for number, name in enumerate(("silkroot:a", NAMESPACE + "a"))
    ]
    event, given = hidden(build.recall(), *twins)
    assert refused(event, *given)[1] == "disclosure.name"


def test_a_member_is_no_element_and_an_element_no_member() -> None:
    member, element = make_disclosure(SALT, "silkroot:a", 1), make_disclosure(SALT, None, 1)
    event, given = hidden(build.recall(), element)
    assert refused(event, *given) == ("/disclosures/0", "disclosure.form")
    event = build.recall() | {"silkroot:notes": [{"silkroot:sealedElement": member.digest}]}
    assert refused(event, member.text) == ("/disclosures/0", "disclosure.form")


def test_an_element_of_a_list_of_lots_is_refused() -> None:
    element = make_disclosure(SALT, None, LINE)
    event = build.recall() | {"silkroot:lines": [{"silkroot:sealedElement": element.digest}]}
    assert refused(event, element.text) == ("/disclosures/0", "sealing.disclosed")


@pytest.mark.parametrize(
    "digests",
    [
        [], "x" * 43, None, {}, ["short"], ["x" * 42 + "="], [7], ["b" * 43, "a" * 43], ["a" * 43 + "\n"],
    ],
)  # fmt: skip
def test_malformed_digests_are_refused(digests: Any) -> None:
    for event in (
        build.recall() | {"silkroot:sealed": digests},
        build.recall() | {"silkroot:notes": [{"silkroot:sealed": digests}]},
    ):
        with pytest.raises(InvalidEvent) as refusal:
            check_sealed(event)
        assert refusal.value.violations[0].rule == "sealing.digests"
        with pytest.raises(InvalidEvent):
            seal(event, DEFAULT, salts())


@pytest.mark.parametrize(
    "members",
    [
        {"silkroot:notes": [{"silkroot:sealedElement": ["a" * 43]}]},
        {"silkroot:notes": [{"silkroot:sealedElement": "a" * 43, "more": 1}]},
        {"silkroot:notes": [{"silkroot:sealedElement": "short"}]},
        {"silkroot:notes": {"silkroot:sealedElement": "a" * 43}},
        {"silkroot:sealedElement": "a" * 43},
        {"silkroot:sealed": ["a" * 43], NAMESPACE + "sealed": ["b" * 43]},
    ],
)
def test_misplaced_digests_are_refused(members: JsonTree) -> None:
    with pytest.raises(InvalidEvent) as refusal:
        check_sealed(build.recall() | members)
    assert refusal.value.violations[0].rule == "sealing.digests"


@pytest.mark.parametrize(
    "members",
    [
        {"silkroot:sealed": ["a" * 43] * 2},
        {"silkroot:sealed": ["a" * 43], "silkroot:x": {"silkroot:sealed": ["a" * 43]}},
        {"silkroot:notes": [{"silkroot:sealedElement": "a" * 43}] * 2},
    ],
)
def test_a_digest_stands_once(members: JsonTree) -> None:
    with pytest.raises(InvalidEvent) as refusal:
        check_sealed(build.recall() | members)
    assert refusal.value.violations[0].rule == "sealing.twice"


def test_a_disclosure_of_another_event_is_refused() -> None:
    numbers = itertools.count(500)
    one = seal(detailed(), DEFAULT, salts())
    other = seal(detailed(), DEFAULT, lambda: next(numbers).to_bytes(16, "big"))
    assert refused(one.event, *texts(one), texts(other)[0]) == (
        f"/disclosures/{len(one.disclosures)}",
        "disclosure.foreign",
    )


@pytest.mark.parametrize(
    "content",
    [
        b"{}", b"[]", b'["AAAAAAAAAAAAAAAAAAAAAA"]', b'["AAAAAAAAAAAAAAAAAAAAAA",1,1]',
        b'["AAAAAAAAAAAAAAAAAAAAAA","a",1,1]',
        b"[1,1]", b'["AAAAAAAAAAAAAAAAAAAAAA","a",1e400]', b'["AAAAAAAAAAAAAAAAAAAAAA","a",{"b":1,"b":2}]', b"\xff",
    ],
)  # fmt: skip
def test_disclosures_of_another_form_are_refused(content: bytes) -> None:
    assert refused(build.recall(), to_base64url(content)) == ("/disclosures/0", "disclosure.form")


@pytest.mark.parametrize("text", [None, 7, "é", "a b", ""])
def test_disclosures_that_are_no_base64url_are_refused(text: Any) -> None:
    assert refused(build.recall(), text) == ("/disclosures/0", "disclosure.form")


def test_a_refusal_never_shows_the_value() -> None:
    secret = make_disclosure(SALT, "silkroot:phone", "13912345678")
    for given in (
        [secret.text],
        [secret.text] * 2,
        [to_base64url(b'["x","13912345678"]')],
        [to_base64url(b"13912345678")],
    ):
        with pytest.raises(InvalidInput) as refusal:
            open_sealed(build.recall(), given)
        assert "13912345678" not in str(refusal.value)


def test_disclosures_within_disclosures_do_not_nest_without_end() -> None:
    inner = make_disclosure(SALT, "phone", "1")
    chain = [inner]
    for number in range(70):
        value = {"silkroot:sealed": [chain[-1].digest]}
        chain.append(make_disclosure(SALT, "silkroot:a" if number == 69 else "a", value))
    event, _ = hidden(build.recall(), chain[-1])
    assert refused(event, *(item.text for item in chain))[1] == "json.depth"


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
