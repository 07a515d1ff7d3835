"""The file of disclosures for one reader: what is written is read again, anything else is refused and not repeated."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import ContentHash
from ledger.domain.sealing.disclosure_file import FORMAT, DisclosureFile, parse_disclosure_file
from ledger.domain.sealing.disclosures import make_disclosure

ONE = make_disclosure(b"\1" * 16, "silkroot:driver", "Tursun").text
TWO = make_disclosure(b"\2" * 16, None, "Tursun").text
HASH_RULE = "disclosures.content-hash"
HASH = "0x" + "ab" * 32


def test_a_file_is_read_as_it_was_written() -> None:
    file = DisclosureFile({ContentHash(b"\xab" * 32): (ONE, TWO), ContentHash(bytes(32)): (ONE,)})
    assert parse_disclosure_file(json.dumps(file.to_json()).encode()) == file


def test_its_form_is_the_documented_one() -> None:
    file = DisclosureFile({ContentHash(b"\xab" * 32): (ONE,)})
    assert file.to_json() == {"format": FORMAT, "events": [{"contentHash": HASH, "disclosures": [ONE]}]}
    assert FORMAT == "silkroot-disclosures-1"


def entry(**changes: Any) -> dict[str, Any]:
    return {"contentHash": HASH, "disclosures": [ONE], **changes}


@pytest.mark.parametrize(
    ("tree", "field", "rule"),
    [
        ({"format": FORMAT}, "/events", "disclosures.missing"),
        ({"events": [entry()]}, "/format", "disclosures.missing"),
        ({"format": "silkroot-disclosures-2", "events": [entry()]}, "/format", "disclosures.format"),
        ({"format": FORMAT, "events": [entry()], "note": ""}, "/note", "disclosures.unknown"),
        ({"format": FORMAT, "events": []}, "/events", "disclosures.type"),
        ({"format": FORMAT, "events": {}}, "/events", "disclosures.type"),
        ({"format": FORMAT, "events": [1]}, "/events/0", "disclosures.type"),
        ({"format": FORMAT, "events": [entry(x=1)]}, "/events/0/x", "disclosures.unknown"),
        ({"format": FORMAT, "events": [{"contentHash": HASH}]}, "/events/0/disclosures", "disclosures.missing"),
        ({"format": FORMAT, "events": [entry(), entry()]}, "/events/1/contentHash", "disclosures.twice"),
        *(
            ({"format": FORMAT, "events": [entry(contentHash=bad)]}, "/events/0/contentHash", HASH_RULE)
            for bad in ("ab" * 32, "0x" + "AB" * 32, HASH[:-1], HASH + "\n", 7)
        ),
        ({"format": FORMAT, "events": [entry(disclosures=[])]}, "/events/0/disclosures", "disclosures.type"),
        ({"format": FORMAT, "events": [entry(disclosures=ONE)]}, "/events/0/disclosures", "disclosures.type"),
        ({"format": FORMAT, "events": [entry(disclosures=[ONE, 1])]}, "/events/0/disclosures/1", "disclosure.form"),
        ({"format": FORMAT, "events": [entry(disclosures=[ONE, ONE])]}, "/events/0/disclosures/1", "disclosure.twice"),
        ({"format": FORMAT, "events": [entry(disclosures=[ONE + "="])]}, "/events/0/disclosures/0", "disclosure.form"),
    ],
)
def test_what_is_refused(tree: dict[str, Any], field: str, rule: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_disclosure_file(json.dumps(tree).encode())
    (violation,) = caught.value.violations
    assert (violation.field, violation.rule) == (field, rule)
    assert ONE not in str(caught.value)


@pytest.mark.parametrize("data", [b"[]", b"", b"{", b'{"format": 1, "format": 2}', b"\xff"])
def test_what_is_not_a_json_object_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        parse_disclosure_file(data)
