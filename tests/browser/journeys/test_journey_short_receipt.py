"""
A short receipt and its settlement from two phones, in every language, on a phone and at a desk: the receiver signs for
less than was sent, and says what became of the rest; the sender, on a phone of its own, reads that and agrees.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import event_builders as b
import pytest
from accessibility import violations
from event_builders import BULK_MELON, FARM, PACKING_HOUSE
from journey import JOURNEYS, MELON, PARTIES, Journey, cast, everywhere
from playwright.sync_api import Browser, Page, expect
from staff_world import StaffWorld, staff_world

from ledger.domain.identifiers import LotRef

pytestmark = [pytest.mark.browser, pytest.mark.chain]
BORN, SENT, MISSING, LOST, DRY = 1_000_000, 400_000, 25_500, 20_000, 5_500
"""Grams of each lot: harvested, sent to the packing house, missing there; lost and dried off of that."""
SLOW = 20_000
PARTS = (
    "Lot %(lot)s, missing %(weight)s: lost %(loss)s, dried off %(dry)s, back with the sender %(back)s, "
    "turned up at the receiver %(here)s"
)


def lot_of(journey: Journey) -> LotRef:
    """The journey's own lot."""
    return LotRef(BULK_MELON, f"H-J{journey.number}")


def number_of(journey: Journey) -> str:
    """The number of its consignment, an SSCC."""
    return b.sscc(journey.number).rpartition("/")[2]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffWorld]:
    """For each journey a harvest at the farm, a part of which is on its way to the packing house."""
    folder = tmp_path_factory.mktemp("short")
    with staff_world(folder, cast()) as running:
        import_shipments(running, folder)
        yield running


def import_shipments(world: StaffWorld, folder: Path) -> None:
    """What is on its way before anybody looks."""
    events = []
    for journey in JOURNEYS:
        lot = lot_of(journey)
        sent = [b.amount(lot, SENT)]
        events += [b.harvest(lot=lot, grams=BORN), b.shipping(reference=b.sscc(journey.number), manifest=sent)]
    document = {
        "@context": [b.event_forms.STANDARD_CONTEXT], "type": "EPCISDocument", "schemaVersion": "2.0",
        "creationDate": "2026-08-05T12:00:00+08:00", "epcisBody": {"eventList": events},
    }  # fmt: skip
    file = folder / "events.jsonld"
    file.write_text(json.dumps(document), encoding="utf-8")
    world.service.operate("import", path=str(file), dry_run=False)
    world.service.wait_until_settled()


@everywhere
def test_a_short_receipt_is_settled_from_two_phones(browser: Browser, world: StaffWorld, journey: Journey) -> None:
    with (
        journey.signed_in(world, browser, PACKING_HOUSE, f"Memet {journey.number}", "staff") as packer,
        journey.signed_in(world, browser, FARM, f"Ayshem {journey.number}", "staff") as farmer,
    ):
        receive_less(world, journey, packer)
        said = propose(world, journey, packer)
        agree(world, journey, farmer, said)
    world.service.wait_until_settled()
    ref = lot_of(journey)
    with journey.opened(browser) as consumer:
        told = consumer.request.get(f"{world.url}/lots/{ref.product:014d}/{ref.code}").json()
        grams = told["grams"]
        assert told["verdict"] == "verified"
        assert (grams["missing"], grams["lost"], grams["weightLoss"]) == (0, LOST, DRY)
        journey.go(consumer, f"{world.url}/01/{ref.product:014d}/10/{ref.code}")
        is_told_to_everybody(journey, consumer)


def receive_less(world: StaffWorld, journey: Journey, page: Page) -> None:
    """From the desk's list of what is on its way; the button says how much is signed for."""
    journey.go(page, f"{world.url}/staff/desk")
    expect(journey.heading(page)).to_have_text(journey.say("Buyer's desk"))
    row = page.locator("#inbound li", has_text=number_of(journey)).first
    expect(row.locator("b").first).to_have_text(PARTIES[FARM][journey.language])
    assert journey.kilograms(SENT) in journey.text(row)
    expect(row.locator("[data-lacks]")).to_contain_text(journey.say("no temperature of the way"))
    journey.link(row, "Receive").click()
    expect(page.locator(".manifest h2")).to_have_text(
        journey.saying("From %(name)s", name=PARTIES[FARM][journey.language])
    )
    shipped = journey.words.minute(datetime.fromisoformat(b.NOON.time))
    expect(page.locator(".manifest .quiet").first).to_have_text(journey.saying("Shipped %(time)s", time=shipped))
    expect(page.locator(".manifest .mass")).to_have_text(journey.saying("%(number)s kg", number="400"))
    journey.fits(page)
    page.get_by_text(journey.say("Not as on the list")).click()
    journey.press(page, "Sign: %(mass)s accepted", mass=journey.kilograms(SENT))
    expect(page.locator(".parts > .error")).to_have_text(
        journey.say(
            "You said that it differs from the list. Write what is missing, goes back, comes later or is too much."
        )
    )
    journey.field(page, "Missing, kg").fill("25.5")
    journey.fits(page)
    journey.press(page, "Sign: %(mass)s accepted", mass=journey.kilograms(SENT - MISSING))
    expect(page.locator("#say")).to_have_text(journey.say("Recorded. The sender sees it now."), timeout=SLOW)
    journey.fits(page)


