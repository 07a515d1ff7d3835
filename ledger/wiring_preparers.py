"""
Processes that work beside the one that writes: those that prepare documents, how many, and one that derives the log's
pages; and what each of them does.

Documents are parsed, checked, hashed and their signatures recovered there; the interpreter's lock of the process that
answers and writes stays free for that. So it does while the log grows by many leaves, where the database is a file: a
process reads it by the driver alone, and is born when so many wait first. All are forked from a process that was forked
before this one had threads (`ledger.adapters.forked_workers`), so `nursery_for` is entered before an event loop runs;
and before the pages, SQLAlchemy and the chain are imported, of which those processes need nothing.
"""

from __future__ import annotations

import gc
import os
import pickle
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.adapters.forked_workers import Nursery, Work, WorkerPool
from ledger.adapters.sql_store.log_pages import SqliteLogPages
from ledger.domain.sealing import Policy
from ledger.domain.typed_data import Domain
from ledger.services.integrate import Integrate, integrate
from ledger.services.integrate_elsewhere import IntegratingElsewhere, deriver
from ledger.services.prepared_bytes import configuration, preparer
from ledger.settings import Settings

MOST_BY_DEFAULT = 2
_CONTAINERS = 50_000
_PREPARES, _DERIVES = b"P", b"D"
"""What a process is for: the first byte of its configuration."""
_DERIVER = "silkroot-log"
_DERIVING_SECONDS = 10.0
"""A page takes less than a tenth of one; so long may a process that hangs keep the log, or the end of the service."""


class _Clock:
    """The machine's clock."""

    def now(self) -> float:
        """Unix seconds."""
        return time.time()


def preparers_of(settings: Settings, *, workers: bool = False) -> int:
    """
    How many processes prepare documents. By default as many as there are cores, at most two, and none where there is
    one core alone, or where several processes serve (`workers`), which use the cores without them.
    """
    if settings.preparers is not None:
        return settings.preparers
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return 0 if workers or cores < 2 else min(cores, MOST_BY_DEFAULT)


@contextmanager
def nursery_for(settings: Settings, *, workers: bool = False) -> Iterator[Nursery | None]:
    """
    The process that the others are forked from, while the block runs; None where documents are prepared in this one.
    To be entered before there are threads.
    """
    if not preparers_of(settings, workers=workers):
        yield None
        return

    nursery = Nursery.fork(_make)
    try:
        yield nursery
    finally:
        nursery.close()


@contextmanager
def preparing(
    nursery: Nursery | None, settings: Settings, domain: Domain, secret: bytes, policy: Policy
) -> Iterator[WorkerPool | None]:
    """The processes while the block runs, each of which is born when it is needed first; None without a nursery."""
    if nursery is None:
        yield None
        return
    configured = _PREPARES + configuration(domain, secret, policy)
    pool = WorkerPool(nursery, configured, max(1, preparers_of(settings)))
    try:
        yield pool
    finally:
        pool.close()


@contextmanager
def integrating(nursery: Nursery | None, settings: Settings) -> Iterator[Integrate]:
    """
    What integrates pages of the log while the block runs: with a nursery, and a database that is a file, those of many
    leaves are derived in a process of their own.
    """
    if nursery is None or settings.uses_postgresql:
        yield integrate
        return
    # In the service alone: the processes that are forked have no use for what makes statements.
    from sqlalchemy import make_url

    from ledger.adapters.sql_store.log_statements import page_statements

    path = Path(make_url(settings.sqlalchemy_url).database or "").resolve()
    pool = WorkerPool(nursery, _DERIVES + pickle.dumps((path, page_statements())), 1, _DERIVER, _DERIVING_SECONDS)
    try:
        yield IntegratingElsewhere(pool).integrate
    finally:
        pool.close()


def _make(configured: bytes) -> Work:
    """What a process does that was forked; it is told so by its configuration."""
    # As in the service: walking over all containers again and again is a tenth of the time.
    gc.set_threshold(_CONTAINERS, 20, 100)
    kind, rest = configured[:1], configured[1:]
    if kind == _DERIVES:
        path, statements = pickle.loads(rest)  # noqa: S301 - by this process
        return deriver(SqliteLogPages(path, statements).view)
    return preparer(rest, _Clock())
