"""What is SQLite's own: its file's bytes and pages, and who else has it open."""

from __future__ import annotations

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Thread

import event_builders as b
import pytest
from ledger_fixture import SECRET, World, ledger_world
from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError

from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.dialect import open_engine
from ledger.adapters.sql_store.dialect_sqlite import purge
from ledger.adapters.sql_store.erasing import UNPURGED
from ledger.adapters.sql_store.store import SqlStore
from ledger.adapters.sql_store.tables import meta
from ledger.domain.errors import Conflict, LedgerBusy, StoreError
from ledger.services.erase import Choice, Erase

PHONE = "13912345678"
DURABLE = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
SETTINGS = ("cache_size", "wal_autocheckpoint", "journal_size_limit")


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
        settings = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in DURABLE}
    engine.dispose()
    assert settings == DURABLE


def driver_of(connection: Connection) -> object:
    """SQLite's own connection."""
    return connection.connection.driver_connection


def writers_of(database: Database, times: int = 3) -> set[int]:
    """By which of SQLite's connections so many writers in a row, each in a thread of its own, write."""
    found: set[int] = set()

    def write() -> None:
        with database.writing() as connection:
            found.add(id(driver_of(connection)))

    for _ in range(times):
        thread = Thread(target=write)
        thread.start()
        thread.join()
    return found


def test_one_connection_writes_and_keeps_what_it_read(world: World) -> None:
    database = world.store._database
    with database.reading() as reader:
        (own,) = writers_of(database) | writers_of(database.fenced(lambda connection: None))
        assert own != id(driver_of(reader))
        for_reading = reader.exec_driver_sql("PRAGMA cache_size").scalar()
    with database.writing() as writer:
        settings = [writer.exec_driver_sql(f"PRAGMA {name}").scalar() for name in SETTINGS]
        durable = [writer.exec_driver_sql(f"PRAGMA {name}").scalar() for name in DURABLE]
    assert settings == [-16_000, 0, 128 * 2**20]
    assert for_reading not in settings
    assert durable == list(DURABLE.values())


def test_a_large_transaction_leaves_no_large_log(world: World) -> None:
    """As a migration does, which writes tables anew."""
    log = Path(f"{world.database}-wal")
    database = world.store._database
    with database.writing() as connection:
        connection.execute(insert(meta), [{"key": f"{number}", "value": "x" * 10**6} for number in range(150)])
    assert log.stat().st_size > 140 * 2**20
    end = time.monotonic() + 30
    while log.stat().st_size > 128 * 2**20:
        assert time.monotonic() < end
        note(database, f"{time.monotonic()}")
        time.sleep(0.05)


def note(database: Database, key: str, *, times: int = 1, error: type[Exception] | None = None) -> None:
    """Writes it, or tries to."""
    with database.writing() as connection:
        connection.execute(insert(meta), [{"key": key, "value": "b"}] * times)
        if error is not None:
            raise error


def test_what_an_exception_ends_is_undone_and_an_error_of_the_database_ends_the_connection(world: World) -> None:
    database = world.store._database
    (own,) = writers_of(database)
    with pytest.raises(KeyError):
        note(database, "a", error=KeyError)
    assert (writers_of(database), world.store.note("a")) == ({own}, "")
    with database.writing() as kept, pytest.raises(IntegrityError):
        kept.execute(insert(meta), [{"key": "a", "value": "b"}] * 2)
    assert writers_of(database) == {own}
    # A value that was taken says nothing of the connection.
    with pytest.raises(Conflict):
        note(database, "c", times=2)
    assert writers_of(database) == {own}
    with database.writing() as connection:
        former = driver_of(connection)
    with pytest.raises(StoreError, match="no such table"), database.writing() as connection:
        connection.exec_driver_sql("SELECT * FROM nowhere")
    with database.writing() as connection:
        assert driver_of(connection) is not former
    assert world.store.note("c") == ""
    world.record(b.harvest())
    assert world.fsck() == []


def test_a_writer_ends_what_it_writes_though_the_store_is_closed(world: World) -> None:
    with world.store._database.writing() as connection:
        connection.execute(insert(meta), {"key": "a", "value": "b"})
        world.store.close()
        connection.execute(insert(meta), {"key": "c", "value": "d"})
    assert opened(world.database) == []
    again = SqlStore(world.url)
    assert (again.note("a"), again.note("c")) == ("b", "d")
    again.close()


def test_a_writer_that_waits_to_begin_writes_though_the_store_is_closed(world: World) -> None:
    database = world.store._database
    note(database, "a")
    with ThreadPoolExecutor() as pool, closing(sqlite3.connect(world.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = pool.submit(note, database, "c")
        while not database._kept._is_lent:
            time.sleep(0.001)
        time.sleep(0.05)
        world.store.close()
        other.execute("COMMIT")
        waiting.result()
    assert opened(world.database) == []
    again = SqlStore(world.url)
    assert again.note("c") == "b"
    again.close()


def test_a_closed_store_has_its_file_no_longer_open(world: World) -> None:
    world.record(b.harvest())
    assert opened(world.database)
    world.store.close()
    assert opened(world.database) == []


def opened(path: Path) -> list[Path]:
    """Files of the database that this process has open."""
    links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return [file for file in map(Path.readlink, links) if str(file).startswith(str(path))]


def test_a_key_of_numbers_is_the_rows_own_place(world: World) -> None:
    """No index beside the table: SQLite finds an event by its sequence number in the table itself."""
    for table in ("events", "event_index"):
        ((_, _, _, plan),) = world.sql(f"EXPLAIN QUERY PLAN SELECT * FROM {table} WHERE sequence = 1")
        assert plan == f"SEARCH {table} USING INTEGER PRIMARY KEY (rowid=?)"
    ((_, _, _, plan),) = world.sql("EXPLAIN QUERY PLAN SELECT * FROM event_lots WHERE lot = x'00'")
    assert plan == "SEARCH event_lots USING PRIMARY KEY (lot=?)"
