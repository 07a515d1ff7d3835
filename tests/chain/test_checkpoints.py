"""
The log on a real chain: checkpoints in `EventLog`, what the node does to them, and what verdicts make of it.

Each test has an Anvil of its own that mines only when told.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import event_builders as b
import pytest
from chain_fixtures import ChainWorld, SystemClock, TestKey, fund, open_world, start_anvil
from log_fixture import RunningLog, open_log

from ledger.adapters.anvil_process import AnvilProcess
from ledger.adapters.chain_access import history_of
from ledger.adapters.checkpoint_history import checkpoints_of
from ledger.adapters.json_rpc import JsonRpc
from ledger.adapters.keystore_signer import KeystoreSigner
from ledger.adapters.local_chain import LocalChain
from ledger.adapters.sql_store.store import SqlStore
from ledger.domain.errors import Conflict
from ledger.domain.log.acknowledgements import Anchor, Inclusion, Standing, breach_of
from ledger.domain.merkle import event_leaf, tree_root
from ledger.domain.proof_json import signature_hash
from ledger.domain.records import ChainQuestion, EntryState, RecordedEvent
from ledger.domain.story_values import Verdict
from ledger.services.capture import Capture
from ledger.services.checkpoint import Checkpointer
from ledger.services.integrate import LogStopped
from ledger.services.keys import Keys
from ledger.services.register import Register
from ledger.services.story import ChainNetwork, Story

pytestmark = pytest.mark.chain
SECRET = bytes(32)


@dataclass
class Bench:
    """A ledger with its log, on a node that mines only by `mine`."""

    world: ChainWorld
    log: RunningLog
    capturing: Capture
    keys: Keys
    stories: Story
    rpc: JsonRpc
    process: AnvilProcess
    operator: TestKey
    stated: int = 0

    @property
    def store(self) -> SqlStore:
        return self.log.store

    def record(self, *events: object) -> list[RecordedEvent]:
        results = self.capturing.capture(events)  # type: ignore[arg-type]
        assert not any(result.refused for result in results), [str(v) for r in results for v in r.violations]
        return [result.record for result in results if result.record is not None]

    def state(self, count: int = 1) -> list[RecordedEvent]:
        """Records statements about the harvest."""
        times = [f"2026-08-05T12:{self.stated + number:02d}:00.000+08:00" for number in range(count)]
        self.stated += count
        return self.record(*(b.inspection(when=b.When(time)) for time in times))

    async def mine(self, blocks: int = 1) -> None:
        """A block a second by the chain's own clock, as on a chain that nobody mines by hand."""
        for _ in range(blocks):
            head = await self.rpc.call("eth_getBlockByNumber", "latest", False)
            await self.rpc.call("evm_setNextBlockTimestamp", max(int(time.time()), int(head["timestamp"], 16) + 1))
            await self.rpc.call("evm_mine")

    async def settle(self) -> None:
        """Steps and mines until everything is confirmed and published."""
        for _ in range(60):
            await self.world.access.submitter.step()
            await self.log.checkpointer.step()
            counts = self.store.log.counts()
            if self.store.outbox.first_open_row() is None and counts.published == counts.leaves == counts.on_chain:
                return
            await self.mine()
        raise AssertionError(f"{self.store.outbox.counts()} {counts} {self.log.checkpointer.status}")

    async def verdict(self) -> Verdict:
        told = await self.stories.story(b.HARVEST_LOT)
        return told.verdict


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    process = await start_anvil(tmp_path, "--mixed-mining", "--block-time", "1")
    store, operator, clock = SqlStore(f"sqlite:///{tmp_path / 'silkroot.sqlite3'}"), TestKey(), SystemClock()
    registrar = TestKey()
    world = await open_world(process.rpc_url, tmp_path, store.outbox, registrar=registrar, operator=operator)
    log = open_log(store, world.access, operator, tmp_path)
    rpc = JsonRpc(process.rpc_url)
    await rpc.call("evm_setAutomine", False)
    await rpc.call("evm_setIntervalMining", 0)
    signer, record = KeystoreSigner(tmp_path / "keys"), world.access.deployment
    key = signer.registrar(registrar.secret)
    Register(store, signer, key, record.registry_domain, clock).register(b.master_data())
    network = ChainNetwork("local", single_operator=True)
    made = Bench(
        world, log, Capture(store, signer, clock, record.ledger_domain, SECRET),
        Keys(store, signer, key, record.registry_domain, clock),
        Story(store, world.access.reader, network, store.log), rpc, process, operator,
    )  # fmt: skip
    await made.settle()
    made.record(b.harvest())
    await made.settle()
    yield made
    await rpc.close()
    await world.access.close()
    store.close()
    await made.process.kill()


