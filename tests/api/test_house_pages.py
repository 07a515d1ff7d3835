"""The pages of a producer and a packing house over a real store: what they offer first, in every language."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import event_builders as b
import pytest
from fake_services import FakeWorld
from fastapi.testclient import TestClient
from httpx import Response
from ledger_fixture import LEDGER_DOMAIN, SECRET, World, ledger_world

from api.app import create_app
from api.localization import words
from api.rule_phrases import RULES
from api.staff.access import COOKIE
from api.staff.desk import StaffDesk
from api.staff.workbook import MOST_BYTES
from ledger.adapters.workbook import read_workbook
from ledger.adapters.workbook_template import write_house_workbook
from ledger.domain.event_forms import When
from ledger.domain.identifiers import Grams, PartyId
from ledger.domain.imports.house_layout import HouseSheet
from ledger.domain.master_data import Role as PartyRole
from ledger.domain.people import Person, Role, Session, form_token, token_hash
from ledger.services.drafts import Drafts
from ledger.services.packing_desk import PackingDesk
from ledger.services.workbook_preview import WorkbookPreview

PAGES = ("lots", "harvest", "intake", "pack", "ship", "labels", "workbook")
Open = Callable[..., TestClient]


@dataclass
class Sessions:
    """The token is the party's number."""

    def of_token(self, token: str) -> tuple[Session, Person] | None:
        """Somebody of that party."""
        person = Person("11" * 8, PartyId(int(token)), "Memet", Role.STAFF)
        return Session(token_hash(token), person.id, None, 0, 0), person


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = ledger_world(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def opened(world: World) -> Open:
    def open_for(party: PartyId = b.FARM) -> TestClient:
        desk = StaffDesk(
            Sessions(),
            lambda party: PartyRole.PRODUCER | PartyRole.PACKER,
            drafts=Drafts(world.store, world.clock, LEDGER_DOMAIN, SECRET),
            workbooks=WorkbookPreview(
                world.store, Drafts(world.store, world.clock, LEDGER_DOMAIN, SECRET), read_workbook
            ),
            labels=lambda asked: {"files": [{"name": "labels", "data": base64.b64encode(b"labels").decode()}]},
            house=PackingDesk(world.store, world.store.questions, world.store.consignments, world.clock),
        )
        services = replace(FakeWorld().services, staff=desk, store=world.store)
        browser = TestClient(create_app(services), base_url="http://localhost")
        browser.cookies.set(COOKIE, str(int(party)))
        return browser

    return open_for


@pytest.mark.parametrize("language", ["en", "zh", "ug"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_in_every_language(opened: Open, world: World, page: str, language: str) -> None:
    world.record(b.harvest(), b.shipping(manifest=[b.amount(grams=400_000)]))
    response = opened().get(f"/staff/{page}?lang={language}")
    assert response.status_code == 200
    assert f'lang="{ {"en": "en", "zh": "zh-Hans", "ug": "ug"}[language] }' in response.text
    assert "%(" not in response.text.partition('<script type="application/json"')[0]


def options(text: str, name: str) -> list[str]:
    """The values of a select, in order."""
    found = re.search(rf'<select id="{name}".*?</select>', text, re.DOTALL)
    assert found
    return re.findall(r'<option value="([^"]*)"', found[0])


def test_what_was_used_last_comes_first(opened: Open, world: World) -> None:
    one, two = LOTS = (b.LotRef(b.BULK_MELON, "A-07"), b.LotRef(b.ALLOTTED_PRODUCT, "A-09"))
    assert LOTS
    later = When("2026-08-05T11:30:00+08:00")
    world.record(b.harvest(lot=one, when=When("2026-08-04T10:00:00+08:00")), b.harvest(lot=two, when=later))
    world.record(b.shipping(manifest=[b.amount(one, 5)], reference="urn:epcglobal:cbv:bt:9520000000011:L-41"))
    text = opened().get("/staff/harvest").text
    assert options(text, "product")[0] == f"{b.ALLOTTED_PRODUCT:014d}"
    assert 'value="A-10"' in text
    assert options(text, "plot") == [f"{b.FARM:013d}/PLOT-7"]
    text = opened().get("/staff/ship").text
    assert options(text, "to")[0] == f"{b.PACKING_HOUSE:013d}"
    assert 'value="L-42"' in text
    assert "Used last" in text


def test_the_address_fills_the_form_that_ships(opened: Open, world: World) -> None:
    world.record(b.harvest(grams=1_000_500), b.harvest(lot=b.LotRef(b.BULK_MELON, "A-09"), grams=5_000))
    asked = {"reference": "https://id.gs1.org/00/095210000000000072", "to": f"{b.HUB:013d}", "lot": str(b.HARVEST_LOT)}
    text = opened().get("/staff/ship", params=asked).text
    assert f'value="{asked["reference"]}"' in text
    assert re.findall(r'<option value="(\d+)" selected>', text) == [asked["to"]]
    (filled,) = re.findall(r'data-name="grams"[^>]* value="([^"]*)"', text)
    assert filled == "1000.5"
    assert "Not filled in" not in text
    assert " selected" not in opened().get("/staff/ship").text


def test_what_the_address_asks_in_vain_is_told_as_text(opened: Open, world: World) -> None:
    world.record(b.harvest())
    asked = {"to": "9520000999998", "lot": ["<b>1</b>", f"{b.BULK_MELON:014d}/GONE"], "reference": '"><script>'}
    text = opened().get("/staff/ship", params=asked).text
    told = text.partition("Not filled in, because")[2].partition("</p>")[0]
    assert all(one in told for one in ("9520000999998", "/GONE", "&lt;b&gt;1&lt;/b&gt;"))
    assert '"><script>' not in text
    assert " selected" not in text
    assert opened().get("/staff/ship", params={"reference": "x" * 101}).status_code == 400


def test_what_can_be_read_without_javascript_says_so(opened: Open, world: World) -> None:
    world.record(b.harvest())
    for page in ("lots", "harvest", "ship"):
        text = opened().get(f"/staff/{page}").text
        assert ("Without JavaScript you can read this page" in text) is (page == "lots")
        assert ("This page needs JavaScript" in text) is (page != "lots")


def test_a_party_without_a_past_gets_sensible_defaults(opened: Open) -> None:
    text = opened().get("/staff/harvest").text
    assert 'value="H-0805-1"' in text
    assert "Used last" not in text


def test_lots_at_a_glance(opened: Open, world: World) -> None:
    yesterday = When("2026-08-04T10:00:00+08:00")
    old = b.LotRef(b.BULK_MELON, "OLD-1")
    world.record(b.harvest(), b.harvest(lot=old, when=yesterday, grams=5_000))
    world.record(b.shipping(manifest=[b.amount(grams=400_000)]))
    text = opened().get("/staff/lots").text
    today, _, rest = text.partition("Waiting for a receipt</h2>")
    assert "1,000 kg" in today
    assert "OLD-1" not in today
    waiting, _, everything = rest.partition("All your lots</h2>")
    assert "Packing house" in waiting
    assert "400 kg" in waiting
    assert "600 kg on hand" in everything
    assert "OLD-1" in everything
    assert "not final yet" in everything
    other = opened(b.PACKING_HOUSE).get("/staff/lots").text
    assert "400 kg on the way to you" in other
    assert "OLD-1" not in other


def test_a_recalled_lot_says_so_and_is_not_packed(opened: Open, world: World) -> None:
    world.record(b.harvest(), b.recall(lot=b.HARVEST_LOT))
    assert '<span class="badge bad">recalled</span>' in opened().get("/staff/lots").text
    assert "You have no lots on hand." in opened().get("/staff/pack").text


def test_a_name_that_holds_markup_stays_text(opened: Open, world: World) -> None:
    known = world.store.master_data()
    party = replace(known.parties[b.PACKING_HOUSE], name={"en": "<script>alert(1)</script>"})
    world.store.merge_master_data(replace(known, parties={b.PACKING_HOUSE: party}))
    world.record(b.harvest())
    text = opened().get("/staff/ship").text
    assert "<script>alert(1)" not in text
    assert "\\u003cscript\\u003ealert(1)" in text


LOT = f"{b.BULK_MELON:014d}/{b.HARVEST_LOT.code}"


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (f"pdf?lot={LOT}", 200),
        (f"png?lot={LOT}&copies=3", 200),
        (f"pdf?lot={LOT}&lot={b.MELON_CASE:014d}/NOBODYS", 403),
        (f"pdf?lot={LOT}&copies=2001", 400),
        (f"pdf?lot={LOT}&copies=0", 400),
        (f"pdf?lot={LOT}&format=a0", 404),
        (f"svg?lot={LOT}", 404),
        ("pdf", 400),
        ("pdf?lot=<script>", 400),
    ],
)
def test_labels_of_ones_own_lots(world: World, opened: Open, asked: str, status: int) -> None:
    world.record(b.harvest(grams=Grams(5)))
    response = opened().get(f"/staff/labels/labels.{asked}", headers={"accept": "application/json"})
    assert response.status_code == status
    if status == 200:
        assert response.content == b"labels"
        assert response.headers["content-type"] in ("application/pdf", "image/png")


def test_labels_of_other_parties_lots_are_refused(world: World, opened: Open) -> None:
    world.record(b.harvest(grams=Grams(5)))
    response = opened(b.PACKING_HOUSE).get(f"/staff/labels/labels.pdf?lot={LOT}")
    assert response.status_code == 403


def send(browser: TestClient, data: bytes, **headers: str) -> Response:
    own = {"origin": "http://localhost", "x-silkroot-form": form_token(str(int(b.BUYER)))}
    response: Response = browser.post("/staff/api/workbook", content=data, headers=own | headers)
    return response


def deliveries(*grams: object) -> bytes:
    """A workbook of deliveries to the shop."""
    rows = [
        {
            "date": date(2026, 8, 5), "place": f"{b.BUYER:013d}", "lot": "I-0805", "product": f"{b.MELON_CASE:014d}",
            "roster": f"G{number}", "village": "Toksun", "quantity": one, "unit": "kg", "ticket": f"T-{number}",
        }
        for number, one in enumerate(grams)
    ]  # fmt: skip
    return write_house_workbook("en", {HouseSheet.INTAKE: rows})


def test_a_workbook_is_answered_with_its_rows_and_drafts(world: World, opened: Open) -> None:
    told = send(opened(b.BUYER), deliveries(250, 350)).json()
    assert (told["wrong"], len(told["drafts"]), len(told["rows"])) == (0, 1, 2)
    assert told["drafts"][0]["action"]["grams"] == "600000"
    assert [row["drafts"] for row in told["rows"]] == [[0], [0]]
    assert world.store.events() == []


def test_a_wrong_cell_is_told_in_the_readers_language(opened: Open) -> None:
    told = send(opened(b.BUYER), deliveries(250, "much"), **{"accept-language": "zh"}).json()
    assert told["drafts"] == []
    (row,) = [row for row in told["rows"] if row["errors"] and row["errors"][0]["rule"] != "row.incomplete"]
    (error,) = row["errors"]
    assert error["value"] == "much"
    assert error["field"].endswith(str(row["row"]))
    assert error["text"] == words("zh")(RULES[error["rule"]]) != RULES[error["rule"]]


@pytest.mark.parametrize(
    ("data", "headers", "status"),
    [
        (b"no workbook", {}, 400),
        (b"", {}, 400),
        (b"x" * (MOST_BYTES + 1), {}, 413),
        (b"", {"origin": "https://elsewhere.example"}, 403),
        (b"", {"x-silkroot-form": "guessed"}, 403),
    ],
)
def test_what_is_no_workbook_or_not_from_our_page_is_refused(
    opened: Open, data: bytes, headers: dict[str, str], status: int
) -> None:
    assert send(opened(b.BUYER), data, **headers).status_code == status
