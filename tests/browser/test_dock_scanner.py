"""
The scanner of the dock before a camera that is fed with pictures of printed labels, and with pictures as files.

Chromium on Linux has no detector of its own, so that WebAssembly reads here. The other way is tested with a detector of
the same interface that really reads what it is given.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import event_builders as b
import pytest
from camera_pictures import code_picture, film, picture_of
from dock_phone import PHONE, at_dock, phone, ready
from dock_world import LOT, DockWorld, dock_world, served
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from ledger.adapters.qr_labels import label_png, qr_png

SSCC = b.sscc(7).rpartition("/")[2]
GTIN = f"{int(LOT.product):014d}"
CASE = f"(01){GTIN}(10){LOT.code}(21)S7"
CODES = {
    "our own label": lambda: picture_of(label_png("https://trace.example", LOT)),
    "GS1-128 of a pallet": lambda: code_picture("Code128", f"(00){SSCC}"),
    "GS1-128 of a case": lambda: code_picture("Code128", f"(02){GTIN}(37)33(10){LOT.code}", 2),
    "DataMatrix of a case": lambda: code_picture("DataMatrix", CASE, 14),
}
OWN_DETECTOR = """
  globalThis.BarcodeDetector = class {
    static getSupportedFormats = async () => FORMATS;
    constructor({formats}) { globalThis.asked = formats; }
    async detect(source) {
      globalThis.looked = (globalThis.looked ?? 0) + 1;
      const {readCodes} = await import(JSON.parse(document.getElementById("staff").textContent).scanner);
      const [width, height] = [source.videoWidth ?? source.width, source.videoHeight ?? source.height];
      if (!width || !FINDS) return [];
      const context = new OffscreenCanvas(width, height).getContext("2d");
      context.drawImage(source, 0, 0);
      const pixels = context.getImageData(0, 0, width, height);
      return (await readCodes(pixels, ["QRCode", "DataMatrix", "Code128"], true)).map((rawValue) => ({rawValue}));
    }
  };
"""
ALL = '["qr_code", "data_matrix", "code_128", "ean_13"]'


@pytest.fixture
def world(tmp_path: Path) -> DockWorld:
    world = dock_world(tmp_path / "ledger")
    world.harvest()
    world.ship(SSCC)
    return world


@pytest.fixture
def address(world: DockWorld) -> Iterator[str]:
    with served(world) as address:
        yield address


def camera(path: Path) -> tuple[str, ...]:
    """A camera that sees that film."""
    fake = "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"
    return (*fake, f"--use-file-for-fake-video-capture={path}")


def as_file(picture: Image.Image) -> FilePayload:
    """The picture as a phone's photo: JPEG, on a larger ground."""
    ground = Image.new("RGB", (picture.width + 300, picture.height + 300), "#b5a98f")
    ground.paste(picture.convert("RGB"), (150, 150))
    out = io.BytesIO()
    ground.save(out, "JPEG", quality=80)
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def found(page: Page) -> None:
    expect(page.locator("#result a.pick")).to_contain_text(SSCC, timeout=20_000)


@pytest.mark.parametrize("name", CODES)
def test_the_camera_reads_it_without_a_network(world: DockWorld, address: str, tmp_path: Path, name: str) -> None:
    movie = film(CODES[name](), tmp_path / "label.y4m")
    with phone(tmp_path / "phone", PHONE, *camera(movie)) as context:
        page = at_dock(world, context, address)
        context.set_offline(True)
        page.goto(f"{address}/staff/scan")
        page.wait_for_selector("html[data-ready=yes]")
        assert page.locator("html").get_attribute("data-reader") == "zxing"
        page.get_by_role("button", name="Scan with the camera").click()
        found(page)
        expect(page.locator("#viewer")).to_be_hidden()


def test_pictures_are_read(world: DockWorld, address: str, tmp_path: Path) -> None:
    with phone(tmp_path / "phone") as context:
        page = at_dock(world, context, address)
        ready(page, address, "scan")
        for make in CODES.values():
            page.locator("#picture").set_input_files(as_file(make()))
            found(page)
        page.locator("#picture").set_input_files(as_file(picture_of(qr_png("https://elsewhere.example/melons"))))
        expect(page.locator("#say")).to_contain_text("Nothing on its way to you has this code")
        page.locator("#picture").set_input_files(as_file(Image.new("L", (300, 300), 255)))
        expect(page.locator("#say")).to_contain_text("No code was found")
        page.locator("#picture").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"})
        expect(page.locator("#say")).to_contain_text("This file is no picture")


def test_the_browsers_own_detector_reads_where_it_knows_all(world: DockWorld, address: str, tmp_path: Path) -> None:
    movie = film(CODES["DataMatrix of a case"](), tmp_path / "label.y4m")
    with phone(tmp_path / "phone", PHONE, *camera(movie)) as context:
        page = at_dock(world, context, address)
        page.add_init_script(OWN_DETECTOR.replace("FORMATS", ALL).replace("FINDS", "true"))
        ready(page, address, "scan")
        assert page.locator("html").get_attribute("data-reader") == "own"
        page.get_by_role("button", name="Scan with the camera").click()
        found(page)
        assert page.evaluate("[asked.length, looked > 0]") == [3, True]


@pytest.mark.parametrize(
    ("formats", "way", "looked"),
    [(ALL, "own", True), ('["qr_code"]', "zxing", False)],
    ids=["finds nothing", "QR only"],
)
def test_webassembly_reads_what_the_detector_does_not(
    world: DockWorld, address: str, tmp_path: Path, formats: str, way: str, looked: bool
) -> None:
    with phone(tmp_path / "phone") as context:
        page = at_dock(world, context, address)
        page.add_init_script(OWN_DETECTOR.replace("FORMATS", formats).replace("FINDS", "false"))
        ready(page, address, "scan")
        assert page.locator("html").get_attribute("data-reader") == way
        page.locator("#picture").set_input_files(as_file(CODES["GS1-128 of a pallet"]()))
        found(page)
        assert page.evaluate("(globalThis.looked ?? 0) > 0") is looked


def test_typed_numbers(world: DockWorld, address: str, tmp_path: Path) -> None:
    with phone(tmp_path / "phone") as context:
        page = at_dock(world, context, address)
        ready(page, address, "scan")
        number, find = page.get_by_label("Or type what stands below the code"), page.get_by_role("button", name="Find")
        wrong = f"{SSCC[:-1]}{(int(SSCC[-1]) + 1) % 10}"
        for typed, told in (
            (wrong, "One digit of this number is wrong"),
            (f"(01){GTIN}(10)", "This code is damaged"),
            ("D-99", "Nothing on its way to you has this code: D-99"),
        ):
            number.fill(typed)
            find.click()
            expect(page.locator("#say")).to_contain_text(told)
            expect(page.locator("#result a.pick")).to_have_count(0)
        for typed in (SSCC, f"{SSCC[:9]} {SSCC[9:]}", LOT.code):
            number.fill(typed)
            find.click()
            found(page)


def test_without_a_camera_the_page_says_what_to_do(world: DockWorld, address: str, tmp_path: Path) -> None:
    with phone(tmp_path / "phone") as context:
        page = at_dock(world, context, address)
        ready(page, address, "scan")
        page.get_by_role("button", name="Scan with the camera").click()
        expect(page.locator("#say")).to_contain_text("The camera cannot be used here.")
