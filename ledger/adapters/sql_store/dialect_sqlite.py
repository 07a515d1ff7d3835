"""
SQLite: one file with a write-ahead log, one writer by `BEGIN IMMEDIATE`; see `dialect`.

Raises `StoreError` for a database that is not a file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Any, cast

from sqlalchemy import URL, Column, ColumnElement, Connection, Engine, Table, create_engine, event, func
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from ledger.adapters.sql_store.columns import UInt64
from ledger.adapters.sql_store.folding import Folding
from ledger.domain.errors import StoreError
from ledger.turns import Turns

_EPOCH = 2_440_587.5  # the Julian day of 1970-01-01T00:00Z
_BUSY_SECONDS = 30
# Statements are kept prepared, and so is each length of a list of values in them: 128 of them, the driver's own limit,
# took nine megabytes of a service under load.
_CONNECTED = {"timeout": _BUSY_SECONDS, "cached_statements": 32}
_WRITER_KIBIBYTES = 16_000
_FOLDING_KIBIBYTES = 512
_WAL_PAGES = 32_000  # 128 MB: then what is no writer, as a migration, folds it in
_WAL_BYTES = 128 * 2**20  # what is beyond that goes back to the disk when the log begins anew


def engine(url: URL) -> Engine:
    """An engine on the file, whose folder is made."""
    if not url.database or url.database == ":memory:":
        raise StoreError("a SQLite database has to be a file: what is acknowledged has to be on disk")
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    made = create_engine(url, pool_size=8, max_overflow=16, connect_args=_CONNECTED)
    event.listen(made, "connect", _configure)
    return made


def _configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # None: the driver leaves transactions alone. On its own it would begin them late and as readers, and a reader that
    # turns writer fails at once when somebody else wrote meanwhile, whatever the timeout.
    connection.isolation_level = None
    cursor = connection.cursor()
    # What is deleted or overwritten is zeroed in its page: proposals that end have disclosures.
    for pragma in (
        "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON",
        f"busy_timeout={_BUSY_SECONDS * 1000}", f"wal_autocheckpoint={_WAL_PAGES}",
        f"journal_size_limit={_WAL_BYTES}",
    ):  # fmt: skip
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def begin(connection: Connection, *, writes: bool, reads: bool, rows: bool) -> None:
    """A writer takes the file's one write lock at once; a reader has one view from its first statement on."""
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes or rows else "BEGIN")


def keeps_writer(connection: DBAPIConnection) -> bool:
    """
    A connection forgets the pages that it knows when another one has written. What writes is therefore always the same
    one, with a cache that holds all pages that a transaction of 1,000 events changes. Its log is folded in by
    `Folding`, and by no commit.
    """
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA cache_size=-{_WRITER_KIBIBYTES}")
    cursor.execute("PRAGMA wal_autocheckpoint=0")
    cursor.close()
    return True


def folding(url: URL, writers: Turns) -> Folding:
    """Folds the write-ahead log of the file in, beside those who write in `writers`."""
    path = Path(cast(str, url.database))

    def opened() -> sqlite3.Connection:
        # `mode=rw`: a file that is gone is not made.
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, isolation_level=None)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA cache_size=-{_FOLDING_KIBIBYTES}")
        return connection

    return Folding(Path(f"{path}-wal"), opened, writers)


@contextmanager
def unbound(connection: DBAPIConnection) -> Iterator[None]:
    """Foreign keys are not looked at: SQLite changes a constraint only by making its table anew."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()


@contextmanager
def lenient(connection: DBAPIConnection) -> Iterator[None]:
    """The driver raises for a text that is no UTF-8, whatever else is in its row; here it gives what can be read."""
    driver: Any = getattr(connection, "driver_connection", connection)
    driver.text_factory = lambda data: data.decode(errors="replace")
    try:
        yield
    finally:
        driver.text_factory = str


def now() -> ColumnElement[Any]:
    """The machine's clock, in Unix microseconds, though only as fine as milliseconds."""
    return (func.julianday("now") - _EPOCH) * 86_400_000_000


def hurry(connection: Connection) -> None:
    """Nothing: a process that owns the file is waited for by nobody but itself."""


def insert(table: Table) -> Any:
    """An insert that may say what to do on conflict."""
    return sqlite.insert(table)


def insert_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """
    Inserts the rows by the driver alone. It takes bytes, texts, numbers and truth values as they are; only numbers from
    2^63 on have another form in the file, and rows with such go the long way.
    """
    insert_rows(connection, table, list(map(itemgetter(*(column.name for column in table.columns)), rows)))


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """The same of rows that are the columns' values in the table's order."""
    columns = [column.name for column in table.columns]
    unsigned = [place for place, column in enumerate(table.columns) if isinstance(column.type, UInt64)]
    numbers = [row[place] or 0 for place in unsigned for row in rows]
    if numbers and not 0 <= min(numbers) <= max(numbers) < 2**63:
        connection.execute(sqlite.insert(table), [dict(zip(columns, row, strict=True)) for row in rows])
        return
    names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
    # The names are those of our own tables.
    statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'  # noqa: S608
    connection.exec_driver_sql(statement, cast(Any, rows))


def present(connection: Connection, column: Column[Any], values: Sequence[Any]) -> Iterable[Any]:
    """Those of the values that stand in the column."""
    marks = ", ".join("?" * len(values))
    statement = f'SELECT "{column.name}" FROM "{column.table.name}" WHERE "{column.name}" IN ({marks})'  # noqa: S608
    return connection.exec_driver_sql(statement, tuple(values)).scalars()


def holds(column: ColumnElement[Any], part: bytes) -> ColumnElement[bool]:
    """Whether the bytes of the column hold those."""
    return func.instr(column, part) > 0


def integrity_problems(connection: Connection) -> list[str]:
    """What SQLite finds wrong with pages and indexes."""
    found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(20)")]
    return [] if found == ["ok"] else found


def purge(connection: DBAPIConnection) -> bool:
    """
    Makes the file anew, outside of any transaction. `secure_delete` zeroes cells, but copies of rows that moved from
    page to page stay behind until then; and older states of pages stand in the write-ahead log until it is cut off.
    """
    cursor = connection.cursor()
    try:
        cursor.execute("VACUUM")
        (busy, _, _) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        if is_locked(error):
            return False
        raise StoreError(f"the database's files could not be made anew: {error}") from error
    finally:
        cursor.close()
    return not busy


def is_locked(cause: BaseException | None) -> bool:
    """Whether another process holds the file."""
    return isinstance(cause, sqlite3.OperationalError) and "locked" in str(cause)
