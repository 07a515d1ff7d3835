"""The committed EventLog on a real chain takes what Python proves, and nothing else; both tell the same of an entry."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from chain_fixtures import fund
from eth_abi.abi import encode
from merkle_vectors import log_entry

from ledger.adapters import artifacts
from ledger.adapters.contract_calls import ErrorNames, decode_words, encode_call
from ledger.adapters.json_rpc import JsonRpc, RpcError
from ledger.domain.identifiers import ContentHash
from ledger.domain.merkle import (
    EMPTY_ROOT,
    PerfectSubtrees,
    SignatureHash,
    TreeHash,
    consistency_proof,
    event_leaf,
    inclusion_proof,
    root_of,
    verify_inclusion,
)

pytestmark = pytest.mark.chain

MOST = 3_000
ENTRIES = [(ContentHash(content), SignatureHash(signature)) for content, signature in map(log_entry, range(MOST))]
TREE = PerfectSubtrees.of([event_leaf(*entry) for entry in ENTRIES])
Proof = Sequence[TreeHash]


class DeployedLog:
    """The contract and its operator, whose account Anvil lends."""

    def __init__(self, rpc: JsonRpc) -> None:
        self.rpc, self.operator, self.address = rpc, secrets.token_bytes(20), ""
        self.errors = ErrorNames([artifacts.load("EventLog").abi])

    async def deploy(self) -> None:
        await self.rpc.call("anvil_impersonateAccount", "0x" + self.operator.hex())
        arguments = encode(["address", "address"], [self.operator, bytes(20)])
        receipt = await self.send(None, artifacts.load("EventLog").bytecode + arguments)
        self.address = receipt["contractAddress"]

    async def send(self, to: str | None, data: bytes) -> Any:
        transaction = {"from": "0x" + self.operator.hex(), "data": "0x" + data.hex(), "gas": hex(2_000_000)}
        name = await self.rpc.call("eth_sendTransaction", transaction | ({"to": to} if to else {}))
        while (receipt := await self.rpc.call("eth_getTransactionReceipt", name)) is None:  # noqa: ASYNC110  (a chain cannot call us)
            await asyncio.sleep(0.05)
        return receipt

    async def ask(self, data: bytes) -> bytes:
        call = {"from": "0x" + self.operator.hex(), "to": self.address, "data": "0x" + data.hex()}
        return bytes.fromhex((await self.rpc.call("eth_call", call, "latest"))[2:])

    async def extend(self, size: int, root: TreeHash, proof: Proof) -> str:
        """The refusal's description, or nothing once it stands."""
        data = encode_call("extend", ["uint64", "bytes32", "bytes32[]"], [size, root, list(proof)])
        try:
            await self.ask(data)
        except RpcError as refusal:
            return self.errors.describe(refusal.data)
        assert (await self.send(self.address, data))["status"] == "0x1"
        return ""

    async def checkpoint(self) -> tuple[int, bytes]:
        size, root, _ = decode_words(
            ["uint64", "bytes32", "uint64"], await self.ask(encode_call("checkpoint", [], [])), "checkpoint"
        )
        return size, root

    async def includes(self, index: int, at: int, proof: Proof) -> bool:
        types = ["bytes32", "bytes32", "uint64", "bytes32[]"]
        answer = await self.ask(encode_call("includes", types, [*ENTRIES[index], at, list(proof)]))
        return bool(int.from_bytes(answer, "big"))


@pytest.fixture
async def log(anvil_url: str) -> AsyncIterator[DeployedLog]:
    rpc = JsonRpc(anvil_url)
    deployed = DeployedLog(rpc)
    await fund(anvil_url, deployed.operator)
    await deployed.deploy()
    yield deployed
    await rpc.close()


async def test_the_code_on_chain_is_the_artifacts(log: DeployedLog) -> None:
    code = await log.rpc.call("eth_getCode", log.address, "latest")
    assert artifacts.load("EventLog").is_code_at(bytes.fromhex(code[2:]))
    assert await log.checkpoint() == (0, EMPTY_ROOT)


async def test_a_log_that_grows_at_random_takes_pythons_proofs_and_refuses_altered_ones(log: DeployedLog) -> None:
    rng, size = random.Random(6962), 0
    for later in sorted(rng.sample(range(1, MOST + 1), 15)):
        root, proof = root_of(later, TREE.node), list(consistency_proof(size, later, TREE.node))
        if proof:
            place = rng.randrange(len(proof))
            other = TreeHash(rng.randbytes(32))
            assert await log.extend(later, root, [*proof[:place], other, *proof[place + 1 :]])
            assert "WrongProofLength" in await log.extend(later, root, [*proof, other])
            assert "WrongProofLength" in await log.extend(later, root, proof[:-1])
            assert "WrongRoot" in await log.extend(later, other, proof)
        assert await log.extend(later, root, proof) == ""
        assert await log.checkpoint() == (later, root)
        assert "SizeNotGrowing" in await log.extend(later, root, ())
        size = later

        for index in (0, rng.randrange(size), size - 1):
            path = inclusion_proof(index, size, TREE.node)
            assert await log.includes(index, index, path)
            for wrong in (rng.randrange(size + 2), rng.randrange(size + 2)):
                assert await log.includes(index, wrong, path) is verify_inclusion(
                    event_leaf(*ENTRIES[index]), wrong, path, size, root
                )
