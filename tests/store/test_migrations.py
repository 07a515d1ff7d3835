"""The schema: made on an empty database, left alone on a migrated one, refused on a foreign or a newer one."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from event_builders import HARVEST_LOT, harvest
from ledger_fixture import World

from ledger.adapters.sql_store.dialect import open_engine
from ledger.adapters.sql_store.schema import migrate
from ledger.adapters.sql_store.store import SqlStore
from ledger.adapters.sql_store.tables import metadata
from ledger.domain.errors import StoreError


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'some' / 'silkroot.sqlite3'}"


def test_migrations_make_the_tables_that_the_code_knows(tmp_path: Path) -> None:
    engine = open_engine(url(tmp_path))
    migrate(engine)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)
    engine.dispose()
    assert differences == []


def test_an_existing_database_keeps_its_data(world: World) -> None:
    world.record(harvest())
    world.store.close()
    again = SqlStore(f"sqlite:///{world.database}")
    assert [event.sequence for event in again.events_of_lot(HARVEST_LOT.id)] == [1]
    again.close()


def test_foreign_tables_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "foreign.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE sheep (name TEXT)")
    connection.close()
    with pytest.raises(StoreError, match="did not make"):
        SqlStore(f"sqlite:///{path}")


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    SqlStore(url(tmp_path)).close()
    path = tmp_path / "some" / "silkroot.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreError, match="newer Silkroot"):
        SqlStore(url(tmp_path))


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "silkroot.sqlite3"
    path.write_bytes(b"not a database, but long enough to be taken for one" * 100)
    with pytest.raises(StoreError):
        SqlStore(f"sqlite:///{path}")


@pytest.mark.parametrize("other", ["postgresql://localhost/silkroot", "sqlite://"])
def test_a_database_that_is_not_spoken_is_refused(other: str) -> None:
    with pytest.raises(StoreError):
        SqlStore(other)


def test_connections_are_durable_and_keep_references(world: World) -> None:
    with world.store.writing():
        pass
    engine = open_engine(f"sqlite:///{world.database}")
    with engine.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    engine.dispose()
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
