"""The collector of cycles runs seldom, and still runs; what was freed goes back to the system."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator

import pytest

from api.collecting import THRESHOLDS, collect_seldom


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_cycles_are_still_found() -> None:
    class Node:
        other: Node

    collect_seldom()
    assert gc.get_threshold() == THRESHOLDS
    assert gc.isenabled()
    first, second = Node(), Node()
    first.other, second.other = second, first
    watched = weakref.ref(first)
    del first, second
    kept = [[] for _ in range(THRESHOLDS[0] + 1_000)]  # type: ignore[var-annotated]
    assert watched() is None
    assert len(kept) > THRESHOLDS[0]


def test_a_large_block_goes_back_when_it_is_freed_whatever_was_freed_before() -> None:
    # Without `one_heap` glibc puts blocks of that size into the heap once a larger one was freed.
    asked = """
import ctypes
from api.collecting import one_heap
one_heap()

class Mallinfo2(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in
                "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()]

mallinfo2 = ctypes.CDLL(None).mallinfo2
mallinfo2.restype = Mallinfo2
large = bytes(30_000_000)
del large
before = mallinfo2().hblkhd
body = bytes(1_300_000)
held = mallinfo2().hblkhd - before
del body
print(held >= 1_300_000, mallinfo2().hblkhd == before)
"""
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == ["True", "True"]
