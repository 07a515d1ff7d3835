"""What a bundle discloses and withholds; disclosures that do not fit: a finding about their event, never a crash."""

from __future__ import annotations

from dataclasses import replace

import event_builders as build
import pytest
from bundle_samples import SECRETS, bundle_of, sealed_inspection
from ledger_fixture import ledger_world

from ledger.domain.bundle import Bundle, dossier_of, open_bundle
from ledger.domain.sealing import seal
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


def test_a_disclosure_from_elsewhere_that_fits_no_event_is_told(sealed: tuple[Bundle, list[str]]) -> None:
    bundle, texts = sealed
    foreign = seal(build.inspection() | {"silkroot:price": "1"}, SECRETS, lambda: bytes(range(16))).disclosures[0].text
    assert content_codes(bundle, *texts, foreign) == ["content.disclosure"]
    assert open_bundle(bundle, [*texts, foreign]).findings[0].event is None
