"""
Labels with serials over HTTP, for who buys the fruit: what is counted, a copied one, reports without scripts. Pages of
holders: `test_staff_labels`.
"""

from __future__ import annotations

import re

import pytest
from fake_services import PUBLIC_URL, FakeWorld
from fastapi.testclient import TestClient
from label_site import HERE, PAGE, PHONE, RESOURCE, Site, report
from story_samples import BEIJING, CASES, LOT, story

from api.app import create_app
from ledger.adapters.header_city import HeaderCity
from ledger.domain.label_check import LabelCheck, sold_out
from ledger.domain.label_reports import LONGEST_TEXT
from ledger.domain.serials import Sale, Scan, day_of
from ledger.domain.story_values import Verdict
from ledger.services.labels import REPORT_BURST


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
