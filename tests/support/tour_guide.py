"""
Leads through the tour of pages: a real service with the demonstration season, Chromium before it, and the persons whom
the pages are for.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from accessibility import SIZES, Window
from page_tour import NOBODY, Stop
from playwright.sync_api import Browser, BrowserContext, Page
from service_process import ServiceProcess
from staff_world import StaffWorld

from api.season import season_lots
from api.views.names import lot_path
from ledger.domain.identifiers import PartyId


@dataclass(frozen=True, slots=True)
class Persona:
    """A person of a party of the season, who joins by an invitation as anybody does."""

    party: PartyId
    name: str
    role: str = "staff"


LOCALES = {"en": "en-GB", "zh": "zh-CN", "ug": "ug-CN"}
PERSONAS: Mapping[str, Persona] = {
    "certifier": Persona(PartyId(9520001000249), "Gülnar"),
    "regulator": Persona(PartyId(9520001000263), "Li Wei"),
    "packer": Persona(PartyId(9520001000225), "Memet"),
    "house": Persona(PartyId(9520001000041), "Ma Jun"),
    "producer": Persona(PartyId(9520001000201), "Aygül"),
    "farm": Persona(PartyId(9520001000010), "Patigül"),
    "carrier": Persona(PartyId(9520001000065), "Wang Lei"),
    "hub": Persona(PartyId(9520001000072), "Dilnur"),
    "buyer": Persona(PartyId(9520001000089), "Zhao Min"),
    "admin": Persona(PartyId(9520001000225), "Wang Fang", "admin"),
}
"""Who looks at pages for staff, by the names that rows of the tour use; another one is another row."""
WAIT_SECONDS = 240
MEASURES_AT_LOAD = 'script[src*="/inspect."]'
"""Scripts that place something by what they measure while they load: such a page is loaded anew for each size."""
FONTS = Path(__file__).resolve().parents[2] / "node_modules" / "@expo-google-fonts"
_FONTCONFIG = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include>{folders}<cachedir>{cache}</cachedir>
</fontconfig>
"""


@dataclass(frozen=True, slots=True)
class Named:
    """A lot as paths name it."""

    page: str
    ref: str


@dataclass
class Visit:
    """A stop in a language, in a window of that size; what was wrong since the page was asked for."""

    guide: TourGuide
    stop: Stop
    language: str
    page: Page
    size: str
    _wrong: list[str] = field(default_factory=list)
    _window: Window | None = None

    def __post_init__(self) -> None:
        wrong = self._wrong
        self.page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: wrong.append(str(error)))

    def load(self) -> None:
        """Asks for the page, opens what is to be opened, and waits until it fetches nothing more."""
        answer = self.page.goto(self.guide.url + self.guide.path_of(self.stop))
        if answer is None or answer.status != self.stop.status:
            self._wrong.append(f"answered {answer and answer.status}, not {self.stop.status}")
        if self.stop.opens:
            self.page.locator(self.stop.opens).first.click()
        self.page.wait_for_load_state("networkidle")

    def look(self, size: str) -> Window:
        """In a window of that size from now on."""
        if self._window is None:
            self._window = Window(self.page)
        self._window.take(size)
        # A click scrolls, and not equally far in every window.
        if size != self.size and (self.stop.opens or self.page.locator(MEASURES_AT_LOAD).count()):
            self.load()
        self.size = size
        self.measure(size)
        return self._window

    def measure(self, size: str) -> None:
        """Notes where the page scrolls sideways in a window of that size."""
        if (sideways := self.page.evaluate("document.documentElement.scrollWidth")) > SIZES[size][0]:
            self._wrong.append(f"is {sideways} pixels wide on a {size}, in a window of {SIZES[size][0]}")

    @property
    def problems(self) -> list[str]:
        """Errors, an answer that was not expected, sideways scrolling."""
        # Chromium calls every answer from 400 on an error, those that are meant too.
        return [
            f"{self.stop.name} in {self.language}: {text}"
            for text in self._wrong
            if self.stop.status == 200 or not text.startswith("Failed to load resource")
        ]


