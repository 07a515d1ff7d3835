"""The public pages of a ledger: hands `create_app` what its routes need."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp

from api.app import create_app
from api.dependencies import ChainHealth, Health, LogHealth, PublishedLog, Services
from ledger.domain.errors import ChainError
from ledger.domain.records import ChainQuestion
from ledger.wiring import Ledger


def public_app(ledger: Ledger) -> ASGIApp:
    """The application that the public port serves; it only reads."""

    async def health() -> Health:
        return await health_of(ledger)

    log = PublishedLog(ledger.store.archive, str(ledger.notes.key))
    url = ledger.settings.url
    return create_app(Services(story=ledger.story, store=ledger.store, public_url=url, health=health, log=log))


async def health_of(ledger: Ledger) -> Health:
    """Which chain answers, how many entries it has yet to confirm; never raises for a chain that is down."""
    counts = await asyncio.to_thread(ledger.store.outbox.counts)
    log = await _log_health(ledger)
    try:
        facts = await ledger.chain.reader.facts(ChainQuestion())
    except ChainError as error:
        return Health(None, str(error), log)
    addresses = {"PartyRegistry": facts.registry, "ProduceLedger": facts.ledger, "EventLog": facts.log}
    contracts = {name: "0x" + address.hex() for name, address in addresses.items()}
    return Health(ChainHealth(facts.chain_id, facts.head, contracts, lag=counts.queued + counts.sent), log=log)


async def _log_health(ledger: Ledger) -> LogHealth:
    counts = await asyncio.to_thread(ledger.store.log.counts)
    status = ledger.checkpointer.status
    return LogHealth(counts.leaves, counts.on_chain, counts.published, status.problem, status.is_stuck)
