"""Our own members are found by what their prefix stands for, not by how it is spelt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from event_builders import BUILDERS

from ledger.domain.errors import InvalidEvent
from ledger.domain.own_members import NAMESPACE, OWN_MEMBERS, own_member, own_members, pointer

EVENTS_PAGE = Path(__file__).parents[2] / "docs" / "events.md"
STANDARD = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"


@pytest.mark.parametrize(
    ("context", "key", "found"),
    [
        ([STANDARD, {"silkroot": NAMESPACE}], "silkroot:party", True),
        ([STANDARD, {"sr": NAMESPACE}], "sr:party", True),
        ({"sr": NAMESPACE}, "sr:party", True),
        ([{"silk": "https://silkroot.example/"}], "silk:epcis/party", True),
        (STANDARD, NAMESPACE + "party", True),
        ([{"sr": "https://elsewhere.example/"}, {"sr": NAMESPACE}], "sr:party", True),
        ([{"sr": NAMESPACE}, {"sr": "https://elsewhere.example/"}], "sr:party", False),
        ([STANDARD, {"silkroot": "https://elsewhere.example/"}], "silkroot:party", False),
        (STANDARD, "silkroot:party", False),
        ([STANDARD, {"silkroot": NAMESPACE}], "party", False),
        ([STANDARD, {"silkroot": NAMESPACE}], "silkroot:partyX", False),
        ([STANDARD, {"silkroot": {"@id": NAMESPACE}}], "silkroot:party", False),
        ([STANDARD, {"sr": {"@id": NAMESPACE, "@prefix": True}}], "sr:party", True),
        (None, "silkroot:party", False),
        (7, "silkroot:party", False),
    ],
)
def test_members_are_found_by_expanded_name(context: Any, key: str, found: bool) -> None:
    member = own_member({"@context": context, key: "x"}, "party")
    assert member == ((f"/{pointer(key)}", "x") if found else None)


def test_one_name_under_two_prefixes_is_refused() -> None:
    event = {"@context": [{"a": NAMESPACE, "b": NAMESPACE}], "a:party": "1", "b:party": "2"}
    with pytest.raises(InvalidEvent) as refusal:
        own_member(event, "party")
    assert refusal.value.violations[0].rule == "silkroot.twice"


def test_all_our_members_are_found_at_once() -> None:
    context = [STANDARD, {"sr": NAMESPACE, "other": "https://elsewhere.example/"}]
    event = {"@context": context, "type": "ObjectEvent", "sr:party": "1", NAMESPACE + "a/b": 2, "other:party": 3}
    assert own_members(event) == {"party": ("/sr:party", "1"), "a/b": (f"/{pointer(NAMESPACE + 'a/b')}", 2)}
    event[NAMESPACE + "party"] = "1"
    with pytest.raises(InvalidEvent) as refusal:
        own_members(event)
    assert refusal.value.violations[0].rule == "silkroot.twice"


@pytest.mark.parametrize("name", sorted(OWN_MEMBERS))
def test_every_member_is_documented(name: str) -> None:
    table = EVENTS_PAGE.read_text(encoding="utf-8").split("## Identity")[0]
    assert f"`silkroot:{name}`" in table


@pytest.mark.parametrize("name", BUILDERS)
def test_events_have_no_member_that_is_not_declared(name: str) -> None:
    assert own_members(BUILDERS[name]()).keys() <= OWN_MEMBERS


def test_pointers_are_escaped() -> None:
    assert pointer("a/b~c") == "a~1b~0c"
