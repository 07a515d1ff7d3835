"""
Certificates and the buyer's desk in Chromium, against a real service and chain: a paper handed in and shown on the
lot's page, an expired one, a promise certificate made and printed, a mock recall. A short receipt and its settlement
are in journeys/.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import event_builders as b
import pytest
import sample_files as s
from accessibility import violations
from playwright.sync_api import Browser, Page, expect
from staff_world import DESK, PHONE, StaffWorld, staff_world

LOT = f"{b.BULK_MELON:014d}/H-0001"
LOT_PAGE = f"/01/{b.BULK_MELON:014d}/10/H-0001"
TODAY = date.today()
PICTURES = os.environ.get("SILKROOT_TEST_PICTURES", "")
"""A folder: each page is pictured into it."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffWorld]:
    """A harvest of 1,000 kg at the farm, 400 kg of which are on their way to the packing house."""
    folder = tmp_path_factory.mktemp("desk")
    with staff_world(folder) as running:
        file = folder / "events.jsonld"
        events = [b.harvest(), b.shipping(manifest=[b.amount(grams=400_000)])]
        document = {
            "@context": [b.event_forms.STANDARD_CONTEXT], "type": "EPCISDocument", "schemaVersion": "2.0",
            "creationDate": "2026-08-05T12:00:00+08:00", "epcisBody": {"eventList": events},
        }  # fmt: skip
        file.write_text(json.dumps(document))
        running.service.operate("import", path=str(file), dry_run=False)
        running.service.wait_until_settled()
        yield running


@pytest.fixture(scope="module")
def farmer(world: StaffWorld, browser: Browser) -> Iterator[Page]:
    with world.signed_in(browser, b.FARM, "Ayshem") as page:
        yield page


@pytest.fixture(scope="module")
def packer(world: StaffWorld, browser: Browser) -> Iterator[Page]:
    with world.signed_in(browser, b.PACKING_HOUSE, "Memet", size=PHONE) as page:
        yield page


def check_and_sign(page: Page) -> list[str]:
    """Asks for the draft, reads what the sheet says, signs; returns what was said."""
    # A font that arrives between press and release moves the button from under the pointer.
    page.evaluate("document.fonts.ready.then(() => true)")
    page.get_by_role("button", name="Check and sign").click()
    expect(page.locator("#confirm")).to_be_visible(timeout=20_000)
    said = page.locator("#said li").all_inner_texts()
    page.get_by_role("button", name="Sign and record").click()
    expect(page.locator("#done-text")).to_be_visible(timeout=20_000)
    return said


def look_at(page: Page, name: str) -> None:
    """Nothing sticks out at the side, and no rule of WCAG is broken; a picture is taken where that is asked for."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    found = violations(page)
    assert not found, "\n".join(map(str, found))


def hand_in(page: Page, world: StaffWorld, number: str, until: date | None, data: bytes = s.PDF) -> list[str]:
    page.goto(f"{world.url}/staff/certificates/new?lot={LOT}")
    name, media = ("report.pdf", "application/pdf") if data == s.PDF else ("report.jpg", "image/jpeg")
    page.locator("#document").set_input_files({"name": name, "mimeType": media, "buffer": data})
    expect(page.locator("#document-state")).to_have_text("The file is kept.", timeout=15_000)
    page.locator("#issuer").fill("Hami Testing Station")
    page.locator("#number").fill(number)
    page.locator("#issued").fill((TODAY - timedelta(days=40)).isoformat())
    if until is not None:
        page.locator("#valid_until").fill(until.isoformat())
    return check_and_sign(page)


def story_of(world: StaffWorld, page: Page) -> dict[str, Any]:
    """The lot's story as programs read it."""
    answer = page.request.get(f"{world.url}/lots/{LOT}", headers={"accept": "application/json"})
    told: dict[str, Any] = answer.json()
    return told


def on_lot_page(world: StaffWorld, page: Page, number: str) -> str:
    page.goto(world.url + LOT_PAGE)
    return page.locator("#certificates li", has_text=number).inner_text()


