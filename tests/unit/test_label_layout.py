"""Where text stands on a label: shaped, in order, large enough, and never over the edge."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from label_samples import label

from ledger.adapters.labels.fonts import family_of, font
from ledger.adapters.labels.layout import Drawing, Placed, lay_out
from ledger.adapters.labels.sizes import SHEETS, SIZES, SMALLEST_TEXT, Sheet, Size, formats_named
from ledger.adapters.labels.text import direction_of, line, pieces, wrap
from ledger.domain.errors import InvalidInput

ALL = [*SIZES.values(), *(sheet.sticker for sheet in SHEETS.values())]
UYGHUR = "ئابپتجچخدرزژسشغفقكگڭلمنھوۇۆۈۋېىيە"
Box = tuple[float, float, float, float]


def ink(placed: Placed) -> Box:
    """Left, top, right, bottom of what is printed of a line."""
    boxes = []
    for run in placed.line.runs:
        for glyph in run.shaped.glyphs:
            extents = run.font.font.get_glyph_extents(glyph.number)
            if extents is None or not extents.width:
                continue
            scale = placed.size / run.font.units
            x = placed.x + (run.x + glyph.x) * placed.size + extents.x_bearing * scale
            y = placed.baseline - glyph.y * placed.size - extents.y_bearing * scale
            boxes.append((x, y, x + extents.width * scale, y - extents.height * scale))
    if not boxes:
        return placed.x, placed.baseline, placed.x, placed.baseline
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def overlap(one: Box, other: Box) -> float:
    """How deep one box reaches into the other, in millimetres."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(min(width, height), 0.0)


def assert_in_order(drawn: Drawing) -> None:
    symbol = drawn.symbol
    code = (symbol.x, symbol.y, symbol.x + symbol.side, symbol.y + symbol.side)
    boxes = [ink(placed) for placed in drawn.lines]
    for placed, box in zip(drawn.lines, boxes, strict=True):
        assert box[0] >= 0.9, placed.line.text
        assert box[1] >= 0.9, placed.line.text
        assert box[2] <= drawn.width - 0.9, placed.line.text
        assert box[3] <= drawn.height - 0.4, placed.line.text
        assert overlap(box, code) == 0, placed.line.text
        assert placed.size >= SMALLEST_TEXT
    for one, other in itertools.combinations(boxes, 2):
        assert overlap(one, other) < 0.35, "two lines run into each other"


@pytest.mark.parametrize("size", ALL, ids=lambda size: size.name)
@pytest.mark.parametrize("language", ["zh", "en", "ug"])
@pytest.mark.parametrize("lot", ["A", "HM-0805", "HAMI-2026-0805-A1-07"])
def test_every_size_takes_one_language(size: Size, language: str, lot: str) -> None:
    drawn = lay_out(label((language,), lot), size)
    assert_in_order(drawn)
    assert lot in {placed.line.text for placed in drawn.lines}


@pytest.mark.parametrize("languages", [*itertools.permutations(["zh", "en", "ug"])])
@pytest.mark.parametrize("size", [SIZES["100x70"], SHEETS["a4-8"].sticker], ids=lambda size: size.name)
def test_large_labels_take_all_three_languages(size: Size, languages: tuple[str, ...]) -> None:
    drawn = lay_out(label(languages), size)
    assert_in_order(drawn)
    assert max(placed.size for placed in drawn.lines) == drawn.lines[-1].size or any(
        placed.line.text == "HM-0805" and placed.size >= 6 for placed in drawn.lines
    )


def test_a_small_label_takes_chinese_and_english_by_writing_beneath_the_code() -> None:
    drawn = lay_out(label(("zh", "en")), SIZES["60x40"])
    assert_in_order(drawn)
    assert sum(placed.x == SIZES["60x40"].margin for placed in drawn.lines) > 1


WORDS = st.text(st.sampled_from("哈密瓜西州新疆 abcdefgh-,()0123456789" + UYGHUR), min_size=1, max_size=60)


@settings(max_examples=40, deadline=None)
@given(
    size=st.sampled_from(ALL),
    languages=st.lists(st.sampled_from(["zh", "en", "ug"]), min_size=1, max_size=3, unique=True),
    lot=st.text(st.sampled_from("AB0-/._%"), min_size=1, max_size=20),
    product=WORDS,
    origin=WORDS,
    packer=WORDS,
)
def test_whatever_is_written_is_on_the_label_or_refused(
    size: Size, languages: list[str], lot: str, product: str, origin: str, packer: str
) -> None:
    wanted = label(languages, lot, product=product, origin=origin, packer=packer)
    try:
        drawn = lay_out(wanted, size)
    except InvalidInput:
        with pytest.raises(InvalidInput, match=r"label\.overflow"):
            lay_out(wanted, size)
    else:
        assert_in_order(drawn)


LONG = "新疆维吾尔自治区哈密市伊吾县淖毛湖镇" * 40


