"""
Producer and packing house in Chromium, on a phone: an intake of many growers; packing with its balance of grams; what
is refused, in place; a form sent twice. A harvest from the form to the page behind its label is in journeys/.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import event_builders as b
import httpx
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from staff_world import StaffWorld, staff_world

LOT = f"{b.BULK_MELON:014d}"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffWorld]:
    """A real service and chain with a small cast of parties, and a harvest of the farm's."""
    with staff_world(tmp_path_factory.mktemp("house")) as running:
        farm, at = f"{b.FARM:013d}", "2026-08-05T08:00:00+08:00"
        running.service.operate(
            "harvest", party=farm, lot=f"{LOT}/H-0001", grams=1_240_500, where=f"{farm}/PLOT-7", at=at
        )
        yield running


@pytest.fixture(scope="module")
def farmer(world: StaffWorld, browser: Browser) -> Iterator[Page]:
    """A farmer on a phone."""
    with world.signed_in(browser, b.FARM, "Ayshem") as page:
        yield page


@pytest.fixture(scope="module")
def packer(world: StaffWorld, browser: Browser) -> Iterator[Page]:
    """A packer on a phone."""
    with world.signed_in(browser, b.PACKING_HOUSE, "Memet") as page:
        yield page


def check(page: Page) -> None:
    """The one main action at the lower edge."""
    page.get_by_role("button", name="Check and sign").click()


def sign(page: Page) -> None:
    """Agrees to what the sheet says, and waits until it is recorded."""
    page.get_by_role("button", name="Sign and record").click()
    expect(page.locator("#done-text")).to_be_visible(timeout=20_000)


def said(page: Page) -> list[str]:
    """What the sheet says will be signed."""
    expect(page.locator("#confirm")).to_be_visible(timeout=15_000)
    return page.locator("#said li").all_inner_texts()


def error_at(page: Page | Locator, name: str) -> str:
    """What stands at a field of the form, or of a row."""
    place = page.locator(f'[data-error="{name}"]').first
    expect(place).not_to_be_empty(timeout=15_000)
    return place.inner_text()


def events_of(world: StaffWorld, lot: str) -> list[dict[str, Any]]:
    """The lot's recorded events, as its story tells them."""
    story = httpx.get(f"{world.url}/lots/{lot}", timeout=30).json()
    events: list[dict[str, Any]] = story["events"]
    return events


def test_a_label_alone_is_a_picture(world: StaffWorld, farmer: Page) -> None:
    picture = farmer.request.get(f"{world.url}/staff/labels/labels.png?lot={LOT}/H-0001&language=en")
    assert picture.headers["content-type"] == "image/png"
    found = zxingcpp.read_barcodes(Image.open(BytesIO(picture.body())))
    link = next(one.text for one in found if one.format == zxingcpp.BarcodeFormat.QRCode)
    assert link.endswith(f"/01/{LOT}/10/H-0001")


def test_what_was_used_last_comes_first(world: StaffWorld, farmer: Page) -> None:
    farmer.goto(f"{world.url}/staff/harvest")
    assert farmer.locator("#product").input_value() == LOT
    assert farmer.locator("#lot").input_value() == "H-0002"
    assert farmer.locator("#plot").input_value() == f"{b.FARM:013d}/PLOT-7"


@pytest.mark.parametrize(
    ("entered", "rule", "shown"),
    [
        ("0", "draft.grams", "0"),
        ("12,5", "draft.grams", "12,5"),
        ("", "draft.missing", ""),
        ("99999999", "draft.grams", "99999999"),
    ],
)
def test_a_wrong_weight_is_refused_where_it_stands(
    world: StaffWorld, farmer: Page, entered: str, rule: str, shown: str
) -> None:
    farmer.goto(f"{world.url}/staff/harvest")
    farmer.locator("#grams").fill(entered)
    check(farmer)
    told = error_at(farmer, "grams")
    assert f"[{rule}]" in told
    assert shown in told
    assert farmer.locator("#grams").get_attribute("aria-invalid") == "true"
    assert not farmer.locator("#confirm").is_visible()


def test_script_in_a_text_is_refused_and_never_runs(world: StaffWorld, farmer: Page) -> None:
    farmer.goto(f"{world.url}/staff/harvest")
    farmer.locator("#grams").fill("5")
    farmer.locator("#lot").fill("<img src=x onerror=document.title='hit'>"[:20])
    check(farmer)
    assert "[draft.markup]" in error_at(farmer, "lot")
    assert "<img" in farmer.locator("#error-lot").inner_text()
    assert farmer.title() != "hit"


