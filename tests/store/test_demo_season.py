"""
The packaged season: imports with nothing refused, adds up, shows what it promises, and is what its generator makes.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from import_world import ImportWorld, import_world, lot

from api.season import season_folder, season_lots
from ledger.domain.actions import Disposal, Intake, Recall, Sale, Shipment, Transformation
from ledger.domain.digital_link import lot_uri
from ledger.domain.gs1 import has_check_digit
from ledger.domain.master_data import MasterData

ROOT = Path(__file__).resolve().parents[2]
EVENTS = {
    "10-hami-melons.xlsx": 29, "20-turpan-grapes.xlsx": 25, "30-korla-pears.jsonld": 22, "40-hub-and-cities.jsonld": 16,
    "50-recall.jsonld": 3, "60-pending.jsonld": 1,
}  # fmt: skip


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> ImportWorld:
    world = import_world(tmp_path_factory.mktemp("season"), MasterData())
    with season_folder() as folder:
        assert world.importer.import_file(folder / "master.toml").registered["parties"] == 10
        for name, events in EVENTS.items():
            report = world.importer.import_file(folder / name)
            assert report.refused == ()
            assert (report.file, report.recorded) == (name, events)
    return world


def test_every_file_is_imported() -> None:
    with season_folder() as folder:
        assert sorted(path.name for path in folder.iterdir() if path.suffix in (".xlsx", ".jsonld")) == list(EVENTS)


def test_importing_it_again_changes_nothing(season: ImportWorld) -> None:
    with season_folder() as folder:
        for name, events in EVENTS.items():
            report = season.importer.import_file(folder / name)
            assert (report.recorded, report.repeated, report.refused) == (0, events, ())


def test_all_kinds_of_lots_and_actions(season: ImportWorld) -> None:
    actions = [event.proof.action for event in season.parts.store.events(limit=1000)]
    kinds = Counter(type(action) for action in actions)
    assert kinds[Intake] == 3
    assert kinds[Recall] == 1
    assert kinds[Sale] >= 5
    assert kinds[Disposal] >= 1
    moved = [action for action in actions if isinstance(action, Transformation)]
    assert any(len(action.inputs) > 1 for action in moved)
    assert any(len(action.outputs) > 1 for action in moved)
    assert len(season.parts.store.lots(None, 1000)) == 21


def test_grams_never_grow(season: ImportWorld) -> None:
    for event in season.parts.store.events(limit=1000):
        action = event.proof.action
        if isinstance(action, Transformation):
            assert sum(out.grams for out in action.outputs) <= sum(line.grams for line in action.inputs)


def test_the_lots_to_show_are_what_they_promise(season: ImportWorld) -> None:
    lots = season_lots()
    assert set(lots) == {"verified", "pending", "under_way", "recalled"}
    events = {name: season.parts.store.events_of_lot(found.id) for name, found in lots.items()}
    assert any(isinstance(event.proof.action, Recall) for event in events["recalled"])
    assert isinstance(events["under_way"][-1].proof.action, Shipment)
    assert len(events["pending"]) == 1
    assert {event.body["bizStep"] for event in events["verified"]} >= {"packing", "shipping", "receiving", "inspecting"}


def test_everything_happened_in_the_season_and_before_its_end(season: ImportWorld) -> None:
    times = [str(event.body["eventTime"]) for event in season.parts.store.events(limit=1000)]
    assert min(times) >= "2026-07-01"
    assert max(times) < "2026-11-23"


def test_identifiers_stand_under_the_demonstration_prefix(season: ImportWorld) -> None:
    master = season.parts.store.master_data()
    keys = [f"{party:013d}" for party in master.parties] + [f"{gln:013d}" for gln, _ in master.places]
    assert all(key.startswith("952") and has_check_digit(key) for key in keys)
    products = [f"{product:014d}" for product in master.products]
    assert all(key[1:].startswith("952") and has_check_digit(key) for key in products)


def test_names_are_there_in_chinese_and_english(season: ImportWorld) -> None:
    master = season.parts.store.master_data()
    for named in (*master.parties.values(), *master.places.values(), *master.plots.values(), *master.products.values()):
        assert {"zh", "en"} <= set(named.name), named


def test_lots_are_named_by_digital_links(season: ImportWorld) -> None:
    assert lot_uri(lot("19520001000017", "HM2607A")) == "https://id.gs1.org/01/19520001000017/10/HM2607A"


def test_the_files_are_what_the_generator_makes() -> None:
    made = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "build_demo"), "--check"], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stdout
