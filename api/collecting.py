"""
How often Python's collector of cycles runs while the service does.

A document of a thousand events is some ten thousand objects and lists, none of them in a cycle: they go when nothing
holds them any more. The collector, at its default of every 700, walks over them again and again and finds nothing:
measured, 8 µs an event in every document and 80 µs in every second. What is left in cycles (frames of errors) is found
later.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # of <malloc.h>
THRESHOLDS = (50_000, 20, 100)
"""Containers made, less those freed, between two collections of the youngest; and so on."""


def collect_seldom() -> None:
    """From now on, for this process. What is there by now stays, and is not walked over any more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)


def one_heap() -> None:
    """
    For this process, and those that it forks from now on: its threads share one heap of the C library, which gives back
    what is free at its end, and blocks of a document's size lie outside of it and go back when they are freed. By
    default each thread has a heap, and once a large block was freed the next one as large goes into the heap, where
    what lies behind it keeps its pages: after documents of a thousand events fifty megabytes that nobody uses. The
    interpreter lets one thread allocate at a time, so that threads hardly wait for the one heap. Nothing where the
    library is another one than glibc.
    """
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_ARENA_MAX, 1)
        mallopt(_TRIM_THRESHOLD, 1 << 20)
        mallopt(_MMAP_THRESHOLD, 128 << 10)
