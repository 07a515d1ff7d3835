"""Views of the database for a rehearsal, which reads for long: none of them is held for long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import Connection

from ledger.adapters.sql_store.database import Database


class RenewedReader:
    """One view of the database for some reads, then a new one, so that no view is held for long."""

    _READS = 500  # a few hundredths of a second

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stack = ExitStack()
        self._connection: Connection | None = None
        self._reads = 0

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """The present view's connection."""
        if self._connection is None or self._reads >= self._READS:
            self.close()
            self._connection = self._stack.enter_context(self._database.reading())
            self._reads = 0
        self._reads += 1
        yield self._connection

    def close(self) -> None:
        """Ends the present view."""
        self._stack.close()
        self._connection = None
