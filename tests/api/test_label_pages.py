"""Labels with serials over HTTP: what is counted, a copied one, reports without scripts, and the pages of holders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fake_services import PUBLIC_URL, FakeWorld
from fastapi.testclient import TestClient
from story_samples import BEIJING, CASES, HUB, LOT, PACKER, PICKED, SHANGHAI, story

from api.app import create_app
from api.dependencies import Services
from api.staff.access import COOKIE
from api.staff.desk import StaffDesk
from ledger.adapters.header_city import HeaderCity
from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.labels import SqlLabels
from ledger.domain.identifiers import LotId, PartyId
from ledger.domain.label_check import LabelCheck, sold_out
from ledger.domain.label_reports import LONGEST_TEXT
from ledger.domain.master_data import Role as PartyRole
from ledger.domain.people import Person, Role, Session, form_token, token_hash
from ledger.domain.serials import Sale, Scan, ScanRule, day_of
from ledger.domain.story_values import Verdict
from ledger.services.label_desk import LabelDesk
from ledger.services.labels import REPORT_BURST, Labels

PAGE = f"/01/{CASES:014d}/10/{LOT.code}"
RESOURCE = f"/lots/{CASES:014d}/{LOT.code}"
PHONE = {
    "accept": "text/html",
    "accept-language": "en",
    "user-agent": "Mozilla/5.0 (Linux; Android 14) Chrome/130 Mobile",
}
HERE = {"origin": PUBLIC_URL, "sec-fetch-site": "same-origin"}
CLERK = Person("22" * 8, PACKER, "Aygül", Role.STAFF)


class Clock:
    """Stands until a test moves it."""

    time = 1_785_902_400.0

    def now(self) -> float:
        """Unix seconds."""
        return self.time


@dataclass
class Shelf:
    """The fakes' shelf, with events that say who signed about the lot."""

    world: FakeWorld
    signers: dict[LotId, set[int]] = field(default_factory=lambda: {LOT.id: {PACKER, HUB, BEIJING}})

    def __getattr__(self, name: str) -> Any:
        return getattr(self.world.shelf, name)

    def events_of_lot(self, lot: LotId) -> list[Any]:
        """One event a signer."""
        actions = [SimpleNamespace(party=party) for party in self.signers.get(lot, ())]
        return [SimpleNamespace(proof=SimpleNamespace(action=action)) for action in actions]


