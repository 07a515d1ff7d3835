"""The benchmark of the hot path measures functions that are there, and puts them back."""

from __future__ import annotations

import importlib
from typing import Any

from benchmarks import hotpath


def named(place: str) -> Any:
    module, _, path = place.partition(":")
    found: Any = importlib.import_module(module)
    for name in path.split("."):
        found = getattr(found, name)
    return found


def test_every_step_is_measured_where_it_is_called() -> None:
    places = [place for _, together in hotpath.STEPS for place in together]
    before = [named(place) for place in places]
    assert all(callable(one) for one in before)
    with hotpath.watching():
        assert all(named(place) is not one for place, one in zip(places, before, strict=True))
    assert [named(place) for place in places] == before
