"""Processes that work on bytes: what they answer, what is told when one dies, and that none is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.adapters import forked_workers
from ledger.adapters.forked_workers import Ask, Nursery, Work, WorkerFailed, WorkerPool
from ledger.domain.errors import NoWorker, WorkerLost

ROOT = Path(__file__).resolve().parents[2]


def make(configuration: bytes) -> Work:
    """Words that the worker knows; anything else is given back behind its configuration."""

    def work(request: bytes, ask: Ask) -> bytes:
        word, _, rest = request.partition(b" ")
        if word == b"ask":
            return b"+".join(ask(one) for one in rest.split())
        if word == b"pid":
            return b"%d" % os.getpid()
        if word == b"fail":
            raise ValueError("on purpose")
        if word == b"sleep":
            time.sleep(float(rest))
        return configuration + b":" + request

    return work


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    made = Nursery.fork(make)
    yield made
    made.close()


@pytest.fixture
def pool(nursery: Nursery) -> Iterator[WorkerPool]:
    made = WorkerPool(nursery, b"known", 2)
    yield made
    made.close()


def unasked(question: bytes) -> bytes:
    raise AssertionError(question)


def pid_of(pool: WorkerPool) -> int:
    return int(pool.work(b"pid", unasked))


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(is_so: Callable[[], bool], message: str) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline, message
        time.sleep(0.02)


@pytest.mark.parametrize("size", [0, 1, 100, 3_000_000])
def test_a_request_of_any_size_is_answered(pool: WorkerPool, size: int) -> None:
    assert pool.work(b"x" * size, unasked) == b"known:" + b"x" * size


def test_questions_are_answered_one_by_one(pool: WorkerPool) -> None:
    assert pool.work(b"ask a b c", bytes.upper) == b"A+B+C"


def test_a_mistake_is_told_and_the_worker_goes_on(pool: WorkerPool) -> None:
    before = pid_of(pool)
    with pytest.raises(WorkerFailed, match="on purpose"):
        pool.work(b"fail", unasked)
    assert pid_of(pool) == before


def test_what_cannot_be_answered_ends_the_worker_and_not_the_pool(pool: WorkerPool) -> None:
    before = pid_of(pool)
    with pytest.raises(AssertionError):
        pool.work(b"ask something", unasked)
    assert pid_of(pool) != before


def test_one_that_is_killed_is_told_and_replaced(pool: WorkerPool) -> None:
    victim = pid_of(pool)
    threading.Timer(0.3, os.kill, (victim, signal.SIGKILL)).start()
    with pytest.raises(WorkerLost, match="send it again"):
        pool.work(b"sleep 30", unasked)
    after = pid_of(pool)
    assert after != victim
    until(lambda: not runs(victim), "it lives on")


def test_one_that_is_stopped_in_the_middle_of_a_request_reads_on(nursery: Nursery) -> None:
    """As all are when the machine sleeps: what is read at once may come in parts then."""
    worker = nursery.worker(b"known")
    sent = forked_workers._HEAD.pack(6, forked_workers._REQUEST) + b"abcdef"
    worker._link.sendall(sent[:-3])
    time.sleep(0.2)
    for word in (signal.SIGSTOP, signal.SIGCONT):
        os.kill(worker.pid, word)
        time.sleep(0.2)
    worker._link.sendall(sent[-3:])
    assert forked_workers._receive(worker._link) == (forked_workers._RESULT, b"known:abcdef")
    worker.close()


def test_a_birth_that_came_too_late_gives_its_number_to_no_other(
    nursery: Nursery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its number a worker that hangs is killed."""
    monkeypatch.setattr(forked_workers, "_BIRTH_SECONDS", 0.2)
    nursery._control.settimeout(0.2)
    os.kill(nursery.pid, signal.SIGSTOP)
    try:
        with pytest.raises(NoWorker, match="timed out"):
            nursery.worker(b"")
    finally:
        os.kill(nursery.pid, signal.SIGCONT)
    monkeypatch.setattr(forked_workers, "_BIRTH_SECONDS", 20.0)
    nursery._control.settimeout(20)
    for _ in range(2):
        worker = nursery.worker(b"")
        assert int(worker.work(b"pid", unasked)) == worker.pid
        worker.close()


def test_one_that_was_killed_while_nobody_asked_is_told_once(pool: WorkerPool) -> None:
    victim = pid_of(pool)
    os.kill(victim, signal.SIGKILL)
    until(lambda: not runs(victim), "it lives on")
    with pytest.raises(WorkerLost):
        pool.work(b"again", unasked)
    assert pool.work(b"again", unasked) == b"known:again"