def root_over(events: list[RecordedEvent]) -> bytes:
    return tree_root([event_leaf(event.content_hash, signature_hash(event.proof)) for event in events])


async def test_a_statement_is_pending_then_verified_by_the_log_alone(bench: Bench) -> None:
    (event,) = bench.state()
    assert await bench.verdict() is Verdict.PENDING
    await bench.settle()
    assert await bench.verdict() is Verdict.VERIFIED
    head = await bench.log.chain.head()
    assert (head.size, head.root) == (2, root_over(bench.store.events(0, 10)))
    stored = bench.store.event(event.content_hash)
    assert stored is not None
    assert stored.state is EntryState.CONFIRMED


async def test_an_acknowledgement_is_seen_to_be_kept(bench: Bench) -> None:
    (event,) = bench.state()
    await bench.settle()
    signed = bench.store.archive.acknowledgements([event.content_hash])[event.content_hash]
    assert signed.signer() == bench.operator.address
    place = bench.store.log.places([event.content_hash])[event.content_hash]
    facts = await bench.world.access.reader.facts(ChainQuestion(checkpoint_blocks=(place.first_block,)))
    (covering,) = facts.checkpoints
    anchor = Anchor(covering.size, covering.root, covering.previous_size, covering.block_time)
    shown = Inclusion(signed.acknowledgement.leaf_hash, place.proof)
    assert breach_of(signed.acknowledgement, anchor, facts.head_time, shown).standing is Standing.KEPT


async def test_a_rollback_makes_it_pending_and_the_log_brings_it_back(bench: Bench) -> None:
    bench.state()
    await bench.settle()
    note = bench.store.archive.published()
    await bench.rpc.call("anvil_rollback", 1)
    await bench.log.checkpointer.step()
    assert await bench.verdict() is Verdict.PENDING
    assert bench.store.archive.published() == note
    await bench.settle()
    assert await bench.verdict() is Verdict.VERIFIED


async def test_a_reorg_that_drops_the_checkpoint_is_followed(bench: Bench) -> None:
    bench.state()
    await bench.settle()
    await bench.rpc.call("anvil_reorg", 1, [])
    await bench.log.checkpointer.step()
    assert (await bench.log.chain.head()).size == 1
    assert await bench.verdict() is Verdict.PENDING
    await bench.settle()
    assert await bench.verdict() is Verdict.VERIFIED


async def test_a_chain_that_lost_everything_gets_the_log_again(bench: Bench, tmp_path: Path) -> None:
    bench.state(3)
    await bench.settle()
    port = int(bench.world.access.rpc.url.rsplit(":", 1)[1])
    await bench.process.kill()
    bench.process = await start_anvil(tmp_path, "--block-time", "1", port=port)
    await fund(bench.rpc.url, bench.world.relay_key.address)
    await fund(bench.rpc.url, bench.operator.address)
    await bench.rpc.call("evm_setIntervalMining", 0)
    for _ in range(40):
        await bench.world.access.submitter.step()
        await bench.mine()
        if bench.store.outbox.first_open_row() is None:
            break
    await bench.settle()
    assert (await bench.log.chain.head()).size == 4
    assert await bench.verdict() is Verdict.VERIFIED


async def test_two_checkpointers_at_once_do_not_fork_the_log(bench: Bench) -> None:
    parts = (bench.store.log, bench.log.chain, SystemClock(), bench.log.notes)
    rivals = [bench.log.checkpointer, Checkpointer(*parts, pace_seconds=0.0)]
    for _ in range(6):
        bench.state(2)
        for result in await asyncio.gather(*(one.step() for one in rivals), return_exceptions=True):
            assert result is None or isinstance(result, Conflict), result
        await bench.mine()
    await bench.settle()
    head = await bench.log.chain.head()
    assert (head.size, head.root) == (13, root_over(bench.store.events(0, 100)))
    sizes = [one.checkpoint.size for one in await bench.log.chain.checkpoints(None)]
    assert sizes == sorted(set(sizes))


