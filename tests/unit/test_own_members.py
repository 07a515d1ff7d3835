"""Our own members are found by what their prefix stands for, not by how it is spelt."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.domain.errors import InvalidEvent
from ledger.domain.own_members import NAMESPACE, own_member, pointer

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


def test_pointers_are_escaped() -> None:
    assert pointer("a/b~c") == "a~1b~0c"
