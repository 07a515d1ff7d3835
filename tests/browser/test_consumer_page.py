"""
The consumer's page on a slow phone: the answer on the first screen, light, without scripts, and it does not move.

How long it takes is measured by `scripts/bench --only consumer`; here it is only printed.
"""

from __future__ import annotations

import gzip
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fake_services import FakeWorld
from playwright.sync_api import Browser, Page, expect
from story_samples import BEIJING, CASES, LOT, STORIES, story

from api.localization import LANGUAGES
from ledger.adapters.header_city import HeaderCity
from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.labels import SqlLabels
from ledger.domain.identifiers import ContentHash
from ledger.domain.sensors.limits import Limits
from ledger.domain.sensors.series import Point, summary_of
from ledger.domain.sensors.units import Kind
from ledger.domain.sensors.values import Climate, Series, Standing
from ledger.domain.story_values import LotStory, Verdict
from ledger.services.labels import Labels
from ledger.wiring import SystemClock

pytestmark = pytest.mark.browser
PATH = f"/01/{CASES:014d}/10/{LOT.code}"
LOCALES = {"zh": "zh-CN", "en": "en-GB", "ug": "ug-CN"}
SIZES = {"phone": (390, 844), "desk": (1280, 800)}
MOST_BYTES = 100_000
FAST_3G = {
    "offline": False,
    "latency": 562.5,
    "downloadThroughput": 1.6 * 1024 * 1024 / 8 * 0.9,
    "uploadThroughput": 750 * 1024 / 8 * 0.9,
}
SEEN = """() => new Promise(done => {
  const found = {content: 0, shift: 0};
  new PerformanceObserver(list => { for (const one of list.getEntries()) found.content = one.startTime; })
    .observe({type: 'largest-contentful-paint', buffered: true});
  new PerformanceObserver(list => { for (const one of list.getEntries()) found.shift += one.value; })
    .observe({type: 'layout-shift', buffered: true});
  setTimeout(() => done(found), 400);
})"""


def with_climate(told: LotStory) -> LotStory:
    """The story with a logger's readings on the branch in Beijing: cold, too warm for half an hour, cold again."""
    hour = 3_600_000
    start = 1_785_000_000_000
    values = [5_000, 5_200, 4_900, 5_100, 8_600, 8_900, 5_400, 5_000, 4_800, 5_100] * 12
    points = tuple(Point(start + at * hour // 6, value, value) for at, value in enumerate(values))
    limits = Limits(2_000, 8_000, 600)
    content = ContentHash(bytes(32))
    series = Series(
        told.id, BEIJING, "urn:logger:1", Kind.TEMPERATURE, limits, points, summary_of(points, limits),
        Standing.TOLERATED, (content,),
    )  # fmt: skip
    climate = Climate(told.id, limits, (series,))
    branches = tuple(replace(each, climate=climate) if each.holder == BEIJING else each for each in told.branches)
    return replace(told, branches=branches)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeWorld]:
    """Fakes with real labels behind them."""
    made = FakeWorld()
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('labels') / 'labels.sqlite3'}")
    made.labels = Labels(SqlLabels(database), SystemClock())  # type: ignore[attr-defined]
    plain = FakeWorld.services.fget
    assert plain is not None

    class World(FakeWorld):
        """The same, whose services know labels."""

        @property
        def services(self) -> Any:
            """With labels and a proxy that says the city."""
            return replace(plain(self), labels=made.labels, city_of=HeaderCity("x-city"))  # type: ignore[attr-defined]

    made.__class__ = World
    yield made
    database.close()


