"""Leases: one holder at a time, by the database's clock; a write of an epoch that is over is refused whole."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import event_builders as b
import pytest
from ledger_fixture import World

from ledger.adapters.sql_store.store import SqlStore
from ledger.domain.errors import LeaseLost
from ledger.domain.log.tile_names import EntryBundle, Tile
from ledger.domain.records import EntryState
from ledger.ports_leases import Role, Standing
from ledger.ports_outbox import BlockRef, OutboxTransaction, RowOutcome, Target
from ledger.services.integrate import integrate
from ledger.services.propagation import Propagation

LONG = 3_600.0


def expire(world: World, role: Role) -> None:
    """As if its time had passed."""
    world.sql("UPDATE leases SET expires = acquired WHERE role = ?", role.value)


def test_one_holder_at_a_time_and_each_has_a_new_epoch(world: World) -> None:
    leases = world.store.leases
    assert leases.current() == {}
    assert leases.acquire(Role.SUBMITTER, "first", LONG) == 1
    assert leases.acquire(Role.SUBMITTER, "second", LONG) is None
    assert leases.acquire(Role.SUBMITTER, "first", LONG) is None, "not twice by the same process either"
    assert leases.acquire(Role.CHECKPOINTER, "second", LONG) == 1, "each role has a lease of its own"
    expire(world, Role.SUBMITTER)
    assert leases.acquire(Role.SUBMITTER, "second", LONG) == 2
    held = leases.current()[Role.SUBMITTER]
    assert (held.holder, held.epoch, held.is_held) == ("second", 2, True)
    assert LONG - 60 < held.left <= LONG
    assert abs(held.acquired - time.time()) < 60


def test_it_is_renewed_by_its_holder_and_nobody_else(world: World) -> None:
    leases = world.store.leases
    assert leases.acquire(Role.SUBMITTER, "first", 1) == 1
    assert not leases.renew(Role.SUBMITTER, "second", 1, LONG, Standing())
    assert not leases.renew(Role.SUBMITTER, "first", 2, LONG, Standing())
    assert leases.renew(Role.SUBMITTER, "first", 1, LONG, Standing("no gas", stuck=True))
    held = leases.current()[Role.SUBMITTER]
    assert held.left > LONG - 60
    assert held.standing == Standing("no gas", stuck=True)
    expire(world, Role.SUBMITTER)
    assert not leases.current()[Role.SUBMITTER].is_held
    assert leases.renew(Role.SUBMITTER, "first", 1, LONG, Standing()), "nobody took it meanwhile"
    expire(world, Role.SUBMITTER)
    assert leases.acquire(Role.SUBMITTER, "second", LONG) == 2
    assert not leases.renew(Role.SUBMITTER, "first", 1, LONG, Standing())
    assert leases.current()[Role.SUBMITTER].standing == Standing(), "what the one before said is not the new one's"


def test_one_that_is_released_can_be_had_at_once(world: World) -> None:
    leases = world.store.leases
    for role in Role:
        leases.acquire(role, "ledger 1 process 1", LONG)
    leases.release(Role.CARRIER, "somebody else", 1)
    leases.release(Role.CARRIER, "ledger 1 process 1", 2)
    assert leases.acquire(Role.CARRIER, "next", LONG) is None
    leases.release(Role.CARRIER, "ledger 1 process 1", 1)
    assert leases.acquire(Role.CARRIER, "next", LONG) == 2
    leases.release_all("ledger_1")  # no pattern of LIKE
    assert leases.current()[Role.SUBMITTER].is_held
    leases.release_all("ledger 1 ")
    held = {role: lease.is_held for role, lease in leases.current().items()}
    assert held == {Role.SUBMITTER: False, Role.CHECKPOINTER: False, Role.CARRIER: True}


def test_of_many_that_ask_at_once_one_has_it(world: World) -> None:
    start = threading.Barrier(8)

    def ask(number: int) -> int | None:
        start.wait()
        return world.store.leases.acquire(Role.SUBMITTER, f"process {number}", LONG)

    for epoch in range(1, 6):
        with ThreadPoolExecutor(8) as pool:
            got = [found for found in pool.map(ask, range(8)) if found is not None]
        assert got == [epoch]
        expire(world, Role.SUBMITTER)


# ------------------------------------------------------------------------------------------------ the fence


def transaction(store: SqlStore, nonce: int = 0) -> OutboxTransaction:
    rows = tuple(row.id for row in store.outbox.queued(1))
    return OutboxTransaction(nonce, 0, Target.LEDGER, rows, nonce.to_bytes(32, "big"), b"raw", 1, 1)


BLOCK = BlockRef(1, bytes(32), 1)
WRITES: dict[str, Callable[[SqlStore], object]] = {
    "store a transaction": lambda store: store.outbox.insert_transaction(transaction(store, 1)),
    "note that one was sent": lambda store: store.outbox.mark_sent(0, 0, 1.0),
    "settle one": lambda store: store.outbox.settle(0, 0, BLOCK, [RowOutcome(1, EntryState.CONFIRMED)]),
    "displace one": lambda store: store.outbox.displace(0),
    "put some back": lambda store: store.outbox.reopen(0),
    "queue rows": lambda store: store.outbox.queue([]),
    "integrate leaves": lambda store: integrate(store.log, 100),
    "take in what the chain has": lambda store: store.log.anchor([]),
    "forget what it had": lambda store: store.log.forget_anchors(0),
    "publish a checkpoint": lambda store: store.log.publish(1, b"note"),
    "store tiles": lambda store: store.log.integrate(0, [(Tile(0, 0, 1), bytes(32))], [(EntryBundle(0, 1), b"")], 1),
    "carry recalls": lambda store: Propagation(store).carry(b.HARVEST_LOT.id),
    "append": lambda store: store.writing().__enter__(),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_no_write_of_an_epoch_that_is_over_leaves_anything(world: World, write: Callable[[SqlStore], object]) -> None:
    world.record(b.harvest())
    world.store.outbox.insert_transaction(transaction(world.store))
    role = Role.SUBMITTER
    epoch = world.store.leases.acquire(role, "first", LONG)
    assert epoch is not None
    fenced = world.store.fenced(role, epoch)
    fenced.take_note("name", "written while it was held")
    expire(world, role)
    fenced.take_note("name", "and after it ran out, as long as nobody else has it")
    assert world.store.leases.acquire(role, "second", LONG) == epoch + 1
    before = everything(world)
    with pytest.raises(LeaseLost, match="submitter of epoch 1, and the newest epoch is 2"):
        write(fenced)
    assert everything(world) == before
    assert fenced.events(0, 10) == world.store.events(0, 10), "reading goes on"


def everything(world: World) -> dict[str, list[tuple[object, ...]]]:
    tables = ("outbox_rows", "outbox_transactions", "outbox_carried", "events", "log_leaves", "log_tiles", "meta",
              "log_checkpoints", "recalls_to_carry")  # fmt: skip
    return {table: sorted(world.sql(f"SELECT * FROM {table}"), key=repr) for table in tables}


def test_a_role_that_nobody_ever_had_has_no_epoch_to_write_in(world: World) -> None:
    with pytest.raises(LeaseLost, match="the newest epoch is None"):
        world.store.fenced(Role.CARRIER, 1).take_note("name", "value")


def test_whoever_takes_it_over_waits_for_the_write_that_is_under_way(world: World, backend: str) -> None:
    """So there is no moment at which two epochs write: the older one's transaction has ended, or is refused."""
    role = Role.SUBMITTER
    epoch = world.store.leases.acquire(role, "first", LONG)
    assert epoch is not None
    with closing(SqlStore(world.url)) as other, ThreadPoolExecutor(1) as pool:
        with world.store.fenced(role, epoch)._database.writing() as connection:
            if backend == "postgresql":
                # SQLite has one write lock, which its one process holds now.
                assert world.store.leases.renew(role, "first", epoch, -1, Standing()), "renewing waits for no writer"
                taking = pool.submit(other.leases.acquire, role, "second", LONG)
                until(lambda: world.sql("SELECT 1 FROM pg_locks WHERE NOT granted"))
                assert not taking.done()
            connection.exec_driver_sql("INSERT INTO meta VALUES ('name', 'written')")
        if backend == "sqlite":
            expire(world, role)
            taking = pool.submit(other.leases.acquire, role, "second", LONG)
        assert taking.result(30) == epoch + 1
        assert other.note("name") == "written"
    with pytest.raises(LeaseLost):
        world.store.fenced(role, epoch).take_note("name", "too late")
    assert world.store.note("name") == "written"


def until(condition: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)
