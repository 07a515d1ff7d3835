"""The pages of a hub in a real Chromium, before a real service and chain: a waybill's number, lists, the map, live."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from accessibility import assert_accessible
from event_builders import BUYER, HUB
from hub_world import HubWorld, hub_master
from playwright.sync_api import Browser, Page, expect
from staff_world import DESK, PHONE, StaffWorld, staff_world

pytestmark = [pytest.mark.browser, pytest.mark.chain]
SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffWorld]:
    with staff_world(tmp_path_factory.mktemp("hub"), hub_master()) as made:
        around = HubWorld(made)
        around.pack()
        around.send("T-1", 60)
        around.receive("T-1", 50)
        around.send("T-2", 5)
        around.send("T-3", 72)
        yield made


def assert_no_barrier(page: Page) -> None:
    """No rule of WCAG 2.2 AA is broken; at the page's end, where nothing lies under the button at the lower edge."""
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    assert_accessible(page)


def begin(page: Page, url: str, number: str, *, answered: bool = True) -> None:
    """A new air waybill: forty pieces, built up and then screened."""
    page.goto(f"{url}/staff/air/new")
    page.get_by_label("Air waybill").press_sequentially(number.replace("-", ""))
    expect(page.locator("#waybill")).to_have_value(number)
    page.locator("[name=lot]").first.check()
    for field, value in (
        ("flight", "zz6901"), ("to", "pek"), ("uld", "pmc12345zz"), ("pieces", "40"), ("kilograms", "80,5"),
    ):  # fmt: skip
        page.locator(f"#{field}").fill(value)
    page.locator("#date").fill("2026-12-01")
    page.locator("#air-go").click()
    if answered:
        page.wait_for_url(f"{url}/staff/air")


def test_a_step_that_nobody_answers_is_kept_and_sent_later(browser: Browser, world: StaffWorld) -> None:
    number = f"999-1000003{1_000_003 % 7}"
    with world.signed_in(browser, HUB, "Memet", "staff") as page:
        page.context.route("**/staff/api/events", lambda route: route.fulfill(status=503, body=""))
        begin(page, world.url, number, answered=False)
        expect(page.locator("#say")).to_contain_text("what you signed is kept on this phone", timeout=15_000)
        page.context.unroute("**/staff/api/events")
        page.goto(f"{world.url}/staff/queue")
        expect(page.locator(".item h2")).to_contain_text(f"Air freight · {number}")
        expect(page.locator(".item .badge")).to_have_text("Recorded", timeout=15_000)
        page.goto(f"{world.url}/staff/air")
        expect(page.locator("section.leg", has_text=number)).to_have_count(1)


@SIZES
def test_a_waybill_is_looked_at_as_one_types(browser: Browser, world: StaffWorld, size: dict[str, int]) -> None:
    with world.signed_in(browser, HUB, "Memet", "staff", size) as page:
        page.goto(f"{world.url}/staff/air/new")
        check, number = page.locator("#waybill-check"), page.get_by_label("Air waybill")
        number.press_sequentially("999123")
        expect(check).to_have_text("6 of 11 digits")
        number.press_sequentially("45674")
        expect(check).to_have_text("The last digit does not fit: read the number again.")
        page.locator("#air-go").click()
        expect(page.locator("[data-for=waybill]")).to_have_text("The last digit does not fit: read the number again.")
        assert page.url.endswith("/staff/air/new")
        number.press("Backspace")
        number.press_sequentially("5")
        expect(check).to_have_text("The last digit fits.")
        page.locator("#air-go").click()
        expect(page.locator("[data-for=lots]")).to_have_text("Choose at least one lot.")
        assert_no_barrier(page)