def opened(browser: Browser, language: str = "en", size: str = "phone", **more: Any) -> Page:
    """A window of that size; it closes with its context."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale=LOCALES[language], is_mobile=size == "phone",
        java_script_enabled=more.pop("javascript", True), **more,
    )  # fmt: skip
    return context.new_page()


def bottom(page: Page, selector: str) -> float:
    """Where the element ends."""
    box = page.locator(selector).first.bounding_box()
    assert box is not None, selector
    return box["y"] + box["height"]


@pytest.mark.parametrize("language", [*LANGUAGES])
def test_the_answer_stands_on_the_first_screen(browser: Browser, address: str, world: FakeWorld, language: str) -> None:
    world.stories.told = with_climate(story(Verdict.VERIFIED))
    page = opened(browser, language, javascript=False)
    page.goto(f"{address}{PATH}?at={BEIJING:013d}")
    for part in ("h1", "section.verdict", "svg.map", "ol.steps", ".mine"):
        assert bottom(page, part) < 844, part
    chart = page.locator("svg.chart").bounding_box()
    assert chart is not None
    assert chart["y"] < 844
    assert page.locator("svg.map circle.grown").count() == 1
    assert page.locator("ol.steps li").count() >= 2
    page.context.close()


@pytest.mark.parametrize("size", [*SIZES])
@pytest.mark.parametrize("language", [*LANGUAGES])
@pytest.mark.parametrize("verdict", [*STORIES])
def test_every_verdict_fits_every_window(
    browser: Browser, address: str, world: FakeWorld, verdict: Verdict, language: str, size: str
) -> None:
    world.stories.told = with_climate(story(verdict))
    page = opened(browser, language, size)
    page.goto(f"{address}{PATH}?at={BEIJING:013d}")
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    assert page.locator("main").get_attribute("data-verdict") == verdict.value
    # Nothing of a picture lies outside of it, and no name of a city on another.
    names = page.locator("svg.map text").evaluate_all(
        "all => all.map(e => { const b = e.getBBox(); return [b.x, b.y, b.x + b.width, b.y + b.height]; })"
    )
    assert all(left >= -2 and right <= 362 for left, _, right, _ in names)
    for at, one in enumerate(names):
        for other in names[at + 1 :]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] + 6 or other[3] <= one[1] + 6
            assert apart, (one, other)
    page.context.close()


def test_the_chart_shows_limits_and_what_was_outside(browser: Browser, address: str, world: FakeWorld) -> None:
    world.stories.told = with_climate(story(Verdict.VERIFIED))
    page = opened(browser, javascript=False)
    page.goto(f"{address}{PATH}?at={BEIJING:013d}")
    chart = page.locator("svg.chart")
    assert "never outside" not in str(chart.get_attribute("aria-label"))
    assert "outside its limits (2 °C to 8 °C)" in str(chart.get_attribute("aria-label"))
    assert chart.locator("rect.band").count() == 1
    assert chart.locator("path.outside").count() == 1
    assert chart.locator("text").all_text_contents()[:2] == ["8 °C", "2 °C"]
    page.context.close()


def test_a_recalled_lot_is_red_to_the_edges_and_says_what_to_do(
    browser: Browser, address: str, world: FakeWorld
) -> None:
    world.stories.told = story(Verdict.RECALLED)
    page = opened(browser, javascript=False)
    page.goto(address + PATH)
    assert bottom(page, "section.verdict ol.todo") < 844
    assert page.locator("ol.todo li").count() == 3
    page.context.close()
    page = opened(browser)
    page.goto(address + PATH)
    red = page.evaluate("getComputedStyle(document.querySelector('main'), '::before').backgroundColor")
    assert red == "rgb(176, 0, 32)"
    assert page.evaluate("getComputedStyle(document.querySelector('main'), '::before').width") == "390px"
    assert not page.locator(".hero").is_visible()
    page.context.close()


@pytest.mark.parametrize("verdict", [*STORIES])
def test_the_page_is_light_and_fetches_nothing(
    browser: Browser, address: str, world: FakeWorld, verdict: Verdict
) -> None:
    world.stories.told = with_climate(story(verdict))
    request = urllib.request.Request(f"{address}{PATH}?at={BEIJING:013d}", headers={"accept-encoding": "gzip"})
    try:
        with urllib.request.urlopen(request) as answer:
            data = answer.read()
    except urllib.error.HTTPError as unknown:
        data = unknown.read()
    assert gzip.decompress(data)
    assert len(data) < MOST_BYTES
    page = opened(browser)
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(address + PATH)
    assert [url for url in fetched if not url.startswith("data:")] == [address + PATH]
    page.context.close()


def test_it_does_not_move_while_it_loads_in_a_slow_network(browser: Browser, address: str, world: FakeWorld) -> None:
    world.stories.told = with_climate(story(Verdict.VERIFIED))
    page = opened(browser)
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", FAST_3G)
    page.goto(f"{address}{PATH}?at={BEIJING:013d}")
    seen = page.evaluate(SEEN)
    print(f"content after {seen['content']:.0f} ms, layout shift {seen['shift']:.3f}")
    assert seen["content"] > 0
    assert seen["shift"] < 0.05
    page.context.close()


@pytest.mark.parametrize("language", [*LANGUAGES])
def test_a_copied_label_to_its_alarm(browser: Browser, address: str, world: FakeWorld, language: str) -> None:
    world.stories.told = story(Verdict.VERIFIED)
    labels: Labels = world.labels  # type: ignore[attr-defined]
    (serial,) = labels.issue(LOT, 1, cases=100)
    verdicts = []
    for number, city in enumerate(("Beijing", "Shanghai", "Guangzhou")):
        # One machine stands for three phones: each with a browser of its own name.
        page = opened(browser, language, user_agent=f"Phone/{number} {serial}", extra_http_headers={"x-city": city})
        page.goto(f"{address}{PATH}/21/{serial}")
        verdicts.append(page.locator("main").get_attribute("data-verdict"))
        if number == 2:
            assert page.locator("section.verdict.suspect").is_visible()
            assert bottom(page, "section.troubles h3") < 844, "why stands on the first screen"
        page.context.close()
    assert verdicts == ["verified", "verified", "suspect"]


def test_a_report_is_sent_without_javascript(browser: Browser, address: str, world: FakeWorld) -> None:
    world.stories.told = story(Verdict.VERIFIED)
    labels: Labels = world.labels  # type: ignore[attr-defined]
    page = opened(browser, javascript=False)
    page.goto(address + PATH)
    page.locator(".act a[href='#report']").click()
    page.locator("input[value=spoiled]").check()
    page.locator("textarea").fill("soft <b>and</b> brown")
    page.locator(".report button").click()
    expect(page.locator(".report .done")).to_be_visible()
    assert labels.store.reports(1)[0].text == "soft <b>and</b> brown"
    page.context.close()


def test_the_reader_chooses_where_it_was_bought(browser: Browser, address: str, world: FakeWorld) -> None:
    world.stories.told = story(Verdict.VERIFIED)
    page = opened(browser, javascript=False)
    page.goto(address + PATH)
    page.locator(".choices a", has_text="Beijing").click()
    expect(page.locator(".mine")).to_contain_text("Beijing")
    page.context.close()
