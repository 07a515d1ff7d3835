"""
Pages of the log derived in another process: what is asked of it and what comes back.

Under load, deriving takes the interpreter's lock from the thread that records documents. So a process that reads the
database by itself does all of `derive`, and this one only writes what came of it. It makes every check that is made
here, by the same function; but it has no last word: of whatever it is not sure, it says why, and the page is derived
here, which tells what is wrong. So does a page whose process ended. Small pages never go there.

Both ends are processes that were forked from one program, so pickles serve: nobody else writes them.
"""

from __future__ import annotations

import logging
import pickle
from collections.abc import Callable
from contextlib import AbstractContextManager

from ledger.domain.errors import StoreError, WorkerLost
from ledger.domain.log.tile_names import TILE_WIDTH
from ledger.domain.merkle import TreeHash
from ledger.ports_log import GrowthReader, Head, LogStore
from ledger.services.integrate import PAGE, Grown, derive, integrate
from ledger.services.prepared_bytes import Ask, Work, Worker

_LOG = logging.getLogger(__name__)
WORTH_ASKING = 256
"""Leaves that wait: with fewer, the process would not be worth its memory."""
PAGE_ELSEWHERE = 8 * TILE_WIDTH
"""
Leaves in one page of another process: tiles are written in fewer transactions, and of so many that they end where a
tile does, so that no tile of level 0 and no bundle is written twice while more leaves wait than that.
"""
_AT_ONCE = 64
"""Leaves whose bodies are in that process's memory at once."""


class IntegratingElsewhere:
    """`ledger.services.integrate.integrate`, with the pages of many leaves derived by `workers`."""

    def __init__(self, workers: Worker) -> None:
        self._workers = workers
        self._told: str | None = None

    def integrate(self, store: LogStore, limit: int, page: int = PAGE) -> int:
        """The same; `page` is only for what is derived here."""
        head = store.integrated()
        grown = self._derived(head, limit) if limit - head.size >= WORTH_ASKING else None
        if grown is None:
            return integrate(store, limit, page)
        store.integrate(grown.before, grown.tiles, grown.bundles, grown.after)
        return grown.after - grown.before

    def _derived(self, head: Head, limit: int) -> Grown | None:
        page = PAGE_ELSEWHERE - head.size % TILE_WIDTH
        asked = b"%d %d %d %b" % (limit, page, head.size, head.root.hex().encode())
        try:
            found = pickle.loads(self._workers.work(asked, _unasked))  # noqa: S301
        except WorkerLost:
            return None  # the pool has said so
        told = found if isinstance(found, str) else None
        if told is not None and told != self._told:
            _LOG.warning("the log's next page is derived in this process: %s", told)
        self._told = told
        return None if told is not None else found


def deriver(view: Callable[[], AbstractContextManager[GrowthReader]]) -> Work:
    """
    What such a process does with a request: the most leaves that the log may get, the most in the page, and size and
    root of the tree as it is where the page will be written; `view` opens one state of the log. Its answer: `Grown`,
    None where there is nothing to integrate, or why it is not sure.
    """

    def work(request: bytes, ask: Ask) -> bytes:
        try:
            *numbers, root = request.split()
            limit, page, size = map(int, numbers)
            with view() as log:
                if log.integrated() != Head(size, TreeHash(bytes.fromhex(root.decode()))):
                    raise StoreError("it reads another tree than the one that is to grow; was the file replaced?")
                return pickle.dumps(derive(log, limit, page, _AT_ONCE), pickle.HIGHEST_PROTOCOL)
        except Exception as error:  # whatever it is: deriving the page where the store is says it
            return pickle.dumps(f"{type(error).__name__}: {error}")

    return work


def _unasked(question: bytes) -> bytes:
    raise AssertionError("a process that derives pages asks nothing")
