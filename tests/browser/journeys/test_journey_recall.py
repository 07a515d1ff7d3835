"""
From a recall to the red page, in every language and at both sizes: a regulator finds the lot, sees what a recall
reaches and whom to call, signs it on its own phone; whoever reads a label sees it red at once, and the chain follows.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import event_builders as b
import httpx
import pytest
from accessibility import assert_accessible
from journey import CASE, JOURNEYS, PARTIES, Journey, everywhere, plain
from journey_cast import REGULATOR, counted, shows, taps_tile, travelled_cast
from playwright.sync_api import Browser, Page, expect
from staff_world import StaffWorld, staff_world

from ledger.domain.canonical_json import canonical
from ledger.domain.event_forms import When
from ledger.domain.identifiers import LotRef

pytestmark = [pytest.mark.browser, pytest.mark.chain]
LATER = When("2026-08-05T13:00:00+08:00")
REASON = {
    "en": "Salmonella found in a sample of this lot",
    "zh": "该批次样品检出沙门氏菌",
    "ug": "بۇ تۈركۈمنىڭ ئەۋرىشكىسىدە سالمونېللا بايقالدى",
}


def family(journey: Journey) -> tuple[LotRef, LotRef, LotRef]:
    """Each regulator's own: what was harvested, what was packed of it, what was packed of that."""
    number = 100 + journey.number
    return LotRef(b.BULK_MELON, f"H-{number}"), LotRef(b.MELON_CASE, f"P-{number}"), LotRef(b.MELON_CASE, f"R-{number}")


def events(journey: Journey) -> list[Mapping[str, Any]]:
    """A tonne is harvested and packed into 900 kg; 400 kg of those into 390 kg."""
    harvested, packed, again = family(journey)
    reference, tonne = b.sscc(100 + journey.number), [b.amount(harvested)]
    return [
        b.harvest(lot=harvested),
        b.shipping(manifest=tonne, reference=reference),
        b.receiving(manifest=tonne, reference=reference),
        b.packing(inputs=tonne, outputs=[b.amount(packed, 900_000)]),
        b.packing(inputs=[b.amount(packed, 400_000)], outputs=[b.amount(again, 390_000)], when=LATER),
    ]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffWorld]:
    """A family of lots for each journey, recorded by those whose keys the service keeps."""
    folder = tmp_path_factory.mktemp("recall")
    with staff_world(folder, travelled_cast()) as made:
        document = {
            "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
            "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-08-05T14:00:00Z",
            "epcisBody": {"eventList": [event for one in JOURNEYS for event in events(one)]},
        }  # fmt: skip
        path = folder / "season.jsonld"
        path.write_bytes(canonical(document))
        made.service.operate("import", path=str(path), dry_run=False)
        made.service.wait_until_settled()
        yield made


def told(world: StaffWorld, lot: LotRef) -> dict[str, Any]:
    answer: dict[str, Any] = httpx.get(f"{world.url}/lots/{lot.product:014d}/{lot.code}", timeout=30).json()
    return answer


def until(world: StaffWorld, lot: LotRef, wanted: str) -> None:
    deadline = time.monotonic() + 90
    while (verdict := told(world, lot)["verdict"]) != wanted:
        assert time.monotonic() < deadline, f"{lot} is {verdict}, not {wanted}"
        time.sleep(0.3)


def label_of(world: StaffWorld, lot: LotRef) -> str:
    return f"{world.url}/01/{lot.product:014d}/10/{lot.code}"


def preview(page: Page, journey: Journey, world: StaffWorld) -> None:
    """From the first page to what a recall of the harvest would reach."""
    harvested, packed, again = family(journey)
    taps_tile(page, journey, "Recall", "/staff/recall")
    journey.field(page, "Lot, label or product number").fill("H-NONE")
    journey.press(page, "Search")
    expect(page.locator(".notice.warn")).to_have_text(journey.say("No lot of this name is recorded here."))
    journey.fits(page)
    journey.field(page, "Lot, label or product number").fill(harvested.code)
    journey.press(page, "Search")
    page.wait_for_url(f"{world.url}/staff/recall/{harvested.product:014d}/{harvested.code}")
    journey.fits(page)
    shows(journey.heading(page), f"{journey.say('Recall of lot')} {harvested.code}")
    expect(page.get_by_role("heading", name=journey.say("What a recall would reach"))).to_be_visible()
    expect(page.locator("[data-lots]")).to_have_text(counted(journey, "%(count)s lot", "%(count)s lots", 3))
    holder = page.locator("table.holders tbody tr")
    expect(holder).to_have_count(1)
    shows(holder, PARTIES[b.PACKING_HOUSE][journey.language])
    shows(holder, journey.kilograms(890_000))
    rows = page.locator("table.family tbody tr")
    for number, lot in enumerate((harvested, packed, again)):
        shows(rows.nth(number), lot.code)
    shows(rows.nth(2), CASE[journey.language])
    shows(rows.nth(2), journey.kilograms(390_000))


