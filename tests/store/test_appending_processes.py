"""
Appenders in processes of their own on one PostgreSQL: the first is stopped in the middle of its transaction. The second
waits, readers see neither, and numbers have no gap, whether the first goes on or is cut off.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import event_builders as b
import pytest
from ledger_fixture import World
from postgres_server import PostgresServer, postgres

from ledger.domain.errors import StoreError
from ledger.domain.identifiers import LotRef
from ledger.ports_leases import Role

__all__ = ["postgres"]

APPENDER = """
import os, signal, sys
sys.path[:0] = ["tests/support", "."]
from pathlib import Path
import event_builders as b
from sqlalchemy import event
from ledger.adapters.keystore_signer import KeystoreSigner
from ledger.adapters.log_operator import LogOperator
from ledger.adapters.sql_store import dialect_postgresql
from ledger.adapters.sql_store.store import SqlStore
from ledger.domain.errors import StoreError
from ledger.domain.identifiers import LotRef
from ledger.services.capture import Capture
from ledger_fixture import LEDGER_DOMAIN, LOG_DOMAIN, OPERATOR_KEY, SECRET, FixedClock

folder, url, lot, stops, silence = sys.argv[1:]
dialect_postgresql._SETTINGS = dialect_postgresql._SETTINGS.replace("'25s'", f"'{silence}'")
store = SqlStore(url)
clock = FixedClock()
store.acknowledge_by(LogOperator(OPERATOR_KEY, LOG_DOMAIN, clock))
if stops == "stops":
    # All that it writes is sent by then, and its commit is not.
    event.listen(store._database._engine, "commit", lambda _: os.kill(os.getpid(), signal.SIGSTOP), once=True)
capture = Capture(store, KeystoreSigner(Path(folder) / "keys"), clock, LEDGER_DOMAIN, SECRET)
try:
    (result,) = capture.capture([b.harvest(lot=LotRef(b.BULK_MELON, lot))])
    print(result.record.sequence, flush=True)
except StoreError as error:
    print(error, flush=True)
"""


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    return postgres.migrated()


@contextmanager
def appender(world: World, lot: str, stops: str = "", silence: str = "25s") -> Iterator[subprocess.Popen[str]]:
    """A process that appends one event, and stops in the middle where `stops` says so."""
    started = subprocess.Popen(
        [sys.executable, "-c", APPENDER, str(world.folder), world.url, lot, stops, silence],
        cwd=Path(__file__).resolve().parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield started
    finally:
        started.kill()
        started.wait()


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)


def is_stopped(process: subprocess.Popen[str]) -> bool:
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def waiters(world: World) -> object:
    """How many wait for the writer's lock."""
    of_this_one = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    ((count,),) = world.sql(
        f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND {of_this_one}"
    )
    return count


def lots(world: World) -> list[tuple[int, str]]:
    """Numbers and lots, in order."""
    return [
        (one.sequence, one.body["quantityList"][0]["epcClass"].rpartition("/")[2]) for one in world.store.events(0, 100)
    ]


def test_while_the_first_is_stopped_the_second_waits_and_nobody_sees_either(world: World) -> None:
    world.record(b.harvest(lot=LotRef(b.BULK_MELON, "BEFORE")))
    with appender(world, "FIRST", "stops", silence="600s") as first:
        until(lambda: is_stopped(first))
        with appender(world, "SECOND") as second:
            until(lambda: waiters(world) == 1)
            assert second.poll() is None
            assert lots(world) == [(1, "BEFORE")]
            os.kill(first.pid, signal.SIGCONT)
            assert first.communicate(timeout=60)[0] == "2\n"
            assert second.communicate(timeout=60)[0] == "3\n"
    assert lots(world) == [(1, "BEFORE"), (2, "FIRST"), (3, "SECOND")]
    assert [leaf.index for leaf in world.store.log.leaves(0, 10)] == [0, 1, 2]
    assert world.fsck() == []


def test_one_that_stays_stopped_is_cut_off_and_leaves_no_gap(world: World) -> None:
    """Otherwise a process that hangs in its transaction would keep everybody from recording anything for ever."""
    with appender(world, "FIRST", "stops", silence="3s") as first:
        until(lambda: is_stopped(first))
        with appender(world, "SECOND") as second:
            assert second.communicate(timeout=60)[0] == "1\n"
        assert lots(world) == [(1, "SECOND")]
        os.kill(first.pid, signal.SIGCONT)
        assert "the connection to the database was lost" in first.communicate(timeout=60)[0]
    assert lots(world) == [(1, "SECOND")]
    world.record(b.harvest(lot=LotRef(b.BULK_MELON, "FIRST")))
    assert lots(world) == [(1, "SECOND"), (2, "FIRST")]
    assert world.fsck() == []


def test_four_at_once_give_each_number_once(world: World) -> None:
    with (
        appender(world, "A") as one, appender(world, "B") as two, appender(world, "C") as three,
        appender(world, "D") as four,
    ):  # fmt: skip
        said = [process.communicate(timeout=90)[0] for process in (one, two, three, four)]
    assert sorted(said) == ["1\n", "2\n", "3\n", "4\n"]
    assert [number for number, _ in lots(world)] == [1, 2, 3, 4]
    assert [row.id for row in world.store.outbox.queued(100)] == list(range(1, len(world.store.outbox.queued(100)) + 1))
    assert world.fsck() == []


def test_the_holder_of_a_lease_that_hangs_while_it_writes_is_cut_off_sooner(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever takes the lease over waits for its transaction; and the server does not wait for long."""
    monkeypatch.setattr("ledger.adapters.sql_store.dialect_postgresql._SILENCE", "1s")
    leases, role = world.store.leases, Role.SUBMITTER
    assert leases.acquire(role, "first", 3_600) == 1
    with (  # noqa: PT012 - the block is the transaction
        pytest.raises(StoreError, match="the connection to the database was lost"),
        world.store.fenced(role, 1)._database.writing() as connection,
    ):
        connection.exec_driver_sql("INSERT INTO meta VALUES ('name', 'written')")
        leases.release_all("first")
        assert leases.acquire(role, "second", 3_600) == 2
        connection.exec_driver_sql("SELECT 1")
    assert world.store.note("name") == ""
    with world.store.fenced(role, 2)._database.writing() as connection:
        assert connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar() == "1s"
    with world.store._database.writing() as connection:
        assert connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar() == "25s"
