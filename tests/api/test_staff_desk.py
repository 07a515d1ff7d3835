"""Pages of the buyer's desk and of certificates over a store: what they say, what they refuse, and what they escape."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import certificate_samples as c
import event_builders as b
import pytest
from fastapi.testclient import TestClient
from ledger_fixture import REGISTRY_DOMAIN, World, ledger_world
from presigned_events import enrol, presign
from signing_keys import p256_key
from staff_browser import browser_over, send, services_of

from ledger.domain.certificates import CertificateKind
from ledger.domain.identifiers import Digest, PartyId
from ledger.domain.master_data import Role as PartyRole
from ledger.domain.registry_actions import Cancellation
from ledger.domain.typed_data import digest

LOT = f"{b.BULK_MELON:014d}/H-0001"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = ledger_world(tmp_path)
    yield made
    made.store.close()


def browser(
    world: World, party: PartyId = b.PACKING_HOUSE, roles: PartyRole = PartyRole.PACKER | PartyRole.BUYER
) -> TestClient:
    return browser_over(services_of(world, party, roles))


def test_the_desk_says_what_is_coming_and_what_it_lacks(world: World) -> None:
    world.record(b.harvest(), b.shipping())
    page = browser(world).get("/staff/desk")
    assert page.status_code == 200
    assert "no promise certificate" in page.text
    assert "no temperature of the way" in page.text
    assert "/staff/receive#0x" in page.text
    world.record(c.event_of(c.promise(), b.FARM))
    assert "no promise certificate" not in browser(world).get("/staff/desk").text


def test_without_javascript_the_desk_is_read_and_a_claim_is_not_made(world: World) -> None:
    assert "Without JavaScript you can read this page" in browser(world).get("/staff/desk").text
    assert "This page needs JavaScript" in browser(world).get("/staff/desk/return").text


def test_a_batch_of_ones_own_without_a_promise_is_prompted_for(world: World) -> None:
    world.record(b.harvest(), b.shipping(), b.receiving(), b.packing())
    page = browser(world).get("/staff/desk").text
    assert "/staff/certificates/promise?lot=" in page
    assert "P-0001" in page
    form = browser(world).get(f"/staff/certificates/promise?lot={b.MELON_CASE:014d}/P-0001").text
    assert 'value="900"' in form
    assert "承诺达标合格证" in form


@pytest.mark.parametrize("language", ["en", "zh", "ug"])
@pytest.mark.parametrize(
    "path",
    ["desk", "certificates", "certificates/new", "certificates/promise", "desk/return", "desk/mock-recall",
     f"desk/mock-recall?lot={LOT}", f"certificates?lot={LOT}&kind=promise&state=soon"],
)  # fmt: skip
def test_every_page_stands_in_every_language(world: World, path: str, language: str) -> None:
    world.record(b.harvest(), b.shipping(), b.receiving(), c.event_of(c.promise(), b.FARM))
    mark = "&" if "?" in path else "?"
    page = browser(world).get(f"/staff/{path}{mark}lang={language}")
    assert page.status_code == 200
    assert page.text.count("<h1>") == 1
    assert page.headers["content-language"].startswith(language)


def test_the_archive_finds_and_says_how_each_stands(world: World) -> None:
    world.record(
        b.harvest(), c.event_of(c.promise(), b.FARM), c.event_of(c.pesticide_test(until=date(2026, 8, 4))),
        c.event_of(c.pesticide_test(kind=CertificateKind.ORGANIC, until=date(2026, 8, 20), issuer_party=b.CERTIFIER),
                   b.CERTIFIER),
    )  # fmt: skip
    client = browser(world, b.FARM, PartyRole.PRODUCER)
    page = client.get("/staff/certificates").text
    assert [word in page for word in ("Expired", "Ends in 15 days", "Valid")] == [True, True, True]
    assert "Supplied by the producer, " in page
    expired = client.get("/staff/certificates?state=expired").text
    assert "Pesticide test" in expired.split("archive")[-1]
    assert 'data-certificate="organic"' not in expired
    soon = client.get("/staff/certificates?state=soon").text
    assert 'data-certificate="organic"' in soon
    assert 'data-certificate="pesticide-test"' not in soon
    mine = client.get("/staff/certificates?mine=1").text
    assert 'data-certificate="promise"' in mine
    assert 'data-certificate="organic"' not in mine
    assert "No lot here has this number or code." in client.get("/staff/certificates?lot=NOBODY").text
    assert "No certificate fits." in client.get("/staff/certificates?issuer=nobody&kind=%3Cscript%3E").text


def test_only_a_certifier_is_told_as_the_issuer_that_signed(world: World) -> None:
    own = c.pesticide_test(issuer_party=b.PACKING_HOUSE)
    world.record(b.harvest(), c.event_of(own))
    assert "Signed by its issuer" not in browser(world).get("/staff/certificates").text
    as_certifier = browser(world, b.PACKING_HOUSE, PartyRole.CERTIFIER)
    assert "Signed by its issuer" in as_certifier.get("/staff/certificates").text


def test_the_archive_goes_on_page_by_page(world: World) -> None:
    papers = [c.event_of(replace(c.pesticide_test(), number=f"HT-{index}")) for index in range(25)]
    world.record(b.harvest(), *papers)
    client = browser(world)
    first = client.get("/staff/certificates").text
    assert "HT-24" in first
    assert "HT-3<" not in first
    older = first.split('class="button second" href="?')[1].split('"')[0].replace("&amp;", "&")
    assert "HT-3<" in client.get(f"/staff/certificates?{older}").text


def test_what_people_write_is_text_and_never_markup(world: World) -> None:
    page = browser(world).get("/staff/certificates?issuer=%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "<script>alert" not in page
    mock = browser(world).get("/staff/desk/mock-recall?lot=%3Cscript%3E").text
    assert "<script>" not in mock.replace('<script type="application/json"', "").replace("<script type=", "")


def test_a_mock_recall_is_marked_and_records_nothing(world: World) -> None:
    world.record(b.harvest(), b.shipping(manifest=[b.amount(grams=400_000)]))
    client = browser(world)
    page = client.get(f"/staff/desk/mock-recall?lot={LOT}").text
    assert "MOCK" in page
    assert "Nothing is recalled, recorded or sent to anybody." in page
    assert "1,000 kg are accounted for." in page
    table = client.get(f"/staff/desk/mock-recall.csv?lot={LOT}")
    assert table.headers["content-disposition"].startswith('attachment; filename="MOCK-recall-')
    rows = list(csv.DictReader(io.StringIO(table.text.lstrip("\ufeff"))))
    assert sum(int(row["grams"]) for row in rows) == 1_000_000
    assert {row["exercise"] for row in rows} == {"MOCK - nothing was recalled"}
    assert {row["what"] for row in rows} == {"has", "coming"}
    assert client.get("/staff/desk/mock-recall.csv?lot=NOBODY").status_code == 404
    assert world.sql("SELECT count(*) FROM events") == [(2,)]


def test_a_spreadsheet_takes_no_name_for_a_formula(world: World) -> None:
    from api.staff.desk_pages import _safe

    assert [_safe(cell) for cell in ("=1+1", "+86", "-5", "@x", "Farm", 7)] == [
        "'=1+1",
        "'+86",
        "'-5",
        "'@x",
        "Farm",
        7,
    ]


def test_a_promise_is_a_page_to_print(world: World) -> None:
    _, event = world.record(b.harvest(), c.event_of(c.promise(), b.FARM))
    stranger = browser_over(services_of(world, b.FARM, PartyRole.PRODUCER), signed_in=False)
    printed = stranger.get(f"/certificates/0x{event.content_hash.hex()}/promise.pdf")
    assert printed.status_code == 200
    assert printed.content.startswith(b"%PDF-")
    harvest = world.store.events(0, 1)[0]
    for path in (f"0x{harvest.content_hash.hex()}", "0x" + "0" * 64):
        assert stranger.get(f"/certificates/{path}/promise.pdf").status_code == 404
    assert stranger.get("/certificates/0x12/promise.pdf").status_code == 400


def disputed(world: World) -> None:
    world.record(b.harvest(), b.shipping(), b.partial_receipt())


def settled(world: World) -> tuple[dict[str, object], bytes]:
    """A settlement that a phone of the packing house's signed, and the same as bytes."""
    phone = p256_key(92)
    enrol(world, b.PACKING_HOUSE, phone)
    event = presign(b.sealed(b.settlement(), b.PACKING_HOUSE), phone)
    return event, json.dumps(event).encode()