class Site:
    """The application with labels, a proxy that says the city, and a clerk who is signed in."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, roles: PartyRole = PartyRole.PACKER) -> None:
        self.world, self.clock = FakeWorld(), Clock()
        self.database = Database(f"sqlite:///{folder / 'labels.sqlite3'}")
        self.labels = Labels(SqlLabels(self.database), self.clock, ScanRule(a_day=6))
        shelf: Any = Shelf(self.world)
        monkeypatch.setattr("ledger.services.label_desk.signer_of", lambda action: action.party)
        self.person = CLERK
        sessions = SimpleNamespace(
            of_token=lambda token: (Session(token_hash(token), self.person.id, None, 0, 0), self.person)
        )
        self.roles = roles
        desk = StaffDesk(sessions, lambda party: self.roles, label_desk=LabelDesk(self.labels, shelf))
        self.services: Services = replace(
            self.world.services, labels=self.labels, city_of=HeaderCity("X-City"), staff=desk
        )
        self.app = create_app(self.services)

    def phone(self, number: int = 0, **headers: str) -> TestClient:
        """A phone with an address of its own."""
        return TestClient(
            self.app, base_url=PUBLIC_URL, headers={**PHONE, **headers}, follow_redirects=False,
            client=(f"198.51.{number // 200}.{number % 200}", 4000),
        )  # fmt: skip

    def clerk(self) -> TestClient:
        """The browser of somebody who is signed in."""
        browser = self.phone()
        browser.cookies.set(COOKIE, "clerk")
        return browser

    def serial(self) -> str:
        """A new one of the lot."""
        (serial,) = self.labels.issue(LOT, 1, cases=100)
        return serial

    def scans(self, serial: str) -> tuple[Scan, ...]:
        """What was counted."""
        return self.labels.look(LOT, serial).scans


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    made = Site(tmp_path, monkeypatch)
    yield made
    made.database.close()


def verdict(text: str) -> str:
    (found,) = re.findall(r'<main data-verdict="(\w+)"', text)
    return str(found)


def test_opening_a_labels_page_counts_once(site: Site) -> None:
    serial = site.serial()
    for _ in range(3):
        assert site.phone().get(f"{PAGE}/21/{serial}").status_code == 200
    site.phone(1, **{"x-city": "%E5%8C%97%E4%BA%AC"}).get(f"{PAGE}/21/{serial}")
    today = day_of(site.clock.time)
    assert site.scans(serial) == (Scan(today, "", 1), Scan(today, "Beijing", 1))


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-purpose": "prefetch"},
        {"purpose": "prefetch"},
        {"sec-fetch-dest": "image"},
        {"user-agent": "Googlebot/2.1"},
        {"user-agent": "WeChat link preview"},
        {"accept": "application/json"},
        {"accept": "application/linkset+json"},
    ],
)
def test_what_nobody_reads_is_not_counted(site: Site, headers: dict[str, str]) -> None:
    serial = site.serial()
    site.phone(**headers).get(f"{PAGE}/21/{serial}")
    assert site.scans(serial) == ()


def test_neither_are_head_and_the_page_of_the_lot_and_json(site: Site) -> None:
    serial = site.serial()
    site.phone().head(f"{PAGE}/21/{serial}")
    site.phone().get(PAGE)
    site.phone().get(f"{RESOURCE}?serial={serial}", headers={"accept": "application/json"})
    assert site.scans(serial) == ()


def test_a_label_in_order_says_which_it_is(site: Site) -> None:
    site.serial()
    text = site.phone().get(f"{PAGE}/21/{site.serial()}").text
    assert verdict(text) == "verified"
    assert "This is label 2 of 2 for this lot." in text


def test_a_label_without_a_number_says_that_it_can_be_copied(site: Site) -> None:
    assert "so it can be copied without anybody noticing" in site.phone().get(PAGE).text
    assert "a copy of this label would not be noticed" in site.phone().get(f"{PAGE}/21/OWN-7").text


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (Verdict.VERIFIED, "suspect"),
        (Verdict.RECALLED, "recalled"),
        (Verdict.UNKNOWN, "unknown"),
        (Verdict.UNVERIFIED, "unverified"),
    ],
)
def test_a_copied_label_weighs_as_its_place_says(site: Site, known: Verdict, expected: str) -> None:
    site.world.stories.told = story(known)
    serial = site.serial()
    for number, city in enumerate(("Beijing", "Shanghai", "Guangzhou")):
        text = site.phone(number, **{"x-city": city}).get(f"{PAGE}/21/{serial}").text
        assert verdict(text) == (expected if number == 2 else known.value)
    assert "seen in 3 cities" in text
    assert ("Perhaps a copied label" in text) == (known is Verdict.VERIFIED)
    assert verdict(site.phone().get(PAGE).text) == known.value, "the lot is in the order in which it was"


def test_scans_far_too_often(site: Site) -> None:
    serial = site.serial()
    for number in range(7):
        text = site.phone(number).get(f"{PAGE}/21/{serial}").text
    assert verdict(text) == "suspect"
    assert "had been scanned 7 times" in text


def test_a_label_seen_long_after_its_sale(site: Site) -> None:
    serial = site.serial()
    site.labels.sold(LOT, serial, "Beijing")
    site.clock.time += 22 * 86_400
    text = site.phone().get(f"{PAGE}/21/{serial}").text
    assert verdict(text) == "suspect"
    assert "was sold" in text


def test_a_number_that_nobody_issued(site: Site) -> None:
    site.serial()
    text = site.phone().get(f"{PAGE}/21/MADE-UP").text
    assert verdict(text) == "suspect"
    assert "No label with this number was issued for this lot." in text


def test_programs_are_told_the_same(site: Site) -> None:
    serial = site.serial()
    for number, city in enumerate(("Beijing", "Shanghai", "Guangzhou")):
        site.phone(number, **{"x-city": city}).get(f"{PAGE}/21/{serial}")
    told = site.phone().get(f"{RESOURCE}?serial={serial}", headers={"accept": "application/json"}).json()
    assert told["verdict"] == "suspect"
    assert told["reasons"][0]["code"] == "custody.label-places"
    assert told["labels"]["issued"] == 1
    assert [scan["city"] for scan in told["labels"]["label"]["scans"]] == ["Beijing", "Guangzhou", "Shanghai"]
    plain = site.phone().get(RESOURCE, headers={"accept": "application/json"}).json()
    assert (plain["verdict"], plain["labels"]) == ("verified", {"issued": 1, "label": None})


def test_the_reader_says_where_the_fruit_was_bought(site: Site) -> None:
    serial = site.serial()
    first = site.phone().get(f"{PAGE}/21/{serial}").text
    assert f'href="{PAGE}/21/{serial}?at={BEIJING:013d}"' in first
    second = site.phone().get(f"{PAGE}/21/{serial}?at={BEIJING:013d}").text
    assert "Your part of it: Beijing" in second
    assert site.scans(serial) == (Scan(day_of(site.clock.time), "Beijing", 1),), "moved, not counted again"
    assert "Your part of it" not in site.phone().get(f"{PAGE}?at=1").text
    assert "Your part of it" not in site.phone().get(f"{PAGE}?at=x%22%3E").text


def test_the_proxys_city_picks_the_branch(site: Site) -> None:
    text = site.phone(**{"x-city": "Shanghai"}).get(PAGE).text
    assert "Your part of it: Shanghai" in text


@pytest.mark.parametrize("said", ["上海市".encode().decode("latin-1"), "%E4%B8%8A%E6%B5%B7", "SHANGHAI"])
def test_a_proxy_may_write_the_city_in_several_ways(said: str) -> None:
    assert HeaderCity("X-City").city_of({"x-city": said}) == "Shanghai"


@pytest.mark.parametrize("headers", [{}, {"x-city": "Xuhui District"}, {"x-city": "\xff\xfe"}, {"other": "Shanghai"}])
def test_what_is_no_city_is_none(headers: dict[str, str]) -> None:
    assert HeaderCity("X-City").city_of(headers) == ""
    assert HeaderCity("").city_of({"x-city": "Shanghai", "": "Shanghai"}) == "", "no header is believed unless named"


def test_a_lot_that_is_sold_out_was_sold_on_the_day_of_the_last_sale() -> None:
    told = story(Verdict.VERIFIED)
    assert sold_out(told) is None
    assert LabelCheck(issued=3, asked=True).can_be_copied
    assert not LabelCheck(issued=3, asked=True, number=1, sale=Sale(day_of(0))).can_be_copied


def report(site: Site, number: int = 0, headers: dict[str, str] | None = None, **data: str) -> Any:
    values = {"kind": "spoiled", "text": "soft", **data}
    return site.phone(number).post(f"{RESOURCE}/report", data=values, headers=HERE if headers is None else headers)


def test_a_report_leads_back_to_the_page_and_is_kept(site: Site) -> None:
    serial = site.serial()
    answer = report(site, text="<script>alert(1)</script>", serial=serial)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}/21/{serial}?reported=1#report")
    thanked = site.phone().get(answer.headers["location"]).text
    assert "Thank you. Your report is kept" in thanked
    assert "<textarea" not in thanked
    (kept,) = site.labels.store.reports(9)
    assert (kept.number, kept.text) == (1, "<script>alert(1)</script>")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": PUBLIC_URL, "sec-fetch-site": "cross-site"},
    ],
)
def test_a_form_of_another_site_is_refused(site: Site, headers: dict[str, str]) -> None:
    answer = report(site, headers=headers)
    assert answer.status_code == 403
    assert "This form came from another site" in answer.text
    assert site.labels.store.reports(9) == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"kind": "theft"}, "choose one of the kinds"),
        ({"text": "x" * (LONGEST_TEXT + 1)}, "at most 500 characters"),
        ({"text": "a\x07"}, "A report is plain text"),
        ({"serial": "a b"}, ""),
    ],
)
def test_reports_that_are_refused_say_why(site: Site, data: dict[str, str], said: str) -> None:
    answer = report(site, **data)
    assert answer.status_code == 400
    assert said in answer.text
    assert site.labels.store.reports(9) == []


def test_one_address_cannot_report_without_end(site: Site) -> None:
    assert [report(site).status_code for _ in range(REPORT_BURST)] == [303] * REPORT_BURST
    late = report(site)
    assert (late.status_code, int(late.headers["retry-after"]) > 0) == (429, True)
    assert report(site, number=1).status_code == 303, "others may"


def test_nobody_reports_about_a_lot_that_is_not_there(site: Site) -> None:
    answer = site.phone().post(f"/lots/{CASES:014d}/NOPE/report", data={"kind": "other"}, headers=HERE)
    assert answer.status_code == 404


def test_without_labels_there_is_no_form(site: Site) -> None:
    app = create_app(FakeWorld().services)
    browser = TestClient(app, base_url=PUBLIC_URL, headers=PHONE)
    assert "<form" not in browser.get(PAGE).text
    assert browser.post(f"{RESOURCE}/report", data={"kind": "other"}, headers=HERE).status_code == 404


def test_holders_see_where_their_labels_were(site: Site) -> None:
    serial = site.serial()
    site.serial()
    for number, city in enumerate(("Beijing", "Shanghai", "Guangzhou")):
        site.phone(number, **{"x-city": city}).get(f"{PAGE}/21/{serial}")
    site.phone(9).get(f"{PAGE}/21/MADE-UP")
    listed = site.clerk().get("/staff/serials").text
    assert "1 label copied" in listed
    assert "2 labels" in listed
    one = site.clerk().get(f"/staff/serials?lot={LOT}").text
    assert "seen in 3 cities" in one
    assert "copied label" in one
    assert "was scanned 1 time" in one
    assert serial not in one, "nobody can print it again from here"


def test_others_see_nothing_of_them(site: Site) -> None:
    site.serial()
    report(site)
    site.person = replace(CLERK, party=SHANGHAI)
    assert str(LOT.code) not in site.clerk().get("/staff/serials").text
    assert site.clerk().get(f"/staff/serials?lot={LOT}").status_code == 404
    assert "The fruit is spoiled" not in site.clerk().get("/staff/reports").text
    (kept,) = site.labels.store.reports(9)
    done = {"report": kept.id, "token": form_token("clerk")}
    assert site.clerk().post("/staff/reports", data=done, headers=HERE).status_code == 404
    assert not site.labels.store.reports(9)[0].done
    site.roles = PartyRole.REGULATOR
    assert str(LOT.code) in site.clerk().get("/staff/serials").text
    assert "The fruit is spoiled" in site.clerk().get("/staff/reports").text


def test_a_case_is_noted_as_sold(site: Site) -> None:
    serial = site.serial()
    form = {"link": f"{PUBLIC_URL}{PAGE}/21/{serial}", "token": form_token("clerk")}
    assert site.clerk().post("/staff/serials", data=form, headers=HERE).status_code == 303
    sale = site.labels.look(LOT, serial).sale
    assert sale is not None
    assert sale.city == "Hami", "the packer's"
    again = site.clerk().post("/staff/serials", data=form, headers=HERE)
    assert (again.status_code, "No unsold case" in again.text) == (404, True)


@pytest.mark.parametrize(
    ("link", "status"),
    [
        ("https://x.example/01/nothing", 400),
        (f"{PUBLIC_URL}{PAGE}", 400),
        ("<script>", 400),
        (f"{PUBLIC_URL}/01/{PICKED.product:014d}/10/{PICKED.code}/21/X", 404),
    ],
)
def test_other_links_are_refused(site: Site, link: str, status: int) -> None:
    form = {"link": link, "token": form_token("clerk")}
    answer = site.clerk().post("/staff/serials", data=form, headers=HERE)
    assert answer.status_code == status
    assert "<script>" not in answer.text


def test_forms_of_staff_need_their_token_and_our_origin(site: Site) -> None:
    serial = site.serial()
    link = f"{PUBLIC_URL}{PAGE}/21/{serial}"
    for token, headers in (("", HERE), ("x", HERE), (form_token("clerk"), {"origin": "https://evil.example"})):
        answer = site.clerk().post("/staff/serials", data={"link": link, "token": token}, headers=headers)
        assert answer.status_code == 403
        assert site.clerk().post("/staff/reports", data={"token": token}, headers=headers).status_code == 403
    assert site.labels.look(LOT, serial).sale is None


def test_reports_are_read_and_seen_to(site: Site) -> None:
    report(site, text="<script>alert(1)</script>")
    page = site.clerk().get("/staff/reports").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    (kept,) = site.labels.store.reports(9)
    done = {"report": kept.id, "token": form_token("clerk")}
    assert site.clerk().post("/staff/reports", data=done, headers=HERE).status_code == 303
    assert "1 report that was seen to" in site.clerk().get("/staff/reports").text


def test_who_is_not_signed_in_sees_no_reports(site: Site) -> None:
    assert site.phone().get("/staff/reports").status_code == 303
    assert PartyId(site.person.party) == PACKER
