"""
What one side of a claim does without the other, in Chromium over a real store whose clock can be moved: the write-off
after its notice, what the page refuses to sign, and a proposal that is taken back.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import event_builders as b
import pytest
from accessibility import assert_accessible
from dock_world import DockWorld, dock_world, enrol_browser, served, sign_in
from ledger_fixture import LEDGER_DOMAIN, SECRET
from playwright.sync_api import Browser, Page, Route, expect
from second_signatures import proposals

from ledger.domain.identifiers import consignment_id
from ledger.domain.master_data import Role as PartyRole
from ledger.domain.people import Person, Role
from ledger.domain.records import ConsignmentState
from ledger.domain.sealing import DEFAULT
from ledger.services.buyers_desk import BuyersDesk
from ledger.services.drafts import Drafts
from ledger.services.receiving import Receiving

pytestmark = pytest.mark.browser
PACKER = Person("d" * 16, b.PACKING_HOUSE, "Memet", Role.STAFF)
CLAIM = f"/staff/desk/claims/0x{consignment_id(b.FARM, b.REFERENCE).hex()}"
HOUR = 3600


@pytest.fixture
def world(tmp_path: Path) -> Iterator[DockWorld]:
    """100 kg are missing, and the farm announced 71 hours ago to write them off."""
    made = dock_world(tmp_path)
    made.sessions.people[PACKER.id] = PACKER
    ledger = made.ledger
    ledger.clock.time = time.time() - 71 * HOUR
    missing = b.partial_receipt(arrivals=[b.event_forms.Arrival(b.HARVEST_LOT, 900_000, short=100_000)], return_ref="")
    ledger.record(b.harvest(), b.shipping(), missing, b.notice(about="write-off"))
    ledger.clock.time = time.time()
    store, signed = ledger.store, proposals(ledger)
    receiving = Receiving(store, store.consignments, DEFAULT)
    desk = replace(
        made.services.staff,  # type: ignore[type-var]
        party_roles=lambda party: PartyRole.BUYER | PartyRole.PACKER,
        drafts=Drafts(store, ledger.clock, LEDGER_DOMAIN, SECRET),
        proposals=signed,
        buyers=BuyersDesk(store, store.questions, receiving, store.certificates, store.claims, signed, ledger.clock),
    )
    yield replace(made, services=replace(made.services, staff=desk))
    store.close()


@pytest.fixture
def page(world: DockWorld, browser: Browser) -> Iterator[Page]:
    """A packer's phone."""
    with served(world) as address, browser.new_context(
        viewport={"width": 390, "height": 844}, locale="en-GB", base_url=address
    ) as context:  # fmt: skip
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
        sign_in(context, address, PACKER)
        enrol_browser(world, page, address, PACKER)
        yield page


def look(page: Page) -> None:
    page.goto(CLAIM)
    page.wait_for_selector("html[data-ready=yes]")


def state(world: DockWorld) -> ConsignmentState:
    with world.ledger.store.rehearsing() as transaction:
        found = transaction.projection.consignment(consignment_id(b.FARM, b.REFERENCE))
    assert found is not None
    return found.state


def test_when_the_notice_has_run_out_one_side_ends_it_alone(world: DockWorld, page: Page) -> None:
    look(page)
    assert page.locator("[data-deed]").count() == 0
    world.ledger.clock.time += HOUR
    look(page)
    assert_accessible(page, "a claim whose notice has run out")
    page.get_by_role("button", name="Write it off alone").click()
    expect(page.locator("#said li")).to_have_text(
        [
            "Without the other side, as the 72 hours are over:",
            "Lot H-0001, missing 100 kg: lost 100 kg, dried off 0 g, back with the sender 0 g, "
            "turned up at the receiver 0 g",
        ]
    )
    page.get_by_role("button", name="Sign and record").click()
    expect(page.locator("#done-text")).to_have_text("It is written off as lost. The claim is closed.", timeout=15_000)
    assert state(world) is ConsignmentState.SETTLED
    assert world.ledger.fsck() == []


def test_too_early_is_refused_by_the_rules_too(world: DockWorld, page: Page) -> None:
    world.ledger.clock.time += HOUR
    look(page)
    world.ledger.clock.time -= 2 * HOUR
    page.get_by_role("button", name="Write it off alone").click()
    expect(page.locator("#say")).to_contain_text("[NoticeNotOver]", timeout=15_000)
    assert not page.locator("#confirm").is_visible()
    assert state(world) is ConsignmentState.WRITE_OFF_ANNOUNCED


def test_nothing_else_is_signed_than_what_the_page_says(world: DockWorld, page: Page) -> None:
    """A service that drafts a settlement with the other side in the place of the write-off."""
    world.ledger.clock.time += HOUR
    look(page)

    def lie(route: Route) -> None:
        asked = json.loads(route.request.post_data or "{}")
        row = {"lot": str(b.HARVEST_LOT), "grams": 100_000}
        asked["fields"] = {**asked["fields"], "alone": False, "weight_loss": [row]}
        route.continue_(post_data=json.dumps(asked))

    page.route("**/staff/api/drafts", lie)
    page.get_by_role("button", name="Write it off alone").click()
    expect(page.locator("#say")).to_contain_text("is not what you entered", timeout=15_000)
    assert not page.locator("#confirm").is_visible()


def propose(page: Page) -> None:
    """Signs that all dried off."""
    look(page)
    page.locator("#loss-0").fill("")
    page.locator("#weight_loss-0").fill("100")
    page.get_by_role("button", name="Check and sign").click()
    expect(page.locator("#confirm")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Sign and record").click()
    expect(page.locator("#done-text")).to_contain_text("It waits for the other side now", timeout=15_000)


def test_ones_own_proposal_is_taken_back(world: DockWorld, page: Page) -> None:
    propose(page)
    (proposal,) = proposals(world.ledger).of(b.FARM)
    look(page)
    expect(page.locator("#proposed")).to_contain_text("dried off 100 kg")
    assert_accessible(page, "a claim that waits for the other side")
    page.get_by_role("button", name="Take it back").click()
    page.route("**/withdraw", lambda route: route.abort(), times=1)
    page.get_by_role("button", name="Sign and record").click()
    expect(page.locator("#confirm-error")).to_contain_text("There is no network now", timeout=15_000)
    page.get_by_role("button", name="Sign and record").click()
    expect(page.locator("#done-text")).to_contain_text("your signature is void", timeout=15_000)
    assert proposals(world.ledger).of(b.FARM) == []
    assert world.ledger.store.registered().is_cancelled(b.PACKING_HOUSE, proposal.digest)
    look(page)
    expect(page.locator("#form")).to_be_visible()


def test_a_service_cannot_have_something_else_taken_back(world: DockWorld, page: Page) -> None:
    propose(page)

    def lie(route: Route) -> None:
        told = route.fetch().json()
        told["cancellation"]["digest"] = "0x" + "ab" * 32
        route.fulfill(json=told)

    page.route("**/withdrawal", lie)
    look(page)
    expect(page.locator("#say")).to_contain_text("is not what its record says")
    expect(page.locator("#withdraw")).to_be_disabled()