def test_a_claim_is_settled_from_two_phones(world: World) -> None:
    disputed(world)
    ours, theirs = browser(world), browser(world, b.FARM, PartyRole.PRODUCER)
    page = ours.get("/staff/desk").text
    path = "/staff/desk/claims/0x" + page.split("/staff/desk/claims/0x")[1][:64]
    assert 'id="loss-0"' in ours.get(path).text
    _, data = settled(world)
    told = send(ours, "/staff/api/proposals", data)
    assert told.status_code == 201
    number = told.json()["number"]
    assert "It waits for" in ours.get(path).text
    assert "your answer is awaited" in theirs.get("/staff/desk").text
    assert 'id="agree"' in theirs.get(path).text
    waiting = theirs.get(f"/staff/api/proposals/{number}").json()
    assert waiting["event"]["silkroot:settlement"]
    farmer = p256_key(93)
    enrol(world, b.FARM, farmer)
    signature = farmer.sign(bytes.fromhex(waiting["digest"][2:]))  # type: ignore[arg-type]
    body = f'{{"signature": "0x{signature.hex()}"}}'.encode()
    agreed = send(theirs, f"/staff/api/proposals/{number}/agree", body)
    assert agreed.status_code == 201, agreed.text
    assert world.sql("SELECT count(*) FROM proposals") == [(0,)]
    assert ours.get(path, headers={"accept": "application/json"}).status_code == 404
    assert send(theirs, f"/staff/api/proposals/{number}/agree", body).status_code == 404


