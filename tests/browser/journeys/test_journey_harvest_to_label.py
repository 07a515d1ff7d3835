"""
Harvest to label, in every language, on a phone and at a desk: a harvest is entered, signed in the browser and recorded;
its label is printed and its code read by a decoder that is not ours; the page behind it says "verified" to a reader of
that language, whose own browser then checks it again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

import pypdfium2
import pytest
import zxingcpp
from event_builders import BULK_MELON, FARM
from journey import MELON, PARTIES, PLOT, Journey, cast, everywhere, plain
from playwright.sync_api import Browser, Page, expect
from staff_world import StaffWorld, staff_world

from api.views.answer import MEANS
from api.views.phrases import VERDICTS
from api.views.verify_words import _VERDICTS as BROWSER_VERDICTS
from ledger.domain.story_values import Verdict

pytestmark = [pytest.mark.browser, pytest.mark.chain]
GRAMS = 1_240_500
PICKED = datetime(2026, 8, 5, 9, 30)
DOTS_PER_INCH = 203
"""Of a printer of labels."""
SLOW = 30_000
"""Milliseconds for a new record to be final, and to be checked by a browser."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffWorld]:
    """A real service and chain."""
    with staff_world(tmp_path_factory.mktemp("harvest"), cast()) as made:
        yield made


@everywhere
def test_a_harvest_from_the_form_to_the_page_behind_the_label(
    browser: Browser, world: StaffWorld, journey: Journey
) -> None:
    lot = f"H-J{journey.number}"
    with journey.signed_in(world, browser, FARM, f"Ayshem {journey.number}", "staff") as page:
        harvest(world, journey, page, lot)
        link = print_label(journey, page, lot)
    assert link.endswith(f"/01/{BULK_MELON:014d}/10/{lot}")
    world.service.wait_until_settled()
    with journey.opened(browser) as consumer:
        journey.go(consumer, world.url + re.sub("^https?://[^/]+", "", link))
        is_verified(journey, consumer, lot)
        checks_it_again(journey, consumer)


def harvest(world: StaffWorld, journey: Journey, page: Page, lot: str) -> None:
    """From the first page by its tile; what is signed says what was entered."""
    journey.link(page.locator("main"), "Harvest", whole=False).click()
    page.wait_for_url(f"{world.url}/staff/harvest")
    journey.fits(page)
    expect(journey.heading(page)).to_have_text(journey.say("Harvest"))
    journey.field(page, "Plot").select_option(f"{FARM:013d}/PLOT-7")
    journey.field(page, "Fruit").select_option(f"{BULK_MELON:014d}")
    chosen = [plain(text) for text in page.locator("#form option:checked").all_inner_texts()]
    assert chosen == [PLOT[journey.language], MELON[journey.language]]
    weight = journey.field(page, "Weight")
    expect(weight).to_have_css("direction", "ltr")
    journey.field(page, "Lot").fill(lot)
    page.get_by_text(journey.say("Another time, or a photo")).click()
    journey.field(page, "When it happened").fill(PICKED.isoformat(timespec="minutes"))

    weight.fill("0")
    journey.check(page)
    error = page.locator("#error-grams")
    expect(error).to_contain_text("[draft.grams]", timeout=SLOW)
    journey.fits(page)

    weight.fill("1,240.5")
    journey.check(page)
    values = {"weight": journey.kilograms(GRAMS), "product": MELON[journey.language], "lot": lot}
    said = journey.say(
        "%(weight)s of %(product)s, lot %(lot)s, picked at %(place)s", **values, place=PLOT[journey.language]
    )
    assert journey.said(page) == [said]
    journey.sign(page)
    assert [journey.text(line) for line in page.locator("#done-said li").all()] == [said]


def print_label(journey: Journey, page: Page, lot: str) -> str:
    """The link in the code of the label, in the words and in the file that one gets."""
    journey.link(page, "Print labels").click()
    page.wait_for_url("**/staff/labels?**")
    journey.fits(page)
    expect(journey.heading(page)).to_have_text(journey.say("Labels"))
    expect(page.locator("#lot")).to_have_value(f"{BULK_MELON:014d}/{lot}")
    expect(page.locator(f"#form input[name=language][value={journey.language}]")).to_be_checked()
    journey.field(page, "How many").fill("2")
    with page.context.expect_event("request", lambda request: "labels.pdf" in request.url) as asked:
        journey.press(page, "Make the labels")
    links = []
    for label in pypdfium2.PdfDocument(page.request.get(asked.value.url).body()):
        found = zxingcpp.read_barcodes(label.render(scale=DOTS_PER_INCH / 72).to_pil().convert("L"))
        links += [one.text for one in found if one.format == zxingcpp.BarcodeFormat.QRCode]
    assert links == links[:1] * 2
    return links[0]


def is_verified(journey: Journey, page: Page, lot: str) -> None:
    """To somebody who is not signed in: verdict, what it means, where and when it grew, how much there is of it."""
    words = VERDICTS[Verdict.VERIFIED]
    expect(page.locator("main")).to_have_attribute("data-verdict", "verified")
    expect(page.locator("section.verdict h2")).to_have_text(journey.say(words.title))
    expect(page.locator("section.verdict p").first).to_have_text(journey.say(words.lead))
    assert journey.text(journey.heading(page)) == MELON[journey.language]
    assert journey.text(page.locator(".ids")) == f"{journey.say('Lot')} {lot}"
    origin = journey.text(page.locator(".origins"))
    for text in (PLOT[journey.language], PARTIES[FARM][journey.language], journey.say("Harvested")):
        assert text in origin
    assert journey.text(page.locator(".origins time")) == journey.words.date(PICKED)
    assert journey.text(page.locator(".sums dd").last) == journey.kilograms(GRAMS)
    page.get_by_text(journey.say("What this verdict means, and what it does not")).click()
    expect(page.locator(".meaning p").first).to_have_text(journey.say(MEANS[Verdict.VERIFIED]))
    journey.fits(page)


def checks_it_again(journey: Journey, page: Page) -> None:
    """The reader's own browser comes to the same."""
    journey.link(page, "Check it yourself").click()
    expect(page.locator("#verdict")).to_have_class("verdict verified", timeout=SLOW)
    expect(journey.heading(page)).to_have_text(journey.say("Check it yourself"))
    expect(page.locator("#verdict h2")).to_have_text(journey.say(VERDICTS[Verdict.VERIFIED].title))
    expect(page.locator("#verdict p").first).to_have_text(journey.say(BROWSER_VERDICTS[Verdict.VERIFIED]))
    journey.fits(page)
