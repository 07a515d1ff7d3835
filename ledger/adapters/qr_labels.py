"""
QR codes and plain labels of lots, as SVG and PNG; no files, no network.

A symbol carries the lot's GS1 Digital Link URI on the service's public URL (GS1 Digital Link 1.5, section 4), so that
any phone opens the lot's page. It is model 2, error correction M (ISO/IEC 18004: 15% of the codewords may be lost),
with the quiet zone of four modules that the standard demands. A label adds the GTIN and the lot code in Latin letters
below, the human readable interpretation of GS1 General Specifications, section 4.14.

`ValueError` for text that no symbol can hold; a `LotRef` never gives such text. Libraries are imported by the first
symbol: a service that only takes events draws none.
"""

from __future__ import annotations

import io
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from ledger.adapters.qr_masks import best_masked, differences, rows_of
from ledger.domain.digital_link import lot_uri
from ledger.domain.identifiers import FIRST_ALLOTTED_PRODUCT, LotRef

if TYPE_CHECKING:
    from PIL import Image

QUIET_ZONE = 4
"""Modules of white on each side."""

_LEVELS = {"M": 0, "L": 1, "H": 2, "Q": 3}
"""How the format information of a symbol names error correction (ISO/IEC 18004, table 12), and `qrcode` too."""

Matrix = list[list[bool]]


def lot_link(public_url: str, lot: LotRef) -> str:
    """The URI that the lot's label carries: `{public_url}/01/{gtin14}/10/{lot}`, or `/lot/{product}/{lot}`."""
    return lot_uri(lot, host=public_url.rstrip("/"))


def label_link(public_url: str, lot: LotRef, serial: str) -> str:
    """The URI of one label of the lot: that of the lot, and the serial (AI 21) behind it."""
    return f"{lot_link(public_url, lot)}/21/{quote(serial, safe='')}"


def qr_matrix(text: str, level: str = "M") -> Matrix:
    """
    The symbol's modules, row by row, True = dark, quiet zone included. `level` is the error correction: L, M, Q or H.
    `ValueError` where the text is too long.
    """
    import qrcode
    from qrcode.exceptions import DataOverflowError

    symbol = qrcode.QRCode(error_correction=_LEVELS[level], border=0, mask_pattern=0)
    symbol.add_data(text)
    try:
        symbol.make(fit=True)
    except (DataOverflowError, ValueError) as error:
        raise ValueError(f"no QR code holds {len(text)} characters at error correction {level}") from error
    changes = differences(symbol.version, _LEVELS[level], _any_symbol)
    inner = best_masked(rows_of(symbol.get_matrix()), changes)
    side = [False] * QUIET_ZONE
    margin = [[False] * (len(inner) + 2 * QUIET_ZONE) for _row in side]
    return [*margin, *([*side, *row, *side] for row in inner), *(list(row) for row in margin)]


def _any_symbol(version: int, level: int, mask: int) -> Matrix:
    import qrcode

    symbol = qrcode.QRCode(version=version, error_correction=level, border=0, mask_pattern=mask)
    symbol.add_data("0")
    symbol.make(fit=False)
    return [[bool(module) for module in row] for row in symbol.get_matrix()]


def qr_path(matrix: Matrix) -> str:
    """The dark modules as one SVG path, one box for each horizontal run: a third of the size of single squares."""
    strokes: list[str] = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            start = x
            while x < len(row) and row[x]:
                x += 1
            if x > start:
                strokes.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
            x = max(x, start + 1)
    return "".join(strokes)


def qr_svg(text: str) -> str:
    """The QR code as a stand-alone SVG document; it scales to whatever box it is put in."""
    matrix = qr_matrix(text)
    size = len(matrix)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges" role="img">'
        f"<title>{escape(text)}</title>"
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{qr_path(matrix)}"/></svg>'
    )


def qr_png(text: str, module: int = 10) -> bytes:
    """The QR code as a black and white PNG; `module` is the side of one module in pixels."""
    return _png(_qr_image(text, module))


def label_svg(public_url: str, lot: LotRef) -> str:
    """A label of the lot as SVG: the QR code with product number and lot code below it."""
    matrix = qr_matrix(lot_link(public_url, lot))
    size = len(matrix)
    lines = _readable(lot)
    height = size + 4 * len(lines)
    text = "".join(
        f'<text x="{size / 2:g}" y="{size + 4 * row + 1}" textLength="{min(size - 8, 1.9 * len(line)):g}" '
        f'lengthAdjust="spacingAndGlyphs">{escape(line)}</text>'
        for row, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {height}">'
        f'<path fill="#fff" d="M0 0h{size}v{height}H0z"/>'
        f'<path shape-rendering="crispEdges" d="{qr_path(matrix)}"/>'
        f'<g font-family="monospace" font-size="3" text-anchor="middle">{text}</g></svg>'
    )


def label_png(public_url: str, lot: LotRef, module: int = 10) -> bytes:
    """A label of the lot as PNG, as `label_svg` has it; wide enough for 300 dots an inch at 35 mm."""
    from PIL import Image, ImageDraw, ImageFont

    symbol = _qr_image(lot_link(public_url, lot), module)
    lines = _readable(lot)
    line_height = 4 * module
    label = Image.new("L", (symbol.width, symbol.height + line_height * len(lines)), 255)
    label.paste(symbol, (0, 0))
    draw = ImageDraw.Draw(label)
    for row, line in enumerate(lines):
        size = 3.0 * module
        font = ImageFont.load_default(size)
        if (width := font.getlength(line)) > symbol.width - 8 * module:
            font = ImageFont.load_default(size * (symbol.width - 8 * module) / width)
        draw.text((symbol.width / 2, symbol.height + row * line_height), line, fill=0, font=font, anchor="ma")
    return _png(label)


def _readable(lot: LotRef) -> list[str]:
    """What a person reads when the symbol is torn: application identifiers in brackets, as GS1 prints them."""
    if lot.product < FIRST_ALLOTTED_PRODUCT:
        return [f"(01) {lot.product:014d}", f"(10) {lot.code}"]
    return [f"PRODUCT {lot.product}", f"LOT {lot.code}"]


def _qr_image(text: str, module: int) -> Image.Image:
    from PIL import Image

    matrix = qr_matrix(text)
    size = len(matrix)
    image = Image.new("1", (size, size), 1)
    image.putdata([0 if dark else 1 for row in matrix for dark in row])
    return image.resize((size * module, size * module), Image.Resampling.NEAREST)


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