def test_only_the_other_side_answers(world: World) -> None:
    disputed(world)
    _, data = settled(world)
    ours, stranger = browser(world), browser(world, b.BUYER)
    number = send(ours, "/staff/api/proposals", data).json()["number"]
    for client in (ours, stranger):
        assert client.get(f"/staff/api/proposals/{number}").status_code == 404
        assert send(client, f"/staff/api/proposals/{number}/decline").status_code == 404
    assert send(stranger, "/staff/api/proposals", data).status_code == 403
    theirs = browser(world, b.FARM, PartyRole.PRODUCER)
    for body in (b'{"signature": "0x12"}', b'{"signature": "zz"}', b'{"other": 1}'):
        assert send(theirs, f"/staff/api/proposals/{number}/agree", body).status_code == 400
    strange = p256_key(94).sign(bytes(32))  # type: ignore[arg-type]
    wrong = f'{{"signature": "0x{strange.hex()}"}}'.encode()
    assert send(theirs, f"/staff/api/proposals/{number}/agree", wrong).status_code == 409
    assert world.sql("SELECT count(*) FROM proposals") == [(1,)]
    assert send(theirs, f"/staff/api/proposals/{number}/decline").status_code == 200
    assert world.sql("SELECT count(*) FROM proposals") == [(0,)]


def claim_path(client: TestClient) -> str:
    page = client.get("/staff/desk").text
    return "/staff/desk/claims/0x" + page.split("/staff/desk/claims/0x")[1][:64]


