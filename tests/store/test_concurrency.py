"""Many threads at one store: one order, one record for equal requests, no gram twice."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import event_builders as b
import pytest
from ledger_fixture import LEDGER_DOMAIN, LOG_DOMAIN, OPERATOR_KEY, SECRET, World

from ledger.adapters.log_operator import LogOperator
from ledger.adapters.sql_store.store import SqlStore
from ledger.domain.identifiers import LotRef
from ledger.services.capture import Capture

THREADS = 8


def test_equal_requests_give_one_record(world: World) -> None:
    start = threading.Barrier(THREADS)

    def request(_: int) -> tuple[int, bool]:
        start.wait()
        (result,) = world.capture([b.harvest()])
        assert result.record is not None
        return result.record.sequence, result.repeated

    with ThreadPoolExecutor(THREADS) as pool:
        results = list(pool.map(request, range(THREADS)))
    assert {sequence for sequence, _ in results} == {1}
    assert [repeated for _, repeated in results].count(False) == 1


def test_a_lot_is_sold_once_only(world: World) -> None:
    world.record(b.harvest(grams=1_000))
    start = threading.Barrier(THREADS)

    def sell(number: int) -> bool:
        start.wait()
        at = b.When(f"2026-08-05T12:{number:02d}:00.000+08:00")
        (result,) = world.capture([b.sale(lines=[b.amount(grams=600)], when=at)])
        return result.record is not None

    with ThreadPoolExecutor(THREADS) as pool:
        sold = list(pool.map(sell, range(THREADS)))
    assert sold.count(True) == 1
    assert world.fsck() == []


def test_sequences_have_no_gap_and_no_reader_sees_a_later_one_first(world: World) -> None:
    stop = threading.Event()
    gaps: list[list[int]] = []

    def read() -> None:
        while not stop.is_set():
            numbers = [event.sequence for event in world.store.events(0, 1_000)]
            if numbers != list(range(1, len(numbers) + 1)):
                gaps.append(numbers)

    def write(thread: int) -> None:
        for number in range(10):
            world.record(b.harvest(lot=LotRef(b.BULK_MELON, f"T{thread}-{number}")))

    reader = threading.Thread(target=read)
    reader.start()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    stop.set()
    reader.join()
    assert gaps == []
    assert [event.sequence for event in world.store.events(0, 1_000)] == list(range(1, 41))
    rows = world.store.outbox.queued(1_000)
    assert [row.id for row in rows] == list(range(1, len(rows) + 1))


def test_two_stores_on_one_database_do_not_fork_the_order(world: World) -> None:
    other = SqlStore(world.url)
    other.acknowledge_by(LogOperator(OPERATOR_KEY, LOG_DOMAIN, world.clock))
    capture = Capture(other, world.signer, world.clock, LEDGER_DOMAIN, SECRET)

    def write(number: int) -> None:
        using = world.capturing if number % 2 else capture
        (result,) = using.capture([b.harvest(lot=LotRef(b.BULK_MELON, f"S{number}"))])
        assert result.record is not None

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(20)))
    other.close()
    assert [event.sequence for event in world.store.events(0, 100)] == list(range(1, 21))
    assert world.fsck() == []


def test_an_error_in_the_transaction_leaves_nothing(world: World) -> None:
    before = world.store.outbox.counts()
    with pytest.raises(RuntimeError), world.store.writing() as transaction:  # noqa: PT012 - the block is the transaction
        transaction.merge_master_data(b.master_data())
        world.store.events(0, 1)
        raise RuntimeError("in the middle")
    assert world.store.outbox.counts() == before
    world.record(b.harvest())
