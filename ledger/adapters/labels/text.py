"""
Lines of text: cut to a width, put in order by the Unicode bidirectional algorithm (UAX 9), shaped run by run.

Widths are in ems of the line's size. Lines are cut at spaces and between Chinese characters, never before closing or
behind opening punctuation (a small part of UAX 14 that suffices for names, dates and places). What cannot be cut is
longer than the line: `wrap` says so by returning None.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from fpdf.bidi import BidiParagraph
from fpdf.enums import TextDirection

from ledger.adapters.labels.fonts import Font, Shaped, families, weight

_NOT_FIRST = frozenset("、。，．：；！？）》」』】〕”’…—％℃·,.:;!?)]}%،؛؟")
_NOT_LAST = frozenset("（《「『【〔“‘([{")


@dataclass(frozen=True, slots=True)
class Run:
    """A shaped run: one font, one direction; `text` in reading order, `x` its left end from the line's, in ems."""

    font: Font
    text: str
    is_right_to_left: bool
    language: str
    x: float
    shaped: Shaped


@dataclass(frozen=True, slots=True)
class Line:
    """One line, its runs from left to right; `width` in ems."""

    text: str
    runs: tuple[Run, ...]
    width: float


@lru_cache(maxsize=20_000)
def line(text: str, language: str, bold: bool, right_to_left: bool) -> Line:
    """The text on one line; `right_to_left` is the direction of the paragraph, not of each run."""
    runs, x = [], 0.0
    for family, part, level in _visual(text, language, right_to_left):
        font = weight(family, bold)
        shaped = font.shape(part, level % 2 == 1, language)
        runs.append(Run(font, part, level % 2 == 1, language, x, shaped))
        x += shaped.width
    return Line(text, tuple(runs), x)


def _visual(text: str, language: str, right_to_left: bool) -> list[tuple[str, str, int]]:
    """(family, text in reading order, embedding level) of each run, from left to right: rule L2 over whole runs."""
    if not text:
        return []
    levels = _levels(text, right_to_left)
    runs: list[tuple[str, str, int]] = []
    position = 0
    for family, part in families(text, language):
        for sign in part:
            level = levels[position]
            position += 1
            if runs and runs[-1][0] == family and runs[-1][2] == level:
                runs[-1] = (family, runs[-1][1] + sign, level)
            else:
                runs.append((family, sign, level))
    for level in range(max(levels), 0, -1):
        start = 0
        while start < len(runs):
            end = start
            while end < len(runs) and runs[end][2] >= level:
                end += 1
            runs[start:end] = reversed(runs[start:end])
            start = max(end, start + 1)
    return runs


def _levels(text: str, right_to_left: bool) -> list[int]:
    """The embedding level of each character."""
    if not right_to_left and all(unicodedata.bidirectional(sign) not in ("R", "AL", "AN") for sign in text):
        return [0] * len(text)
    base = TextDirection.RTL if right_to_left else TextDirection.LTR
    return [character.embedding_level for character in BidiParagraph(text, base).characters]


def wrap(text: str, language: str, bold: bool, right_to_left: bool, room: Callable[[int], float]) -> list[Line] | None:
    """The text in lines, each (by its number) of at most `room` ems; None where a part fits no line."""
    lines: list[Line] = []
    current, length = "", 0.0
    for part in pieces(text):
        space = _width(" ", language, bold, right_to_left) if part.endswith(" ") else 0.0
        width = _width(part.rstrip(" "), language, bold, right_to_left)
        if length + width > room(len(lines)):
            if not current:
                return None
            lines.append(line(current.rstrip(" "), language, bold, right_to_left))
            current, length = "", 0.0
            if width > room(len(lines)):
                return None
        current += part
        length += width + space
    lines.append(line(current.rstrip(" "), language, bold, right_to_left))
    return lines


@lru_cache(maxsize=20_000)
def _width(part: str, language: str, bold: bool, right_to_left: bool) -> float:
    """The width of a piece, and a little more: kerning across pieces is not counted."""
    return line(part, language, bold, right_to_left).width * 1.002


def direction_of(text: str, otherwise: bool) -> bool:
    """Whether the text runs from right to left: as its first letter does (UAX 9, rules P2 and P3)."""
    for sign in text:
        kind = unicodedata.bidirectional(sign)
        if kind in ("L", "R", "AL"):
            return kind != "L"
    return otherwise


@lru_cache(maxsize=20_000)
def pieces(text: str) -> tuple[str, ...]:
    """The text cut wherever a line may end; joined they are the text."""
    cut: list[str] = []
    for sign in text:
        if not cut or not _may_end(cut[-1][-1], sign):
            cut[-1:] = [cut[-1] + sign] if cut else [sign]
        else:
            cut.append(sign)
    return tuple(cut)


def _may_end(before: str, after: str) -> bool:
    if after == " " or after in _NOT_FIRST or before in _NOT_LAST:
        return False
    return before == " " or _is_chinese(before) or _is_chinese(after)


def _is_chinese(sign: str) -> bool:
    return "\u2e80" <= sign <= "\u9fff" or "\uff00" <= sign <= "\uffef"
