"""
Folding SQLite's write-ahead log into the file beside the writer, while much is written. SQLite's own word for that,
checkpoint, here means a head of the transparency log.

SQLite does it in the commit that makes the log too long, and whoever commits waits: for ten thousand pages longer than
its own work takes. Here a thread with a connection of its own does it, and the interpreter's lock is free meanwhile.
But the log begins anew only where nobody has written since all of it was folded in, and under load somebody always
has: so once it is long, passes are made in a writer's turn, over what the one before it left, until all is folded in
or readers have been waited for long enough.

Whatever ends the process in between, the log is still there: SQLite folds it in again.

A pass never begins while all of the log is in the file. SQLite before 3.51.3 (but for 3.44.6 and 3.50.7) has a race
there: if a writer makes the log begin anew just then, the pass takes its new frames for folded in, and they are lost.
So the writer's commits fold nothing in, which nobody would know of; where there is no thread to be had, a pass is made
for the writer, in its turn.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ledger.turns import Turns

_LOG = logging.getLogger(__name__)
ENOUGH_CHANGES = 4_000
"""Rows changed since the last pass for which one is made: 1,000 events, as a rule, or 3,000 pages."""
LONG_PAGES = 20_000
"""A log of so many pages (80 MB) is made to begin anew: five transactions of 1,000 events and more."""
LARGE_BYTES = 128 * 2**20
"""A log of that length is folded in however few rows it has: they are long."""
_PAUSE_SECONDS = 0.1
"""Between two passes: a page that changes with every document goes into the file once for several."""
_READERS_SECONDS = (0.005, 0.01, 0.0)
"""In a writer's turn, between passes, for those who still read what was there before the last commit."""
_CLOSING_SECONDS = 1.0


class Folding:
    """
    For the log of one file. `opened` gives a connection to that, for use in another thread; `writers`: the turns of
    those who write, by connections that fold nothing in. The thread begins with the first `ENOUGH_CHANGES`, so a
    service that writes little has none.
    """

    def __init__(self, log: Path, opened: Callable[[], sqlite3.Connection], writers: Turns) -> None:
        self._log = log
        self._opened = opened
        self._writers = writers
        self._passes = threading.Lock()
        self._woken = threading.Event()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._changes = 0
        # What the file's version was when all of the log was in the file.
        self._settled: int | None = None
        self._is_settled = False  # by somebody else, at a version that is not known here
        self._told = ""

    def wrote(self, connection: sqlite3.Connection) -> None:
        """That connection committed a transaction. Call it in the writer's turn."""
        changes = connection.total_changes
        if 0 <= changes - self._changes < ENOUGH_CHANGES and not self._is_large():
            return
        self._changes = changes
        if self._closed.is_set():
            return
        if (self._thread is not None and self._thread.is_alive()) or self._begin():
            self._woken.set()
            return
        with self._passes:
            try:
                _pass(connection)
            except sqlite3.Error as error:
                self._tell(error)

    def _is_large(self) -> bool:
        try:
            return self._log.stat().st_size > LARGE_BYTES
        except OSError:  # it is not there yet
            return False

    def _begin(self) -> bool:
        """The thread; also a new one in place of one that met an error, which may have passed. Whether there is one."""
        thread = threading.Thread(target=self._run, name="folding", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # the system gives no more of them: what was written is written all the same
            self._tell(error)
            return False
        self._thread = thread
        return True

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """
        No pass is made meanwhile, and after it none before somebody has written: the log may be folded in by then. Not
        to be called by who waits for a writer's turn; in one, it may be.
        """
        with self._passes:
            yield
            self._is_settled = True

    def close(self) -> None:
        """Ends the thread; a pass that is being made just now ends by itself, soon."""
        self._closed.set()
        self._woken.set()
        if self._thread is not None:
            # Not for ever: it may wait for the turn of a writer, which may be the one who closes.
            self._thread.join(_CLOSING_SECONDS)

    def _run(self) -> None:
        self._settled = None  # versions are those of a connection
        try:
            with contextlib.closing(self._opened()) as connection:
                while not self._closed.wait(_PAUSE_SECONDS):
                    self._woken.wait()
                    self._woken.clear()
                    if not self._closed.is_set():
                        self._fold(connection)
                        self._told = ""
        except sqlite3.Error as error:
            self._tell(error)

    def _tell(self, error: Exception) -> None:
        # Nothing is lost: the log grows until the next thread folds it in.
        if str(error) != self._told:
            _LOG.warning("the write-ahead log is not folded in beside the writer: %s", error)
        self._told = str(error)

    def _fold(self, connection: sqlite3.Connection) -> None:
        with self._passes:
            written, folded = self._pass_unless_settled(connection)
        if written < LONG_PAGES or written - folded >= LONG_PAGES:
            return  # short, or somebody has read what is older for so long that no writer need wait for it
        with self._writers, self._passes:
            for pause in _READERS_SECONDS:
                written, folded = self._pass_unless_settled(connection)
                if folded == written:
                    return
                time.sleep(pause)

    def _pass_unless_settled(self, connection: sqlite3.Connection) -> tuple[int, int]:
        """
        As `_pass`; none is made where nobody has written since one came to the end. Asked for the version after it,
        not before: who wrote in between is in the log at the next pass, and none begins before somebody writes again.
        """
        if self._is_settled:
            self._settled, self._is_settled = _version(connection), False
        if _version(connection) == self._settled:
            return 0, 0
        written, folded = _pass(connection)
        if folded == written:
            self._settled = _version(connection)
        return written, folded


def _version(connection: sqlite3.Connection) -> int:
    """Another number after each transaction of another connection."""
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def _pass(connection: sqlite3.Connection) -> tuple[int, int]:
    """Pages in the log, and how many of them are in the file now."""
    # PASSIVE waits for nobody. `busy`: another connection is at it, and both numbers may be -1.
    busy, written, folded = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return (0, -1) if busy else (written, folded)
