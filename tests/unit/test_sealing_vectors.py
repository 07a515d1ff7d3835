"""Sealing agrees, byte for byte, with vectors that were made by hand, and with the example of RFC 9901."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from sealing_vectors import VECTORS_FILE, build_vectors

from ledger.domain.canonical_json import canonical
from ledger.domain.epcis import check_event
from ledger.domain.errors import InvalidInput
from ledger.domain.sealing import Entry, Policy, open_sealed, seal
from ledger.domain.sealing.disclosures import digest_of, make_disclosure, parse_disclosure

VECTORS: dict[str, Any] = json.loads(VECTORS_FILE.read_text(encoding="utf-8"))


def test_the_file_is_what_the_script_makes() -> None:
    assert build_vectors() == VECTORS, "run tests/support/sealing_vectors.py"


@pytest.mark.parametrize("vector", VECTORS["disclosures"], ids=lambda vector: vector["place"])
def test_disclosure(vector: dict[str, Any]) -> None:
    made = make_disclosure(bytes.fromhex(vector["saltHex"]), vector["name"], vector["value"])
    assert (made.text, made.digest) == (vector["disclosure"], vector["digest"])
    assert parse_disclosure(vector["disclosure"], "/0") == made


def test_the_whole_event() -> None:
    before = copy.deepcopy(VECTORS["event"])
    salts = iter([bytes.fromhex(vector["saltHex"]) for vector in VECTORS["disclosures"]])
    by_place = {vector["place"]: vector for vector in VECTORS["disclosures"]}
    sealed = seal(VECTORS["event"], Policy((Entry(tuple(VECTORS["selectors"])),)), lambda: next(salts))
    assert VECTORS["event"] == before
    assert canonical(sealed.event) == canonical(VECTORS["sealed"])
    assert [(item.place, item.text) for item in sealed.disclosures] == [
        (place, vector["disclosure"]) for place, vector in by_place.items()
    ]
    check_event(sealed.event)


@pytest.mark.parametrize("shown", VECTORS["shown"], ids=lambda shown: shown["name"])
def test_what_is_shown(shown: dict[str, Any]) -> None:
    opened = open_sealed(VECTORS["sealed"], shown["disclosures"])
    assert opened.tree == shown["event"]
    assert {item.place: item.count for item in opened.withheld} == shown["withheld"]
    places = {vector["disclosure"]: vector["place"] for vector in VECTORS["disclosures"]}
    assert [item.place for item in opened.disclosures] == [places[text] for text in shown["disclosures"]]


@pytest.mark.parametrize("refused", VECTORS["refused"], ids=lambda refused: refused["name"])
def test_what_is_refused(refused: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        open_sealed(VECTORS["sealed"], refused["disclosures"])
    assert refusal.value.violations[0].rule == refused["rule"]


def test_the_example_of_the_rfc() -> None:
    """RFC 9901, section 4.2.1 and 4.2.3: JSON with spaces is hashed as its author wrote it."""
    text = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    assert digest_of(text) == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"
    parsed = parse_disclosure(text, "/0")
    assert (parsed.name, parsed.value) == ("family_name", "Möbius")
