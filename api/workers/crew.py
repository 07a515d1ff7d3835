"""
The processes of a service: started, started again when they die, and ended; none is left behind.

The kernel ends them with the process that started them, however that one ends (on Linux; elsewhere they notice that
their link is gone). They are in sessions of their own, so that Ctrl-C reaches this one alone, which ends them in order:
those that serve first, then those that work in the background.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from api.workers.births import KILLED, Births, Born
from api.workers.child import BACKGROUND, WEB
from api.workers.link import READY, RPC, WAKE, Link
from ledger.domain.errors import SilkrootError

_LOG = logging.getLogger(__name__)
STANDING_BY = 2
"""Processes for the work in the background: one does it, or they share it, and each can do all of it."""
_FIRST_DELAY = 0.5
_LONGEST_DELAY = 30.0
_STEADY_SECONDS = 60.0
"""A process that ran for so long is not in a loop of dying: the next one is started soon again."""
_END_SECONDS = 10.0


@dataclass(slots=True)
class _Post:
    """A place that always has a process; `ready` when its first one was."""

    kind: str
    turn: int
    ready: asyncio.Future[None]
    process: Born | None = None
    link: Link | None = None
    ends: bool = field(default=False)


class Crew:
    """
    `workers` processes that accept from `listener`, and two for the background. `environment`: their settings; `rpc`:
    where the managed chain answers, "" where the settings say it.
    """

    def __init__(self, environment: Mapping[str, str], listener: socket.socket, workers: int, rpc: str = "") -> None:
        self._births = Births({**os.environ, **environment})
        self._listener = listener
        self._rpc = rpc
        loop = asyncio.get_running_loop()
        places = [(WEB, turn) for turn in range(workers)] + [(BACKGROUND, turn) for turn in range(STANDING_BY)]
        self._posts = [_Post(kind, turn, loop.create_future()) for kind, turn in places]
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Starts all and waits until they serve. `SilkrootError` where one ends before."""
        self._tasks = [asyncio.create_task(self._keep(post)) for post in self._posts]
        await asyncio.gather(*(post.ready for post in self._posts))

    async def keep(self) -> None:
        """Until cancelled; a mistake in keeping one up to strength is raised."""
        # Not gathered: ending in order needs them when this one is cancelled.
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()

    def wake(self) -> None:
        """Something was recorded."""
        for post in self._posts:
            if post.kind == BACKGROUND and post.link is not None:
                post.link.wake()

    def chain_at(self, url: str) -> None:
        """The managed chain answers there from now on."""
        self._rpc = url
        for post in self._posts:
            if post.link is not None:
                post.link.say(RPC, url)

    async def end(self) -> None:
        """Ends all, those that serve first; by force where they take too long."""
        for post in self._posts:
            post.ends = True
        for kind in (WEB, BACKGROUND):
            await asyncio.gather(*(_end(post.process) for post in self._posts if post.kind == kind and post.process))
        for task in self._tasks:
            task.cancel()
        await self._births.close()
        ready = [post.ready for post in self._posts]
        await asyncio.gather(*self._tasks, *(one for one in ready if one.done()), return_exceptions=True)

    async def _keep(self, post: _Post) -> None:
        delay = _FIRST_DELAY
        while not post.ends:
            started = time.monotonic()
            try:
                code = await self._run(post)
            except SilkrootError as error:
                _LOG.warning("no %s process could be started: %s", post.kind, error)
                code = KILLED
            if post.ends:
                return
            if not post.ready.done():
                # What is wrong with the first one is wrong with the second one too.
                said = f"a {post.kind} process ended with {code} before it served; what it said stands above"
                post.ready.set_exception(SilkrootError(said))
                return
            if time.monotonic() - started > _STEADY_SECONDS:
                delay = _FIRST_DELAY
            _LOG.warning("a %s process ended with %d; another one is started in %.1f s", post.kind, code, delay)
            await asyncio.sleep(delay)
            delay = min(2 * delay, _LONGEST_DELAY)

    async def _run(self, post: _Post) -> int:
        """A process on the post, from its start to its end; its exit code."""
        process, link = await self._spawn(post)
        post.process, post.link = process, link
        hearing = asyncio.create_task(self._hear(post, link))
        try:
            if post.ends:
                await _end(process)
            return await asyncio.shield(process.ended)
        finally:
            hearing.cancel()
            link.close()
            post.process = post.link = None

    async def _spawn(self, post: _Post) -> tuple[Born, Link]:
        ours, theirs = socket.socketpair()
        with theirs:
            process = await self._births.process(post.kind, post.turn, theirs, self._listener)
        link = await Link.over(ours)
        if self._rpc:
            link.say(RPC, self._rpc)
        return process, link

    async def _hear(self, post: _Post, link: Link) -> None:
        async for word, _ in link.heard():
            if word == WAKE:
                self.wake()
            elif word == READY and not post.ready.done():
                post.ready.set_result(None)


async def _end(process: Born) -> None:
    process.signal(signal.SIGTERM)
    process.signal(signal.SIGCONT)  # one that is stopped would not notice
    try:
        await asyncio.wait_for(asyncio.shield(process.ended), _END_SECONDS)
    except TimeoutError:
        process.signal(signal.SIGKILL)
        await asyncio.shield(process.ended)
