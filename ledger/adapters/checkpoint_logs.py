"""
Reads the checkpoints of one `EventLog` from a chain node, page by page: `ports_monitor.CheckpointSource`.

A node may cut long ranges, answer from another branch while it is read, or leave logs out. So a range that it refuses
is halved; the head has to be the same block before and after; each checkpoint has to extend the one before it, and the
last one to be what the contract itself has at the head. Source: EIP-1474, EIP-1898. Raises `ChainUnavailable` where the
node does not answer or contradicts itself, `WrongChain` where it is on another chain or has no such contract.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from ledger.adapters.contract_calls import CHECKPOINT, decode_words, encode_call
from ledger.adapters.json_rpc import JsonRpc, RpcError
from ledger.domain.errors import ChainUnavailable, WrongChain
from ledger.domain.log.anchors import Anchor, ChainView
from ledger.domain.log.contract import LogContract
from ledger.domain.merkle import TreeHash

_ATTEMPTS = 3
_PAGE = 10_000
"""Blocks of a first page."""


class CheckpointLogs:
    """The contract as one node shows it; used by one event loop."""

    def __init__(self, rpc: JsonRpc, contract: LogContract, page: int = _PAGE) -> None:
        self._rpc = rpc
        self._contract = contract
        self._page = page

    @property
    def name(self) -> str:
        """The node's address."""
        return self._rpc.url

    @property
    def first_block(self) -> int:
        """As the deployment record says."""
        return self._contract.first_block

    async def read(self, since: int) -> ChainView:
        """See `CheckpointSource.read`."""
        try:
            return await self._read(since)
        except RpcError as error:
            raise ChainUnavailable(f"{self.name} refuses to say: {error}") from error
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise ChainUnavailable(f"{self.name} does not answer as a node does: {error!r:.200}") from error

    async def _read(self, since: int) -> ChainView:
        why = ""
        for _ in range(_ATTEMPTS):
            head = await self._checked_head()
            number, at = int(head["number"], 16), {"blockHash": head["hash"]}
            call = {"to": "0x" + self._contract.address.hex(), "data": "0x" + encode_call("checkpoint", [], []).hex()}
            words = _bytes(await self._rpc.call("eth_call", call, at))
            size, root, time = decode_words(["uint64", "bytes32", "uint64"], words, "checkpoint")
            anchors = tuple(_anchor(log) for log in await self._logs(since, number) if not log.get("removed"))
            again = await self._rpc.call("eth_getBlockByNumber", head["number"], False)
            if again is None or again["hash"] != head["hash"]:
                why = "reorganises faster than it can be read"
                continue
            if (why := _contradiction(anchors, size, root, since == self.first_block)) == "":
                return ChainView((self.name,), number, int(head["timestamp"], 16), size, time, anchors)
        raise ChainUnavailable(f"the chain at {self.name} {why}")

    async def _checked_head(self) -> Any:
        """The head, from a node that is on the right chain and has the contract."""
        address = "0x" + self._contract.address.hex()
        chain_id, head, code = await self._rpc.results([
            ("eth_chainId", []),
            ("eth_getBlockByNumber", ["latest", False]),
            ("eth_getCode", [address, "latest"]),
        ])  # fmt: skip
        if int(chain_id, 16) != self._contract.chain_id:
            raise WrongChain(f"{self.name} is chain {int(chain_id, 16)}, but the log is on {self._contract.chain_id}")
        if code in ("0x", None):
            raise WrongChain(f"{self.name} has no EventLog at {address}")
        return head

    async def _logs(self, first: int, last: int) -> list[Any]:
        logs: list[Any] = []
        page = self._page
        while first <= last:
            end = min(first + page, last + 1) - 1
            asked = {
                "fromBlock": hex(first),
                "toBlock": hex(end),
                "address": "0x" + self._contract.address.hex(),
                "topics": ["0x" + CHECKPOINT.hex()],
            }
            try:
                logs += await self._rpc.call("eth_getLogs", asked)
            except RpcError:
                if page == 1:
                    raise
                page = max(page // 2, 1)
                continue
            first = end + 1
        return logs


def _contradiction(anchors: tuple[Anchor, ...], size: int, root: bytes, is_whole: bool) -> str:
    """Whether checkpoints are missing, as far as the contract's own state and their previous sizes tell."""
    for before, after in pairwise(anchors):
        if after.previous_size != before.size:
            return f"leaves out checkpoints between sizes {before.size} and {after.previous_size}"
    if anchors and (anchors[-1].size, anchors[-1].root) != (size, root):
        return f"shows size {anchors[-1].size} as the last checkpoint, but its contract has size {size}"
    if is_whole and not anchors:
        return f"shows no checkpoint, but its contract has size {size}"
    return ""


def _anchor(log: Any) -> Anchor:
    root, previous = decode_words(["bytes32", "uint64"], _bytes(log["data"]), "Checkpoint")
    return Anchor(
        size=int(log["topics"][1], 16),
        root=TreeHash(root),
        previous_size=previous,
        block_number=int(log["blockNumber"], 16),
        block_hash=_bytes(log["blockHash"]),
        transaction=_bytes(log["transactionHash"]),
        log_index=int(log["logIndex"], 16),
    )


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:])
