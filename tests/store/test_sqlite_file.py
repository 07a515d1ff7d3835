"""What is SQLite's own: its file's bytes and pages, and who else has it open."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import event_builders as b
import pytest
from ledger_fixture import SECRET, World, ledger_world

from ledger.adapters.sql_store.dialect import open_engine
from ledger.adapters.sql_store.dialect_sqlite import purge
from ledger.adapters.sql_store.erasing import UNPURGED
from ledger.adapters.sql_store.store import SqlStore
from ledger.domain.errors import LedgerBusy, StoreError
from ledger.services.erase import Choice, Erase

PHONE = "13912345678"


def erase(world: World) -> Erase:
    return Erase(world.store, world.clock, SECRET)


def standing(world: World, wanted: bytes) -> bool:
    """Whether it is in any file of the world's folder: database, write-ahead log, shared memory, keys."""
    return any(wanted in path.read_bytes() for path in world.folder.rglob("*") if path.is_file())


def test_a_reader_in_the_way_is_told_and_the_next_call_cleans_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.record({**b.harvest(), "silkroot:phone": PHONE})
    ((wanted,),) = world.sql("SELECT disclosure FROM disclosures")
    reader = sqlite3.connect(world.database)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM events").fetchall()
    monkeypatch.setattr("ledger.adapters.sql_store.dialect_sqlite._BUSY_SECONDS", 0)
    world.store._database._engine.dispose()  # connections made from now on do not wait
    with pytest.raises(LedgerBusy, match="try again"):
        erase(world).erase(Choice(value=PHONE))
    assert world.store.audit.erased_disclosures() == 1
    assert standing(world, wanted)
    reader.rollback()
    reader.close()
    assert erase(world).erase(Choice(value=PHONE)) == []
    assert not standing(world, wanted)


def test_a_writer_in_the_way_is_told_too_and_a_failure_is_one_of_the_store(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.record({**b.harvest(), "silkroot:phone": PHONE})
    monkeypatch.setattr("ledger.adapters.sql_store.dialect_sqlite._BUSY_SECONDS", 0)
    world.store._database._engine.dispose()
    world.store.take_note(UNPURGED, "yes")
    other = sqlite3.connect(world.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerBusy, match="try again"):
        world.store.purge()
    other.rollback()
    other.close()
    world.store.purge()

    class Full:
        def cursor(self) -> Full:
            return self

        def execute(self, statement: str) -> None:
            raise sqlite3.OperationalError("database or disk is full")

        def close(self) -> None: ...

    with pytest.raises(StoreError, match="disk is full"):
        purge(Full())  # type: ignore[arg-type]


def test_a_damaged_page(world: World) -> None:
    world.record(b.harvest())
    world.store.close()
    with sqlite3.connect(world.database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET rootpage = 3 WHERE name = 'ix_lot_parents_parent_lot'")
    connection.close()
    assert any(finding.where == "database" for finding in world.fsck())


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "silkroot.sqlite3"
    path.write_bytes(b"not a database, but long enough to be taken for one" * 100)
    with pytest.raises(StoreError):
        SqlStore(f"sqlite:///{path}")


def test_connections_are_durable_and_keep_references(tmp_path: Path) -> None:
    world = ledger_world(tmp_path)
    with world.store.writing():
        pass
    engine = open_engine(world.url)
    with engine.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    engine.dispose()
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
