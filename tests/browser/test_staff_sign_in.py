"""
Signing in in a real Chromium, against a real service and chain: shared phones, passkeys, codes, keys that end. The way
from an invitation to the first sign-in is in journeys/, in every language.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from event_builders import BUYER, COOPERATIVE, FARM, HUB, PACKING_HOUSE
from playwright.sync_api import Browser, Page, expect
from staff_world import PHONE, StaffWorld, staff_world

pytestmark = [pytest.mark.browser, pytest.mark.chain]
PIN = "4711"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffWorld]:
    with staff_world(tmp_path_factory.mktemp("staff")) as made:
        yield made


@contextmanager
def opened(browser: Browser, **options: Any) -> Iterator[Page]:
    context = browser.new_context(**{"viewport": PHONE, "locale": "en", **options})
    yield context.new_page()
    context.close()


def sign_in_page(world: StaffWorld, page: Page) -> None:
    page.context.clear_cookies()
    page.goto(f"{world.url}/staff/sign-in")
    expect(page.locator("html")).to_have_attribute("data-ready", "sign-in")


def test_no_script_can_read_the_key(browser: Browser, world: StaffWorld) -> None:
    with world.signed_in(browser, FARM, "Memet", "staff") as page:
        told = page.evaluate(
            """async () => {
                const db = await new Promise((done) => {
                    const asked = indexedDB.open("silkroot-staff");
                    asked.onsuccess = () => done(asked.result);
                });
                const all = await new Promise((done) => {
                    const asked = db.transaction("keys").objectStore("keys").getAll();
                    asked.onsuccess = () => done(asked.result);
                });
                const { privateKey } = all[0].keyPair;
                const tries = ["jwk", "pkcs8", "raw"].map((form) =>
                    crypto.subtle.exportKey(form, privateKey).then(() => form, (error) => error.name));
                return [privateKey.extractable, ...await Promise.all(tries)];
            }"""
        )
        assert told[0] is False
        assert "jwk" not in told[1:]
        assert "InvalidAccessError" in told[1:]
        assert "silkroot-staff" not in page.evaluate("document.cookie"), "the session's cookie is for no script"


def test_a_used_or_unknown_invitation_is_closed(browser: Browser, world: StaffWorld) -> None:
    link = world.invitation(HUB, "Rena")
    with opened(browser) as page:
        page.goto(link)
        page.locator("#invitation").wait_for()
        page.get_by_role("button", name="Join on this phone").click()
        page.wait_for_url(f"{world.url}/staff")
    with opened(browser) as page:
        page.goto(link)
        expect(page.locator("#say")).to_contain_text("used already")
        expect(page.locator("#closed")).to_be_visible()
        expect(page.locator("#invitation")).to_be_hidden()
        page.goto(f"{world.url}/staff/join#no-such-token")
        page.reload()
        expect(page.locator("#say")).to_contain_text("no such invitation")


def test_a_phone_that_never_heard_that_it_joined_signs_in(browser: Browser, world: StaffWorld) -> None:
    with opened(browser) as page:
        # The service takes the person in, and the network fails before the answer arrives.
        page.route("**/staff/api/join", lambda route: (route.fetch(), route.abort()))
        page.goto(world.invitation(HUB, "Nurgul"))
        page.get_by_role("button", name="Join on this phone").click()
        expect(page.locator("#say")).to_contain_text("no network")
        page.get_by_role("button", name="Join on this phone").click()
        expect(page.locator("#say")).to_contain_text("used already")
        page.unroute("**/staff/api/join")
        sign_in_page(world, page)
        page.locator(".face", has_text="Nurgul").click()
        page.wait_for_url(f"{world.url}/staff")
        assert world.me(page)["person"]["name"] == "Nurgul"


def test_an_admin_invites_a_colleague_who_joins(browser: Browser, world: StaffWorld) -> None:
    name = "<script>document.title='x'</script> Ali"
    with world.signed_in(browser, PACKING_HOUSE, "Aygül", "admin") as page, opened(browser) as other:
        page.goto(f"{world.url}/staff/people")
        page.get_by_label("Name").fill(name)
        page.get_by_role("button", name="Make an invitation").click()
        expect(page.locator("#invited-qr")).not_to_have_js_property("naturalWidth", 0)
        other.goto(page.locator("#invited-link").inner_text())
        expect(other.locator("#name")).to_have_text(name)
        other.get_by_role("button", name="Join on this phone").click()
        other.wait_for_url(f"{world.url}/staff")
        # What somebody typed is shown as typed, and runs nowhere.
        expect(other.locator(".sub")).to_contain_text(name)
        assert other.title() != "x"
        page.goto(f"{world.url}/staff/people")
        card = page.locator(".person", has_text="Ali")
        expect(card).to_have_count(1)
        page.on("dialog", lambda dialog: dialog.accept())
        card.get_by_role("button", name="Left us").click()
        expect(card).to_contain_text("may not sign in")
        other.goto(f"{world.url}/staff")
        other.wait_for_url(f"{world.url}/staff/sign-in**")


def test_a_shared_phone_asks_for_the_pin_of_whoever_is_tapped(browser: Browser, world: StaffWorld) -> None:
    with opened(browser) as page:
        world.join(page, HUB, "Rena", pin=PIN)
        world.join(page, HUB, "Omer", pin="2580")
        sign_in_page(world, page)
        expect(page.locator(".face")).to_have_count(2)
        page.locator(".face", has_text="Omer").click()
        page.locator("#pin").fill(PIN)
        page.locator("#pin-form button[type=submit]").click()
        expect(page.locator("#say")).to_contain_text("This PIN is wrong")
        page.locator("#pin").fill("2580")
        page.locator("#pin-form button[type=submit]").click()
        page.wait_for_url(f"{world.url}/staff")
        assert world.me(page)["person"]["name"] == "Omer"


def test_ten_wrong_pins_close_it_until_an_admin_opens_it(browser: Browser, world: StaffWorld) -> None:
    with world.signed_in(browser, BUYER, "Chief", "admin") as admin, opened(browser) as page:
        world.join(page, BUYER, "Wang", pin=PIN)
        sign_in_page(world, page)
        page.locator(".face").click()
        for _ in range(10):
            page.locator("#pin").fill("1470")
            page.locator("#pin-form button[type=submit]").click()
            expect(page.locator("#say")).to_contain_text("This PIN is wrong")
        page.locator("#pin").fill(PIN)
        page.locator("#pin-form button[type=submit]").click()
        expect(page.locator("#say")).to_contain_text("Ten wrong PINs")
        admin.goto(f"{world.url}/staff/people")
        admin.on("dialog", lambda dialog: dialog.accept())
        with admin.expect_navigation():
            admin.locator(".person", has_text="Wang").get_by_role("button", name="Clear the PIN").click()
        page.locator("#pin").fill(PIN)
        page.locator("#pin-form button[type=submit]").click()
        page.wait_for_url(f"{world.url}/staff")


def test_without_a_network_the_phone_checks_the_pin_itself(browser: Browser, world: StaffWorld) -> None:
    with opened(browser) as page:
        world.join(page, BUYER, "Li", pin=PIN)
        sign_in_page(world, page)
        page.locator(".face").click()
        page.context.set_offline(True)
        for count in range(10):
            page.locator("#pin").fill("1470")
            page.locator("#pin-form button[type=submit]").click()
            expect(page.locator("#say")).to_contain_text("Ten wrong" if count == 9 else "This PIN is wrong")
            page.evaluate("document.getElementById('say').textContent = ''")
        page.locator("#pin").fill(PIN)
        page.locator("#pin-form button[type=submit]").click()
        expect(page.locator("#say")).to_contain_text("Ten wrong")


def test_a_passkey_opens_a_session_on_a_browser_without_a_key(browser: Browser, world: StaffWorld) -> None:
    with world.signed_in(browser, FARM, "Patime", "staff") as page:
        tools = page.context.new_cdp_session(page)
        tools.send("WebAuthn.enable")
        options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
        made = {**options, "isUserVerified": True, "automaticPresenceSimulation": True}
        authenticator = tools.send("WebAuthn.addVirtualAuthenticator", {"options": made})["authenticatorId"]
        page.goto(f"{world.url}/staff/me")
        with page.expect_navigation():
            page.get_by_role("button", name="Add a passkey").click()
        expect(page.get_by_role("button", name="Remove")).to_have_count(1)
        page.context.clear_cookies()
        page.evaluate("new Promise((done) => { indexedDB.deleteDatabase('silkroot-staff').onblocked = done; done(); })")
        page.goto(f"{world.url}/staff/sign-in")
        page.get_by_text("Other ways to sign in").click()
        page.get_by_role("button", name="With a passkey").click()
        page.wait_for_url(f"{world.url}/staff")
        me = world.me(page)
        assert (me["person"]["name"], me["keyId"]) == ("Patime", None)
        expect(page.locator(".notice.warn")).to_contain_text("no key of yours")
        # Whoever came so may make a key here.
        page.goto(f"{world.url}/staff/me")
        with page.expect_navigation():
            page.get_by_role("button", name="Make a key on this phone").click()
        key = world.me(page)["keyId"]
        world.service.wait_until_settled()
        assert not world.keys_of(FARM)[key]["revoked"]
        # Another authenticator, which nobody registered, is told nothing.
        tools.send("WebAuthn.clearCredentials", {"authenticatorId": authenticator})


def test_a_recovery_code_opens_once_and_sign_out_everywhere_ends_all(browser: Browser, world: StaffWorld) -> None:
    with world.signed_in(browser, HUB, "Dilnur", "staff") as page, opened(browser) as other:
        page.goto(f"{world.url}/staff/me")
        page.get_by_role("button", name="Make recovery codes").click()
        expect(page.locator("#code-list li")).to_have_count(8)
        code = page.locator("#code-list li").first.inner_text()
        for attempt in ("first", "second"):
            other.goto(f"{world.url}/staff/sign-in")
            other.get_by_text("Other ways to sign in").click()
            other.get_by_label("Recovery code").fill(code.upper().replace("-", " "))
            other.get_by_role("button", name="Sign in with the code").click()
            if attempt == "first":
                other.wait_for_url(f"{world.url}/staff")
                cookies = {cookie["name"]: cookie for cookie in other.context.cookies()}
                session = cookies["silkroot-staff"]
                assert (session["httpOnly"], session["sameSite"]) == (True, "Strict")
                other.context.clear_cookies()
            else:
                expect(other.locator("#say")).to_contain_text("no recovery code")
        page.goto(f"{world.url}/staff/me")
        expect(page.locator("body")).to_contain_text("7 recovery codes are left.")
        page.on("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Sign out everywhere").click()
        page.wait_for_url(f"{world.url}/staff/sign-in")
        other.context.add_cookies([session])
        other.goto(f"{world.url}/staff")
        other.wait_for_url(f"{world.url}/staff/sign-in**")


def test_where_the_party_keeps_its_own_main_key_an_admin_confirms_and_ends_phones(
    browser: Browser, world: StaffWorld
) -> None:
    party = COOPERATIVE
    with world.signed_in(browser, party, "Chief", "admin") as admin, opened(browser) as page:
        world.service.wait_until_settled()
        (hosted,) = [key for key, known in world.keys_of(party).items() if known["hosted"]]
        world.service.operate("revoke-key", party=f"{party:013d}", key=hosted)
        world.service.wait_until_settled()
        page.goto(world.invitation(party, "Memet"))
        page.get_by_role("button", name="Join on this phone").click()
        expect(page.locator("#waiting")).to_be_visible()
        page.goto(f"{world.url}/staff")
        expect(page.locator(".notice.wait")).to_contain_text("This phone waits")
        key = world.me(page)["keyId"]
        assert key not in world.keys_of(party)
        admin.on("dialog", lambda dialog: dialog.accept())
        admin.goto(f"{world.url}/staff/people")
        with admin.expect_navigation():
            admin.get_by_role("button", name="Confirm").click()
        world.service.wait_until_settled()
        assert not world.keys_of(party)[key]["revoked"]
        page.goto(f"{world.url}/staff")
        expect(page.locator(".notice.wait")).to_have_count(0)
        card = admin.locator(".person", has_text="Memet")
        with admin.expect_navigation():
            card.get_by_role("button", name="Left us").click()
        expect(card).to_contain_text("ended")
        world.service.wait_until_settled()
        assert world.keys_of(party)[key]["revoked"]
        assert world.service.operate("status")["outbox"]["refused"] == 0


def test_keys_for_systems_are_made_and_ended(browser: Browser, world: StaffWorld) -> None:
    with world.signed_in(browser, FARM, "Chief", "admin") as page:
        page.goto(f"{world.url}/staff/keys")
        page.get_by_label("What it is for").fill("Scale")
        page.get_by_role("button", name="Make the key").click()
        expect(page.locator("#made-key")).to_contain_text("silkroot_")
        key = page.locator("#made-key").inner_text()
        headers = {"authorization": f"Bearer {key}"}
        assert page.request.get(f"{world.url}/epcis/capture", headers=headers).status == 200
        page.get_by_role("button", name="Done").click()
        page.on("dialog", lambda dialog: dialog.accept())
        with page.expect_navigation():
            page.locator(".rows li", has_text="Scale").get_by_role("button", name="End").click()
        assert page.request.get(f"{world.url}/epcis/capture", headers=headers).status == 401


def test_wechat_is_told_to_open_a_real_browser(browser: Browser, world: StaffWorld) -> None:
    agent = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126 Mobile Safari/537.36 MicroMessenger/8.0.49"
    with opened(browser, user_agent=agent) as page:
        answer = page.goto(world.invitation(FARM, "Aygül"))
        assert answer is not None
        assert answer.status == 403
        expect(page.locator("h1")).to_have_text("Open this in the browser of your phone")
        assert page.goto(world.url + "/").status == 200  # type: ignore[union-attr]
