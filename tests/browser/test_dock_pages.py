"""
Driver and dock in a real browser, over a real store: receiving with and without a network, several at once.

The browser is one that keeps its data in a folder, so that it can be closed and opened again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import event_builders as b
import pytest
from accessibility import assert_accessible
from dock_phone import DESK, PHONE, at_dock, phone, ready, until
from dock_world import AYGUL, LOT, DockWorld, dock_world, served, sign_in
from playwright.sync_api import Page, ViewportSize, expect

from ledger.domain.digital_link import lot_uri
from ledger.domain.own_members import own_member

SSCC = b.sscc(7).rpartition("/")[2]
OTHER_SSCC = b.sscc(8).rpartition("/")[2]


@pytest.fixture
def world(tmp_path: Path) -> DockWorld:
    world = dock_world(tmp_path / "ledger")
    world.harvest()
    return world


@pytest.fixture
def address(world: DockWorld) -> Iterator[str]:
    with served(world) as address:
        yield address


def receipts(world: DockWorld) -> list[Any]:
    return [event for event in world.ledger.store.events(0, 100) if event.body["bizStep"] == "receiving"]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_all_of_it_is_received(world: DockWorld, address: str, tmp_path: Path, size: ViewportSize) -> None:
    world.ship(SSCC)
    with phone(tmp_path / "phone", size) as context:
        page = at_dock(world, context, address)
        page.get_by_text(SSCC).click()
        expect(page.locator(".manifest")).to_contain_text("412.5 kg")
        page.get_by_role("button", name="Sign: 412.5 kg accepted").click()
        expect(page.locator("#say")).to_have_text("Recorded. The sender sees it now.")
        expect(page.locator("#list")).to_contain_text("Nothing is on its way to you.")
    (event,) = receipts(world)
    assert type(event.proof.action).__name__ == "Receipt"
    assert own_member(event.body, "person") is None, "the person's name is sealed"
    assert world.ledger.fsck() == []


def test_a_conflict_can_be_dropped(world: DockWorld, address: str, tmp_path: Path) -> None:
    reference = world.ship(SSCC)
    with phone(tmp_path / "phone") as context:
        page = at_dock(world, context, address)
        context.set_offline(True)
        page.get_by_text(SSCC).click()
        page.get_by_role("button", name="Sign: 412.5 kg accepted").click()
        expect(page.locator("#say")).to_contain_text("Signed and kept on this phone")
        world.ledger.record(
            b.receiving(
                party=b.BUYER, shipper=b.FARM, reference=reference, manifest=[b.amount(LOT, 412_500, 33)],
                where=b.Spot(int(b.BUYER)),
            )
        )  # fmt: skip
        context.set_offline(False)
        page.goto(f"{address}/staff/queue")
        page.on("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Drop mine").click()
        expect(page.locator("#list")).to_have_text("Everything is sent. Nothing waits on this phone.")
    assert len(receipts(world)) == 1


def test_a_short_receipt_and_what_the_form_refuses(world: DockWorld, address: str, tmp_path: Path) -> None:
    world.ship(SSCC)
    with phone(tmp_path / "phone") as context:
        page = at_dock(world, context, address)
        page.get_by_text(SSCC).click()
        page.get_by_text("Not as on the list").click()
        button = page.locator("#action button")
        button.click()
        expect(page.locator(".parts .error").last).to_contain_text("You said that it differs from the list.")
        missing, back = page.get_by_label("Missing, kg"), page.get_by_label("Goes back, kg")
        for wrong, told in (("many", "Write a weight"), ("412,501", "only 412.5 kg is on its way")):
            missing.fill(wrong)
            button.click()
            expect(page.locator(".part .error")).to_contain_text(told)
        missing.fill("12,5")
        back.fill("100")
        button.click()
        expect(page.get_by_text("Write why it goes back.")).to_be_visible()
        page.get_by_label("Why it goes back").fill("Bruised")
        page.get_by_text("Entered from a paper manifest").click()
        button.click()
        expect(page.get_by_text("Write who signed the paper.")).to_be_visible()
        page.get_by_label("Who signed the paper").fill("Li Wei")
        page.get_by_label("When it was signed").fill("2026-08-06T09:30")
        expect(button).to_have_text("Sign: 300 kg accepted")
        button.click()
        expect(page.locator("#say")).to_have_text("Recorded. The sender sees it now.")
    (event,) = receipts(world)
    (line,) = event.proof.action.lines
    assert (line.accepted, line.refused, line.to_come) == (300_000, 100_000, 0)
    assert event.body["silkroot:receipt"][0]["short"] == 12_500
    assert event.body["silkroot:onPaper"] is True
    assert event.body["eventTime"] == "2026-08-06T09:30:00+08:00"
    assert "Li Wei" not in str(event.body)
    kept = world.ledger.store.disclosures_of([event.content_hash])[event.content_hash]
    assert {one.place for one in kept} == {"/silkroot:person", "/silkroot:paperSigner"}
    assert world.ledger.fsck() == []


def test_more_than_was_sent_is_told_and_credited_to_nobody(world: DockWorld, address: str, tmp_path: Path) -> None:
    world.ship(SSCC)
    with phone(tmp_path / "phone") as context:
        page = at_dock(world, context, address)
        page.get_by_text(SSCC).click()
        page.get_by_text("Not as on the list").click()
        over = page.get_by_label("Beyond the list, kg")
        for wrong in ("many", "99999999"):
            over.fill(wrong)
            page.locator("#action button").click()
            expect(page.locator(".part .error")).to_contain_text("Write a weight")
        over.fill("7.25")
        page.get_by_role("button", name="Sign: 412.5 kg accepted").click()
        expect(page.locator("#say")).to_have_text("Recorded. The sender sees it now.")
    (event,) = receipts(world)
    assert event.body["silkroot:over"] == [{"epcClass": lot_uri(LOT), "grams": 7_250}]
    assert event.body["disposition"] == "mismatch_quantity"
    assert event.proof.action.lines[0].accepted == 412_500
    assert world.ledger.fsck() == []


def test_everything_goes_back(world: DockWorld, address: str, tmp_path: Path) -> None:
    world.ship(SSCC)
    with phone(tmp_path / "phone") as context:
        page = at_dock(world, context, address)
        page.get_by_text(SSCC).click()
        page.get_by_text("Nothing: all of it goes back").click()
        page.get_by_label("Why it goes back").fill("Warm, 14 °C")
        page.get_by_role("button", name="Sign: all goes back").click()
        expect(page.locator("#say")).to_have_text("Recorded. The sender sees it now.")
    (event,) = receipts(world)
    assert event.proof.action.lines[0].refused == 412_500
    assert event.proof.action.return_ref.startswith(f"urn:epcglobal:cbv:bt:{b.BUYER:013d}:R")


def test_several_at_once(world: DockWorld, address: str, tmp_path: Path) -> None:
    world.ship(SSCC)
    world.ship(OTHER_SSCC, 100_000)
    world.ship("D-77", 1_000)
    with phone(tmp_path / "phone") as context:
        page = at_dock(world, context, address)
        page.get_by_role("button", name="Choose several").click()
        for number in (SSCC, OTHER_SSCC):
            page.get_by_text(number).click()
        page.get_by_role("button", name="Sign for all chosen: 512.5 kg accepted").click()
        expect(page.locator("#say")).to_have_text("Recorded. The sender sees it now.")
        expect(page.locator("#list .pick")).to_have_count(1)
    assert len(receipts(world)) == 2


def find(page: Page, text: str) -> None:
    """Types what stands below a code, as a scanner on a keyboard does."""
    page.locator("#number").fill(text)
    page.get_by_role("button", name="Find").click()


def test_pallets_are_scanned_one_after_the_other_and_signed_for_once(
    world: DockWorld, address: str, tmp_path: Path
) -> None:
    for number, grams in ((SSCC, 412_500), (OTHER_SSCC, 100_000), ("D-77", 1_000), ("D-78", 2_000)):
        world.ship(number, grams)
    with phone(tmp_path / "phone") as context:
        page = at_dock(world, context, address)
        ready(page, address, "scan")
        listed = page.locator("#several")
        find(page, f"(00){SSCC}")
        expect(listed).to_be_hidden()
        page.get_by_role("button", name="Receive it with others").click()
        find(page, OTHER_SSCC)
        expect(page.locator("#say")).to_contain_text(f"On the list: {OTHER_SSCC}")
        find(page, f"00{OTHER_SSCC}")
        expect(page.locator("#say")).to_contain_text("on the list already")
        find(page, f"(01){int(LOT.product):014d}(10){LOT.code}")  # a lot's code is of all four: nothing is added
        expect(page.locator("#result a.pick")).to_have_count(4)
        find(page, "D-77")
        find(page, "D-78")
        expect(listed.locator("li")).to_have_count(4)
        page.reload()
        page.wait_for_selector("html[data-ready=yes]")
        page.get_by_role("button", name="Take off D-77").click()
        expect(listed.get_by_role("heading")).to_have_text("Received together: 3")
        assert_accessible(page, "the list of several")
        context.set_offline(True)
        page.get_by_role("button", name="Sign for all chosen: 514.5 kg accepted").click()
        expect(page.locator("#say")).to_contain_text("Signed and kept on this phone")
        expect(listed).to_be_hidden()
        find(page, SSCC)
        expect(page.locator("#result .badge")).to_have_text("Signed for on this phone already")
        assert receipts(world) == []
        context.set_offline(False)
        page.goto(f"{address}/staff/queue")
        expect(page.locator(".item .badge", has_text="Recorded")).to_have_count(3, timeout=15_000)
    assert [type(event.proof.action).__name__ for event in receipts(world)] == ["Receipt"] * 3
    references = [event.body["bizTransactionList"][0]["bizTransaction"] for event in receipts(world)]
    assert [one.rpartition("/")[2].rpartition(":")[2] for one in references] == [SSCC, OTHER_SSCC, "D-78"]
    assert world.ledger.fsck() == []


def test_without_a_key_nothing_is_signed(world: DockWorld, address: str, tmp_path: Path) -> None:
    world.ship(SSCC)
    with phone(tmp_path / "phone") as context:
        page = context.new_page()
        sign_in(context, address, AYGUL)
        ready(page, address, "receive")
        page.get_by_text(SSCC).click()
        page.get_by_role("button", name="Sign: 412.5 kg accepted").click()
        expect(page.locator("#say")).to_contain_text("This browser has no key of yours")
    assert receipts(world) == []


def test_nothing_of_a_person_is_left_for_the_next(world: DockWorld, address: str, tmp_path: Path) -> None:
    world.ship(SSCC)
    with phone(tmp_path / "phone") as context:
        page = at_dock(world, context, address)
        page.reload()
        page.wait_for_selector("html[data-ready=yes]")
        kept = "() => caches.open('silkroot-pages').then((pages) => pages.keys()).then((all) => all.length"
        assert page.evaluate(f"{kept} > 0)")
        del world.sessions.people[AYGUL.id]  # signed out everywhere
        page.goto(f"{address}/staff/receive")
        until(page, f"{kept} === 0)")
        nothing_on_its_way = """() => new Promise((done) => {
            const request = indexedDB.open("silkroot-dock");
            request.onsuccess = () => {
                const all = request.result.transaction("inbound").objectStore("inbound").getAll();
                all.onsuccess = () => done(all.result.length === 0);
            };
        })"""
        until(page, nothing_on_its_way)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("language", ["en", "ug"])
def test_nobody_is_kept_out(world: DockWorld, address: str, tmp_path: Path, size: ViewportSize, language: str) -> None:
    """WCAG 2.2 AA on every page and state, and nothing that is wider than the window."""
    world.ship(SSCC)
    world.ship(OTHER_SSCC, 100_000)
    with phone(tmp_path / "phone", size) as context:
        page = at_dock(world, context, address)

        def looked_at(what: str) -> None:
            assert_accessible(page, what)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"{what} is {wide} pixels too wide"

        page.goto(f"{address}/staff/receive?lang={language}")
        page.wait_for_selector("html[data-ready=yes]")
        looked_at("the list")
        page.locator("#list .buttons button").click()
        looked_at("several")
        page.locator("#list .buttons button").click()
        page.get_by_text(SSCC).click()
        page.locator("input[value=some]").check()
        page.locator("details.more summary").click()
        page.locator("#onPaper").check()
        page.locator("#action button").click()
        looked_at("the form with errors")
        page.goto(f"{address}/staff/scan")
        page.wait_for_selector("html[data-ready=yes]")
        page.locator("#number").fill(SSCC)
        page.locator("#typed button").click()
        looked_at("what was scanned")
        page.goto(f"{address}/staff/receive")
        page.wait_for_selector("html[data-ready=yes]")
        context.set_offline(True)
        page.get_by_text(SSCC).click()
        page.locator("#action button").click()
        page.locator("#list .badge").wait_for()
        world.ledger.record(
            b.receiving(
                party=b.BUYER, shipper=b.FARM, reference=f"https://id.gs1.org/00/{SSCC}", where=b.Spot(int(b.BUYER)),
                manifest=[b.amount(LOT, 412_500, 33)],
            )
        )  # fmt: skip
        page.goto(f"{address}/staff/queue")
        page.locator(".item").wait_for()
        looked_at("what waits")
        context.set_offline(False)
        page.locator(".item .danger").click(trial=True)
        page.locator(".item .second").click()
        looked_at("the conflict and its note")


def test_any_page_sends_what_waits(world: DockWorld, address: str, tmp_path: Path) -> None:
    world.ship(SSCC)
    with phone(tmp_path / "phone") as context:
        page = at_dock(world, context, address)
        context.set_offline(True)
        page.get_by_text(SSCC).click()
        page.get_by_role("button", name="Sign: 412.5 kg accepted").click()
        expect(page.locator("#say")).to_contain_text("Signed and kept on this phone")
        page.goto(f"{address}/staff/me")  # which nobody kept: the first page, as it was seen last
        expect(page).to_have_url(f"{address}/staff")
        expect(page.locator("#no-network")).to_be_visible()
        expect(page.locator("#waiting")).to_have_text("To send1")
        assert receipts(world) == []
        context.set_offline(False)
        expect(page.locator("#waiting")).to_be_hidden(timeout=15_000)
    assert len(receipts(world)) == 1
