"""
PostgreSQL by psycopg: one writer by an advisory lock that is held to the commit, readers with one view; see `dialect`.
A process that falls silent in the middle of a transaction is cut off by the server after 25 s: before those give up
who wait for its locks.

Raises `StoreError` for a server whose commits are not on disk, or that orders or writes text in another way than we do,
and `MissingTool` where the driver is not installed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from sqlalchemy import (
    URL,
    Column,
    ColumnElement,
    Connection,
    Engine,
    LargeBinary,
    Table,
    create_engine,
    event,
    func,
    literal,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from ledger.domain.errors import MissingTool, StoreError
from ledger.turns import Turns

_DRIVER = "psycopg"
_WRITE_LOCK = 0x53494C4B_524F4F54  # "SILKROOT"
_ERASED_IN = ("events", "disclosures", "proposals")
"""The tables that erasing changes."""
_PURGE_WAIT = "5s"  # new readers queue behind somebody who waits for a table alone
_SILENCE = "7s"  # less than the ten seconds in which another process takes over from one that is stopped
_LOCKED = {"55P03", "40P01", "40001"}  # lock_not_available, deadlock_detected, serialization_failure
_NOT_ALLOWED = "42501"  # insufficient_privilege
_SETTINGS = """
    SELECT set_config('lock_timeout', '30s', false),
           set_config('idle_in_transaction_session_timeout', '25s', false),
           set_config('synchronous_commit', CASE v WHEN 'off' THEN 'on' ELSE v END, false),
           current_setting('fsync'), current_setting('server_encoding'), 'Z' < 'a', pg_is_in_recovery()
    FROM current_setting('synchronous_commit') AS v
"""


def engine(url: URL) -> Engine:
    """An engine on the database; it connects when it is used first."""
    if (driver := url.get_driver_name()) != _DRIVER:
        raise StoreError(
            f"PostgreSQL is spoken by {_DRIVER}, not {driver}; use postgresql+{_DRIVER}://user@host/database"
        )
    own = {"application_name": "silkroot", "connect_timeout": 10, "client_encoding": "utf8"}
    arguments = {name: value for name, value in own.items() if name not in url.query}
    try:
        # A connection that died while nobody used it (the server started again) is replaced before it is used.
        made = create_engine(url, pool_size=8, max_overflow=16, pool_pre_ping=True, connect_args=arguments)
    except ModuleNotFoundError as error:
        raise MissingTool(f"PostgreSQL needs the package {_DRIVER}: pip install 'silkroot[postgresql]'") from error
    event.listen(made, "connect", _configure)
    return made


def _configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # The driver leaves transactions alone: `begin` says how they begin.
    connection.autocommit = True
    cursor = connection.cursor()
    try:
        _, _, _, fsync, encoding, by_bytes, standby = cursor.execute(_SETTINGS).fetchone()
    finally:
        cursor.close()
    if fsync != "on":
        raise StoreError("the PostgreSQL server runs with fsync=off: nothing that it commits is on disk; turn it on")
    if encoding != "UTF8" or not by_bytes:
        raise StoreError(
            "the PostgreSQL database has to hold UTF-8 and to order text by bytes; make it with CREATE DATABASE name "
            "TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
        )
    if standby:
        raise StoreError("the PostgreSQL server is a standby, which cannot be written; use the primary's address")


def begin(connection: Connection, *, writes: bool, reads: bool, rows: bool) -> None:
    """
    A writer waits for the lock, and every statement after that sees all that was committed before: a view that was
    taken before the wait would not have the last writer's numbers. A commit is visible before its lock is free.

    A reader has one view. It takes it when it holds the tables that `purge` makes anew: an older view would find them
    empty.
    """
    if writes or rows:
        connection.exec_driver_sql("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
        if writes:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITE_LOCK})")
        return
    connection.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    if reads:
        connection.exec_driver_sql(f"LOCK TABLE {', '.join(_ERASED_IN)} IN ACCESS SHARE MODE")


def keeps_writer(_: DBAPIConnection) -> bool:
    """No: pages are the server's, and a connection from the pool is looked at before it is used."""
    return False


def folding(_: URL, __: Turns) -> None:
    """Nothing: the server folds its log in by itself."""


def unbound(_: DBAPIConnection) -> AbstractContextManager[None]:
    """Nothing: a column or a constraint changes in its table."""
    return nullcontext()


