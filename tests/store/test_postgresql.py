"""
What is PostgreSQL's own: the one order over two connections, views of readers, servers that are refused, connections
that are lost, where erased bytes are gone from, and what `amcheck` finds.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import event_builders as b
import psycopg
import pytest
from ledger_fixture import LEDGER_DOMAIN, LOG_DOMAIN, OPERATOR_KEY, SECRET, World, ledger_world
from postgres_server import PostgresServer, name_of
from second_signatures import proposals
from sqlalchemy import QueuePool, event, text

from ledger.adapters.log_operator import LogOperator
from ledger.adapters.sql_store import dialect_postgresql
from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.store import SqlStore
from ledger.domain.errors import LedgerBusy, StoreError
from ledger.domain.identifiers import LotRef
from ledger.services.capture import Capture
from ledger.services.erase import Choice, Erase, places

PHONE = "13912345678"
DIALECT = "ledger.adapters.sql_store.dialect_postgresql"


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    return postgres.migrated()


@contextmanager
def connected(world: World) -> Iterator[psycopg.Connection]:
    """Somebody else at the database, outside of any transaction."""
    with psycopg.connect(world.url.replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


def until(condition: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)


def harvest(code: str) -> dict[str, object]:
    return b.harvest(lot=LotRef(b.BULK_MELON, code))


def impatient(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """Connections made from now on do not wait for anybody."""
    monkeypatch.setattr(f"{DIALECT}._SETTINGS", dialect_postgresql._SETTINGS.replace("'30s'", "'50ms'"))
    monkeypatch.setattr(f"{DIALECT}._PURGE_WAIT", "50ms")
    world.store.close()


# ------------------------------------------------------------------------------------------------ one order


def test_while_the_first_of_two_appenders_pauses_no_later_number_is_visible(world: World) -> None:
    paused, go_on = threading.Event(), threading.Event()
    with closing(SqlStore(world.url)) as other:
        other.acknowledge_by(LogOperator(OPERATOR_KEY, LOG_DOMAIN, world.clock))
        capture = Capture(other, world.signer, world.clock, LEDGER_DOMAIN, SECRET)

        def pause(_: object) -> None:
            paused.set()
            assert go_on.wait(30)

        # All that the first one writes is sent by then, and its commit is not.
        event.listen(world.store._database._engine, "commit", pause, once=True)
        threads = [threading.Thread(target=world.record, args=[harvest("FIRST")])]
        threads.append(threading.Thread(target=capture.capture, args=[[harvest("SECOND")]]))
        threads[0].start()
        assert paused.wait(30)
        threads[1].start()
        lock = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = "
        until(lambda: world.sql(f"{lock}(SELECT oid FROM pg_database WHERE datname = current_database())") == [(1,)])
        assert world.store.events(0, 10) == other.events(0, 10) == []
        go_on.set()
        for thread in threads:
            thread.join(30)
        assert [leaf.index for leaf in other.log.leaves(0, 10)] == [0, 1]
        assert [(one.sequence, one.event_id) for one in other.events(0, 10)] == [
            (one.sequence, one.event_id) for one in world.store.events(0, 10)
        ]
    assert [one.body["quantityList"][0]["epcClass"].rpartition("/")[2] for one in world.store.events(0, 10)] == [
        "FIRST",
        "SECOND",
    ]
    assert world.fsck() == []


def test_who_waits_too_long_to_write_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    impatient(monkeypatch, world)
    with closing(Database(world.url)) as other, other.writing():
        with pytest.raises(LedgerBusy, match="another process"):
            world.store.take_note("name", "value")
        assert world.store.note("name") == ""
    world.store.take_note("name", "value")
    assert world.store.note("name") == "value"


def test_a_reader_has_one_view_and_cannot_write(world: World) -> None:
    count = text("SELECT count(*) FROM events")
    with world.store._database.reading() as connection:
        before = connection.execute(count).scalar()
        world.record(b.harvest())
        assert connection.execute(count).scalar() == before == 0
    with pytest.raises(StoreError, match="read-only"), world.store._database.reading() as connection:
        connection.execute(text("DELETE FROM events"))


# ------------------------------------------------------------------------------------------------ servers


def test_a_server_that_does_not_write_to_disk_is_refused(world: World, postgres: PostgresServer) -> None:
    world.store.close()
    try:
        postgres.run("ALTER SYSTEM SET fsync = off")
        postgres.run("SELECT pg_reload_conf()")
        until(lambda: postgres.run("SHOW fsync") == [("off",)])
        with pytest.raises(StoreError, match="fsync=off"):
            SqlStore(world.url)
        with pytest.raises(StoreError, match="fsync=off"):
            world.record(b.harvest())
    finally:
        postgres.run("ALTER SYSTEM RESET fsync")
        postgres.run("SELECT pg_reload_conf()")
        until(lambda: postgres.run("SHOW fsync") == [("on",)])
    world.record(b.harvest())


@pytest.mark.parametrize(
    ("of_the_server", "ours"), [("off", "on"), ("local", "local"), ("remote_apply", "remote_apply")]
)
def test_commits_wait_for_the_disk_whatever_the_database_says(
    postgres: PostgresServer, url: str, of_the_server: str, ours: str
) -> None:
    postgres.run(f"ALTER DATABASE {name_of(url)} SET synchronous_commit = '{of_the_server}'")
    with closing(Database(url)) as database, database.reading() as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar() == ours


def test_a_database_of_other_texts_is_refused(postgres: PostgresServer) -> None:
    with pytest.raises(StoreError, match="ENCODING 'UTF8' LOCALE 'C'"):
        SqlStore(postgres.database(options="ENCODING 'SQL_ASCII' LOCALE 'C'"))


def test_a_database_that_orders_as_dictionaries_do_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What such a one answers is told here: not every build of the server has the order of a language."""
    monkeypatch.setattr(f"{DIALECT}._SETTINGS", dialect_postgresql._SETTINGS.replace("'Z' < 'a'", "'a' < 'Z'"))
    with pytest.raises(StoreError, match="order text by bytes"):
        SqlStore(url)


