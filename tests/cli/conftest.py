"""Desks for the tests of commands: see `command_desk`; and services: see `command_service`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_desk import FARM, HOUSE, LOT, OTHER, RECEIVING, Run, done, open_desk, runner
from command_service import prepared, ready, running, started

from ledger.adapters.sql_store.store import SqlStore

__all__ = ["prepared", "ready", "running", "started"]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with the cast and two harvests, to be copied: making the parties' keys takes longest."""
    folder = tmp_path_factory.mktemp("desk")
    open_desk(folder)
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """What lies under the test's desk."""
    opened = SqlStore(f"sqlite:///{tmp_path / 'desk' / 'silkroot.sqlite3'}")
    yield opened
    opened.close()


@pytest.fixture
def run(opened: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A desk of the test's own, with a harvest of 1,000 kg and one of 500 kg."""
    folder = tmp_path / "desk"
    shutil.copytree(opened, folder)
    return runner(folder, monkeypatch, capsys)


@pytest.fixture
def shipped(run: Run) -> Run:
    """Both harvests are on their way to the packing house, under WB-1."""
    done(run, "ship", f"{LOT}=1t", f"{OTHER}=500kg", "--to", HOUSE, "--ref", "WB-1", "--as", FARM)
    return run


@pytest.fixture
def disputed(shipped: Run) -> Run:
    """100 kg of the first harvest did not arrive."""
    done(shipped, "receive", "WB-1", *RECEIVING, "--short", f"{LOT}=100kg")
    return shipped
