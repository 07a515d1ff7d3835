"""A monitor beside a real EventLog on a real chain: an honest log is well, and each way to cheat is found."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from chain_fixtures import fund
from eth_abi.abi import encode
from log_site import LogSite
from published_logs import PublishedLog, entries_of

from ledger.adapters import artifacts
from ledger.adapters.contract_calls import encode_call
from ledger.adapters.json_rpc import JsonRpc
from ledger.domain.merkle import consistency_proof
from ledger.wiring_monitor import MonitorOptions, open_watch

pytestmark = pytest.mark.chain
HONEST = PublishedLog(entries_of(700))
OTHER = PublishedLog(entries_of(700, "other", same=150))
CONFIRMATIONS = 2


@dataclass
class Operator:
    """Deploys a log, extends it from an account of its own, and publishes whatever it likes beside it."""

    rpc: JsonRpc
    site: LogSite
    state: Path
    account: str
    contract: str = ""
    first_block: int = 0

    async def deploy(self) -> None:
        arguments = encode(["address", "address"], [bytes.fromhex(self.account[2:]), bytes(20)])
        receipt = await self._send({"data": "0x" + (artifacts.load("EventLog").bytecode + arguments).hex()})
        self.contract, self.first_block = receipt["contractAddress"], int(receipt["blockNumber"], 16)

    async def anchor(self, before: int, size: int, log: PublishedLog = HONEST) -> None:
        proof = list(consistency_proof(before, size, log.tree.node)) if before else []
        data = encode_call("extend", ["uint64", "bytes32", "bytes32[]"], [size, log.root(size), proof])
        receipt = await self._send({"to": self.contract, "data": "0x" + data.hex()})
        assert receipt["status"] == "0x1"
        await self.rpc.call("anvil_mine", hex(CONFIRMATIONS))

    def publish(self, size: int, log: PublishedLog = HONEST) -> None:
        record = {"chainId": 31337, "eventLog": self.contract, "firstBlock": self.first_block}
        self.site.files = {**log.files(size), "deployment.json": json.dumps(record).encode()}

    async def look(self) -> tuple[str, list[str], Any]:
        """One round, as the command makes it, from the state that the last one left: result, kinds of alarms, all."""
        nodes = (self.rpc.url,)
        options = MonitorOptions(self.site.url, nodes, state=self.state, confirmations=CONFIRMATIONS)
        async with open_watch(options) as watch:
            report = (await watch.round()).to_json()
        return report["result"], [one["kind"] for one in report["alarms"]], report

    async def _send(self, transaction: dict[str, str]) -> Any:
        name = await self.rpc.call("eth_sendTransaction", {"from": self.account, "gas": hex(2_000_000), **transaction})
        while (receipt := await self.rpc.call("eth_getTransactionReceipt", name)) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        return receipt


@pytest.fixture
async def operator(anvil_url: str, tmp_path: Path) -> AsyncIterator[Operator]:
    """An operator whose log of 300 entries was anchored twice, published, and seen."""
    account = secrets.token_bytes(20)
    await fund(anvil_url, account)
    rpc = JsonRpc(anvil_url)
    with LogSite() as site:
        operator = Operator(rpc, site, tmp_path / "state.json", "0x" + account.hex())
        await rpc.call("anvil_impersonateAccount", operator.account)
        await operator.deploy()
        await operator.anchor(0, 100)
        await operator.anchor(100, 300)
        operator.publish(300)
        result, kinds, report = await operator.look()
        assert (result, kinds, report["reasons"]) == ("well", [], [])
        assert (report["verified"]["size"], report["chain"]["size"]) == (300, 300)
        yield operator
    await rpc.close()


async def test_an_honest_log_is_well_over_several_checkpoints(operator: Operator) -> None:
    for before, size in ((300, 301), (301, 512), (512, 700)):
        await operator.anchor(before, size)
        operator.publish(size)
        result, kinds, report = await operator.look()
        assert (result, kinds, report["verified"]["root"]) == ("well", [], HONEST.root(size).hex())
    assert json.loads(operator.state.read_bytes())["watched"]["mark"]["size"] == 700


async def test_another_tree_for_the_same_size(operator: Operator) -> None:
    operator.publish(300, OTHER)
    result, kinds, report = await operator.look()
    assert (result, kinds) == ("alarm", ["fork", "chain-differs"])
    assert report["alarms"][1]["evidence"]["onChain"] == HONEST.root(300).hex()
    operator.publish(600, OTHER)
    assert (await operator.look())[:2] == ("alarm", ["fork"])


async def test_a_tile_that_is_withheld_and_a_log_that_goes_back(operator: Operator) -> None:
    await operator.anchor(300, 600)
    operator.publish(600)
    operator.site.files = {path: one for path, one in operator.site.files.items() if path != "log/tile/0/001"}
    assert (await operator.look())[:2] == ("alarm", ["withheld"])
    operator.publish(600)
    assert (await operator.look())[:2] == ("well", [])
    operator.site.files = {**operator.site.files, "log/checkpoint": HONEST.note(300)}
    assert (await operator.look())[:2] == ("alarm", ["rollback"])


async def test_another_root_on_chain_than_the_one_that_is_published(operator: Operator) -> None:
    # The contract takes it: it is a tree that begins with the 300 entries, only not the one that is published.
    other = PublishedLog(entries_of(700, "other", same=300))
    await operator.anchor(300, 500, other)
    operator.publish(500)
    result, kinds, report = await operator.look()
    assert (result, kinds) == ("alarm", ["chain-differs"])
    evidence = report["alarms"][0]["evidence"]
    assert (evidence["onChain"], evidence["published"]) == (other.root(500).hex(), HONEST.root(500).hex())


async def test_a_chain_that_lost_a_final_checkpoint(operator: Operator) -> None:
    snapshot = await operator.rpc.call("evm_snapshot")
    await operator.anchor(300, 600)
    operator.publish(600)
    assert (await operator.look())[:2] == ("well", [])
    await operator.rpc.call("evm_revert", snapshot)
    await operator.rpc.call("anvil_mine", hex(20))
    result, kinds, _ = await operator.look()
    assert (result, kinds) == ("alarm", ["rollback"])
