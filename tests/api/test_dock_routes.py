"""Signed events of staff over HTTP, what is on its way, and what became of it; over a real store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import event_builders as b
import pypdfium2
import pytest
import zxingcpp
from dock_world import AYGUL, LOT, MEMET, STRANGER, DockWorld, dock_world
from fastapi.testclient import TestClient
from presigned_events import enrol, presign
from signing_keys import p256_key, signing_key

from api.app import create_app
from api.staff.access import COOKIE
from ledger.adapters.manifest_pdf import manifest_pdf
from ledger.domain import event_forms
from ledger.domain.event_forms import Arrival, When
from ledger.domain.identifiers import consignment_id
from ledger.domain.manifests import Manifest, PaperLine
from ledger.domain.people import Person, form_token
from ledger.domain.records import JsonTree
from ledger.domain.sealing import DEFAULT, seal

PHONE = p256_key(91)
SSCC = b.sscc(7).rpartition("/")[2]
NOON = When("2026-08-06T09:30:00+08:00")


@pytest.fixture
def world(tmp_path: Path) -> DockWorld:
    world = dock_world(tmp_path)
    enrol(world.ledger, b.BUYER, PHONE)
    world.harvest()
    return world


def client(world: DockWorld, person: Person = AYGUL) -> TestClient:
    """A browser in which that person is signed in."""
    browser = TestClient(create_app(world.services), base_url="http://localhost", follow_redirects=False)
    browser.cookies.set(COOKIE, person.id)
    return browser


def send(browser: TestClient, event: JsonTree, person: Person = AYGUL, **headers: str) -> Any:
    asked = {"origin": "http://localhost", "x-silkroot-form": form_token(person.id), **headers}
    return browser.post("/staff/api/events", json=event, headers=asked)


def receipt(world: DockWorld, reference: str, person: Person = AYGUL, **changed: Any) -> JsonTree:
    """Signed on the phone, with the person sealed in it."""
    manifest = [b.amount(LOT, 412_500)]
    extra = {"silkroot:person": {"id": person.id, "name": person.name}}
    event = event_forms.receiving(
        b.BUYER, b.FARM, reference, manifest, NOON, event_forms.Spot(int(b.BUYER)), extra=extra
    )
    return signed(world, {**event, **changed})


def signed(world: DockWorld, event: JsonTree) -> JsonTree:
    salts = (bytes([number]) * 16 for number in range(1, 99))
    sealed = seal(b.sealed(event, b.BUYER), DEFAULT, salts.__next__)
    deadline = int(world.ledger.clock.now()) + 86_400
    return presign(sealed.event, PHONE, deadline=deadline, disclosures=tuple(one.text for one in sealed.disclosures))


def test_what_is_on_its_way(world: DockWorld) -> None:
    sscc, urn = world.ship(SSCC), world.ship("D-77", 100_000)
    told = client(world).get("/staff/api/inbound").json()
    assert told["party"] == f"{b.BUYER:013d}"
    assert told["deployment"]["produceLedger"] == "0x" + "11" * 20
    assert {"person", "paperSigner"} <= set(told["sealed"])
    first, second = told["consignments"]
    assert (first["reference"], first["sscc"], first["number"]) == (sscc, SSCC, SSCC)
    assert (second["reference"], second["sscc"], second["number"]) == (urn, "", "D-77")
    assert first["shippedAt"] == "2026-08-05T13:00:00+08:00"
    (line,) = first["lines"]
    assert (line["grams"], line["cases"], line["code"]) == (412_500, 33, LOT.code)
    assert client(world, STRANGER).get("/staff/api/inbound").json()["consignments"] == []


def test_a_signed_receipt_is_recorded_once(world: DockWorld) -> None:
    browser, event = client(world), receipt(world, world.ship(SSCC))
    first, again = send(browser, event), send(browser, event)
    assert (first.status_code, first.json()["repeated"]) == (201, False)
    assert (again.status_code, again.json()["repeated"]) == (201, True)
    assert first.json()["contentHash"] == again.json()["contentHash"]
    assert world.rules() == ["commissioning", "shipping", "receiving"]
    assert browser.get("/staff/api/inbound").json()["consignments"] == []
    assert world.ledger.fsck() == []


def test_whoever_comes_second_is_told_who_was_first(world: DockWorld) -> None:
    reference = world.ship(SSCC)
    assert send(client(world), receipt(world, reference)).status_code == 201
    late = send(client(world, MEMET), receipt(world, reference, MEMET), MEMET)
    assert (late.status_code, late.json()["type"]) == (409, "urn:silkroot:problem:not-recorded")
    (told,) = late.json()["violations"]
    assert (told["rule"], told["message"]) == ("NotInTransit", "No such consignment is on the road.")
    name = "0x" + consignment_id(b.FARM, reference).hex()
    happened = client(world, MEMET).get(f"/staff/api/consignments/{name}").json()
    assert happened["state"] == "received"
    (deed,) = happened["deeds"]
    assert (deed["what"], deed["person"], deed["accepted"], deed["time"]) == ("received", "Aygül", 412_500, NOON.time)


def test_a_short_receipt_says_what_is_missing(world: DockWorld) -> None:
    reference = world.ship(SSCC)
    arrivals = [Arrival(LOT, accepted=400_000, short=12_500)]
    event = event_forms.partial_receipt(
        b.BUYER, b.FARM, reference, arrivals, NOON, event_forms.Spot(int(b.BUYER)), extra={"silkroot:onPaper": True}
    )
    assert send(client(world), signed(world, event)).status_code == 201
    name = "0x" + consignment_id(b.FARM, reference).hex()
    (deed,) = client(world).get(f"/staff/api/consignments/{name}").json()["deeds"]
    assert (deed["what"], deed["accepted"], deed["short"], deed["onPaper"]) == (
        "received-in-part",
        400_000,
        12_500,
        True,
    )


def test_names_of_persons_stay_with_their_party(world: DockWorld) -> None:
    reference = world.ship(SSCC)
    assert send(client(world), receipt(world, reference)).status_code == 201
    world.sessions.people["d" * 16] = farmer = Person("d" * 16, b.FARM, "Farmer", AYGUL.role)
    name = "0x" + consignment_id(b.FARM, reference).hex()
    (deed,) = client(world, farmer).get(f"/staff/api/consignments/{name}").json()["deeds"]
    assert (deed["what"], deed["person"]) == ("received", "")
    assert client(world, STRANGER).get(f"/staff/api/consignments/{name}").status_code == 404


def test_what_is_refused_leaves_nothing(world: DockWorld) -> None:
    reference = world.ship(SSCC)
    good = receipt(world, reference)
    unsigned = {name: value for name, value in good.items() if name not in ("silkroot:proof", "silkroot:disclosures")}
    open_person = {**unsigned, "silkroot:person": {"id": AYGUL.id, "name": AYGUL.name}}
    deadline = int(world.ledger.clock.now()) + 86_400
    other_key = signing_key(5)
    cases: list[tuple[str, int, JsonTree]] = [
        ("proof.missing", 403, unsigned),
        ("key.party", 403, {**good, "silkroot:party": f"{b.HUB:013d}"}),
        ("proof.not-implied", 400, {**good, "eventTime": "2026-08-06T09:31:00+08:00"}),
        ("proof.open", 400, presign(open_person, PHONE, deadline=deadline)),
        ("UnknownKey", 409, presign(unsigned, other_key, deadline=deadline)),
        ("epcis.event-type", 400, {"type": "Party"}),
    ]
    browser = client(world)
    for rule, status, event in cases:
        answer = send(browser, event)
        assert (answer.status_code, answer.json()["violations"][0]["rule"]) == (status, rule)
    assert world.rules() == ["commissioning", "shipping"]


def test_nobody_else_gets_to_record(world: DockWorld) -> None:
    event = receipt(world, world.ship(SSCC))
    stranger = send(client(world, STRANGER), event, STRANGER)
    assert (stranger.status_code, stranger.json()["type"]) == (403, "urn:silkroot:problem:other-party")
    assert send(client(world), event, origin="https://elsewhere.example").status_code == 403
    assert send(client(world), event, **{"x-silkroot-form": "guessed"}).status_code == 403
    nobody = TestClient(create_app(world.services), base_url="http://localhost")
    assert send(nobody, event).status_code == 401
    assert world.rules() == ["commissioning", "shipping"]


def test_bodies_have_bounds(world: DockWorld) -> None:
    asked = {"origin": "http://localhost", "x-silkroot-form": form_token(AYGUL.id)}
    browser = client(world)
    large = browser.post(
        "/staff/api/events", content=b" " * 600_000, headers={**asked, "content-type": "application/json"}
    )
    assert (large.status_code, large.json()["type"]) == (413, "urn:silkroot:problem:too-long")
    text = browser.post("/staff/api/events", content=b"{}", headers={**asked, "content-type": "text/plain"})
    assert text.status_code == 415
    broken = browser.post("/staff/api/events", content=b"{", headers={**asked, "content-type": "application/json"})
    assert (broken.status_code, broken.json()["violations"][0]["rule"]) == (400, "json.syntax")


def test_pages_and_what_makes_them_installable(world: DockWorld) -> None:
    browser = client(world)
    for name in ("scan", "receive", "queue"):
        page = browser.get(f"/staff/{name}")
        assert page.status_code == 200
        assert "dock.js" in page.text
        assert 'rel="manifest"' in page.text
    manifest = browser.get("/staff/manifest.webmanifest")
    assert manifest.headers["content-type"].startswith("application/manifest+json")
    assert (manifest.json()["scope"], manifest.json()["display"]) == ("/staff", "standalone")
    for one in manifest.json()["icons"]:
        assert browser.get(one["src"]).content[:8] == b"\x89PNG\r\n\x1a\n"
    worker = browser.get("/staff/worker.js?v=1")
    assert worker.headers["service-worker-allowed"] == "/staff"
    assert browser.get("/staff/icon-64.png").status_code == 404


@pytest.mark.parametrize("language", ["en", "zh", "ug"])
def test_a_manifest_on_paper(world: DockWorld, language: str) -> None:
    reference = world.ship(SSCC)
    name = "0x" + consignment_id(b.FARM, reference).hex()
    paper = client(world).get(f"/staff/manifest/{name}.pdf?lang={language}")
    assert (paper.status_code, paper.headers["content-type"]) == (200, "application/pdf")
    assert paper.content == client(world).get(f"/staff/manifest/{name}.pdf?lang={language}").content
    (sheet,) = pypdfium2.PdfDocument(paper.content)
    text = sheet.get_textpage().get_text_range()
    # In a line from right to left the reader of PDF files puts the parts of a code in an order of its own.
    words = [sorted(word) for word in text.split()]
    assert all(sorted(told) in words for told in (SSCC, LOT.code, "33"))
    (code,) = zxingcpp.read_barcodes(sheet.render(scale=2).to_pil())
    assert code.text == reference
    assert client(world, STRANGER).get(f"/staff/manifest/{name}.pdf").status_code == 404


def test_a_long_manifest_has_several_sheets() -> None:
    lines = tuple(
        PaperLine("加师 Hami melon of a very long name that is cut", "W" * 20, "412.5 kg", "33") for _ in range(40)
    )
    manifest = Manifest(
        "Manifest", "urn:epcglobal:cbv:bt:9520000000011:D-77", "D-77", (("Sender", "Farm"),),
        ("Product", "Lot", "Net weight", "Cases", "Arrived"), lines, ("Together", "16,500 kg"),
        ("Temperature",), ("Handed over by", "Received by"), ("Name", "Signature", "Time"), "Keep this sheet.",
    )  # fmt: skip
    sheets = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(manifest_pdf(manifest))]
    assert len(sheets) == 3
    assert "".join(sheets).count("W" * 20) == 40, "a lot code is never cut"
    assert "Received by" in sheets[-1]
    assert "Handed over by" in sheets[-1]
