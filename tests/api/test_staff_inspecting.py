"""Inspectors' pages over a real store: who may see what, what a recall says before it is signed, what is taken away."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import event_builders as b
import pytest
from fake_services import FakeWorld
from fastapi.testclient import TestClient
from ledger_fixture import World, ledger_world

from api.app import create_app
from api.localization import LANGUAGES
from api.staff.access import COOKIE
from api.staff.desk import StaffDesk
from ledger.domain.identifiers import KeyId, LotRef, PartyId
from ledger.domain.master_data import MasterData
from ledger.domain.master_data import Role as PartyRole
from ledger.domain.people import Person, Role, Session, token_hash
from ledger.services.inspection import Inspection

REPACKED = LotRef(b.MELON_CASE, "P-9")
PEOPLE = {
    "regulator": Person("11" * 8, b.REGULATOR, "Li Wei", Role.STAFF),
    "certifier": Person("22" * 8, b.CERTIFIER, "Gülnar", Role.STAFF),
    "farmer": Person("33" * 8, b.FARM, "Memet", Role.STAFF),
    "packer": Person("44" * 8, b.PACKING_HOUSE, "Aygül", Role.STAFF),
    "driver": Person("55" * 8, b.CARRIER, "Wang", Role.STAFF),
}
FAMILY = f"/staff/inspect/{b.HARVEST_LOT.product:014d}/{b.HARVEST_LOT.code}"
RECALL = FAMILY.replace("inspect", "recall")
PACKED_RECALL = f"/staff/recall/{b.PACKED_LOT.product:014d}/{b.PACKED_LOT.code}"


@dataclass
class Tokens:
    """People in memory."""

    def of_token(self, token: str) -> tuple[Session, Person] | None:
        """The person of that name."""
        person = PEOPLE.get(token)
        return None if person is None else (Session(token_hash(token), person.id, KeyId(bytes(32)), 0, 0), person)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A harvest, shipped, packed, packed again, partly on the road; the farm has a contact."""
    made = ledger_world(Path(tmp_path_factory.mktemp("inspecting")))
    later = b.When("2026-08-05T13:00:00+08:00")
    made.record(
        b.harvest(), b.shipping(manifest=[b.amount(grams=600_000)]), b.receiving(manifest=[b.amount(grams=600_000)]),
        b.packing(inputs=[b.amount(grams=600_000)], outputs=[b.amount(b.PACKED_LOT, 590_000)]),
        b.packing(inputs=[b.amount(b.PACKED_LOT, 400_000)], outputs=[b.amount(REPACKED, 390_000)], when=later),
        b.shipping(party=b.PACKING_HOUSE, receiver=b.HUB, reference=b.sscc(7), manifest=[b.amount(REPACKED, 50_000)]),
    )  # fmt: skip
    farm = replace(made.store.master_data().parties[b.FARM], contact="office@farm.example")
    made.register.register(MasterData(parties={farm.id: farm}))
    yield made
    made.store.close()


def browser(world: World, who: str) -> TestClient:
    def roles(party: PartyId) -> PartyRole:
        return PartyRole(b.ROLES.get(party, 0))

    desk = StaffDesk(Tokens(), roles, inspection=Inspection(world.store.families, world.store))
    services = replace(FakeWorld().services, staff=desk, store=world.store)
    client = TestClient(create_app(services), base_url="http://localhost", follow_redirects=False)
    client.cookies.set(COOKIE, who)
    return client


@pytest.mark.parametrize("who", ["farmer", "packer", "driver"])
@pytest.mark.parametrize("path", ["/staff/inspect", "/staff/inspect/plots", FAMILY])
def test_inspectors_pages_are_for_inspectors(world: World, who: str, path: str) -> None:
    answer = browser(world, who).get(path, headers={"accept": "application/json"})
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:silkroot:problem:inspectors-only"
    page = browser(world, who).get(path, headers={"accept": "text/html"})
    assert (page.status_code, "Only inspectors may look at this" in page.text) == (403, True)


