"""
Watches the store's newest sequence number for all pages of a process that are kept up to date, and tells them when it
grew.

One question a second, however many listen; none when nobody does. Listeners are bounded, in all and for each session.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from api.localization import N_
from api.problem_details import Kind, Problem
from api.streams import open_stream
from ledger.domain.errors import SilkrootError

EVERY_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0
MOST_LISTENERS, MOST_EACH = 200, 4
"""Of a process, and of one session: a browser opens six connections to a host, and needs some for its pages."""
TOO_MANY = Kind(
    "too-many-listeners", 503, N_("Too many pages are being kept up to date"),
    N_("This page still works; load it again to see what is new."),
)  # fmt: skip


class LiveFeed:
    """
    Watches a number that only grows, for as long as anybody listens. One for all requests of a process; use it on one
    event loop.
    """

    def __init__(
        self, newest: Callable[[], int], *, every: float = EVERY_SECONDS, heartbeat: float = HEARTBEAT_SECONDS
    ) -> None:
        self._newest = newest
        self._every = every
        self._heartbeat = heartbeat
        self._known = 0
        self._listeners: Counter[str] = Counter()
        self._changed = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None

    @property
    def listeners(self) -> int:
        """How many there are."""
        return self._listeners.total()

    def join(self, session: str) -> None:
        """Takes a place; `Problem` where there is none left. Give it back with `leave`."""
        if self.listeners >= MOST_LISTENERS or self._listeners[session] >= MOST_EACH:
            raise Problem(TOO_MANY, headers={"retry-after": "30"})
        self._listeners[session] += 1
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch(), name="live feed")

    def leave(self, session: str) -> None:
        """Gives the place back; nobody is asked any more when the last one left."""
        self._listeners[session] -= 1
        self._listeners += Counter()  # Drops those at nothing.
        if not self._listeners and self._watching is not None:
            self._watching.cancel()
            self._watching = None

    async def changes(self, after: int) -> AsyncIterator[int | None]:
        """The newest number whenever it is above the last one given (`after` at first); None to show a sign of life."""
        with open_stream() as ends:
            stopping = asyncio.create_task(ends.wait())
            try:
                while not ends.is_set():
                    if self._known > after:
                        after = self._known
                        yield after
                        continue
                    changing = asyncio.create_task(self._changed.wait())
                    done, _ = await asyncio.wait(
                        {changing, stopping}, timeout=self._heartbeat, return_when=asyncio.FIRST_COMPLETED
                    )
                    changing.cancel()
                    if not done:
                        yield None
            finally:
                stopping.cancel()

    async def _watch(self) -> None:
        while True:
            with suppress(SilkrootError):  # A store that does not answer for a moment is asked again.
                newest = await asyncio.to_thread(self._newest)
                if newest != self._known:
                    self._known = newest
                    self._changed.set()
                    self._changed = asyncio.Event()
            await asyncio.sleep(self._every)
