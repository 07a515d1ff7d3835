"""
One language's text as lines: the product large, then its details, each in a row of its own or one behind the other.

In rows, captions stand in a column; in running text a detail follows where the one before it ended, which takes less
room. Lengths are millimetres. `Unbreakable` says which field holds a word longer than the line.
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.adapters.labels.fonts import printable
from ledger.adapters.labels.text import Line, line, wrap
from ledger.domain.labels import Detail, LabelText

_WIDEST_CAPTIONS = 0.45
_BOLD_FROM = 2.45
"""Font size from which values are bold: on a 203 dpi printer smaller bold characters run together."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Part of a line; `start` is how far its beginning is from the side where reading begins."""

    line: Line
    start: float
    size: float


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the block, and the field that (first) stands in it."""

    segments: tuple[Segment, ...]
    size: float
    language: str
    is_right_to_left: bool
    field: str
    value: str
    starts_block: bool = False

    @property
    def height(self) -> float:
        """The line's height, from ascent to descent."""
        return sum(leading(self.language)) * self.size


class Unbreakable(Exception):
    """A word is longer than the line."""

    def __init__(self, field: str, value: str) -> None:
        super().__init__(field)
        self.field, self.value = field, value


def leading(language: str) -> tuple[float, float]:
    """Ascent and descent of a line in ems; letters of the Arabic script reach further down."""
    return (0.88, 0.4) if language.split("-")[0] == "ug" else (0.9, 0.25)


def arrange(text: LabelText, width: float, size: float, heading: float, in_rows: bool) -> list[Item]:
    """
    The language's lines in a column of that width, the product's name `heading` times as large as the rest; raises
    `Unbreakable`.
    """
    details = [detail for detail in text.details if printable(detail.value)]
    items = _heading(text, width, heading * size)
    return items + (_rows(text, details, width, size) if in_rows else _running(text, details, width, size))


def _heading(text: LabelText, width: float, large: float) -> list[Item]:
    product = printable(text.product)
    lines = wrap(product, text.language, True, text.is_right_to_left, width / large)
    field = f"{text.language}/product"
    if lines is None:
        raise Unbreakable(field, product)
    return [
        Item((Segment(each, 0, large),), large, text.language, text.is_right_to_left, field, product, number == 0)
        for number, each in enumerate(lines)
    ]


def _caption(detail: Detail, text: LabelText) -> Line:
    colon = "：" if text.language.split("-")[0] == "zh" else ":"
    return line(printable(detail.caption) + colon, text.language, False, text.is_right_to_left)


def _rows(text: LabelText, details: list[Detail], width: float, size: float) -> list[Item]:
    rtl, language = text.is_right_to_left, text.language
    captions = [_caption(detail, text) for detail in details]
    column = max((caption.width for caption in captions), default=0.0) * size + 0.35 * size
    if details and column > _WIDEST_CAPTIONS * width:
        raise Unbreakable(f"{language}/{details[0].field}", details[0].value)
    items = []
    for detail, caption in zip(details, captions, strict=True):
        value = printable(detail.value)
        lines = wrap(value, language, size >= _BOLD_FROM, rtl, (width - column) / size)
        if lines is None:
            raise Unbreakable(f"{language}/{detail.field}", value)
        for number, each in enumerate(lines):
            segments = [Segment(each, column, size)]
            if number == 0:
                segments.insert(0, Segment(caption, 0, size))
            items.append(Item(tuple(segments), size, language, rtl, f"{language}/{detail.field}", value))
    return items


def _running(text: LabelText, details: list[Detail], width: float, size: float) -> list[Item]:
    rtl, language, bold = text.is_right_to_left, text.language, size >= _BOLD_FROM
    rows: list[tuple[list[Segment], str, str]] = []
    pen = width
    for detail in details:
        value, field = printable(detail.value), f"{language}/{detail.field}"
        caption = _caption(detail, text)
        before = (caption.width + 0.35) * size
        whole = line(value, language, bold, rtl)
        if pen + before + whole.width * size > width:
            rows.append(([], field, value))
            pen = 0.0
        lines = wrap(value, language, bold, rtl, (width - pen) / size, before / size)
        if lines is None:
            raise Unbreakable(field, value)
        rows[-1][0].append(Segment(caption, pen, size))
        for number, each in enumerate(lines):
            if number:
                rows.append(([], field, value))
                before = pen = 0.0
            rows[-1][0].append(Segment(each, pen + before, size))
            pen += before + each.width * size
        pen += 1.0 * size
    return [Item(tuple(segments), size, language, rtl, field, value) for segments, field, value in rows]
