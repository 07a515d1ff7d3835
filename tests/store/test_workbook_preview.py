"""A workbook before it is recorded: every row with what it would record or why not; then drafts, signed once."""

from __future__ import annotations

from pathlib import Path

import pytest
from house_rows import FARM, PACKER, Day, house_day, intake, packing, shipping
from import_world import ImportWorld, import_world
from ledger_fixture import LEDGER_DOMAIN, SECRET
from presigned_events import enrol
from signing_keys import p256_key

from ledger.adapters.workbook import read_workbook
from ledger.adapters.workbook_template import write_house_workbook
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import PartyId
from ledger.domain.imports.house_layout import HouseSheet
from ledger.domain.master_data import MasterData
from ledger.domain.presigning import carrying
from ledger.domain.records import JsonTree, SignatureProof
from ledger.services.drafts import Actor, Draft, Drafts, acting_person
from ledger.services.workbook_preview import Preview, WorkbookPreview

PHONE = p256_key(93)
HOUSE = PartyId(int(PACKER))
PACKER_HAND = Actor(HOUSE, "8899aabbccddeeff", "李娜", PHONE.id)


@pytest.fixture
def world(tmp_path: Path, url: str) -> ImportWorld:
    """A world whose parties are registered, with the packing house's phone."""
    made = import_world(tmp_path, MasterData(), url)
    path = tmp_path / "master.xlsx"
    path.write_bytes(write_house_workbook("zh", {HouseSheet.MASTER: house_day()[HouseSheet.MASTER]}))
    made.importer.import_file(path)
    enrol(made.parts, HOUSE, PHONE)
    return made


@pytest.fixture
def reader(world: ImportWorld) -> WorkbookPreview:
    parts = world.parts
    drafts = Drafts(parts.store, parts.clock, LEDGER_DOMAIN, SECRET)
    return WorkbookPreview(parts.store, drafts, read_workbook)


def book(folder: Path, **sheets: list[dict[str, object]]) -> Path:
    """A workbook of the packing house's own: what it bought and packed, or the rows given."""
    day = house_day(**sheets)
    own: Day = {sheet: rows for sheet, rows in day.items() if sheet.name in ("INTAKE", "PACKING", "SHIPPING")}
    path = folder / "own.xlsx"
    path.write_bytes(write_house_workbook("zh", own))
    return path


def signed(draft: Draft) -> JsonTree:
    proof = SignatureProof(draft.action, PHONE.id, PHONE.scheme, PHONE.sign(draft.digest))
    return {**carrying(draft.event, proof), "silkroot:disclosures": list(draft.disclosures)}


def rules(found: Preview) -> set[str]:
    return {error.rule for row in found.rows for error in row.errors}


def test_every_row_is_shown_first(world: ImportWorld, reader: WorkbookPreview, tmp_path: Path) -> None:
    found = reader.preview(book(tmp_path), PACKER_HAND)
    assert found.wrong == 0, rules(found)
    assert len(found.rows) > len(found.drafts) > 0
    assert all(row.drafts for row in found.rows)
    assert {number for row in found.rows for number in row.drafts} == set(range(len(found.drafts)))
    assert acting_person(found.drafts[0].disclosures) == (PACKER_HAND.id, "李娜")
    assert world.events() == 0


def test_what_was_previewed_is_signed_and_recorded_once(
    world: ImportWorld, reader: WorkbookPreview, tmp_path: Path
) -> None:
    path = book(tmp_path)
    for draft in reader.preview(path, PACKER_HAND).drafts:
        world.parts.record(signed(draft))
    count = world.events()
    assert count > 0
    again = reader.preview(path, PACKER_HAND)
    assert again.drafts == ()
    assert all(row.repeated for row in again.rows)
    assert world.events() == count


def test_a_recording_that_was_cut_short_goes_on(world: ImportWorld, reader: WorkbookPreview, tmp_path: Path) -> None:
    path = book(tmp_path)
    first = reader.preview(path, PACKER_HAND)
    world.parts.record(signed(first.drafts[0]))
    rest = reader.preview(path, PACKER_HAND)
    assert len(rest.drafts) == len(first.drafts) - 1
    for draft in rest.drafts:
        world.parts.record(signed(draft))
    assert world.events() == len(first.drafts)


def test_one_wrong_row_and_nothing_is_signed(world: ImportWorld, reader: WorkbookPreview, tmp_path: Path) -> None:
    path = book(tmp_path, shipping=[shipping(), shipping(waybill="YD-2", cases=None)])
    found = reader.preview(path, PACKER_HAND)
    assert found.drafts == ()
    wrong = [row for row in found.rows if row.errors]
    assert [(row.sheet, row.row, row.errors[0].rule) for row in wrong] == [("发货", 5, "cell.missing")]


def test_a_rule_of_the_ledger_is_told_at_its_cell(world: ImportWorld, reader: WorkbookPreview, tmp_path: Path) -> None:
    path = book(tmp_path, packing=[packing(in_quantity=5_000, loss=4_020)])
    found = reader.preview(path, PACKER_HAND)
    assert "NotEnoughHeld" in rules(found)
    assert all(error.row for row in found.rows for error in row.errors)


def test_somebody_elses_rows_are_refused(world: ImportWorld, reader: WorkbookPreview, tmp_path: Path) -> None:
    stranger = Actor(PartyId(int(FARM)), "1", "Farmer")
    assert "draft.other-party" in rules(reader.preview(book(tmp_path), stranger))


def test_new_parties_are_for_the_operator(tmp_path: Path, url: str) -> None:
    parts = import_world(tmp_path, MasterData(), url).parts
    reader = WorkbookPreview(parts.store, Drafts(parts.store, parts.clock, LEDGER_DOMAIN, SECRET), read_workbook)
    path = tmp_path / "day.xlsx"
    path.write_bytes(write_house_workbook("zh", house_day()))
    found = reader.preview(path, PACKER_HAND)
    assert {"draft.new-party", "draft.new-product"} <= rules(found)
    assert found.drafts == ()


def test_no_workbook_is_refused_as_a_whole(reader: WorkbookPreview, tmp_path: Path) -> None:
    path = tmp_path / "own.xlsx"
    path.write_bytes(b"not a workbook")
    with pytest.raises(InvalidInput):
        reader.preview(path, PACKER_HAND)


def test_too_many_events_are_refused(reader: WorkbookPreview, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.services.workbook_preview.MOST_EVENTS", 1)
    with pytest.raises(InvalidInput) as refused:
        reader.preview(book(tmp_path, intake=[intake(), intake(2, lot="SG0806")]), PACKER_HAND)
    assert refused.value.violations[0].rule == "draft.rows"
