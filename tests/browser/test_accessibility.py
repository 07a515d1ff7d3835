"""Every page for people breaks no rule of WCAG 2.2 AA, on a phone and at a desk, in every language."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from accessibility import SIZES, assert_accessible, violations
from fake_services import FakeWorld
from playwright.sync_api import Browser, Page
from story_samples import CASES, LOT, STORIES, story

from api.localization import LANGUAGES

pytestmark = pytest.mark.browser
LOT_PATH = f"/01/{CASES:014d}/10/{LOT.code}"
PAGES = {
    "home": "/",
    "verify": "/verify",
    "docs": "/docs",
    "not there": "/01/09506000134352/10/NO-SUCH",
    "bad": "/01/1/10/A",
}
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
BAD = """<!doctype html><html><head><title>Bad</title></head><body><main>
<p style="color:#aaa;background:#fff">Too pale to read</p><img src="data:,">
<p style="line-height:1"><a href="#a" style="display:inline-block;width:9px;height:9px">a</a
><a href="#b" style="display:inline-block;width:9px;height:9px">b</a></p></main></body></html>"""


@contextmanager
def window(browser: Browser, size: str) -> Iterator[Page]:
    """A page in a window of that size."""
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
    yield context.new_page()
    context.close()


def test_what_is_wrong_is_found_under_a_strict_policy(browser: Browser) -> None:
    with window(browser, "phone") as page:
        page.route("**/*", lambda route: route.fulfill(
            body=BAD, content_type="text/html", headers={"content-security-policy": POLICY}))  # fmt: skip
        page.goto("http://bad.example/")
        found = {one.rule: one for one in violations(page)}
        assert {"color-contrast", "html-has-lang", "image-alt", "target-size"} == set(found)
        report = str(found["color-contrast"])
        assert "Too pale to read" in report
        assert "contrast of 2.32" in report
        with pytest.raises(AssertionError, match=r"http://bad\.example/ breaks 4 rules"):
            assert_accessible(page)


def test_a_part_of_a_page_can_be_looked_at_alone(browser: Browser) -> None:
    with window(browser, "desk") as page:
        page.set_content(BAD)
        assert [one.rule for one in violations(page, "p:first-child")] == ["color-contrast"]


@pytest.fixture(scope="module")
def shown(request: pytest.FixtureRequest, browser: Browser, address: str, world: FakeWorld) -> Iterator[Page]:
    """A page in a language, loaded once for both sizes: one of `PAGES`, or the lot with that verdict, all unfolded."""
    what, language = request.param
    if what not in PAGES:
        world.stories.told = story(what)
    with window(browser, "desk") as page:
        page.goto(f"{address}{PAGES.get(what, LOT_PATH)}?lang={language}")
        if what not in PAGES:
            for fold in page.locator("summary").all():
                fold.click()
        yield page


@pytest.mark.parametrize("size", [*reversed(SIZES)])
@pytest.mark.parametrize(
    "shown",
    [
        pytest.param((what, language), id=f"{what}-{language}")
        for what in (*STORIES, *PAGES)
        for language in LANGUAGES
    ],
    indirect=True,
)  # fmt: skip
def test_a_page(shown: Page, size: str) -> None:
    width, height = SIZES[size]
    shown.set_viewport_size({"width": width, "height": height})
    assert_accessible(shown)
