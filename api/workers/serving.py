"""
The service as several processes, on PostgreSQL: this one owns the data directory, the managed chain and the control
socket, and keeps the others running (see `crew`); they serve the public pages and work in the background.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal

from api.cli.words import _
from api.greeting import greet
from api.serve import console, control_server, control_socket, listen, load_unless_stopped, sole_service, until
from api.workers.crew import Crew
from ledger.domain.errors import UnusableSettings
from ledger.settings import Settings
from ledger.wiring import Ledger, open_ledger
from ledger.wiring_roles import ByLease

_BACKLOG = 2_048
_LOOK_SECONDS = 0.25


async def serve_with_workers(settings: Settings, *, demo: bool, workers: int) -> None:
    """As `serve`, with `workers` processes that serve. `UnusableSettings` for SQLite, which one process owns."""
    require_server(settings, workers)
    require_no_https(settings, workers)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    with sole_service(settings), listen(settings) as listener:
        # Whoever connects while a worker is started again is served a moment later.
        listener.listen(_BACKLOG)
        if settings.port == 0:
            settings = settings.model_copy(update={"port": listener.getsockname()[1]})
        console.print(_("Starting the chain …"), style="dim")
        async with open_ledger(settings, start_chain=True) as ledger:
            if demo:
                # Before anybody submits: it keeps entries back.
                await load_unless_stopped(ledger, stop)
            if not stop.is_set():
                rpc = ledger.local_chain.rpc_url if ledger.local_chain is not None else ""
                await _serve(ledger, Crew(environment_of(settings, rpc), listener, workers, rpc), stop, demo=demo)


def require_server(settings: Settings, workers: int) -> None:
    """`UnusableSettings` where the database is one that only a single process can use."""
    if not settings.uses_postgresql:
        raise UnusableSettings(
            f"--workers {workers}: several processes need PostgreSQL, and this ledger is in SQLite, which one process "
            "owns; set SILKROOT_DATABASE_URL to postgresql+psycopg://…, or leave --workers out [workers.postgresql]"
        )


def require_no_https(settings: Settings, workers: int) -> None:
    """`UnusableSettings` where HTTPS of our own is asked for, which only a service in one process has."""
    if settings.https_port:
        raise UnusableSettings(
            f"--workers {workers}: several processes serve no HTTPS of their own; put a proxy before them, leave "
            "SILKROOT_HTTPS_PORT and --https-port out, and set SILKROOT_PUBLIC_URL to the proxy's https:// address"
        )


def environment_of(settings: Settings, rpc: str) -> dict[str, str]:
    """What was chosen on the command line or found out since the start, for processes that read their environment."""
    chosen = {
        "SILKROOT_DATA_DIR": str(settings.data_dir.resolve()),
        "SILKROOT_HOST": settings.host,
        "SILKROOT_PORT": str(settings.port),
        "SILKROOT_PUBLIC_URL": settings.public_url,
    }
    # The managed chain is a node like any other to those that did not start it.
    return chosen | ({"SILKROOT_RPC_URL": rpc, "SILKROOT_NETWORK": "local"} if rpc else {})


async def _serve(ledger: Ledger, crew: Crew, stop: asyncio.Event, *, demo: bool) -> None:
    if isinstance(ledger.background, ByLease):
        ledger.background.alarm = crew.wake
    control = control_server(ledger)
    path = ledger.settings.socket_path
    serving = asyncio.create_task(control.serve(sockets=[control_socket(path)]))
    tasks = [serving, asyncio.create_task(crew.start())]
    try:
        await until(stop, tasks)
        tasks[1] = asyncio.create_task(crew.keep())
        if ledger.local_chain is not None:
            tasks += [asyncio.create_task(ledger.keep_chain()), asyncio.create_task(_follow_chain(ledger, crew))]
        if not stop.is_set():
            await greet(ledger, console, demo=demo)
        await until(stop, tasks)
    finally:
        console.print(_("Stopping …"), style="dim")
        control.should_exit = True
        for task in tasks[1:]:
            task.cancel()
        await crew.end()
        await asyncio.wait(tasks, timeout=10)
        with contextlib.suppress(FileNotFoundError):
            path.unlink()


async def _follow_chain(ledger: Ledger, crew: Crew) -> None:
    """Tells the others where the managed chain answers after it was started again."""
    known = ledger.chain.rpc.url
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        if ledger.chain.rpc.url != known:
            known = ledger.chain.rpc.url
            crew.chain_at(known)
