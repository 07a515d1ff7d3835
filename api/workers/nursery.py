"""
The process that the others are forked from: it imports all that they need, once, and then only forks and buries them.
What was imported stays common memory, and a new process is there in a moment.

It runs no event loop, no threads and no requests, so that a fork copies nothing that is half done. It answers over one
socket: a line `KIND TURN` with two descriptors (of a link and of the public socket) is answered by `born PID`; when a
process has ended it says `ended PID CODE`. It ends with whoever started it, and on Linux its children end with it.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import select
import signal
import socket
import sys
import traceback

from api.workers import child
from ledger.adapters.tied_process import die_with

_PR_SET_NAME = 15
_LONGEST = 256


def main() -> None:
    """Entry point of the process; its argument is the descriptor of the socket."""
    control = socket.socket(fileno=int(sys.argv[1]))
    _import_the_rest()
    # What is there by now is never collected, and so never written to: it stays common memory.
    gc.collect()
    gc.freeze()
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        ready, _, _ = select.select([control.fileno(), reader], [], [])
        if reader in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(reader, _LONGEST)
            _bury(control)
        if control.fileno() in ready:
            line, descriptors, _, _ = socket.recv_fds(control, _LONGEST, 2)
            if not line:
                return
            kind, turn = line.decode().split()
            born = _fork(kind, int(turn), descriptors, (control.fileno(), reader, writer))
            for descriptor in descriptors:
                os.close(descriptor)
            control.send(f"born {born}\n".encode())


def _import_the_rest() -> None:
    """What is otherwise imported when it is needed first."""
    import uvicorn.lifespan.on
    import uvicorn.loops.auto
    import uvicorn.protocols.http.auto  # noqa: F401

    with contextlib.suppress(ImportError):  # without the driver each process says so itself
        import psycopg  # noqa: F401
        from sqlalchemy.dialects.postgresql import psycopg as dialect  # noqa: F401

        from ledger.adapters.sql_store import dialect_postgresql  # noqa: F401


def _fork(kind: str, turn: int, descriptors: list[int], ours: tuple[int, ...]) -> int:
    parent = os.getpid()
    tie = die_with(parent)
    sys.stdout.flush()
    sys.stderr.flush()
    born = os.fork()
    if born:
        return born
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for descriptor in ours:
            os.close(descriptor)
        os.setsid()  # Ctrl-C is for the one that ends all in order
        if tie is not None:
            tie()
            ctypes.CDLL(None).prctl(_PR_SET_NAME, f"silkroot-{kind[:4]}-{turn}".encode()[:15], 0, 0, 0)
        link, listener = descriptors
        code = child.run(kind, link, listener, turn)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _bury(control: socket.socket) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        control.send(f"ended {pid} {os.waitstatus_to_exitcode(status)}\n".encode())


if __name__ == "__main__":
    main()
