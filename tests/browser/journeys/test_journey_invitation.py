"""
Invitation to first sign-in, in every language, on a phone and at a desk: an administrator invites a colleague, who
opens the link, gets a key, signs out and in again; the phone is taken off the list and lets nobody in.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from event_builders import FARM
from journey import PARTIES, Journey, cast, everywhere
from playwright.sync_api import Browser, Page, expect
from staff_world import StaffWorld, staff_world

from api.catalogues import LANGUAGE_NAMES, LANGUAGES
from ledger.domain.people import Role

pytestmark = [pytest.mark.browser, pytest.mark.chain]
TOUCHABLE = 48
"""Pixels that a thumb hits; WCAG 2.2 asks for 24."""
OTHER = {"en": "ug-CN", "zh": "en-GB", "ug": "zh-CN"}
"""What the browser of the invited speaks: somebody who reads Uyghur has a phone in Chinese as often as not."""
NOBODY = "Nobody has joined on this phone yet. Open the invitation that you were given: scan its code, or tap its link."
END = "End this phone’s key? What it signed stays good; it can sign nothing more."


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffWorld]:
    """A real service and chain."""
    with staff_world(tmp_path_factory.mktemp("invitation"), cast()) as made:
        yield made


@everywhere
def test_from_an_invitation_to_the_first_sign_in(browser: Browser, world: StaffWorld, journey: Journey) -> None:
    name = f"Patigül {journey.number}"
    with (
        journey.signed_in(world, browser, FARM, f"Aygül {journey.number}") as admin,
        journey.opened(browser, locale=OTHER[journey.language]) as page,
    ):
        link = invite(world, journey, admin, name)
        page.goto(link)
        choose_language(journey, page)
        journey.fits(page)
        expect(journey.heading(page)).to_have_text(journey.say("You are invited"))
        expect(page.locator("#party")).to_have_text(PARTIES[FARM][journey.language])
        expect(page.locator("#name")).to_have_text(name)
        expect(page.locator("#as-staff")).to_have_text(
            journey.say("You will record for this organisation, under your name.")
        )
        expect(journey.field(page, "Only me", whole=False)).to_be_checked()
        can_be_touched(journey, page)
        journey.press(page, "Join on this phone")
        page.wait_for_url(f"{world.url}/staff")
        is_in(journey, page, name)
        me = world.me(page)
        assert (me["person"]["name"], me["person"]["role"]) == (name, Role.STAFF.value)
        world.service.wait_until_settled()
        on_chain = world.keys_of(FARM)[me["keyId"]]
        assert (on_chain["scheme"], on_chain["hosted"], on_chain["revoked"]) == ("p256", False, False)

        sign_out_and_in(world, journey, page, name)
        with journey.opened(browser) as other:
            opens_nothing_more(journey, other, link)
        end_the_phone(world, journey, page)
        world.service.wait_until_settled()
        assert world.keys_of(FARM)[me["keyId"]]["revoked"]


def invite(world: StaffWorld, journey: Journey, admin: Page, name: str) -> str:
    """The link that an administrator is shown, beside its code."""
    journey.go(admin, f"{world.url}/staff/people")
    journey.field(admin, "Name").fill(name)
    journey.press(admin, "Make an invitation")
    expect(admin.locator("#invited-qr")).not_to_have_js_property("naturalWidth", 0)
    expect(admin.locator("#invited .notice")).to_have_text(
        journey.say("Let this person scan the code with the phone’s camera, or send the link. It opens once.")
    )
    journey.fits(admin)
    return admin.locator("#invited-link").inner_text()


def choose_language(journey: Journey, page: Page) -> None:
    """By tapping its name at the head of the page, which is in the phone's language; the invitation stays open."""
    page.locator("#invitation").wait_for()
    assert page.locator("html").get_attribute("lang") != LANGUAGES[journey.language]
    page.locator("header").get_by_role("link", name=LANGUAGE_NAMES[journey.language]).click()
    expect(page.locator("html")).to_have_attribute("lang", LANGUAGES[journey.language])
    page.locator("#invitation").wait_for()


def can_be_touched(journey: Journey, page: Page) -> None:
    """The main button is in the window, and large."""
    button = journey.button(page, "Join on this phone")
    button.scroll_into_view_if_needed()
    box, window = button.bounding_box(), page.viewport_size
    assert box is not None
    assert window is not None
    assert box["height"] >= TOUCHABLE
    assert 0 <= box["x"] <= box["x"] + box["width"] <= window["width"]


def is_in(journey: Journey, page: Page, name: str) -> None:
    """The first page says where one is, and who."""
    expect(journey.heading(page)).to_have_text(PARTIES[FARM][journey.language])
    expect(page.locator(".sub")).to_have_text(journey.saying("Signed in as %(name)s", name=name))
    expect(journey.link(page.locator("main"), "Harvest", whole=False)).to_be_visible()
    journey.fits(page)


def sign_out_and_in(world: StaffWorld, journey: Journey, page: Page, name: str) -> None:
    """By tapping one's name: the key on this phone is enough."""
    journey.go(page, f"{world.url}/staff/me")
    journey.press(page, "Sign out")
    page.wait_for_url(f"{world.url}/staff/sign-in")
    expect(journey.heading(page)).to_have_text(journey.say("Sign in"))
    expect(page.locator("#people-here .sub")).to_have_text(journey.say("Tap your name."))
    journey.fits(page)
    face = page.locator(".face")
    expect(face.locator("b")).to_have_text(name)
    expect(face.locator(".quiet")).to_have_text(PARTIES[FARM][journey.language])
    face.click()
    page.wait_for_url(f"{world.url}/staff")
    is_in(journey, page, name)


def opens_nothing_more(journey: Journey, page: Page, link: str) -> None:
    """The link was used."""
    page.goto(link)
    expect(page.locator("#say")).to_have_text(
        journey.say("This invitation was used already. Each is good for one person, once.")
    )
    expect(journey.link(page, "I have joined already: sign in")).to_be_visible()
    expect(page.locator("#invitation")).to_be_hidden()
    journey.fits(page)


def end_the_phone(world: StaffWorld, journey: Journey, page: Page) -> None:
    """The phone is off the list, so its session ends too, and its key opens nothing."""
    journey.go(page, f"{world.url}/staff/me")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    journey.press(page, "End")
    page.wait_for_url(f"{world.url}/staff/sign-in**")
    assert asked == [journey.say(END)]
    page.locator(".face").click()
    expect(page.locator("#say")).to_have_text(
        journey.say("This phone was taken off your organisation’s list. Ask for a new invitation.")
    )
    journey.fits(page)
    journey.press(page, "Remove the name from this phone")
    expect(page.locator("#nobody-here")).to_be_visible()
    expect(page.locator("#nobody-here")).to_have_text(journey.say(NOBODY))
    journey.fits(page)
