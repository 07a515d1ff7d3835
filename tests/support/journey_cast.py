"""
What journeys through hubs, recalls and labels need beyond `journey`: cities and a regulator in three languages, and
sentences that count.
"""

from __future__ import annotations

import re
from dataclasses import replace

import event_builders as b
from hub_world import CITIES
from journey import Journey, cast, plain
from playwright.sync_api import Locator, Page, expect

from ledger.domain.master_data import MasterData

_BROKEN_TILES = """() => [...document.querySelectorAll("main .tile b")].filter((name) => {
  name.style.overflowWrap = "normal";
  const isWider = name.scrollWidth > name.clientWidth;
  name.style.overflowWrap = "";
  return isWider;
}).map((name) => name.textContent)"""
"""Names of pages with a word that is wider than their tile, so that a line ends in the middle of it."""
REGULATOR = {"en": "Regulator", "zh": "新疆市场监督管理局", "ug": "بازار نازارەت قىلىش ئىدارىسى"}


def travelled_cast() -> MasterData:
    """The cast of journeys, each in its city; the regulator has a name in all three languages too."""
    master = cast()
    parties = {key: replace(party, city=CITIES.get(key, {})) for key, party in master.parties.items()}
    parties[b.REGULATOR] = replace(parties[b.REGULATOR], name=REGULATOR)
    return replace(master, parties=parties)


def counted(journey: Journey, one: str, many: str, count: int, **values: object) -> str:
    """The sentence that goes with the number; an error where the catalogue has none."""
    if journey.language != "en":
        assert any(journey.words.translations.texts.get(one, ())), f"{journey.language} has no {one!r}"
    return plain(journey.words.ngettext(one, many, count, **values))


def shows(place: Locator, text: str) -> None:
    """The text stands there, whatever isolates stand in it, once the page has followed."""
    letters = ("[-\u2011]" if letter == "-" else re.escape(letter) for letter in text)
    expect(place).to_contain_text(re.compile("[\u2066-\u2069]*".join(letters)))


def taps_tile(page: Page, journey: Journey, label: str, path: str) -> None:
    """From the first page to the one of that tile, which is looked at."""
    if not page.url.endswith("/staff"):
        page.locator("nav a[href='/staff']").locator("visible=true").first.click()
        page.wait_for_url("**/staff")
        journey.fits(page)
    assert page.evaluate(_BROKEN_TILES) == []
    page.locator("main a.tile").filter(has=page.get_by_text(journey.say(label), exact=True)).click()
    page.wait_for_url(f"**{path}")
    journey.fits(page)
