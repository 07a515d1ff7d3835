"""
Inspectors' pages in Chromium before a real service and its chain: whose a recall is that was carried on, the drawing of
a family, a recall that is lifted, plots and yields. What others may not see, they do not. How a recall is signed is in
`journeys/test_journey_recall.py`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import event_builders as b
import httpx
import pytest
from accessibility import assert_accessible
from playwright.sync_api import Browser, Page, expect
from staff_world import DESK, StaffWorld, staff_world

from ledger.domain.canonical_json import canonical
from ledger.domain.identifiers import LotRef

pytestmark = [pytest.mark.browser, pytest.mark.chain]
REPACKED = LotRef(b.MELON_CASE, "P-9")
REASON = "Salmonella found in a sample of this lot"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffWorld]:
    """A harvest, packed, and packed again, recorded by those whose keys the service keeps; then recalled."""
    folder = tmp_path_factory.mktemp("recall")
    later = b.When("2026-08-05T13:00:00+08:00")
    events = [
        b.harvest(), b.shipping(), b.receiving(), b.packing(),
        b.packing(inputs=[b.amount(b.PACKED_LOT, 400_000)], outputs=[b.amount(REPACKED, 390_000)], when=later),
    ]  # fmt: skip
    with staff_world(folder) as made:
        document = {
            "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
            "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-08-05T14:00:00Z",
            "epcisBody": {"eventList": events},
        }  # fmt: skip
        path = folder / "season.jsonld"
        path.write_bytes(canonical(document))
        made.service.operate("import", path=str(path), dry_run=False)
        made.service.wait_until_settled()
        regulator = f"{b.REGULATOR:013d}"
        made.service.command("recall", str(b.HARVEST_LOT), "--as", regulator, "--reason", REASON)
        made.service.wait_until_settled()
        yield made


def verdict(world: StaffWorld, lot: LotRef) -> str:
    told = httpx.get(f"{world.url}/lots/{lot.product:014d}/{lot.code}", timeout=30).json()
    return str(told["verdict"])


def until(world: StaffWorld, lot: LotRef, wanted: str) -> None:
    deadline = time.monotonic() + 60
    while verdict(world, lot) != wanted:
        assert time.monotonic() < deadline, f"{lot} is {verdict(world, lot)}, not {wanted}"
        time.sleep(0.3)


def family_of(world: StaffWorld, lot: LotRef, what: str = "recall") -> str:
    return f"{world.url}/staff/{what}/{lot.product:014d}/{lot.code}"


def sign_the_recall(page: Page, reason: str, button: str, sure: str) -> None:
    page.get_by_label("Reason").fill(reason)
    page.get_by_role("button", name=button).click()
    with page.expect_navigation():
        page.get_by_role("button", name=sure).click()


def test_a_recall_that_was_carried_on_says_whose_it_is(browser: Browser, world: StaffWorld) -> None:
    with world.signed_in(browser, b.PACKING_HOUSE, "Memet", "staff", DESK) as page:
        page.goto(family_of(world, b.PACKED_LOT))
        expect(page.locator("main")).to_contain_text("recalled a lot that went into it")
        # The packing house made the lot: it may add a recall of its own, and look no further back.
        expect(page.get_by_role("button", name="Recall this lot")).to_be_visible()
        assert page.goto(family_of(world, b.PACKED_LOT, "inspect")).status == 403  # type: ignore[union-attr]
        assert page.goto(family_of(world, b.HARVEST_LOT)).status == 403  # type: ignore[union-attr]


def test_the_family_is_drawn_with_its_grams_and_leads_on(browser: Browser, world: StaffWorld) -> None:
    with world.signed_in(browser, b.CERTIFIER, "Gülnar", "staff", DESK) as page:
        page.goto(family_of(world, b.PACKED_LOT, "inspect"))
        drawing = page.locator("svg.family")
        for grams in ("1,000 kg", "900 kg", "400 kg", "390 kg"):
            expect(drawing.get_by_text(grams, exact=True).first).to_be_visible()
        assert [box.inner_text().split("\n")[0] for box in page.locator(".node-box").all()] == [
            b.HARVEST_LOT.code, b.PACKED_LOT.code, REPACKED.code,
        ]  # fmt: skip
        boxes = [box.bounding_box() for box in page.locator(".node-box").all()]
        assert [box["x"] for box in boxes if box] == sorted(box["x"] for box in boxes if box)
        assert_accessible(page)
        page.locator(".drawing").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(f"/{b.HARVEST_LOT.code}$"))
        # A certifier looks, and recalls nothing.
        page.goto(family_of(world, b.HARVEST_LOT))
        expect(page.locator("#deed")).to_have_count(0)
        with page.expect_download() as download:
            page.get_by_role("link", name="Table (CSV)").click()
        rows = download.value.path().read_text("utf-8-sig").splitlines()
        assert rows[0].startswith("distance,product,lot,")
        assert {row.split(",")[2] for row in rows[1:]} == {b.HARVEST_LOT.code, b.PACKED_LOT.code, REPACKED.code}


def test_the_regulator_lifts_the_recall(browser: Browser, world: StaffWorld) -> None:
    with world.signed_in(browser, b.REGULATOR, "Li Wei", "staff") as page:
        page.goto(family_of(world, b.HARVEST_LOT))
        sign_the_recall(page, "The sample was of another lot", "Lift the recall", "Sign, and lift it")
        expect(page.locator("#progress")).to_contain_text("0 of 3 lots are marked as recalled")
        expect(page.locator("#progress")).to_have_attribute("data-done", "yes", timeout=60_000)
    until(world, REPACKED, "verified")


def test_a_plot_is_registered_and_its_yield_certified(browser: Browser, world: StaffWorld) -> None:
    plot = f"{b.FARM:013d}/PLOT-7"
    with world.signed_in(browser, b.CERTIFIER, "Gülnar", "staff") as page:
        page.goto(f"{world.url}/staff/inspect/plots?season=2026")
        row = page.locator(f'[data-plot="{plot}"]').first
        with page.expect_navigation():
            row.get_by_role("button", name="Register this field").click()
        row = page.locator(f'li[data-plot="{plot}"]')
        row.get_by_text("Certify a yield").click()
        row.get_by_label("Yield in kilograms").fill("a lot")
        row.get_by_role("button", name="Certify for 2026").click()
        expect(row.locator("[data-error]")).to_contain_text("Write a weight in kilograms")
        assert_accessible(page)
        row.get_by_label("Yield in kilograms").fill("52000.5")
        with page.expect_navigation():
            row.get_by_role("button", name="Certify for 2026").click()
        expect(page.locator(f'li[data-plot="{plot}"]')).to_contain_text("0 g of 52,000.5 kg harvested")
    told = world.service.operate("plot", plot=plot)
    assert (told["certifier"], told["yields"][0]["certified"]) == (f"{b.CERTIFIER:013d}", 52_000_500)


def test_what_a_certifier_signed_is_kept_where_nobody_answers(browser: Browser, world: StaffWorld) -> None:
    plot = f"{b.FARM:013d}/PLOT-7"
    with world.signed_in(browser, b.CERTIFIER, "Gülnar", "staff") as page:
        page.goto(f"{world.url}/staff/inspect/plots?season=2027")
        row = page.locator(f'li[data-plot="{plot}"]')
        row.get_by_text("Certify a yield").click()
        row.get_by_label("Yield in kilograms").fill("41000")
        page.context.route("**/staff/api/events", lambda route: route.fulfill(status=503, body=""))
        row.get_by_role("button", name="Certify for 2027").click()
        expect(page.locator("#say")).to_contain_text("What you signed is kept here", timeout=15_000)
        page.context.unroute("**/staff/api/events")
        page.goto(f"{world.url}/staff/queue")
        expect(page.locator(".item h2")).to_have_text(f"Yield certified: plot {plot} · 2027 · 41000 kg")
        expect(page.locator(".item .badge")).to_have_text("Recorded", timeout=15_000)
    told = world.service.operate("plot", plot=plot)
    assert {one["season"]: one["certified"] for one in told["yields"]}[2027] == 41_000_000


def test_raising_a_yield_is_refused_in_plain_words(browser: Browser, world: StaffWorld) -> None:
    plot = f"{b.FARM:013d}/PLOT-7"
    with world.signed_in(browser, b.CERTIFIER, "Gülnar", "staff") as page:
        page.goto(f"{world.url}/staff/inspect/plots?season=2026")
        row = page.locator(f'li[data-plot="{plot}"]')
        row.get_by_text("Lower it").click()
        row.get_by_label("Yield in kilograms").fill("60000")
        row.get_by_role("button", name="Certify for 2026").click()
        expect(page.locator("#say")).to_have_class(re.compile("bad"))
        expect(row.locator("[data-error]")).not_to_be_empty()
    assert world.service.operate("plot", plot=plot)["yields"][0]["certified"] == 52_000_500
