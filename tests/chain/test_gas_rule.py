"""The relay's gas rule is the contracts': an entry gets what `allowanceOf` says; what is too large is known before."""

from __future__ import annotations

import pytest
from chain_fixtures import ChainWorld

from ledger.adapters.contract_calls import decode_words, encode_call
from ledger.domain.actions import EntryKind
from ledger.domain.entry_codec import join_signatures
from ledger.domain.identifiers import Digest, KeyId
from ledger.domain.records import EntryState
from ledger.ports_outbox import NewRow, SignedEntry, Target

pytestmark = pytest.mark.chain
KEY = KeyId(bytes(32))
ONE, P256 = bytes(65), bytes(128)
SIGNATURES = {
    "nobody": b"",
    "one": ONE,
    "p256": P256,
    "two": join_signatures(ONE, KEY, ONE),
    "two of p256": join_signatures(P256, KEY, P256),
}


@pytest.mark.parametrize("target", [Target.LEDGER, Target.REGISTRY])
@pytest.mark.parametrize("who", SIGNATURES)
@pytest.mark.parametrize("size", [96, 1_900])
async def test_a_transaction_brings_what_its_entries_are_allowed(
    chain_world: ChainWorld, target: Target, who: str, size: int
) -> None:
    signature = SIGNATURES[who]
    deployment, access = chain_world.access.deployment, chain_world.access
    contract = deployment.ledger if target is Target.LEDGER else deployment.registry
    call = encode_call("allowanceOf", ["uint256", "uint256"], [size, len(signature)])
    answer = await access.rpc.call("eth_call", {"to": "0x" + contract.hex(), "data": "0x" + call.hex()}, "latest")
    (allowance,) = decode_words(["uint256"], bytes.fromhex(answer[2:]), "allowanceOf")
    entry = SignedEntry(0, KEY, bytes(size), signature)
    one, two = access.relay.gas_bound(target, [entry]), access.relay.gas_bound(target, [entry] * 2)
    needed = allowance + allowance // 63 + 10_000
    assert needed <= two - one < needed + 40 * (size + len(signature)) + 40_000


@pytest.mark.parametrize(
    ("kind", "payload", "signature", "said"),
    [
        (EntryKind.PARTIAL_RECEIPT, 20_481, 0, "EntryTooLarge(size=20481, limit=20480)"),
        (EntryKind.SETTLEMENT, 24_577, 0, "EntryTooLarge(size=24577, limit=24576)"),
        (EntryKind.SETTLEMENT, 64, 417, "EntryTooLarge(size=417, limit=416)"),
    ],
)
async def test_what_is_too_large_is_refused_by_its_name(
    chain_world: ChainWorld, kind: EntryKind, payload: int, signature: int, said: str
) -> None:
    entry = SignedEntry(int(kind), KEY, bytes(payload), bytes(signature))
    fitting = SignedEntry(int(kind), KEY, bytes(payload - 1 if not signature else 64), bytes(max(signature - 1, 0)))
    relay = chain_world.access.relay
    assert await relay.simulate(Target.LEDGER, entry) == said
    assert not (await relay.simulate(Target.LEDGER, fitting)).startswith("EntryTooLarge")
    (row,) = chain_world.queue(NewRow(Target.LEDGER, entry, Digest(bytes(32)), None))
    await chain_world.settle()
    assert chain_world.states([row]) == [EntryState.REFUSED]
    assert chain_world.only(row).refusal == said
