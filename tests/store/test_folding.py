"""The write-ahead log is folded into the file beside the writer: nothing is lost by it, and nobody waits in vain."""

from __future__ import annotations

import logging
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from ledger_fixture import World
from sqlalchemy import insert, make_url

from ledger.adapters.sql_store import folding
from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.dialect_sqlite import folding as folding_of
from ledger.adapters.sql_store.tables import meta
from ledger.turns import Turns

MANY = folding.ENOUGH_CHANGES
PATIENCE = 30.0
COUNTED = "SELECT count(*) FROM meta WHERE key GLOB '[0-9]*'"


def write(database: Database, first: int, count: int, size: int = 10) -> None:
    """So many rows in one transaction."""
    with database.writing() as connection:
        connection.execute(insert(meta), [{"key": f"{n}", "value": "x" * size} for n in range(first, first + count)])


def thread_of(database: Database) -> threading.Thread | None:
    assert database._folding is not None
    return database._folding._thread


def in_file(path: Path) -> int | None:
    """Rows that are in the database file itself, as one sees who has not its log; None of one copied amid a pass."""
    alone = path.with_name("alone.sqlite3")
    shutil.copyfile(path, alone)
    with closing(sqlite3.connect(alone)) as connection:
        try:
            return int(connection.execute(COUNTED).fetchone()[0])
        except sqlite3.DatabaseError:
            return None


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_where_little_is_written_there_is_no_thread_and_the_log_stays(world: World) -> None:
    database = world.store._database
    for n in range(10):
        write(database, n, 1)
    assert thread_of(database) is None
    assert in_file(world.database) == 0


def test_much_is_folded_in_without_a_commit(world: World) -> None:
    database = world.store._database
    write(database, 0, MANY)
    until(lambda: in_file(world.database) == MANY)
    thread = thread_of(database)
    assert thread is not None
    assert thread.is_alive()
    # And again, by the same one.
    write(database, MANY, MANY)
    until(lambda: in_file(world.database) == 2 * MANY)
    assert thread_of(database) is thread
    world.store.close()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_a_long_log_begins_anew_though_somebody_always_writes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "LONG_PAGES", 200)
    monkeypatch.setattr(folding, "_PAUSE_SECONDS", 0.001)
    database, log = world.store._database, Path(f"{world.database}-wal")
    # Header and frames: what it would have if it never began anew is many times more.
    once, count, size = 0, 0, 0
    end = time.monotonic() + PATIENCE
    while count < 60 * MANY and time.monotonic() < end:
        write(database, count, MANY)
        count += MANY
        once, size = once or log.stat().st_size, log.stat().st_size
    assert count == 60 * MANY
    assert size < 30 * once
    until(lambda: in_file(world.database) == count)
    assert world.fsck() == []


def test_a_reader_of_what_is_older_is_waited_for_and_no_writer_waits(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "LONG_PAGES", 1)
    database = world.store._database
    write(database, 0, 1)
    with closing(sqlite3.connect(world.database)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM meta WHERE key = '0'").fetchone() == (1,)
        write(database, 1, MANY)
        write(database, 1 + MANY, MANY)
        time.sleep(0.5)
        assert in_file(world.database) in (0, 1)
    write(database, 1 + 2 * MANY, MANY)
    until(lambda: in_file(world.database) == 1 + 3 * MANY)


def test_it_does_not_get_in_the_way_of_who_makes_the_files_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "LONG_PAGES", 1)
    monkeypatch.setattr(folding, "_PAUSE_SECONDS", 0.0)
    database = world.store._database
    for n in range(8):
        write(database, n * MANY, MANY, size=200)
        database.purge()
    assert in_file(world.database) == 8 * MANY


def test_a_store_can_be_closed_by_who_writes_while_a_pass_waits_for_the_turn(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "LONG_PAGES", 1)
    monkeypatch.setattr(folding, "_CLOSING_SECONDS", 0.2)
    database = world.store._database
    write(database, 0, MANY)
    thread = thread_of(database)
    assert thread is not None
    assert database._folding is not None
    with database.writing() as connection:
        # Here, in the turn: a pass that the transaction before called for may be over by now, and all be folded in.
        database._folding._settled = None
        database._folding._woken.set()
        until(lambda: bool(database._writer._line))
        world.store.close()
        connection.execute(insert(meta), {"key": "last", "value": ""})
    thread.join(PATIENCE)
    assert not thread.is_alive()
    with closing(sqlite3.connect(world.database)) as connection:
        assert connection.execute("SELECT count(*) FROM meta WHERE key = 'last'").fetchone() == (1,)


