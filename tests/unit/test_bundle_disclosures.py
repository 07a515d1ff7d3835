"""
What a bundle discloses, withholds and says was erased; what does not fit is a finding about its event, never a crash.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path

import event_builders as build
import pytest
from bundle_samples import SECRETS, bundle_of, sealed_inspection
from ledger_fixture import ledger_world

from ledger.domain.bundle import Bundle, dossier_of, open_bundle
from ledger.domain.sealing import Entry, Policy, seal
from ledger.domain.sealing.disclosures import digest_of
from ledger.domain.story_values import CheckName, Outcome
from ledger.domain.verdict import judge


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bundle, list[str]]:
    """A bundle of a harvest and an inspection with two sealed members, and both disclosures."""
    event, disclosures = sealed_inspection()
    events = ledger_world(tmp_path_factory.mktemp("ledger")).record(build.harvest(), event)
    return replace(bundle_of(events), lot=build.HARVEST_LOT), [one.text for one in disclosures]


def disclosing(bundle: Bundle, *texts: str) -> Bundle:
    """The bundle with these disclosures of its last event."""
    *others, last = bundle.events
    return replace(bundle, events=(*others, replace(last, disclosures=texts)))


def content_codes(bundle: Bundle, *more: str) -> list[str]:
    dossier = dossier_of(open_bundle(bundle, more), bundle.chain.ledger_domain)
    checks = {check.name: check for check in judge(dossier, None, single_operator=True).checks}
    content = checks[CheckName.CONTENT]
    assert (content.outcome is Outcome.PASSED) == (content.code == "content.passed")
    return [finding.code for finding in content.findings]


def test_what_is_not_shown_is_counted_by_its_place(sealed: tuple[Bundle, list[str]]) -> None:
    bundle, _ = sealed
    shown = open_bundle(bundle).shown
    assert [(one.disclosed, [(item.place, item.count) for item in one.withheld]) for one in shown] == [
        ((), []), ((), [("", 2)]),
    ]  # fmt: skip
    assert "silkroot:price" not in shown[1].body
    assert content_codes(bundle) == ["content.passed"]


def test_a_disclosure_shows_its_member_and_no_other(sealed: tuple[Bundle, list[str]]) -> None:
    bundle, texts = sealed
    for given in (disclosing(bundle, texts[0]), bundle):
        more = [] if given is not bundle else [texts[0]]
        shown = open_bundle(given, more).shown[1]
        assert [(item.place, item.count) for item in shown.withheld] == [("", 1)]
        assert shown.disclosed == ("/silkroot:driverName",)
        assert shown.body["silkroot:driverName"] == "A. Person"
        assert content_codes(given, *more) == ["content.passed"]


def test_disclosures_that_do_not_fit_fail_the_content_of_their_event(sealed: tuple[Bundle, list[str]]) -> None:
    bundle, texts = sealed
    foreign = seal(build.inspection() | {"silkroot:price": "1"}, SECRETS, lambda: bytes(range(16))).disclosures[0].text
    altered = texts[0][:-2] + ("A" if texts[0][-2] != "A" else "B") + texts[0][-1]
    for wrong in (foreign, altered, "junk", "", "ü"):
        opened = open_bundle(disclosing(bundle, texts[1], wrong))
        assert [(item.code, item.event) for item in opened.findings] == [
            ("content.disclosure", bundle.events[1].content_hash)
        ]
        assert opened.shown[1].disclosed == (), "nothing is shown of an event whose disclosures do not fit"
        assert content_codes(opened.bundle) == ["content.disclosure"]


def marking(bundle: Bundle, *digests: str) -> Bundle:
    """The bundle that says of these digests of its last event that they were erased."""
    *others, last = bundle.events
    return replace(bundle, events=(*others, replace(last, erased=tuple(sorted(digests)))))


def hidden(bundle: Bundle, *more: str) -> tuple[int, int]:
    """How many members of the last event are withheld, and how many said to be erased."""
    shown = open_bundle(bundle, more).shown[-1]
    return sum(one.count for one in shown.withheld), sum(one.count for one in shown.erased)


def test_what_is_marked_is_told_apart_from_what_is_withheld(sealed: tuple[Bundle, list[str]]) -> None:
    bundle, texts = sealed
    one, other = (digest_of(text) for text in texts)
    assert hidden(bundle) == (2, 0)
    assert hidden(marking(bundle, one)) == (1, 1)
    assert hidden(marking(bundle, one, other)) == (0, 2)
    assert hidden(marking(disclosing(bundle, texts[1]), one)) == (0, 1)
    for marked in (marking(bundle, one), marking(bundle, one, other), marking(disclosing(bundle, texts[1]), one)):
        assert content_codes(marked) == ["content.passed"]
        assert open_bundle(marked).shown[0].erased == ()


def test_marks_that_cannot_be_true_fail_the_content_of_their_event(sealed: tuple[Bundle, list[str]]) -> None:
    bundle, texts = sealed
    one, other = (digest_of(text) for text in texts)
    whole, none = disclosing(bundle, *texts), "A" * 43
    for wrong, problem, value, left in (
        (marking(bundle, none), "foreign", none, 2),
        (marking(bundle, one, none), "foreign", none, 2),
        (marking(whole, one), "shown", one, 0),
        (marking(disclosing(bundle, texts[0]), one, other), "shown", one, 1),
    ):
        (found,) = open_bundle(wrong).findings
        assert (found.code, found.parameters) == ("content.erased", {"problem": problem, "value": value})
        assert found.event == bundle.events[1].content_hash
        assert content_codes(wrong) == ["content.erased"]
        assert hidden(wrong) == (left, 0), "no mark of the event counts"


def test_a_mark_of_what_lies_in_something_sealed_needs_the_outer_one_shown(tmp_path: Path) -> None:
    plain = build.inspection() | {"silkroot:contact": {"silkroot:name": "A. Person", "silkroot:phone": "139"}}
    policy = Policy((Entry(("/silkroot:contact", "phone")),))
    event = seal(plain, policy, lambda: secrets.token_bytes(16))
    texts = {one.name: one.text for one in event.disclosures}
    outer, inner = texts["silkroot:contact"], digest_of(texts["silkroot:phone"])
    recorded = ledger_world(tmp_path).record(build.harvest(), event.event)
    bundle = marking(replace(bundle_of(recorded), lot=build.HARVEST_LOT), inner)
    assert content_codes(bundle) == ["content.erased"], "the event itself does not show that digest"
    shown = open_bundle(disclosing(bundle, outer)).shown[1]
    assert [(item.place, item.count) for item in shown.erased] == [("/silkroot:contact", 1)]
    assert shown.withheld == ()
    assert content_codes(bundle, outer) == ["content.passed"], "nor does it matter who shows the outer one"


def test_disclosures_that_do_not_fit_are_told_first_and_no_mark_counts(sealed: tuple[Bundle, list[str]]) -> None:
    bundle, texts = sealed
    wrong = marking(disclosing(bundle, "junk"), digest_of(texts[0]))
    assert content_codes(wrong) == ["content.disclosure"]
    assert hidden(wrong) == (2, 0)


def test_who_has_the_disclosure_of_something_erased_still_sees_it(sealed: tuple[Bundle, list[str]]) -> None:
    bundle, texts = sealed
    marked = marking(bundle, *map(digest_of, texts))
    assert hidden(marked, texts[0]) == (0, 1)
    assert open_bundle(marked, [texts[0]]).shown[1].disclosed == ("/silkroot:driverName",)
    assert content_codes(marked, texts[0]) == ["content.passed"]


def test_a_disclosure_from_elsewhere_that_fits_no_event_is_told(sealed: tuple[Bundle, list[str]]) -> None:
    bundle, texts = sealed
    foreign = seal(build.inspection() | {"silkroot:price": "1"}, SECRETS, lambda: bytes(range(16))).disclosures[0].text
    assert content_codes(bundle, *texts, foreign) == ["content.disclosure"]
    assert open_bundle(bundle, [*texts, foreign]).findings[0].event is None
