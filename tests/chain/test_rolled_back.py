"""
What the submitter does when the chain changes its mind: re-orgs, roll-backs, lost transactions, rivals.

Each test has an Anvil of its own that mines only when told.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import pytest
from chain_fixtures import (
    DEADLINE,
    PRODUCER,
    PRODUCT,
    ChainWorld,
    SystemClock,
    TestKey,
    fund,
    new_content,
    open_world,
    start_anvil,
)
from memory_outbox import MemoryOutbox

from ledger.adapters.anvil_process import AnvilProcess
from ledger.adapters.json_rpc import JsonRpc
from ledger.domain.actions import Harvest
from ledger.domain.errors import ChainUnavailable, WrongChain
from ledger.domain.identifiers import Grams, LotRef, plot_id
from ledger.domain.records import ChainQuestion, EntryState
from ledger.ports_outbox import NewRow
from ledger.services.submit import Submitter

pytestmark = pytest.mark.chain


@dataclass(slots=True)
class OwnChain:
    """A world on a node that mines only by `mine`."""

    world: ChainWorld
    rpc: JsonRpc
    process: AnvilProcess

    async def mine(self, blocks: int = 1) -> None:
        for _ in range(blocks):
            await self.rpc.call("evm_mine")

    async def step(self) -> None:
        await self.world.access.submitter.step()

    async def settle(self) -> None:
        for _ in range(40):
            if self.world.store.first_open_row() is None:
                return
            await self.step()
            await self.mine()
        raise AssertionError(f"rows stay open: {self.world.store.counts()}")

    def harvest(self, code: str) -> NewRow:
        plot = plot_id(PRODUCER, "1")
        return self.world.row(Harvest(PRODUCER, PRODUCT, code, plot, 2026, Grams(1000), new_content(), DEADLINE))

    async def is_born(self, code: str) -> bool:
        lot = LotRef(PRODUCT, code).id
        facts = await self.world.access.reader.facts(ChainQuestion(lots=(lot,)))
        return facts.lots[lot].issuer == PRODUCER


@pytest.fixture
async def own_chain(tmp_path: Path) -> AsyncIterator[OwnChain]:
    process = await start_anvil(tmp_path, "--mixed-mining", "--block-time", "1")
    world = await open_world(process.rpc_url, tmp_path)
    rpc = JsonRpc(process.rpc_url)
    await rpc.call("evm_setAutomine", False)
    await rpc.call("evm_setIntervalMining", 0)
    chain = OwnChain(world, rpc, process)
    world.admit_everybody()
    await chain.settle()
    yield chain
    await rpc.close()
    await world.access.close()
    await process.kill()


async def test_a_rollback_puts_entries_back_and_the_same_bytes_bring_them_in_again(own_chain: OwnChain) -> None:
    ids = own_chain.world.queue(own_chain.harvest("A"), own_chain.harvest("B"))
    await own_chain.settle()
    before = own_chain.world.store.rows(ids)
    await own_chain.rpc.call("anvil_rollback", 3)
    assert not await own_chain.is_born("A")
    await own_chain.step()
    assert own_chain.world.states(ids) == [EntryState.SENT] * 2
    await own_chain.settle()
    assert await own_chain.is_born("A")
    assert own_chain.world.store.rows(ids) == before


async def test_a_reorg_that_drops_the_block_puts_its_entries_back(own_chain: OwnChain) -> None:
    ids = own_chain.world.queue(own_chain.harvest("A"))
    await own_chain.settle()
    await own_chain.rpc.call("anvil_reorg", 3, [])
    await own_chain.step()
    assert own_chain.world.states(ids) == [EntryState.SENT]
    await own_chain.settle()
    assert own_chain.world.states(ids) == [EntryState.CONFIRMED]
    assert await own_chain.is_born("A")


async def test_a_chain_that_lost_everything_is_rebuilt_at_the_same_addresses(
    own_chain: OwnChain, tmp_path: Path
) -> None:
    world = own_chain.world
    ids = world.queue(own_chain.harvest("A"))
    await own_chain.settle()
    port = int(world.access.rpc.url.rsplit(":", 1)[1])
    await own_chain.process.kill()
    with pytest.raises(ChainUnavailable):
        await own_chain.step()
    assert world.states(ids) == [EntryState.CONFIRMED]
    with pytest.raises(ChainUnavailable):
        await own_chain.is_born("A")

    own_chain.process = await start_anvil(tmp_path, "--block-time", "1", port=port)
    await fund(world.access.rpc.url, world.relay_key.address)
    with pytest.raises(WrongChain):  # the contracts are not there yet, and nobody says that the lot is unknown
        await own_chain.is_born("A")
    await own_chain.step()
    assert world.states(ids) == [EntryState.SENT]
    await own_chain.settle()
    assert world.states(ids) == [EntryState.CONFIRMED]
    assert await own_chain.is_born("A")


async def test_a_transaction_stored_but_never_sent_is_sent_by_the_next_process(own_chain: OwnChain) -> None:
    world = own_chain.world
    (row,) = world.queue(own_chain.harvest("A"))
    await own_chain.step()
    sent = world.only(row).transaction
    await own_chain.rpc.call("anvil_dropTransaction", "0x" + sent.hex())  # as if the crash came before the sending
    restarted = Submitter(world.store, world.access.relay, SystemClock())
    await restarted.step()
    await own_chain.mine()
    await restarted.step()
    assert world.only(row).state is EntryState.CONFIRMED
    assert world.only(row).transaction == sent


async def test_sent_is_not_confirmed(own_chain: OwnChain) -> None:
    ids = own_chain.world.queue(own_chain.harvest("A"))
    for _ in range(3):
        await own_chain.step()
    assert own_chain.world.states(ids) == [EntryState.SENT]


async def test_a_stuck_transaction_is_replaced_by_one_that_pays_more(own_chain: OwnChain) -> None:
    world = own_chain.world
    (row,) = world.queue(own_chain.harvest("A"))
    await own_chain.step()
    stuck = world.only(row).transaction
    await own_chain.rpc.call("anvil_setNextBlockBaseFeePerGas", hex(2000 * 10**9))
    await own_chain.settle()
    assert world.only(row).state is EntryState.CONFIRMED
    assert world.only(row).transaction != stuck
    attempts = [one for one in world.store.transactions(0, 100) if one.rows == (row,)]
    assert [one.attempt for one in attempts] == [0, 1]
    assert attempts[0].nonce == attempts[1].nonce


async def test_a_transaction_that_no_fee_helps_is_reported(own_chain: OwnChain) -> None:
    own_chain.world.queue(own_chain.harvest("A"))
    await own_chain.step()
    for _ in range(12):
        await own_chain.rpc.call("anvil_setNextBlockBaseFeePerGas", hex(20000 * 10**9))
        await own_chain.mine()
        await own_chain.step()
    assert "is not mined, though it offers" in own_chain.world.access.submitter.status.problem


async def test_a_foreign_transaction_of_the_account_costs_a_nonce_and_no_entry(own_chain: OwnChain) -> None:
    world = own_chain.world
    (row,) = world.queue(own_chain.harvest("A"))
    await own_chain.step()
    await own_chain.rpc.call("anvil_dropTransaction", "0x" + world.only(row).transaction.hex())
    relay = "0x" + world.relay_key.address.hex()
    await own_chain.rpc.call("anvil_impersonateAccount", relay)
    await own_chain.rpc.call("eth_sendTransaction", {"from": relay, "to": relay, "value": "0x0"})
    await own_chain.mine()
    await own_chain.settle()
    assert world.only(row).state is EntryState.CONFIRMED
    assert await own_chain.is_born("A")


async def test_two_submitters_of_one_account_by_mistake_record_every_entry_once(own_chain: OwnChain) -> None:
    world = own_chain.world
    ids = world.queue(*(own_chain.harvest(f"L{number}") for number in range(100)))
    assert isinstance(world.store, MemoryOutbox)
    rival_store = deepcopy(world.store)
    rival = Submitter(rival_store, world.access.relay, SystemClock())
    for _ in range(20):
        await asyncio.gather(own_chain.step(), rival.step())
        await own_chain.mine()
    assert world.states(ids) == [EntryState.CONFIRMED] * 100
    assert [row.state for row in rival_store.rows(ids)] == [EntryState.CONFIRMED] * 100
    assert await own_chain.is_born("L99")


async def test_two_submitters_of_one_outbox_by_mistake_do_not_fork_the_nonces(own_chain: OwnChain) -> None:
    world = own_chain.world
    ids = world.queue(*(own_chain.harvest(f"L{number}") for number in range(200)))
    rival = Submitter(world.store, world.access.relay, SystemClock())
    for _ in range(20):
        await asyncio.gather(own_chain.step(), rival.step())
        await own_chain.mine()
    assert world.states(ids) == [EntryState.CONFIRMED] * 200
    nonces = [one.nonce for one in world.store.transactions(0, 100)]
    assert nonces == list(range(len(nonces)))


async def test_a_node_of_another_chain_is_refused_for_reading_and_for_writing(
    own_chain: OwnChain, tmp_path: Path
) -> None:
    other = await start_anvil(tmp_path / "other", "--block-time", "1", "--chain-id", "999")
    try:
        from ledger.adapters.chain_access import open_deployed
        from ledger.adapters.networks import local_network

        access = open_deployed(
            own_chain.world.access.deployment, store=MemoryOutbox(), rpc_url=other.rpc_url,
            relay_key=TestKey().secret, network=local_network().network, clock=SystemClock(),
        )  # fmt: skip
        with pytest.raises(WrongChain, match="is chain 999"):
            await access.reader.facts(ChainQuestion())
        with pytest.raises(WrongChain, match="is chain 999"):
            await access.submitter.step()
        await access.close()
    finally:
        await other.kill()
