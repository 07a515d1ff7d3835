"""
The tour of pages, before a real service with the season: every page for people is on it, answers, has no error in its
console, does not scroll sideways, and breaks no rule of WCAG 2.2 AA; on a phone and at a desk, in every language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from accessibility import SIZES, assert_accessible
from fake_services import FakeWorld
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from page_tour import TOUR
from playwright.sync_api import Browser
from service_process import ServiceProcess
from starlette.routing import Match
from tour_guide import PERSONAS, TourGuide, Visit, start_the_season

from api.app import create_app
from api.localization import LANGUAGES

pytestmark = [pytest.mark.browser, pytest.mark.chain]
ROOT = Path(__file__).resolve().parents[2]
MEASURES = re.compile(
    r"\b(inner|outer|client|offset|scroll)(Width|Height)\b|getBoundingClientRect|getClientRects|matchMedia"
    r"|\bResizeObserver|visualViewport|devicePixelRatio|maxTouchPoints|ontouch|\bscreen\.(width|height)|srcset|<picture"
)
"""What tells a script or a page in which window it is loaded."""
ELSEWHERE = {"/staff/desk/claims/{consignment}"}
"""Pages of what the season does not have: axe-core looks at an open claim in test_journey_short_receipt."""


@pytest.fixture(scope="module")
def guide(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TourGuide]:
    service = ServiceProcess(tmp_path_factory.mktemp("tour") / "data", ("--demo",))
    try:
        start_the_season(service)
        yield TourGuide(service, browser)
    finally:
        if service.process is not None:
            service.kill()


def test_every_page_for_people_is_on_the_tour() -> None:
    guide = TourGuide(ServiceProcess.__new__(ServiceProcess), None)  # type: ignore[arg-type] # for its paths alone
    paths = [guide.path_of(replace(stop, path=stop.path.partition("#")[0])).partition("?")[0] for stop in TOUR]
    routes = list(pages_of(create_app(FakeWorld().services)))
    assert len(routes) > 5
    unseen = {route.path for route in routes if not any(leads_to(route, path) for path in paths)}
    assert unseen == ELSEWHERE


def test_names_are_told_apart_and_personas_are_known() -> None:
    names = [stop.name for stop in TOUR]
    assert len(names) == len(set(names))
    assert {stop.persona for stop in TOUR} <= {"", *PERSONAS}


def test_it_is_known_which_scripts_measure() -> None:
    """
    A page is loaded once and then looked at in all windows, so nothing may depend on the window that it is loaded in.
    The map is drawn anew on `resize`; for inspect.ts the page is loaded again: `tour_guide.MEASURES_AT_LOAD`.
    """
    sources = [*(ROOT / "api" / "web").rglob("*.ts"), *(ROOT / "api" / "templates").rglob("*.html")]
    assert len(sources) > 100
    measuring = {path.name for path in sources if MEASURES.search(path.read_text("utf-8"))}
    assert measuring == {"hub.ts", "map.ts", "inspect.ts"}


@pytest.fixture(scope="module")
def visit(guide: TourGuide, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A page, loaded once for all sizes: a stop and a language."""
    with guide.opened(*request.param) as visit:
        yield visit


@pytest.mark.parametrize("size", [*reversed(SIZES)])
@pytest.mark.parametrize(
    "visit",
    [pytest.param((stop, language), id=f"{stop.name}-{language}") for stop in TOUR for language in LANGUAGES],
    indirect=True,
)
def test_a_page_of_the_tour(visit: Visit, size: str) -> None:
    page, window = visit.page, visit.look(size)
    assert_accessible(page, f"{visit.stop.name} in {visit.language}", window=window)
    assert page.locator("html").get_attribute("lang") == LANGUAGES[visit.language]
    assert page.locator("h1").count() == 1
    assert visit.problems == []


def pages_of(app: FastAPI) -> Iterator[APIRoute]:
    """The routes that give HTML."""
    for included in app.routes:
        routes = getattr(included, "original_router", None)
        for route in routes.routes if routes is not None else [included]:
            if isinstance(route, APIRoute) and "GET" in route.methods and _gives_html(route):
                yield route


def _gives_html(route: APIRoute) -> bool:
    return isinstance(route.response_class, type) and issubclass(route.response_class, HTMLResponse)


def leads_to(route: APIRoute, path: str) -> bool:
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    return route.matches(scope)[0] is Match.FULL