@SIZES
def test_the_lists_follow_what_is_recorded(browser: Browser, world: StaffWorld, size: dict[str, int]) -> None:
    around, number = HubWorld(world), f"L-{size['width']}"
    with world.signed_in(browser, HUB, "Memet", "staff", size) as page:
        page.goto(f"{world.url}/staff/hub")
        # What is late comes first.
        expect(page.locator(".gates [aria-current]")).to_contain_text("Overdue")
        expect(page.locator(".hub-rows")).to_contain_text("T-3")
        expect(page.locator(".hub-rows .badge")).to_contain_text("late by")
        page.locator("[data-count=expected]").click()
        expect(page.locator(".hub-rows")).to_contain_text("T-2")
        expect(page.locator(".hub-rows")).to_contain_text("the sender stated none")
        expect(page.locator("#live-state")).to_have_text("This page follows what is recorded.")
        before = int(page.locator("[data-count=expected] b").inner_text())
        around.send(number, 1, 1_000)
        expect(page.locator("[data-count=expected] b")).to_have_text(str(before + 1))
        expect(page.locator(".hub-rows")).to_contain_text(number)
        assert_no_barrier(page)
        page.locator(".hub-rows a", has_text=number).click()
        expect(page.locator("h1")).to_contain_text(number)
        expect(page.get_by_text("On its way", exact=True)).to_be_visible()
        expect(page.locator(".deeds li")).to_have_count(1)
        around.receive(number, 0)
        expect(page.get_by_text("Received", exact=True)).to_be_visible()
        expect(page.locator(".deeds li")).to_have_count(2)
        assert_no_barrier(page)
        page.goto(f"{world.url}/staff/hub?show=here")
        expect(page.locator(".hub-rows")).to_contain_text("P-1")
        expect(page.locator(".hub-rows .badge")).to_contain_text("d")
        assert_no_barrier(page)


@SIZES
def test_the_map_shows_what_is_under_way_and_follows(browser: Browser, world: StaffWorld, size: dict[str, int]) -> None:
    around = HubWorld(world)
    with world.signed_in(browser, HUB, "Memet", "staff", size) as page:
        page.goto(f"{world.url}/staff/hub/map")
        arc = page.locator("#map .arc[data-from=Hami][data-to='Ürümqi']")
        expect(arc).to_have_count(1)
        expect(page.locator("#map .city-name", has_text="Hami")).to_be_visible()
        expect(page.locator("#map .last[data-city=Hami]")).to_have_count(1)
        assert page.locator("#map .river").count() > 5
        box = page.locator("#map svg").bounding_box()
        assert box is not None
        assert box["width"] <= size["width"]
        onward = page.locator("#map .arc[data-to=Beijing]")
        known = onward.count()
        before = page.locator("#live .rows li").count()
        around.send_on(f"M-{size['width']}", 0, 1_000)
        expect(page.locator("#live .rows li")).to_have_count(before + 1)
        expect(onward).to_have_count(1)
        assert known <= 1
        expect(page.locator("#live")).to_contain_text("Ürümqi to Beijing")
        assert_no_barrier(page)


def test_a_buyer_sees_what_is_its_own(browser: Browser, world: StaffWorld) -> None:
    with world.signed_in(browser, BUYER, "Li Na", "staff") as page:
        page.goto(f"{world.url}/staff/hub?show=expected")
        expect(page.locator("#live")).not_to_contain_text("T-2")
        page.goto(f"{world.url}/staff/air")
        expect(page.locator("#live")).to_contain_text("Nothing flies.")


@pytest.mark.parametrize("language", ["zh", "ug"])
@SIZES
def test_every_page_stands_in_every_language(
    browser: Browser, world: StaffWorld, size: dict[str, int], language: str
) -> None:
    with world.signed_in(browser, HUB, "Memet", "staff", size, language) as page:
        for path in ("hub?show=here", "hub?show=overdue", "hub/map", "air", "air/new"):
            page.goto(f"{world.url}/staff/{path}")
            expect(page.locator("h1")).to_be_visible()
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= size["width"], f"{path} is wider than the screen"
            assert page.evaluate("document.documentElement.dir || 'ltr'") == ("rtl" if language == "ug" else "ltr")


def test_it_is_whole_without_scripts(browser: Browser, world: StaffWorld) -> None:
    with world.signed_in(browser, HUB, "Memet", "staff") as page:
        cookies = page.context.cookies()
    context = browser.new_context(viewport=PHONE, locale="en", java_script_enabled=False)  # type: ignore[arg-type]
    try:
        context.add_cookies(cookies)  # type: ignore[arg-type]
        plain = context.new_page()
        plain.goto(f"{world.url}/staff/hub?show=overdue")
        expect(plain.locator(".hub-rows")).to_contain_text("T-3")
        plain.goto(f"{world.url}/staff/hub/map")
        expect(plain.locator("#live")).to_contain_text("Hami to Ürümqi")
        expect(plain.locator("#map")).to_be_hidden()
    finally:
        context.close()
