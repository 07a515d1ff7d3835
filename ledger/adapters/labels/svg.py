"""
A label as SVG 1.1 in millimetres: text as outlines, so that no program needs a font and every printer prints the same.

Each line of text is a group that carries its words as `aria-label`; glyph outlines are in units of the font.
"""

from __future__ import annotations

from functools import cache
from html import escape

from fontTools.pens.svgPathPen import SVGPathPen

from ledger.adapters.labels.fonts import font
from ledger.adapters.labels.layout import Drawing, Placed
from ledger.adapters.qr_labels import qr_path


def svg(drawing: Drawing) -> bytes:
    """The label as a stand-alone document of its own size."""
    symbol = drawing.symbol
    bars = "".join(f"M{bar.x:g} {bar.y:g}h{bar.width:g}v{bar.height:g}h-{bar.width:g}z" for bar in drawing.bars)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{drawing.width:g}mm" height="{drawing.height:g}mm" '
        f'viewBox="0 0 {drawing.width:g} {drawing.height:g}" role="img"><title>{escape(drawing.link)}</title>'
        f'<path fill="#fff" d="M0 0h{drawing.width:g}v{drawing.height:g}H0z"/>'
        f'<path shape-rendering="crispEdges" transform="translate({symbol.x:g} {symbol.y:g}) scale({symbol.module:g})" '
        f'd="{qr_path(symbol.matrix)}"/><path d="{bars}"/>{"".join(_line(placed) for placed in drawing.lines)}</svg>\n'
    ).encode()


def _line(placed: Placed) -> str:
    outlines = []
    for run in placed.line.runs:
        units = run.font.units
        scale = placed.size / units
        paths = "".join(
            f'<path transform="translate({glyph.x * units:.0f} {glyph.y * units:.0f})" d="{outline}"/>'
            for glyph in run.shaped.glyphs
            if (outline := _outline(run.font.name, glyph.number))
        )
        x = placed.x + run.x * placed.size
        outlines.append(
            f'<g transform="translate({x:.3f} {placed.baseline:.3f}) scale({scale:.6g} -{scale:.6g})">{paths}</g>'
        )
    return f'<g role="img" aria-label="{escape(placed.line.text)}">{"".join(outlines)}</g>'


@cache
def _outline(name: str, glyph: int) -> str:
    pen = SVGPathPen(None)
    font(name).font.draw_glyph_with_pen(glyph, pen)
    return str(pen.getCommands())
