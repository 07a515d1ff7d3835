"""
From a copied label to the alarm, in every language and at both sizes: cases get labels with serials, a reader scans one
and all is well; then too many do, the reader is told that it may be a copy, and reports it; the holder sees both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import zxingcpp
from event_builders import (
    FARM,
    FARM_GATE,
    HARVEST_LOT,
    MELON_CASE,
    NOON,
    PACKING_HOUSE,
    PACKING_LINE,
    PLOT,
    REFERENCE,
)
from journey import CASE, JOURNEYS, Journey, everywhere, plain
from journey_cast import counted, shows, taps_tile, travelled_cast
from playwright.sync_api import Browser, Page, expect
from pypdfium2 import PdfDocument
from staff_world import StaffWorld, staff_world

from api.localization import CHINA_TIME
from ledger.domain import event_forms as forms
from ledger.domain.event_forms import Amount
from ledger.domain.identifiers import Grams, LotRef

pytestmark = [pytest.mark.browser, pytest.mark.chain]
CASES = 4
MOST_A_DAY = 40
TONNE = 1_000_000
IN_ORDER = (
    "This is label %(number)s of %(issued)s for this lot. It was seen only where and as often as one case can be."
)
SEEN = {"en": "The print is grey.", "zh": "印刷发灰。", "ug": "باسمىسى كۈلرەڭ ئىكەن."}


def lot_of(journey: Journey) -> LotRef:
    """Each reader has a lot of its own."""
    return LotRef(MELON_CASE, f"P-{100 + journey.number}")


def document() -> dict[str, object]:
    """From the field into four cases of each reader's lot."""
    whole = [Amount(HARVEST_LOT, Grams(TONNE * len(JOURNEYS)))]
    part = [Amount(HARVEST_LOT, Grams(TONNE))]
    events = [
        forms.harvest(FARM, whole[0], NOON, PLOT),
        forms.shipping(FARM, PACKING_HOUSE, REFERENCE, whole, NOON, FARM_GATE),
        forms.receiving(PACKING_HOUSE, FARM, REFERENCE, whole, NOON, PACKING_LINE),
        *(
            forms.transformation(
                PACKING_HOUSE, part, [Amount(lot_of(one), Grams(TONNE), CASES)], NOON, PACKING_LINE
            )
            for one in JOURNEYS
        ),
    ]  # fmt: skip
    return {
        "@context": [forms.STANDARD_CONTEXT, {"silkroot": forms.SILKROOT_NAMESPACE}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-08-06T00:00:00+08:00",
        "epcisBody": {"eventList": [{k: v for k, v in event.items() if k != "@context"} for event in events]},
    }


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffWorld]:
    folder = tmp_path_factory.mktemp("labels")
    with staff_world(folder, travelled_cast()) as made:
        file = folder / "packed.jsonld"
        file.write_text(json.dumps(document()), encoding="utf-8")
        made.service.operate("import", path=str(file), dry_run=False)
        made.service.wait_until_settled()
        yield made


def labels_made(page: Page, journey: Journey, folder: Path) -> list[str]:
    """The holder makes three labels with serials; paths of their pages, as a decoder reads them from the paper."""
    taps_tile(page, journey, "Labels", "/staff/labels")
    form = page.locator("#serial-form")
    expect(form.get_by_role("heading")).to_have_text(journey.say("Each case its own serial"))
    lot = journey.field(page, "Lot that you packed")
    mine = lot.locator("option", has_text=lot_of(journey).code)
    assert CASE[journey.language] in mine.inner_text()
    lot.select_option(value=mine.get_attribute("value"))
    journey.field(page, "How many cases").fill("5")
    journey.press(page, "Make labels with serials")
    told = journey.say("A lot never has more serials than cases were packed.")
    room = counted(
        journey, "%(count)s case of this lot has no serial yet.", "%(count)s cases of this lot have no serial yet.", 4
    )
    shows(page.locator("#error-serials"), f"{told} {room}")
    journey.fits(page)
    journey.field(page, "How many cases").fill("3")
    with page.expect_download() as download:
        journey.press(page, "Make labels with serials")
    paper = folder / "labels.pdf"
    download.value.save_as(paper)
    sheets = [sheet.render(scale=4).to_pil() for sheet in PdfDocument(paper)]
    links = [code.text for sheet in sheets for code in zxingcpp.read_barcodes(sheet)]
    assert len(set(links)) == 3
    return [urlsplit(link).path for link in links]


