"""
A wrong weight corrected in Chromium, on a phone: a harvest, an intake, a packing; what is shown before it is signed,
and that nothing is signed which was not entered.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import event_builders as b
import httpx
import pytest
from accessibility import assert_accessible
from playwright.sync_api import Browser, Page, Route, expect
from staff_world import StaffWorld, staff_world

BULK = f"{b.BULK_MELON:014d}"
AT = "2026-08-05T12:00:00+08:00"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffWorld]:
    with staff_world(tmp_path_factory.mktemp("corrections")) as running:
        yield running


@pytest.fixture(scope="module")
def farmer(world: StaffWorld, browser: Browser) -> Iterator[Page]:
    with world.signed_in(browser, b.FARM, "Ayshem") as page:
        yield page


def harvested(world: StaffWorld, code: str, grams: int) -> str:
    """A lot of the farm's, recorded on the command line."""
    lot = f"{BULK}/{code}"
    plot = f"{b.FARM:013d}/PLOT-7"
    world.service.operate("harvest", party=f"{b.FARM:013d}", lot=lot, grams=grams, where=plot, season=None, at=AT)
    return lot


def events_of(world: StaffWorld, lot: str) -> list[dict[str, Any]]:
    """The lot's recorded events."""
    told: list[dict[str, Any]] = httpx.get(f"{world.url}/lots/{lot}", timeout=30).json()["events"]
    return told


def check(page: Page) -> None:
    page.get_by_role("button", name="Check and sign").click()


def said(page: Page) -> list[str]:
    """What the sheet says will be signed."""
    expect(page.locator("#confirm")).to_be_visible(timeout=15_000)
    return page.locator("#said li").all_inner_texts()


def sign(page: Page) -> None:
    page.get_by_role("button", name="Sign and record").click()
    expect(page.locator("#done-text")).to_have_text("Recorded", timeout=20_000)


def test_a_harvest_is_corrected_from_the_list_of_lots(world: StaffWorld, farmer: Page) -> None:
    page, lot = farmer, harvested(world, "C-1", 1_240_500)
    page.goto(f"{world.url}/staff/lots")
    page.get_by_role("link", name="Correct the weight C-1").first.click()
    expect(page.locator("#was")).to_have_text("Recorded weight: 1,240.5 kg")
    difference = page.locator("[data-difference]")
    expect(difference).to_have_text("")
    page.get_by_label("Right weight").fill("1,204.5")
    expect(difference).to_have_text("36 kg less than recorded")
    page.get_by_label("Right weight").fill("1250")
    expect(difference).to_have_text("9.5 kg more than recorded")
    page.get_by_label("Right weight").fill("1204.5")
    assert_accessible(page, "correction of a harvest")
    check(page)
    expect(page.locator("#error-reason")).to_contain_text("[draft.missing]", timeout=15_000)
    page.get_by_label("Why was it wrong?").fill("the scale was misread")
    check(page)
    assert said(page) == ["Lot C-1 weighs 1,204.5 kg instead of 1,240.5 kg", "Reason: the scale was misread"]
    sign(page)
    world.service.wait_until_settled()
    assert len(events_of(world, lot)) == 2
    page.get_by_role("link", name="Look at the lot").click()
    expect(page.locator("main")).to_have_attribute("data-verdict", "verified", timeout=20_000)
    text = page.locator("main").inner_text()
    assert "1,204.5 kg" in text
    assert "1,240.5 kg" in text


@pytest.mark.parametrize(
    ("entered", "rule"),
    [("", "draft.missing"), ("12,5", "draft.grams"), ("-3", "draft.grams"), ("77", "draft.unchanged")],
)
def test_what_is_no_other_weight_is_refused_in_its_place(
    world: StaffWorld, farmer: Page, entered: str, rule: str
) -> None:
    page, lot = farmer, harvested(world, "C-2", 77_000)
    page.goto(f"{world.url}/staff/correct?lot={lot}")
    page.get_by_label("Right weight").fill(entered)
    page.get_by_label("Why was it wrong?").fill("x")
    check(page)
    expect(page.locator("#error-grams")).to_contain_text(f"[{rule}]", timeout=15_000)
    assert not page.locator("#confirm").is_visible()


def test_a_lot_that_never_was(world: StaffWorld, farmer: Page) -> None:
    page, lot = farmer, harvested(world, "C-3", 5_000)
    page.goto(f"{world.url}/staff/correct?lot={lot}")
    page.get_by_label("Right weight").fill("0")
    page.get_by_label("Why was it wrong?").fill("written twice")
    check(page)
    assert said(page)[0] == "Lot C-3 never was: nothing instead of 5 kg"
    sign(page)


def test_what_moved_while_the_form_was_open_is_refused(world: StaffWorld, farmer: Page) -> None:
    page, lot = farmer, harvested(world, "C-4", 5_000)
    page.goto(f"{world.url}/staff/correct?lot={lot}")
    sides = {"party": f"{b.FARM:013d}", "to": f"{b.PACKING_HOUSE:013d}", "where": f"{b.FARM:013d}", "at": AT}
    world.service.operate("ship", **sides, reference="C-4", manifest=[{"lot": lot, "grams": 1_000}])
    page.get_by_label("Right weight").fill("4")
    page.get_by_label("Why was it wrong?").fill("tare")
    check(page)
    expect(page.locator("#error-lot")).to_contain_text("[LotMoved]", timeout=15_000)
    page.reload()
    expect(page.locator("main")).to_contain_text("has moved on")
    assert page.locator("#form").count() == 0


