"""Labels with serials from the page of labels: who may make them, how many, and what is said at the field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import event_builders as b
import pytest
import zxingcpp
from fake_services import PUBLIC_URL
from fastapi.testclient import TestClient
from httpx import Response
from ledger_fixture import World, ledger_world
from pypdfium2 import PdfDocument
from staff_browser import HOST, TOKEN, browser_over, services_of

from api.control.labelling import make_labels
from ledger.domain import event_forms as forms
from ledger.domain.event_forms import Amount, Spot, transaction_urn
from ledger.domain.identifiers import Grams, PartyId
from ledger.domain.label_reports import ReportKind
from ledger.domain.master_data import Role as PartyRole
from ledger.domain.people import form_token
from ledger.services.label_desk import LabelDesk, label_of_link
from ledger.services.labels import Labels, Reader
from ledger.services.packing_desk import PackingDesk

CASES = 4
NAME = str(b.PACKED_LOT)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Four cases packed."""
    made = ledger_world(tmp_path)
    made.record(
        b.harvest(), b.shipping(), b.receiving(),
        b.packing(outputs=[Amount(b.PACKED_LOT, Grams(900_000), CASES)]),
    )  # fmt: skip
    yield made
    made.store.close()


@pytest.fixture
def labels(world: World) -> Labels:
    return Labels(world.store.labels, world.clock)


def browser(world: World, labels: Labels, party: PartyId = b.PACKING_HOUSE) -> TestClient:
    services = services_of(world, party, PartyRole.PACKER | PartyRole.BUYER | PartyRole.PRODUCER)
    ledger: Any = SimpleNamespace(
        store=world.store, labels=lambda: labels, settings=SimpleNamespace(url=PUBLIC_URL)
    )  # fmt: skip
    assert services.staff is not None
    desk = replace(
        services.staff,
        house=PackingDesk(world.store, world.store.questions, world.store.consignments, world.clock),
        labels=lambda params: make_labels(ledger, params, lambda *_: None),
        label_desk=LabelDesk(labels, world.store),
    )
    return browser_over(replace(services, staff=desk))


def post(site: TestClient, lot: str = f"{NAME} 0", serials: str = "3", **more: str) -> Response:
    fields = {"token": form_token(TOKEN), "lot": lot, "serials": serials, "format": "60x40", "language": "en"} | more
    return site.post("/staff/labels", data=fields, headers={"origin": HOST})


def test_each_label_has_a_serial_of_its_own_that_a_phone_reads(world: World, labels: Labels) -> None:
    made = post(browser(world, labels))
    assert made.status_code == 200
    assert made.headers["content-type"] == "application/pdf"
    assert made.headers["content-disposition"] == 'attachment; filename="labels-P-0001.pdf"'
    assert made.headers["cache-control"] == "no-store"
    pages = [page.render(scale=4).to_pil() for page in PdfDocument(made.content)]
    read = [label_of_link(code.text) for page in pages for code in zxingcpp.read_barcodes(page)]
    assert [lot for lot, _ in read] == [b.PACKED_LOT] * 3
    assert sorted(labels.look(lot, serial).number or 0 for lot, serial in read) == [1, 2, 3]


def test_the_page_offers_it_for_what_one_packed_and_says_how_many_there_are(world: World, labels: Labels) -> None:
    labels.issue(b.PACKED_LOT, 1, CASES)
    page = browser(world, labels).get("/staff/labels").text
    form = page[page.index('id="serial-form"') :]
    assert re.findall(r'<option value="([^"]+ \d+)"', form) == [f"{NAME} 1"]
    assert 'id="serial-form"' not in browser(world, labels, b.FARM).get("/staff/labels").text