def test_a_paper_is_shown_as_supplied_by_the_producer(world: StaffWorld, farmer: Page) -> None:
    said = hand_in(farmer, world, "HT-1", TODAY + timedelta(days=90))
    assert said[0] == "Pesticide test no. HT-1 of Hami Testing Station"
    world.service.wait_until_settled()
    shown = on_lot_page(world, farmer, "HT-1")
    assert "Valid" in shown
    assert "Supplied by the producer, " in shown
    farmer.locator("#certificates li", has_text="HT-1").get_by_role("link", name="Open the document").wait_for()
    href = farmer.locator("#certificates a.open").first.get_attribute("href")
    assert farmer.request.get(f"{world.url}{href}").body() == s.PDF
    story = story_of(world, farmer)
    assert (story["verdict"], "supplied" in story["qualifiers"]) == ("verified", True)


def test_an_expired_one_says_so(world: StaffWorld, farmer: Page) -> None:
    hand_in(farmer, world, "HT-OLD", TODAY - timedelta(days=2), s.photo(size=(800, 600), notes=True))
    world.service.wait_until_settled()
    shown = on_lot_page(world, farmer, "HT-OLD")
    assert "Expired" in shown
    assert "Valid\n" not in shown
    farmer.goto(f"{world.url}/staff/certificates?state=expired")
    expect(farmer.locator(".archive > li.card")).to_have_count(1)


def test_what_is_no_photo_is_refused_in_place(world: StaffWorld, farmer: Page) -> None:
    farmer.goto(f"{world.url}/staff/certificates/new?lot={LOT}")
    file = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": s.HTML}
    farmer.locator("#document").set_input_files(file)  # type: ignore[arg-type]
    expect(farmer.locator("#error-file")).to_contain_text("[file.kind]", timeout=15_000)
    farmer.get_by_role("button", name="Check and sign").click()
    expect(farmer.locator("#error-file")).to_contain_text("[draft.missing]", timeout=15_000)


def test_a_promise_certificate_is_made_and_printed(world: StaffWorld, farmer: Page) -> None:
    farmer.goto(f"{world.url}/staff/certificates/promise?lot={LOT}")
    expect(farmer.get_by_role("heading", level=1)).to_have_text("承诺达标合格证")
    farmer.locator("#product").fill("哈密瓜")
    farmer.locator("#origin").fill("新疆哈密市南湖乡")
    farmer.locator("#contact").fill("王女士 139 0990 1234")
    farmer.get_by_role("button", name="Check and sign").click()
    expect(farmer.locator('[data-error="contact"]')).to_contain_text("[certificate.mobile]", timeout=15_000)
    farmer.locator("#contact").fill("0902-226 1100")
    said = check_and_sign(farmer)
    assert "哈密瓜" in said[0]
    printed = farmer.locator("#done-links a").first.get_attribute("href")
    assert farmer.request.get(f"{world.url}{printed}").body()[:5] == b"%PDF-"
    world.service.wait_until_settled()
    farmer.goto(world.url + LOT_PAGE)
    promise = farmer.locator('[data-certificate="promise"]').inner_text()
    assert "Signed by its issuer" in promise
    assert "0902-226 1100" in promise


