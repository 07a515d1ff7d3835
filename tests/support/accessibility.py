"""
axe-core over a page in Chromium: which rules of WCAG 2.2 level AA it breaks, and where.

The library's source runs through the browser's own debugging channel, which a Content Security Policy does not bind: a
page is looked at under the policy that it was sent with, and no header of it has to be bent for that. Needs a page
with JavaScript switched on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
EXTRA = ("target-size",)
"""Rules of those tags that axe-core leaves out unless it is asked for them by name."""
SIZES = {"phone": (390, 844), "desk": (1280, 800)}
"""Windows that every page is looked at in: width and height in CSS pixels."""
SHOWN = 5
HIGHEST = 12_000

_NEXT_FRAME = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
_RUN = """
async ([tags, extra, within]) => {
  const rules = Object.fromEntries(extra.map(name => [name, { enabled: true }]));
  const result = await axe.run(within ?? document, {
    runOnly: { type: "tag", values: tags }, rules, resultTypes: ["violations"], preload: false,
  });
  return [result.passes.length, result.violations];
}
"""


@dataclass(frozen=True, slots=True)
class Place:
    """An element that breaks a rule: how to find it, its markup, and what to do."""

    selector: str
    markup: str
    advice: str


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a page breaks; its text can be read as it stands in a test's report."""

    rule: str
    impact: str
    help: str
    places: tuple[Place, ...]

    def __str__(self) -> str:
        shown = [f"  {place.selector}\n    {place.markup}\n    {place.advice}" for place in self.places[:SHOWN]]
        rest = len(self.places) - len(shown)
        return "\n".join(
            [f"{self.rule} ({self.impact}): {self.help}", *shown, *([f"  … and {rest} more"] * (rest > 0))]
        )

    __repr__ = __str__


class Window:
    """
    The window around a page that is loaded already, which takes on a size as if a phone or a desk had it: a phone's
    looks at the page's viewport and is touched. The page's context has to be one for a desk: what one debugging channel
    switched on, no other can switch off. Media queries follow, and so do scripts that listen to `resize`; what a script
    measures while it loads does not.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._channel: CDPSession = page.context.new_cdp_session(page)
        self._size = "desk"

    def take(self, size: str) -> None:
        """One of `SIZES`; the page is laid out anew when this returns."""
        self._size = size
        self._channel.send("Emulation.setTouchEmulationEnabled", {"enabled": size == "phone", "maxTouchPoints": 1})
        self.be_high(SIZES[size][1])
        self._page.evaluate(_NEXT_FRAME)

    def be_high(self, height: int) -> None:
        """CSS pixels; as wide as before."""
        self._channel.send(
            "Emulation.setDeviceMetricsOverride",
            {
                "width": SIZES[self._size][0], "height": height, "screenWidth": SIZES[self._size][0],
                "screenHeight": height, "deviceScaleFactor": 1, "mobile": self._size == "phone",
            },
        )  # fmt: skip

    @property
    def height(self) -> int:
        """Before anybody made it higher."""
        return SIZES[self._size][1]


@cache
def _source() -> str:
    return AXE.read_text("utf-8")


def violations(page: Page, within: str | None = None, window: Window | None = None) -> list[Violation]:
    """
    What the page as it stands breaks of WCAG 2.2 AA; `within`: only the elements of that CSS selector; `window`: the
    one that it has, where that is not the one of its context.

    Raises `AssertionError` where no rule could be applied: a page on which nothing was looked at has not passed.
    """
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_source())
    # In a window as high as the page: what clings to an edge would lie over what one has yet to scroll to.
    with _as_high_as_the_page(page, window):
        passed, found = page.evaluate(_RUN, [list(TAGS), list(EXTRA), within])
    assert passed or found, f"axe-core found nothing to look at on {page.url}"
    return [_violation(one) for one in found]


@contextmanager
def _as_high_as_the_page(page: Page, window: Window | None) -> Iterator[None]:
    size = page.viewport_size
    if window is None and size is None:
        yield
        return
    whole = min(page.evaluate("document.documentElement.scrollHeight"), HIGHEST)
    if window is not None:
        window.be_high(max(window.height, whole))
        yield
        window.be_high(window.height)
    elif size is not None:
        page.set_viewport_size({"width": size["width"], "height": max(size["height"], whole)})
        yield
        page.set_viewport_size(size)


def assert_accessible(page: Page, about: str = "", within: str | None = None, window: Window | None = None) -> None:
    """Raises `AssertionError` with every broken rule and its places; `about` says which page it was."""
    found = violations(page, within, window)
    if found:
        report = "\n".join(str(one) for one in found)
        raise AssertionError(f"{about or page.url} breaks {len(found)} rules of WCAG 2.2 AA\n{report}")


def _violation(found: dict[str, Any]) -> Violation:
    places = tuple(
        Place(
            " > ".join(map(str, node["target"])), " ".join(node["html"].split())[:200],
            "; ".join(" ".join(line.split()) for line in node["failureSummary"].splitlines()[1:]),
        )
        for node in found["nodes"]
    )  # fmt: skip
    return Violation(found["id"], found["impact"] or "", found["help"], places)