def test_what_keeps_it_from_its_work_is_told_and_what_is_written_is_written(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(connection: sqlite3.Connection) -> tuple[int, int]:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(folding, "_pass", failing)
    database = world.store._database
    with caplog.at_level(logging.WARNING):
        write(database, 0, MANY)
        thread = thread_of(database)
        assert thread is not None
        thread.join(PATIENCE)
    assert not thread.is_alive()
    assert "disk I/O error" in caplog.text
    write(database, MANY, 1)
    with database.reading() as connection:
        assert connection.exec_driver_sql(COUNTED).scalar() == MANY + 1


def test_a_fault_that_passes_ends_it_for_a_while_alone_and_is_told_once(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    passing = folding._pass

    def failing(connection: sqlite3.Connection) -> tuple[int, int]:
        raise sqlite3.OperationalError("database or disk is full")

    database = world.store._database
    monkeypatch.setattr(folding, "_pass", failing)
    with caplog.at_level(logging.WARNING):
        for n in range(3):
            write(database, n * MANY, MANY)
            thread = thread_of(database)
            assert thread is not None
            thread.join(PATIENCE)
            assert not thread.is_alive()
    assert [record.message.rpartition(": ")[2] for record in caplog.records] == ["database or disk is full"]
    monkeypatch.setattr(folding, "_pass", passing)
    write(database, 3 * MANY, MANY)
    until(lambda: in_file(world.database) == 4 * MANY)


def test_where_no_thread_is_to_be_had_what_was_written_is_written(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    database = world.store._database
    with monkeypatch.context() as patched, caplog.at_level(logging.WARNING):
        patched.setattr(threading.Thread, "start", refused)
        write(database, 0, MANY)
    assert "can't start new thread" in caplog.text
    # A pass was made for the writer.
    assert in_file(world.database) == MANY
    write(database, MANY, MANY)
    until(lambda: in_file(world.database) == 2 * MANY)


def test_it_can_be_closed_where_its_thread_never_began(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    database = world.store._database
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refused)
        write(database, 0, MANY)
    database.close()


def test_few_rows_that_are_long_are_folded_in_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "LARGE_BYTES", 2**20)
    database = world.store._database
    write(database, 0, 3, size=2**20)
    until(lambda: in_file(world.database) == 3)


def test_no_commit_folds_anything_in(world: World) -> None:
    """Of a pass that a commit makes the thread would not know (see `folding`)."""
    database = world.store._database
    for n in range(40):
        write(database, n, 1, size=2**20)
    assert thread_of(database) is None
    assert in_file(world.database) == 0


def test_where_no_thread_is_to_be_had_a_fault_of_the_pass_ends_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    def failing(connection: sqlite3.Connection) -> tuple[int, int]:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(threading.Thread, "start", refused)
    monkeypatch.setattr(folding, "_pass", failing)
    database = world.store._database
    with caplog.at_level(logging.WARNING):
        write(database, 0, MANY)
    assert "disk I/O error" in caplog.text
    with database.reading() as connection:
        assert connection.exec_driver_sql(COUNTED).scalar() == MANY


def test_a_file_that_is_gone_is_not_made(tmp_path: Path) -> None:
    made = folding_of(make_url(f"sqlite:///{tmp_path}/a file.sqlite3"), Turns())
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        made._opened()
    assert list(tmp_path.iterdir()) == []


def test_no_pass_begins_while_all_of_the_log_is_in_the_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the log began anew just then, SQLite would take for folded in what is written next (before 3.51.3)."""
    monkeypatch.setattr(folding, "LONG_PAGES", 1)
    monkeypatch.setattr(folding, "_PAUSE_SECONDS", 0.0)
    passing, settled, begun = folding._pass, list[int](), list[bool]()
    observer = sqlite3.connect(world.database, isolation_level=None, check_same_thread=False)

    def watched(connection: sqlite3.Connection) -> tuple[int, int]:
        (version,) = observer.execute("PRAGMA data_version").fetchone()
        begun.append(version not in settled[-1:])
        written, folded = passing(connection)
        if written == folded:
            settled.append(observer.execute("PRAGMA data_version").fetchone()[0])
        return written, folded

    monkeypatch.setattr(folding, "_pass", watched)
    database = world.store._database
    with closing(observer):
        for n in range(30):
            write(database, n * MANY, MANY)
        until(lambda: in_file(world.database) == 30 * MANY)
        before = len(begun)
        # A call that comes late, of what is folded in by now.
        assert database._folding is not None
        database._folding._woken.set()
        until(lambda: database._folding is not None and not database._folding._woken.is_set())
        database.close()
    assert settled
    assert all(begun)
    assert len(begun) == before


def test_no_pass_begins_before_somebody_writes_to_files_made_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "_PAUSE_SECONDS", 0.0)
    passing, passes = folding._pass, list[object]()

    def counted(connection: sqlite3.Connection) -> tuple[int, int]:
        passes.append(connection)
        return passing(connection)

    monkeypatch.setattr(folding, "_pass", counted)
    database = world.store._database
    write(database, 0, MANY)
    until(lambda: in_file(world.database) == MANY)
    database.purge()
    before = len(passes)
    assert database._folding is not None
    database._folding._woken.set()
    until(lambda: database._folding is not None and not database._folding._is_settled)
    assert len(passes) == before
    write(database, MANY, MANY)
    until(lambda: in_file(world.database) == 2 * MANY)
    assert len(passes) > before


@pytest.mark.parametrize(
    ("passes", "in_turn"),
    [
        ([(4, 4)], 0),
        ([(10, 10), (12, 12)], 1),
        ([(10, 9), (12, 10), (12, 12)], 2),
        ([(10, 9), (12, 10), (12, 11), (12, 11)], 3),
        ([(10, 5)], 0),
        ([(0, -1)], 0),
    ],
    ids=["short", "all at once", "a reader that ends", "one that does not", "one that keeps all", "another one folds"],
)
def test_how_often_writers_wait_for_a_pass(
    passes: list[tuple[int, int]], in_turn: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By pages in the log, and of them those in the file, after each pass; long is five."""
    writers, coming, held, versions = Turns(), list(passes), list[bool](), count()

    def one_pass(_: sqlite3.Connection) -> tuple[int, int]:
        held.append(writers._taken)
        return coming.pop(0)

    monkeypatch.setattr(folding, "LONG_PAGES", 5)
    monkeypatch.setattr(folding, "_pass", one_pass)
    # Somebody writes all the while.
    monkeypatch.setattr(folding, "_version", lambda _: next(versions))
    with closing(sqlite3.connect(":memory:")) as connection:
        folding.Folding(Path("none"), lambda: connection, writers)._fold(connection)
    assert held == [False] + [True] * in_turn
    assert coming == []
    assert not writers._taken


WRITER = """
import sys
from ledger.adapters.sql_store import folding
from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.tables import meta
from sqlalchemy import insert

folding.LONG_PAGES, folding._PAUSE_SECONDS = 300, 0.0
database = Database(sys.argv[1])
n = int(sys.argv[2])
while True:
    with database.writing() as connection:
        connection.execute(insert(meta), [{"key": f"{n + i}", "value": "x" * 100} for i in range(2_000)])
    n += 2_000
    print(n, flush=True)
"""


def test_killed_in_the_middle_it_loses_nothing(world: World) -> None:
    world.store.close()
    known = 0
    for turn in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, world.url, str(known)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        for line in process.stdout:
            known = int(line)
            if known >= (turn + 1) * 24_000:
                break
        assert known >= (turn + 1) * 24_000, "the writer ended by itself"
        time.sleep(0.01 * turn)
        process.send_signal(signal.SIGKILL)
        known = max([known, *(int(line) for line in process.stdout.read().splitlines())])
        process.wait(PATIENCE)
        with closing(sqlite3.connect(world.database)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            (count,) = connection.execute("SELECT count(*) FROM meta WHERE key GLOB '[0-9]*'").fetchone()
        # What was answered is there; of what was not, all of a transaction or nothing.
        assert known <= count
        assert count % 2_000 == 0
        known = count