@pytest.mark.parametrize("who", ["regulator", "certifier"])
@pytest.mark.parametrize("path", ["/staff/inspect", "/staff/inspect/plots", FAMILY, RECALL])
@pytest.mark.parametrize("language", [*LANGUAGES])
def test_inspectors_see_them_in_every_language(world: World, who: str, path: str, language: str) -> None:
    answer = browser(world, who).get(f"{path}?lang={language}")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert f'lang="{LANGUAGES[language]}"' in answer.text


def test_without_a_session_one_signs_in_first(world: World) -> None:
    for path in ("/staff/inspect", FAMILY, RECALL, "/staff/recall"):
        assert browser(world, "stolen").get(path).status_code == 303


def test_a_recall_is_shown_to_who_may_sign_it_and_to_certifiers_without_the_form(world: World) -> None:
    for who, form in (("regulator", True), ("farmer", True), ("certifier", False)):
        page = browser(world, who).get(RECALL)
        assert (page.status_code, 'data-kind="recall"' in page.text) == (200, form), who
    assert 'data-kind="recall"' in browser(world, "packer").get(PACKED_RECALL).text


@pytest.mark.parametrize(("who", "path"), [("packer", RECALL), ("driver", RECALL), ("farmer", PACKED_RECALL)])
def test_anothers_lot_is_not_yours_to_recall(world: World, who: str, path: str) -> None:
    answer = browser(world, who).get(path, headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:silkroot:problem:not-your-lot")
    progress = browser(world, who).get(path.replace("/staff/", "/staff/api/", 1))
    assert progress.status_code == 403
    table = browser(world, who).get(path.replace("recall", "inspect") + "/family.csv", headers={"accept": "text/csv"})
    assert table.status_code == 403


def test_who_makes_no_lots_recalls_none(world: World) -> None:
    answer = browser(world, "driver").get("/staff/recall", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:silkroot:problem:no-recalls")


def test_the_preview_has_everybody_with_contacts_and_grams(world: World) -> None:
    page = browser(world, "regulator").get(RECALL).text
    assert "3 lots" in page
    assert 'href="mailto:office@farm.example"' in page
    assert "none on record" in page
    assert "2 organisations have no business contact in the master data." in page
    for text in ("400 kg", "50 kg", REPACKED.code):
        assert text in page


def test_without_javascript_it_is_read_and_a_recall_is_not_signed(world: World) -> None:
    for path in ("/staff/inspect", FAMILY):
        assert "Without JavaScript you can read this page" in browser(world, "regulator").get(path).text
    assert "This page needs JavaScript" in browser(world, "regulator").get(RECALL).text


def test_the_drawing_has_grams_on_its_arrows_and_a_table_beside_it(world: World) -> None:
    page = browser(world, "regulator").get(FAMILY).text
    drawing, table = page.split("</svg>\n</div>", 1)
    for grams in ("600 kg", "590 kg", "390 kg"):
        assert f">{grams}</text>" in drawing
    assert table.count("<tr>") == 4
    assert drawing.count("data-focus") == 1


def test_a_search_finds_by_code_by_link_and_by_product(world: World) -> None:
    regulator = browser(world, "regulator")
    for question in (REPACKED.code, f"https://x.example/01/{REPACKED.product:014d}/10/{REPACKED.code}", str(REPACKED)):
        assert f"/staff/inspect/{REPACKED.product:014d}/{REPACKED.code}" in regulator.get(
            "/staff/inspect", params={"q": question}
        ).text, question  # fmt: skip
    both = regulator.get("/staff/inspect", params={"q": f"{b.MELON_CASE:014d}"}).text
    assert both.count('class="row-link"') == 2
    assert "No lot of this name" in regulator.get("/staff/inspect", params={"q": "NO-SUCH"}).text
    for wrong in ("09520001000999", "1/2/3", "x" * 301, "https://x.example/01/1/10/A"):
        answer = regulator.get("/staff/inspect", params={"q": wrong})
        assert (answer.status_code, "This names no lot" in answer.text) == (200, True), wrong


def test_a_lot_that_nobody_made_is_not_there(world: World) -> None:
    for path in ("/staff/inspect", "/staff/recall"):
        assert browser(world, "regulator").get(f"{path}/{b.MELON_CASE:014d}/NO-SUCH").status_code == 404
        assert browser(world, "regulator").get(f"{path}/123/NO-SUCH").status_code == 400


def test_a_token_of_another_list_is_refused(world: World) -> None:
    regulator = browser(world, "regulator")
    assert regulator.get(f"{FAMILY}?after=nonsense").status_code == 400
    assert regulator.get("/staff/inspect?after=nonsense").status_code == 400


def test_markup_in_a_question_stays_text(world: World) -> None:
    page = browser(world, "regulator").get("/staff/inspect", params={"q": '"><script>alert(1)</script>'})
    assert "<script>alert" not in page.text


def test_the_table_is_taken_away_with_who_has_it(world: World) -> None:
    answer = browser(world, "regulator").get(f"{FAMILY}/family.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    found = [(row["lot"], row["where"], row["party"], row["grams"]) for row in rows]
    assert (b.HARVEST_LOT.code, "held", f"{b.FARM:013d}", "400000") in found
    assert (REPACKED.code, "on the road", f"{b.HUB:013d}", "50000") in found
    assert {row["contact"] for row in rows if row["party"] == f"{b.FARM:013d}"} == {"office@farm.example"}
    assert {row["distance"] for row in rows} == {"0", "1", "2"}


def test_where_a_lot_came_from_is_taken_away_by_inspectors_alone(world: World) -> None:
    path = PACKED_RECALL.replace("recall", "inspect") + "/family.csv"
    assert browser(world, "packer").get(path).status_code == 200
    assert browser(world, "packer").get(f"{path}?direction=back").status_code == 403
    rows = browser(world, "certifier").get(f"{path}?direction=back").content.decode("utf-8-sig").splitlines()
    assert {row.split(",")[2] for row in rows[1:]} == {b.HARVEST_LOT.code, b.PACKED_LOT.code}


def test_a_cell_is_never_a_formula() -> None:
    from api.staff.inspect_pages import _cell

    assert [_cell(text) for text in ("=1+1", "+86 991", "-", "@x", "plain", 7)] == [
        "'=1+1", "'+86 991", "'-", "'@x", "plain", "7",
    ]  # fmt: skip


def test_progress_says_how_far_a_recall_has_come(tmp_path: Path) -> None:
    world = ledger_world(tmp_path)
    try:
        world.record(b.harvest(), b.shipping(), b.receiving(), b.packing())
        before = browser(world, "regulator").get(RECALL.replace("/staff/", "/staff/api/", 1)).json()
        assert (before["deed"], before["done"], before["recalled"], before["lots"]) == (None, False, 0, 2)
        world.record(b.recall(party=b.REGULATOR) | {"silkroot:reason": "Salmonella"})
        told = browser(world, "regulator").get(RECALL.replace("/staff/", "/staff/api/", 1)).json()
        assert (told["recalled"], told["lots"], told["done"]) == (2, 2, False)
        assert (told["deed"]["reason"], told["deed"]["state"]) == ("Salmonella", "queued")
        assert told["marked"] == "2 of 2 lots are marked as recalled on this service."
        page = browser(world, "regulator").get(RECALL).text
        assert 'data-kind="release"' in page
        # The farm may not lift what the regulator called back, and its own packed lot inherits it.
        assert 'data-kind="' not in browser(world, "farmer").get(RECALL).text
        listed = browser(world, "certifier").get("/staff/inspect").text
        assert RECALL in listed
        assert RECALL not in browser(world, "packer").get("/staff/recall").text
    finally:
        world.store.close()


def test_records_for_an_authority_are_inspectors_alone(world: World) -> None:
    answer = browser(world, "regulator").get(f"{FAMILY}/records.xlsx")
    assert (answer.status_code, answer.content[:2]) == (200, b"PK")
    assert answer.headers["content-disposition"].endswith('-records.xlsx"')
    assert browser(world, "farmer").get(f"{FAMILY}/records.xlsx").status_code == 403
    assert browser(world, "regulator").get(f"{FAMILY}X/records.xlsx").status_code == 404
