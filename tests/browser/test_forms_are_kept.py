"""
What is signed on a form outlasts the page and the browser: a phone whose service does not answer, closed and opened
again, on a real service and chain; and whose entries a phone that is shared sends.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import event_builders as b
import httpx
import pytest
from accessibility import assert_accessible
from dock_phone import phone
from playwright.sync_api import BrowserContext, Page, Route, expect
from staff_world import StaffWorld, staff_world

pytestmark = [pytest.mark.browser, pytest.mark.chain]
BULK = f"{b.BULK_MELON:014d}"
EVENTS = "**/staff/api/events"
KEPT = """() => new Promise((done) => {
    const request = indexedDB.open("silkroot-dock");
    request.onsuccess = () => {
        const all = request.result.transaction("queue").objectStore("queue").getAll();
        all.onsuccess = () => done(all.result.map(({kind, state, person}) => ({kind, state, person})));
    };
})"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffWorld]:
    with staff_world(tmp_path_factory.mktemp("kept")) as running:
        yield running


def events_of(world: StaffWorld, code: str) -> list[dict[str, Any]]:
    """The recorded events of a lot of that code."""
    answer = httpx.get(f"{world.url}/lots/{BULK}/{code}", timeout=30)
    events: list[dict[str, Any]] = answer.json()["events"] if answer.status_code == 200 else []
    return events


def harvest(page: Page, world: StaffWorld, code: str) -> None:
    """Fills in a harvest and reads what will be signed."""
    page.goto(f"{world.url}/staff/harvest")
    page.locator("#product").select_option(BULK)
    page.locator("#lot").fill(code)
    page.locator("#grams").fill("412.5")
    page.get_by_role("button", name="Check and sign").click()
    expect(page.locator("#said li")).to_contain_text(["412.5 kg"], timeout=15_000)


def press(page: Page) -> None:
    page.get_by_role("button", name="Sign and record").click()


def answers_503(route: Route) -> None:
    route.fulfill(status=503, body="")


def queue(page: Page, world: StaffWorld) -> None:
    """The list of what waits on this phone."""
    page.goto(f"{world.url}/staff/queue")
    page.wait_for_selector("html[data-ready=yes]")


@pytest.mark.parametrize("failure", ["no network", "503"])
def test_signed_closed_and_opened_again_is_recorded_once(world: StaffWorld, tmp_path: Path, failure: str) -> None:
    code = "K-1" if failure == "503" else "K-2"
    with phone(tmp_path / "phone") as context:
        page = context.new_page()
        world.join(page, b.FARM, "Ayshem")
        harvest(page, world, code)
        if failure == "503":
            page.route(EVENTS, answers_503)
        else:
            context.set_offline(True)
        press(page)
        expect(page.locator("#confirm-error")).to_contain_text("kept on this phone", timeout=15_000)
        assert [(one["kind"], one["state"]) for one in page.evaluate(KEPT)] == [("form", "waiting")]
        page.close()
    assert events_of(world, code) == []
    with phone(tmp_path / "phone") as context:
        page = context.new_page()
        context.route(EVENTS, answers_503)
        queue(page, world)
        told = f"412.5 kg of Product 9520000001001, lot {code}, picked at Plot 7"
        expect(page.locator(".item h2")).to_have_text(told)
        expect(page.locator(".item")).to_contain_text("Signed by Ayshem")
        expect(page.locator(".item .badge")).to_have_text("Waits: the service is busy", timeout=15_000)
        assert_accessible(page, "a form that waits")
        assert events_of(world, code) == []
        context.unroute(EVENTS)
        page.get_by_role("button", name="Send now").click()
        expect(page.locator(".item .badge")).to_have_text("Recorded", timeout=15_000)
        page.reload()
        page.wait_for_timeout(500)
    world.service.wait_until_settled()
    (event,) = events_of(world, code)
    assert event["state"] == "confirmed"


def test_what_is_answered_is_not_kept(world: StaffWorld, tmp_path: Path) -> None:
    with phone(tmp_path / "phone") as context:
        page = context.new_page()
        world.join(page, b.FARM, "Ayshem")
        harvest(page, world, "K-3")
        press(page)
        expect(page.locator("#done-text")).to_have_text("Recorded", timeout=15_000)
        assert page.evaluate(KEPT) == []
        # Refused, since somebody was first with that lot while the sheet was open: shown on the form, and not kept.
        harvest(page, world, "K-4")
        made = {"lot": f"{BULK}/K-4", "where": f"{b.FARM:013d}/PLOT-7", "at": "2026-08-05T12:00:00+08:00"}
        world.service.operate("harvest", party=f"{b.FARM:013d}", grams=1, season=None, **made)
        press(page)
        expect(page.locator("#error-lot, #say")).to_contain_text(["LotExists"], timeout=15_000)
        assert page.evaluate(KEPT) == []
    assert len(events_of(world, "K-3")) == 1
    assert len(events_of(world, "K-4")) == 1


def test_pressed_again_it_is_kept_and_recorded_once(world: StaffWorld, tmp_path: Path) -> None:
    with phone(tmp_path / "phone") as context:
        page = context.new_page()
        world.join(page, b.FARM, "Ayshem")
        harvest(page, world, "K-5")
        page.route(EVENTS, answers_503)
        for _ in range(3):
            press(page)
            expect(page.locator("#confirm-error")).to_contain_text("press again", timeout=15_000)
        assert len(page.evaluate(KEPT)) == 1
        page.unroute(EVENTS)
        press(page)
        expect(page.locator("#done-text")).to_have_text("Recorded", timeout=15_000)
        assert page.evaluate(KEPT) == []
    assert len(events_of(world, "K-5")) == 1


