"""A managed chain that dies is started again, and nobody reads it before it has its past back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from chain_fixtures import PRODUCER, PRODUCT, ChainWorld, SystemClock, TestKey, new_content
from memory_outbox import MemoryOutbox

from ledger.adapters import chain_keeper
from ledger.adapters.anvil_process import find_anvil
from ledger.adapters.chain_access import history_of, open_chain
from ledger.adapters.chain_keeper import keep_running
from ledger.adapters.local_chain import LocalChain
from ledger.adapters.networks import local_network
from ledger.domain.actions import Harvest
from ledger.domain.errors import ChainUnavailable
from ledger.domain.identifiers import NO_PLOT, ContentHash, Grams
from ledger.domain.records import ChainFacts, ChainQuestion, EntryState

pytestmark = pytest.mark.chain


@dataclass
class Kept:
    """A chain that is looked after, with one harvest on it."""

    folder: Path
    chain: LocalChain
    world: ChainWorld
    born: ContentHash

    async def ask(self) -> ChainFacts:
        return await self.world.access.reader.facts(ChainQuestion(contents=(self.born,)))

    async def first_answer(self, within_seconds: float = 30) -> ChainFacts:
        """Asks until something answers."""
        async with asyncio.timeout(within_seconds):
            while True:
                with contextlib.suppress(ChainUnavailable):
                    return await self.ask()
                await asyncio.sleep(0.01)

    def die(self) -> None:
        os.kill(self.chain.pid, signal.SIGKILL)


@pytest.fixture
async def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Kept]:
    monkeypatch.setattr(chain_keeper, "_FIRST_DELAY", 0.1)
    link = tmp_path / "anvil"
    link.symlink_to(find_anvil())
    monkeypatch.setenv("SILKROOT_ANVIL", str(link))
    store, relay, registrar = MemoryOutbox(), TestKey(), TestKey()
    chain = LocalChain(tmp_path, relay.address)
    await chain.start()
    access = await open_chain(
        tmp_path / "deployment.json", store=store, rpc_url=chain.rpc_url, relay_key=relay.secret,
        registrar=registrar.address, network=local_network().network, clock=SystemClock(),
    )  # fmt: skip
    world = ChainWorld(access, store, relay, registrar)
    world.admit_everybody()
    await world.settle()
    await chain.save_snapshot()
    harvest = Harvest(PRODUCER, PRODUCT, "KEPT", NO_PLOT, 0, Grams(5), new_content(), 2**40)
    world.queue(world.row(harvest))  # not in the snapshot
    await world.settle()
    async with asyncio.TaskGroup() as tasks:
        keeping = tasks.create_task(keep_running(chain, access.rpc, history_of(store)))
        yield Kept(tmp_path, chain, world, harvest.content_hash)
        keeping.cancel()
    await chain.kill()
    await access.close()


@pytest.mark.parametrize("lost", [False, True], ids=["from its snapshot", "with its snapshots gone too"])
async def test_it_comes_back_and_answers_only_with_its_whole_past(kept: Kept, lost: bool) -> None:
    before = await kept.ask()
    kept.die()
    if lost:
        shutil.rmtree(kept.folder / "chain")
    with pytest.raises(ChainUnavailable):
        await kept.ask()
    after = await kept.first_answer()
    assert after.entries[kept.born].digest == before.entries[kept.born].digest
    assert after.entries[kept.born].block_time == before.entries[kept.born].block_time
    again = Harvest(PRODUCER, PRODUCT, "LATER", NO_PLOT, 0, Grams(5), new_content(), 2**40)
    ids = kept.world.queue(kept.world.row(again))
    await kept.world.settle()
    assert kept.world.states(ids) == [EntryState.CONFIRMED]


async def test_a_start_that_fails_is_tried_again(kept: Kept) -> None:
    link = kept.folder / "anvil"
    binary = link.resolve()
    link.unlink()
    kept.die()
    with pytest.raises(TimeoutError):
        await kept.first_answer(within_seconds=1)
    link.symlink_to(binary)
    assert kept.born in (await kept.first_answer()).entries
