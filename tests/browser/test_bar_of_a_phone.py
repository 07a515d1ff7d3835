"""
The bar at the lower edge of a phone: for parties of every role and in every language, also on narrow phones, no word is
broken and nothing is cut off. A bar that is too wide makes no page scroll, so that nothing else would see it.
"""

from __future__ import annotations

import pytest
from journey import broken_words
from playwright.sync_api import Browser

from api.localization import LANGUAGES, words
from api.rendering import style_sheet
from api.staff.navigation import bar_for
from ledger.domain.identifiers import PartyId
from ledger.domain.master_data import Role as PartyRole
from ledger.domain.people import Person, Role

pytestmark = pytest.mark.browser
ADMIN = Person("00" * 8, PartyId(9520000000010), "Aygül", Role.ADMIN)
ROLES = [
    *PartyRole,
    PartyRole.PRODUCER | PartyRole.PACKER,
    PartyRole.BUYER | PartyRole.PACKER,
    PartyRole.HUB | PartyRole.CARRIER,
]
OUTSIDE = """() => [...document.querySelectorAll(".bar a")]
  .filter((one) => one.getBoundingClientRect().left < 0 || one.getBoundingClientRect().right > innerWidth)
  .map((one) => one.textContent)"""


@pytest.mark.parametrize("width", [390, 360, 320])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_is_broken_or_cut_off(browser: Browser, language: str, width: int) -> None:
    speak = words(language)
    page = browser.new_page(viewport={"width": width, "height": 640})
    for roles in ROLES:
        links = "".join(
            f'<a href="#"><svg class="sign"></svg><span>{speak(entry.label)}</span></a>'
            for entry in bar_for(roles, ADMIN)
        )
        page.set_content(
            f'<html lang="{speak.tag}" dir="{speak.direction}"><style>{style_sheet()}</style>'
            f'<style>{style_sheet("staff.css")}</style><nav class="bar">{links}</nav>'
        )
        assert page.locator(".bar a").count() >= 2
        assert (broken_words(page), page.evaluate(OUTSIDE)) == ([], []), roles
    page.close()
