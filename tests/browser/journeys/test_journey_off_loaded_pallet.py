"""
A pallet that a flight leaves behind, in every language and at both sizes: goods go onto an air waybill, are built up
and loaded, a part is off-loaded and booked on the next flight. What was signed is what the ledger has.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from accessibility import assert_accessible
from event_builders import HUB
from hub_world import HubWorld
from journey import CASE, Journey, everywhere, plain
from journey_cast import counted, shows, taps_tile, travelled_cast
from playwright.sync_api import Browser, Page, expect
from staff_world import StaffWorld, staff_world

pytestmark = [pytest.mark.browser, pytest.mark.chain]
DAYS = {
    "en": ("1 Dec 2026", "2 Dec 2026"),
    "zh": ("2026年12月1日", "2026年12月2日"),
    "ug": ("1-دېكابىر، 2026", "2-دېكابىر، 2026"),
}
STEPS = 7


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffWorld]:
    """The hub holds a hundred kilograms of melons in cases."""
    with staff_world(tmp_path_factory.mktemp("air"), travelled_cast()) as made:
        around = HubWorld(made)
        around.pack()
        around.send("T-1", 60)
        around.receive("T-1", 50)
        yield made


def amount(journey: Journey, pieces: int, grams: int) -> str:
    told = counted(journey, "%(count)s piece", "%(count)s pieces", pieces)
    return f"{told}{journey.words.comma}{journey.kilograms(grams)}"


def begin(page: Page, journey: Journey, url: str, number: str) -> None:
    """From the first page to a new air waybill: forty pieces, screened."""
    taps_tile(page, journey, "Air leg", "/staff/air")
    journey.link(page, "New air waybill").click()
    page.wait_for_url(f"{url}/staff/air/new")
    expect(journey.heading(page)).to_have_text(journey.say("New air waybill"))
    digits = number.replace("-", "")
    typed = journey.field(page, "Air waybill")
    typed.press_sequentially(digits[:-1] + str((int(digits[-1]) + 1) % 10))
    told = journey.say("The last digit does not fit: read the number again.")
    expect(page.locator("#waybill-check")).to_have_text(told)
    typed.press("Backspace")
    typed.press_sequentially(digits[-1])
    expect(typed).to_have_value(number)
    expect(page.locator("#waybill-check")).to_have_text(journey.say("The last digit fits."))
    journey.press(page, "Sign and record")
    expect(page.locator("[data-for=lots]")).to_have_text(journey.say("Choose at least one lot."))
    journey.fits(page)
    page.get_by_role("checkbox", name=CASE[journey.language]).check()
    for label, value in (
        ("Flight", "zz6901"), ("Day", "2026-12-01"), ("To (airport)", "pek"), ("Container or pallet", "pmc12345zz"),
        ("Pieces", "40"), ("Weight in kg", "80,5"),
    ):  # fmt: skip
        journey.field(page.locator("main"), label).fill(value)
    journey.press(page, "Sign and record")
    page.wait_for_url(f"{url}/staff/air")
    journey.fits(page)


def sheet_signed(page: Page, journey: Journey) -> None:
    """The open sheet is signed; it closes when that is recorded."""
    sheet = page.locator("dialog[open]")
    journey.press(sheet, "Sign and record")
    expect(sheet).to_have_count(0)


@everywhere
def test_an_off_loaded_pallet_is_rebooked(browser: Browser, world: StaffWorld, journey: Journey) -> None:
    serial = 1_000_000 + journey.number
    number, (first, second) = f"999-{serial}{serial % 7}", DAYS[journey.language]
    with journey.signed_in(world, browser, HUB, "Memet", "staff") as page:
        journey.fits(page)
        begin(page, journey, world.url, number)
        leg = page.locator("section.leg", has_text=number)
        portion, sheet = leg.locator(".portions > li"), page.locator("dialog[open]")
        shows(leg, "URC → PEK")
        shows(portion, f"PMC12345ZZ · ZZ6901 · {first} · {amount(journey, 40, 80_500)}")
        expect(portion.locator("bdi")).to_have_css("direction", journey.words.direction)
        journey.press(portion, "Built up")
        expect(sheet.get_by_role("heading")).to_have_text(journey.say("Built up"))
        journey.fits(page)
        sheet_signed(page, journey)
        expect(page.locator("#say")).to_have_text(journey.saying("Recorded: %(step)s", step=journey.say("Built up")))
        journey.press(portion, "Loaded")
        shows(portion, journey.say("Aboard"))

        journey.press(portion, "Off-loaded …")
        journey.field(sheet, "A part of it").check()
        journey.field(sheet, "Pieces that came off").fill("41")
        journey.press(sheet, "Sign and record")
        told = journey.say("That is more than there is aboard, or nothing at all.")
        expect(sheet.locator("[data-for=pieces]")).to_have_text(told)
        journey.fits(page)
        journey.field(sheet, "Pieces that came off").fill("10")
        journey.field(sheet, "Their weight in kg").fill("20.5")
        sheet_signed(page, journey)
        off = portion.nth(1)
        shows(off, journey.say("Off-loaded, waits for a flight"))
        shows(off, amount(journey, 10, 20_500))
        shows(portion.nth(0), amount(journey, 30, 60_000))
        journey.fits(page)

        journey.press(off, "Rebook …")
        journey.field(sheet, "New flight").fill("ZZ6901")
        journey.field(sheet, "Day").fill("2026-12-01")
        journey.press(sheet, "Sign and record")
        told = journey.say("The goods were booked on that flight already. Choose another one.")
        expect(sheet.locator("[data-for=flight]")).to_have_text(told)
        journey.fits(page)
        journey.field(sheet, "New flight").fill("ZZ6875")
        journey.field(sheet, "Day").fill("2026-12-02")
        journey.field(sheet, "Container or pallet, if it is another one").fill("AKE54321ZZ")
        sheet_signed(page, journey)
        shows(off, f"AKE54321ZZ · ZZ6875 · {second} · {amount(journey, 10, 20_500)}")
        shows(off, journey.say("On the ground"))
        journey.press(off, "Built up")
        sheet_signed(page, journey)
        journey.press(off, "Loaded")
        shows(off, journey.say("Aboard"))

        leg.get_by_text(journey.say("What was stated"), exact=True).click()
        stated = leg.locator("details li")
        expect(stated).to_have_count(STEPS)
        part = f"{journey.say('Off-loaded in part')}: {amount(journey, 10, 20_500)}"
        assert any(plain(line).startswith(part) for line in stated.all_inner_texts()), stated.all_inner_texts()
        journey.fits(page)
        page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
        assert_accessible(page)
    world.service.wait_until_settled()
    assert world.service.operate("fsck")["faults"] == []
