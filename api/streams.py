"""
Answers that go on for as long as somebody listens, and how they end with the server: a server that stops waits for its
answers, and these would never come to an end by themselves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

_OPEN: set[asyncio.Event] = set()


@contextmanager
def open_stream() -> Iterator[asyncio.Event]:
    """An event that is set when the server stops, while the block runs."""
    ends = asyncio.Event()
    _OPEN.add(ends)
    try:
        yield ends
    finally:
        _OPEN.discard(ends)


def end_streams() -> None:
    """Ends all of this process. Call it on the event loop's thread."""
    for ends in tuple(_OPEN):
        ends.set()