def test_what_is_kept_cannot_be_changed_any_more(world: StaffWorld, tmp_path: Path) -> None:
    with phone(tmp_path / "phone") as context:
        page = context.new_page()
        world.join(page, b.FARM, "Ayshem")
        harvest(page, world, "K-6")
        page.route(EVENTS, answers_503)
        press(page)
        expect(page.locator("#confirm-error")).to_contain_text("kept on this phone", timeout=15_000)
        page.get_by_role("button", name="Back").click()
        expect(page.locator("#done-text")).to_contain_text("Signed and kept on this phone")
        expect(page.locator("#form")).to_be_hidden()
        expect(page.get_by_role("link", name="Print labels")).to_be_hidden()
        expect(page.locator("#waiting")).to_contain_text("To send1")
        page.unroute(EVENTS)
        page.goto(f"{world.url}/staff/me")  # any page sends what waits
        expect(page.locator("#waiting")).to_be_hidden(timeout=15_000)
    assert len(events_of(world, "K-6")) == 1


def test_entries_arrive_in_the_order_in_which_they_were_signed(world: StaffWorld, tmp_path: Path) -> None:
    with phone(tmp_path / "phone") as context:
        page = context.new_page()
        world.join(page, b.FARM, "Ayshem")
        for code in ("K-8", "K-7"):
            harvest(page, world, code)
            page.route(EVENTS, answers_503)
            press(page)
            expect(page.locator("#confirm-error")).to_contain_text("kept on this phone", timeout=15_000)
        queue(page, world)
        expect(page.locator(".item")).to_have_count(2)
        page.wait_for_load_state("networkidle")
        sent: list[str] = []
        page.on("request", lambda one: sent.append(one.post_data or "") if one.url.endswith("/api/events") else None)
        page.unroute(EVENTS)
        page.get_by_role("button", name="Send now").click()
        expect(page.locator(".item[data-state=recorded]")).to_have_count(2, timeout=15_000)
        assert ["K-8" in text for text in sent[-2:]] == [True, False]


def test_what_one_person_signed_is_sent_and_shown_by_that_person_alone(world: StaffWorld, tmp_path: Path) -> None:
    with phone(tmp_path / "phone") as context:
        page = context.new_page()
        world.join(page, b.FARM, "Ayshem")
        harvest(page, world, "K-9")
        page.route(EVENTS, answers_503)
        press(page)
        expect(page.locator("#confirm-error")).to_contain_text("kept on this phone", timeout=15_000)
        page.unroute(EVENTS)
        left_open(context, world, page)
        world.join(page, b.FARM, "Memet")
        queue(page, world)
        expect(page.locator(".item .badge")).to_have_text("Waits until Ayshem signs in")
        expect(page.locator(".item h2")).to_have_text("An entry of a colleague")
        assert "K-9" not in page.locator("main").inner_text()
        assert page.get_by_role("button", name="Send now").count() == 0
        page.wait_for_timeout(1_000)
        assert events_of(world, "K-9") == []
        sign_in(page, world, "Ayshem")
        queue(page, world)
        expect(page.locator(".item .badge")).to_have_text("Recorded", timeout=20_000)
    assert len(events_of(world, "K-9")) == 1


def left_open(context: BrowserContext, world: StaffWorld, page: Page) -> None:
    """A form of whoever was signed in before is still open when its person presses, and a colleague is signed in."""
    other = context.new_page()
    world.join(other, b.FARM, "Memet")
    press(page)
    expect(page.locator("#confirm-error")).to_contain_text("when you have signed in again", timeout=15_000)
    assert events_of(world, "K-9") == []
    other.close()


def sign_in(page: Page, world: StaffWorld, name: str) -> None:
    """Taps one's own name on the sign-in page."""
    token = page.evaluate("JSON.parse(document.getElementById('staff').textContent).formToken")
    page.request.post(f"{world.url}/staff/api/sign-out", headers={"origin": world.url, "x-silkroot-form": token})
    page.goto(f"{world.url}/staff/sign-in")
    page.locator("#faces button", has_text=name).first.click()
    page.wait_for_url(f"{world.url}/staff")


def test_what_is_refused_later_says_why(world: StaffWorld, tmp_path: Path) -> None:
    with phone(tmp_path / "phone") as context:
        page = context.new_page()
        world.join(page, b.FARM, "Ayshem")
        harvest(page, world, "K-10")
        context.route(EVENTS, answers_503)
        press(page)
        expect(page.locator("#confirm-error")).to_contain_text("kept on this phone", timeout=15_000)
        made = {"lot": f"{BULK}/K-10", "where": f"{b.FARM:013d}/PLOT-7", "at": "2026-08-05T12:00:00+08:00"}
        world.service.operate("harvest", party=f"{b.FARM:013d}", grams=1, season=None, **made)
        context.unroute(EVENTS)
        queue(page, world)
        expect(page.locator(".item .badge")).to_have_text("Not recorded", timeout=15_000)
        expect(page.locator(".item .error")).not_to_be_empty()
        page.on("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Drop mine").click()
        expect(page.locator("#list")).to_have_text("Everything is sent. Nothing waits on this phone.")
    assert len(events_of(world, "K-10")) == 1
