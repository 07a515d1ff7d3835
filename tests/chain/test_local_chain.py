"""The managed local chain: snapshots, restarts, replay in time, and no process left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from chain_fixtures import (
    PRODUCER,
    PRODUCT,
    ChainWorld,
    SystemClock,
    TestKey,
    new_content,
)
from memory_outbox import MemoryOutbox

from ledger.adapters import anvil_process
from ledger.adapters.anvil_process import find_anvil
from ledger.adapters.chain_access import history_of, open_chain
from ledger.adapters.json_rpc import JsonRpc
from ledger.adapters.local_chain import LocalChain
from ledger.adapters.networks import local_network
from ledger.domain.actions import Harvest
from ledger.domain.errors import MissingTool
from ledger.domain.identifiers import Grams, LotRef, plot_id
from ledger.domain.records import ChainQuestion, EntryState

pytestmark = pytest.mark.chain


class Ledger:
    """A local chain with contracts, its outbox, and one harvest of each code asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = MemoryOutbox()
        self.relay, self.registrar = TestKey(), TestKey()
        self.chain = LocalChain(folder, self.relay.address)
        self.world: ChainWorld | None = None

    async def open(self) -> ChainWorld:
        await self.chain.start(history_of(self.store))
        access = await open_chain(
            self.folder / "deployment.json", store=self.store, rpc_url=self.chain.rpc_url,
            relay_key=self.relay.secret, registrar=self.registrar.address, network=local_network().network,
            clock=SystemClock(),
        )  # fmt: skip
        keys = self.world.keys if self.world else {}
        if self.world:
            await self.world.access.close()
        self.world = ChainWorld(access, self.store, self.relay, self.registrar, keys)
        return self.world


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    ledger = Ledger(tmp_path)
    yield ledger
    await ledger.chain.kill()
    if ledger.world:
        await ledger.world.access.close()


def harvest(code: str, deadline: int = 2**40) -> Harvest:
    return Harvest(PRODUCER, PRODUCT, code, plot_id(PRODUCER, "1"), 2026, Grams(5), new_content(), deadline)


async def fresh(ledger: Ledger) -> ChainWorld:
    world = await ledger.open()
    world.admit_everybody()
    await world.settle()
    return world


async def taken_just_in_time(world: ChainWorld) -> tuple[Harvest, int]:
    """A harvest, and its row, that the chain took before its deadline, which is as soon as the machine allows."""
    for ahead in (4, 8, 16, 32):
        head = await world.access.relay.head()
        action = harvest(f"A{ahead}", deadline=head.block.time + ahead)
        (row,) = world.queue(world.row(action))
        await world.settle()
        if world.states([row]) == [EntryState.CONFIRMED]:
            return action, row
    raise AssertionError("the chain took more than half a minute for one entry")


async def test_an_orderly_restart_goes_on_where_it_was(ledger: Ledger) -> None:
    world = await fresh(ledger)
    action = harvest("A")
    (row,) = world.queue(world.row(action))
    await world.settle()
    before = world.only(row)
    deployment = world.access.deployment
    await ledger.chain.stop()
    world = await ledger.open()
    assert world.access.deployment == deployment
    await world.access.submitter.step()
    assert world.only(row) == before  # nothing had to be sent again
    facts = await world.access.reader.facts(ChainQuestion(contents=(action.content_hash,)))
    assert facts.entries[action.content_hash].transaction == before.transaction


async def test_kill_9_between_snapshots_loses_nothing(ledger: Ledger) -> None:
    world = await fresh(ledger)
    await ledger.chain.save_snapshot()
    ids = world.queue(world.row(harvest("A")), world.row(harvest("B")))
    await world.settle()
    os.kill(ledger.chain.pid, signal.SIGKILL)
    await ledger.chain.kill()
    world = await ledger.open()
    await world.settle()
    assert world.states(ids) == [EntryState.CONFIRMED] * 2
    lots = tuple(LotRef(PRODUCT, code).id for code in "AB")
    facts = await world.access.reader.facts(ChainQuestion(lots=lots))
    assert all(facts.lots[lot].issuer == PRODUCER for lot in lots)


