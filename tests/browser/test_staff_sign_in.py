"""Invitation to first sign-in in a real Chromium, against a real service and chain; shared phones, passkeys, codes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from event_builders import FARM, HUB, PACKING_HOUSE
from playwright.sync_api import Browser, Page, expect
from staff_world import DESK, PHONE, StaffWorld, staff_world

pytestmark = [pytest.mark.browser, pytest.mark.chain]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffWorld]:
    with staff_world(tmp_path_factory.mktemp("staff")) as made:
        yield made


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, locale="en")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_from_an_invitation_to_a_key_on_chain_and_its_end(
    browser: Browser, world: StaffWorld, size: dict[str, int]
) -> None:
    with world.signed_in(browser, FARM, "Aygül", "admin", size) as page:
        expect(page.locator("h1")).to_have_text("Farm")
        key = world.me(page)["keyId"]
        world.service.wait_until_settled()
        on_chain = world.keys_of(FARM)[key]
        assert (on_chain["scheme"], on_chain["hosted"], on_chain["revoked"]) == ("p256", False, False)
