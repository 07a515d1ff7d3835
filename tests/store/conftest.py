"""A world per test: see `ledger_fixture`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger_fixture import World, ledger_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A store on disk with the cast of `event_builders` registered."""
    made = ledger_world(tmp_path)
    yield made
    made.store.close()
