"""
The first run, as a newcomer sees it: start, scan, look, cheat, heal, let go, lose the chain, stop.

One service with the demonstration season for the whole module; the tests build on each other in their order.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import httpx
import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageChops, ImageFilter
from playwright.sync_api import Browser
from service_process import ServiceProcess, chain_pids, child_pids

from api.season import season_folder, season_lots
from ledger.adapters.anvil_process import find_anvil
from ledger.adapters.qr_labels import lot_link
from ledger.domain.identifiers import LotRef

pytestmark = [pytest.mark.browser, pytest.mark.chain]
LOTS = season_lots()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """`silkroot up --demo`, with its greeting printed."""
    folder = tmp_path_factory.mktemp("first-run")
    (folder / "anvil").symlink_to(find_anvil())
    service = ServiceProcess(folder / "data", ("--demo",), settings={"SILKROOT_ANVIL": str(folder / "anvil")})
    try:
        service.start()
        deadline = time.monotonic() + 90
        while "Cheat:" not in service.log():
            assert time.monotonic() < deadline, service.log()
            time.sleep(0.2)
        yield service
    finally:
        if service.process is not None:
            service.kill()


def verdict_in_browser(browser: Browser, url: str) -> tuple[str, str]:
    """The verdict that the page carries, and all its words."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en", java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(url)
        return page.locator("main").get_attribute("data-verdict") or "", page.inner_text("body")
    finally:
        context.close()


def link(running: ServiceProcess, name: str) -> str:
    return lot_link(running.url, LOTS[name])


def text(lot: LotRef) -> str:
    return str(lot)


def terminal_qr(log: str) -> Image.Image:
    """The QR of the greeting, drawn from its half-block characters: light where a block is."""
    rows = [
        line
        for line in log.replace("\xa0", " ").splitlines()
        if line and set(line) <= set("█▀▄ ") and len(line.strip()) > 20
    ]
    width = max(len(row) for row in rows)
    image = Image.new("L", (width + 8, 2 * len(rows) + 8), 255)
    for y, row in enumerate(rows):
        for x, mark in enumerate(row.ljust(width)):
            image.putpixel((x + 4, 2 * y + 4), 255 if mark in "█▀" else 0)
            image.putpixel((x + 4, 2 * y + 5), 255 if mark in "█▄" else 0)
    return image.resize((image.width * 8, image.height * 8), Image.Resampling.NEAREST)


def test_the_printed_qr_leads_to_a_verified_page(running: ServiceProcess, browser: Browser) -> None:
    (code,) = zxingcpp.read_barcodes(terminal_qr(running.log()))
    assert code.text == link(running, "verified")
    verdict, words = verdict_in_browser(browser, code.text)
    assert verdict == "verified"
    assert LOTS["verified"].code in words


@pytest.mark.parametrize("language", ["en", "zh", "ug"])
def test_certificates_stand_on_the_first_screen_and_lead_to_their_papers(
    running: ServiceProcess, browser: Browser, language: str
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{link(running, 'verified')}?lang={language}")
    papers = page.locator(".glance .papers a")
    assert papers.count() == 2, "its own; those of what went in stand further down"
    assert papers.evaluate_all("all => all.map(one => one.className)") == ["good", "wait"]
    for box in (papers.nth(0).bounding_box(), papers.nth(1).bounding_box()):
        assert box is not None
        assert box["y"] + box["height"] < 844
        assert box["height"] >= 48
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("#certificates [data-certificate]").count() == 4
    (paper,) = page.locator("#certificates a[href^='/files/']").evaluate_all("all => all.map(one => one.href)")
    served = httpx.get(paper)
    assert served.headers["content-type"] == "application/pdf"
    assert "EXAMPLE" in pypdfium2.PdfDocument(served.content)[0].get_textpage().get_text_range()
    context.close()


@pytest.mark.parametrize("form", ["png", "svg"])
def test_the_label_of_a_lot_decodes_to_its_link(running: ServiceProcess, form: str, tmp_path: Path) -> None:
    lot = LOTS["verified"]
    served = httpx.get(f"{running.url}/lots/{lot.product:014d}/{lot.code}/qr.{form}")
    assert served.status_code == 200
    running.command("label", text(lot), "--out", str(tmp_path / f"label.{form}"))
    assert (tmp_path / f"label.{form}").read_bytes() == served.content
    if form == "png":
        (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(served.content)))
        assert code.text == link(running, "verified")


def test_one_command_makes_the_labels_of_a_whole_file(running: ServiceProcess, tmp_path: Path) -> None:
    with season_folder() as folder:
        file = next(path for path in sorted(folder.iterdir()) if path.name.startswith("20-"))
        options = ("--of", str(file), "--format", "a4-8", "--lang", "zh", "--lang", "ug", "--lang", "en")
        running.command("label", *options, "--out", str(tmp_path / "labels.pdf"))
        made = running.ask("label", "--of", str(file), "--lang", "zh", "--out", str(tmp_path / "pictures"))
    links = {lot["uri"] for lot in made["lots"]}
    sheet = pypdfium2.PdfDocument(tmp_path / "labels.pdf")
    pages = [page.render(scale=203.2 / 72).to_pil() for page in sheet]
    assert {code.text for page in pages for code in zxingcpp.read_barcodes(page)} == links
    pictures = [Image.open(path) for path in (tmp_path / "pictures").iterdir()]
    assert {zxingcpp.read_barcodes(picture)[0].text for picture in pictures} == links
    refused = running.command(
        "label", "--of", str(file), "--copies", "2", "--out", str(tmp_path / "x.png"), check=False
    )
    assert refused.returncode == 2


