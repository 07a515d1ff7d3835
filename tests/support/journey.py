"""
One person's way through the pages, in one language and at one size of screen.

    @everywhere                                        # six times: three languages, a phone and a desk
    def test_a_harvest(world, browser, journey):
        with journey.signed_in(world, browser, FARM, "Ayshem") as page:
            journey.go(page, f"{world.url}/staff/harvest")
            journey.field(page, "Weight").fill("12")
            journey.check(page)
            assert journey.said(page) == [journey.say("%(weight)s of %(product)s …", weight=…)]
            journey.sign(page)

Buttons and fields are found by the words that stand on them in that language, and texts are compared in it. A text that
its catalogue lacks is an error here, since the page would show English. Texts are compared without the invisible
isolates that keep values in order where lines run from right to left, and with plain hyphens (`plain`).
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import event_builders as b
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from staff_world import SIZES, StaffWorld

from api.localization import LANGUAGES, Words, words
from ledger.domain.identifiers import PartyId
from ledger.domain.master_data import MasterData

LOCALES = {"en": "en-GB", "zh": "zh-CN", "ug": "ug-CN"}
"""What browsers of readers ask for."""
PARTIES = {
    b.FARM: {"en": "Farm", "zh": "南湖农场", "ug": "نەنخۇ دېھقانچىلىق مەيدانى"},
    b.PACKING_HOUSE: {"en": "Packing house", "zh": "戈壁包装厂", "ug": "گوبى ئورىقاش زاۋۇتى"},
    b.HUB: {"en": "Hub", "zh": "乌鲁木齐集散中心", "ug": "ئۈرۈمچى تارقىتىش مەركىزى"},
    b.BUYER: {"en": "Buyer", "zh": "京津果品", "ug": "بېيجىڭ مېۋە شىركىتى"},
}
MELON = {"en": "Hami melon, loose", "zh": "哈密瓜（散装）", "ug": "قۇمۇل قوغۇنى"}
CASE = {"en": "Hami melon, case", "zh": "哈密瓜（箱）", "ug": "قۇمۇل قوغۇنى، ساندۇق"}
PLOT = {"en": "Plot 7", "zh": "七号地", "ug": "7-ئېتىز"}
_BROKEN_WORDS = """() => {
  const places = document.querySelectorAll("nav span, button, .button, h1, h2, h3, label, legend, .badge, dt, dd b");
  const texts = [...places].filter((one) => one.checkVisibility()).flatMap((one) => {
    const walker = document.createTreeWalker(one, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) found.push(walker.currentNode);
    return found.filter((text) => !text.parentElement.closest(".code, .hash"));
  });
  return texts.flatMap((text) => [...text.data.matchAll(/[\\p{L}\\p{M}]+/gu)].filter((word) => {
    if (/[\\p{Script=Han}]/u.test(word[0])) return false;
    const range = document.createRange();
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1;
  }).map(([word]) => word));
}"""
_ISOLATES = re.compile("[\u2066-\u2069]")
_UNBROKEN_HYPHEN = "\u2011"
"""In days such as 14-ئاۋغۇست; see `api.rendering`."""
_SIGN_SECONDS = 20
PICTURES = os.environ.get("SILKROOT_TEST_PICTURES", "")
"""A folder: each page that is looked at is pictured into it."""


def cast() -> MasterData:
    """The cast of `event_builders`, in which those who take part in journeys have names in all three languages."""
    master = b.master_data()
    parties = {id: replace(one, name=PARTIES.get(id, one.name)) for id, one in master.parties.items()}
    places = {key: replace(one, name=PARTIES.get(one.party, one.name)) for key, one in master.places.items()}
    names = {b.BULK_MELON: MELON, b.MELON_CASE: CASE}
    products = {id: replace(one, name=names.get(id, one.name)) for id, one in master.products.items()}
    plots = {key: replace(one, name=PLOT) for key, one in master.plots.items()}
    return replace(master, parties=parties, places=places, products=products, plots=plots)


def plain(text: str) -> str:
    """The text without isolates, with plain hyphens, on one line."""
    return " ".join(_ISOLATES.sub("", text).replace(_UNBROKEN_HYPHEN, "-").split())


def broken_words(page: Page) -> list[str]:
    """Words of navigation, buttons, headings and labels that a line ends in the middle of."""
    broken: list[str] = page.evaluate(_BROKEN_WORDS)
    return broken


@dataclass(frozen=True)
class Journey:
    """A reader of that language before a screen of that size."""

    language: str
    size: str

    def __str__(self) -> str:
        return f"{self.language}-{self.size}"

    @property
    def number(self) -> int:
        """1 to 6; lots and references of one journey have it in their codes, so that none is another's."""
        return 1 + JOURNEYS.index(self)

    @property
    def words(self) -> Words:
        """The language's dates, weights and texts."""
        return words(self.language)

    @property
    def options(self) -> dict[str, Any]:
        """The options of a browser context of that reader."""
        mobile = self.size == "phone"
        speaks = {"locale": LOCALES[self.language], "timezone_id": "Asia/Shanghai"}
        return {"viewport": SIZES[self.size], **speaks, "is_mobile": mobile, "has_touch": mobile}

    # What is read

    def say(self, text: str, **values: object) -> str:
        """The text of that msgid; an error where the catalogue has none."""
        catalogue = self.words.translations.texts
        assert self.language == "en" or any(catalogue.get(text, ())), f"{self.language} has no {text!r}"
        return plain(self.words(text, **values))

    def saying(self, text: str, **values: object) -> re.Pattern[str]:
        """The same to look for in a page, where isolates may stand among its values."""
        letters = ("[-\u2011]" if letter == "-" else re.escape(letter) for letter in self.say(text, **values))
        return re.compile("[\u2066-\u2069]*".join(letters))

    def kilograms(self, grams: int) -> str:
        """A mass as pages write it."""
        return plain(self.words.kilograms(grams))

    def text(self, where: Locator) -> str:
        """What stands there, to be compared."""
        return plain(where.inner_text())

    # Pages

    @contextlib.contextmanager
    def opened(self, browser: Browser, **options: Any) -> Iterator[Page]:
        """A page of a browser of that reader's, in which nobody is signed in; an error of its scripts fails."""
        context = browser.new_context(**{**self.options, **options})
        errors: list[str] = []
        context.on("weberror", lambda error: errors.append(str(error.error)))
        try:
            yield context.new_page()
            assert errors == []
        finally:
            context.close()

    def join(self, world: StaffWorld, page: Page, party: PartyId, name: str, role: str = "admin") -> None:
        """Opens an invitation; the page is at /staff then, signed in."""
        page.goto(world.invitation(party, name, role))
        page.locator("#invitation").wait_for()
        self.press(page, "Join on this phone")
        page.wait_for_url(f"{world.url}/staff")

    @contextlib.contextmanager
    def signed_in(
        self, world: StaffWorld, browser: Browser, party: PartyId, name: str = "Aygül", role: str = "admin"
    ) -> Iterator[Page]:
        """A page of a person of that party, in a browser context of its own."""
        with self.opened(browser) as page:
            self.join(world, page, party, name, role)
            yield page

    def go(self, page: Page, url: str) -> None:
        """Opens that page and looks at it."""
        page.goto(url)
        self.fits(page)

    def fits(self, page: Page) -> None:
        """The page is of that language and direction, nothing sticks out at the side, no text of ours is English,
        no button's word is broken."""
        html = page.locator("html")
        told = html.get_attribute("lang"), html.get_attribute("dir")
        assert told == (LANGUAGES[self.language], "rtl" if self.language == "ug" else "ltr"), f"{page.url}: {told}"
        assert page.evaluate("getComputedStyle(document.body).direction") == html.get_attribute("dir"), page.url
        # Not `innerWidth`: a phone's browser widens it to whatever sticks out.
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[self.size]["width"], page.url
        english, broken = self.english(page), broken_words(page)
        assert (english, broken) == ([], []), f"{page.url}: English {english}, broken {broken}"
        if PICTURES:
            name = f"{self}-{time.time_ns()}-{urlsplit(page.url).path.strip('/').replace('/', '-')}.png"
            page.screenshot(path=Path(PICTURES) / name, full_page=True)

    def english(self, page: Page) -> list[str]:
        """Lines of the page that are English msgids which this language says otherwise."""
        texts = self.words.translations.texts
        lines = {plain(line) for line in page.locator("body").inner_text().split("\n")}
        return sorted(line for line in lines if line in texts and line not in texts[line])

    # Buttons and fields; `whole`: whether nothing else stands there

    def button(self, page: Page | Locator, text: str, *, whole: bool = True, **values: object) -> Locator:
        """The button on which that text stands."""
        return page.get_by_role("button", name=self._name(text, whole, values))

    def link(self, page: Page | Locator, text: str, *, whole: bool = True, **values: object) -> Locator:
        """The link of that text."""
        return page.get_by_role("link", name=self._name(text, whole, values))

    def field(self, page: Page | Locator, text: str, *, whole: bool = True, **values: object) -> Locator:
        """The field with that label."""
        return page.get_by_label(self._name(text, whole, values))

    def heading(self, page: Page) -> Locator:
        """The page's own."""
        return page.get_by_role("heading", level=1)

    def press(self, page: Page | Locator, text: str, **values: object) -> None:
        """Presses the button, once it stands where it stays."""
        self.settle(page if isinstance(page, Page) else page.page)
        self.button(page, text, **values).click()

    def settle(self, page: Page) -> None:
        """A font that arrives between press and release moves the button from under the pointer."""
        page.evaluate("document.fonts.ready.then(() => true)")

    # Signing

    def check(self, page: Page) -> None:
        """The one main action of a form at the page's lower edge."""
        self.press(page, "Check and sign")

    def said(self, page: Page) -> list[str]:
        """What the sheet says will be signed."""
        expect(page.locator("#confirm")).to_be_visible(timeout=_SIGN_SECONDS * 1000)
        expect(page.locator("#confirm-title")).to_have_text(self.say("You sign:"))
        self.fits(page)
        return [plain(line) for line in page.locator("#said li").all_inner_texts()]

    def sign(self, page: Page, text: str = "Recorded") -> None:
        """Agrees to what the sheet says, and waits until the page says `text`."""
        self.press(page, "Sign and record")
        expect(page.locator("#done-text")).to_have_text(self.saying(text), timeout=_SIGN_SECONDS * 1000)
        self.fits(page)

    def _name(self, text: str, whole: bool, values: dict[str, object]) -> re.Pattern[str]:
        pattern = self.saying(text, **values)
        return re.compile(rf"^[\s\u2066-\u2069]*{pattern.pattern}[\s\u2066-\u2069]*$") if whole else pattern


JOURNEYS = [Journey(language, size) for language in ("en", "zh", "ug") for size in SIZES]
everywhere = pytest.mark.parametrize("journey", JOURNEYS, ids=str)
"""A test of one journey, in every language and at every size."""