def test_one_that_hangs_is_killed(pool: WorkerPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forked_workers, "_WORK_SECONDS", 0.5)
    victim = pid_of(pool)
    os.kill(victim, signal.SIGSTOP)
    with pytest.raises(WorkerLost, match="did not answer"):
        pool.work(b"hello", unasked)
    until(lambda: not runs(victim), "it lives on")


def test_without_the_nursery_none_can_be_had(nursery: Nursery, pool: WorkerPool) -> None:
    os.kill(nursery.pid, signal.SIGKILL)
    for _ in range(3):
        with pytest.raises(NoWorker):
            pool.work(b"hello", unasked)


def test_a_pool_that_is_closed_lets_its_workers_finish_and_keeps_nobody_waiting(pool: WorkerPool) -> None:
    victim, found = pid_of(pool), list[bytes]()
    busy = threading.Thread(target=lambda: found.append(pool.work(b"sleep 0.5", unasked)))
    busy.start()
    until(lambda: pool._idle.qsize() == 1, "it does not begin")
    pool.close()
    busy.join(20)
    assert found == [b"known:sleep 0.5"]
    for _ in range(3):
        with pytest.raises(NoWorker, match="no workers any more"):
            pool.work(b"hello", unasked)
    until(lambda: not runs(victim), "it lives on")


def test_a_worker_that_hangs_keeps_the_end_of_its_pool_for_no_longer_than_its_patience(nursery: Nursery) -> None:
    pool, lost = WorkerPool(nursery, b"known", 1, patience=1.0), list[WorkerLost]()
    victim = pid_of(pool)
    os.kill(victim, signal.SIGSTOP)

    def work() -> None:
        try:
            pool.work(b"hello", unasked)
        except WorkerLost as error:
            lost.append(error)

    busy = threading.Thread(target=work)
    busy.start()
    until(lambda: pool._idle.qsize() == 0, "it does not begin")
    started = time.monotonic()
    pool.close()
    assert time.monotonic() - started < 10
    busy.join(20)
    assert "did not answer for 1 s" in str(*lost)
    until(lambda: not runs(victim), "it lives on")


def test_each_pool_has_its_own_name_and_patience(nursery: Nursery) -> None:
    pool = WorkerPool(nursery, b"known", 1, "a-name-of-many-characters", 1.0)
    victim = pid_of(pool)
    assert Path(f"/proc/{victim}/comm").read_text() == "a-name-of-many-\n"
    with pytest.raises(WorkerLost, match="did not answer for 1 s"):
        pool.work(b"sleep 30", unasked)
    until(lambda: not runs(victim), "it lives on")
    pool.close()


def test_several_work_at_once_and_no_more_than_there_are(pool: WorkerPool) -> None:
    found: set[bytes] = set()
    threads = [
        threading.Thread(target=lambda: found.add(pool.work(b"sleep 0.2", unasked) and pool.work(b"pid", unasked)))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= len(found) <= 2


OWNER = """
import sys, time
sys.path.append(sys.argv[1])
from test_forked_workers import make
from ledger.adapters.forked_workers import Nursery, WorkerPool
nursery = Nursery.fork(make)
pool = WorkerPool(nursery, b"", 1)
print(nursery.pid, pool.work(b"pid", bytes).decode(), flush=True)
if sys.argv[2] == "busy":
    pool.work(b"sleep 60", bytes)
else:
    sys.stdin.read()
pool.close()
nursery.close()
"""


@pytest.mark.parametrize("at", ["busy", "idle"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_none_is_left_behind(at: str, number: signal.Signals) -> None:
    command = [sys.executable, "-c", OWNER, str(Path(__file__).parent), at]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as owner:
        assert owner.stdout is not None
        pids = [int(pid) for pid in owner.stdout.readline().split()]
        assert all(map(runs, pids))
        owner.send_signal(number)
    until(lambda: not any(map(runs, pids)), "some live on")


def test_in_order_all_end() -> None:
    command = [sys.executable, "-c", OWNER, str(Path(__file__).parent), "idle"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as owner:
        assert owner.stdout is not None
        assert owner.stdin is not None
        pids = [int(pid) for pid in owner.stdout.readline().split()]
        owner.stdin.close()
        assert owner.wait(20) == 0
    until(lambda: not any(map(runs, pids)), "some live on")