def test_a_browser_prints_an_svg_label_as_the_label_printer_does(
    running: ServiceProcess, browser: Browser, tmp_path: Path
) -> None:
    lot, languages = text(LOTS["verified"]), ("--lang", "zh", "--lang", "ug")
    for form in ("svg", "png"):
        running.command("label", lot, "--format", "100x70", *languages, "--out", str(tmp_path / f"label.{form}"))
    page = browser.new_page(viewport={"width": 400, "height": 280}, device_scale_factor=2)
    try:
        page.set_content(f"<body style='margin:0'>{(tmp_path / 'label.svg').read_text()}</body>")
        page.evaluate("document.querySelector('svg').setAttribute('width', '400')")
        page.evaluate("document.querySelector('svg').setAttribute('height', '280')")
        shown = Image.open(BytesIO(page.screenshot())).convert("L")
    finally:
        page.close()
    (code,) = zxingcpp.read_barcodes(shown)
    assert code.text == link(running, "verified")
    printed = Image.open(tmp_path / "label.png").convert("L")
    assert printed.size == shown.size
    soft = [picture.filter(ImageFilter.GaussianBlur(4)) for picture in (printed, shown)]
    assert max(ImageChops.difference(*soft).tobytes()) < 100, "ink stands where the other has none"


@pytest.mark.parametrize(
    ("name", "expected"), [("recalled", "recalled"), ("under_way", "verified"), ("pending", "pending")]
)
def test_each_lot_of_the_greeting_shows_what_it_promises(
    running: ServiceProcess, browser: Browser, name: str, expected: str
) -> None:
    assert link(running, name) in running.log()
    assert verdict_in_browser(browser, link(running, name))[0] == expected


def test_a_lot_under_way_is_told_to_be_under_way(running: ServiceProcess) -> None:
    story = running.ask("show", text(LOTS["under_way"]))
    assert sum(branch["grams"]["inTransit"] for branch in story["branches"]) > 0


def test_a_cheat_turns_the_page_red_and_shows_both_hashes_and_restoring_heals(
    running: ServiceProcess, browser: Browser
) -> None:
    lot = text(LOTS["verified"])
    before = {event["contentHash"] for event in running.ask("show", lot)["events"]}
    running.command("demo", "tamper", lot)
    verdict, words = verdict_in_browser(browser, link(running, "verified"))
    assert verdict == "unverified"
    shown = set(re.findall(r"[0-9a-f]{64}", words.replace("\n", "").replace(" ", "")))
    signed = {value.removeprefix("0x") for value in before}
    assert shown & signed, "the hash that was signed is not on the page"
    assert shown - signed, "the hash that was found is not on the page"
    assert running.command("show", lot, check=False).returncode == 1
    assert running.ask("fsck")["faults"]
    running.command("demo", "restore", lot)
    assert verdict_in_browser(browser, link(running, "verified"))[0] == "verified"
    assert running.ask("fsck")["faults"] == []


def test_the_pending_lot_turns_verified_when_its_entry_goes(running: ServiceProcess, browser: Browser) -> None:
    assert running.ask("demo", "send", text(LOTS["pending"]))["sent"] == 1
    running.wait_until_settled()
    assert verdict_in_browser(browser, link(running, "pending"))[0] == "verified"


def test_a_lost_chain_is_never_verified_and_comes_back_by_itself(running: ServiceProcess, browser: Browser) -> None:
    assert running.process is not None
    anvil = Path(running.settings["SILKROOT_ANVIL"])
    binary = anvil.resolve()
    anvil.unlink()  # so that it stays away for as long as we look
    for pid in chain_pids(running.process.pid):
        os.kill(pid, signal.SIGKILL)
    time.sleep(0.5)
    for name in ("verified", "recalled"):
        verdict, words = verdict_in_browser(browser, link(running, name))
        assert verdict == "unknown"
        assert "could not be checked" in words.lower()
    assert httpx.get(f"{running.url}/health").json()["status"] == "degraded"
    assert running.command("chain", check=False).returncode == 1
    anvil.symlink_to(binary)
    deadline = time.monotonic() + 60
    while httpx.get(f"{running.url}/health").json()["status"] != "ok":
        assert time.monotonic() < deadline, running.log()
        time.sleep(0.2)
    assert verdict_in_browser(browser, link(running, "verified"))[0] == "verified"
    assert verdict_in_browser(browser, link(running, "recalled"))[0] == "recalled"


def test_the_season_is_not_recorded_twice(running: ServiceProcess) -> None:
    status = running.wait_until_settled()
    assert status["outbox"]["refused"] == 1, "the entry that the season brings too late"
    running.interrupt()
    running.start()
    assert running.wait_until_settled()["outbox"] == status["outbox"]


def test_a_reset_is_refused_while_it_runs(running: ServiceProcess) -> None:
    before = running.ask("chain")["outbox"]
    refused = running.command("demo", "reset", "--yes", check=False)
    assert refused.returncode == 2
    assert "End it first" in refused.stderr
    assert running.ask("chain")["outbox"] == before


def test_ctrl_c_leaves_no_process_behind(running: ServiceProcess) -> None:
    assert running.process is not None
    children = child_pids(running.process.pid)
    assert children, "the chain should be a child of the service"
    assert running.interrupt() == 0
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
    assert not (running.data_dir / "silkroot.sock").exists()


def test_after_a_reset_nothing_is_left_but_the_lock(running: ServiceProcess) -> None:
    assert running.process is None
    done = running.ask("demo", "reset", "--yes")
    assert done["left"] == []
    assert [path.name for path in running.data_dir.iterdir()] == ["silkroot.lock"]