def scanned(page: Page, journey: Journey, url: str, verdict: str, headline: str) -> None:
    """The reader opens the label's page, which says so in one line."""
    journey.go(page, url)
    expect(page.locator("main")).to_have_attribute("data-verdict", verdict)
    expect(page.locator(".verdict h2")).to_have_text(journey.say(headline))


def at(journey: Journey, number: int) -> dict[str, str]:
    """What the operator's proxy says of a phone: an address of its own, of which few scans and reports are counted."""
    return {"x-forwarded-for": f"198.51.{100 + journey.number}.{number}"}


def reported(page: Page, journey: Journey) -> None:
    """The reader says what is wrong with the label."""
    journey.link(page, "Report a problem").click()
    journey.field(page, "The label looks copied or damaged").check()
    journey.field(page, "What happened? (if you like)").fill(SEEN[journey.language])
    journey.press(page, "Send")
    thanks = journey.say("Thank you. Your report is kept for those who hold this lot.")
    expect(page.locator("#report .done")).to_have_text(thanks)
    journey.fits(page)


@everywhere
def test_a_copied_label_is_told_to_its_reader_and_to_its_holder(
    browser: Browser, world: StaffWorld, tmp_path: Path, journey: Journey
) -> None:
    code, say = lot_of(journey).code, journey.say
    with journey.signed_in(world, browser, PACKING_HOUSE, f"Gül {journey.number}", "staff") as clerk:
        copied, other, _ = (world.url + path for path in labels_made(clerk, journey, tmp_path))
        with journey.opened(browser, extra_http_headers=at(journey, 1)) as reader:
            scanned(reader, journey, copied, "verified", "Verified")
            assert plain(reader.locator(".about-label").inner_text()) in {
                say(IN_ORDER, number=number, issued=3) for number in (1, 2, 3)
            }
        with httpx.Client(headers={"accept": "text/html", "user-agent": "Phone"}, timeout=30) as others:
            for number in range(2, MOST_A_DAY + 1):
                assert others.get(copied, headers=at(journey, number)).status_code == 200
        today = datetime.now(CHINA_TIME)
        with journey.opened(browser, extra_http_headers=at(journey, MOST_A_DAY + 1)) as reader:
            scanned(reader, journey, copied, "suspect", "Perhaps a copied label")
            lead = "This label may be a copy: see why below. What follows is the record of the lot itself."
            shows(reader.locator(".verdict"), say(lead))
            why = "By %(day_date)s this label, or copies of it, had been scanned %(count)s times."
            told = say(why, day_date=journey.words.date(today), count=MOST_A_DAY + 1)
            shows(reader.locator(".troubles"), told)
            reported(reader, journey)
            scanned(reader, journey, other, "verified", "Verified")

        taps_tile(clerk, journey, "Labels and copies", "/staff/serials")
        row = clerk.locator(".rows li", has_text=code)
        shows(row.locator(".badge.bad"), counted(journey, "%(count)s label copied", "%(count)s labels copied", 1))
        row.locator("a").click()
        alarm = clerk.locator("tr.alarm")
        expect(alarm).to_have_count(1)
        journey.fits(clerk)
        shows(alarm, say("copied label"))
        shows(alarm, say("scanned %(count)s times by %(day)s", count=MOST_A_DAY + 1, day=journey.words.date(today)))
        shows(alarm, f"×\u00a0{MOST_A_DAY + 1}")
        shows(clerk.locator("tbody tr:not(.alarm)").last, say("not scanned yet"))
        assert copied.rpartition("/")[2] not in clerk.content(), "a serial is shown to nobody"

        taps_tile(clerk, journey, "Reports from consumers", "/staff/reports")
        report = clerk.locator(".reports li", has_text=code)
        shows(report, say("The label looks copied or damaged"))
        expect(report.locator("blockquote")).to_have_text(SEEN[journey.language])
        journey.press(report, "Seen to")
        expect(clerk.locator("main > .reports li", has_text=code)).to_have_count(0)
        shows(clerk.locator(".reports .empty"), say("Nobody reported anything that is still open."))
        journey.fits(clerk)
