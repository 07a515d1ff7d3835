"""The collector of cycles runs seldom, and still runs."""

from __future__ import annotations

import gc
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
