"""
A world per test: see `ledger_fixture`. The files in `ON_BOTH` run on SQLite and on a real PostgreSQL, the others on
SQLite alone: what they ask of the store is asked of both in those already. What is PostgreSQL's own is in
`test_postgresql`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ledger_fixture import World, ledger_world
from postgres_server import PostgresServer, postgres

__all__ = ["postgres"]

ON_BOTH = frozenset({
    "test_api_keys", "test_bulk_rows", "test_capture", "test_capture_jobs", "test_carried_recalls",
    "test_checkpointer", "test_checkpointer_pasts", "test_concurrency", "test_crash", "test_damaged_rows",
    "test_event_search", "test_families", "test_keys", "test_leases", "test_limits_capture", "test_log_rows",
    "test_migrations", "test_notes", "test_outbox", "test_projection_tables", "test_proposal_rows", "test_proposals",
    "test_register", "test_replay", "test_resign", "test_roles", "test_sealed_capture", "test_signed_again",
    "test_tampering",
})  # fmt: skip


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs a test on each database, where its file is one of those and it has to do with a database."""
    if "backend" in metafunc.fixturenames:
        both = metafunc.module.__name__.rpartition(".")[2] in ON_BOTH
        # Over a whole file, so that what is made once per file is made once per database.
        metafunc.parametrize("backend", ["sqlite", "postgresql"] if both else ["sqlite"], scope="module")


@pytest.fixture(scope="module")
def new_database(
    backend: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Callable[[], str]:
    """Makes a new database; gives its address. Those of PostgreSQL have our tables already."""
    if backend == "sqlite":
        return lambda: f"sqlite:///{tmp_path_factory.mktemp('database') / 'a.sqlite3'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.migrated


@pytest.fixture
def url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The test's database: the file that a world has by default, or one on the server."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'silkroot.sqlite3'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    address = server.emptied()
    yield address
    server.give_back(address)


@pytest.fixture
def world(tmp_path: Path, url: str) -> Iterator[World]:
    """A store on disk with the cast of `event_builders` registered."""
    made = ledger_world(tmp_path, url=url)
    yield made
    made.store.close()
