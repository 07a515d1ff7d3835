"""
What `EventLog` has done: which checkpoint covered an entry first, and who its operator was when.

Reads the contract's logs in ranges of blocks, as nodes limit them, beginning where the clock of the chain says it has
to be. Raises `ChainUnavailable` and `WrongChain` as `evm_chain` does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from eth_hash.auto import keccak

from ledger.adapters.contract_calls import CHECKPOINT, decode_words
from ledger.adapters.evm_chain import Contracts, EvmChain, sensible
from ledger.adapters.json_rpc import JsonRpc
from ledger.adapters.networks import Network
from ledger.domain.errors import ChainUnavailable
from ledger.domain.merkle import TreeHash
from ledger.domain.records import BlockMark, ChainCheckpoint
from ledger.ports import Clock, LogHistory, LogQuestion

OWNERSHIP_TRANSFERRED = keccak(b"OwnershipTransferred(address,address)")
"""Topics: this, previous owner, new owner."""
BLOCKS_PER_CALL = 10_000
_SLACK_SECONDS = 3600
"""How far the service's clock may be ahead of the chain's."""


class EvmLogHistory:
    """Implements `ports.LogNode`. Used by one event loop."""

    def __init__(self, rpc: JsonRpc, contracts: Contracts, network: Network, clock: Clock) -> None:
        self._rpc = rpc
        self._contracts = contracts
        self._chain = EvmChain(rpc, contracts, network, clock)

    @property
    def url(self) -> str:
        """The node's address."""
        return self._rpc.url

    async def head(self) -> BlockMark:
        """The newest block of a node that is on the right chain and has the contracts."""
        return await self._chain.head()

    async def history_at(self, question: LogQuestion, number: int) -> tuple[BlockMark, LogHistory]:
        """Answers as of the block of that number."""
        with sensible(self.url):
            block = await self._block(number)
            operator = await self._operator(question.time, number)
            covering = await self._covering(question.index, question.time, number)
            under = await self._of_size(question.size, number) if question.size is not None else None
            again = await self._block(number)
            if again["hash"] != block["hash"]:
                raise ChainUnavailable(f"the chain at {self.url} reorganises faster than it can be read")
        mark = BlockMark(number, bytes.fromhex(block["hash"][2:]), int(block["timestamp"], 16))
        return mark, LogHistory(covering, operator, under)

    async def _operator(self, time: int, head: int) -> bytes | None:
        """The owner at that time: the last one that the contract passed to by then."""
        owner = None
        async for log in self._logs([["0x" + OWNERSHIP_TRANSFERRED.hex()]], self._contracts.first_block, head):
            block = await self._block(int(log["blockNumber"], 16))
            if int(block["timestamp"], 16) <= time:
                owner = bytes.fromhex(log["topics"][2][-40:])
        return owner

    async def _covering(self, index: int, time: int, head: int) -> ChainCheckpoint | None:
        start = await self._first_since(time - _SLACK_SECONDS, head)
        for first, last in ((start, head), (self._contracts.first_block, start - 1)):
            async for log in self._logs(["0x" + CHECKPOINT.hex()], first, last):
                checkpoint = await self._checkpoint(log)
                if checkpoint.previous_size <= index < checkpoint.size:
                    return checkpoint
                if checkpoint.previous_size > index:
                    break
        return None

    async def _of_size(self, size: int, head: int) -> ChainCheckpoint | None:
        topics = ["0x" + CHECKPOINT.hex(), f"0x{size:064x}"]
        async for log in self._logs(topics, self._contracts.first_block, head):
            return await self._checkpoint(log)
        return None

    async def _first_since(self, time: int, head: int) -> int:
        """The number of the first block of that time or later, by halving; blocks are in the order of their times."""
        low, high = self._contracts.first_block, head
        while low < high:
            middle = (low + high) // 2
            if int((await self._block(middle))["timestamp"], 16) < time:
                low = middle + 1
            else:
                high = middle
        return low

    async def _logs(self, topics: list[Any], first: int, last: int) -> AsyncIterator[Mapping[str, Any]]:
        for start in range(first, last + 1, BLOCKS_PER_CALL):
            end = min(start + BLOCKS_PER_CALL - 1, last)
            asked = {
                "fromBlock": hex(start), "toBlock": hex(end), "address": "0x" + self._contracts.log.hex(),
                "topics": topics,
            }  # fmt: skip
            for log in await self._rpc.call("eth_getLogs", asked):
                yield log

    async def _block(self, number: int) -> Any:
        block = await self._rpc.call("eth_getBlockByNumber", hex(number), False)
        if block is None:
            raise ChainUnavailable(f"the chain at {self.url} has no block {number}")
        return block

    async def _checkpoint(self, log: Mapping[str, Any]) -> ChainCheckpoint:
        root, previous = decode_words(["bytes32", "uint64"], bytes.fromhex(log["data"][2:]), "Checkpoint")
        number = int(log["blockNumber"], 16)
        return ChainCheckpoint(
            size=int(log["topics"][1], 16),
            root=TreeHash(root),
            previous_size=previous,
            block_number=number,
            block_time=int((await self._block(number))["timestamp"], 16),
            transaction=bytes.fromhex(log["transactionHash"][2:]),
            log_index=int(log["logIndex"], 16),
        )
