"""The pages of a producer and a packing house at both sizes, in all languages: none sticks out, WCAG 2.2 AA holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import event_builders as b
import openpyxl
import pytest
from accessibility import violations
from playwright.sync_api import Browser, Page, expect
from staff_world import SIZES, StaffWorld, staff_world

from ledger.adapters.workbook_template import write_house_workbook
from ledger.domain.imports.house_layout import HouseSheet

PAGES = ("lots", "harvest", "intake", "pack", "ship", "labels", "workbook")
LOT, CASES = f"{b.BULK_MELON:014d}", f"{b.MELON_CASE:014d}"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL = """
const touched = "main button, main select, main input:not([type=hidden], [type=checkbox], [type=radio]), nav a";
const small = (one) => one.checkVisibility() && Math.min(one.offsetHeight, one.offsetWidth) < 44;
return [...document.querySelectorAll(touched)].filter(small).map((one) => one.outerHTML.slice(0, 90));
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffWorld]:
    """A real service in which the co-operative has lots."""
    with staff_world(tmp_path_factory.mktemp("house")) as running:
        yield running


@pytest.fixture(
    scope="module", params=[(size, language) for size in SIZES for language in ("en", "zh", "ug")], ids="-".join
)
def page(request: pytest.FixtureRequest, world: StaffWorld, browser: Browser) -> Iterator[Page]:
    """A page of somebody of the co-operative, who has a lot on hand."""
    size, language = request.param
    with world.signed_in(browser, b.COOPERATIVE, "Patigul", "staff", SIZES[size], language) as page:
        yield page


@pytest.fixture(scope="module", autouse=True)
def stock(world: StaffWorld) -> None:
    at, farm, house = "2026-08-05T12:00:00+08:00", f"{b.FARM:013d}", f"{b.COOPERATIVE:013d}"
    operate = world.service.operate
    operate("harvest", party=farm, lot=f"{LOT}/H-0001", grams=900_000, where=f"{farm}/PLOT-7", at=at)
    manifest = [{"lot": f"{LOT}/H-0001", "grams": 900_000}]
    operate("ship", party=farm, to=house, where=farm, reference="L-1", manifest=manifest, at=at)
    operate("receive", party=house, shipper=farm, reference="L-1", where=house, at=at)


def to_the_end(page: Page) -> None:
    """Where the main action covers no field: what it covers elsewhere scrolls out from under it."""
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")


@pytest.mark.parametrize("path", PAGES)
def test_nothing_sticks_out_and_everybody_can_use_it(world: StaffWorld, page: Page, path: str) -> None:
    page.goto(f"{world.url}/staff/{path}")
    assert page.evaluate(WIDER) <= 0
    to_the_end(page)
    assert page.evaluate(f"() => {{ {SMALL} }}") == []
    assert [str(one) for one in violations(page)] == []


def test_what_is_refused_and_what_is_signed_can_be_used_too(world: StaffWorld, page: Page) -> None:
    page.goto(f"{world.url}/staff/pack")
    page.locator("[data-rows=inputs] [data-all]").first.click()
    page.locator("[data-rows=outputs] [data-name=grams]").fill("800")
    page.locator("#check").click()
    expect(page.locator('[data-error="loss"]')).not_to_be_empty(timeout=15_000)
    to_the_end(page)
    assert [str(one) for one in violations(page)] == []
    page.locator("#fill").click()
    expect(page.locator("#balance")).to_have_attribute("data-state", "even")
    page.locator("#check").click()
    expect(page.locator("#confirm")).to_be_visible(timeout=15_000)
    assert page.evaluate(WIDER) <= 0
    assert [str(one) for one in violations(page)] == []


def workbook(folder: Path, *, weight: object = 250) -> Path:
    """A workbook of the buyer's own: two deliveries of one lot."""
    rows = [
        {
            "date": date(2026, 8, 5), "place": f"{b.BUYER:013d}", "lot": "I-0805", "product": CASES,
            "roster": f"G00{n}", "village": "Toksun",
            "quantity": weight if n == 2 else 250, "unit": "kg", "ticket": f"T-{n}",
        }
        for n in (1, 2)
    ]  # fmt: skip
    path = folder / "book.xlsx"
    path.write_bytes(write_house_workbook("en", {HouseSheet.INTAKE: rows}))
    openpyxl.load_workbook(path)
    return path


def test_a_workbook_is_seen_row_by_row_before_anything_is_recorded(
    world: StaffWorld, browser: Browser, tmp_path: Path
) -> None:
    with world.signed_in(browser, b.BUYER, "Chen") as page:
        page.goto(f"{world.url}/staff/workbook")
        page.locator("#file").set_input_files(workbook(tmp_path, weight="much"))
        expect(page.locator("#sum")).to_contain_text("Nothing is recorded", timeout=30_000)
        assert not page.locator("#actions").is_visible()
        assert "[" in page.locator("#rows tr.bad .error").first.inner_text()
        assert [str(one) for one in violations(page)] == []

        page.locator("#file").set_input_files(workbook(tmp_path))
        expect(page.locator("#record")).to_be_visible(timeout=30_000)
        rows = page.locator("#rows tr")
        assert rows.count() >= 2
        assert "500 kg" in rows.first.inner_text()
        assert page.request.get(f"{world.url}/lots/{CASES}/I-0805").status == 404
        page.locator("#record").click()
        expect(page.locator("#say")).to_contain_text("All of the workbook is recorded", timeout=30_000)
        world.service.wait_until_settled()
        assert page.request.get(f"{world.url}/lots/{CASES}/I-0805").json()["verdict"] == "verified"

        page.reload()
        page.locator("#file").set_input_files(workbook(tmp_path))
        expect(page.locator("#sum")).to_contain_text("nothing new", timeout=30_000)
        assert not page.locator("#actions").is_visible()
