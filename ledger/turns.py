"""
A lock whose holders follow one another in the order in which they came.

`threading.Lock` goes to whoever is quickest, which is the thread that gave it back a moment ago: with documents coming
one behind the other, the log's turn waited for seconds.
"""

from __future__ import annotations

import threading
from collections import deque


class Turns:
    """Used as a context manager, by any number of threads; not again by the one that has the turn."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = False
        self._line: deque[threading.Lock] = deque()

    def __enter__(self) -> None:
        with self._lock:
            if not self._taken:
                self._taken = True
                return
            call = threading.Lock()
            call.acquire()
            self._line.append(call)
        try:
            call.acquire()
        except BaseException:  # a signal, in the main thread
            self._leave(call)
            raise

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._pass_on()

    def _pass_on(self) -> None:
        if self._line:
            self._line.popleft().release()
        else:
            self._taken = False

    def _leave(self, call: threading.Lock) -> None:
        with self._lock:
            if call in self._line:
                self._line.remove(call)
            else:  # it was called meanwhile
                self._pass_on()
