"""
Connections to the one database: short readers, and writers one at a time.

Foreign errors become ours here: `LedgerBusy` where another process holds the database, `Conflict` where a unique value
was taken meanwhile, `StoreError` for the rest.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from ledger.adapters.sql_store.dialect import (
    READS,
    ROWS,
    WRITES,
    folding,
    is_locked,
    keeps_writer,
    lenient,
    open_engine,
    purge,
)
from ledger.adapters.sql_store.schema import migrate
from ledger.domain.errors import Conflict, LedgerBusy, StoreError
from ledger.turns import Turns


class Database:
    """An engine with the newest schema. `close` gives the connections back."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        # Threads of this process queue here, in the order they come, instead of polling for the database's own lock.
        self._writer = Turns()
        self._kept = _Kept(self._engine)
        self._folding = folding(self._engine, self._writer)
        self._fence: Callable[[Connection], None] | None = None
        with _translated():
            migrate(self._engine)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The one write transaction: on disk when the block ends, rolled back if it raises."""
        with self._writer, _translated(), self._kept.lent() as writer:
            with writer.begin():
                if self._fence is not None:
                    self._fence(writer)
                yield writer
            if self._folding is not None:
                self._folding.wrote(cast(Any, writer.connection.driver_connection))

    @contextmanager
    def writing_rows(self) -> Iterator[Connection]:
        """A write transaction that keeps no other waiting but by the rows that it locks. Short, and never an append."""
        with _translated(), self._engine.connect() as connection:
            writer = connection.execution_options(**{ROWS: True})
            with writer.begin():
                yield writer

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent view. Keep it short: a long reader keeps the write-ahead log from being folded in."""
        with _translated(), self._engine.connect() as connection:
            reader = connection.execution_options(**{READS: True})
            with reader.begin():
                yield reader

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """The same for who looks for damage: a text with a flipped bit is another text, and no error."""
        with self.reading() as reader, lenient(reader):
            yield reader

    def fenced(self, fence: Callable[[Connection], None]) -> Database:
        """The same database; each write transaction begins with `fence`, and is none where that raises."""
        fenced = copy.copy(self)
        fenced._fence = fence
        return fenced

    def purge(self) -> None:
        """Makes what was deleted go from the files too; `LedgerBusy` where somebody reads them all the while."""
        paused = nullcontext() if self._folding is None else self._folding.paused()
        with self._writer, paused, _translated():
            done = purge(self._engine)
        if not done:
            raise LedgerBusy("somebody reads the database: what was erased is not out of its files yet; try again")

    def close(self) -> None:
        """Closes all connections."""
        if self._folding is not None:
            self._folding.close()
        self._kept.close()
        self._engine.dispose()


class _Kept:
    """
    The connection of all write transactions, where the database gains by its being the same one. Lent to whoever has
    the writers' turn; after an error of the database the next writer gets a new one.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._is_lent = False

    @contextmanager
    def lent(self) -> Iterator[Connection]:
        """A connection whose transactions write."""
        with self._lock:
            connection = self._connection
            self._is_lent = connection is not None
        if connection is None:
            connection = self._engine.connect().execution_options(**{WRITES: True})
            if not keeps_writer(connection):
                with connection:
                    yield connection
                return
            with self._lock:
                self._connection, self._is_lent = connection, True
        try:
            yield connection
        except IntegrityError:
            raise  # a value was taken: nothing is wrong with the connection, and its pages are as they were
        except SQLAlchemyError:
            with self._lock:
                self._connection = None
            raise
        finally:
            with self._lock:
                self._is_lent = False
                is_kept = self._connection is connection
            if not is_kept:
                _end(connection)

    def close(self) -> None:
        """
        Ends the connection; one that is lent just now is ended by who has it, be it that the transaction has not begun
        yet: what another thread uses must not be taken from under it.
        """
        with self._lock:
            connection, self._connection = self._connection, None
            is_lent = self._is_lent
        if connection is not None and not is_lent:
            _end(connection)


def _end(connection: Connection) -> None:
    # Not back among the others: it has settings of its own.
    connection.invalidate()
    connection.close()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise Conflict(f"the database refused a duplicate or dangling value: {_said(error)}") from error
    except DBAPIError as error:
        if is_locked(error):
            raise LedgerBusy("another process is writing to the database; stop it or wait") from error
        if error.connection_invalidated:
            raise StoreError(
                f"the connection to the database was lost: {_said(error)}; whether what was being written is stored is "
                "not known; sending it again finds out"
            ) from error
        raise StoreError(f"the database failed: {_said(error)}") from error
    except (SQLAlchemyError, OverflowError) as error:
        raise StoreError(f"the database failed: {error}") from error


def _said(error: DBAPIError) -> str:
    """What the driver said, without the lines below it, in which PostgreSQL quotes whole rows."""
    return (str(error.orig).splitlines() or [""])[0]
