"""Certificates of a lot: whose word each is, how it stands on the day of the check, in JSON and in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
import story_samples as samples

from api.localization import words
from api.views.certificates import certificate_views
from api.views.lot_page import lot_page
from api.views.names import Names
from ledger.domain import event_forms as forms
from ledger.domain.actions import Statement
from ledger.domain.certificates import Basis, Certificate, CertificateKind, Promise
from ledger.domain.event_forms import Spot, When
from ledger.domain.files import hash_of
from ledger.domain.identifiers import Grams, LotRef, PartyId
from ledger.domain.lot_certificates import certificates_of, day_of, promised
from ledger.domain.story_values import CheckName, EventStory, LotStory, Outcome
from ledger.services.story_json import story_json

FILE = hash_of(b"a report")
SPEAK = words("en")


def report(lot: LotRef = samples.LOT, until: date | None = date(2026, 12, 31), **more: Any) -> Certificate:
    kind = CertificateKind.PESTICIDE_TEST
    made = Certificate(kind, "Hami Station", None, "HT-1", date(2026, 8, 1), None, until, FILE, (lot,))
    return replace(made, **more)


def promise(lot: LotRef = samples.LOT, party: PartyId = samples.PACKER) -> Certificate:
    content = Promise("Hami melon", "Nanhu", "0902-2261100", (Basis.SELF_TEST,), {lot: Grams(2_944_000)})
    return Certificate(
        CertificateKind.PROMISE, "Packing House", party, "P-1", date(2026, 8, 7), None, None, None, (lot,), content
    )


def told(certificate: Certificate, sequence: int, *, party: PartyId = samples.PACKER, **more: Any) -> EventStory:
    """Its event as a story has it."""
    content = samples.content_of(sequence)
    body = forms.attached_certificate(party, certificate, When("2026-08-08T10:00:00+08:00"), Spot(party))
    action = Statement(party, "other", tuple(lot.id for lot in certificate.lots), content, 0)
    return replace(samples.event(sequence, action, body, (int(party), ""), {}), **more)


def story_with(*events: EventStory, day: str = "2026-09-01") -> LotStory:
    """The verified sample with them, checked on that day."""
    story = samples.verified()
    assert story.chain is not None
    at = int(datetime.fromisoformat(f"{day}T12:00:00+08:00").timestamp())
    return replace(story, events=(*story.events, *events), chain=replace(story.chain, asked_at=at))


def views(story: LotStory, language: str = "en") -> list[Any]:
    speak = words(language)
    return list(certificate_views(story, Names(story, samples.MASTER, speak), speak))


def test_a_paper_that_somebody_handed_in_says_so() -> None:
    story = story_with(told(report(), 20))
    (view,) = views(story)
    assert (view.title, view.state, view.word, view.supplied) == ("Pesticide test", "valid", "Valid", True)
    assert view.signed.startswith("Supplied by the producer, ")
    assert view.signed.endswith("; its issuer did not sign it here")
    assert view.href == f"/files/{FILE.hex()}"
    assert lot_page(story, samples.MASTER, SPEAK, link="x").certificates == (view,)


def test_who_is_no_producer_is_not_called_one() -> None:
    (view,) = views(story_with(told(report(), 20, party=samples.SHANGHAI)))
    assert view.signed.startswith("Supplied by ")
    assert "producer" not in view.signed


def test_what_its_issuer_signed_says_that() -> None:
    (view,) = views(story_with(told(report(), 20, by_issuer=True)))
    assert not view.supplied
    assert view.signed.startswith("Signed by its issuer, ")


@pytest.mark.parametrize(
    ("day", "state", "word"),
    [
        ("2026-12-31", "valid", "Valid"),
        ("2027-01-01", "expired", "Expired"),
        ("2026-07-31", "not-yet", "Not valid yet"),
    ],
)
def test_expired_says_so(day: str, state: str, word: str) -> None:
    story = story_with(told(report(), 20), day=day)
    (view,) = views(story)
    assert (view.state, view.word) == (state, word)
    assert story_json(story)["certificates"][0]["validity"] == state


def test_one_that_was_declared_wrong_is_withdrawn() -> None:
    event = told(report(), 20)
    declared = replace(event, sequence=21, body={**event.body, "errorDeclaration": {}})
    (view,) = views(story_with(event, declared))
    assert (view.state, view.mark) == ("withdrawn", "bad")


def test_one_whose_record_fails_its_checks_is_never_called_valid() -> None:
    event = told(report(), 20)
    failed = tuple(
        replace(check, outcome=Outcome.FAILED) if check.name is CheckName.SIGNATURE else check for check in event.checks
    )
    (view,) = views(story_with(replace(event, checks=failed)))
    assert (view.state, view.mark) == ("doubtful", "bad")


def test_promises_stand_first_and_those_of_what_went_in_say_of_which_lot() -> None:
    story = story_with(
        told(report(), 20), told(promise(), 21, by_issuer=True),
        told(promise(samples.PICKED, samples.FARM), 22, party=samples.FARM, by_issuer=True),
    )  # fmt: skip
    first, second, third = views(story)
    assert [first.title, second.title, third.title] == ["Promise certificate", "Pesticide test", "Promise certificate"]
    assert (first.lots, third.lots) == ("", samples.PICKED.code)
    assert third.lot_href.endswith(samples.PICKED.code)
    assert "2,944 kg" in first.details[0]
    assert "Contact: 0902-2261100" in first.details[2]
    found = promised(story)
    assert found is not None
    assert found.event.sequence == 21


def test_a_lot_without_a_promise_of_its_own_lacks_one() -> None:
    other = told(promise(samples.PICKED, samples.FARM), 22, party=samples.FARM, by_issuer=True)
    assert promised(story_with(other)) is None


def test_a_certificate_is_no_stop_on_the_way() -> None:
    with_it, without = story_with(told(report(), 20)), samples.verified()
    stops = lot_page(with_it, samples.MASTER, SPEAK, link="x").stops
    assert len(stops) == len(lot_page(without, samples.MASTER, SPEAK, link="x").stops)
    shown = [event.title for event in lot_page(with_it, samples.MASTER, SPEAK, link="x").evidence.events]
    assert any("Certificate handed in" in title for title in shown)


def test_the_day_is_that_of_the_check() -> None:
    story = story_with(day="2026-09-01")
    assert day_of(story) == date(2026, 9, 1)
    assert day_of(replace(story, chain=None, last=None)) == max(one.record_time for one in story.events).date()


def test_as_json() -> None:
    story = story_with(told(promise(), 21, by_issuer=True))
    (told_json,) = story_json(story)["certificates"]
    assert told_json["promise"]["grams"][0]["grams"] == 2_944_000
    assert (told_json["supplied"], told_json["own"], told_json["file"]) == (False, True, None)
    assert told_json["keepUntil"] == "2027-02-07"
    assert len(certificates_of(story)) == 1
