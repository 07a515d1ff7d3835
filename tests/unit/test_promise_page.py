"""The promise certificate as a page: its words, its fields, its code; what cannot be printed is refused."""

from __future__ import annotations

import io
from dataclasses import replace

import certificate_samples as c
import event_builders as b
import pytest
import zxingcpp
from PIL import Image

from ledger.adapters.labels.png import png
from ledger.adapters.labels.promise import HEIGHT, TITLE, WIDTH, promise_drawing, promise_pdf
from ledger.domain.certificates import Certificate
from ledger.domain.errors import InvalidInput

LINK = "https://trace.example/01/09520000001001/10/H-0001"


def chinese(**changed: str) -> Certificate:
    made = c.promise()
    assert made.promise is not None
    words = {"product": "哈密瓜 西州蜜25号", "origin": "新疆哈密市伊州区南湖乡"} | changed
    return replace(made, issuer="南湖甜瓜专业合作社", promise=replace(made.promise, **words))


def test_it_says_what_the_order_asks_for() -> None:
    drawing = promise_drawing(chinese(), LINK)
    texts = [placed.line.text for placed in drawing.lines]
    assert texts[0] == TITLE == "承诺达标合格证"
    wanted = (
        "哈密瓜 西州蜜25号",
        "1,000 千克",
        "新疆哈密市伊州区南湖乡",
        "南湖甜瓜专业合作社",
        "2026年8月5日",
        "H-0001",
        "P-0001",
    )
    assert [text for text in wanted if text not in texts] == []
    assert "自我检测、内部质量控制" in texts
    assert "".join(text for text in texts if "0902" in text or "farm" in text).startswith("0902-226 1100")
    sizes = {placed.size for placed in drawing.lines}
    assert drawing.lines[0].size == max(sizes) > 2 * min(sizes), "its words stand out"
    for placed in drawing.lines:
        assert placed.x + placed.line.width * placed.size <= WIDTH
        assert placed.baseline < HEIGHT


def test_its_code_leads_to_the_lot() -> None:
    picture = Image.open(io.BytesIO(png(promise_drawing(chinese(), LINK))))
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == LINK


def test_the_same_certificate_gives_the_same_file() -> None:
    assert promise_pdf(chinese(), LINK) == promise_pdf(chinese(), LINK)


def test_long_texts_are_wrapped_and_never_run_out_of_the_page() -> None:
    drawing = promise_drawing(
        chinese(origin="新疆维吾尔自治区哈密市伊州区" * 4, contact="办公室 0902-2261100 " * 4), LINK
    )
    assert max(placed.baseline for placed in drawing.lines) < HEIGHT


@pytest.mark.parametrize(
    ("changed", "rule"),
    [({"product": "瓜\U0001f348"}, "label.missing-glyph"), ({"contact": "x" * 110}, "label.overflow")],
)
def test_what_cannot_be_printed_is_refused(changed: dict[str, str], rule: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        promise_drawing(chinese(**changed), LINK)
    assert caught.value.violations[0].rule == rule


def test_only_a_promise_is_printed() -> None:
    with pytest.raises(ValueError, match="no promise"):
        promise_pdf(c.pesticide_test(b.HARVEST_LOT), LINK)
