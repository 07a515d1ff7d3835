"""`POST /staff/api/drafts` over a real store: for the session's party alone, with refusals at the form's fields."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import event_builders as b
import pytest
from fake_services import FakeWorld
from fastapi.testclient import TestClient
from httpx import Response
from ledger_fixture import LEDGER_DOMAIN, SECRET, World, ledger_world
from presigned_events import enrol
from signing_keys import p256_key

from api.app import create_app
from api.staff.access import COOKIE
from api.staff.desk import StaffDesk
from api.staff.drafts import MOST_BYTES
from ledger.domain.identifiers import KeyId
from ledger.domain.master_data import Role as PartyRole
from ledger.domain.people import Person, Role, Session, form_token, token_hash
from ledger.domain.presigning import carrying
from ledger.domain.proof_json import proof_from_json
from ledger.services.drafts import Drafts, acting_person

PHONE = p256_key(95)
HAND = Person("11" * 8, b.FARM, "Memet", Role.STAFF)
HARVEST = {
    "product": f"{b.BULK_MELON:014d}", "lot": "H-0001", "grams": 1_240_000, "plot": f"{b.FARM:013d}/PLOT-7",
}  # fmt: skip


@dataclass
class OneSession:
    """One person, signed in by a phone."""

    key: KeyId = PHONE.id

    def of_token(self, token: str) -> tuple[Session, Person] | None:
        """The person, for the one token."""
        return (Session(token_hash(token), HAND.id, self.key, 0, 0), HAND) if token == "hand" else None


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = ledger_world(tmp_path)
    enrol(made, b.FARM, PHONE)
    yield made
    made.store.close()


@pytest.fixture
def browser(world: World) -> TestClient:
    drafts = Drafts(world.store, world.clock, LEDGER_DOMAIN, SECRET)
    desk = StaffDesk(OneSession(), lambda party: PartyRole.PRODUCER, drafts=drafts)
    browser = TestClient(create_app(replace(FakeWorld().services, staff=desk)), base_url="http://localhost")
    browser.cookies.set(COOKIE, "hand")
    browser.headers.update({"origin": "http://localhost", "x-silkroot-form": form_token("hand")})
    return browser


def ask(browser: TestClient, fields: Any = HARVEST, request: str = "", **more: Any) -> Response:
    body = {"kind": "harvest", "fields": fields, "request": request or str(uuid.uuid4())} | more
    return browser.post("/staff/api/drafts", json=body)


def test_the_draft_is_the_sessions_partys_and_names_its_person(browser: TestClient) -> None:
    told = ask(browser).json()
    assert told["event"]["silkroot:party"] == f"{b.FARM:013d}"
    assert told["action"]["producer"] == str(b.FARM)
    assert acting_person(told["disclosures"]) == (HAND.id, "Memet")
    assert told["cosigner"] is None


def test_a_form_sent_twice_is_one_record(world: World, browser: TestClient) -> None:
    name = str(uuid.uuid4())
    first, again = ask(browser, request=name).json(), ask(browser, request=name).json()
    assert first == again
    signature = PHONE.sign(bytes.fromhex(first["digest"][2:]))  # type: ignore[arg-type]
    proof = proof_from_json(
        {"action": first["action"], "keyId": "0x" + PHONE.id.hex(), "scheme": 2, "signature": "0x" + signature.hex()}
    )
    event = carrying(first["event"], proof) | {"silkroot:disclosures": first["disclosures"]}
    (record,) = world.record(event)
    told = ask(browser, request=name).json()
    assert told["recorded"]["sequence"] == record.sequence
    assert told["recorded"]["eventID"] == f"urn:uuid:{name}"
    assert len(world.store.events()) == 1


def test_a_refusal_is_told_at_its_field_in_the_readers_language(browser: TestClient) -> None:
    response = browser.post(
        "/staff/api/drafts?lang=zh", json={"kind": "harvest", "fields": HARVEST | {"grams": 0}, "request": "x"}
    )
    assert response.status_code == 400
    response = ask(browser, HARVEST | {"lot": "<script>"})
    (found,) = response.json()["violations"]
    assert (found["field"], found["rule"], found["value"]) == ("/lot", "draft.markup", "<script>")
    assert found["text"] == "A text here has no < and no >."
    assert response.headers["content-type"] == "application/problem+json"


def test_acting_for_another_party_is_refused(browser: TestClient) -> None:
    other = {"party": f"{b.PACKING_HOUSE:013d}"}
    assert ask(browser, HARVEST | other).json()["violations"][0]["field"] == "/party"
    assert ask(browser, **other).status_code == 400


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"kind": "harvest"}', b'{"kind": 1, "kind": 2}'])
def test_a_body_that_is_no_form_is_refused(browser: TestClient, body: bytes) -> None:
    assert browser.post("/staff/api/drafts", content=body).status_code == 400


@pytest.mark.parametrize("kind", [7, ["harvest"], None, "gift"])
def test_a_kind_is_one_that_there_is(browser: TestClient, kind: Any) -> None:
    assert ask(browser, kind=kind).json()["violations"][0]["rule"] == "draft.kind"


def test_a_form_beyond_all_bounds_is_refused(browser: TestClient) -> None:
    response = browser.post("/staff/api/drafts", content=b" " * (MOST_BYTES + 1))
    assert (response.status_code, response.json()["type"]) == (413, "urn:silkroot:problem:form-too-large")


def test_who_is_not_signed_in_or_comes_from_another_page_drafts_nothing(browser: TestClient) -> None:
    assert ask(browser).status_code == 200
    for header, value in (("origin", "https://elsewhere.example"), ("x-silkroot-form", "guessed")):
        body = {"kind": "harvest", "fields": HARVEST, "request": str(uuid.uuid4())}
        assert browser.post("/staff/api/drafts", json=body, headers={header: value}).status_code == 403
    browser.cookies.set(COOKIE, "stolen")
    assert ask(browser).status_code == 401