@dataclass
class TourGuide:
    """`problems` grows with what was wrong on the way: an answer that was not expected, errors, sideways scrolling."""

    service: ServiceProcess
    browser: Browser
    problems: list[str] = field(default_factory=list)
    _state: dict[str, object] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where pages are, by the name of this machine: people sign in there."""
        return StaffWorld(self.service).url

    def path_of(self, stop: Stop) -> str:
        """The stop's path, lots filled in."""
        lots = {name: Named(lot_path(ref), f"{ref.product:014d}/{ref.code}") for name, ref in season_lots().items()}
        if "{invitation}" in stop.path:
            packer = PERSONAS["packer"].party
            return stop.path.format(
                **lots, invitation=StaffWorld(self.service).invitation(packer, "Nurgül").partition("#")[2]
            )
        return stop.path.format(**lots)

    @contextmanager
    def visiting(self, stop: Stop, language: str, size: str, scale: float = 1) -> Iterator[Page]:
        """The page in a window of that size and language; what is wrong with it is in `problems` afterwards."""
        with self._context(stop, language, size, scale) as context:
            visit = Visit(self, stop, language, context.new_page(), size)
            visit.load()
            visit.measure(size)
            yield visit.page
        self.problems += visit.problems

    @contextmanager
    def opened(self, stop: Stop, language: str) -> Iterator[Visit]:
        """The page, loaded once, to be looked at in windows of all sizes."""
        with self._context(stop, language, "desk", 1) as context:
            visit = Visit(self, stop, language, context.new_page(), "desk")
            visit.load()
            yield visit

    @contextmanager
    def _context(self, stop: Stop, language: str, size: str, scale: float) -> Iterator[BrowserContext]:
        width, height = SIZES[size]
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, device_scale_factor=scale, locale=LOCALES[language],
            is_mobile=size == "phone", has_touch=size == "phone",
            storage_state=self._signed_in(stop.persona),  # type: ignore[arg-type]
        )  # fmt: skip
        context.add_cookies([{"name": "lang", "value": language, "url": self.url}])
        try:
            yield context
        finally:
            context.close()

    def _signed_in(self, persona: str) -> object:
        """Cookies and stores of whoever signed in, IndexedDB too; None for nobody."""
        if persona == NOBODY:
            return None
        if persona not in self._state:
            who, world = PERSONAS[persona], StaffWorld(self.service)
            with world.signed_in(self.browser, who.party, who.name, who.role) as page:
                # The device's key cannot be copied from a browser into another window: it says which key it would be.
                self._state[persona] = page.context.storage_state(indexed_db=False)
        return self._state[persona]


def with_fonts(folder: Path) -> dict[str, str | float | bool]:
    """
    An environment for Chromium in which all three languages have a font, whatever the machine has; `folder` is for what
    that needs on disk.
    """
    folders = "".join(f"<dir>{path}</dir>" for path in FONTS.iterdir())
    config = folder / "fonts.conf"
    config.write_text(_FONTCONFIG.format(folders=folders, cache=folder / "fonts"), "utf-8")
    return {**os.environ, "FONTCONFIG_FILE": str(config)}


def start_the_season(service: ServiceProcess) -> None:
    """Starts the service and waits until the season's lots are judged, all but the one that is held back."""
    service.start(timeout=WAIT_SECONDS)
    lots = season_lots()
    deadline = time.monotonic() + WAIT_SECONDS
    for name in ("verified", "recalled", "suspect", "under_way", "certified"):
        # Until the import is there, the lot is not.
        while _verdict(f"{service.url}/lots/{lots[name].product:014d}/{lots[name].code}") in ("", "pending"):
            if time.monotonic() > deadline:
                raise TimeoutError(f"lot {lots[name]} is still pending\n{service.log()}")
            time.sleep(0.3)
    # It stands in the last file; pages would miss what comes before it.
    while not _verdict(f"{service.url}/lots/{lots['pending'].product:014d}/{lots['pending'].code}"):
        if time.monotonic() > deadline:
            raise TimeoutError(f"the season is not in yet\n{service.log()}")
        time.sleep(0.3)


def _verdict(url: str) -> str:
    return str(httpx.get(url, timeout=30).json().get("verdict", ""))
