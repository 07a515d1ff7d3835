"""
The packaged season: imports with nothing refused, adds up, shows what it promises, and is what its generator makes.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from import_world import ImportWorld, import_world
from ledger_fixture import LEDGER_DOMAIN, SECRET
from pypdfium2 import PdfDocument

from api.season import agreed_events, keep_papers, recent_events, record_agreed, season_folder, season_lots
from ledger.adapters.file_store import FolderFileStore
from ledger.adapters.image_cleaner import PillowCleaner
from ledger.domain.actions import (
    BirthAmendment,
    Disposal,
    Harvest,
    Intake,
    PartialReceipt,
    Pledge,
    PledgeRelease,
    PlotRegistration,
    Recall,
    Receipt,
    Release,
    Sale,
    Settlement,
    Shipment,
    Statement,
    Transformation,
    TransformationAmendment,
    Void,
    YieldCertificate,
    signer_of,
)
from ledger.domain.air_journey import Stage, journey_of
from ledger.domain.air_leg import air_leg_of
from ledger.domain.binding import acting_party
from ledger.domain.certificates import CertificateKind, Validity, certificate_of
from ledger.domain.digital_link import party_uri
from ledger.domain.gs1 import has_check_digit
from ledger.domain.identifiers import LotRef
from ledger.domain.master_data import MasterData, Role
from ledger.domain.records import RecordedEvent
from ledger.domain.sealing import open_sealed
from ledger.domain.sealing.kept import texts
from ledger.services.files import Files
from ledger.services.follow import trace_back, trace_forward
from ledger.services.proposals import Proposals

ROOT = Path(__file__).resolve().parents[2]
LOTS = 74
RECENT = "URC-PEARS-CAN"
TERM = "2026-12-31T18:00:00+08:00"
DESCENDANTS = {"WG0812A", "WC0812B", "GG0814-1", "GG0814-2"}


@pytest.fixture(scope="module")
def files() -> list[Path]:
    with season_folder() as folder:
        return sorted(path for path in folder.iterdir() if path.suffix in (".xlsx", ".jsonld"))


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory, files: list[Path], new_database: Callable[[], str]) -> ImportWorld:
    world = import_world(tmp_path_factory.mktemp("season"), MasterData(), new_database())
    assert world.importer.import_file(files[0].with_name("master.toml")).registered["parties"] == 17
    for path in files:
        if signed_by_two(path):
            assert record_agreed(proposals(world), agreed_events(path, TERM)) > 0
            continue
        report = world.importer.import_file(path)
        assert report.refused == (), path.name
        assert report.recorded > 0, path.name
        assert report.ignored_sheets == (), path.name
    return world


def signed_by_two(path: Path) -> bool:
    return path.stem.endswith("agreed")


def proposals(world: ImportWorld) -> Proposals:
    parts = world.parts
    return Proposals(parts.store, parts.signer, parts.clock, LEDGER_DOMAIN, SECRET, parts.keys)


@pytest.fixture(scope="module")
def events(season: ImportWorld) -> list[RecordedEvent]:
    return season.parts.store.events(limit=10_000)


def test_importing_it_again_changes_nothing(season: ImportWorld, files: list[Path]) -> None:
    before = season.events()
    for path in files:
        if signed_by_two(path):
            assert record_agreed(proposals(season), agreed_events(path, TERM)) == 0
            continue
        report = season.importer.import_file(path)
        assert (report.recorded, report.refused) == (0, ()), path.name
        assert report.repeated > 0, path.name
    assert season.events() == before


def test_the_totals(season: ImportWorld, events: list[RecordedEvent]) -> None:
    assert len(season.parts.store.lots(None, 1000)) == LOTS
    kinds = Counter(type(event.proof.action) for event in events)
    assert kinds[Intake] == 23
    assert kinds[Transformation] == 29
    assert kinds[Recall] == 2
    assert kinds[Release] == 1
    assert kinds[Sale] >= 30
    assert kinds[Disposal] >= 5
    assert kinds[Statement] >= 100
    assert kinds[PlotRegistration] == kinds[YieldCertificate] == 5
    assert kinds[PartialReceipt] == 4
    assert kinds[Pledge] == 2
    assert kinds[Settlement] == kinds[Void] == kinds[PledgeRelease] == 1
    assert kinds[BirthAmendment] == kinds[TransformationAmendment] == 1


def test_what_two_parties_sign_begun_and_cut_short_is_completed(tmp_path: Path, url: str, files: list[Path]) -> None:
    (agreed,) = [path for path in files if signed_by_two(path)]
    events = agreed_events(agreed, TERM)
    world = import_world(tmp_path, MasterData(), url)
    world.importer.import_file(agreed.with_name("master.toml"))
    for path in files[: files.index(agreed)]:
        world.importer.import_file(path)
    before = world.events()
    assert record_agreed(proposals(world), events[:1]) == 1
    proposals(world).propose(events[1], acting_party(events[1]))
    assert world.events() == before + 1, "a proposal is no event yet"
    assert record_agreed(proposals(world), events) == len(events) - 1
    assert world.events() == before + len(events)
    assert all(event.proof.co is not None for event in world.parts.store.events(limit=10_000)[before:])


def test_each_certified_plot_grows_what_is_picked_of_it_and_one_is_nearly_used_up(events: list[RecordedEvent]) -> None:
    actions = [event.proof.action for event in events]
    certified = {action.plot: action.grams for action in actions if isinstance(action, YieldCertificate)}
    plots = {action.plot for action in actions if isinstance(action, PlotRegistration)}
    assert certified.keys() == plots
    picked: Counter[bytes] = Counter()
    for action in actions:
        if isinstance(action, Harvest) and action.plot in plots:
            assert action.season == 2026
            picked[action.plot] += action.grams
    assert picked.keys() == plots, "a harvest of every certified plot"
    used = sorted(picked[plot] / certified[plot] for plot in plots)
    assert used[-1] == 0.99
    assert used[-2] < 0.8


def test_every_correction_names_an_event_that_is_there(events: list[RecordedEvent]) -> None:
    hashes = {event.content_hash.hex() for event in events}
    corrected = [event.body["silkroot:corrects"] for event in events if "silkroot:corrects" in event.body]
    assert len(corrected) == 2
    assert set(corrected) <= hashes


def test_who_takes_part(season: ImportWorld) -> None:
    parties = season.parts.store.master_data().parties.values()
    co_operatives = [party for party in parties if {Role.PRODUCER, Role.BUYER} <= set(party.roles)]
    assert len(co_operatives) == 3
    assert sum(party.roles == Role.PACKER for party in parties) == 2
    buyers = [party for party in parties if Role.BUYER in party.roles and Role.PRODUCER not in party.roles]
    assert {party.city["en"] for party in buyers} == {"Beijing", "Shanghai", "Guangzhou"}


def test_a_carrier_that_signs_and_one_that_is_only_named(season: ImportWorld, events: list[RecordedEvent]) -> None:
    parties = season.parts.store.master_data().parties
    carriers = {party.id for party in parties.values() if party.roles == Role.CARRIER}
    signing = {party for party in carriers if any(signer_of(event.proof.action) == party for event in events)}
    named = {str(event.body["silkroot:carrier"]) for event in events if "silkroot:carrier" in event.body}
    assert len(signing) == 1
    assert named == {party_uri(party) for party in carriers - signing}


def test_splits_merges_culls_and_loss(events: list[RecordedEvent]) -> None:
    made = [event.proof.action for event in events if isinstance(event.proof.action, Transformation)]
    assert sum(len(action.inputs) > 1 for action in made) >= 5
    assert sum(len(action.outputs) > 1 for action in made) >= 5
    for action in made:
        taken, given = sum(line.grams for line in action.inputs), sum(output.grams for output in action.outputs)
        assert 0.9 * taken < given < taken, "some is culled or lost, and little of it"


def test_the_air_leg_is_stated_with_flight_and_container(events: list[RecordedEvent]) -> None:
    legs = [event.body["silkroot:airLeg"] for event in events if "silkroot:airLeg" in event.body]
    legs = [leg for leg in legs if leg["consignment"] != RECENT]
    by_flight = Counter(leg["consignment"] for leg in legs)
    flown = [
        event
        for event in events
        if isinstance(event.proof.action, Shipment) and "URC-" in str(event.body["bizTransactionList"])
    ]
    assert len(by_flight) == len(flown) >= 20
    assert set(by_flight.values()) == {3}
    assert {leg["step"] for leg in legs} == {"screening", "build-up", "loaded"}
    assert all(leg["flight"] and leg["uld"] and leg["from"] == "URC" for leg in legs)
    assert {leg["to"] for leg in legs} == {"PEK", "SHA", "CAN"}


def test_of_the_recent_air_leg_a_part_comes_off_and_is_booked_again(events: list[RecordedEvent]) -> None:
    journey = journey_of(leg for event in events if (leg := air_leg_of(event.body)) and leg.consignment == RECENT)
    assert journey.oddities == ()
    aboard, off = journey.portions
    assert (aboard.stage, aboard.pieces, aboard.flight) == (Stage.ABOARD, 176, "ZZ6885")
    assert (off.stage, off.pieces, off.flight) == (Stage.GROUND, 120, "ZZ6887")


def test_the_recent_air_leg_is_moved_by_whole_days_to_the_day_asked_for(files: list[Path]) -> None:
    (path,) = [path for path in files if path.stem.endswith("recent")]
    written, moved = recent_events(path, date(2026, 1, 1)), recent_events(path, date(2027, 3, 1))
    assert [str(event["eventTime"]) for event in moved] == [
        str(event["eventTime"]).replace("2026-11-21", "2027-03-01") for event in written
    ]
    assert [leg_of["date"] for leg_of in (event["silkroot:airLeg"] for event in moved)] == [
        *["2027-03-01"] * 4, "2027-03-02"
    ]  # fmt: skip
    assert {str(event["eventTime"])[:10] for event in written} == {"2026-11-21"}, "never back before the lot was there"


def test_certificates_of_the_verified_lot_rest_on_those_of_what_went_in(events: list[RecordedEvent]) -> None:
    found = {event.content_hash: one for event in events if (one := certificate_of(event.body)) is not None}
    verified = season_lots()["verified"]
    promise, test = sorted(
        (one for one in found.values() if verified in one.lots), key=lambda one: one.file is not None
    )
    assert (promise.kind, test.kind) == (CertificateKind.PROMISE, CertificateKind.PESTICIDE_TEST)
    assert promise.promise is not None
    collected = [found[one] for one in promise.promise.collected]
    assert [[lot.code for lot in one.lots] for one in collected] == [["MH-260721"], ["JT-260721-A1"]]
    assert all(one.validity(date(2030, 1, 1)) is Validity.VALID for one in found.values())


def test_the_paper_that_a_certificate_stands_on_is_kept_and_says_that_it_is_an_example(
    season: ImportWorld, files: list[Path], tmp_path: Path
) -> None:
    (path,) = [path for path in files if path.stem.endswith("certificates")]
    parts = season.parts
    kept = Files(FolderFileStore(tmp_path), parts.store.files, PillowCleaner(), parts.clock)
    keep_papers(kept, path)
    keep_papers(kept, path)
    (named,) = {
        one.file for event in parts.store.events(limit=10_000) if (one := certificate_of(event.body)) and one.file
    }
    row, data = kept.read(named)
    assert row.party == 9520001000225
    text = PdfDocument(data)[0].get_textpage().get_text_range()
    assert "EXAMPLE" in text
    assert "This is not a test report" in text


def test_the_recall_reaches_exactly_four_descendants(season: ImportWorld) -> None:
    recalled = season_lots()["recalled"]
    reached = {step.lot for step in trace_forward(season.parts.store, recalled) if step.lot and step.depth}
    assert {found.code for found in reached} == DESCENDANTS
    assert season_lots()["recalled_descendant"] in reached


def test_a_basket_leads_back_to_all_that_is_in_it(season: ImportWorld) -> None:
    (basket,) = [ref for ref in season.parts.store.lots(None, 1000) if ref.code == "FB0920-1"]
    back = {step.lot.code for step in trace_back(season.parts.store, basket) if step.lot and step.depth}
    assert back >= {"HM0913A", "WC0904A", "KP0915A", "MH-260912", "PT-260903", "VY-260904-12", "SG-260912", "E3-260914"}


def test_the_lots_to_show_are_what_they_promise(season: ImportWorld) -> None:
    store = season.parts.store
    found = {name: store.events_of_lot(ref.id) for name, ref in season_lots().items()}
    last = {name: events[-1].proof.action for name, events in found.items()}
    assert set(found) >= {"verified", "pending", "under_way", "recalled"}
    assert any(isinstance(event.proof.action, Recall) for event in found["recalled"])
    assert isinstance(last["under_way"], Shipment)
    assert isinstance(last["destroyed"], Disposal)
    assert any(isinstance(event.proof.action, Release) for event in found["released"])
    assert len(found["pending"]) == 1
    assert {str(event.body["bizStep"]) for event in found["verified"]} >= {
        "packing", "shipping", "receiving", "inspecting", "loading"
    }  # fmt: skip
    assert isinstance(last["returned"], Receipt)
    assert isinstance(last["corrected"], TransformationAmendment)
    assert isinstance(last["pledged"], Pledge)
    assert {type(event.proof.action) for event in found["short"]} >= {PartialReceipt, Settlement}
    assert {type(event.proof.action) for event in found["voided"]} >= {Pledge, PledgeRelease, Void}
    (variance,) = [event.proof.action for event in found["variance"] if isinstance(event.proof.action, PartialReceipt)]
    assert all(line.accepted + line.refused + line.to_come > 0 for line in variance.lines)
    assert in_stock(found["sold_out"], season_lots()["sold_out"]) == 0
    assert in_stock(found["verified"], season_lots()["verified"]) > 0


def in_stock(events: list[RecordedEvent], lot: LotRef) -> int:
    """Grams born of the lot, less those sold, destroyed or made into something else."""
    grams = 0
    for action in (event.proof.action for event in events):
        if isinstance(action, Transformation):
            grams += sum(out.grams for out in action.outputs if (out.product, out.lot_code) == (lot.product, lot.code))
            grams -= sum(line.grams for line in action.inputs if line.lot == lot.id)
        elif isinstance(action, Sale | Disposal):
            grams -= sum(line.grams for line in action.lines if line.lot == lot.id)
    return grams


def test_the_pending_lot_stands_alone_in_its_file(files: list[Path]) -> None:
    (held,) = [path for path in files if path.stem.endswith("pending")]
    assert held == files[-1], "nothing may come after it: what is held back would hold up what follows"


def test_everything_happened_in_the_season_and_before_its_end(events: list[RecordedEvent]) -> None:
    times = [str(event.body["eventTime"]) for event in events]
    assert min(times) >= "2026-07-01"
    assert max(times) < "2026-11-23"


def test_everybody_receives_after_it_was_sent(events: list[RecordedEvent]) -> None:
    sent = {str(e.body["bizTransactionList"]): e for e in events if e.body.get("bizStep") == "shipping"}
    received = [e for e in events if e.body.get("bizStep") == "receiving"]
    references = {str(event.body["bizTransactionList"][0]) for event in received}
    voided = [event for event in events if isinstance(event.proof.action, Void)]
    returned = [event for event in events if "silkroot:receipt" in event.body and event.body["bizTransactionList"][1:]]
    assert len(returned) == 1
    assert len(references) == len(sent) - 1 - len(voided) + len(returned), "one consignment is under way"
    times = {str(event.body["bizTransactionList"][0]): str(event.body["eventTime"]) for event in sent.values()}
    for event in returned:
        _, back = event.body["bizTransactionList"]
        times[str(back | {"type": "desadv"})] = str(event.body["eventTime"])
    for event in received:
        assert times[str(event.body["bizTransactionList"][0])] < str(event.body["eventTime"])


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


def test_the_readme_names_every_file(files: list[Path]) -> None:
    told = files[0].with_name("README.md").read_text(encoding="utf-8")
    for path in files:
        number = path.name[:3]
        assert f"`{number}" in told, path.name


def test_the_files_are_what_the_generator_makes() -> None:
    made = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "build_demo"), "--check"], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stdout + made.stderr


def test_who_harvested_in_the_season_is_sealed_and_can_be_shown(season: ImportWorld) -> None:
    store = season.parts.store
    records = store.sealed_events(0, 10_000)
    places = Counter(item.place for record in records for item in record.disclosures)
    assert set(places) == {"/silkroot:harvester"}
    for record in records:
        assert "silkroot:harvester" not in record.body
        opened = open_sealed(record.body, texts(record.disclosures))
        assert opened.withheld == ()
    assert season.parts.fsck() == []
