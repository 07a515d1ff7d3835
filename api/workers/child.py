"""
One of the processes of `silkroot up --workers N`: `web` serves the public pages and the capture interface, `background`
stands for the work in the background. Ends on SIGTERM, and when the process that started it is gone.

Forked by `nursery`, with the settings in its environment.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
from contextlib import nullcontext

import uvicorn

from api.public import public_app
from api.serve import PlainServer, until
from api.workers.link import READY, RPC, WAKE, Link
from ledger.adapters.forked_workers import Nursery
from ledger.domain.errors import SilkrootError
from ledger.settings import Settings
from ledger.wiring import Ledger, open_ledger
from ledger.wiring_preparers import nursery_for
from ledger.wiring_roles import ByLease

WEB, BACKGROUND = "web", "background"
_END_SECONDS = 8
"""For requests that are under way; whoever started us waits a little longer."""


def run(kind: str, link: int, listener: int, turn: int) -> int:
    """
    Runs the process to its end; its exit code. `link` and `listener` are the descriptors of its link and of the public
    socket, `turn` its place among those of its kind.
    """
    ends = socket.socket(fileno=link), socket.socket(fileno=listener)
    try:
        settings = Settings()
        # Whoever works in the background takes no documents; and who serves needs others only where that is asked for.
        with nursery_for(settings, workers=True) if kind == WEB else nullcontext() as nursery:
            asyncio.run(_work(kind, *ends, turn, settings, nursery))
    except SilkrootError as error:
        print(f"silkroot {kind}: {error}", file=sys.stderr)
        return 1
    return 0


async def _work(
    kind: str, end: socket.socket, listener: socket.socket, turn: int, settings: Settings, nursery: Nursery | None
) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    link = await Link.over(end)
    try:
        async with open_ledger(settings, nursery=nursery) as ledger:
            background = ledger.background
            if not isinstance(background, ByLease):
                raise TypeError("several processes need leases")
            background.alarm, background.turn = link.wake, turn
            listening = asyncio.create_task(_listen(link, ledger, background, stop))
            try:
                await (_serve(ledger, link, listener, stop) if kind == WEB else _stand(background, link, stop))
            finally:
                listening.cancel()
    finally:
        link.close()


async def _listen(link: Link, ledger: Ledger, background: ByLease, stop: asyncio.Event) -> None:
    async for word, value in link.heard():
        if word == WAKE:
            background.wake_here()
        elif word == RPC:
            ledger.chain.rpc.url = value
    stop.set()


async def _serve(ledger: Ledger, link: Link, listener: socket.socket, stop: asyncio.Event) -> None:
    config = uvicorn.Config(
        public_app(ledger), log_level="warning", access_log=False, ws="none", timeout_graceful_shutdown=_END_SECONDS
    )
    server = PlainServer(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn sets no event
            await asyncio.sleep(0.01)
        link.say(READY)
        await until(stop, [serving])
    finally:
        server.should_exit = True
        await serving


async def _stand(background: ByLease, link: Link, stop: asyncio.Event) -> None:
    working = asyncio.create_task(background.run())
    link.say(READY)
    try:
        await until(stop, [working])
    finally:
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working