async def test_a_lost_chain_is_rebuilt_with_its_old_block_times_though_deadlines_have_passed(ledger: Ledger) -> None:
    world = await fresh(ledger)
    action, row = await taken_just_in_time(world)
    question = ChainQuestion(contents=(action.content_hash,))
    before = (await world.access.reader.facts(question)).entries[action.content_hash]
    deployment = world.access.deployment
    await ledger.chain.kill()
    for snapshot in (ledger.folder / "chain").glob("state*.json"):
        snapshot.unlink()
    await asyncio.sleep(max(0.0, action.deadline + 1 - time.time()))

    world = await ledger.open()
    assert world.access.deployment == deployment
    await world.access.submitter.step()
    await world.settle()
    assert world.states([row]) == [EntryState.CONFIRMED]
    facts = await world.access.reader.facts(question)
    assert facts.entries[action.content_hash].block_time == before.block_time
    # And then its clock is ours again: the deadline has passed for whoever comes now.
    (late,) = world.queue(world.row(harvest("B", deadline=action.deadline)))
    await world.settle()
    assert world.only(late).refusal.startswith("DeadlinePassed(")


async def test_a_torn_snapshot_is_passed_over_for_the_older_one(ledger: Ledger) -> None:
    world = await fresh(ledger)
    assert await ledger.chain.save_snapshot()
    (row,) = world.queue(world.row(harvest("A")))
    await world.settle()
    assert await ledger.chain.save_snapshot()
    assert not await ledger.chain.save_snapshot()  # nothing new, nothing written
    await ledger.chain.kill()
    newest = ledger.folder / "chain" / "state.json"
    assert (ledger.folder / "chain" / "state.previous.json").exists()
    newest.write_bytes(newest.read_bytes()[:1000])
    world = await ledger.open()
    await world.settle()
    assert world.states([row]) == [EntryState.CONFIRMED]


async def test_the_clock_goes_on_after_a_restart(ledger: Ledger) -> None:
    world = await fresh(ledger)
    await ledger.chain.stop()
    world = await ledger.open()
    first = (await world.access.relay.head()).block
    async with asyncio.timeout(20):
        while (head := (await world.access.relay.head()).block).number == first.number:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    assert head.time > first.time
    assert abs(head.time - time.time()) < 10


_SERVICE = """
import asyncio, sys
from pathlib import Path
from ledger.adapters.local_chain import LocalChain

async def main():
    chain = LocalChain(Path(sys.argv[1]), bytes(range(20)))
    await chain.start()
    print(chain.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
def test_kill_9_of_the_service_leaves_no_anvil(tmp_path: Path) -> None:
    checkout = Path(anvil_process.__file__).resolve().parents[2]
    service = subprocess.Popen(
        [sys.executable, "-c", _SERVICE, str(tmp_path)], stdout=subprocess.PIPE, cwd=checkout, text=True
    )
    assert service.stdout is not None
    pid = int(service.stdout.readline())
    assert _is_anvil(pid)
    service.kill()
    service.wait()
    service.stdout.close()
    for _ in range(100):
        if not _is_anvil(pid):
            return
        time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    raise AssertionError("Anvil outlived the service")


def _is_anvil(pid: int) -> bool:
    """A zombie has no command line."""
    try:
        return b"anvil" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def test_without_anvil_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SILKROOT_ANVIL", str(tmp_path / "none"))
    with pytest.raises(MissingTool, match="SILKROOT_ANVIL names"):
        find_anvil()
    monkeypatch.delenv("SILKROOT_ANVIL")
    monkeypatch.setattr(anvil_process, "_npm_binary", lambda _: None)
    wrapper = tmp_path / "anvil"
    wrapper.write_text("#!/usr/bin/env node\n")
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingTool, match="npm ci"):  # a script on PATH is not Anvil
        find_anvil()


async def test_a_port_that_another_program_holds_is_not_taken_for_ours(tmp_path: Path) -> None:
    from ledger.domain.errors import ChainUnavailable

    first = LocalChain(tmp_path / "one", bytes(20))
    await first.start()
    port = int(first.rpc_url.rsplit(":", 1)[1])
    second = LocalChain(tmp_path / "two", bytes(20), port=port)
    with pytest.raises(ChainUnavailable):
        await second.start()
    rpc = JsonRpc(first.rpc_url)
    assert await rpc.call("eth_chainId")
    await rpc.close()
    await first.stop()
    assert not first.is_running
