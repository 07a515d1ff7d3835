"""
A label as a black and white PNG, one pixel a dot of a 203 dpi printer, so that no printer driver has to scale it.

Glyphs are drawn by HarfBuzz's own rasteriser and cut to black or white a little on the heavy side, since thermal heads
thin their strokes; each letter stands on whole dots, so that the same letter always looks the same.
"""

from __future__ import annotations

import io
from functools import lru_cache

import uharfbuzz as hb
from PIL import Image

from ledger.adapters.labels.fonts import font
from ledger.adapters.labels.layout import Drawing, Placed
from ledger.adapters.labels.sizes import DOTS_PER_MM

_DPI = DOTS_PER_MM * 25.4
_BLACK_FROM = 110
"""Coverage, of 255, from which a dot is black."""


def png(drawing: Drawing) -> bytes:
    """The label at the printer's own dots; its resolution is in the file (`pHYs`)."""
    buffer = io.BytesIO()
    image(drawing).save(buffer, "PNG", optimize=True, dpi=(_DPI, _DPI))
    return buffer.getvalue()


def image(drawing: Drawing) -> Image.Image:
    """The label as a picture of one bit a pixel; 1 is white."""
    canvas = Image.new("1", (_dots(drawing.width), _dots(drawing.height)), 1)
    for bar in drawing.bars:
        box = (_dots(bar.x), _dots(bar.y), _dots(bar.x + bar.width), _dots(bar.y) + max(1, _dots(bar.height)))
        canvas.paste(0, box)
    symbol = drawing.symbol
    module = round(symbol.module * DOTS_PER_MM)
    size = len(symbol.matrix)
    modules = Image.frombytes("L", (size, size), bytes(0 if dark else 255 for row in symbol.matrix for dark in row))
    code = modules.convert("1", dither=Image.Dither.NONE).resize((size * module,) * 2, Image.Resampling.NEAREST)
    canvas.paste(code, (_dots(symbol.x), _dots(symbol.y)))
    for placed in drawing.lines:
        _draw(canvas, placed)
    return canvas


def _draw(canvas: Image.Image, placed: Placed) -> None:
    size = placed.size * DOTS_PER_MM
    base = _dots(placed.baseline)
    for run in placed.line.runs:
        start = placed.x * DOTS_PER_MM + run.x * size
        for glyph in run.shaped.glyphs:
            drawn = _glyph(run.font.name, glyph.number, round(size, 3))
            if drawn is not None:
                mask, left, top = drawn
                canvas.paste(0, (round(start + glyph.x * size) + left, base - round(glyph.y * size) - top), mask)


@lru_cache(maxsize=10_000)
def _glyph(name: str, number: int, size: float) -> tuple[Image.Image, int, int] | None:
    """The glyph as a mask, how far right of the pen it begins, how far above the baseline; None where it is blank."""
    face = font(name)
    scale = size / face.units
    raster = hb.RasterDraw()
    raster.transform = (scale, 0, 0, scale, 0, 0)
    raster.draw_glyph(face.font, number)
    drawn = raster.render()
    if drawn is None or not drawn.extents.width or not drawn.extents.height:
        return None
    extents = drawn.extents
    shape = (extents.width, extents.height)
    coverage = Image.frombytes("L", shape, bytes(drawn.buffer), "raw", "L", extents.stride, -1)
    mask = coverage.point(lambda value: 255 if value >= _BLACK_FROM else 0).convert("1")
    return mask, extents.x_origin, extents.y_origin + extents.height


def _dots(millimetres: float) -> int:
    return round(millimetres * DOTS_PER_MM)
