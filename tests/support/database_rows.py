"""
Rows of a database, read and changed behind the service's back: without its checks, and without foreign keys.

    sql(url, "UPDATE events SET body = ? WHERE sequence = ?", b"{}", 1)

One spelling for both databases: values are marked by `?`, bytes are written x'00' or zeroblob(32), booleans TRUE and
FALSE. A value that the column cannot hold is `NotStorable`.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
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


Rows = Mapping[str, bytes]
"""All rows of tables on the server, as COPY gives them; tables without any are left out."""


def is_empty(url: str, tables: Sequence[str]) -> bool:
    """Whether a database on the server has those tables, and no row in them."""
    import psycopg

    try:
        return not rows_of(url, tables)
    except psycopg.errors.UndefinedTable:
        return False


def rows_of(url: str, tables: Sequence[str]) -> Rows:
    """What stands in those tables of a database on the server."""
    import psycopg
    from psycopg.sql import SQL, Identifier

    found = {}
    with psycopg.connect(url.replace("+psycopg", "")) as connection, connection.cursor() as cursor:
        for table in tables:
            with cursor.copy(SQL("COPY {} TO STDOUT BINARY").format(Identifier(table))) as copied:
                rows = b"".join(bytes(part) for part in copied)
            if cursor.rowcount:
                found[table] = rows
    return found


def put_rows(url: str, rows: Rows) -> bool:
    """
    Puts them into a database of the same schema in which none of them stands; False, and nothing done, where it does
    not take them. No sequence is moved on: our tables number their rows themselves.
    """
    import psycopg
    from psycopg.sql import SQL, Identifier

    try:
        with psycopg.connect(url.replace("+psycopg", "")) as connection, connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            for table, content in rows.items():
                with cursor.copy(SQL("COPY {} FROM STDIN BINARY").format(Identifier(table))) as copied:
                    copied.write(content)
    except psycopg.Error:
        return False
    return True