def open_claim(world: StaffWorld, journey: Journey, page: Page, badge: str = "") -> None:
    """From the desk's list of open claims."""
    journey.go(page, f"{world.url}/staff/desk")
    row = page.locator("#claims li", has_text=number_of(journey))
    expect(row.locator("b")).to_have_text(journey.saying("%(weight)s missing", weight=journey.kilograms(MISSING)))
    if badge:
        expect(row.locator(".badge")).to_have_text(journey.say(badge))
    row.locator("a").click()
    page.wait_for_url("**/staff/desk/claims/**")
    expect(journey.heading(page)).to_have_text(journey.saying("%(weight)s missing", weight=journey.kilograms(MISSING)))


def propose(world: StaffWorld, journey: Journey, page: Page) -> str:
    """What the receiver says became of it; first with a sum that is not what is missing."""
    open_claim(world, journey, page)
    expect(page.locator("p.sub")).to_have_text(
        journey.saying("Of what %(party)s sent you", party=PARTIES[FARM][journey.language])
    )
    accessible(journey, page)
    journey.field(page, "Lost on the way").fill("20")
    journey.check(page)
    left = journey.saying("%(weight)s not accounted for", weight=journey.kilograms(DRY))
    expect(page.locator("fieldset .error")).to_have_text(left)
    journey.fits(page)
    journey.field(page, "Dried off: weight lost by itself").fill("5.5")
    journey.check(page)
    nothing = journey.kilograms(0)
    said = journey.say(
        PARTS, lot=lot_of(journey).code, weight=journey.kilograms(MISSING), loss=journey.kilograms(LOST),
        dry=journey.kilograms(DRY), back=nothing, here=nothing,
    )  # fmt: skip
    assert journey.said(page) == [said]
    journey.sign(page, "Signed. It waits for the other side now, who has seven days.")
    journey.go(page, page.url)
    expect(page.locator(".notice.wait")).to_have_text(
        journey.saying(
            "You have signed what became of it. It waits for %(party)s now, who has seven days.",
            party=PARTIES[FARM][journey.language],
        )
    )
    return said


def agree(world: StaffWorld, journey: Journey, page: Page, said: str) -> None:
    """The sender reads the same sentence on the other phone, and signs."""
    open_claim(world, journey, page, "your answer is awaited")
    expect(page.locator("#answer h2")).to_have_text(journey.say("The other side has signed this"))
    expect(journey.button(page, "Agree and sign")).to_be_enabled()
    assert journey.text(page.locator("#proposed")) == said
    accessible(journey, page)
    expect(journey.button(page, "Turn it down")).to_be_visible()
    journey.press(page, "Agree and sign")
    expect(page.locator("#done-text")).to_have_text(journey.say("Both sides signed. It is recorded."), timeout=SLOW)
    journey.fits(page)
    journey.link(page.locator("#done-links"), "Buyer's desk").click()
    page.wait_for_url(f"{world.url}/staff/desk")
    expect(page.locator("#claims li", has_text=number_of(journey))).to_have_count(0)
    journey.fits(page)


def accessible(journey: Journey, page: Page) -> None:
    """The season of the page tour has no open claim, so that axe-core looks here."""
    journey.fits(page)
    found = violations(page)
    assert not found, "\n".join(map(str, found))


def is_told_to_everybody(journey: Journey, page: Page) -> None:
    """The lot's page tells of the shortage and its settlement, in the reader's words."""
    way = journey.text(page.locator(".way"))
    farm, house = PARTIES[FARM][journey.language], PARTIES[PACKING_HOUSE][journey.language]
    assert journey.say("Received from %(party)s, with something missing", party=farm) in way
    assert any(journey.say("Agreed with %(party)s on what was missing", party=party) in way for party in (farm, house))
    assert journey.kilograms(SENT - MISSING) in way
    assert journey.text(journey.heading(page)) == MELON[journey.language]
