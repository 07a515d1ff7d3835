"""
`EventLog` on an Ethereum chain, and the operator's account that extends it; implements `ledger.ports_log.LogChain`.

Raises `ChainUnavailable`, and `WrongChain` where the node is on another chain or has no log at the address.
"""

from __future__ import annotations

from typing import Any

from ledger.adapters import artifacts
from ledger.adapters.contract_calls import CHECKPOINT, ErrorNames, decode_words, encode_call
from ledger.adapters.creation import LOG
from ledger.adapters.evm_relay import EvmRelay
from ledger.adapters.json_rpc import JsonRpc, RpcError
from ledger.adapters.networks import Network
from ledger.domain.errors import ChainError, ChainUnavailable, WrongChain
from ledger.domain.merkle import TreeHash
from ledger.domain.records import ChainCheckpoint
from ledger.ports_log import AnchoredCheckpoint, Extension, LogChainHead
from ledger.ports_outbox import SendResult

_GAS_BASE = 120_000
_GAS_PER_HASH = 4_000
"""Hashing two nodes and one hash of calldata, at the floor of EIP-7623; see docs/adr/0060."""


class EvmLog:
    """`key`: the operator's private key, 32 bytes; `contract`: the log's 20-byte address; `first_block`: its first."""

    def __init__(
        self, rpc: JsonRpc, network: Network, chain_id: int, key: bytes, contract: bytes, first_block: int
    ) -> None:
        self._rpc = rpc
        self._account = EvmRelay(rpc, network, chain_id, key, bytes(20), bytes(20), ())
        self._contract = contract
        self._first_block = first_block
        self._network = network
        self._errors = ErrorNames([artifacts.load(LOG).abi])

    @property
    def address(self) -> bytes:
        """The operator's address, 20 bytes."""
        return self._account.address

    @property
    def confirmations(self) -> int:
        """See the port."""
        return self._network.confirmations

    @property
    def max_fee(self) -> int:
        """See the port."""
        return self._network.max_fee

    @property
    def stuck_after_blocks(self) -> int:
        """See the port."""
        return self._network.stuck_after_blocks

    async def head(self) -> LogChainHead:
        """See the port."""
        head = await self._account.head()
        call = {"to": _hex(self._contract), "data": _hex(encode_call("checkpoint", [], []))}
        try:
            answer = await self._rpc.call("eth_call", call, {"blockHash": _hex(head.block.hash)})
        except RpcError as error:
            raise ChainUnavailable(f"the log on chain does not say its checkpoint: {error}") from error
        if answer in ("0x", None):
            raise WrongChain(f"{self._rpc.url} has no EventLog at {_hex(self._contract)}")
        size, root, _ = decode_words(["uint64", "bytes32", "uint64"], _bytes(answer), "checkpoint")
        return LogChainHead(head.block, head.nonce, size, TreeHash(root))

    async def block_hash(self, number: int) -> bytes | None:
        """See the port."""
        return await self._account.block_hash(number)

    async def checkpoints(self, first_block: int | None) -> list[AnchoredCheckpoint]:
        """See the port."""
        first = self._first_block if first_block is None else first_block
        wanted = {
            "fromBlock": hex(first),
            "toBlock": "latest",
            "address": _hex(self._contract),
            "topics": [_hex(CHECKPOINT)],
        }
        logs = await self._rpc.call("eth_getLogs", wanted)
        hashes = sorted({log["blockHash"] for log in logs})
        blocks = await self._rpc.results([("eth_getBlockByHash", [one, False]) for one in hashes])
        if any(block is None for block in blocks):
            raise ChainUnavailable(f"the chain at {self._rpc.url} reorganised while it was read")
        times = {block["hash"]: int(block["timestamp"], 16) for block in blocks}
        found = [_anchored(log, times[log["blockHash"]]) for log in logs]
        return sorted((one for one in found if one.checkpoint.size), key=lambda one: one.checkpoint.size)

    async def obstacle(self, extension: Extension, max_fee: int) -> str:
        """See the port."""
        gas = _gas(extension)
        account = _hex(self.address)
        call = {"from": account, "to": _hex(self._contract), "data": _hex(_call(extension)), "gas": hex(gas)}
        balance, owner, simulated = await self._rpc.batch([
            ("eth_getBalance", [account, "latest"]),
            ("eth_call", [{"to": _hex(self._contract), "data": _hex(encode_call("owner", [], []))}, "latest"]),
            ("eth_call", [{**call, "gasPrice": "0x0"}, "latest"]),
        ])  # fmt: skip
        for answer in (balance, owner):
            if isinstance(answer, RpcError):
                raise ChainUnavailable(f"the chain does not say who may extend the log: {answer}") from answer
        if _bytes(owner)[-20:] != self.address:
            return (
                f"the operator of the log on chain is 0x{_bytes(owner)[-20:].hex()}, and the key here is of {account}"
            )
        if int(balance, 16) < gas * max_fee:
            return f"the log's operator account {account} has too little to pay gas with"
        if isinstance(simulated, RpcError):
            return f"the log on chain refuses the checkpoint: {self._errors.describe(simulated.data)}"
        return ""

    async def fee(self) -> int:
        """See the port."""
        return await self._account.fee()

    async def extend(self, extension: Extension, nonce: int, max_fee: int) -> tuple[SendResult, str]:
        """See the port."""
        return await self._account.send(self.signed(extension, nonce, max_fee))

    def signed(self, extension: Extension, nonce: int, max_fee: int) -> bytes:
        """The raw transaction; the same bytes for the same arguments (RFC 6979)."""
        return self._account.sign_call(nonce, self._contract, _call(extension), _gas(extension), max_fee).raw


def _call(extension: Extension) -> bytes:
    types = ["uint64", "bytes32", "bytes32[]"]
    return encode_call("extend", types, [extension.size, extension.root, list(extension.proof.hashes)])


def _gas(extension: Extension) -> int:
    return _GAS_BASE + _GAS_PER_HASH * len(extension.proof.hashes)


def _anchored(log: Any, time: int) -> AnchoredCheckpoint:
    try:
        root, previous = decode_words(["bytes32", "uint64"], _bytes(log["data"]), "Checkpoint")
        checkpoint = ChainCheckpoint(
            size=int(log["topics"][1], 16),
            root=TreeHash(root),
            previous_size=previous,
            block_number=int(log["blockNumber"], 16),
            block_time=time,
            transaction=_bytes(log["transactionHash"]),
            log_index=int(log["logIndex"], 16),
        )
    except (KeyError, IndexError, ValueError) as error:
        raise ChainError(f"not a log of EventLog: {log!r:.200}") from error
    return AnchoredCheckpoint(checkpoint, _bytes(log["blockHash"]))


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:])
