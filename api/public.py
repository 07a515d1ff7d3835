"""The public pages of a ledger: hands `create_app` what its routes need."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.types import ASGIApp

from api.app import create_app
from api.dependencies import ChainHealth, Health, Services
from ledger.adapters.deployment import Deployment
from ledger.adapters.networks import confirmations_by_name
from ledger.adapters.rpc_forward import RpcForward
from ledger.domain.errors import ChainError
from ledger.domain.records import ChainQuestion
from ledger.services.rpc_gate import RpcGate
from ledger.services.rpc_policy import RpcPolicy
from ledger.services.token_buckets import TokenBuckets
from ledger.wiring import Ledger

RPC_BURST, RPC_PER_SECOND = 2_000, 100.0
"""JSON-RPC calls that one address may make at once, and then each second: a lot of twenty events needs some sixty."""


def public_app(ledger: Ledger) -> ASGIApp:
    """The application that the public port serves; it only reads."""

    async def health() -> Health:
        return await health_of(ledger)

    deployment = ledger.chain.deployment
    gate = RpcGate(
        RpcForward(lambda: ledger.chain.rpc.url),
        RpcPolicy(frozenset({deployment.registry, deployment.ledger, deployment.log})),
        TokenBuckets(ledger.clock, burst=RPC_BURST, per_second=RPC_PER_SECOND),
    )
    return create_app(
        Services(
            story=ledger.story,
            store=ledger.store,
            public_url=ledger.settings.url,
            health=health,
            rpc=gate,
            contracts=contracts_json(deployment),
            confirmations=confirmations_by_name(),
        )
    )


def contracts_json(deployment: Deployment) -> dict[str, Any]:
    """The part of a deployment record that anybody may pin to check proofs with."""
    return {
        "format": "silkroot-deployment-3",
        "network": deployment.network,
        "chainId": deployment.chain_id,
        "partyRegistry": "0x" + deployment.registry.hex(),
        "produceLedger": "0x" + deployment.ledger.hex(),
        "eventLog": "0x" + deployment.log.hex(),
        "firstBlock": deployment.first_block,
    }


async def health_of(ledger: Ledger) -> Health:
    """Which chain answers, how many entries it has yet to confirm; never raises for a chain that is down."""
    counts = await asyncio.to_thread(ledger.store.outbox.counts)
    try:
        facts = await ledger.chain.reader.facts(ChainQuestion())
    except ChainError as error:
        return Health(None, str(error))
    contracts = {"PartyRegistry": "0x" + facts.registry.hex(), "ProduceLedger": "0x" + facts.ledger.hex()}
    return Health(ChainHealth(facts.chain_id, facts.head, contracts, lag=counts.queued + counts.sent))
