"""The page that corrects a weight, over a real store: what is recorded, for whom, and when it is too late."""

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
from ledger.domain.identifiers import LotRef, PartyId
from ledger.domain.master_data import Role as PartyRole
from ledger.domain.people import Person, Role, Session, token_hash
from ledger.services.drafts import Drafts
from ledger.services.packing_desk import PackingDesk

Open = Callable[..., TestClient]
LINK = "/staff/correct?lot="


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
    def open_for(party: PartyId = b.FARM, *, with_house: bool = True) -> TestClient:
        house = PackingDesk(world.store, world.store.questions, world.store.consignments, world.clock)
        desk = StaffDesk(
            Sessions(),
            lambda party: PartyRole.PRODUCER | PartyRole.PACKER,
            drafts=Drafts(world.store, world.clock, LEDGER_DOMAIN, SECRET),
            house=house if with_house else None,
        )
        services = replace(FakeWorld().services, staff=desk, store=world.store)
        browser = TestClient(create_app(services), base_url="http://localhost", follow_redirects=False)
        browser.cookies.set(COOKIE, str(int(party)))
        return browser

    return open_for


def shown(browser: TestClient, lot: LotRef | str = b.HARVEST_LOT, **more: str) -> tuple[int, str]:
    answer = browser.get("/staff/correct", params={"lot": str(lot), **more})
    return answer.status_code, answer.text


def typed(text: str, was: int) -> list[str]:
    """What stands in the fields that have so many grams recorded."""
    fields = re.findall(rf'<input[^>]*data-was="{was}"[^>]*>', text)
    return [(re.findall(r' value="([^"]*)"', field) or [""])[0] for field in fields]


@pytest.mark.parametrize("language", ["en", "zh", "ug"])
def test_a_harvest_stands_with_its_recorded_weight(opened: Open, world: World, language: str) -> None:
    world.record(b.harvest(grams=1_240_500))
    status, text = shown(opened(), lang=language)
    assert status == 200
    assert typed(text, 1_240_500) == [""]
    assert f'value="{b.HARVEST_LOT}"' in text
    assert 'data-kind="correct"' in text
    assert 'id="reason"' in text
    assert "%(" not in text.partition('<script type="application/json"')[0]
    if language == "en":
        assert "Recorded weight: 1,240.5 kg" in text


def test_every_delivery_of_an_intake_has_a_field(opened: Open, world: World) -> None:
    event = b.intake(deliveries=(250_000, 300_500))
    (record,) = world.record(event)
    lot = record.proof.action
    text = shown(opened(lot.buyer), LotRef(lot.product, lot.lot_code))[1]  # type: ignore[union-attr]
    assert typed(text, 250_000) == ["250"]
    assert typed(text, 300_500) == ["300.5"]
    assert text.count('data-name="ticket"') == 2


def test_a_packing_stands_with_all_that_went_in_and_came_out(opened: Open, world: World) -> None:
    world.record(b.harvest(), b.shipping(), b.receiving(), b.packing())
    action = world.store.events_of_lot(b.PACKED_LOT.id)[0].proof.action
    text = shown(opened(b.PACKING_HOUSE), b.PACKED_LOT)[1]
    for grams in (action.inputs[0].grams, action.outputs[0].grams):  # type: ignore[union-attr]
        assert f'data-was="{grams}"' in text
    assert 'id="balance"' in text
    for name, grams in (("culls", action.culls), ("loss", action.process_loss)):  # type: ignore[union-attr]
        assert re.search(rf'id="{name}"[^>]*data-was="{grams}"', text)


@pytest.mark.parametrize("after", ["moved", "recalled"])
def test_when_it_is_too_late_there_is_no_form(opened: Open, world: World, after: str) -> None:
    world.record(b.harvest(), b.shipping(manifest=[b.amount(grams=1)]) if after == "moved" else b.recall())
    status, text = shown(opened())
    assert status == 200
    assert 'id="form"' not in text
    assert ("has moved on" if after == "moved" else "is recalled") in text


@pytest.mark.parametrize(
    ("party", "lot", "status", "kind"),
    [
        (b.PACKING_HOUSE, str(b.HARVEST_LOT), 403, "not-made-by-you"),
        (b.FARM, f"{b.BULK_MELON:014d}/NO-SUCH", 404, "no-lot-to-correct"),
        (b.FARM, "NO-SUCH", 404, "no-lot-to-correct"),
        (b.FARM, "123/A", 400, ""),
        (b.FARM, "x" * 61, 400, ""),
        (b.FARM, '"><script>/1', 400, ""),
    ],
)
def test_who_may_not_and_what_is_none(
    opened: Open, world: World, party: PartyId, lot: str, status: int, kind: str
) -> None:
    world.record(b.harvest())
    answer = opened(party).get("/staff/correct", params={"lot": lot}, headers={"accept": "application/json"})
    assert answer.status_code == status
    assert "<script>/1" not in answer.text
    if kind:
        assert answer.json()["type"] == f"urn:silkroot:problem:{kind}"


def test_it_says_which_lot(opened: Open) -> None:
    assert opened().get("/staff/correct").status_code == 400


def test_who_is_not_signed_in_goes_to_the_sign_in_page(opened: Open, world: World) -> None:
    world.record(b.harvest())
    browser = opened()
    browser.cookies.clear()
    answer = browser.get("/staff/correct", params={"lot": str(b.HARVEST_LOT)}, headers={"accept": "text/html"})
    assert (answer.status_code, "/staff/sign-in" in answer.headers["location"]) == (303, True)


def test_a_service_without_these_pages_has_none(opened: Open, world: World) -> None:
    world.record(b.harvest())
    assert shown(opened(with_house=False))[0] == 404


def test_the_list_of_lots_leads_there_as_long_as_it_is_of_use(opened: Open, world: World) -> None:
    world.record(b.harvest(), b.harvest(lot=LotRef(b.BULK_MELON, "H-2"), grams=5_000))
    text = opened().get("/staff/lots").text
    assert text.count(LINK) == 4  # each stands in "Born today" and in "All your lots"
    world.record(b.shipping())
    world.record(b.receiving())
    text = opened().get("/staff/lots").text
    assert set(re.findall(rf'{re.escape(LINK)}[^"]*?([^/"]*)"', text)) == {"H-2"}
    assert LINK not in opened(b.PACKING_HOUSE).get("/staff/lots").text


def test_markup_in_a_sheet_stays_text(opened: Open, world: World) -> None:
    event = b.intake(deliveries=(1_000,))
    event["silkroot:intake"][0]["village"] = "<script>alert(1)</script>"
    (record,) = world.record(event)
    action = record.proof.action
    text = shown(opened(action.buyer), LotRef(action.product, action.lot_code))[1]  # type: ignore[union-attr]
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text
