"""Acknowledgements of a `proof_world`, signed by its log's operator, as files."""

from __future__ import annotations

import json

from chain_fixtures import TestKey
from proof_world import ProofWorld

from ledger.adapters.json_rpc import JsonRpc
from ledger.domain.identifiers import ContentHash
from ledger.domain.log.acknowledgement_batches import BatchPlace, batch_digest
from ledger.domain.log.acknowledgement_json import SignedAcknowledgement, acknowledgement_to_json
from ledger.domain.log.acknowledgements import Acknowledgement, acknowledgement_digest
from ledger.domain.merkle import PerfectSubtrees, SignatureHash, event_leaf, inclusion_proof


def receipt_text(
    world: ProofWorld, index: int, *, signature_hash: SignatureHash | None = None, time: int = 0, deadline: int = 0,
    signer: TestKey | None = None, former: bool = False, **changed: object,
) -> bytes:  # fmt: skip
    """
    The acknowledgement of that entry, signed by the operator unless told: for a batch of the entries around it, or
    (`former`) for it alone. `signature_hash`: that of another proof than the entry has.
    """
    log = world.log
    content = next((one for one, at in log.indexes.items() if at == index), ContentHash(bytes(32)))
    there = log.signature_hashes[index] if index < len(log.leaves) else SignatureHash(bytes(32))
    leaf = event_leaf(content, signature_hash or there)
    told = Acknowledgement(index, content, leaf, time, deadline)
    place, domain = None, world.deployment.log_domain
    digest = acknowledgement_digest(domain, told)
    if not former:
        first = max(0, index - 2)
        leaves = [*log.leaves[first:index], leaf, *log.leaves[index + 1 : index + 3]]
        path = inclusion_proof(index - first, len(leaves), PerfectSubtrees.of(leaves).node)
        place = BatchPlace(signature_hash or there, first, len(leaves), path)
        digest = batch_digest(domain, place.batch_of(told))
    signature = (signer or world.operator).sign(digest)
    signed = SignedAcknowledgement(domain.chain_id, domain.contract, told, signature, place)
    return json.dumps(acknowledgement_to_json(signed) | changed).encode()


async def moments(world: ProofWorld) -> tuple[int, int, int]:
    """The times of the first and the second checkpoint, and of the head."""
    rpc = JsonRpc(world.rpc_url)
    blocks = [hex(block) for _, _, block in world.log.checkpoints]
    times = [await rpc.call("eth_getBlockByNumber", block, False) for block in (*blocks, "latest")]
    await rpc.close()
    first, second, head = (int(block["timestamp"], 16) for block in times)
    return first, second, head