async def test_a_rotation_right_after_statements_does_not_reach_back_over_them(bench: Bench) -> None:
    before = bench.state(2)
    old = before[0].proof.key_id
    bench.keys.rotate(b.FARM, keep_old=False)
    after = bench.state(2)
    assert after[0].proof.key_id != old
    await bench.settle()
    assert await bench.verdict() is Verdict.VERIFIED
    facts = await bench.world.access.reader.facts(ChainQuestion(keys=(old, after[0].proof.key_id)))
    checkpoints = {one.checkpoint.size: one.checkpoint for one in await bench.log.chain.checkpoints(None)}
    assert 3 in checkpoints
    # Blocks that are mined by hand may be of the same second.
    assert checkpoints[3].block_time <= facts.keys[old].revoked_at
    index = bench.store.log.places([after[0].content_hash])[after[0].content_hash].proof.index
    covering = next(one for size, one in sorted(checkpoints.items()) if size > index)
    assert covering.block_time >= facts.keys[after[0].proof.key_id].valid_from


async def test_a_database_with_another_log_stops(bench: Bench, tmp_path: Path) -> None:
    bench.state()
    await bench.settle()
    other = tmp_path / "copy"
    other.mkdir()
    bench.state()
    with closing(sqlite3.connect(tmp_path / "silkroot.sqlite3")) as source:
        source.execute("VACUUM INTO ?", (str(other / "silkroot.sqlite3"),))
    bench.state()
    await bench.settle()
    copy = SqlStore(f"sqlite:///{other / 'silkroot.sqlite3'}")
    fork = Checkpointer(copy.log, bench.log.chain, SystemClock(), bench.log.notes, pace_seconds=0.0)
    with pytest.raises(LogStopped, match="only 3; was an older copy"):
        await fork.step()
    copy.close()


async def test_an_account_without_money_is_said(bench: Bench) -> None:
    bench.state()
    await bench.rpc.call("anvil_setBalance", "0x" + bench.operator.address.hex(), "0x1")
    await bench.log.checkpointer.step()
    assert "has too little to pay gas with" in bench.log.checkpointer.status.problem
    await fund(bench.rpc.url, bench.operator.address)
    await bench.settle()
    assert bench.log.checkpointer.status.problem == ""


async def test_a_key_that_is_not_the_operators_is_said(bench: Bench, tmp_path: Path) -> None:
    bench.state()
    stranger = TestKey()
    foreign = open_log(bench.store, bench.world.access, stranger, tmp_path)
    await foreign.checkpointer.step()
    assert f"and the key here is of 0x{stranger.address.hex()}" in foreign.checkpointer.status.problem


async def test_a_stuck_checkpoint_is_replaced(bench: Bench) -> None:
    bench.state()
    await bench.log.checkpointer.step()
    await bench.rpc.call("anvil_setNextBlockBaseFeePerGas", hex(2000 * 10**9))
    await bench.settle()
    assert (await bench.log.chain.head()).size == 2


async def test_a_local_chain_that_lost_its_files_has_its_checkpoints_at_their_old_times(
    bench: Bench, tmp_path: Path
) -> None:
    """What rests on the block time of a checkpoint rests on it after a rebuild too: the key was revoked since."""
    bench.state(2)
    bench.keys.rotate(b.FARM, keep_old=False)
    bench.state(2)
    await bench.settle()
    before = [(one.checkpoint.size, one.checkpoint.block_time) for one in await bench.log.chain.checkpoints(None)]
    await bench.process.kill()
    operator = bench.operator.address
    chain = LocalChain(tmp_path / "rebuilt", bench.world.relay_key.address, operator=operator)
    await chain.start(history_of(bench.store.outbox), checkpoints_of(bench.store.log, bench.log.chain))
    try:
        bench.world.access.rpc.url = bench.rpc.url = chain.rpc_url
        after = [(one.checkpoint.size, one.checkpoint.block_time) for one in await bench.log.chain.checkpoints(None)]
        assert [size for size, _ in after] == [size for size, _ in before]
        # The contracts were created in blocks that shared a second, which a rebuilt chain's do not: that much later.
        shared = int(await bench.rpc.call("eth_blockNumber"), 16)
        assert all(0 <= new - old < shared for (_, old), (_, new) in zip(before, after, strict=True))
        await bench.settle()
        assert await bench.verdict() is Verdict.VERIFIED
    finally:
        await chain.stop()