def test_a_lot_that_is_there_already_is_refused_at_its_field(world: StaffWorld, farmer: Page) -> None:
    farmer.goto(f"{world.url}/staff/harvest")
    farmer.locator("#product").select_option(LOT)
    farmer.locator("#grams").fill("5")
    farmer.locator("#lot").fill("H-0001")
    check(farmer)
    assert "[LotExists]" in error_at(farmer, "lot")


def test_a_form_sent_twice_is_recorded_once(world: StaffWorld, farmer: Page) -> None:
    page = farmer
    page.goto(f"{world.url}/staff/harvest")
    sent: list[str] = []
    page.on(
        "request", lambda request: sent.append(request.post_data or "") if request.url.endswith("/events") else None
    )
    page.locator("#product").select_option(LOT)
    page.locator("#lot").fill("H-0100")
    page.locator("#grams").fill("100")
    check(page)
    said(page)
    # The answer is lost on its way: the person presses again.
    page.route("**/staff/api/events", lambda route: (route.fetch(), route.abort())[1], times=1)
    page.get_by_role("button", name="Sign and record").click()
    expect(page.locator("#confirm-error")).to_contain_text("press again", timeout=15_000)
    sign(page)
    assert "once" in page.locator("#done-text").inner_text()
    assert len(sent) == 2
    assert sent[0] == sent[1]
    world.service.wait_until_settled()
    assert len(events_of(world, f"{LOT}/H-0100")) == 1


def test_the_same_draft_signed_twice_is_recorded_once(world: StaffWorld, farmer: Page) -> None:
    """Two tabs, one request: the second is told what was recorded."""
    page = farmer
    page.goto(f"{world.url}/staff/harvest")
    asked: list[dict[str, Any]] = []
    page.on(
        "request",
        lambda request: (
            asked.append(json.loads(request.post_data or "{}")) if request.url.endswith("/drafts") else None
        ),
    )
    page.locator("#product").select_option(LOT)
    page.locator("#lot").fill("H-0200")
    page.locator("#grams").fill("100")
    check(page)
    said(page)
    sign(page)
    token = page.evaluate("JSON.parse(document.getElementById('staff').textContent).formToken")
    again = page.request.post(
        f"{world.url}/staff/api/drafts", data=asked[0], headers={"origin": world.url, "x-silkroot-form": token}
    )
    assert again.json()["recorded"]["eventID"] == f"urn:uuid:{asked[0]['request']}"


def test_an_intake_of_several_growers(world: StaffWorld, browser: Browser) -> None:
    with world.signed_in(browser, b.COOPERATIVE, "Patigul") as page:
        page.goto(f"{world.url}/staff/intake")
        page.locator("#product").select_option(LOT)
        page.locator("#lot").fill("I-0001")
        rows = (("G001", "Toksun", "250"), ("G002", "Toksun", "350.5"))
        for index, (grower, village, weight) in enumerate(rows):
            if index:
                page.get_by_role("button", name="One more delivery").click()
            row = page.locator("[data-row]").nth(index)
            row.locator("[data-name=roster]").fill(grower)
            row.locator("[data-name=village]").fill(village)
            row.locator("[data-name=grams]").fill(weight)
        assert page.locator("[data-row] [data-name=ticket]").nth(1).input_value() == "T-2"
        assert page.locator("#total").inner_text() == "Together 600.5 kg"
        page.locator("[data-row] [data-name=ticket]").nth(1).fill("T-1")
        check(page)
        assert "[draft.ticket]" in error_at(page.locator("[data-row]").nth(1), "ticket")
        page.locator("[data-row] [data-name=ticket]").nth(1).fill("T-2")
        check(page)
        (sentence,) = said(page)
        assert "600.5 kg" in sentence
        assert sentence.endswith("deliveries: 2")
        sign(page)
        page.goto(f"{world.url}/staff/intake")
        assert page.locator("#growers option").count() == 2
        page.locator("[data-name=roster]").first.fill("G002")
        assert page.locator("[data-name=village]").first.input_value() == "Toksun"
        assert page.locator("[data-name=ticket]").first.input_value() == "T-3"


