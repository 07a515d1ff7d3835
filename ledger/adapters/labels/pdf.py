"""
Labels as PDF by fpdf2: one label a page for a label printer, or sheets of stickers. Fonts are embedded, cut to what is
used; text is shaped by HarfBuzz with the same fonts that measured it, so it stands where the layout put it and can be
searched.

The QR code is one filled path: no seams between modules, no resampling. Pages carry no time of making, so that the same
labels give the same file.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import lru_cache
from importlib import resources
from typing import Any

from fpdf import FPDF

from ledger.adapters.labels.layout import Drawing, Placed
from ledger.adapters.labels.sizes import Sheet
from ledger.adapters.labels.text import Run
from ledger.adapters.qr_labels import Matrix

_POINTS = 72 / 25.4
_ABOVE_BASELINE = 0.8
"""Where fpdf2 puts the baseline in a cell as high as its font: so many ems from the top."""


class _Printer:
    """A document under construction; fonts are added when they are first used."""

    def __init__(self, width: float, height: float, files: ExitStack) -> None:
        self._files = files
        self._fonts: set[str] = set()
        self._on_page: set[str] = set()
        self._operators: dict[tuple[str, str, float, bool, str], tuple[str, float, float]] = {}
        self._pdf = FPDF(unit="mm", format=(width, height))
        self._pdf.set_auto_page_break(False)
        self._pdf.set_margin(0)
        self._pdf.c_margin = 0
        self._pdf.set_creation_date(datetime(2026, 1, 1, tzinfo=UTC))
        self._pdf.set_creator("Silkroot")
        self._pdf.set_title("Silkroot labels")

    def page(self) -> None:
        self._pdf.add_page()
        self._on_page.clear()

    def label(self, drawing: Drawing, left: float, top: float) -> None:
        for bar in drawing.bars:
            self._pdf.rect(left + bar.x, top + bar.y, bar.width, bar.height, style="F")
        symbol = drawing.symbol
        x, y = (left + symbol.x) * _POINTS, (self._pdf.h - top - symbol.y) * _POINTS
        module = symbol.module * _POINTS
        # fpdf2 has no cheap way to fill one path of many boxes; the operators are those of ISO 32000, 8.5.
        self._raw(f"q {module:.5f} 0 0 {-module:.5f} {x:.4f} {y:.4f} cm {_boxes(_frozen(symbol.matrix))} f Q")
        for placed in drawing.lines:
            self._line(placed, left, top)

    def _line(self, placed: Placed, left: float, top: float) -> None:
        for run in placed.line.runs:
            x, y = left + placed.x + run.x * placed.size, top + placed.baseline
            key = (run.font.name, run.text, placed.size, run.is_right_to_left, run.language)
            known = self._operators.get(key)
            if known is not None and run.font.name in self._on_page:
                operators, first_x, first_y = known
                self._raw(f"q 1 0 0 1 {(x - first_x) * _POINTS:.3f} {(first_y - y) * _POINTS:.3f} cm {operators} Q")
            else:
                self._operators[key] = (self._run(run, placed.size, x, y), x, y)
                self._on_page.add(run.font.name)

    def _run(self, run: Run, size: float, x: float, y: float) -> str:
        """Prints a run for the first time; the operators that did it print it anywhere else."""
        self._use(run.font.name)
        self._pdf.set_font(run.font.name, size=size * _POINTS)
        self._pdf.set_text_shaping(True, direction="rtl" if run.is_right_to_left else "ltr", language=run.language)
        self._pdf.set_xy(x, y - _ABOVE_BASELINE * size)
        contents: Any = self._pdf.pages[self._pdf.page].contents
        before = len(contents)
        self._pdf.cell(w=run.shaped.width * size + 1, h=size, text=run.text, align="L")
        operators = bytes(contents[before:]).decode("latin-1")
        font: Any = self._pdf.current_font
        return f"BT /F{font.i} {size * _POINTS:.2f} Tf ET {operators}"

    def _use(self, name: str) -> None:
        if name not in self._fonts:
            file = resources.files("ledger.package_data").joinpath("fonts", f"{name}.ttf")
            self._pdf.add_font(name, fname=self._files.enter_context(resources.as_file(file)))
            self._fonts.add(name)

    def _raw(self, operators: str) -> None:
        out: Any = self._pdf
        out._out(operators)

    def output(self) -> bytes:
        return bytes(self._pdf.output())


def pdf_of_labels(drawings: Iterable[Drawing], width: float, height: float) -> bytes:
    """One label a page, each page as large as the label."""
    with ExitStack() as files:
        printer = _Printer(width, height, files)
        for drawing in drawings:
            printer.page()
            printer.label(drawing, 0, 0)
        return printer.output()


def pdf_of_sheets(drawings: Iterable[Drawing], sheet: Sheet, skip: int = 0) -> bytes:
    """Sheets of stickers, row by row; the first `skip` stickers of the first sheet are used up already."""
    with ExitStack() as files:
        printer = _Printer(sheet.width, sheet.height, files)
        for number, drawing in enumerate(drawings, skip):
            place = number % sheet.stickers
            if place == 0 or number == skip:
                printer.page()
            row, column = divmod(place, sheet.columns)
            printer.label(drawing, sheet.left + column * sheet.step_x, sheet.top + row * sheet.step_y)
        return printer.output()


def _frozen(matrix: Matrix) -> tuple[tuple[bool, ...], ...]:
    return tuple(tuple(row) for row in matrix)


@lru_cache(maxsize=256)
def _boxes(matrix: tuple[tuple[bool, ...], ...]) -> str:
    """A box for each horizontal run of dark modules, in modules from the upper left."""
    boxes: list[str] = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            start = x
            while x < len(row) and row[x]:
                x += 1
            if x > start:
                boxes.append(f"{start} {y} {x - start} 1 re")
            x = max(x, start + 1)
    return " ".join(boxes)
