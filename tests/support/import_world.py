"""
An importer on a real store with real capture and registration (no chain), for tests of imports.

    world = import_world(tmp_path, "pti_master.toml")
    report = world.importer.import_file(path)
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from ledger_fixture import World, ledger_world

from ledger.adapters.master_data_toml import read_master_data
from ledger.adapters.workbook import read_workbook
from ledger.domain.identifiers import LotRef, ProductId
from ledger.domain.master_data import MasterData
from ledger.services.import_file import Importer

DATA = Path(__file__).resolve().parents[1] / "data"
_ROOT = Path(__file__).resolve().parents[2]


def pti_folder() -> Path:
    """Where the Produce Traceability Initiative's workbooks lie; without them the test is skipped, or fails in CI."""
    folder = Path(os.environ.get("CONFORMANCE_DIR", _ROOT.parent / "shared" / "conformance")) / "pti"
    if not folder.is_dir():
        reason = f"no conformance data at {folder}; set CONFORMANCE_DIR"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@dataclass(frozen=True)
class ImportWorld:
    """The parts of one service, and the importer over them."""

    parts: World
    importer: Importer

    def events(self) -> int:
        """How many events are recorded."""
        return len(self.parts.store.events(limit=100_000))


def lot(gtin: str, code: str) -> LotRef:
    """A lot by its printed names."""
    return LotRef(ProductId(int(gtin)), code)


def import_world(folder: Path, master: str | MasterData, url: str = "") -> ImportWorld:
    """A new store in that folder, or at that address; `master` is a file of tests/data, or the values themselves."""
    values = read_master_data(DATA / master) if isinstance(master, str) else master
    parts = ledger_world(folder, values, url)
    importer = Importer(
        parts.store, parts.capturing, parts.register, read_workbook=read_workbook, read_master_data=read_master_data
    )
    return ImportWorld(parts, importer)