@pytest.mark.parametrize("changed", ["grams", "lot", "reason"])
def test_what_was_not_entered_is_not_signed(world: StaffWorld, farmer: Page, changed: str) -> None:
    """A service that drafts something else than what the form says."""
    page, lot, other = farmer, harvested(world, "C-5", 5_000), harvested(world, "C-6", 6_000)
    page.goto(f"{world.url}/staff/correct?lot={lot}")
    page.get_by_label("Right weight").fill("4")
    page.get_by_label("Why was it wrong?").fill("tare")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/api/events") else None)

    def lie(route: Route) -> None:
        asked = json.loads(route.request.post_data or "{}")
        asked["fields"] |= {"grams": 4_500} if changed == "grams" else {"lot": other} if changed == "lot" else {}
        asked["fields"] |= {"reason": "stolen"} if changed == "reason" else {}
        route.continue_(post_data=json.dumps(asked))

    page.route("**/staff/api/drafts", lie, times=1)
    check(page)
    expect(page.locator("#say")).to_contain_text("is not what you entered", timeout=15_000)
    assert not page.locator("#confirm").is_visible()
    assert sent == []


def test_one_delivery_of_an_intake(world: StaffWorld, browser: Browser) -> None:
    lot = f"{BULK}/CI-1"
    roster = [
        {"roster": "G001", "village": "Toksun", "grams": 250_000, "ticket": "T-1"},
        {"roster": "G002", "village": "Turpan", "grams": 350_500, "ticket": "T-2"},
    ]
    with world.signed_in(browser, b.COOPERATIVE, "Patigul") as page:
        page.goto(f"{world.url}/staff/intake")
        page.locator("#product").select_option(BULK)
        page.locator("#lot").fill("CI-1")
        for index, line in enumerate(roster):
            if index:
                page.get_by_role("button", name="One more delivery").click()
            row = page.locator("[data-row]").nth(index)
            for name in ("roster", "village"):
                row.locator(f"[data-name={name}]").fill(str(line[name]))
            row.locator("[data-name=grams]").fill(f"{int(line['grams']) / 1000:g}")  # type: ignore[call-overload]
        check(page)
        said(page)
        sign(page)
        page.goto(f"{world.url}/staff/correct?lot={lot}")
        expect(page.locator("#total")).to_have_text("Together 600.5 kg")
        page.get_by_label("T-2").fill("305.5")
        expect(page.locator("#total")).to_have_text("Together 555.5 kg")
        expect(page.locator("[data-difference]").nth(1)).to_have_text("45 kg less than recorded")
        page.get_by_label("Why was it wrong?").fill("digits swapped")
        check(page)
        assert said(page)[0] == "Lot CI-1 weighs 555.5 kg instead of 600.5 kg"
        sign(page)
    world.service.wait_until_settled()
    assert len(events_of(world, lot)) == 2


def test_a_packing_in_balance(world: StaffWorld, browser: Browser) -> None:
    lot, packed = harvested(world, "C-7", 1_000_000), f"{b.MELON_CASE:014d}/CP-1"
    house, farm = f"{b.PACKING_HOUSE:013d}", f"{b.FARM:013d}"
    operate = world.service.operate
    operate(
        "ship", party=farm, to=house, where=farm, at=AT, reference="C-7", manifest=[{"lot": lot, "grams": 1_000_000}]
    )
    operate("receive", party=house, shipper=farm, reference="C-7", where=f"{house}/LINE-1", at=AT)
    with world.signed_in(browser, b.PACKING_HOUSE, "Memet") as page:
        page.goto(f"{world.url}/staff/pack")
        page.locator("[data-rows=inputs]").get_by_role("button", name="All").click()
        output = page.locator("[data-rows=outputs] [data-row]")
        output.locator("[data-name=lot]").fill("CP-1")
        output.locator("[data-name=grams]").fill("900")
        page.locator("#culls").fill("60")
        page.get_by_role("button", name="The difference is loss").click()
        check(page)
        said(page)
        sign(page)
        page.goto(f"{world.url}/staff/correct?lot={packed}")
        balance = page.locator("#balance")
        expect(balance).to_have_attribute("data-state", "even")
        page.get_by_label("CP-1").fill("890")
        expect(balance).to_have_attribute("data-state", "short")
        page.get_by_label("Why was it wrong?").fill("belt scale")
        check(page)
        expect(page.locator("#error-loss")).to_contain_text("[draft.balance]", timeout=15_000)
        page.get_by_role("button", name="The difference is loss").click()
        expect(balance).to_have_attribute("data-state", "even")
        assert_accessible(page, "correction of a packing")
        check(page)
        assert said(page) == [
            "Lot CP-1 weighs 890 kg instead of 900 kg", "Culls 60 kg, loss 50 kg, sound rest 0 g",
            "Reason: belt scale",
        ]  # fmt: skip
        sign(page)
    world.service.wait_until_settled()
    assert httpx.get(f"{world.url}/lots/{packed}", timeout=30).json()["verdict"] == "verified"
