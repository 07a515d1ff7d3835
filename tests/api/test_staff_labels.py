"""
Pages of the staff about labels with serials: where those of a holder were seen, which case was sold, and what readers
reported. Others see nothing of them.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_services import PUBLIC_URL
from label_site import CLERK, HERE, PAGE, Site, report
from story_samples import LOT, PACKER, PICKED, SHANGHAI

from ledger.domain.identifiers import PartyId
from ledger.domain.master_data import Role as PartyRole
from ledger.domain.people import form_token


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
