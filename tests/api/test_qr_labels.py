"""QR codes and labels, read back by an independent decoder."""

from __future__ import annotations

import io

import httpx
import pytest
import zxingcpp
from fake_services import PUBLIC_URL, FakeWorld
from PIL import Image
from story_samples import CASES, LOT

from ledger.adapters.qr_labels import QUIET_ZONE, label_png, label_svg, lot_link, qr_matrix, qr_png, qr_svg
from ledger.domain.identifiers import LotRef, ProductId

CODES = ["A", "HM-2026-0807", "x" * 20, "A/B%C", "%&'()*+,-./:;<=>?_!\"", "0" * 20]


def decoded(png: bytes) -> zxingcpp.Barcode:
    """The one symbol in the picture."""
    (symbol,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)).convert("L"))
    return symbol


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("product", [CASES, 10**14 + 9])
def test_a_decoder_reads_the_lots_link(code: str, product: int) -> None:
    lot = LotRef(ProductId(product), code)
    link = lot_link(PUBLIC_URL + "/", lot)
    assert link.startswith(f"{PUBLIC_URL}/01/0" if product == CASES else f"{PUBLIC_URL}/lot/1")
    for picture in (qr_png(link, 4), label_png(PUBLIC_URL, lot)):
        symbol = decoded(picture)
        assert symbol.text == link
        assert symbol.format == zxingcpp.BarcodeFormat.QRCode
        assert symbol.ec_level in ("M", "Q", "H")


def test_the_quiet_zone_is_four_modules_of_white() -> None:
    matrix = qr_matrix(lot_link(PUBLIC_URL, LOT))
    size = len(matrix)
    assert QUIET_ZONE == 4
    for y, row in enumerate(matrix):
        for x, dark in enumerate(row):
            if min(x, y, size - 1 - x, size - 1 - y) < QUIET_ZONE:
                assert not dark
    assert matrix[4][4]


def test_the_svg_draws_exactly_the_modules() -> None:
    link = lot_link(PUBLIC_URL, LOT)
    matrix = qr_matrix(link)
    path = qr_svg(link).split('<path d="')[1].split('"')[0]
    drawn = [[False] * len(matrix) for _ in matrix]
    for run in path.split("M")[1:]:
        corner, _, width = run.removesuffix("z").split("v1h-")[0].partition("h")
        x, y = map(int, corner.split())
        drawn[y][x : x + int(width)] = [True] * int(width)
    assert drawn == matrix


def test_a_label_svg_escapes_the_lot_code() -> None:
    svg = label_svg(PUBLIC_URL, LotRef(CASES, "<A&B>"))
    assert "&lt;A&amp;B&gt;" in svg
    assert "<A&B>" not in svg


def test_text_beyond_any_symbol_is_refused() -> None:
    with pytest.raises(ValueError, match="no QR code holds 5000 characters"):
        qr_matrix("x" * 5000)


async def test_pictures_over_http(client: httpx.AsyncClient) -> None:
    base = f"/lots/{CASES:014d}/{LOT.code}"
    for name in ("qr.png", "label.png"):
        response = await client.get(f"{base}/{name}")
        assert response.headers["content-type"] == "image/png"
        assert decoded(response.content).text == lot_link(PUBLIC_URL, LOT)
    for name in ("qr.svg", "label.svg"):
        response = await client.get(f"{base}/{name}")
        assert response.headers["content-type"].startswith("image/svg+xml")
        assert response.text.startswith("<svg")


@pytest.mark.parametrize("name", ["qr.svg", "qr.png", "label.svg", "label.png"])
async def test_no_picture_of_a_lot_that_does_not_exist(client: httpx.AsyncClient, world: FakeWorld, name: str) -> None:
    assert (await client.get(f"/lots/{CASES:014d}/NOPE/{name}")).status_code == 404