def test_ones_own_proposal_is_taken_back(world: World) -> None:
    disputed(world)
    _, data = settled(world)
    ours, theirs, stranger = browser(world), browser(world, b.FARM, PartyRole.PRODUCER), browser(world, b.BUYER)
    number = send(ours, "/staff/api/proposals", data).json()["number"]
    path = claim_path(ours)
    page = ours.get(path).text
    assert 'id="withdraw"' in page
    assert 'id="form"' not in page
    assert 'id="withdraw"' not in theirs.get(path).text
    asked = ours.get(f"/staff/api/proposals/{number}/withdrawal").json()
    assert asked["cancellation"]["digest"] == asked["digest"]
    assert asked["cancellation"]["party"] == str(b.PACKING_HOUSE)
    assert {"chainId", "registry", "event", "action"} <= asked.keys()
    cancellation = Cancellation(
        b.PACKING_HOUSE, Digest(bytes.fromhex(asked["digest"][2:])), asked["cancellation"]["deadline"]
    )
    signature = "0x" + p256_key(92).sign(digest(REGISTRY_DOMAIN, cancellation)).hex()
    good = {"deadline": cancellation.deadline, "signature": signature}
    for client in (theirs, stranger):
        assert client.get(f"/staff/api/proposals/{number}/withdrawal").status_code == 404
        assert send(client, f"/staff/api/proposals/{number}/withdraw", json.dumps(good).encode()).status_code == 404
    for wrong, status in (
        ({"signature": signature}, 400), ({"deadline": "soon", "signature": signature}, 400),
        ({"deadline": True, "signature": signature}, 400), ({"deadline": -1, "signature": signature}, 400),
        ({"deadline": cancellation.deadline, "signature": "0x12"}, 400), (good | {"more": 1}, 400),
        (good | {"deadline": cancellation.deadline + 1}, 409),
    ):  # fmt: skip
        told = send(ours, f"/staff/api/proposals/{number}/withdraw", json.dumps(wrong).encode())
        assert told.status_code == status, told.text
    assert world.sql("SELECT count(*) FROM proposals") == [(1,)]
    for _, status in (("once", 200), ("and no second time", 404)):
        told = send(ours, f"/staff/api/proposals/{number}/withdraw", json.dumps(good).encode())
        assert told.status_code == status, told.text
    assert world.sql("SELECT count(*) FROM proposals") == [(0,)]
    assert world.store.registered().is_cancelled(b.PACKING_HOUSE, cancellation.digest)
    assert 'id="form"' in ours.get(path).text


def test_a_write_off_is_announced_and_done_alone_after_its_time(world: World) -> None:
    disputed(world)
    ours, theirs = browser(world), browser(world, b.FARM, PartyRole.PRODUCER)
    path = claim_path(ours)
    for client in (ours, theirs):
        assert 'data-deed="notice"' in client.get(path).text
    world.record(b.notice(party=b.FARM, about="write-off"))
    world.clock.time += 72 * 3600 - 60
    for client in (ours, theirs):
        text = client.get(path).text
        assert "data-deed=" not in text
        assert "The write-off was announced. From" in text
        assert 'id="form"' in text  # together they can still say what became of it
    world.clock.time += 60
    for client in (ours, theirs):
        assert 'data-deed="settle"' in client.get(path).text


def test_a_strangers_claim_is_not_shown(world: World) -> None:
    disputed(world)
    page = browser(world).get("/staff/desk").text
    path = "/staff/desk/claims/0x" + page.split("/staff/desk/claims/0x")[1][:64]
    assert browser(world, b.BUYER).get(path).status_code == 404


@pytest.mark.parametrize("path", ["desk", "certificates", "certificates/new", "desk/mock-recall"])
def test_nobody_sees_it_without_signing_in(world: World, path: str) -> None:
    stranger = browser_over(services_of(world, b.FARM, PartyRole.PRODUCER), signed_in=False)
    assert stranger.get(f"/staff/{path}").status_code == 303
