"""
Python and Solidity accept the same signatures, of both schemes: each good one and thousands of mutated ones are put to
`PartyRegistry.requireSigned` on a real chain and to `signatures.verify`, and the answers are equal.
"""

from __future__ import annotations

import random

import pytest
from chain_fixtures import ChainWorld, TestKey
from signature_vectors import mutations
from signing_keys import P256Key, SigningKey, p256_key, signing_key

from ledger.adapters.contract_calls import encode_call, selector
from ledger.adapters.json_rpc import RpcError
from ledger.domain.identifiers import Digest, PartyId
from ledger.domain.master_data import Role
from ledger.domain.signatures import verify

pytestmark = pytest.mark.chain

SEED = 51
RANDOM_MUTATIONS = 700
PARTIES = {PartyId(9520000000042): signing_key(0x51), PartyId(9520000000059): p256_key(0x51)}
INVALID = selector("InvalidSignature(bytes32)")


def mutated(good: bytes, chosen: random.Random) -> bytes:
    """The signature with something wrong, or by chance with nothing wrong."""
    data = bytearray(good)
    match chosen.randrange(4):
        case 0:
            data[chosen.randrange(len(data))] ^= 1 << chosen.randrange(8)
        case 1:
            start = 32 * chosen.randrange(len(data) // 32)
            data[start : start + 32] = chosen.choice([bytes(32), b"\xff" * 32, bytes(31) + b"\1", good[:32]])
        case 2:
            del data[chosen.randrange(len(data)) :]
        case _:
            data += chosen.randbytes(chosen.randrange(3))
    return bytes(data)


async def test_python_and_solidity_accept_the_same_signatures(chain_world: ChainWorld) -> None:
    for party, key in PARTIES.items():
        chain_world.keys[party] = TestKey(key.secret, key.scheme)
        chain_world.queue(chain_world.admission(party, Role.CARRIER))
    await chain_world.settle()
    chosen = random.Random(SEED)
    accepted = 0
    for party, key in PARTIES.items():
        digest = Digest(chosen.randbytes(32))
        good = key.sign(digest)
        asked = [good, *(bad for _, bad in mutations(key, digest))]
        asked += [mutated(good, chosen) for _ in range(RANDOM_MUTATIONS)]
        answers = await required(chain_world, party, key, digest, asked)
        for signature, answer in zip(asked, answers, strict=True):
            assert answer == verify(digest, key.id, key.scheme, signature), (key.scheme, signature.hex())
        assert answers[0]
        accepted += sum(answers)
    assert accepted < RANDOM_MUTATIONS // 2


async def required(
    world: ChainWorld, party: PartyId, key: SigningKey | P256Key, digest: Digest, signatures: list[bytes]
) -> list[bool]:
    """What the registry says to each; another refusal than of the signature itself is an error of this test."""
    registry = "0x" + world.access.deployment.registry.hex()
    types = ["bytes32", "bytes32", "uint64", "uint16", "bytes"]
    calls = [
        (
            "eth_call",
            [
                {
                    "to": registry,
                    "data": "0x" + encode_call("requireSigned", types, [digest, key.id, party, 0, signature]).hex(),
                },
                "latest",
            ],
        )
        for signature in signatures
    ]
    answers = []
    for start in range(0, len(calls), 100):
        for answer in await world.access.rpc.batch(calls[start : start + 100]):
            if isinstance(answer, RpcError):
                assert answer.data[:4] == INVALID, answer
            answers.append(not isinstance(answer, RpcError))
    return answers
