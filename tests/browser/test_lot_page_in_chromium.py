"""The lot's page as a phone shows it: 390 x 844, with and without JavaScript, in every language."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import zxingcpp
from fake_services import PUBLIC_URL, FakeWorld
from PIL import Image
from playwright.sync_api import Browser, Page
from story_samples import CASES, LOT, MASTER, STORIES, story

from api.localization import LANGUAGES, words
from api.views.phrases import VERDICTS
from ledger.domain.story_values import Verdict

pytestmark = pytest.mark.browser
PATH = f"/01/{CASES:014d}/10/{LOT.code}"
LOCALES = {"zh": "zh-CN", "en": "en-GB", "ug": "ug-CN"}


@contextmanager
def phone(browser: Browser, language: str, *, javascript: bool = False) -> Iterator[Page]:
    """A page in a phone's window; anything it fetches beside itself is an error."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        device_scale_factor=2,
        locale=LOCALES[language],
        java_script_enabled=javascript,
        is_mobile=True,
        has_touch=True,
    )
    page = context.new_page()
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert [url for url in fetched if not url.startswith(("http://127.0.0.1", "data:"))] == []
    assert [text for text in problems if not text.startswith("Failed to load resource")] == []


@pytest.mark.parametrize("verdict", [*STORIES])
@pytest.mark.parametrize("language", [*LANGUAGES])
def test_the_verdict_stands_on_the_first_screen(
    browser: Browser, address: str, world: FakeWorld, verdict: Verdict, language: str
) -> None:
    world.stories.told = story(verdict)
    with phone(browser, language) as page:
        page.goto(address + PATH)
        main = page.locator("main")
        assert main.get_attribute("data-verdict") == verdict.value
        heading = page.get_by_role("heading", name=words(language)(VERDICTS[verdict].title), exact=True).first
        box = heading.bounding_box()
        assert box is not None
        assert 0 < box["y"] < box["y"] + box["height"] < 844
        card = page.locator("section.verdict").bounding_box()
        assert card is not None
        assert card["y"] + card["height"] < 844
        assert page.locator("section.verdict .seal svg").is_visible()
        assert page.locator("html").get_attribute("lang") == LANGUAGES[language]


@pytest.mark.parametrize("verdict", [*STORIES])
def test_nothing_scrolls_sideways(browser: Browser, address: str, world: FakeWorld, verdict: Verdict) -> None:
    world.stories.told = story(verdict)
    with phone(browser, "en", javascript=True) as page:
        for language in LANGUAGES:
            page.goto(f"{address}{PATH}?lang={language}")
            page.locator(".evidence summary").click()
            for width in (320, 390, 1280):
                page.set_viewport_size({"width": width, "height": 844})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (language, width)


def test_long_names_without_a_place_to_break_do_not_scroll_sideways(
    browser: Browser, address: str, world: FakeWorld
) -> None:
    long = {"en": "W" * 200}
    told = story(Verdict.SUSPECT)
    assert told.product
    world.stories.told = replace(told, product=replace(told.product, name=long))
    world.shelf.master = replace(
        MASTER, parties={id_: replace(party, name=long) for id_, party in MASTER.parties.items()}
    )
    try:
        with phone(browser, "en", javascript=True) as page:
            page.goto(address + PATH)
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
    finally:
        world.shelf.master = MASTER


@pytest.mark.parametrize("verdict", [Verdict.VERIFIED, Verdict.UNKNOWN])
def test_a_decoder_reads_the_code_on_the_page(
    browser: Browser, address: str, world: FakeWorld, verdict: Verdict
) -> None:
    world.stories.told = story(verdict)
    with phone(browser, "zh") as page:
        page.goto(address + PATH)
        picture = page.locator("svg.qr").screenshot()
    (symbol,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)).convert("L"))
    assert symbol.text == PUBLIC_URL + PATH


def test_the_language_switch_works_without_javascript_and_is_remembered(
    browser: Browser, address: str, world: FakeWorld
) -> None:
    world.stories.told = story(Verdict.VERIFIED)
    with phone(browser, "en") as page:
        page.goto(address + PATH)
        page.get_by_role("link", name="中文").click()
        assert page.locator("h1").inner_text() == "哈密瓜"
        page.goto(address + "/")
        assert page.locator("html").get_attribute("lang") == "zh-Hans-CN"


BOX = "e => { const b = e.getBoundingClientRect(); return [b.left, b.right]; }"