def test_packing_shows_its_balance_and_ships(world: StaffWorld, farmer: Page, packer: Page) -> None:
    operate = world.service.operate
    sides = {"party": f"{b.FARM:013d}", "to": f"{b.PACKING_HOUSE:013d}", "where": f"{b.FARM:013d}"}
    at = "2026-08-05T12:00:00+08:00"
    operate("ship", **sides, reference="L-1", manifest=[{"lot": f"{LOT}/H-0001", "grams": 1_000_000}], at=at)
    took = {"shipper": f"{b.FARM:013d}", "reference": "L-1", "where": f"{b.PACKING_HOUSE:013d}/LINE-1", "at": at}
    operate("receive", party=f"{b.PACKING_HOUSE:013d}", **took)
    page = packer
    page.goto(f"{world.url}/staff/pack")
    balance = page.locator("#balance")
    assert balance.get_attribute("data-state") == "empty"
    page.locator("[data-rows=inputs]").get_by_role("button", name="All").click()
    assert page.locator("[data-rows=inputs] [data-name=grams]").input_value() == "1000"
    output = page.locator("[data-rows=outputs] [data-row]")
    output.locator("[data-name=lot]").fill("P-0001")
    output.locator("[data-name=grams]").fill("900")
    output.locator("[data-name=cases]").fill("180")
    page.locator("#culls").fill("60")
    assert balance.get_attribute("data-state") == "short"
    assert "40 kg not accounted for" in balance.inner_text()
    check(page)
    assert "[draft.balance]" in error_at(page, "loss")
    assert "40000 g" in page.locator("#error-loss").inner_text()
    page.locator("#loss").fill("45")
    assert balance.get_attribute("data-state") == "over"
    page.get_by_role("button", name="The difference is loss").click()
    assert page.locator("#loss").input_value() == "40"
    assert balance.get_attribute("data-state") == "even"
    check(page)
    into, out, rest = said(page)
    assert into.startswith("1,000 kg go in")
    assert "900 kg of lot P-0001" in out
    assert rest == "Culls 60 kg, loss 40 kg, sound rest 0 g"
    sign(page)

    page.goto(f"{world.url}/staff/lots")
    page.get_by_role("link", name="Ship P-0001").first.click()
    page.goto(f"{page.url}&to={b.BUYER:013d}")
    expect(page.locator("#to")).to_have_value(f"{b.BUYER:013d}")
    field = page.locator("[data-rows=manifest] [data-name=grams]")
    expect(field).to_have_value("900")
    expect(page.locator("#total")).to_contain_text("900 kg")
    due = page.get_by_label("Expected arrival")
    due.fill("2026-08-01T06:00")
    field.fill("901")
    check(page)
    assert "[draft.arrival]" in error_at(page, "expected_arrival")
    due.fill("2099-08-01T06:00")
    check(page)
    assert "[NotEnoughHeld]" in error_at(page.locator("[data-rows=manifest] [data-row]"), "grams")
    field.fill("450.25")
    check(page)
    (sentence,) = said(page)
    assert sentence.startswith("450.25 kg to Buyer under S-")
    sign(page)

    page.goto(f"{world.url}/staff/lots")
    text = page.locator("main").inner_text()
    assert "449.75 kg on hand" in text
    assert "450.25 kg on the way to others" in text
    assert "Buyer" in text
    packed = f"https://id.gs1.org/01/{b.MELON_CASE:014d}/10/P-0001"
    answer = httpx.get(f"{world.url}/epcis/events?MATCH_anyEPCClass={packed}&EQ_bizStep=shipping").json()
    (event,) = answer["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    assert event["silkroot:expectedArrival"].startswith("2099-08-01T06:00:00")


def test_a_photo_goes_along(world: StaffWorld, farmer: Page) -> None:
    page = farmer
    page.goto(f"{world.url}/staff/harvest")
    picture = BytesIO()
    Image.new("RGB", (64, 48), "green").save(picture, "JPEG")
    page.get_by_text("Another time, or a photo").click()
    page.locator("#photo").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"})
    expect(page.locator("#error-photos")).to_contain_text("[file.", timeout=15_000)
    page.locator("#photo").set_input_files({"name": "b.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()})
    expect(page.locator("#photos img")).to_have_count(1, timeout=15_000)
    page.locator("#product").select_option(LOT)
    page.locator("#lot").fill("H-0300")
    page.locator("#grams").fill("10")
    check(page)
    said(page)
    sign(page)
    (event,) = httpx.get(f"{world.url}/epcis/events?MATCH_anyEPCClass=https://id.gs1.org/01/{LOT}/10/H-0300").json()[
        "epcisBody"
    ]["queryResults"]["resultsBody"]["eventList"]
    (uri,) = event["silkroot:photos"]
    assert uri.startswith("ni:///sha-256;")
    assert "silkroot:person" not in event


def test_labels_are_of_ones_own_lots_alone(world: StaffWorld, packer: Page) -> None:
    assert packer.request.get(f"{world.url}/staff/labels/labels.pdf?lot={LOT}/H-0200").status == 403


def test_who_is_not_signed_in_sees_none_of_it(world: StaffWorld, browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        for path in ("lots", "harvest", "intake", "pack", "ship", "labels", "workbook"):
            page.goto(f"{world.url}/staff/{path}")
            assert "/staff/sign-in" in page.url