def lenient(_: DBAPIConnection) -> AbstractContextManager[None]:
    """Nothing: the server has no text that is no UTF-8."""
    return nullcontext()


def now() -> ColumnElement[Any]:
    """The server's clock, in Unix microseconds; that of this moment, not of when the transaction began."""
    return func.extract("epoch", func.clock_timestamp()) * 1_000_000


def hurry(connection: Connection) -> None:
    """The server ends the transaction soon when its client falls silent, and frees what it locks."""
    connection.exec_driver_sql(f"SET LOCAL idle_in_transaction_session_timeout = '{_SILENCE}'")


def insert(table: Table) -> Any:
    """An insert that may say what to do on conflict."""
    return postgresql.insert(table)


def insert_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts the rows; the driver sends them in a pipeline."""
    connection.execute(postgresql.insert(table), rows)


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """The same of rows that are the columns' values in the table's order."""
    names = [column.name for column in table.columns]
    insert_all(connection, table, [dict(zip(names, row, strict=True)) for row in rows])


def present(connection: Connection, column: Column[Any], values: Sequence[Any]) -> Iterable[Any]:
    """Those of the values that stand in the column."""
    statement = f'SELECT "{column.name}" FROM "{column.table.name}" WHERE "{column.name}" = ANY(%s)'  # noqa: S608
    return connection.exec_driver_sql(statement, (list(values),)).scalars()


def holds(column: ColumnElement[Any], part: bytes) -> ColumnElement[bool]:
    """Whether the bytes of the column hold those."""
    return func.position(literal(part, LargeBinary).op("IN")(column)) > 0


def integrity_problems(connection: Connection) -> list[str]:
    """
    What `amcheck` finds wrong with the tables and their indexes. Empty too where that extension is not there, or our
    role may not use it: then a damaged page shows only when it is read, by the server's own checksums.
    """
    asked = "SELECT 1 FROM pg_extension WHERE extname = 'amcheck'"
    if connection.exec_driver_sql(asked).first() is None:
        return []
    problems = []
    for table, kind in connection.exec_driver_sql(_RELATIONS).all():
        check = _CHECK_HEAP if kind == "r" else _CHECK_INDEX
        try:
            with connection.begin_nested():
                problems += [f"{table}: {row[0]}" for row in connection.exec_driver_sql(check, (table,)) if row[0]]
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) == _NOT_ALLOWED:
                return []
            if error.connection_invalidated:
                raise
            problems.append(f"{table}: {str(error.orig).splitlines()[0]}")
    return problems


_RELATIONS = """
    SELECT c.oid::regclass::text, c.relkind FROM pg_class c LEFT JOIN pg_am a ON a.oid = c.relam
    WHERE c.relnamespace = current_schema()::regnamespace
    AND (c.relkind = 'r' OR c.relkind = 'i' AND a.amname = 'btree')
    ORDER BY 1
"""
_CHECK_HEAP = "SELECT msg FROM verify_heapam(%s::regclass, check_toast := true) LIMIT 20"
_CHECK_INDEX = "SELECT bt_index_check(%s::regclass, true)::text"


def purge(connection: DBAPIConnection) -> bool:
    """
    Makes the tables anew that erasing changes, in one transaction: whatever views others still have, no row that was
    overwritten or deleted is copied (VACUUM FULL copies those that an old view might see). The server's write-ahead log
    is not reached.
    """
    cursor = connection.cursor()
    try:
        cursor.execute("BEGIN")
        cursor.execute(f"SET LOCAL lock_timeout = '{_PURGE_WAIT}'")
        cursor.execute(f"SELECT pg_advisory_xact_lock({_WRITE_LOCK})")
        cursor.execute(f"LOCK TABLE {', '.join(_ERASED_IN)} IN ACCESS EXCLUSIVE MODE")
        for table in _ERASED_IN:
            # A new value for some column, equal to the old one: that is what makes the server write the table anew.
            cursor.execute(f"ALTER TABLE {table} ALTER row_digest TYPE bytea USING row_digest || ''::bytea")
        cursor.execute("COMMIT")
    except Exception as error:
        connection.rollback()
        if is_locked(error):
            return False
        raise StoreError(f"the database's files could not be made anew: {str(error).splitlines()[0]}") from error
    finally:
        cursor.close()
    return True


def is_locked(cause: BaseException | None) -> bool:
    """Whether somebody else held the lock, or a table, for too long."""
    return getattr(cause, "sqlstate", None) in _LOCKED
