"""Whose word a certificate is: the browser's verifier and Python's say the same of papers, promises and certifiers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from chain_fixtures import SystemClock
from proof_world import ProofWorld
from proof_world_lots import LOTS
from web_library import verify_all

from ledger.adapters.evm_chain import EvmChain
from ledger.adapters.json_rpc import JsonRpc
from ledger.adapters.networks import local_network
from ledger.adapters.pinned import pinned_json
from ledger.domain.bundle import bundle_to_json, read_bundle
from ledger.domain.bundle.values import BundleChain
from ledger.services.verify_bundle import Verification, verify_bundle

pytestmark = pytest.mark.chain


async def in_python(world: ProofWorld, text: str) -> Verification:
    """What the command line finds."""
    pinned, rpc = world.deployment.pinned, JsonRpc(world.rpc_url)
    node = EvmChain(rpc, pinned, local_network().network, SystemClock())
    chain = BundleChain(pinned.chain_id, pinned.registry, pinned.ledger, pinned.log)
    try:
        return await verify_bundle(read_bundle(text.encode()), [node], chain, single_operator=True)
    finally:
        await rpc.close()


@pytest.mark.parametrize(("name", "is_supplied"), [("issued", False), ("supplied", True)])
async def test_only_what_its_issuer_did_not_sign_is_supplied(
    proof_world: ProofWorld, verifier: Path, name: str, is_supplied: bool
) -> None:
    text = json.dumps(bundle_to_json(proof_world.bundle(name)))
    record = {**pinned_json(proof_world.deployment.pinned), "confirmations": local_network().network.confirmations}
    (found,) = verify_all(verifier, [{"text": text, "nodes": [proof_world.rpc_url], "deployment": record}])
    expected = await in_python(proof_world, text)
    told = {one.code.value: list(map(int, one.parties)) for one in expected.judgement.qualifiers}
    assert {one["code"]: one["parties"] for one in found["qualifiers"]} == told
    assert ("supplied" in told) is is_supplied
    assert (found["verdict"], expected.verdict.value) == ("verified", "verified")
    by_issuer = [one.by_issuer for one in expected.judgement.events if "silkroot:certificate" in one.body]
    assert by_issuer == [not is_supplied] * 2
    assert LOTS[name].code in text
