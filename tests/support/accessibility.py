"""
axe-core over a page in Chromium: which rules of WCAG 2.2 level AA it breaks, and where.

The library's source runs through the browser's own debugging channel, which a Content Security Policy does not bind: a
page is looked at under the policy that it was sent with, and no header of it has to be bent for that. Needs a page
with JavaScript switched on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
EXTRA = ("target-size",)
"""Rules of those tags that axe-core leaves out unless it is asked for them by name."""
SIZES = {"phone": (390, 844), "desk": (1280, 800)}
"""Windows that every page is looked at in: width and height in CSS pixels."""
SHOWN = 5
HIGHEST = 12_000

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


@cache
def _source() -> str:
    return AXE.read_text("utf-8")


def violations(page: Page, within: str | None = None) -> list[Violation]:
    """
    What the page as it stands breaks of WCAG 2.2 AA; `within`: only the elements of that CSS selector.

    Raises `AssertionError` where no rule could be applied: a page on which nothing was looked at has not passed.
    """
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_source())
    # In a window as high as the page: what clings to an edge would lie over what one has yet to scroll to.
    size = page.viewport_size
    if size is not None:
        whole = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": size["width"], "height": max(size["height"], min(whole, HIGHEST))})
    passed, found = page.evaluate(_RUN, [list(TAGS), list(EXTRA), within])
    if size is not None:
        page.set_viewport_size(size)
    assert passed or found, f"axe-core found nothing to look at on {page.url}"
    return [_violation(one) for one in found]


def assert_accessible(page: Page, about: str = "", within: str | None = None) -> None:
    """Raises `AssertionError` with every broken rule and its places; `about` says which page it was."""
    found = violations(page, within)
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
