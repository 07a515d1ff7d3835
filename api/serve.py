"""
Runs the service: the public pages, the control socket, the submitter and the local chain, until a signal ends them.

The order of the end is the reverse of the start, so that Ctrl-C leaves no process behind and nothing acknowledged is
lost: requests first, then the submitter, then the chain with a last snapshot.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from rich.console import Console
from starlette.types import ASGIApp

from api.cli.output import progress_bar
from api.cli.words import _
from api.collecting import collect_seldom
from api.control.server import control_app
from api.greeting import greet
from api.public import certificate_of, public_app
from api.season import load_season
from api.streams import end_streams
from ledger.adapters.forked_workers import Nursery
from ledger.domain.errors import LedgerBusy, UnusableSettings
from ledger.settings import Settings
from ledger.wiring import Ledger, open_ledger, own_data_dir

console = Console(stderr=True, soft_wrap=True)


async def serve(settings: Settings, *, demo: bool, nursery: Nursery | None = None) -> None:
    """
    Starts everything, says where it is, and waits for SIGINT or SIGTERM. With a `nursery`, documents are prepared,
    and pages of the log derived, in processes that are forked from it.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    with sole_service(settings):
        listener = listen(settings)
        if settings.port == 0:
            settings = settings.model_copy(update={"port": listener.getsockname()[1]})
        protected = listen_https(settings)
        console.print(_("Starting the chain …"), style="dim")
        async with open_ledger(settings, start_chain=True, nursery=nursery) as ledger:
            app = public_app(ledger)
            servers = [
                (PlainServer(uvicorn.Config(app, log_level="warning", access_log=False, ws="none")), listener),
                (control_server(ledger), control_socket(settings.socket_path)),
            ]
            if protected is not None:
                servers.append((https_server(app, settings), protected))
            tasks = [asyncio.create_task(server.serve(sockets=[sock])) for server, sock in servers]
            submitting = asyncio.create_task(ledger.run())
            collect_seldom()
            try:
                if demo:
                    await load_unless_stopped(ledger, stop)
                if not stop.is_set():
                    await greet(ledger, console, demo=demo)
                await until(stop, [*tasks, submitting])
            finally:
                console.print(_("Stopping …"), style="dim")
                for server, _listener in servers:
                    server.should_exit = True
                submitting.cancel()
                for task in (*tasks, submitting):
                    with contextlib.suppress(asyncio.CancelledError, TimeoutError):
                        await asyncio.wait_for(task, timeout=10)
                with contextlib.suppress(FileNotFoundError):
                    settings.socket_path.unlink()


@contextlib.contextmanager
def sole_service(settings: Settings) -> Iterator[None]:
    """Owns the data directory while the block runs."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(own_data_dir(settings))
        except LedgerBusy as busy:
            raise LedgerBusy(
                f"{busy}: this ledger is running already. End it first, or choose another folder with SILKROOT_DATA_DIR"
            ) from busy
        yield


def lan_address() -> str:
    """This machine's address on its local network, or "" where it has none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Connecting a datagram socket only asks the routing table; 192.0.2.1 is reserved for documentation.
            probe.connect(("192.0.2.1", 9))
            address: str = probe.getsockname()[0]
        except OSError:
            return ""
    return "" if address.startswith("127.") else address


class PlainServer(uvicorn.Server):
    """A uvicorn server that leaves signals to `serve`: two of them run side by side."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are not this server's business."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends answers that go on and on first: the server would wait for them."""
        end_streams()
        await super().shutdown(sockets)


def control_server(ledger: Ledger) -> PlainServer:
    """Answers the command line."""
    app: ASGIApp = control_app(ledger)
    return PlainServer(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", ws="none"))


def https_server(app: ASGIApp, settings: Settings) -> PlainServer:
    """The same pages over HTTPS, with the certificate of the local authority."""
    made = certificate_of(settings)
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, lifespan="off", ws="none",
        ssl_certfile=made.chain, ssl_keyfile=made.key,
    )  # fmt: skip
    return PlainServer(config)


def listen_https(settings: Settings) -> socket.socket | None:
    """The socket for HTTPS; None where none is wanted. `UnusableSettings` where no certificate can be had."""
    if not settings.https_port:
        return None
    certificate_of(settings)
    return listen(settings.model_copy(update={"port": settings.https_port}))


def listen(settings: Settings) -> socket.socket:
    """The public socket, bound before anything is started: a taken port is said at once."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # asyncio sends without delay only where the protocol is named: else every answer on a kept connection waits 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise UnusableSettings(
            f"{settings.host}:{settings.port} cannot be used ({error.strerror}). "
            "End what uses it, or choose another port with --port or SILKROOT_PORT."
        ) from error
    return listener


def control_socket(path: Path) -> socket.socket:
    """Where the command line asks; only for this user."""
    # The lock is ours, so a socket file that lies here is a dead process's.
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(mask)
    return listener


async def load_unless_stopped(ledger: Ledger, stop: asyncio.Event) -> None:
    """Loads the season, unless the signal to stop comes first; what is recorded by then stays."""
    with progress_bar(False) as progress:
        loading = asyncio.create_task(load_season(ledger, progress))
        waiting = asyncio.create_task(stop.wait())
        await asyncio.wait({loading, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if loading.done():
            loading.result()
        else:
            loading.cancel()


async def until(stop: asyncio.Event, tasks: list[asyncio.Task[None]]) -> None:
    """Waits for the signal, or for a part that ends on its own, whose error it then raises."""
    waiting = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait({waiting, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    for task in done - {waiting}:
        task.result()
