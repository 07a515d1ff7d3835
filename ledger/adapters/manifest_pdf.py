"""
The manifest of a consignment as PDF (A4, fpdf2): for a dock without a phone, signed by hand and entered later.

Room to write stands where a hand needs it: what arrived of every lot, temperature, seal, damage, name and signature.
The QR code is what a scanner of the dock pages reads. Fonts are embedded, cut to what is used; a page carries no time
of making, so that the same manifest gives the same file.
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib import resources

from fpdf import FPDF

from ledger.adapters.qr_labels import qr_matrix
from ledger.domain.manifests import Manifest, PaperLine

_LATIN, _ARABIC, _CHINESE = "NotoSans", "NotoSansArabic", "NotoSansSC"
_SCRIPTS = {
    _ARABIC: re.compile("[\u0600-\u06ff\ufb50-\ufeff]"),
    _CHINESE: re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]"),
}
_WIDTH, _HEIGHT, _MARGIN = 210.0, 297.0, 15.0
_INNER = _WIDTH - 2 * _MARGIN
_SHARES = (0.30, 0.29, 0.15, 0.10, 0.16)
_SMALLEST = 7.0
_QR = 38.0
_ROW = 10.0
_GREY = 110


def manifest_pdf(manifest: Manifest) -> bytes:
    """The document; as many pages as it needs."""
    with ExitStack() as files:
        paper = _Paper(manifest, files)
        paper.head()
        paper.table()
        paper.foot()
        return paper.output()


class _Paper:
    def __init__(self, manifest: Manifest, files: ExitStack) -> None:
        self._manifest = manifest
        self._align = "R" if manifest.is_right_to_left else "L"
        pdf = self._pdf = FPDF(unit="mm", format="A4")
        pdf.set_creation_date(datetime(2026, 1, 1, tzinfo=UTC))
        pdf.set_creator("Silkroot")
        pdf.set_title(manifest.title)
        pdf.set_margin(_MARGIN)
        pdf.set_auto_page_break(True, _MARGIN)
        needed = {_LATIN, *(font for font, scripts in _SCRIPTS.items() if scripts.search(repr(manifest)))}
        # Only what the text needs: reading the Chinese font takes seconds on a small machine.
        for name in sorted(needed):
            for style, kind in (("", "Regular"), ("B", "Bold")):
                file = resources.files("ledger.package_data").joinpath("fonts", f"{name}-{kind}.ttf")
                pdf.add_font(name, style, files.enter_context(resources.as_file(file)))
        order = (_ARABIC, _LATIN, _CHINESE) if manifest.is_right_to_left else (_LATIN, _CHINESE, _ARABIC)
        first, *others = (name for name in order if name in needed)
        self._font = first
        pdf.set_font(first, size=11)
        pdf.set_fallback_fonts(others, exact_match=False)
        pdf.set_text_shaping(True)
        pdf.add_page()

    def head(self) -> None:
        """Title, code, who sends what to whom."""
        manifest, pdf = self._manifest, self._pdf
        top = pdf.get_y()
        left = _MARGIN if manifest.is_right_to_left else _WIDTH - _MARGIN - _QR
        self._code(left, top)
        text_left = _MARGIN + _QR + 6 if manifest.is_right_to_left else _MARGIN
        width = _INNER - _QR - 6
        self._size(20, bold=True)
        pdf.set_xy(text_left, top)
        pdf.multi_cell(width, 10, manifest.title, align=self._align)
        for caption, value in manifest.facts:
            self._size(9, grey=True)
            pdf.set_xy(text_left, pdf.get_y() + 1)
            pdf.multi_cell(width, 4.5, caption, align=self._align)
            self._size(12)
            pdf.set_x(text_left)
            pdf.multi_cell(width, 6, value, align=self._align)
        self._size(9)
        pdf.set_xy(left, top + _QR)
        pdf.multi_cell(_QR, 5, manifest.number, align="C")
        pdf.set_y(max(pdf.get_y(), top + _QR + 10) + 4)

    def table(self) -> None:
        """A row a lot, with room for what arrived."""
        manifest = self._manifest
        self._size(9, grey=True)
        self._row(manifest.columns, 7, border="B")
        self._size(11)
        for line in manifest.lines:
            self._row(_cells(line), _ROW, border="B")
        self._size(11, bold=True)
        self._row(("", manifest.total[0], manifest.total[1], "", ""), _ROW, border=0)

    def foot(self) -> None:
        """Lines to write on, and the signatures; together on one page."""
        manifest, pdf = self._manifest, self._pdf
        height = 14.0 * len(manifest.blanks) + 34.0 * len(manifest.signatures) + 20
        if pdf.get_y() + height > _HEIGHT - _MARGIN:
            pdf.add_page()
        for caption in manifest.blanks:
            self._blank(caption, _MARGIN, _INNER, 14)
        for who in manifest.signatures:
            self._size(12, bold=True)
            pdf.set_y(pdf.get_y() + 4)
            pdf.multi_cell(_INNER, 7, who, align=self._align)
            top, third = pdf.get_y(), _INNER / 3
            for place, caption in enumerate(manifest.signature_captions):
                at = 2 - place if manifest.is_right_to_left else place
                pdf.set_y(top)
                self._blank(caption, _MARGIN + at * third, third - 5, 20)
        self._size(9, grey=True)
        pdf.set_y(pdf.get_y() + 4)
        pdf.multi_cell(_INNER, 4.5, manifest.note, align=self._align)

    def output(self) -> bytes:
        """The file."""
        return bytes(self._pdf.output())

    def _row(self, cells: tuple[str, ...], height: float, *, border: str | int) -> None:
        pdf = self._pdf
        if pdf.get_y() + height > _HEIGHT - _MARGIN:
            pdf.add_page()
        widths = [share * _INNER for share in _SHARES]
        pairs = list(zip(cells, widths, strict=True))
        if self._manifest.is_right_to_left:
            pairs.reverse()
        top, left = pdf.get_y(), _MARGIN
        size = pdf.font_size_pt
        for text, width in pairs:
            pdf.set_xy(left, top)
            # Smaller where it does not fit; a lot code, of 20 characters at most, then does.
            pdf.set_font_size(max(_SMALLEST, min(size, size * (width - 2) / (pdf.get_string_width(text) or 1))))
            pdf.cell(width, height, self._fitting(text, width), border=border, align=self._align)  # type: ignore[arg-type]
            pdf.set_font_size(size)
            left += width
        pdf.set_xy(_MARGIN, top + height)

    def _fitting(self, text: str, width: float) -> str:
        """The text, cut where it is wider than its column even so: a long name."""
        if self._pdf.get_string_width(text) <= width - 2:
            return text
        while text and self._pdf.get_string_width(text + "…") > width - 2:
            text = text[:-1]
        return text + "…"

    def _blank(self, caption: str, left: float, width: float, height: float) -> None:
        pdf = self._pdf
        self._size(9, grey=True)
        top = pdf.get_y()
        pdf.set_xy(left, top + 1)
        pdf.cell(width, 5, caption, align=self._align)
        pdf.line(left, top + height, left + width, top + height)
        pdf.set_xy(_MARGIN, top + height)

    def _size(self, points: float, *, grey: bool = False, bold: bool = False) -> None:
        self._pdf.set_font(self._font, "B" if bold else "", points)
        self._pdf.set_text_color(_GREY if grey else 0)

    def _code(self, left: float, top: float) -> None:
        matrix = qr_matrix(self._manifest.code)
        module = _QR / len(matrix)
        for y, row in enumerate(matrix):
            for x, dark in enumerate(row):
                if dark:
                    # A little larger than a module, so that no printer leaves seams between them.
                    self._pdf.rect(left + x * module, top + y * module, module + 0.02, module + 0.02, style="F")


def _cells(line: PaperLine) -> tuple[str, str, str, str, str]:
    return (line.product, line.lot, line.mass, line.cases, "")
