"""
A log of some hundred leaves in a SQLite file of which each test gets a copy, and the process that derives its pages, in
this one.

    log = copied(base, tmp_path)
    log.elsewhere().integrate(log.store.log, log.leaves)
"""

from __future__ import annotations

import contextlib
import os
import pickle
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import event_builders as b
import pytest
from batch_events import readings, together
from capture_documents import document, jobs_of, key_of
from database_rows import sql
from ledger_fixture import ledger_world
from presigned_events import enrol
from service_process import child_pids
from signing_keys import signing_key
from worker_processes import runs

from ledger.adapters.sql_store.log_pages import SqliteLogPages
from ledger.adapters.sql_store.log_statements import page_statements
from ledger.adapters.sql_store.store import SqlStore
from ledger.ports_log import Head
from ledger.services.integrate import Grown
from ledger.services.integrate_elsewhere import IntegratingElsewhere, deriver
from ledger.services.prepared_bytes import Ask

_DEVICE = signing_key(4711)
DOCUMENT = 350
DOCUMENTS = 2
LEAVES = 1 + DOCUMENTS * DOCUMENT


def base_file(folder: Path) -> Path:
    """A database with two documents in the log, and nothing of them in tiles."""
    world = ledger_world(folder)
    enrol(world, b.FARM, _DEVICE)
    world.record(b.harvest())
    events = readings(DOCUMENTS * DOCUMENT)
    for start in range(0, len(events), DOCUMENT):
        sent = document(together(events[start : start + DOCUMENT], _DEVICE))
        assert jobs_of(world).take(sent, key_of()).success
    world.store.close()
    return world.database


@dataclass
class Here:
    """Does the work of the other process in this one; `lost` is raised instead, where it is given."""

    pages: SqliteLogPages
    lost: Exception | None = None
    answers: list[Grown | str | None] = field(default_factory=list)

    def work(self, request: bytes, answer: Ask) -> bytes:
        """See `forked_workers.WorkerPool`."""
        if self.lost is not None:
            raise self.lost
        made = deriver(self.pages.view)(request, answer)
        self.answers.append(pickle.loads(made))  # noqa: S301
        return made


@dataclass
class DerivedLog:
    """A database, and who derives its pages."""

    file: Path
    store: SqlStore
    pages: SqliteLogPages
    here: Here

    @property
    def leaves(self) -> int:
        """How many there are."""
        return self.store.log.counts().leaves

    @property
    def head(self) -> Head:
        """What is integrated."""
        return self.store.log.integrated()

    def elsewhere(self) -> IntegratingElsewhere:
        """Asks who is `here`."""
        return IntegratingElsewhere(self.here)

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Behind the ledger's back."""
        return sql(f"sqlite:///{self.file}", statement, *values)

    def tiles(self) -> list[tuple[Any, ...]]:
        """All that is stored of the tree."""
        checkpoints = self.sql("SELECT size, root, state, row_digest FROM log_checkpoints ORDER BY size")
        return self.sql("SELECT * FROM log_tiles ORDER BY level, tile_index") + checkpoints

    def close(self) -> None:
        """Closes everything."""
        self.pages.close()
        self.store.close()


def copied(base: Path, folder: Path) -> DerivedLog:
    """A copy of the database in an empty folder."""
    file = folder / "silkroot.sqlite3"
    shutil.copyfile(base, file)
    store = SqlStore(f"sqlite:///{file}")
    pages = SqliteLogPages(file, page_statements())
    return DerivedLog(file, store, pages, Here(pages))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Such a database, to be copied; one for each file of tests."""
    return base_file(tmp_path_factory.mktemp("base"))


@pytest.fixture
def log(base: Path, tmp_path: Path) -> Iterator[DerivedLog]:
    """701 leaves, none in tiles."""
    made = copied(base, tmp_path)
    yield made
    made.close()


def processes(name: str) -> set[int]:
    """
    Those that this process started, itself or by others, that run under that name: tests beside this one have such too.
    """
    found = [os.getpid()]
    for pid in found:
        found += child_pids(pid)
    return {pid for pid in found if runs(pid) and _name_of(pid) == name}


def _name_of(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip()
    return ""
