"""
A phone at a dock: a Chromium that keeps its data in a folder, so that it can be closed and opened again.

    with phone(folder) as context:
        page = at_dock(world, context, address)
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from chromium import FLAGS, chromium
from dock_world import AYGUL, DockWorld, enrol_browser, sign_in
from playwright.sync_api import BrowserContext, Page, ViewportSize, sync_playwright

from ledger.domain.people import Person

PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 800}


@contextmanager
def phone(folder: Path, size: ViewportSize = PHONE, *flags: str) -> Iterator[BrowserContext]:
    """A browser whose data stays in the folder."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder, executable_path=chromium(), args=[*FLAGS, *flags], viewport=size, locale="en-GB",
            timezone_id="Asia/Shanghai", permissions=["camera"],
        )  # fmt: skip
        yield context
        context.close()


def ready(page: Page, address: str, name: str) -> None:
    """The page is there, its script has run, and its service worker looks after it."""
    page.goto(f"{address}/staff/{name}")
    page.wait_for_selector("html[data-ready=yes]")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")


def until(page: Page, promised: str, arg: object = None, seconds: float = 30) -> None:
    """
    Waits until what that function of the page promises is true. Playwright's `wait_for_function` takes the first answer
    of a promise, whatever it is.
    """
    deadline = time.monotonic() + seconds
    while not page.evaluate(promised, arg):
        assert time.monotonic() < deadline, f"not so after {seconds} s: {promised}"
        time.sleep(0.05)


def at_dock(world: DockWorld, context: BrowserContext, address: str, person: Person = AYGUL) -> Page:
    """Signed in, with a key, looking at what is on its way; a script that fails fails the test."""
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
    sign_in(context, address, person)
    enrol_browser(world, page, address, person)
    ready(page, address, "receive")
    return page
