"""Labels of recorded lots: what is printed, of which lots, how many; from the packaged season's workbooks."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pypdfium2
import pytest
from import_world import ImportWorld, import_world
from label_samples import read
from ledger_fixture import FixedClock
from PIL import Image

from api.control.labelling import cases_of, label_of, labels
from api.localization import words
from api.season import season_folder
from ledger.adapters.master_data_toml import read_master_data
from ledger.adapters.workbook import read_workbook
from ledger.domain.errors import InvalidInput, NotFound
from ledger.domain.identifiers import LotRef
from ledger.domain.master_data import MasterData, text_in
from ledger.services.import_file import EventCapture, Importer, Registration
from ledger.services.label_facts import Born, LabelFacts, facts_of
from ledger.services.labels import Labels

URL = "https://silkroot.example"
PACKED = "20-east-tianshan-w30.xlsx"
GROWN = "10-melon-cooperative-w30.xlsx"
NOT_IMPORTED = "11-melon-cooperative-w32.xlsx"


class Season:
    """The first files of the season in a store, and the operation over it."""

    def __init__(self, world: ImportWorld, folder: Path) -> None:
        self.store, self.folder = world.parts.store, folder
        self.settings = SimpleNamespace(url=URL)
        self.progress: list[tuple[int, int]] = []

    def importer(self, capture: EventCapture, register: Registration) -> Importer:
        return Importer(self.store, capture, register, read_workbook=read_workbook, read_master_data=read_master_data)

    async def labels(self, *files: str, lots: tuple[str, ...] = (), **changed: Any) -> dict[str, Any]:
        params = {
            "lots": list(lots), "files": [str(self.folder / file) for file in files], "format": "100x70", "type": "pdf",
            "languages": ["zh", "en", "ug"], "copies": 1, "per_case": False, "skip": 0,
        }  # fmt: skip
        ledger: Any = self
        return await labels(ledger, params | changed, lambda done, total, what: self.progress.append((done, total)))


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Season]:
    with season_folder() as folder:
        world = import_world(tmp_path_factory.mktemp("labels"), MasterData())
        for name in ("master.toml", GROWN, "13-melon-farm.xlsx", PACKED):
            world.importer.import_file(folder / name)
        yield Season(world, folder)


def document(result: dict[str, Any]) -> pypdfium2.PdfDocument:
    (file,) = result["files"]
    return pypdfium2.PdfDocument(base64.b64decode(file["data"]))


def pages(result: dict[str, Any]) -> list[Image.Image]:
    return [page.render(scale=203.2 / 72).to_pil() for page in document(result)]


def packed_lots(season: Season) -> list[LotRef]:
    return [lot for lot in season.store.lots(None, 100) if facts_of(season.store, lot).born is Born.PACKING]


async def test_all_lots_that_a_file_packed_get_a_label(season: Season) -> None:
    result = await season.labels(PACKED)
    expected = {f"{URL}/01/{lot.product:014d}/10/{lot.code}" for lot in packed_lots(season)}
    assert len(expected) > 1
    assert {lot["uri"] for lot in result["lots"]} == expected
    assert {read(page)[0] for page in pages(result)} == expected
    assert season.progress[-1] == (len(expected), len(expected))
    assert result["missing"] == []


async def test_a_file_that_only_buys_in_gets_labels_of_what_it_bought(season: Season) -> None:
    result = await season.labels(GROWN)
    assert {facts_of(season.store, lot).born for lot in season.store.lots(None, 100)} > {Born.PACKING}
    assert result["labels"] > 1


async def test_a_picture_for_each_lot(season: Season) -> None:
    lots = packed_lots(season)
    result = await season.labels(lots=tuple(map(str, lots)), type="png", format="60x40", languages=["zh"])
    assert [file["name"] for file in result["files"]] == [f"{lot.product:014d}-{lot.code}.png" for lot in lots]
    for file, lot in zip(result["files"], result["lots"], strict=True):
        assert read(Image.open(io.BytesIO(base64.b64decode(file["data"])))) == [lot["uri"]]


async def test_copies_and_one_for_each_case(season: Season) -> None:
    lot = packed_lots(season)[0]
    assert len(document(await season.labels(lots=(str(lot),), copies=3))) == 3
    facts, master = facts_of(season.store, lot), season.store.master_data()
    cases = cases_of(facts, master)
    assert cases * master.products[lot.product].net_grams == facts.grams
    result = await season.labels(lots=(str(lot),), per_case=True, format="a4", languages=["zh"])
    assert result["labels"] == cases
    assert len(document(result)) == -(-cases // 24)


async def test_what_was_not_imported_gets_none_and_says_so(season: Season) -> None:
    with pytest.raises(NotFound, match="import"):
        await season.labels(NOT_IMPORTED)
    result = await season.labels(PACKED, NOT_IMPORTED)
    assert len(result["missing"]) > 1
    assert len(result["lots"]) == len(packed_lots(season))
    with pytest.raises(NotFound, match="brings the lot"):
        await season.labels(lots=("09521234000013/NOWHERE",))


async def test_a4_takes_the_sheet_with_the_most_stickers_on_which_everything_fits(season: Season) -> None:
    assert (await season.labels(PACKED, format="a4", languages=["zh"]))["format"] == "a4-24"
    assert (await season.labels(PACKED, format="a4"))["format"] == "a4-8"


async def test_refusals(season: Season) -> None:
    lot = str(packed_lots(season)[0])
    for rule, changed in {
        "label.format": {"format": "a5"},
        "label.sheet-type": {"format": "a4", "type": "png"},
        "label.too-many": {"copies": 50_001},
    }.items():
        with pytest.raises(InvalidInput) as refused:
            await season.labels(lots=(lot,), **changed)
        assert [violation.rule for violation in refused.value.violations] == [rule]
    with pytest.raises(InvalidInput) as refused:
        await season.labels(PACKED, format="60x40")  # three languages on the smallest
    assert {violation.rule for violation in refused.value.violations} == {"label.overflow"}
    assert len({violation.field.split()[0] for violation in refused.value.violations}) > 1, "every lot is named"
    with pytest.raises(InvalidInput) as refused:
        await season.labels("master.toml")
    assert [violation.rule for violation in refused.value.violations] == ["label.no-lots"]


async def test_each_label_of_a_lot_may_have_a_serial_of_its_own(season: Season) -> None:
    lot = packed_lots(season)[0]
    labels_of = Labels(season.store.labels, FixedClock())
    ledger: Any = SimpleNamespace(store=season.store, settings=season.settings, labels=lambda: labels_of)
    params = {
        "lots": [str(lot)], "files": [], "format": "100x70", "type": "png", "languages": ["zh"], "copies": 1,
        "per_case": False, "skip": 0, "serials": 3,
    }  # fmt: skip
    result = await labels(ledger, params, lambda *_: None)
    links = [read(Image.open(io.BytesIO(base64.b64decode(file["data"]))))[0] for file in result["files"]]
    start = f"{URL}/01/{lot.product:014d}/10/{lot.code}/21/"
    assert all(link.startswith(start) for link in links)
    numbers = [labels_of.look(lot, link.removeprefix(start)).number for link in links]
    assert numbers == [1, 2, 3]
    cases = facts_of(season.store, lot).cases
    assert cases
    with pytest.raises(InvalidInput) as refused:
        await labels(ledger, params | {"serials": cases - 2}, lambda *_: None)
    assert [violation.rule for violation in refused.value.violations] == ["label.serials-cases"]
    with pytest.raises(InvalidInput):
        await labels(ledger, params | {"format": "60x40", "languages": ["zh", "en", "ug"]}, lambda *_: None)
    assert labels_of.look(lot).issued == 3, "what could not be printed has no serials"


def test_cases_that_nobody_counted_and_that_do_not_come_out_even_are_refused(season: Season) -> None:
    facts = facts_of(season.store, packed_lots(season)[0])
    odd = LabelFacts(facts.lot, facts.born, facts.party, facts.moment, type(facts.grams)(facts.grams + 1), None, ())
    with pytest.raises(InvalidInput, match=r"label\.cases"):
        cases_of(odd, season.store.master_data())


def test_the_words_come_from_the_record_in_each_language(season: Season) -> None:
    lot = packed_lots(season)[0]
    facts, master = facts_of(season.store, lot), season.store.master_data()
    made = label_of(facts, master, [words("zh"), words("en"), words("ug")], URL)
    product = master.products[lot.product]
    for text in made.texts:
        values = {detail.field: detail.value for detail in text.details}
        assert text.product == text_in(product.name, text.language)
        assert values["date"] == words(text.language).date(facts.moment)
        assert values["net-weight"] == words(text.language).kilograms(product.net_grams)
        assert values["packer"] == text_in(master.parties[facts.party].name, text.language)
        assert "哈密" in values["origin"] or text.language != "zh"
        assert all(values.values())
    assert made.product_number == f"(01) {lot.product:014d}"
    assert [text.details[0].caption for text in made.texts][:2] == ["品种", "Variety"]


def test_loose_fruit_weighs_what_was_recorded(season: Season) -> None:
    master = season.store.master_data()
    lot = next(lot for lot in season.store.lots(None, 100) if master.products[lot.product].bulk_of)
    facts = facts_of(season.store, lot)
    (text,) = label_of(facts, master, [words("en")], URL).texts
    assert words("en").kilograms(facts.grams) in {detail.value for detail in text.details}
