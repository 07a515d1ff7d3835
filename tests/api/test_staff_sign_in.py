"""The JSON by which people join, sign in and manage: who may, from where, and what is refused with which status."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import event_builders as b
import pytest
from fake_services import DEPLOYMENT, FakeWorld
from fastapi.testclient import TestClient
from httpx import Response
from ledger_fixture import World, ledger_world
from signing_keys import P256Key, p256_key

from api.app import create_app
from api.staff.access import COOKIE
from api.staff.desk import StaffDesk
from api.staff.signing_in import local_path
from ledger.adapters.webauthn_ceremony import WebauthnCeremony
from ledger.domain.identifiers import Digest, PartyId
from ledger.domain.people import Role, sign_in_message
from ledger.services.api_keys import ApiKeys
from ledger.services.passkeys import Passkeys
from ledger.services.people import People
from ledger.services.sign_in import SignIn
from ledger.services.token_buckets import TokenBuckets

ORIGIN = "http://localhost"


@dataclass
class Site:
    """The application over a real store, without a chain."""

    world: World
    desk: StaffDesk

    def browser(self, origin: str = ORIGIN, **headers: str) -> Browser:
        services = replace(FakeWorld().services, staff=self.desk, deployment=DEPLOYMENT)
        client = TestClient(create_app(services), base_url=origin, follow_redirects=False)
        client.headers.update({"origin": origin, **headers})
        return Browser(client)

    def joined(self, party: PartyId, name: str, role: Role, number: int) -> Browser:
        assert self.desk.people is not None
        _, token = self.desk.people.invite(party, name, role)
        browser = self.browser()
        assert browser.join(token, p256_key(number)).status_code == 200
        return browser


@dataclass
class Browser:
    """A client with its cookies, and the form token once it is signed in."""

    client: TestClient

    def post(self, path: str, **body: Any) -> Response:
        told = self.client.get("/staff/api/me").json()
        headers = {"x-silkroot-form": told["formToken"]} if "formToken" in told else {}
        answer: Response = self.client.post(f"/staff/api/{path}", json=body, headers=headers)
        return answer

    def join(self, token: str, key: P256Key, **more: Any) -> Response:
        public_key = "0x" + key.point.hex()
        offer = self.post("join/offer", token=token, publicKey=public_key)
        if offer.status_code != 200:
            return offer
        grant = offer.json()["grant"]
        people = self.client.app.state.services.staff.people  # type: ignore[attr-defined]
        role = Role.ADMIN if grant["admin"] else Role.STAFF
        _, signed = people.grant_for(PartyId(int(grant["party"])), role, key.point, grant["deadline"])
        body = {"token": token, "publicKey": public_key, "deadline": grant["deadline"], **more}
        return self.post("join", signature="0x" + key.raw(signed).hex(), **body)

    def sign_in(self, key: P256Key, pin: str = "") -> Response:
        challenge = self.post("sign-in/challenge").json()["challenge"]
        signed = key.raw(Digest(sign_in_message(ORIGIN, key.id, challenge)))
        body = {"keyId": "0x" + key.id.hex(), "challenge": challenge, "signature": "0x" + signed.hex(), "pin": pin}
        return self.post("sign-in", **body)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    world = ledger_world(tmp_path)
    people = People(world.store.people, world.store, world.keys, world.clock)
    sign_in = SignIn(world.store.people, world.clock, people.register)
    desk = StaffDesk(
        sessions=sign_in,
        party_roles=people.party_roles,
        attempts=TokenBuckets(world.clock, burst=40, per_second=1.0),
        people=people,
        sign_in=sign_in,
        passkeys=Passkeys(world.store.people, WebauthnCeremony(), sign_in, world.clock),
        api_keys=ApiKeys(world.store.api_keys, world.store, world.clock),
    )
    yield Site(world, desk)
    world.store.close()


def rules(answer: Response) -> list[str]:
    return [violation["rule"] for violation in answer.json().get("violations", [])]


def test_joining_signs_in_with_a_cookie_that_no_script_reads(site: Site) -> None:
    browser = site.joined(b.FARM, "Aygül", Role.STAFF, 1)
    assert browser.client.get("/staff/api/me").json()["person"]["name"] == "Aygül"
    again = site.browser()
    answer = again.sign_in(p256_key(1))
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/" in cookie


def test_over_https_the_cookie_is_secure(site: Site) -> None:
    assert site.desk.people is not None
    _, token = site.desk.people.invite(b.FARM, "Aygül", Role.STAFF)
    answer = site.browser("https://10.0.0.7:8443").join(token, p256_key(1))
    assert "Secure" in answer.headers["set-cookie"]


def test_an_invitation_that_was_used_or_expired_is_403(site: Site) -> None:
    assert site.desk.people is not None
    _, token = site.desk.people.invite(b.FARM, "Aygül", Role.STAFF)
    assert site.browser().join(token, p256_key(1)).status_code == 200
    used = site.browser().join(token, p256_key(2))
    assert (used.status_code, rules(used)) == (403, ["invitation.used"])
    assert used.json()["told"] == ["This invitation was used already. Each is good for one person, once."]
    _, late = site.desk.people.invite(b.FARM, "Memet", Role.STAFF, seconds=60)
    site.world.clock.time += 60
    expired = site.browser().join(late, p256_key(2))
    assert (expired.status_code, rules(expired)) == (403, ["invitation.expired"])
    assert late not in expired.text


def test_a_pin_that_is_none_does_not_use_the_invitation_up(site: Site) -> None:
    assert site.desk.people is not None
    _, token = site.desk.people.invite(b.FARM, "Aygül", Role.STAFF)
    answer = site.browser().join(token, p256_key(1), pin="1234")
    assert (answer.status_code, rules(answer)) == (400, ["person.pin"])
    assert site.browser().join(token, p256_key(1), pin="4711").status_code == 200
    assert rules(site.browser().sign_in(p256_key(1))) == ["sign-in.pin-needed"]
    assert site.browser().sign_in(p256_key(1), "4711").status_code == 200


def test_what_comes_from_another_site_is_refused(site: Site) -> None:
    browser = site.joined(b.FARM, "Aygül", Role.ADMIN, 1)
    token = browser.client.get("/staff/api/me").json()["formToken"]
    body = {"name": "Friend", "role": "admin"}
    for headers in (
        {"x-silkroot-form": token, "origin": "https://evil.example"},
        {"x-silkroot-form": token, "origin": "null"},
        {"x-silkroot-form": token, "origin": ""},
        {"x-silkroot-form": "0" * 64},
        {},
    ):
        answer = browser.client.post("/staff/api/people/invite", json=body, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:silkroot:problem:other-site"), headers
    assert site.desk.people is not None
    assert site.desk.people.invitations(b.FARM) == []


def test_before_there_is_a_session_the_origin_counts_too(site: Site) -> None:
    answer = site.browser().client.post(
        "/staff/api/sign-in/code", json={"code": "x"}, headers={"origin": "https://evil.example"}
    )
    assert answer.status_code == 403


def test_staff_do_not_administer(site: Site) -> None:
    admin, hand = site.joined(b.FARM, "Chief", Role.ADMIN, 1), site.joined(b.FARM, "Memet", Role.STAFF, 2)
    chief = admin.client.get("/staff/api/me").json()
    for path, body in (
        ("people/invite", {"name": "Friend", "role": "staff"}),
        ("people/disable", {"id": chief["person"]["id"]}),
        ("people/clear-pin", {"id": chief["person"]["id"]}),
        ("devices/revoke", {"keyId": chief["keyId"]}),
        ("keys", {"name": "x", "actions": ["capture"]}),
        ("keys/revoke", {"id": "0" * 16}),
    ):
        answer = hand.post(path, **body)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:silkroot:problem:admins-only"), path
    for page in ("people", "keys"):
        assert hand.client.get(f"/staff/{page}").status_code == 403
    assert admin.client.get("/staff/api/me").status_code == 200
    own = hand.client.get("/staff/api/me").json()["keyId"]
    assert hand.post("devices/revoke", keyId=own).status_code == 200, "one's own phone, which is lost"
    assert hand.client.get("/staff/api/me").status_code == 401


def test_nobody_acts_for_another_party(site: Site) -> None:
    farm, hub = site.joined(b.FARM, "Chief", Role.ADMIN, 1), site.joined(b.HUB, "Rena", Role.ADMIN, 2)
    theirs = hub.client.get("/staff/api/me").json()
    key = hub.post("keys", name="cold store", actions=["capture"]).json()["id"]
    invited = hub.post("people/invite", name="Omer", role="staff").json()["id"]
    for path, body in (
        ("people/disable", {"id": theirs["person"]["id"]}),
        ("people/clear-pin", {"id": theirs["person"]["id"]}),
        ("people/withdraw", {"id": invited}),
        ("devices/revoke", {"keyId": theirs["keyId"]}),
        ("keys/revoke", {"id": key}),
    ):
        assert farm.post(path, **body).status_code == 404, path
    assert hub.client.get("/staff/api/me").status_code == 200
    assert "Rena" not in farm.client.get("/staff/people").text
    assert "cold store" not in farm.client.get("/staff/keys").text
    assert "cold store" in hub.client.get("/staff/keys").text


def test_script_in_a_name_is_text_on_every_page(site: Site) -> None:
    script = "<script>alert(1)</script>"
    admin = site.joined(b.FARM, script, Role.ADMIN, 1)
    assert admin.post("people/invite", name=script, role="staff").status_code == 200
    assert admin.post("keys", name=script, actions=["capture"]).status_code == 200
    for page in ("", "/people", "/me", "/keys"):
        answer = admin.client.get("/staff" + page)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "alert(1)" in answer.text
        assert "'unsafe-inline'" not in answer.headers["content-security-policy"]
    assert "\\u003cscript" in admin.client.get("/staff").text, "in the page's data too"


def test_one_address_may_try_so_often(site: Site) -> None:
    browser = site.browser()
    answers = [browser.post("sign-in/code", code=f"code {number}") for number in range(41)]
    assert {answer.status_code for answer in answers[:40]} == {403}
    assert (answers[40].status_code, answers[40].headers["retry-after"]) == (429, "1")


def test_without_https_nobody_signs_in(site: Site) -> None:
    far = site.browser("http://10.0.0.7:8000")
    assert far.client.get("/staff", headers={"accept": "text/html"}).status_code == 403
    answer = far.client.post("/staff/api/sign-in/challenge")
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:silkroot:problem:https-needed")
    page = far.client.get("/staff/sign-in", headers={"accept": "text/html"})
    assert "HTTPS" in page.text
    assert page.status_code == 403


def test_a_session_is_no_good_over_plain_http(site: Site) -> None:
    browser = site.joined(b.FARM, "Aygül", Role.STAFF, 1)
    far = site.browser("http://10.0.0.7:8000")
    far.client.cookies.set(COOKIE, browser.client.cookies[COOKIE])
    assert far.client.get("/staff/api/me").status_code == 403


@pytest.mark.parametrize(
    ("path", "goes"),
    [
        ("/staff/me", "/staff/me"),
        ("/staff/scan?x=1", "/staff/scan?x=1"),
        ("https://evil.example/staff", "/staff"),
        ("//evil.example/staff/", "/staff"),
        ("/\\evil.example", "/staff"),
        ("/staff/../x", "/staff"),
        ("/staffing", "/staff"),
        ("javascript:alert(1)", "/staff"),
        ("", "/staff"),
    ],
)
def test_after_signing_in_one_stays_here(path: str, goes: str) -> None:
    assert local_path(path) == goes


def test_a_passkey_that_nobody_has_is_refused(site: Site) -> None:
    browser = site.browser()
    asked = browser.post("sign-in/passkey/options").json()
    assert asked["options"]["rpId"] == "localhost"
    for answer in ("{}", "[]", "x", '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}'):
        challenge = browser.post("sign-in/passkey/options").json()["challenge"]
        refused = browser.post("sign-in/passkey", challenge=challenge, answer=answer)
        assert (refused.status_code, rules(refused)) == (403, ["passkey.answer"]), answer
    stale = browser.post("sign-in/passkey", challenge="made up", answer="{}")
    assert rules(stale) == ["sign-in.challenge"]
