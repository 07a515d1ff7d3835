"""
Certificates of the verified lot: what its packing house had tested and promised, and the promises of its two growers
that it rests on. As EPCIS 2.0 documents, because the house workbook has no sheet for these.

The laboratory is invented, and its paper says in large letters that it is an example of the demonstration.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from fpdf import FPDF

from demo_season.cast import EAST_TIANSHAN, FARM, MELON_COOP, grams, lot
from demo_season.disputes import blind, moment
from ledger.domain import event_forms as forms
from ledger.domain.certificates import Basis, Certificate, CertificateKind, Promise
from ledger.domain.content_hash import content_hash
from ledger.domain.files import hash_of
from ledger.domain.identifiers import ContentHash, Grams, PartyId
from ledger.domain.records import JsonTree

LABORATORY = "示例检测中心 Example Laboratory"
NUMBER = "EXAMPLE-HM0722A"
_PRODUCT = "哈密瓜 西州密25号"
_ORIGIN = "新疆哈密市伊吾县淖毛湖镇"
_FONTS = Path(__file__).resolve().parents[2] / "ledger" / "package_data" / "fonts"
_LINES = (
    ("NotoSansSC-Bold", 44, "示例 · 演示用"),
    ("NotoSans-Bold", 38, "EXAMPLE"),
    ("NotoSans-Bold", 22, "of the Silkroot demonstration"),
    ("NotoSansSC-Regular", 15, "本文件不是检测报告：检测中心、样品和数据都是虚构的。"),
    ("NotoSans-Regular", 13, "This is not a test report. Laboratory, sample and results are invented."),
    ("NotoSansSC-Regular", 13, "农药残留检测 · 批次 HM0722A · 编号 EXAMPLE-HM0722A"),
    ("NotoSans-Regular", 12, "Pesticide test of lot HM0722A, number EXAMPLE-HM0722A, 22 July 2026"),
)


def certificates(paper: bytes) -> list[JsonTree]:
    """66-certificates.jsonld; `paper` is the laboratory's file."""
    growers = [
        _promise(MELON_COOP, "MH-260721", 11150, Basis.QUALITY_CONTROL, "07-21T20:30",
                 "淖毛湖甜瓜合作社", "office@naomaohu-melon.example"),
        _promise(FARM, "JT-260721-A1", 6200, Basis.SELF_TEST, "07-21T19:30",
                 "淖毛湖金滩瓜园", "office@golden-strand.example"),
    ]  # fmt: skip
    tested = Certificate(
        kind=CertificateKind.PESTICIDE_TEST, issuer=LABORATORY, issuer_party=None, number=NUMBER,
        issued=date(2026, 7, 22), valid_from=None, valid_until=None, file=hash_of(paper), lots=(lot("HM0722A"),),
    )  # fmt: skip
    return [
        *growers,
        forms.attached_certificate(EAST_TIANSHAN, tested, moment("07-22T18:00")),
        _promise(EAST_TIANSHAN, "HM0722A", 3300, Basis.COMMISSIONED_TEST, "07-22T19:00",
                 "东天山鲜果包装厂", "office@east-tianshan.example", [content_hash(grower) for grower in growers]),
    ]  # fmt: skip


def _promise(
    party: PartyId, code: str, count: int, basis: Basis, time: str, issuer: str, contact: str,
    collected: Sequence[ContentHash] = (),
) -> JsonTree:  # fmt: skip
    """A promise is collected by its content hash, so that it carries a blind that is no secret."""
    promise = Promise(
        product=_PRODUCT, origin=_ORIGIN, contact=contact, basis=(basis,),
        grams={lot(code): Grams(grams(code, count))}, collected=tuple(collected),
    )  # fmt: skip
    certificate = Certificate(
        kind=CertificateKind.PROMISE, issuer=issuer, issuer_party=party, number=f"CN-{code}",
        issued=date.fromisoformat(f"2026-{time[:5]}"), valid_from=None, valid_until=None, file=None,
        lots=(lot(code),), promise=promise,
    )  # fmt: skip
    return forms.attached_certificate(party, certificate, moment(time), extra=blind(f"promise {code}"))


def paper() -> bytes:
    """The laboratory's paper as PDF: one page that says what it is before it says anything else."""
    pdf = FPDF(format=(210, 148))
    pdf.set_creation_date(datetime(2026, 7, 22, tzinfo=UTC))
    pdf.set_title("Example of the Silkroot demonstration")
    pdf.set_auto_page_break(False)
    pdf.add_page()
    pdf.set_line_width(1.5)
    pdf.set_draw_color(178, 58, 28)
    pdf.rect(7, 7, pdf.w - 14, pdf.h - 14)
    pdf.set_y(22)
    for name, size, text in _LINES:
        if name.lower() not in pdf.fonts:
            pdf.add_font(name, fname=_FONTS / f"{name}.ttf")
        pdf.set_font(name, size=size)
        pdf.set_text_color(*((178, 58, 28) if size > 20 else (30, 30, 30)))
        pdf.cell(w=0, h=size * 0.4 + 4, text=text, align="C", new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())
