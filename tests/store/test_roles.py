"""Standing for a role: one works, another takes over, and the one before finds that its time is over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import event_builders as b
import pytest
from fake_log_chain import FakeLogChain
from fake_relay import FakeRelay
from ledger_fixture import FixedClock, World

from ledger.adapters.note_signer import FileNoteSigner
from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.store import SqlStore
from ledger.domain.errors import ChainUnavailable, LeaseLost, LedgerBusy
from ledger.ports_leases import Role, Standing
from ledger.services.carrier import Carrier
from ledger.services.checkpoint import Checkpointer
from ledger.services.propagation import Propagation
from ledger.services.roles import Candidate, Worker
from ledger.services.submit import Submitter

ROLE = Role.SUBMITTER
SECONDS = 0.6


class Notes:
    """A worker that writes its epoch whenever it is woken."""

    def __init__(self, store: SqlStore, epoch: int) -> None:
        self.store, self.epoch = store.fenced(ROLE, epoch), epoch
        self.woken = asyncio.Event()
        self.standing = Standing(f"in epoch {epoch}")
        self.fails: Exception | None = None
        self.ended = False

    def wake(self) -> None:
        self.woken.set()

    async def run(self) -> None:
        try:
            while True:
                await self.woken.wait()
                self.woken.clear()
                if self.fails is not None:
                    raise self.fails
                await asyncio.to_thread(self.store.take_note, "epoch", str(self.epoch))
        finally:
            self.ended = True


class Process:
    """What stands for the role in one process, and the workers that it had."""

    def __init__(self, world: World, name: str, seconds: float = SECONDS) -> None:
        self.made: list[Notes] = []
        self.candidate = Candidate(
            world.store.leases, ROLE, name, lambda epoch: self.make(world.store, epoch), lease_seconds=seconds,
            ask_seconds=0.05,
        )  # fmt: skip

    def make(self, store: SqlStore, epoch: int) -> Notes:
        self.made.append(Notes(store, epoch))
        return self.made[-1]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Task[None]]:
        task = asyncio.create_task(self.candidate.run())
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], object], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110 - no event tells what is in the database
            await asyncio.sleep(0.02)


def held(world: World) -> str:
    lease = world.store.leases.current().get(ROLE)
    return lease.holder if lease is not None and lease.is_held else ""


async def test_one_works_and_after_an_orderly_end_the_other_at_once(world: World) -> None:
    first, second = Process(world, "first", 3_600), Process(world, "second", 3_600)
    async with first.running():
        await until(lambda: held(world) == "first" and first.made)  # before it is made nobody can wake it
        async with second.running():
            first.candidate.wake()
            second.candidate.wake()
            await until(lambda: world.store.note("epoch") == "1")
            assert second.made == []
            async with first.running():  # the same name, a second time
                await asyncio.sleep(0.2)
                assert len(first.made) == 1
    async with second.running():  # the first one ended, and had an hour left
        await until(lambda: held(world) == "second" and second.made)
        second.candidate.wake()
        await until(lambda: world.store.note("epoch") == "2")
        assert first.made[0].ended
    assert held(world) == ""


async def test_it_is_renewed_with_what_the_worker_says(world: World) -> None:
    process = Process(world, "first")
    async with process.running():
        await until(lambda: world.store.leases.current().get(ROLE) is not None)
        got = world.store.leases.current()[ROLE]
        said = Standing("in epoch 1")
        await until(lambda: world.store.leases.current()[ROLE].standing == said)
        await asyncio.sleep(2 * SECONDS)
        now = world.store.leases.current()[ROLE]
        assert (now.acquired, now.epoch, now.is_held, len(process.made)) == (got.acquired, 1, True, 1)


async def test_one_that_was_stopped_does_not_write_when_it_goes_on(world: World) -> None:
    """As SIGSTOP does it: no renewal comes, somebody else begins, and then all goes on as if nothing had been."""
    first, second = Process(world, "first", 3_600), Process(world, "second", 3_600)
    async with first.running():
        await until(lambda: first.made)
        world.sql("UPDATE leases SET expires = 0")
        async with second.running():
            await until(lambda: second.made)
            second.candidate.wake()
            await until(lambda: world.store.note("epoch") == "2")
            first.candidate.wake()
            await until(lambda: first.made[0].ended)
            assert world.store.note("epoch") == "2"
            assert held(world) == "second"
    async with first.running():
        await until(lambda: len(first.made) == 2)
        assert first.made[1].epoch == 3


async def test_one_that_only_missed_its_time_learns_it_when_it_renews(world: World) -> None:
    process = Process(world, "first")
    async with process.running():
        await until(lambda: process.made)
        world.sql("UPDATE leases SET epoch = 7, holder = 'another', expires = 9000000000000000")
        await until(lambda: process.made[0].ended)
    assert held(world) == "another", "what another one has is not given back"


@pytest.mark.parametrize("error", [ChainUnavailable("the node is away"), LeaseLost("over")])
async def test_a_worker_that_ends_gives_the_lease_back_and_another_one_begins(world: World, error: Exception) -> None:
    process = Process(world, "first", 3_600)
    async with process.running():
        await until(lambda: process.made)
        process.made[0].fails = error
        process.candidate.wake()
        await until(lambda: len(process.made) == 2)
        assert (process.made[1].epoch, held(world)) == (2, "first")


async def test_a_mistake_of_ours_ends_the_process_and_gives_the_lease_back(world: World) -> None:
    process = Process(world, "first", 3_600)
    async with process.running() as task:
        await until(lambda: process.made)
        process.made[0].fails = ZeroDivisionError()
        process.candidate.wake()
        with pytest.raises(ZeroDivisionError):
            await task
        assert held(world) == ""


# ------------------------------------------------------------------------------------------------ the real workers


def submitter(store: SqlStore, folder: Path) -> Submitter:
    return Submitter(store.outbox, FakeRelay(), FixedClock())


def checkpointer(store: SqlStore, folder: Path) -> Checkpointer:
    return Checkpointer(store.log, FakeLogChain(), FixedClock(), FileNoteSigner(folder / "note.key", "log.example/a"))


def carrier(store: SqlStore, folder: Path) -> Carrier:
    return Carrier(Propagation(store), lambda: None)


def something_to_do(world: World) -> None:
    """For each of them: an entry that is queued, leaves that may be integrated, a recall to carry."""
    world.record(b.harvest(), b.inspection())
    world.sql("UPDATE outbox_rows SET state = 'confirmed' WHERE target = 'registry'")
    with world.store.writing() as transaction:
        transaction.carry_later([b.HARVEST_LOT.id])


@pytest.mark.parametrize("make", [submitter, checkpointer, carrier])
async def test_a_worker_whose_epoch_is_over_ends(
    world: World, tmp_path: Path, make: Callable[[SqlStore, Path], Worker]
) -> None:
    """All other errors it outlives; this one means that another process does its work."""
    something_to_do(world)
    epoch = world.store.leases.acquire(ROLE, "first", 3_600)
    assert epoch is not None
    worker = make(world.store.fenced(ROLE, epoch), tmp_path)
    world.store.leases.release(ROLE, "first", epoch)
    assert world.store.leases.acquire(ROLE, "second", 3_600) == epoch + 1
    async with asyncio.timeout(60):
        with pytest.raises(LeaseLost):
            await worker.run()
    assert world.store.outbox.signed(10) == []
    assert world.store.log.integrated().size == 0
    assert world.store.recalls_waiting() == 1


@pytest.mark.parametrize("make", [submitter, checkpointer, carrier])
async def test_a_worker_outlives_a_database_that_somebody_else_holds(
    world: World, tmp_path: Path, make: Callable[[SqlStore, Path], Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    something_to_do(world)
    refused: list[str] = []
    loop = asyncio.get_running_loop()

    @contextmanager
    def held(self: Database) -> Iterator[None]:
        refused.append("held")
        raise LedgerBusy("another process is writing to the database; stop it or wait")
        yield

    worker = make(world.store, tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(Database, "writing", held)
        running = asyncio.create_task(worker.run())
        await until(lambda: refused)
        await asyncio.sleep(0.1)
    assert not running.done()

    def went_on() -> bool:
        loop.call_soon_threadsafe(worker.wake)
        size = world.store.log.integrated().size
        return bool(world.store.outbox.signed(10) or size or not world.store.recalls_waiting())

    await until(went_on)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize("make", [submitter, checkpointer, carrier])
async def test_a_worker_that_is_cancelled_as_it_is_woken_ends(
    world: World, tmp_path: Path, make: Callable[[SqlStore, Path], Worker]
) -> None:
    worker = make(world.store, tmp_path)
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(0.3)
    for _ in range(3):
        worker.wake()
        await asyncio.sleep(0)  # the wait for it is over, its result not yet taken
        running.cancel()
        done, _ = await asyncio.wait((running,), timeout=30)
        assert running in done
