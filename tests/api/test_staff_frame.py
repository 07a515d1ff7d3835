"""The frame of staff pages over fakes: who gets in, what a party sees, what the page's policy lets run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from fake_services import FakeWorld
from fastapi.testclient import TestClient

from api.app import create_app
from api.staff.access import COOKIE
from api.staff.desk import StaffDesk
from api.staff.navigation import ANYBODY, ENTRIES, Entry, bar_for, entries_for
from ledger.domain.identifiers import PartyId
from ledger.domain.master_data import Role as PartyRole
from ledger.domain.people import Person, Role, Session, form_token, token_hash

PARTY = PartyId(9521100000015)
ADMIN = Person("00" * 8, PARTY, "Aygül <b>", Role.ADMIN)
HAND = Person("11" * 8, PARTY, "Memet", Role.STAFF)


@dataclass
class FakeSessions:
    """Tokens of people in memory."""

    people: dict[str, Person] = field(default_factory=lambda: {"admin": ADMIN, "hand": HAND})

    def of_token(self, token: str) -> tuple[Session, Person] | None:
        """The person of that token."""
        person = self.people.get(token)
        return None if person is None else (Session(token_hash(token), person.id, None, 0, 0), person)


def client(token: str = "", roles: PartyRole = PartyRole.PRODUCER) -> TestClient:
    """A browser with that cookie."""
    desk = StaffDesk(FakeSessions(), lambda party: roles)
    services = replace(FakeWorld().services, staff=desk)
    browser = TestClient(create_app(services), base_url="http://localhost", follow_redirects=False)
    if token:
        browser.cookies.set(COOKIE, token)
    return browser


def test_a_page_without_a_session_goes_to_sign_in() -> None:
    response = client().get("/staff?lang=zh")
    assert response.status_code == 303
    assert response.headers["location"] == "/staff/sign-in?next=/staff%3Flang%3Dzh"
    assert client("stolen").get("/staff").status_code == 303


def test_json_without_a_session_is_a_problem() -> None:
    response = client().get("/staff/api/me")
    assert (response.status_code, response.json()["type"]) == (401, "urn:silkroot:problem:sign-in-needed")


def test_who_is_signed_in() -> None:
    told = client("hand").get("/staff/api/me").json()
    assert told["person"] == {"id": HAND.id, "name": "Memet", "role": "staff"}
    assert (told["party"], told["formToken"]) == ("9521100000015", form_token("hand"))


def test_a_name_is_text_and_never_markup() -> None:
    page = client("admin").get("/staff")
    assert "Aygül &lt;b&gt;" in page.text
    assert "Aygül <b>" not in page.text


def test_the_policy_runs_our_scripts_only() -> None:
    policy = client("hand").get("/staff").headers["content-security-policy"]
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy
    assert "unsafe-inline" not in policy
    assert "default-src 'none'" in policy


def test_nothing_of_it_is_kept_by_caches() -> None:
    assert client("hand").get("/staff").headers["cache-control"] == "no-store"


def test_only_admins_see_people() -> None:
    assert "/staff/people" in client("admin").get("/staff").text
    assert "/staff/people" not in client("hand").get("/staff").text


def test_without_staff_there_are_no_pages() -> None:
    browser = TestClient(create_app(FakeWorld().services), base_url="http://localhost")
    assert browser.get("/staff/api/me").status_code == 404


@pytest.mark.parametrize(
    ("roles", "seen"), [(PartyRole.HUB, True), (PartyRole.HUB | PartyRole.BUYER, True), (PartyRole.PRODUCER, False)]
)
def test_an_entry_is_for_the_roles_of_the_party(roles: PartyRole, seen: bool) -> None:
    assert Entry("/staff/x", "X", "box", PartyRole.HUB).is_for(roles, HAND) is seen
    assert Entry("/staff/x", "X", "box", ANYBODY).is_for(roles, HAND)


def bar(roles: PartyRole) -> list[str]:
    """The addresses between the first page and the person, without what they have in common."""
    return [entry.path.removeprefix("/staff/") for entry in bar_for(roles, HAND)[1:-1]]


P = PartyRole
MOST_NEEDED = [
    (P.PRODUCER, ["harvest", "lots", "scan"]),
    (P.PACKER, ["pack", "lots", "ship"]),
    (P.CARRIER, ["scan", "receive", "queue"]),
    (P.HUB, ["hub", "scan", "receive"]),
    (P.BUYER, ["desk", "scan", "receive"]),
    (P.CERTIFIER, ["inspect", "inspect/plots", "certificates"]),
    (P.REGULATOR, ["inspect", "recall", "inspect/plots"]),
    (P.PRODUCER | P.PACKER, ["harvest", "pack", "lots"]),
    (P.HUB | P.BUYER, ["hub", "desk", "scan"]),
    (P.PACKER | P.HUB | P.BUYER, ["pack", "hub", "desk"]),
    (P.CARRIER | P.HUB, ["scan", "hub", "receive"]),
    (P.CERTIFIER | P.REGULATOR, ["inspect", "inspect/plots", "recall"]),
    (P.LENDER, ["scan", "receive", "queue"]),
    (P(0), ["scan", "receive", "queue"]),
]


@pytest.mark.parametrize(("roles", "paths"), MOST_NEEDED)
def test_the_bar_has_what_the_party_needs_most(roles: PartyRole, paths: list[str]) -> None:
    assert bar(roles) == paths


def test_the_bar_is_three_of_the_persons_own_with_signs_of_their_own() -> None:
    for roles in map(P, range(256)):
        shown = bar_for(roles, HAND)
        assert len({entry.icon for entry in shown}) == len(shown) == 5
        assert {entry.path for entry in shown[1:-1]} <= {entry.path for entry in entries_for(roles, HAND)}


def test_no_two_pages_have_the_same_sign_or_address() -> None:
    assert len({entry.icon for entry in ENTRIES}) == len({entry.path for entry in ENTRIES}) == len(ENTRIES)


def test_entries_stand_in_the_order_of_a_day() -> None:
    seen = [entry.path.removeprefix("/staff/") for entry in entries_for(P.PRODUCER | P.PACKER, HAND)]
    day = ["harvest", "intake", "scan", "receive", "lots", "pack", "labels", "ship", "queue"]
    assert [path for path in seen if path in day] == day