@pytest.mark.parametrize("size", ALL, ids=lambda size: size.name)
@pytest.mark.parametrize("field", ["product", "origin", "packer"])
def test_text_that_would_run_off_the_label_is_refused(size: Size, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        lay_out(label(("zh",), **{field: LONG}), size)
    (violation,) = refused.value.violations
    assert violation.rule == "label.overflow"
    assert violation.field == f"zh/{field}"
    assert LONG.startswith(violation.value.rstrip("…")[:30])
    assert "mm" in violation.message
    assert size.name in violation.message


def test_a_word_longer_than_the_line_is_refused_not_broken() -> None:
    with pytest.raises(InvalidInput) as refused:
        lay_out(label(("en",), packer="W" * 60), SIZES["60x40"])
    (violation,) = refused.value.violations
    assert (violation.rule, violation.field) == ("label.overflow", "en/packer")


@pytest.mark.parametrize(
    ("lot", "host"), [("HM-0805", "https://" + "x" * 200 + ".example"), ("HM", "https://" + "y" * 4000)]
)
def test_a_link_that_makes_the_code_too_large_is_refused(lot: str, host: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        lay_out(label(("zh",), lot, host=host), SIZES["60x40"])
    assert [(each.rule, each.field) for each in refused.value.violations] == [("label.overflow", "link")]


@pytest.mark.parametrize(("sign", "code"), [("龘", "U+9F98"), ("ไ", "U+0E44"), ("🍈", "U+1F348"), ("\x07", "U+0007")])
def test_a_character_without_a_glyph_is_named(sign: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        lay_out(label(("zh",), packer=f"丝路{sign}果业"), SIZES["100x70"])
    (violation,) = refused.value.violations
    assert (violation.rule, violation.field) == ("label.missing-glyph", "zh/packer")
    assert code in violation.message
    assert repr(sign) in violation.message


def test_every_character_of_gb_2312_and_of_uyghur_has_a_glyph() -> None:
    for row, column in itertools.product(range(0xA1, 0xFF), repeat=2):
        for sign in bytes([row, column]).decode("gb2312", errors="ignore"):
            assert family_of(sign, "zh"), f"U+{ord(sign):04X}"
    assert {family_of(sign, "ug") for sign in UYGHUR} == {"NotoSansArabic"}
    assert {family_of(sign, "en") for sign in "ÜüÄöéŠčАя–’"} == {"NotoSans"}


@pytest.mark.parametrize("weight", ["Regular", "Bold"])
def test_uyghur_letters_are_joined(weight: str) -> None:
    face = font(f"NotoSansArabic-{weight}")
    for letter in "بپتجچخسشغفقكگڭلمنېىي":
        *_dots, alone = (glyph.number for glyph in face.shape(letter, True, "ug").glyphs)
        joined = {glyph.number for glyph in face.shape(letter * 3, True, "ug").glyphs}
        assert alone not in joined, f"{letter} stands alone in a word"
        assert len(joined) >= 3, f"{letter}: initial, medial and final form look the same"
    lam_alef = face.shape("لا", True, "ug").glyphs
    apart = {glyph.number for letter in "لا" for glyph in face.shape(letter, True, "ug").glyphs}
    assert {glyph.number for glyph in lam_alef}.isdisjoint(apart)


def test_uyghur_runs_from_right_to_left_and_its_numbers_from_left_to_right() -> None:
    set_line = line("ئورالغان 2026-يىلى (5 kg)", "ug", False, True)
    parts = [(run.text.strip(), run.is_right_to_left) for run in set_line.runs]
    assert [text for text, _rtl in parts].index("2026") > 0
    assert parts[-1] == ("ئورالغان", True)
    assert dict(parts)["2026"] is False
    xs = [run.x for run in set_line.runs]
    assert xs == sorted(xs)


@pytest.mark.parametrize(
    ("text", "expected"), [("Hami ق", False), ("قۇمۇل Hami", True), ("25 号", False), ("2026", True)]
)
def test_a_value_runs_as_its_first_letter_does(text: str, expected: bool) -> None:
    assert direction_of(text, True) is expected


def test_lines_end_between_words_and_chinese_characters_but_not_before_commas() -> None:
    assert pieces("Hami melon, 5 kg") == ("Hami ", "melon, ", "5 ", "kg")
    assert pieces("新疆（哈密）、伊吾") == ("新", "疆", "（哈", "密）、", "伊", "吾")
    lines = wrap("Yiwu County, Hami, Xinjiang", "en", False, False, lambda _number: 9.0)
    assert lines is not None
    assert " ".join(each.text for each in lines) == "Yiwu County, Hami, Xinjiang"
    assert all(each.width <= 9.0 for each in lines)


def test_formats_are_known_by_name_and_others_refused() -> None:
    assert formats_named("60X40") == (SIZES["60x40"],)
    assert formats_named("a4-8") == (SHEETS["a4-8"],)
    counts = [form.stickers for form in formats_named("a4") if isinstance(form, Sheet)]
    assert counts == sorted(counts, reverse=True)
    assert len(counts) == 3
    with pytest.raises(InvalidInput, match="100x70"):
        formats_named("a5")