def test_a_page_in_uyghur_runs_from_right_to_left(browser: Browser, address: str, world: FakeWorld) -> None:
    world.stories.told = story(Verdict.UNVERIFIED)
    with phone(browser, "ug", javascript=True) as page:
        page.goto(address + PATH)
        page.locator(".evidence summary").click()
        assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
        # The sign stands right of its words, the drawing at the far end of the head, the brand at its beginning.
        seal, words_beside = (page.locator(f"section.verdict {part}").evaluate(BOX) for part in (".seal", "h2"))
        assert seal[0] >= words_beside[1]
        assert page.locator(".hero .fruit").evaluate(BOX)[1] < 195
        assert page.locator(".brand").evaluate(BOX)[0] > 195
        # Codes and hashes run from left to right, in one piece, at the right edge of their card.
        for code in ("dd.hash", ".ids .code", ".evidence dd.hash"):
            styles = page.locator(code).first.evaluate(
                "e => [getComputedStyle(e).direction, getComputedStyle(e).unicodeBidi]"
            )
            assert styles == ["ltr", "isolate"], code
        card, number = (page.locator(f".evidence {part}").first.evaluate(BOX) for part in ("dl", "dd.hash"))
        assert abs(card[1] - number[1]) < 2
        # What points somewhere points the other way; what says yes does not.
        turned = page.evaluate("[...document.querySelectorAll('.turn, .bar')].map(e => getComputedStyle(e).transform)")
        assert turned
        assert set(turned) == {"matrix(-1, 0, 0, 1, 0, 0)"}
        assert page.locator(".checks .sign").first.evaluate("e => getComputedStyle(e).transform") == "none"
        assert page.locator("svg.qr").evaluate("e => getComputedStyle(e).transform") == "none"


def test_a_chinese_name_leaves_a_sentence_in_uyghur_its_order(browser: Browser, address: str, world: FakeWorld) -> None:
    world.stories.told = story(Verdict.VERIFIED)
    with phone(browser, "ug", javascript=True) as page:
        page.goto(address + PATH)
        deed = page.locator(".deed bdi", has_text="京东路鲜果行").first
        # «京东路鲜果行» نامىغا ئەۋەتىلدى: the name stands first, so it is drawn rightmost.
        edges = deed.evaluate(
            """e => {
              const text = e.firstChild, at = text.data.indexOf("京"), range = document.createRange();
              range.setStart(text, at); range.setEnd(text, at + 6);
              return [range.getBoundingClientRect().right, e.getBoundingClientRect().right];
            }"""
        )
        assert edges[1] - edges[0] < 12


def test_the_evidence_opens_without_javascript(browser: Browser, address: str, world: FakeWorld) -> None:
    told = world.stories.told = story(Verdict.VERIFIED)
    entry = told.events[0].entry
    assert entry
    with phone(browser, "en") as page:
        page.goto(address + PATH)
        transaction = page.get_by_text(f"0x{entry.transaction.hex()}")
        assert not transaction.is_visible()
        page.locator(".evidence summary").click()
        assert transaction.is_visible()


def test_what_can_be_touched_is_big_enough(browser: Browser, address: str, world: FakeWorld) -> None:
    world.stories.told = story(Verdict.VERIFIED)
    with phone(browser, "zh", javascript=True) as page:
        for path in (PATH, "/", "/01/1/10/A"):
            page.goto(address + path)
            small = page.evaluate(
                "[...document.querySelectorAll('a, summary, .report label, button')]"
                ".filter(e => !e.closest('.verdict p') && e.getBoundingClientRect().height < 44)"
                ".map(e => e.outerHTML)"
            )
            assert small == []


# Relative luminance and contrast ratio of WCAG 2.2, section 1.4.3, over the colours that the browser computed.
CONTRAST = """
() => {
  const parse = c => c.match(/[\\d.]+/g).map(Number);
  const light = c => parse(c).slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = e => {
    for (; e; e = e.parentElement) {
      const c = getComputedStyle(e).backgroundColor, a = parse(c)[3];
      if (a === undefined || a > 0) return c;
    }
    return 'rgb(255, 255, 255)';
  };
  const poor = [];
  for (const e of document.querySelectorAll('main *, footer *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || e.closest('svg')) continue;
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 7) poor.push([e.className, e.textContent, (a + 0.05) / (b + 0.05)]);
  }
  return poor;
}
"""


@pytest.mark.parametrize("verdict", [*STORIES])
def test_text_can_be_read_in_sunlight(browser: Browser, address: str, world: FakeWorld, verdict: Verdict) -> None:
    world.stories.told = story(verdict)
    with phone(browser, "en", javascript=True) as page:
        page.goto(address + PATH)
        page.locator(".evidence summary").click()
        assert page.evaluate(CONTRAST) == []


def test_no_two_verdicts_share_a_sign(browser: Browser, address: str, world: FakeWorld) -> None:
    signs = set()
    with phone(browser, "en") as page:
        for verdict in STORIES:
            world.stories.told = story(verdict)
            page.goto(address + PATH)
            signs.add(page.locator("section.verdict .seal svg").inner_html())
    assert len(signs) == len(STORIES)
