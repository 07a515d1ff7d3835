"""
Rows of a database, read and changed behind the service's back: without its checks, and without foreign keys.

    sql(url, "UPDATE events SET body = ? WHERE sequence = ?", b"{}", 1)

One spelling for both databases: values are marked by `?`, bytes are written x'00' or zeroblob(32), booleans TRUE and
FALSE. A value that the column cannot hold is `NotStorable`.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import Any


class NotStorable(Exception):
    """SQLite stores anything; PostgreSQL has no number beyond the column's and no NUL in texts."""


def sql(url: str, statement: str, *values: object, count: int | None = None) -> list[tuple[Any, ...]]:
    """
    The rows that the statement gives. One that gives none has to change something, so many rows where `count` says so.
    """
    rows, changed = (_in_file if url.startswith("sqlite") else _on_server)(url, statement, values)
    if rows is None:
        assert changed > 0 if count is None else changed == count, f"{statement} changed {changed} rows"
    return rows or []


def _in_file(url: str, statement: str, values: tuple[object, ...]) -> tuple[list[tuple[Any, ...]] | None, int]:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
        cursor = connection.execute(statement, values)
        return None if cursor.description is None else cursor.fetchall(), cursor.rowcount


def _on_server(url: str, statement: str, values: tuple[object, ...]) -> tuple[list[tuple[Any, ...]] | None, int]:
    import psycopg

    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("SET session_replication_role = replica")  # no triggers, so no foreign keys
        statement = re.sub(r"x'([0-9a-f]*)'", r"'\\x\1'::bytea", statement.replace("?", "%s"))
        statement = re.sub(r"zeroblob\((\d+)\)", r"decode(repeat('00', \1), 'hex')", statement)
        try:
            cursor = connection.execute(statement.encode(), values)
        except psycopg.DataError as error:
            raise NotStorable(str(error)) from error
        return None if cursor.description is None else cursor.fetchall(), cursor.rowcount
