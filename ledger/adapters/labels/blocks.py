"""
One language's text as lines: the product large, then its details, each in a row of its own or one behind the other.

In rows, captions stand in a column; in running text a detail follows where the one before it ended, which takes less
room. Lengths are millimetres. `Unbreakable` says which field holds a word longer than the line.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from ledger.adapters.labels.fonts import printable
from ledger.adapters.labels.text import Line, direction_of, line, wrap
from ledger.domain.labels import Detail, LabelText

_WIDEST_CAPTIONS = 0.45
_BETWEEN = 1.0
_BOLD_FROM = 2.45
"""Font size from which values are bold: on a 203 dpi printer smaller bold characters run together."""


@dataclass(frozen=True, slots=True)
class Column:
    """Where text may stand: `narrow` beside the QR code, from `wide_from` below the column's top on `wide`."""

    narrow: float
    wide: float
    wide_from: float

    def width(self, top: float) -> float:
        """How long a line is that begins that far below the column's top."""
        return self.wide if top >= self.wide_from else self.narrow


@dataclass(frozen=True, slots=True)
class Segment:
    """Part of a line; `start` is how far its beginning is from the side where reading begins."""

    line: Line
    start: float
    size: float


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the block, the room it was given, and the field that (first) stands in it."""

    segments: tuple[Segment, ...]
    size: float
    width: float
    leading: tuple[float, float]
    is_right_to_left: bool
    field: str
    value: str
    starts_block: bool = False

    @property
    def height(self) -> float:
        """The line's height, from ascent to descent."""
        return sum(self.leading) * self.size


class Unbreakable(Exception):
    """A word is longer than the line."""

    def __init__(self, field: str, value: str) -> None:
        super().__init__(field)
        self.field, self.value = field, value


def leading(text: LabelText) -> tuple[float, float]:
    """Ascent and descent of the text's lines in ems; letters of the Arabic script reach further down."""
    signs = "".join((text.product, *(detail.caption + detail.value for detail in text.details)))
    return (0.88, 0.42) if any(unicodedata.bidirectional(sign) == "AL" for sign in signs) else (0.9, 0.25)


def arrange(text: LabelText, column: Column, top: float, size: float, heading: float, in_rows: bool) -> list[Item]:
    """
    The language's lines from `top` of the column down, the product's name `heading` times as large as the rest; raises
    `Unbreakable`.
    """
    block = _Block(text, column, top, size)
    block.heading(heading * size)
    if in_rows:
        block.rows()
    else:
        block.running()
    return block.items


class _Block:
    """The lines of one language, as far as they are set."""

    def __init__(self, text: LabelText, column: Column, top: float, size: float) -> None:
        self.text, self.column, self.top, self.size = text, column, top, size
        self.language, self.rtl = text.language, text.is_right_to_left
        self.bold = size >= _BOLD_FROM
        self.leading = leading(text)
        self.step = sum(self.leading) * size
        self.details = [detail for detail in text.details if printable(detail.value)]
        self.items: list[Item] = []

    def heading(self, large: float) -> None:
        product, field = printable(self.text.product), f"{self.language}/product"
        step = sum(self.leading) * large
        lines = self._wrapped(product, field, True, lambda number: self._width(number, step) / large)
        for number, each in enumerate(lines):
            self._add((Segment(each, 0, large),), large, self._width(0, step), field, product, number == 0)

    def rows(self) -> None:
        """A row for each detail, captions in a column."""
        captions = [self._caption(detail) for detail in self.details]
        start = (max((caption.width for caption in captions), default=0.0) + self._gap) * self.size
        if self.details and start > _WIDEST_CAPTIONS * self.column.narrow:
            raise Unbreakable(f"{self.language}/{self.details[0].field}", self.details[0].value)
        for detail, caption in zip(self.details, captions, strict=True):
            value, field = printable(detail.value), f"{self.language}/{detail.field}"
            lines = self._wrapped(
                value, field, self.bold, lambda number: (self._width(number, self.step) - start) / self.size
            )
            for number, each in enumerate(lines):
                segments = [Segment(each, start, self.size)]
                if number == 0:
                    segments.insert(0, Segment(caption, 0, self.size))
                self._add(tuple(segments), self.size, self._width(0, self.step), field, value)

    def running(self) -> None:
        """Details one behind the other, on a new line where one does not fit behind the last."""
        row: list[Segment] = []
        named = ("", "")
        pen = 0.0
        for detail in self.details:
            value, field = printable(detail.value), f"{self.language}/{detail.field}"
            caption = self._caption(detail)
            before = (caption.width + self._gap) * self.size
            whole = line(value, self.language, self.bold, direction_of(value, self.rtl))
            if row and pen + before + whole.width * self.size > self._width(0, self.step):
                self._add(tuple(row), self.size, self._width(0, self.step), *named)
                row = []
            if not row:
                pen, named = 0.0, (field, value)
            first = (pen + before) / self.size
            lines = self._wrapped(
                value,
                field,
                self.bold,
                lambda number, first=first: self._width(number, self.step) / self.size - (0 if number else first),  # type: ignore[misc]
            )
            row.append(Segment(caption, pen, self.size))
            pen += before
            for number, each in enumerate(lines):
                if number:
                    self._add(tuple(row), self.size, self._width(0, self.step), *named)
                    row, pen, named = [], 0.0, (field, value)
                row.append(Segment(each, pen, self.size))
                pen += each.width * self.size
            pen += _BETWEEN * self.size
        if row:
            self._add(tuple(row), self.size, self._width(0, self.step), *named)

    @property
    def _gap(self) -> float:
        """Between caption and value; the Chinese colon brings its own."""
        return 0.05 if self.language.split("-")[0] == "zh" else 0.35

    def _width(self, number: int, step: float) -> float:
        """The room of the line that comes `number` lines after those that are set."""
        return self.column.width(self.top + number * step)

    def _caption(self, detail: Detail) -> Line:
        colon = "：" if self.language.split("-")[0] == "zh" else ":"
        return line(printable(detail.caption) + colon, self.language, False, self.rtl)

    def _wrapped(self, value: str, field: str, bold: bool, room: Callable[[int], float]) -> list[Line]:
        lines = wrap(value, self.language, bold, direction_of(value, self.rtl), room)
        if lines is None:
            raise Unbreakable(field, value)
        return lines

    def _add(
        self, segments: tuple[Segment, ...], size: float, width: float, field: str, value: str, first: bool = False
    ) -> None:
        item = Item(segments, size, width, self.leading, self.rtl, field, value, first)
        self.items.append(item)
        self.top += item.height
