"""
All that differs between databases: how to connect, how one writer keeps the others out, upserts, the integrity check.

What SQLite and PostgreSQL each do about it stands in `dialect_sqlite` and `dialect_postgresql`; the second one, and its
driver, are imported where a PostgreSQL database is opened, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import ModuleType
from typing import Any, Protocol, cast

from sqlalchemy import URL, Column, ColumnElement, Connection, Engine, Table, event, make_url, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError

from ledger.adapters.sql_store import dialect_sqlite
from ledger.adapters.sql_store.folding import Folding
from ledger.adapters.sql_store.reading import chunks
from ledger.domain.errors import StoreError
from ledger.turns import Turns

WRITES = "silkroot_writes"
"""Execution option of connections whose transactions write."""

READS = "silkroot_reads"
"""Execution option of connections whose transactions read our tables, which are there already."""


ROWS = "silkroot_rows"
"""Execution option of connections whose transactions write rows that they lock themselves, beside other writers."""


class _Spoken(Protocol):
    """What the module of a database offers."""

    def engine(self, url: URL) -> Engine:
        """An engine whose connections leave it to `begin` how transactions begin."""

    def begin(self, connection: Connection, *, writes: bool, reads: bool, rows: bool) -> None:
        """Begins a transaction; one that writes, unless only rows, keeps all others that write waiting to its end."""

    def keeps_writer(self, connection: DBAPIConnection) -> bool:
        """Makes the connection the one that writes; False where all connections write alike."""

    def folding(self, url: URL, writers: Turns) -> Folding | None:
        """What folds the database's log in beside those who write in these turns; None where it needs nobody."""

    def unbound(self, connection: DBAPIConnection) -> AbstractContextManager[None]:
        """Tables that others refer to can be dropped and made anew meanwhile; nobody looks at what refers."""

    def lenient(self, connection: DBAPIConnection) -> AbstractContextManager[None]:
        """A text that is none any more is read as far as that can be, and raises nothing."""

    def now(self) -> ColumnElement[Any]:
        """The database's clock at this moment, in Unix microseconds."""

    def hurry(self, connection: Connection) -> None:
        """Whoever falls silent in this transaction does not keep others waiting for long."""

    def insert(self, table: Table) -> Any:
        """An insert that may say what to do on conflict."""

    def insert_all(self, connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Inserts the rows, at least one, each with a value for every column."""

    def insert_rows(self, connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        """The same of rows that are the columns' values in the table's order."""

    def present(self, connection: Connection, column: Column[Any], values: Sequence[Any]) -> Iterable[Any]:
        """Those of the values, few hundred, that stand in the column."""

    def holds(self, column: ColumnElement[Any], part: bytes) -> ColumnElement[bool]:
        """Whether the bytes of the column hold those."""

    def integrity_problems(self, connection: Connection) -> list[str]:
        """What the database itself finds wrong."""

    def purge(self, connection: DBAPIConnection) -> bool:
        """Makes the bytes of what was erased go from the database's files."""

    def is_locked(self, cause: BaseException | None) -> bool:
        """Whether somebody else held what was needed for too long."""


def open_engine(url: str) -> Engine:
    """
    An engine on the database; makes the folder of a SQLite file. `StoreError` for a database that we don't speak, or on
    which a commit would not be on disk.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError(f"SILKROOT_DATABASE_URL is no address of a database: {error}") from error
    spoken = _spoken(parsed.get_backend_name())
    engine = spoken.engine(parsed)

    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        said = {
            name: options.get(option, False) for name, option in (("writes", WRITES), ("reads", READS), ("rows", ROWS))
        }
        spoken.begin(connection, **said)

    event.listen(engine, "begin", begin)
    return engine


def keeps_writer(connection: Connection) -> bool:
    """
    Whether the connection is worth keeping for all write transactions; it is made fit for that. Before a transaction.
    """
    return _of(connection).keeps_writer(cast(DBAPIConnection, connection.connection))


def folding(engine: Engine, writers: Turns) -> Folding | None:
    """What folds the log of the database in beside the writers; None where the database needs nobody for that."""
    return _spoken(engine.dialect.name).folding(engine.url, writers)


@contextmanager
def remaking(engine: Engine) -> Iterator[Connection]:
    """A write transaction for migrations: a table that others refer to can be made anew in it."""
    spoken = _spoken(engine.dialect.name)
    with (
        engine.connect().execution_options(**{WRITES: True}) as connection,
        spoken.unbound(cast(DBAPIConnection, connection.connection)),
        connection.begin(),
    ):
        yield connection


def lenient(connection: Connection) -> AbstractContextManager[None]:
    """Meanwhile a text that is none any more, for a flipped bit, is read as far as that can be, and raises nothing."""
    return _of(connection).lenient(cast(DBAPIConnection, connection.connection))


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts the rows; one whose primary key is there replaces the other columns."""
    if not rows:
        return
    statement = _of(connection).insert(table)
    keys = {column.name for column in table.primary_key}
    changed = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    if changed:
        statement = statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed)
    else:
        statement = statement.on_conflict_do_nothing()
    connection.execute(statement, rows)


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts the rows; one whose primary key is there is left as it is."""
    if rows:
        connection.execute(_of(connection).insert(table).on_conflict_do_nothing(), rows)


def now(connection: Connection) -> int:
    """The database's clock at this moment, in Unix microseconds."""
    return int(connection.execute(select(_of(connection).now())).scalar_one())