def test_a_standby_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{DIALECT}._SETTINGS", dialect_postgresql._SETTINGS.replace("pg_is_in_recovery()", "true"))
    with pytest.raises(StoreError, match="is a standby"):
        SqlStore(url)


def test_a_server_that_does_not_answer_is_an_error_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="the database failed: connection") as failed:
        SqlStore(f"postgresql+psycopg://somebody:s3cret@/silkroot?host={tmp_path}")
    assert "s3cret" not in str(failed.value)


def test_sqlite_needs_no_driver_of_another_database(tmp_path: Path) -> None:
    asked = (
        "import sys, ledger.wiring, api.cli; from ledger.adapters.sql_store.store import SqlStore; "
        f"SqlStore('sqlite:///{tmp_path}/a.sqlite3').close(); print('psycopg' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


# ------------------------------------------------------------------------------------------------ connections


def cut(world: World) -> None:
    """Ends all connections of the service, as a restart of the server does."""
    world.sql("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'silkroot' "
              "AND datname = current_database()")  # fmt: skip


def test_connections_that_died_meanwhile_are_replaced(world: World) -> None:
    world.record(b.harvest())
    cut(world)
    assert len(world.store.events(0, 10)) == 1
    cut(world)
    world.record(b.shipping())
    assert world.fsck() == []


def test_one_that_dies_in_the_middle_is_told_and_nothing_is_stored_in_part(world: World) -> None:
    before = world.store.outbox.counts()

    def write() -> None:
        with world.store._database.writing() as connection:
            connection.execute(text("DELETE FROM outbox_rows"))
            cut(world)
            connection.execute(text("DELETE FROM meta"))

    with pytest.raises(StoreError, match="was lost"):
        write()
    assert world.store.outbox.counts() == before
    event.listen(world.store._database._engine, "commit", lambda _: cut(world), once=True)
    with pytest.raises(StoreError, match="was lost"):
        world.record(b.harvest())
    assert world.store.events(0, 10) == []
    world.record(b.harvest())
    assert world.fsck() == []


def test_no_connection_is_kept_for_writing(world: World) -> None:
    """One from the pool is looked at before it is used: a server that started again is not noticed by any writer."""
    world.record(b.harvest())
    pool = world.store._database._engine.pool
    assert isinstance(pool, QueuePool)
    assert pool.checkedout() == 0


# ------------------------------------------------------------------------------------------------ erasing


def standing(world: World, postgres: PostgresServer, wanted: list[bytes]) -> list[bytes]:
    """Those that are in the database's files."""
    data = b"".join(path.read_bytes() for path in postgres.files(world.url))
    return [one for one in wanted if one in data]


def test_what_is_erased_is_in_no_table_any_more_whatever_others_still_see(
    world: World, postgres: PostgresServer
) -> None:
    sealed = {**b.harvest(), "silkroot:phone": PHONE}
    (record,) = world.record(sealed)
    ((mac, disclosure),) = world.sql("SELECT request_mac, disclosure FROM events JOIN disclosures USING (sequence)")
    postgres.run("ANALYZE", world.url)
    assert standing(world, postgres, [mac, disclosure]) == [mac, disclosure]
    with connected(world) as old:
        old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        old.execute("SELECT count(*) FROM meta")  # an old view, of all tables; VACUUM would keep what it might see
        assert places(Erase(world.store, world.clock, SECRET).erase(Choice(value=PHONE))) == 1
        postgres.run("ANALYZE", world.url)
        assert standing(world, postgres, [mac, disclosure]) == []
        old.execute("ROLLBACK")
    (kept,) = world.store.disclosures_of([record.content_hash])[record.content_hash]
    assert kept.erased
    assert world.store.erased_digests([record.content_hash]) == {record.content_hash: frozenset({kept.digest})}
    assert world.fsck() == []
    (again,) = world.capture([sealed])
    assert [violation.rule for violation in again.violations] == ["request.erased"]


def test_no_statistics_are_kept_of_what_can_be_erased(world: World, postgres: PostgresServer) -> None:
    for number in range(3):
        world.record({**harvest(f"S-{number}"), "silkroot:phone": PHONE})
    postgres.run("ANALYZE", world.url)
    kept = {tuple(row) for row in world.sql("SELECT tablename, attname FROM pg_stats WHERE schemaname = 'public'")}
    assert ("disclosures", "place") in kept
    assert not kept & {("disclosures", "disclosure"), ("events", "request_mac"), ("proposals", "disclosures")}


def test_a_reader_in_the_way_is_told_and_the_next_call_cleans_up(
    world: World, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient(monkeypatch, world)
    world.record({**b.harvest(), "silkroot:phone": PHONE})
    ((disclosure,),) = world.sql("SELECT disclosure FROM disclosures")
    with connected(world) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM events")
        with pytest.raises(LedgerBusy, match="try again"):
            Erase(world.store, world.clock, SECRET).erase(Choice(value=PHONE))
        assert standing(world, postgres, [disclosure]) == [disclosure]
        reader.execute("ROLLBACK")
    world.store.purge()
    assert standing(world, postgres, [disclosure]) == []


def test_names_within_a_sealed_value_may_be_anything(world: World) -> None:
    name = "a\u0000\u0001\u0003\u0001\u0002b"
    sealed = {**b.harvest(), "silkroot:contactPerson": {name: {"phone": PHONE}}}
    (record,) = world.record(sealed)
    places_of = [kept.place for kept in world.store.disclosures_of([record.content_hash])[record.content_hash]]
    assert f"/silkroot:contactPerson/{name}/phone" in places_of
    assert world.fsck() == []


def test_values_in_the_open_and_in_proposals_are_found(world: World) -> None:
    world.record({**b.harvest(), "silkroot:note": "吐尔逊 in the open"}, b.shipping(), b.partial_receipt())
    assert world.store.saying("吐尔逊") == [1]
    assert world.store.saying("nobody") == []
    proposals(world).propose({**b.settlement(), "silkroot:phone": PHONE}, b.PACKING_HOUSE)
    assert places(Erase(world.store, world.clock, SECRET).erase(Choice(value=PHONE))) == 1
    assert world.fsck() == []


# ------------------------------------------------------------------------------------------------ fsck


def test_a_sound_store_has_no_findings_with_and_without_amcheck(world: World, postgres: PostgresServer) -> None:
    world.record(b.harvest(), b.shipping(), b.receiving(), b.packing(), b.recall(), b.inspection())
    assert world.fsck() == []
    postgres.run("CREATE EXTENSION amcheck", world.url)
    assert world.fsck() == []


def test_amcheck_finds_an_index_that_lacks_a_row(world: World, postgres: PostgresServer) -> None:
    postgres.run("CREATE EXTENSION amcheck", world.url)
    world.record(b.harvest())
    ready = "UPDATE pg_index SET indisready = {} WHERE indexrelid = 'ix_lot_names_code'::regclass"
    postgres.run(ready.format("false"), world.url)
    world.record(harvest("UNSEEN"))
    postgres.run(ready.format("true"), world.url)
    (finding,) = world.fsck()
    assert str(finding).startswith("database: ix_lot_names_code: ")


def test_a_role_that_owns_its_database_and_nothing_else_is_enough(tmp_path: Path, postgres: PostgresServer) -> None:
    """As docs/en/operator.md has it made; `amcheck` says nothing to it until it may be asked."""
    made = postgres.database()
    postgres.run("CREATE ROLE plain LOGIN")
    postgres.run(f"ALTER DATABASE {name_of(made)} OWNER TO plain")
    world = ledger_world(tmp_path, url=made.replace("postgres@", "plain@"))
    with closing(world.store):
        world.record({**b.harvest(), "silkroot:phone": PHONE}, b.shipping())
        assert places(Erase(world.store, world.clock, SECRET).erase(Choice(value=PHONE))) == 1
        postgres.run("CREATE EXTENSION amcheck", made)
        world.record(b.receiving())
        postgres.run("UPDATE pg_index SET indisready = false WHERE indexrelid = 'ix_lot_names_code'::regclass", made)
        world.record(harvest("UNSEEN"))
        postgres.run("UPDATE pg_index SET indisready = true WHERE indexrelid = 'ix_lot_names_code'::regclass", made)
        assert world.fsck() == []
        postgres.run("GRANT EXECUTE ON FUNCTION bt_index_check(regclass, boolean), verify_heapam TO plain", made)
        assert [str(finding).split(": ")[1] for finding in world.fsck()] == ["ix_lot_names_code"]


def test_a_changed_row_is_found(world: World) -> None:
    world.record(b.harvest())
    world.sql("UPDATE events SET record_time = record_time + 1")
    assert [str(finding) for finding in world.fsck()] == ["event 1: the row is not what was written"]
