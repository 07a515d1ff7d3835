"""
What is refused of sealed events and of disclosures: what the ledger reads and nobody may hide, digests and disclosures
of another form or in another place, and disclosures of another event.
"""

from __future__ import annotations

import itertools
from typing import Any

import event_builders as build
import pytest
from sealed_samples import LINE, detailed, salts, texts

from ledger.domain.errors import InvalidEvent, InvalidInput
from ledger.domain.own_members import NAMESPACE
from ledger.domain.records import JsonTree
from ledger.domain.sealing import DEFAULT, Withheld, check_sealed, open_sealed, reveal, seal, withheld
from ledger.domain.sealing.disclosures import make_disclosure, to_base64url

SALT = bytes(range(16))


def refused(event: JsonTree, *disclosures: str) -> tuple[str, str]:
    with pytest.raises(InvalidInput) as refusal:
        open_sealed(event, disclosures)
    (violation,) = refusal.value.violations
    return violation.field, violation.rule


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
