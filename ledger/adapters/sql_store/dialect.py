"""
All that differs between databases: how to connect, how one writer keeps the others out, upserts, the integrity check.

SQLite is what runs today; PostgreSQL needs its branch here (an advisory lock taken by each writer), nothing elsewhere.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from ledger.domain.errors import StoreError

WRITES = "silkroot_writes"
"""Execution option of connections whose transactions write."""

_BUSY_SECONDS = 30


def open_engine(url: str) -> Engine:
    """An engine on the database; makes the folder of a SQLite file. `StoreError` for a database that we don't speak."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError(f"SILKROOT_DATABASE_URL is no address of a database: {error}") from error
    if parsed.get_backend_name() != "sqlite":
        raise StoreError(f"{parsed.get_backend_name()} is not supported; use sqlite:///path/to/file")
    if not parsed.database or parsed.database == ":memory:":
        raise StoreError("a SQLite database has to be a file: what is acknowledged has to be on disk")
    Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, pool_size=8, max_overflow=16, connect_args={"timeout": _BUSY_SECONDS})
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # None: the driver leaves transactions alone. On its own it would begin them late and as readers, and a reader that
    # turns writer fails at once when somebody else wrote meanwhile, whatever the timeout.
    connection.isolation_level = None
    cursor = connection.cursor()
    # What is deleted or overwritten is zeroed in its page: proposals that end have disclosures.
    for pragma in (
        "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON",
        f"busy_timeout={_BUSY_SECONDS * 1000}",
    ):  # fmt: skip
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts the rows; one whose primary key is there replaces the other columns."""
    if not rows:
        return
    statement = sqlite.insert(table)
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
        connection.execute(sqlite.insert(table).on_conflict_do_nothing(), rows)


def integrity_problems(connection: Connection) -> list[str]:
    """What the database itself finds wrong with its pages and indexes; empty where all is well."""
    found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(20)")]
    return [] if found == ["ok"] else found


def purge(connection: DBAPIConnection) -> bool:
    """
    Makes the bytes of what was deleted or overwritten really go, outside of any transaction. `secure_delete` zeroes
    cells, but copies of rows that moved from page to page stay behind until the file is made anew; and older states of
    pages stand in the write-ahead log until it is cut off. False where somebody else kept that from being done;
    `StoreError` where it failed.
    """
    cursor = connection.cursor()
    try:
        cursor.execute("VACUUM")
        (busy, _, _) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        if "locked" in str(error):
            return False
        raise StoreError(f"the database's files could not be made anew: {error}") from error
    finally:
        cursor.close()
    return not busy


def is_locked(error: Exception) -> bool:
    """Whether another process holds the database."""
    cause = getattr(error, "orig", None)
    return isinstance(cause, sqlite3.OperationalError) and "locked" in str(cause)
