"""The public pages of a ledger: hands `create_app` what its routes need."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp

from api.app import create_app
from api.dependencies import ChainHealth, Health, Services
from ledger.adapters.pinned import pinned_json
from ledger.domain.errors import ChainError
from ledger.domain.records import ChainQuestion
from ledger.wiring import Ledger


def public_app(ledger: Ledger) -> ASGIApp:
    """The application that the public port serves; it only reads."""

    async def health() -> Health:
        return await health_of(ledger)

    services = Services(
        story=ledger.story,
        store=ledger.store,
        public_url=ledger.settings.url,
        health=health,
        proofs=ledger.proofs(),
        deployment=pinned_json(ledger.chain.deployment.pinned),
    )
    return create_app(services)


async def health_of(ledger: Ledger) -> Health:
    """Which chain answers, how many entries it has yet to confirm; never raises for a chain that is down."""
    counts = await asyncio.to_thread(ledger.store.outbox.counts)
    try:
        facts = await ledger.chain.reader.facts(ChainQuestion())
    except ChainError as error:
        return Health(None, str(error))
    contracts = {"PartyRegistry": "0x" + facts.registry.hex(), "ProduceLedger": "0x" + facts.ledger.hex()}
    return Health(ChainHealth(facts.chain_id, facts.head, contracts, lag=counts.queued + counts.sent))
