"""Files by their hash: names, kinds by content, what is taken out of a photo, what is refused."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
import sample_files as s
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ledger.adapters.file_store import FolderFileStore
from ledger.adapters.image_cleaner import LONGEST_SIDE, PillowCleaner
from ledger.adapters.image_cleaner_on_demand import CleanerOnDemand
from ledger.domain.errors import InvalidInput, StoreError
from ledger.domain.files import (
    MOST_BYTES,
    MOST_PHOTOS,
    FileHash,
    Media,
    check_size,
    hash_in_hex,
    hash_in_uri,
    hash_of,
    media_of,
    photos_of,
    uri_of,
)

CONTEXT = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"sr": "https://silkroot.example/epcis/"}]


def rule_of(caught: pytest.ExceptionInfo[InvalidInput]) -> str:
    (violation,) = caught.value.violations
    return violation.rule


def test_the_uri_of_a_hash_is_that_of_rfc_6920() -> None:
    """Section 8.1: the text "Hello World!"."""
    assert uri_of(hash_of(b"Hello World!")) == "ni:///sha-256;f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk"


@given(st.binary(min_size=32, max_size=32))
def test_a_uri_and_a_hash_are_one(data: bytes) -> None:
    name = FileHash(data)
    assert hash_in_uri("/x", uri_of(name)) == name
    assert hash_in_hex("x", name.hex()) == name


GOOD = uri_of(hash_of(b"x"))


@pytest.mark.parametrize(
    "value",
    [
        None, 7, [], "", GOOD[:-1], GOOD + "=", GOOD + "A", GOOD.replace("ni:", "NI:"),
        GOOD.replace("sha-256", "sha-1"),
        GOOD[:-1] + "*", GOOD + "?ct=image/jpeg", "https://example.org/a.jpg", "javascript:alert(1)",
        # Other last characters decode to the same bytes: a hash has one text only.
        uri_of(FileHash(bytes(32)))[:-1] + "B",
    ],
)  # fmt: skip
def test_any_other_text_names_no_file(value: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        hash_in_uri("/x", value)
    assert rule_of(caught) == "file.uri"


@pytest.mark.parametrize("text", ["", "a" * 63, "A" * 64, "g" * 64, "../" + "a" * 61])
def test_an_address_ends_in_hex(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        hash_in_hex("hash", text)
    assert rule_of(caught) == "file.hash"


@pytest.mark.parametrize(
    ("data", "media"),
    [(s.photo("JPEG"), Media.JPEG), (s.photo("PNG"), Media.PNG), (s.photo("WEBP"), Media.WEBP), (s.PDF, Media.PDF)],
)
def test_a_file_is_what_is_in_it(data: bytes, media: Media) -> None:
    assert media_of(data) is media


@pytest.mark.parametrize(
    "data", [s.HTML, s.SVG, b"GIF89a" + bytes(20), b"MZ" + bytes(50), s.PDF[:-8], b" " + s.PDF, b"x", b"\xff\xd8"]
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        media_of(data)
    assert rule_of(caught) == "file.kind"


def test_a_file_has_at_most_eight_megabytes() -> None:
    check_size(MOST_BYTES)
    for size, rule in ((MOST_BYTES + 1, "file.too-large"), (0, "file.empty")):
        with pytest.raises(InvalidInput) as caught:
            check_size(size)
        assert rule_of(caught) == rule


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_only_pixels_are_kept_of_a_photo(form: str) -> None:
    given_photo = s.photo(form, notes=True)
    assert s.place_in(given_photo)
    assert all(secret in given_photo for secret in s.SECRETS if form == "JPEG" or secret != s.SECRETS[2])
    made, media = PillowCleaner().clean(given_photo, media_of(given_photo), keep_location=False)
    assert media is (Media.PNG if form == "PNG" else Media.JPEG)
    assert media_of(made) is media
    assert not any(secret in made for secret in s.SECRETS)
    with Image.open(io.BytesIO(made)) as image:
        assert not dict(image.getexif())
        # It lay on its side: now it stands upright.
        assert image.size == (48, 64)
        pixel = image.convert("RGB").getpixel((47, 0))
        assert isinstance(pixel, tuple)
        assert min(pixel) > 240


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_the_place_alone_is_kept_where_that_is_asked_for(form: str) -> None:
    given_photo = s.photo(form, notes=True)
    made, _ = PillowCleaner().clean(given_photo, media_of(given_photo), keep_location=True)
    assert s.place_in(made) == s.place_in(given_photo)
    assert not any(secret in made for secret in s.SECRETS)


def test_a_large_photo_is_made_as_large_as_a_screen_can_use() -> None:
    made, _ = PillowCleaner().clean(s.photo("JPEG", (5000, 2500)), Media.JPEG, keep_location=False)
    with Image.open(io.BytesIO(made)) as image:
        assert max(image.size) <= LONGEST_SIDE
        assert image.width == 2 * image.height


def test_what_shines_through_is_white_in_a_jpeg() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(out, "WEBP", lossless=True)
    made, _ = PillowCleaner().clean(out.getvalue(), Media.WEBP, keep_location=False)
    with Image.open(io.BytesIO(made)) as image:
        pixel = image.getpixel((4, 4))
        assert isinstance(pixel, tuple)
        assert min(pixel) > 250


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("size", [(8000, 8000), (200_000, 200_000)])
def test_few_bytes_of_very_many_pixels_are_never_unpacked(size: tuple[int, int]) -> None:
    bomb = s.png_bomb(*size)
    assert len(bomb) < 100_000
    with pytest.raises(InvalidInput) as caught:
        PillowCleaner().clean(bomb, Media.PNG, keep_location=False)
    assert rule_of(caught) == "file.too-many-pixels"


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (s.photo("JPEG")[:200], Media.JPEG),
        (b"\xff\xd8\xff" + s.HTML, Media.JPEG),
        (b"\x89PNG\r\n\x1a\n" + s.HTML, Media.PNG),
        (s.photo("PNG")[:60], Media.PNG),
        (b"RIFF\x10\0\0\0WEBP" + bytes(16), Media.WEBP),
        # One kind in the clothes of another is not tried as that other.
        (s.photo("PNG"), Media.JPEG),
    ],
)
def test_what_only_begins_like_a_photo_is_refused(data: bytes, media: Media) -> None:
    with pytest.raises(InvalidInput) as caught:
        PillowCleaner().clean(data, media, keep_location=False)
    assert rule_of(caught) == "file.not-an-image"


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@given(st.integers(0, 300), st.integers(0, 255))
def test_a_damaged_photo_is_refused_or_shown_but_never_fails(at: int, byte: int) -> None:
    data = bytearray(s.photo("JPEG", notes=True))
    data[at] = byte
    try:
        made, media = PillowCleaner().clean(bytes(data), Media.JPEG, keep_location=True)
    except InvalidInput as error:
        rule = error.violations[0].rule
    else:
        rule = f"made {media_of(made)}"
        assert media is Media.JPEG
    assert rule in ("made image/jpeg", "file.not-an-image", "file.too-many-pixels")


def test_a_kept_file_comes_back_and_a_second_one_is_the_first(tmp_path: Path) -> None:
    store = FolderFileStore(tmp_path / "files")
    assert list(store.hashes()) == []
    name = store.put(b"a melon")
    assert name == hash_of(b"a melon") == store.put(b"a melon")
    assert store.get(name) == b"a melon"
    assert list(store.hashes()) == [name]
    assert [path.name for path in (tmp_path / "files").rglob("*") if path.is_file()] == [name.hex()]
    store.remove(name)
    assert store.get(name) is None
    store.remove(name)


def test_a_file_that_was_changed_on_disk_is_not_shown(tmp_path: Path) -> None:
    store = FolderFileStore(tmp_path)
    name = store.put(b"a melon")
    (tmp_path / name.hex()).write_bytes(b"a lemon")
    with pytest.raises(StoreError, match="changed on disk"):
        store.get(name)
    store.put(b"a melon")
    assert store.get(name) == b"a melon"


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("a file in the way")
    with pytest.raises(StoreError, match="could not be kept"):
        FolderFileStore(tmp_path / "files").put(b"a melon")


def test_an_event_names_its_photos() -> None:
    named = [uri_of(hash_of(bytes([number]))) for number in range(3)]
    assert photos_of({"@context": CONTEXT, "sr:photos": named}) == tuple(
        hash_of(bytes([number])) for number in range(3)
    )
    assert photos_of({"@context": CONTEXT}) == ()


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (GOOD, "photos.list"), ([], "photos.list"), ({}, "photos.list"), (None, "photos.list"),
        ([uri_of(hash_of(bytes([number]))) for number in range(MOST_PHOTOS + 1)], "photos.list"),
        ([GOOD, GOOD], "photos.twice"), (["http://example.org/a.jpg"], "file.uri"),
    ],
)  # fmt: skip
def test_other_lists_of_photos_are_refused(value: object, rule: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        photos_of({"@context": CONTEXT, "sr:photos": value})
    assert rule_of(caught) == rule
    assert re.match(r"/sr:photos", caught.value.violations[0].field)


@pytest.mark.parametrize("keep_location", [True, False])
def test_the_cleaner_that_is_imported_on_demand_is_the_same(keep_location: bool) -> None:
    data = s.photo("JPEG", (64, 48))
    cleaners = (CleanerOnDemand(), PillowCleaner())
    first, second = (one.clean(data, Media.JPEG, keep_location=keep_location) for one in cleaners)
    assert first == second
    for one in cleaners:
        with pytest.raises(InvalidInput, match="begins like a photo"):
            one.clean(data[:20], Media.JPEG, keep_location=keep_location)
