"""
Where everything stands on a label: the QR code left, the text beside it, the lot code large along the foot.

One size of text serves all languages of a label: the largest with which everything fits, down to `SMALLEST_TEXT`.
Below that the label is refused (`InvalidInput`, rule `label.overflow`) and the field that finds no room is named, with
the room that there is. Lengths are millimetres from the label's upper left corner, baselines included.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ledger.adapters.labels.blocks import Column, Item, Segment, Unbreakable, arrange
from ledger.adapters.labels.fonts import demand_glyphs, printable
from ledger.adapters.labels.sizes import DOTS_PER_MM, SMALLEST_TEXT, Size
from ledger.adapters.labels.text import Line, line, wrap
from ledger.adapters.qr_labels import QUIET_ZONE, Matrix, qr_matrix
from ledger.domain.errors import InvalidInput
from ledger.domain.labels import Label, LabelText

SYMBOL_LEVEL = "Q"
"""Error correction of the QR code: a quarter of its codewords may be lost (ISO/IEC 18004, level Q)."""
_SMALLEST_MODULE, _LARGEST_MODULE = 3, 6
_STEP = 0.05
_HEADINGS = (1.5, 1.3, 1.1)
_CAPITALS = 0.73
_OVERHANG = 0.4
"""Room in mm for a letter that reaches back beyond where it begins, as ر does."""
_DESCENT = 0.22
_STILL_LARGE = 0.6


@dataclass(frozen=True, slots=True)
class Placed:
    """A line of text: its left end, its baseline, its font size."""

    line: Line
    x: float
    baseline: float
    size: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A black rectangle."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Symbol:
    """The QR code with its quiet zone: its upper left corner and the side of a module."""

    matrix: Matrix
    x: float
    y: float
    module: float

    @property
    def side(self) -> float:
        """Its width and height."""
        return len(self.matrix) * self.module


@dataclass(frozen=True, slots=True)
class Drawing:
    """A label ready to be printed."""

    width: float
    height: float
    symbol: Symbol
    lines: tuple[Placed, ...]
    bars: tuple[Bar, ...]
    link: str


@lru_cache(maxsize=256)
def lay_out(label: Label, size: Size) -> Drawing:
    """The drawing of the label; `InvalidInput` where text has no glyphs or no room."""
    _demand_all_glyphs(label)
    symbol = _symbol(label.link, size)
    foot, bar = _foot_and_number(label, size, symbol)
    left, under = symbol.x + symbol.side + _OVERHANG, symbol.y + symbol.side
    for placed in foot:
        if placed.baseline < bar.y:
            left = max(left, placed.x + placed.line.width * placed.size + 1)
            under = placed.baseline + _DESCENT * placed.size
    room = _Room(left, size.margin, size.width - size.margin, bar.y - 0.6, under)
    lines, rules = _texts(label.texts, size, room)
    return Drawing(size.width, size.height, symbol, (*foot, *lines), (bar, *rules), label.link)


@dataclass(frozen=True, slots=True)
class _Room:
    """Where the texts may stand; below `under` also beneath the QR code."""

    left: float
    top: float
    right: float
    bottom: float
    under: float

    @property
    def height(self) -> float:
        return self.bottom - self.top


def _overflow(field: str, value: str, size: Size, width: float, height: float) -> InvalidInput:
    return InvalidInput.one(
        field,
        "label.overflow",
        value,
        f"this does not fit a label of {size.name}: there is room of {max(width, 0):.1f} x {max(height, 0):.1f} mm, "
        f"and text is never smaller than {SMALLEST_TEXT} mm; shorten it, print fewer languages or take a larger label",
    )


def _demand_all_glyphs(label: Label) -> None:
    demand_glyphs(printable(label.lot_code), "en", "lot")
    demand_glyphs(printable(label.product_number), "en", "product-number")
    for caption in label.lot_captions:
        demand_glyphs(printable(caption), "en", "lot")
    for text in label.texts:
        demand_glyphs(printable(text.product), text.language, f"{text.language}/product")
        for detail in text.details:
            demand_glyphs(
                printable(f"{detail.caption} {detail.value}"), text.language, f"{text.language}/{detail.field}"
            )


def _symbol(link: str, size: Size) -> Symbol:
    try:
        matrix = qr_matrix(link, SYMBOL_LEVEL)
    except ValueError:
        raise _overflow("link", link, size, size.symbol, size.symbol) from None
    for dots in range(_LARGEST_MODULE, _SMALLEST_MODULE - 1, -1):
        module = dots / DOTS_PER_MM
        if len(matrix) * module <= size.symbol:
            # The margin of the label is white already: the quiet zone begins in it.
            corner = max(0.0, round((size.margin - QUIET_ZONE * module) * DOTS_PER_MM) / DOTS_PER_MM)
            return Symbol(matrix, corner, corner, module)
    raise _overflow("link", link, size, size.symbol, size.symbol)


def _foot_and_number(label: Label, size: Size, symbol: Symbol) -> tuple[list[Placed], Bar]:
    """
    The lot code along the foot, and the product number: under the QR code where it fits in one line; else at the right
    of the foot if the lot code stays large, under the QR code in two lines, or at the right of the foot.
    """
    text = printable(label.product_number)
    foot, bar = _foot(label, size, 0.0)
    if not text:
        return foot, bar
    width = symbol.side - 2 * QUIET_ZONE * symbol.module + 2
    whole = line(text, "en", False, False)
    best = min(width / whole.width, 1.25 * SMALLEST_TEXT)
    if best >= SMALLEST_TEXT and (under := _under(symbol, [whole], best, bar)):
        return [*under, *foot], bar
    taken = whole.width * SMALLEST_TEXT
    right = size.width - size.margin - taken
    try:
        smaller, higher = _foot(label, size, taken + 1.5)
    except InvalidInput:
        smaller = []
    if smaller and smaller[-1].size >= _STILL_LARGE * size.lot:
        return [Placed(whole, right, smaller[-1].baseline, SMALLEST_TEXT), *smaller], higher
    parts = wrap(text, "en", False, False, lambda _number: width / SMALLEST_TEXT)
    if parts and (under := _under(symbol, parts, SMALLEST_TEXT, bar)):
        return [*under, *foot], bar
    if smaller:
        return [Placed(whole, right, smaller[-1].baseline, SMALLEST_TEXT), *smaller], higher
    raise _overflow("product-number", text, size, width, bar.y - symbol.y - symbol.side)


def _under(symbol: Symbol, lines: list[Line], size: float, bar: Bar) -> list[Placed]:
    """Lines centred under the QR code; none where they would reach the bar."""
    first = symbol.y + symbol.side + _CAPITALS * size
    if first + (1.15 * (len(lines) - 1) + _DESCENT) * size > bar.y:
        return []
    middle = symbol.x + symbol.side / 2
    return [
        Placed(each, middle - each.width * size / 2, first + 1.15 * number * size, size)
        for number, each in enumerate(lines)
    ]


def _foot(label: Label, size: Size, reserved: float) -> tuple[list[Placed], Bar]:
    """The lot code (last), as large as it goes, with its captions before it and a bar above."""
    width = size.width - 2 * size.margin
    code = line(printable(label.lot_code), "en", True, False)
    captions = [
        line(printable(caption), text.language, False, text.is_right_to_left)
        for caption, text in zip(label.lot_captions, label.texts, strict=True)
    ]
    small = max(SMALLEST_TEXT, 0.3 * size.lot)
    gap = 0.5 * small
    taken = sum(caption.width * small + gap for caption in captions) + gap + reserved
    large = min(size.lot, (width - taken) / code.width)
    if large < SMALLEST_TEXT:
        raise _overflow("lot", label.lot_code, size, width - taken, size.lot)
    baseline = size.height - size.margin - _DESCENT * large
    x, placed = size.margin, []
    for caption in captions:
        placed.append(Placed(caption, x, baseline, small))
        x += caption.width * small + gap
    placed.append(Placed(code, x + gap, baseline, large))
    return placed, Bar(size.margin, baseline - _CAPITALS * large - 1.2, width, 3 / DOTS_PER_MM)


@lru_cache(maxsize=256)
def _texts(texts: tuple[LabelText, ...], size: Size, room: _Room) -> tuple[list[Placed], list[Bar]]:
    """
    All languages one under the other, in the largest size of text that fits beside the QR code; where none does, in the
    smallest beside and beneath it.
    """
    narrow = room.right - room.left
    beside = Column(narrow, narrow, 0)
    beneath = Column(narrow, room.right - size.margin, room.under - room.top)
    tries = [(beside, scale, _HEADINGS[0]) for scale in _scales(size.text)]
    tries += [(beside, SMALLEST_TEXT, heading) for heading in _HEADINGS[1:]]
    tries += [(beneath, SMALLEST_TEXT, heading) for heading in _HEADINGS]
    # What fits in one size fits in all smaller ones, but for rare luck in where lines end.
    first, last = 0, len(tries) - 1
    best = _tried(texts, size, room, *tries[last])
    while first < last:
        middle = (first + last) // 2
        try:
            best = _tried(texts, size, room, *tries[middle])
            last = middle
        except InvalidInput:
            first = middle + 1
    return best


def _tried(
    texts: tuple[LabelText, ...], size: Size, room: _Room, column: Column, scale: float, heading: float
) -> tuple[list[Placed], list[Bar]]:
    """The texts in that size, in rows if they fit so; `InvalidInput` where they do not fit at all."""
    gap = max(0.3 * scale, 0.7) if len(texts) > 1 else 0.0
    failure: InvalidInput | None = None
    for in_rows in (True, False):
        items: list[Item] = []
        top = 0.0
        try:
            for text in texts:
                block = arrange(text, column, top, scale, heading, in_rows)
                items += block
                top += sum(item.height for item in block) + gap
        except Unbreakable as stuck:
            failure = _overflow(stuck.field, stuck.value, size, column.narrow, room.height)
            continue
        if top - gap <= room.height:
            spare = (room.height - top + gap) / max(1, 2 * len(items))
            return _place(items, room, gap, min(spare, 0.25 * scale))
        last = _first_below(items, room.height)
        failure = _overflow(last.field, last.value, size, column.narrow, room.height)
    assert failure is not None  # noqa: S101  (both ways failed)
    raise failure


def _first_below(items: list[Item], room: float) -> Item:
    """The first line that reaches below the room."""
    for item in items:
        room -= item.height
        if room < 0:
            return item
    return items[-1]


def _scales(preferred: float) -> Iterator[float]:
    """Sizes of the details, largest first."""
    yield from (preferred - step * _STEP for step in range(int((preferred - SMALLEST_TEXT) / _STEP) + 1))
    yield SMALLEST_TEXT


def _place(items: list[Item], room: _Room, gap: float, spare: float) -> tuple[list[Placed], list[Bar]]:
    placed: list[Placed] = []
    rules: list[Bar] = []
    y = room.top
    for index, item in enumerate(items):
        if item.starts_block and index:
            left = room.right - item.width
            y_rule = round((y + gap / 2) * DOTS_PER_MM) / DOTS_PER_MM
            rules.append(Bar(left, y_rule, room.right - left, 1 / DOTS_PER_MM))
            y += gap
        placed += [_segment(segment, item, room, y) for segment in item.segments]
        y += item.height + spare
    return placed, rules


def _segment(segment: Segment, item: Item, room: _Room, y: float) -> Placed:
    width = segment.line.width * segment.size
    left = room.right - item.width
    x = room.right - segment.start - width if item.is_right_to_left else left + segment.start
    return Placed(segment.line, x, y + item.leading[0] * item.size, segment.size)
