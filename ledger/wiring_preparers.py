"""
Processes that prepare documents beside the one that writes: how many, and what each of them does.

Documents are parsed, checked, hashed and their signatures recovered there; the interpreter's lock of the process that
answers and writes stays free for that. They are forked from a process that was forked before this one had threads
(`ledger.adapters.forked_workers`), so `nursery_for` is entered before an event loop runs; and before the pages, the
database and the chain are imported, of which those processes need nothing.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ledger.adapters.forked_workers import Nursery, Work, WorkerPool
from ledger.domain.sealing import Policy
from ledger.domain.typed_data import Domain
from ledger.services.prepared_bytes import configuration, preparer
from ledger.settings import Settings

MOST_BY_DEFAULT = 2
_CONTAINERS = 50_000


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

    def make(configured: bytes) -> Work:
        # As in the service: walking over all containers again and again is a tenth of the time.
        gc.set_threshold(_CONTAINERS, 20, 100)
        return preparer(configured, _Clock())

    nursery = Nursery.fork(make)
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
    pool = WorkerPool(nursery, configuration(domain, secret, policy), max(1, preparers_of(settings)))
    try:
        yield pool
    finally:
        pool.close()