def test_a_proposal_is_taken_back_and_made_anew(world: StaffWorld, packer: Page, farmer: Page) -> None:
    packer.goto(f"{world.url}/staff/desk")
    expect(packer.locator("[data-lacks]").first).to_contain_text("no temperature of the way")
    packer.locator("#inbound").get_by_role("link", name="Receive").click()
    packer.get_by_text("Not as on the list").click()
    packer.get_by_label("Missing, kg").first.fill("25")
    packer.get_by_role("button", name="Sign: 375 kg accepted").click()
    expect(packer.locator("#say")).to_contain_text("Recorded", timeout=20_000)

    packer.goto(f"{world.url}/staff/desk")
    packer.locator("#claims a").click()
    expect(packer.get_by_role("heading", level=1)).to_have_text("25 kg missing")
    look_at(packer, "claim")
    packer.locator("#loss-0").fill("20")
    packer.get_by_role("button", name="Check and sign").click()
    expect(packer.locator("fieldset .error")).to_contain_text("5 kg not accounted for")
    packer.locator("#weight_loss-0").fill("5")
    packer.get_by_role("button", name="Check and sign").click()
    expect(packer.locator("#confirm")).to_be_visible(timeout=20_000)
    said = packer.locator("#said li").all_inner_texts()
    packer.route("**/staff/api/proposals", lambda route: route.fulfill(status=503, body=""))
    packer.get_by_role("button", name="Sign and record").click()
    expect(packer.locator("#confirm-error")).to_contain_text("kept on this phone", timeout=15_000)
    expect(packer.locator("#waiting b")).to_have_text("1")
    packer.unroute("**/staff/api/proposals")
    packer.get_by_role("button", name="Sign and record").click()
    assert "lost 20 kg, dried off 5 kg" in said[0]
    expect(packer.locator("#done-text")).to_contain_text("It waits for the other side now")

    # It was wrong: taken back, announced, and stated anew.
    packer.goto(f"{world.url}/staff/desk")
    packer.locator("#claims a").click()
    expect(packer.locator("#proposed")).to_contain_text("lost 20 kg, dried off 5 kg")
    packer.get_by_role("button", name="Take it back").click()
    expect(packer.locator("#said li").first).to_have_text("You take back what you signed:")
    look_at(packer, "claim-withdrawal")
    packer.get_by_role("button", name="Sign and record").click()
    expect(packer.locator("#done-text")).to_contain_text("your signature is void", timeout=20_000)
    packer.goto(f"{world.url}/staff/desk")
    packer.locator("#claims a").click()
    packer.get_by_role("button", name="Announce the write-off").click()
    expect(packer.locator("#said li")).to_contain_text(["will be written off as lost in 72 hours"])
    packer.get_by_role("button", name="Sign and record").click()
    expect(packer.locator("#done-text")).to_contain_text("Announced", timeout=20_000)
    world.service.wait_until_settled()
    packer.goto(f"{world.url}/staff/desk")
    expect(packer.locator("#claims")).to_contain_text("write-off announced")
    packer.locator("#claims a").click()
    expect(packer.locator("#alone")).to_contain_text("on either side may record all that is missing as lost")
    packer.locator("#loss-0").fill("20")
    packer.locator("#weight_loss-0").fill("5")
    check_and_sign(packer)

    farmer.goto(f"{world.url}/staff/desk")
    expect(farmer.locator("#claims")).to_contain_text("your answer is awaited")
    farmer.locator("#claims a").click()
    expect(farmer.locator("#proposed")).to_contain_text("lost 20 kg, dried off 5 kg")
    look_at(farmer, "claim-answer")
    farmer.get_by_role("button", name="Agree and sign").click()
    expect(farmer.locator("#done-text")).to_contain_text("Both sides signed", timeout=20_000)
    world.service.wait_until_settled()
    story = story_of(world, farmer)
    assert (story["grams"]["missing"], story["grams"]["lost"], story["grams"]["weightLoss"]) == (0, 20_000, 5_000)
    assert story["verdict"] == "verified"


def test_a_mock_recall_reaches_everybody_and_changes_nothing(world: StaffWorld, packer: Page) -> None:
    packer.goto(f"{world.url}/staff/desk/mock-recall")
    packer.locator("#lot").fill(LOT)
    packer.get_by_role("button", name="Find everybody").click()
    expect(packer.locator("#found")).to_contain_text("1,000 kg are accounted for.")
    assert float(packer.locator("#found").get_attribute("data-seconds") or "99") < 60
    expect(packer.locator(".mock")).to_contain_text("Nothing is recalled, recorded or sent to anybody.")
    assert packer.locator(".party h2").count() == 2
    assert story_of(world, packer)["verdict"] == "verified"


PAGES = {
    "desk": "/staff/desk", "certificates": "/staff/certificates",
    "certificate-new": f"/staff/certificates/new?lot={LOT}",
    "promise-new": f"/staff/certificates/promise?lot={LOT}", "return": "/staff/desk/return",
    "mock-recall": f"/staff/desk/mock-recall?lot={LOT}", "lot": LOT_PAGE,
}  # fmt: skip


@pytest.mark.parametrize("size", ["phone", "desk"])
@pytest.mark.parametrize("name", PAGES)
def test_pages_break_no_rule_of_wcag(world: StaffWorld, packer: Page, name: str, size: str) -> None:
    packer.set_viewport_size(PHONE if size == "phone" else DESK)  # type: ignore[arg-type]
    packer.goto(world.url + PAGES[name])
    look_at(packer, f"{name}-{size}")
