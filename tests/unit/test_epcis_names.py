"""Prefixes, expanded names and bare words."""

from __future__ import annotations

import itertools

import pytest

from ledger.domain.epcis import names
from ledger.domain.epcis.vocabulary import BIZ_STEPS, CBV_URNS, WORDS_BY_CBV_PREFIX

SILKROOT = "https://silkroot.example/epcis/"
CONTEXT = [names.STANDARD_CONTEXT, {"s": SILKROOT}]


def test_a_member_expands_by_its_prefix_whatever_it_is_called() -> None:
    assert names.expanded(CONTEXT, "s:party") == f"{SILKROOT}party"
    assert names.expanded(CONTEXT, "cbvmda:lotNumber") == "urn:epcglobal:cbv:mda:lotNumber"
    assert names.expanded(CONTEXT, f"{SILKROOT}party") == f"{SILKROOT}party"
    assert names.expanded(CONTEXT, "other:party") == "other:party"


def test_later_declarations_replace_earlier_ones_and_may_build_on_them() -> None:
    prefixes = names.prefixes_of([{"a": "https://a/"}, {"b": "a:b/"}], {"a": "https://c/"})
    assert prefixes == {"a": "https://c/", "b": "https://a/b/"}


BASED = {"base": "https://silkroot.example/", "s": "base:epcis/", "1": "s:x", "loop": "loop:x"}


@pytest.mark.parametrize("order", list(itertools.permutations(BASED)))
def test_the_order_of_members_counts_for_nothing(order: tuple[str, ...]) -> None:
    """One content hash is of every order; so every order has to mean the same."""
    prefixes = names.prefixes_of([names.STANDARD_CONTEXT, {term: BASED[term] for term in order}])
    assert {term: prefixes[term] for term in BASED} == BASED
    assert names.is_absolute(prefixes["base"])
    assert not any(names.is_absolute(prefixes[term]) for term in ("s", "1", "loop"))


def test_types_of_terms_declare_no_prefix_unless_they_say_so() -> None:
    assert names.prefixes_of([{"a:x": {"@type": "@id"}, "b": {"@id": "https://b/", "@prefix": True}}]) == {
        "b": "https://b/"
    }


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("s:party", (SILKROOT, "party")),
        (f"{SILKROOT}party", (SILKROOT, "party")),
        ("https://a/b#c", ("https://a/b#", "c")),
        ("urn:a:b", ("urn:a:", "b")),
        ("other:party", None),
        ("party", None),
    ],
)
def test_namespace_and_local(name: str, parts: tuple[str, str] | None) -> None:
    assert names.namespace_and_local(name, names.prefixes_of(CONTEXT)) == parts


@pytest.mark.parametrize("word", sorted(BIZ_STEPS))
def test_every_spelling_of_a_step_is_the_same_word(word: str) -> None:
    for spelling in (
        word,
        f"cbv:BizStep-{word}",
        f"https://ref.gs1.org/cbv/BizStep-{word}",
        f"urn:epcglobal:cbv:bizstep:{word}",
    ):
        assert names.bare_word(spelling) == word
        assert not names.is_unknown_cbv_term(spelling)


@pytest.mark.parametrize(
    "value", ["https://ref.gs1.org/cbv/BizStep-picnic", "urn:epcglobal:cbv:bizstep:picnic", "cbv:Disp-picnic"]
)
def test_what_cbv_lacks_stays_as_it_is(value: str) -> None:
    assert names.bare_word(value) == value
    assert names.is_unknown_cbv_term(value)


def test_foreign_uris_are_no_cbv_terms() -> None:
    assert names.bare_word("https://example.com/BizStep-shipping") == "https://example.com/BizStep-shipping"
    assert not names.is_unknown_cbv_term("https://example.com/BizStep-shipping")


def test_every_class_of_urn_is_a_class_of_terms() -> None:
    assert set(CBV_URNS.values()) == set(WORDS_BY_CBV_PREFIX)


@pytest.mark.parametrize(
    ("address", "standard"),
    [
        (names.STANDARD_CONTEXT, True),
        ("https://ref.gs1.org/standards/epcis/epcis-context.jsonld", True),
        ("https://ref.gs1.org/standards/epcis/2.0.1/epcis-context.jsonld", True),
        ("https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld.example.com", False),
        ("https://example.com/epcis-context.jsonld", False),
        ({}, False),
    ],
)
def test_standard_context(address: object, standard: bool) -> None:
    assert names.is_standard_context(address) is standard
