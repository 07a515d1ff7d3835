"""
A label's whole way in a real Chromium against a real service and chain: printed with a serial, read from the picture,
scanned, reported, sold; recalled, and red.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import zxingcpp
from accessibility import violations
from event_builders import (
    BUYER,
    FARM,
    FARM_GATE,
    HARVEST_LOT,
    NOON,
    PACKED_LOT,
    PACKING_HOUSE,
    PACKING_LINE,
    PLOT,
    REFERENCE,
)
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from staff_world import DESK, PHONE, StaffWorld, staff_world

from ledger.domain import event_forms as forms
from ledger.domain.event_forms import Amount
from ledger.domain.identifiers import Grams

pytestmark = [pytest.mark.browser, pytest.mark.chain]
CASES = 4
TONNE = [Amount(HARVEST_LOT, Grams(1_000_000))]


def document() -> dict[str, object]:
    """From the field into four cases."""
    packed = [Amount(PACKED_LOT, Grams(1_000_000), CASES)]
    events = [
        forms.harvest(FARM, TONNE[0], NOON, PLOT),
        forms.shipping(FARM, PACKING_HOUSE, REFERENCE, TONNE, NOON, FARM_GATE),
        forms.receiving(PACKING_HOUSE, FARM, REFERENCE, TONNE, NOON, PACKING_LINE),
        forms.transformation(PACKING_HOUSE, TONNE, packed, NOON, PACKING_LINE),
    ]
    return {
        "@context": [forms.STANDARD_CONTEXT, {"silkroot": forms.SILKROOT_NAMESPACE}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-08-06T00:00:00+08:00",
        "epcisBody": {"eventList": [{k: v for k, v in event.items() if k != "@context"} for event in events]},
    }


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffWorld]:
    folder = tmp_path_factory.mktemp("labels")
    with staff_world(folder) as made:
        file = folder / "packed.jsonld"
        file.write_text(json.dumps(document()), encoding="utf-8")
        made.service.operate("import", path=str(file), dry_run=False)
        made.service.wait_until_settled()
        yield made


@pytest.fixture(scope="module")
def paths(world: StaffWorld, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Paths of the pages of three labels, read from their printed pictures by a decoder that is not ours."""
    folder = tmp_path_factory.mktemp("pictures")
    told = world.service.command("label", str(PACKED_LOT), "--serials", "3", "--out", str(folder), "--json")
    files = json.loads(told.stdout)["files"]
    links = []
    for file in files:
        (symbol,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(Path(file).read_bytes())).convert("L"))
        links.append(symbol.text)
    assert len(set(links)) == 3
    return [urlsplit(link).path for link in links]


def phone(browser: Browser, number: int, language: str = "en") -> Page:
    """A phone of its own, as far as its browser's name tells."""
    context = browser.new_context(
        viewport=PHONE, is_mobile=True, locale={"en": "en-GB", "zh": "zh-CN", "ug": "ug-CN"}[language],
        user_agent=f"Mozilla/5.0 Phone/{number}", java_script_enabled=False,
    )  # fmt: skip
    return context.new_page()


def test_there_are_never_more_serials_than_cases(world: StaffWorld, paths: list[str]) -> None:
    refused = world.service.command("label", str(PACKED_LOT), "--serials", "2", "--out", "none.pdf", check=False)
    assert refused.returncode == 1
    assert "label.serials-cases" in refused.stdout + refused.stderr
    assert not Path("none.pdf").exists()


def test_who_has_nothing_to_do_with_the_lot_sees_no_labels(
    browser: Browser, world: StaffWorld, paths: list[str]
) -> None:
    with world.signed_in(browser, BUYER, "Li", "staff") as clerk:
        clerk.goto(f"{world.url}/staff/serials")
        expect(clerk.locator(".rows")).to_contain_text("No lot of yours")


def test_a_report_reaches_the_holder_and_a_sale_is_noted(browser: Browser, world: StaffWorld, paths: list[str]) -> None:
    page = phone(browser, 1)
    page.goto(world.url + paths[2])
    page.locator("input[value=label]").check()
    page.locator("textarea").fill("<img src=x onerror=alert(1)> grey print")
    page.locator(".report button").click()
    expect(page.locator(".report .done")).to_be_visible()
    page.context.close()
    with world.signed_in(browser, PACKING_HOUSE, "Gül", "staff") as clerk:
        clerk.goto(f"{world.url}/staff/reports")
        expect(clerk.locator("blockquote")).to_have_text("<img src=x onerror=alert(1)> grey print")
        clerk.get_by_role("button", name="Seen to").click()
        expect(clerk.locator(".reports .empty")).to_be_visible()
        clerk.goto(f"{world.url}/staff/serials")
        clerk.locator("#link").fill(world.url + paths[2])
        clerk.get_by_role("button", name="Note as sold").click()
        expect(clerk.locator(".notice.good")).to_contain_text(PACKED_LOT.code)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("language", ["en", "zh", "ug"])
def test_pages_of_labels_and_reports_can_be_used_by_everybody(
    browser: Browser, world: StaffWorld, paths: list[str], language: str, size: dict[str, int]
) -> None:
    with world.signed_in(browser, PACKING_HOUSE, f"Gül {language}", "staff", size, language) as clerk:
        for path in ("/staff/serials", f"/staff/serials?lot={PACKED_LOT}", "/staff/reports", paths[1]):
            clerk.goto(world.url + path)
            assert clerk.evaluate("document.documentElement.scrollWidth") <= size["width"], path
            assert violations(clerk) == [], path


@pytest.fixture(scope="module")
def recalled(world: StaffWorld, paths: list[str]) -> list[str]:
    """The same paths, once the harvest was recalled."""
    world.service.command("recall", str(HARVEST_LOT), "--as", f"{FARM:013d}", "--reason", "residue")
    world.service.wait_until_settled()
    return paths


@pytest.mark.parametrize("language", ["en", "zh", "ug"])
def test_after_a_recall_every_label_is_red(
    browser: Browser, world: StaffWorld, recalled: list[str], language: str
) -> None:
    for number, path in enumerate(recalled):
        page = phone(browser, 200 + number, language)
        page.goto(world.url + path)
        assert page.locator("main").get_attribute("data-verdict") == "recalled"
        assert page.locator("ol.todo li").count() == 3
        page.context.close()