def refused_then_left(page: Page, journey: Journey) -> None:
    """Without a reason nothing happens, nor where one is not sure."""
    journey.press(page, "Recall this lot")
    expect(page.locator("#reason-error")).to_have_text(journey.say("This has to be filled in."))
    journey.field(page, "Reason").fill(REASON[journey.language])
    journey.press(page, "Recall this lot")
    sure = page.get_by_role("dialog")
    lots = counted(journey, "%(count)s lot", "%(count)s lots", 3)
    shows(sure.get_by_role("heading"), journey.say("Recall %(lots)s?", lots=lots))
    journey.fits(page)
    journey.press(sure, "Not now")
    expect(sure).to_be_hidden()


def is_red(page: Page, journey: Journey) -> None:
    """The page of a label says in one line that the lot is recalled, by whom and why, and what to do."""
    verdict = page.locator(".verdict")
    expect(page.locator("main")).to_have_attribute("data-verdict", "recalled")
    expect(verdict.get_by_role("heading", level=2)).to_have_text(journey.say("Recalled"))
    todo = [plain(line) for line in verdict.locator("ol.todo li").all_inner_texts()]
    assert todo[0] == journey.say("Do not eat it, and do not give it to anybody.")
    assert todo[2] == journey.say("If you ate of it and feel unwell, see a doctor and show this page.")
    assert len(todo) == 3
    red, green, blue = page.evaluate(
        "getComputedStyle(document.querySelector('.verdict')).backgroundColor.match(/[0-9]+/g).slice(0, 3).map(Number)"
    )
    assert red > max(green, blue) + 40, (red, green, blue)
    journey.fits(page)


@everywhere
def test_a_recall_is_signed_and_every_label_is_red_at_once(
    browser: Browser, world: StaffWorld, journey: Journey
) -> None:
    harvested, _, again = lots = family(journey)
    until(world, again, "verified")
    with (
        journey.opened(browser) as consumer,
        journey.signed_in(world, browser, b.REGULATOR, f"Li Wei {journey.number}", "staff") as page,
    ):
        journey.go(consumer, label_of(world, again))
        expect(consumer.locator(".verdict h2")).to_have_text(journey.say("Verified"))
        preview(page, journey, world)
        assert_accessible(page)
        refused_then_left(page, journey)
        assert told(world, again)["verdict"] == "verified"
        journey.press(page, "Recall this lot")
        with page.expect_navigation():
            journey.press(page, "Sign the recall")
        # The local mark stands before anything waits for the chain.
        consumer.reload()
        is_red(consumer, journey)
        progress = page.locator("#progress")
        expect(progress.get_by_role("heading")).to_have_text(journey.say("This lot is recalled"))
        marked = "%(recalled)s of %(lots)s are marked as recalled on this service."
        three = counted(journey, "%(count)s lot", "%(count)s lots", 3)
        shows(progress, journey.say(marked, recalled=3, lots=three))
        shows(progress, REASON[journey.language])
        shows(progress, REGULATOR[journey.language])
        journey.fits(page)
        expect(progress).to_have_attribute("data-done", "yes", timeout=90_000)
        expect(progress.locator("[data-state]")).to_have_text(journey.say("The shared ledger has it."))
        assert_accessible(page, "a recall that stands")
        journey.link(progress, "Page of this lot").click()
        is_red(page, journey)
        by = {"lot_code": harvested.code, "party_name": REGULATOR[journey.language]}
        shows(page.locator(".troubles"), journey.say("Lot %(lot_code)s was recalled by %(party_name)s.", **by))
        shows(page.locator("main"), REASON[journey.language])
    assert [told(world, lot)["verdict"] for lot in lots] == ["recalled"] * 3
    (event,) = [one for one in told(world, harvested)["events"] if one["kind"].lower() == "recall"]
    assert event["party"] == f"{b.REGULATOR:013d}"
    assert [key for key in world.keys_of(b.REGULATOR).values() if not key["hosted"]], "a phone signed it"
