"""
A reader's browser that keeps its data in a folder, so that it can be closed and opened again, as a phone at a dock is.

    with kept(playwright, folder, journey) as page:
        ...                                   # closed behind this, and opened with the same folder it knows everything

One `playwright` of a module opens all of them: starting it for each costs more than the browser.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chromium import FLAGS, chromium
from journey import Journey
from playwright.sync_api import Page, Playwright


@contextmanager
def kept(playwright: Playwright, folder: Path, journey: Journey, **options: Any) -> Iterator[Page]:
    """A page of the browser with that folder, in China's time; an error of its scripts fails."""
    told = {**journey.options, "timezone_id": "Asia/Shanghai", "permissions": ["camera"], **options}
    flags = [*FLAGS, f"--accept-lang={told['locale']}"]
    context = playwright.chromium.launch_persistent_context(folder, executable_path=chromium(), args=flags, **told)
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    try:
        yield context.pages[0]
        assert errors == []
    finally:
        context.close()
