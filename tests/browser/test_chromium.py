"""The browser of these tests is started as it is meant to be."""

from __future__ import annotations

from pathlib import Path

import pytest
from chromium import FLAGS
from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
SWITCH = "--disable-features="


def test_what_playwright_switches_off_stays_off(browser: Browser) -> None:
    """Chromium obeys the last of the two switches; it has to name all that the first one names."""
    told = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")
    (process,) = (one["id"] for one in told["processInfo"] if one["type"] == "browser")
    arguments = Path(f"/proc/{process}/cmdline").read_text().split("\0")
    (ours,) = (flag for flag in FLAGS if flag.startswith(SWITCH))
    *before, last = (each for each in arguments if each.startswith(SWITCH))
    assert last == ours
    assert before, "playwright has no list of its own any more; chromium.py need not repeat it"
    for each in before:
        assert set(each.removeprefix(SWITCH).split(",")) <= set(ours.removeprefix(SWITCH).split(","))
