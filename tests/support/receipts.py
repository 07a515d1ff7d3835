"""Acknowledgements of a `proof_world`, signed by its log's operator, as files."""

from __future__ import annotations

import json

from chain_fixtures import TestKey
from proof_world import ProofWorld

from ledger.adapters.json_rpc import JsonRpc
from ledger.domain.identifiers import ContentHash
from ledger.domain.log.acknowledgements import Acknowledgement, acknowledgement_digest
from ledger.domain.merkle import TreeHash


def receipt_text(
    world: ProofWorld, index: int, *, leaf: TreeHash | None = None, time: int = 0, deadline: int = 0,
    signer: TestKey | None = None, **changed: object,
) -> bytes:  # fmt: skip
    """The acknowledgement of that entry, signed by the operator unless told."""
    content = next((one for one, at in world.log.indexes.items() if at == index), ContentHash(bytes(32)))
    there = world.log.leaves[index] if index < len(world.log.leaves) else TreeHash(bytes(32))
    told = Acknowledgement(index, content, leaf or there, time, deadline)
    signature = (signer or world.operator).sign(acknowledgement_digest(world.deployment.log_domain, told))
    tree = {
        "format": "silkroot-receipt-1", "chainId": world.deployment.chain_id,
        "eventLog": "0x" + world.deployment.log.hex(), "logIndex": index, "contentHash": "0x" + content.hex(),
        "leafHash": "0x" + told.leaf_hash.hex(), "time": time, "mergeDeadline": deadline,
        "signature": "0x" + signature.hex(),
    }  # fmt: skip
    return json.dumps(tree | changed).encode()


async def moments(world: ProofWorld) -> tuple[int, int, int]:
    """The times of the first and the second checkpoint, and of the head."""
    rpc = JsonRpc(world.rpc_url)
    blocks = [hex(block) for _, _, block in world.log.checkpoints]
    times = [await rpc.call("eth_getBlockByNumber", block, False) for block in (*blocks, "latest")]
    await rpc.close()
    first, second, head = (int(block["timestamp"], 16) for block in times)
    return first, second, head
