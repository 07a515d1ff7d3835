"""
The promise certificate 承诺达标合格证 as a page of A6 to print: its words stand large at the head, as the order of the
ministry asks of a form with a QR code; the code leads to the lot's page.

Always in Chinese, whatever language the service speaks: whoever collects it has to read it. What the promising party
typed stands as it was typed. Lengths in millimetres. `InvalidInput` (`label.missing-glyph`, `label.overflow`) for a text
that cannot be printed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from ledger.adapters.labels.fonts import demand_glyphs
from ledger.adapters.labels.layout import Bar, Drawing, Placed, Symbol
from ledger.adapters.labels.pdf import pdf_of_labels
from ledger.adapters.labels.text import Line, direction_of, line, wrap
from ledger.adapters.qr_labels import qr_matrix
from ledger.domain.certificates import Basis, Certificate
from ledger.domain.errors import InvalidInput

WIDTH, HEIGHT = 105.0, 148.0
TITLE = "承诺达标合格证"
_MARGIN, _SIZE, _LEADING, _LABEL = 8.0, 3.7, 1.5, 23.0
_SYMBOL = 27.0
_INTRODUCTION = "我承诺对销售的食用农产品："
_COMMITMENTS = ("√ 不使用禁用农药、停用农药和非法添加物", "√ 常规农药残留不超标", "√ 对承诺的真实性负责")
_BASES = {
    Basis.SELF_TEST: "自我检测",
    Basis.COMMISSIONED_TEST: "委托检测",
    Basis.QUALITY_CONTROL: "内部质量控制",
    Basis.OWN_PROMISE: "自我承诺",
}


@dataclass(frozen=True, slots=True)
class _Row:
    label: str
    value: str


def promise_pdf(certificate: Certificate, link: str) -> bytes:
    """The page; `link` stands in the code and leads to the lot. `ValueError` for a certificate that is no promise."""
    return pdf_of_labels([promise_drawing(certificate, link)], WIDTH, HEIGHT)


def promise_drawing(certificate: Certificate, link: str) -> Drawing:
    """Where everything stands on the page."""
    lines: list[Placed] = []
    heading = line(TITLE, "zh", True, False)
    size = min(11.0, (WIDTH - 2 * _MARGIN) / heading.width)
    lines.append(Placed(heading, (WIDTH - heading.width * size) / 2, _MARGIN + size, size))
    top = _MARGIN + size * 1.25
    bars = [Bar(_MARGIN, top, WIDTH - 2 * _MARGIN, 0.5)]
    top += _SIZE * 1.7
    for text in (_INTRODUCTION, *_COMMITMENTS):
        lines.append(Placed(line(text, "zh", text == _INTRODUCTION, False), _MARGIN, top, _SIZE))
        top += _SIZE * _LEADING
    top += 1.0
    bars.append(Bar(_MARGIN, top - _SIZE, WIDTH - 2 * _MARGIN, 0.2))
    top += _SIZE * 0.5
    for row in _rows(certificate):
        lines.append(Placed(line(row.label, "zh", True, False), _MARGIN, top, _SIZE))
        for part in _wrapped(row):
            lines.append(Placed(part, _MARGIN + _LABEL, top, _SIZE))
            top += _SIZE * _LEADING
    matrix = qr_matrix(link)
    foot = HEIGHT - _MARGIN - _SYMBOL
    if top > foot + _SIZE:
        raise InvalidInput.one(
            "certificate", "label.overflow", certificate.number, "its texts are too long for the page"
        )
    symbol = Symbol(matrix, WIDTH - _MARGIN - _SYMBOL, foot, _SYMBOL / len(matrix))
    for index, text in enumerate(("扫码查看", "批次与流向")):
        lines.append(Placed(line(text, "zh", False, False), _MARGIN, foot + _SYMBOL - 6 + index * 5, _SIZE))
    return Drawing(WIDTH, HEIGHT, symbol, tuple(lines), tuple(bars), link)


def _rows(certificate: Certificate) -> Iterator[_Row]:
    promise, day = certificate.promise, certificate.issued
    if promise is None:
        raise ValueError("this certificate is no promise")
    kilograms = Decimal(sum(promise.grams.values())) / 1000
    yield _Row("承诺依据", "、".join(_BASES[one] for one in promise.basis))
    yield _Row("产品名称", promise.product)
    yield _Row("数量（重量）", f"{kilograms.normalize():,f} 千克")
    yield _Row("产地", promise.origin)
    yield _Row("生产批次", "、".join(lot.code for lot in certificate.lots))
    yield _Row("承诺主体", certificate.issuer)
    yield _Row("联系方式", promise.contact)
    yield _Row("开具日期", f"{day.year}年{day.month}月{day.day}日")
    yield _Row("编号", certificate.number)


def _wrapped(row: _Row) -> Iterator[Line]:
    demand_glyphs(row.value, "zh", row.label)
    room = (WIDTH - 2 * _MARGIN - _LABEL) / _SIZE
    wrapped = wrap(row.value, "zh", False, direction_of(row.value, False), lambda _: room)
    if wrapped is None:
        raise InvalidInput.one("certificate", "label.overflow", row.value, "this is too long for a line of the page")
    yield from wrapped
