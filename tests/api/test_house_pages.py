"""The pages of a producer and a packing house over a real store: what they offer first, in every language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import event_builders as b
import pytest
from fake_services import FakeWorld
from fastapi.testclient import TestClient
from ledger_fixture import LEDGER_DOMAIN, SECRET, World, ledger_world

from api.app import create_app
from api.staff.access import COOKIE
from api.staff.desk import StaffDesk
from ledger.domain.event_forms import When
from ledger.domain.identifiers import Grams, PartyId
from ledger.domain.master_data import Role as PartyRole
from ledger.domain.people import Person, Role, Session, token_hash
from ledger.services.drafts import Drafts
from ledger.services.packing_desk import PackingDesk

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


def test_labels_of_other_parties_lots_are_refused(world: World, opened: Open) -> None:
    world.record(b.harvest(grams=Grams(5)))
    lot = f"{b.BULK_MELON:014d}/{b.HARVEST_LOT.code}"
    assert opened(b.PACKING_HOUSE).get(f"/staff/labels/labels.pdf?lot={lot}").status_code in (403, 404)
