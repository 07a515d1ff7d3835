"""
The formats that labels are printed in: thermal labels at 203 dots an inch, and A4 sheets of die-cut stickers.

Lengths are millimetres. 203 dpi printers have eight dots a millimetre; modules of the QR code are whole dots, so that
none is wider than its neighbour. Margins of stickers keep to what an office printer can reach on the outermost ones.
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.domain.errors import InvalidInput

DOTS_PER_MM = 8
"""203.2 dots an inch, the common thermal print head."""
SMALLEST_TEXT = 2.25
"""
The smallest font size (em) that is printed. It gives Latin letters an x-height of 1.2 mm, as Regulation (EU) 1169/2011,
article 13, demands, and Chinese characters a height above the 1.8 mm of GB 7718-2011, 3.9.
"""


@dataclass(frozen=True, slots=True)
class Size:
    """
    One label. `symbol` is the widest the QR code may be with its quiet zone, `text` the preferred size of the details,
    `lot` that of the lot code.
    """

    name: str
    width: float
    height: float
    margin: float
    symbol: float
    text: float
    lot: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of equal stickers: so many across and down, the first one's corner, the step from one to the next."""

    name: str
    sticker: Size
    columns: int
    rows: int
    left: float
    top: float
    step_x: float
    step_y: float
    width: float = 210.0
    height: float = 297.0

    @property
    def stickers(self) -> int:
        """How many a page holds."""
        return self.columns * self.rows


SIZES = {
    size.name: size
    for size in (
        Size("100x70", 100, 70, 3.0, 38.0, 5.2, 9.0),
        Size("60x40", 60, 40, 1.5, 25.0, 3.2, 5.5),
    )
}
SHEETS = {
    sheet.name: sheet
    for sheet in (
        Sheet("a4-24", Size("a4-24 (70 x 37 mm)", 70, 37, 4.0, 22.5, 3.2, 5.0), 3, 8, 0, 0.5, 70, 37),
        Sheet("a4-14", Size("a4-14 (99.1 x 38.1 mm)", 99.1, 38.1, 2.0, 27.0, 3.6, 6.0), 2, 7, 4.65, 15.15, 101.6, 38.1),
        Sheet("a4-8", Size("a4-8 (99.1 x 67.7 mm)", 99.1, 67.7, 3.0, 38.0, 5.0, 9.0), 2, 4, 4.65, 13.1, 101.6, 67.7),
    )
}
ANY_SHEET = "a4"
"""The sheet with the most stickers on which everything fits."""


def formats_named(name: str) -> tuple[Size | Sheet, ...]:
    """The size or sheet of that name, or the sheets to try in turn; `InvalidInput` lists the names."""
    wanted = name.lower()
    if wanted == ANY_SHEET:
        return tuple(SHEETS.values())
    if (size := SIZES.get(wanted)) is not None:
        return (size,)
    if (sheet := SHEETS.get(wanted)) is not None:
        return (sheet,)
    known = ", ".join([*SIZES, ANY_SHEET, *SHEETS])
    raise InvalidInput.one("format", "label.format", name, f"labels are printed as {known}")
