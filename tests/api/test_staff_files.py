"""Handing in a photo or a PDF, and fetching it again: what comes back, what is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import event_builders as b
import pytest
import sample_files as s
from fastapi.testclient import TestClient
from ledger_fixture import World, ledger_world
from staff_browser import HOST, browser_over, send, services_of

from ledger.domain.files import hash_of, uri_of
from ledger.domain.master_data import Role as PartyRole
from ledger.domain.people import form_token

FILES = "/staff/api/files"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = ledger_world(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def browser(world: World) -> TestClient:
    return browser_over(services_of(world, b.FARM, PartyRole.PRODUCER))


def test_a_photo_comes_back_under_its_hash(browser: TestClient) -> None:
    told = send(browser, FILES, s.photo(notes=True), content_type="text/plain")
    assert told.status_code == 201
    body = told.json()
    assert body["media"] == "image/jpeg"
    assert told.headers["location"] == f"/files/{body['hash']}"
    fetched = browser.get(f"/files/{body['hash']}")
    assert hashlib.sha256(fetched.content).hexdigest() == body["hash"]
    assert (len(fetched.content), uri_of(hash_of(fetched.content))) == (body["size"], body["uri"])
    assert s.place_in(fetched.content) == {}
    assert fetched.headers["content-type"] == "image/jpeg"
    assert fetched.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert fetched.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in fetched.headers["content-security-policy"]
    assert fetched.headers["content-disposition"].startswith("inline")
    again = browser.get(f"/files/{body['hash']}", headers={"if-none-match": fetched.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_place_is_kept_only_where_that_is_asked_for(browser: TestClient) -> None:
    told = send(browser, f"{FILES}?location=keep", s.photo(notes=True)).json()
    assert s.place_in(browser.get(f"/files/{told['hash']}").content) != {}
    assert send(browser, f"{FILES}?location=perhaps", s.photo()).status_code == 400


def test_a_pdf_is_saved_and_not_shown(browser: TestClient) -> None:
    told = send(browser, FILES, s.PDF).json()
    fetched = browser.get(f"/files/{told['hash']}")
    assert fetched.content == s.PDF
    assert fetched.headers["content-type"] == "application/pdf"
    assert fetched.headers["content-disposition"] == f'attachment; filename="{told["hash"][:16]}.pdf"'


@pytest.mark.parametrize(
    ("data", "status", "rule"),
    [
        (b"", 400, "file.empty"),
        (s.HTML, 415, "file.kind"),
        (s.SVG, 415, "file.kind"),
        (s.photo()[:200], 415, "file.not-an-image"),
        (s.png_bomb(8000, 8000), 400, "file.too-many-pixels"),
        (s.photo() + bytes(8_000_000), 413, "file.too-large"),
    ],
)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_what_is_no_photo_is_refused(world: World, browser: TestClient, data: bytes, status: int, rule: str) -> None:
    told = send(browser, FILES, data, content_type="image/jpeg", accept="application/json")
    assert told.status_code == status
    (violation,) = told.json()["violations"]
    assert (violation["field"], violation["rule"]) == ("file", rule)
    assert violation["value"]
    assert world.sql("SELECT count(*) FROM files") == [(0,)]


def test_a_body_of_no_stated_length_is_not_read_to_its_end(browser: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        yield s.photo()
        for _ in range(100):
            yield bytes(1_000_000)

    headers = {"origin": HOST, "x-silkroot-form": form_token("hand"), "accept": "application/json"}
    told = browser.post(FILES, content=endless(), headers=headers)
    assert told.status_code == 413


def test_only_who_is_signed_in_and_from_our_own_page(world: World, browser: TestClient) -> None:
    stranger = browser_over(services_of(world, b.FARM, PartyRole.PRODUCER), signed_in=False)
    assert send(stranger, FILES, s.photo()).status_code == 401
    assert browser.post(FILES, content=s.photo(), headers={"origin": "https://evil.example"}).status_code == 403
    assert browser.post(FILES, content=s.photo(), headers={"origin": HOST}).status_code == 403
    assert world.sql("SELECT count(*) FROM files") == [(0,)]


@pytest.mark.parametrize(("name", "status"), [("0" * 64, 404), ("0" * 63, 400), ("A" * 64, 400), ("..%2Fa", 400)])
def test_an_address_without_a_file(browser: TestClient, name: str, status: int) -> None:
    assert browser.get(f"/files/{name}", headers={"accept": "application/json"}).status_code == status