@pytest.mark.parametrize("language", ["en", "ug"])
@pytest.mark.parametrize(
    ("serials", "told"),
    [
        ("", "Say how many cases get one"), ("0", "Say how many cases get one"), ("-1", "Say how many cases get one"),
        ("two", "Say how many cases get one"), ("٣", "Say how many cases get one"),
        ("5", "never has more serials than cases were packed. 4 cases of this lot have no serial yet."),
        ("99999999", "cannot be made in one go"),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_at_the_field_and_nothing_is_made(
    world: World, labels: Labels, serials: str, told: str, language: str
) -> None:
    site = browser(world, labels)
    site.cookies.set("lang", language)
    answer = post(site, serials=serials)
    assert answer.status_code == 400
    error = re.search(r'data-error="serials"[^>]*>([^<]+)<', answer.text)
    assert error
    assert (
        f'name="serials" inputmode="numeric" pattern="[0-9]*" maxlength="6" required dir="ltr" value="{serials}"'
        in (answer.text)
    )
    assert answer.headers["content-language"].startswith(language)
    if language == "en":
        assert told in error[1]
    assert labels.store.issued(b.PACKED_LOT.id) == 0


def test_a_form_sent_twice_makes_them_once(world: World, labels: Labels) -> None:
    site = browser(world, labels)
    assert post(site, serials="2").status_code == 200
    again = post(site, serials="2")
    assert again.status_code == 409
    assert "Labels of this lot were made since this page was opened." in again.text
    assert labels.store.issued(b.PACKED_LOT.id) == 2
    assert f'value="{NAME} 2" selected' in again.text
    assert post(site, f"{NAME} 2", "2").status_code == 200
    more = post(site, f"{NAME} 4", "1")
    assert "0 cases of this lot have no serial yet." in more.text
    assert labels.store.issued(b.PACKED_LOT.id) == CASES


@pytest.mark.parametrize(
    ("party", "lot", "status"),
    [
        (b.FARM, f"{NAME} 0", 403),
        (b.PACKING_HOUSE, f"{b.HARVEST_LOT} 0", 403),
        (b.PACKING_HOUSE, f"{b.MELON_CASE:014d}/NOBODYS 0", 403),
        (b.PACKING_HOUSE, "no lot", 400),
        (b.PACKING_HOUSE, "", 400),
    ],
)
def test_only_the_party_that_packed_the_lot_makes_them(
    world: World, labels: Labels, party: PartyId, lot: str, status: int
) -> None:
    assert post(browser(world, labels, party), lot).status_code == status
    assert labels.store.issued(b.PACKED_LOT.id) == 0
    assert labels.store.issued(b.HARVEST_LOT.id) == 0


def test_a_buyer_of_the_lot_has_no_serials_to_make(world: World, labels: Labels) -> None:
    sent = [Amount(b.PACKED_LOT, Grams(900_000))]
    way = transaction_urn(b.PACKING_HOUSE, "L-2")
    world.record(
        forms.shipping(b.PACKING_HOUSE, b.BUYER, way, sent, b.NOON, b.PACKING_LINE),
        forms.receiving(b.BUYER, b.PACKING_HOUSE, way, sent, b.NOON, Spot(b.BUYER)),
    )
    assert NAME in browser(world, labels, b.BUYER).get("/staff/labels").text
    assert post(browser(world, labels, b.BUYER)).status_code == 403


def test_a_form_of_another_site_or_format_is_refused(world: World, labels: Labels) -> None:
    site = browser(world, labels)
    assert post(site, token="x").status_code == 403
    assert post(site, format="a0").status_code == 404
    fields = {"token": form_token(TOKEN), "lot": f"{NAME} 0", "serials": "1"}
    assert site.post("/staff/labels", data=fields, headers={"origin": "http://evil.example"}).status_code == 403
    assert labels.store.issued(b.PACKED_LOT.id) == 0


def test_the_buyers_desk_counts_open_reports_and_leads_to_them(world: World, labels: Labels) -> None:
    assert "0 open reports from consumers" in browser(world, labels).get("/staff/desk").text
    for number in range(2):
        labels.report(b.PACKED_LOT, "", ReportKind.SPOILED.value, "", Reader(f"198.51.100.{number}"))
    page = browser(world, labels).get("/staff/desk").text
    assert "2 open reports from consumers" in page
    assert 'href="/staff/reports"' in page
    assert "0 open reports from consumers" in browser(world, labels, b.BUYER).get("/staff/desk").text
    labels.store.report_done(labels.store.reports(1)[0].id)
    assert "1 open report from consumers" in browser(world, labels).get("/staff/desk").text