def hurry(connection: Connection) -> None:
    """Whoever falls silent in this transaction keeps others waiting for some seconds only: it is ended then."""
    _of(connection).hurry(connection)


def insert_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts the rows, each with a value for every column; the quick way for many."""
    if rows:
        _of(connection).insert_all(connection, table, rows)


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """The same of rows that are the columns' values in the table's order; on SQLite the quickest."""
    if rows:
        _of(connection).insert_rows(connection, table, rows)


def present(connection: Connection, column: Column[Any], values: Collection[Any]) -> set[Any]:
    """Those of the values (texts or bytes) that stand in the column; the quick way where few do."""
    spoken = _of(connection)
    return {found for chunk in chunks(values) for found in spoken.present(connection, column, chunk)}


def holds(connection: Connection, column: ColumnElement[Any], part: bytes) -> ColumnElement[bool]:
    """The condition that the bytes of the column hold those."""
    return _of(connection).holds(column, part)


def integrity_problems(connection: Connection) -> list[str]:
    """What the database itself finds wrong with its pages and indexes; empty where all is well."""
    return _of(connection).integrity_problems(connection)


def purge(engine: Engine) -> bool:
    """
    Makes the bytes of what was deleted or overwritten really go, as far as the database lets us. False where somebody
    else kept that from being done; `StoreError` where it failed.
    """
    connection = engine.raw_connection()
    try:
        return _spoken(engine.dialect.name).purge(cast(DBAPIConnection, connection))
    finally:
        connection.close()


def is_locked(error: Exception) -> bool:
    """Whether another process holds the database."""
    cause = getattr(error, "orig", None)
    # A class of its driver tells whose error it is.
    name = "sqlite" if type(cause).__module__.startswith("sqlite3") else "postgresql"
    return cause is not None and _spoken(name).is_locked(cause)


def _of(connection: Connection) -> _Spoken:
    return _spoken(connection.dialect.name)


def _spoken(name: str) -> _Spoken:
    module: ModuleType
    if name == "sqlite":
        module = dialect_sqlite
    elif name == "postgresql":
        from ledger.adapters.sql_store import dialect_postgresql

        module = dialect_postgresql
    else:
        raise StoreError(
            f"{name} is not supported; use sqlite:///path/to/file or postgresql+psycopg://user@host/database"
        )
    return cast(_Spoken, module)
