"""Files in a store: kept with their rows, read, erased, checked; photos that events name."""

from __future__ import annotations

from pathlib import Path

import event_builders as b
import pytest
import sample_files as s
from ledger_fixture import START, World

from ledger.adapters.file_store import FolderFileStore
from ledger.adapters.image_cleaner import PillowCleaner
from ledger.domain.errors import InvalidInput, NotFound, Refused
from ledger.domain.files import FileHash, Media, hash_of, uri_of
from ledger.services.files import Files

NOW = int(START)


@pytest.fixture
def files(world: World) -> Files:
    return Files(FolderFileStore(world.folder / "files"), world.store.files, PillowCleaner(), world.clock)


def places(world: World) -> list[Path]:
    return [path for path in (world.folder / "files").rglob("*") if path.is_file()]


def test_a_pdf_is_kept_as_it_came(files: Files) -> None:
    kept = files.keep(s.PDF, b.FARM, "aigul")
    assert (kept.hash, kept.media, kept.size) == (hash_of(s.PDF), Media.PDF, len(s.PDF))
    assert (kept.party, kept.person, kept.kept_at) == (b.FARM, "aigul", NOW)
    assert files.read(kept.hash) == (kept, s.PDF)
    assert files.known([kept.hash, FileHash(bytes(32))]) == {kept.hash: kept}


def test_a_photo_is_named_by_what_is_kept_of_it(files: Files) -> None:
    kept = files.keep(s.photo(notes=True), b.FARM, "aigul")
    _, data = files.read(kept.hash)
    assert hash_of(data) == kept.hash
    assert s.place_in(data) == {}
    with_place = files.keep(s.photo(notes=True), b.FARM, "aigul", keep_location=True)
    assert with_place.hash != kept.hash
    assert s.place_in(files.read(with_place.hash)[1]) != {}


def test_the_same_file_twice_is_the_first_one(world: World, files: Files) -> None:
    first = files.keep(s.PDF, b.FARM, "aigul")
    world.clock.time += 60
    assert files.keep(s.PDF, b.BUYER, "wei") == first
    assert len(places(world)) == 1


@pytest.mark.parametrize(
    ("data", "rule"), [(b"", "file.empty"), (s.HTML, "file.kind"), (s.photo()[:200], "file.not-an-image"),
                   (s.PDF + bytes(8_000_000), "file.too-large")],
)  # fmt: skip
def test_of_what_is_refused_nothing_is_kept(world: World, files: Files, data: bytes, rule: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        files.keep(data, b.FARM, "aigul")
    assert [violation.rule for violation in caught.value.violations] == [rule]
    assert world.sql("SELECT count(*) FROM files") == [(0,)]
    assert not (world.folder / "files").exists()


def test_an_erased_file_is_gone_and_may_come_again(world: World, files: Files) -> None:
    kept = files.keep(s.PDF, b.FARM, "aigul")
    files.erase(kept.hash)
    assert places(world) == []
    assert world.sql("SELECT person FROM files") == [("",)]
    for again in (files.read, files.erase):
        with pytest.raises(NotFound):
            again(kept.hash)
    assert files.problems() == []
    assert files.keep(s.PDF, b.BUYER, "wei").party == b.BUYER
    assert files.read(kept.hash)[1] == s.PDF


def test_what_is_held_is_not_erased_before_its_time(world: World) -> None:
    store = FolderFileStore(world.folder / "files")
    files = Files(store, world.store.files, PillowCleaner(), world.clock, lambda _file: NOW + 100)
    kept = files.keep(s.PDF, b.FARM, "aigul")
    world.clock.time = START + 99
    with pytest.raises(Refused) as caught:
        files.erase(kept.hash)
    assert [violation.rule for violation in caught.value.violations] == ["file.held"]
    assert files.read(kept.hash)[1] == s.PDF
    world.clock.time = START + 100
    files.erase(kept.hash)


def test_a_check_finds_files_that_are_gone_or_changed(world: World, files: Files) -> None:
    gone, changed = files.keep(s.PDF, b.FARM, "a"), files.keep(s.photo("PNG"), b.FARM, "a")
    erased = files.keep(s.photo(), b.FARM, "a")
    assert files.problems() == []
    by_name = {path.name: path for path in places(world)}
    by_name[gone.hash.hex()].unlink()
    by_name[changed.hash.hex()].write_bytes(b"something else")
    files.erase(erased.hash)
    FolderFileStore(world.folder / "files").put(by_name[erased.hash.hex()].name.encode())  # of no row: left alone
    assert sorted(what.partition(": ")[2] for what in files.problems()) == [
        f"file {changed.hash.hex()} is not what was kept: it was changed on disk",
        "its bytes are gone",
    ]


def test_events_name_photos_by_their_hash(world: World) -> None:
    named = [uri_of(hash_of(b"one")), uri_of(hash_of(b"two"))]
    (recorded,) = world.record(b.changed(b.harvest(), "silkroot:photos", named))
    assert recorded.body["silkroot:photos"] == named
    wrong = b.harvest(lot=b.HARVEST_LOT) | {"silkroot:photos": ["https://example.org/a.jpg"]}
    assert world.refusal(wrong) == ["file.uri"]
