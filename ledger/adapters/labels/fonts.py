"""
The fonts that labels are printed with, and the shaping of text with them by HarfBuzz.

Package data under `ledger/package_data/fonts`: Noto Sans (Latin, Cyrillic), Noto Sans Arabic (Uyghur), Noto Sans SC
(GB 2312 and what our own texts need); `scripts/build_fonts` makes them. Units here are ems: 1.0 is the font size.

A character that none of the fonts has is refused (`InvalidInput`, rule `label.missing-glyph`), never printed as a box.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import uharfbuzz as hb

from ledger.domain.errors import InvalidInput

LATIN, ARABIC, CHINESE = "NotoSans", "NotoSansArabic", "NotoSansSC"
_ORDER = {"zh": (CHINESE, LATIN, ARABIC), "ug": (ARABIC, LATIN, CHINESE)}
_OTHER = (LATIN, ARABIC, CHINESE)
_INVISIBLE = frozenset("\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u00ad")


@dataclass(frozen=True, slots=True)
class Glyph:
    """A glyph of a shaped run: its number in the font, where it stands from the run's left end, both in ems."""

    number: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Shaped:
    """A run of one font and one direction, glyphs from left to right; `width` in ems."""

    glyphs: tuple[Glyph, ...]
    width: float


class Font:
    """One font file: what characters it has, how text is shaped with it, the outlines of its glyphs."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.data = resources.files("ledger.package_data").joinpath("fonts", f"{name}.ttf").read_bytes()
        self.face = hb.Face(self.data)
        self.font = hb.Font(self.face)
        self.units = self.face.upem

    def has(self, character: str) -> bool:
        """Whether the font can draw the character."""
        return self.font.get_nominal_glyph(ord(character)) is not None

    def shape(self, text: str, right_to_left: bool, language: str) -> Shaped:
        """The glyphs of a text all of whose characters the font has."""
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if right_to_left else "ltr"
        buffer.language = language
        hb.shape(self.font, buffer)
        pen, glyphs = 0, []
        for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            glyphs.append(Glyph(info.codepoint, (pen + position.x_offset) / self.units, position.y_offset / self.units))
            pen += position.x_advance
        return Shaped(tuple(glyphs), pen / self.units)


@cache
def font(name: str) -> Font:
    """The font of that file name, read once."""
    return Font(name)


def weight(family: str, bold: bool) -> Font:
    """A family's regular or bold."""
    return font(f"{family}-{'Bold' if bold else 'Regular'}")


@cache
def family_of(character: str, language: str) -> str | None:
    """The family that draws the character in a text of that language; None where no font has it."""
    for family in _ORDER.get(language.split("-")[0], _OTHER):
        if weight(family, False).has(character):
            return family
    return None


def printable(text: str) -> str:
    """The text on one line: runs of white space as one space, no invisible signs that no font needs."""
    return " ".join("".join(sign for sign in text if sign not in _INVISIBLE or sign in "\u200c\u200d").split())


def demand_glyphs(text: str, language: str, field: str) -> None:
    """Refuses a text that holds a character which no font has, and names each such character."""
    missing = [sign for sign in dict.fromkeys(text) if family_of(sign, language) is None]
    if missing:
        names = ", ".join(f"{sign!r} (U+{ord(sign):04X})" for sign in missing)
        raise InvalidInput.one(
            field, "label.missing-glyph", text, f"no font of the labels has {names}; write it with other characters"
        )


def families(text: str, language: str) -> Sequence[tuple[str, str]]:
    """The text cut where the font changes, as (family, part). Spaces and joiners stay with what is before them."""
    parts: list[tuple[str, str]] = []
    for sign in text:
        last = parts[-1][0] if parts else ""
        stays = last and (sign in " \u200c\u200d" or _combines(sign)) and weight(last, False).has(sign)
        family = last if stays else family_of(sign, language)
        if family is None:
            raise InvalidInput.one("text", "label.missing-glyph", text, f"no font has {sign!r} (U+{ord(sign):04X})")
        if family == last:
            parts[-1] = (last, parts[-1][1] + sign)
        else:
            parts.append((family, sign))
    return parts


def _combines(sign: str) -> bool:
    return "\u0300" <= sign <= "\u036f" or "\u064b" <= sign <= "\u065f"
