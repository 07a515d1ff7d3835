"""The public pages of a ledger: hands `create_app` what its routes need."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from urllib.parse import urlsplit

from starlette.types import ASGIApp

from api.app import create_app
from api.capture_desk import CaptureDesk
from api.capture_gate import CaptureGate
from api.control.labelling import make_labels
from api.dependencies import ChainHealth, Health, LogHealth, PublishedLog, Services
from api.staff.desk import StaffDesk
from api.staff.live_feed import LiveFeed
from ledger.adapters.local_certificate import LocalCertificate, local_certificate
from ledger.adapters.networks import confirmations_by_name
from ledger.adapters.pinned import pinned_json
from ledger.adapters.rpc_forward import RpcForward
from ledger.domain.errors import ChainError
from ledger.domain.records import ChainQuestion
from ledger.ports_leases import Role
from ledger.services.rpc_gate import RpcGate
from ledger.services.rpc_policy import RpcPolicy
from ledger.services.token_buckets import TokenBuckets
from ledger.settings import Settings
from ledger.wiring import Ledger

CAPTURE_BURST, CAPTURE_PER_SECOND = 400, 100.0
"""Requests that one API key may make at once, and then each second."""
SIGN_IN_BURST, SIGN_IN_PER_SECOND = 120, 0.5
"""Requests before there is a session: one address may be a packing house, where forty people begin at seven."""
RPC_BURST, RPC_PER_SECOND = 2_000, 100.0
"""JSON-RPC calls that one address may make at once, and then each second: a lot of twenty events needs some sixty."""


def public_app(ledger: Ledger) -> ASGIApp:
    """The application that the public port serves: it reads, and takes events of whoever has an API key."""

    async def health() -> Health:
        return await health_of(ledger)

    record = ledger.chain.deployment
    gate = RpcGate(
        RpcForward(lambda: ledger.chain.rpc.url),
        RpcPolicy(frozenset({record.registry, record.ledger, record.log})),
        TokenBuckets(ledger.clock, burst=RPC_BURST, per_second=RPC_PER_SECOND),
    )
    services = Services(
        story=ledger.story,
        store=ledger.store,
        public_url=ledger.settings.url,
        health=health,
        proofs=ledger.proofs(),
        deployment=pinned_json(record.pinned),
        log=PublishedLog(ledger.store.archive, str(ledger.notes.key)),
        rpc=gate,
        capture=capture_desk(ledger),
        confirmations=confirmations_by_name(),
        questions=ledger.store.questions,
        files=ledger.files(),
        staff=staff_desk(ledger),
    )
    return create_app(services)


def capture_desk(ledger: Ledger) -> CaptureDesk:
    """Where systems hand in events."""
    settings = ledger.settings
    return CaptureDesk(
        keys=ledger.api_keys(),
        jobs=ledger.capture_jobs(),
        gate=CaptureGate(TokenBuckets(ledger.clock, burst=CAPTURE_BURST, per_second=CAPTURE_PER_SECOND)),
        wake=ledger.wake,
        trusts_the_way=settings.allow_plain_capture or settings.url.startswith("https://"),
    )


def certificate_of(settings: Settings) -> LocalCertificate:
    """The service's certificate for HTTPS in its local network, made where there is none that serves."""
    host = urlsplit(settings.staff_url).hostname or ""
    return local_certificate(settings.tls_dir, host, datetime.now(UTC))


def staff_desk(ledger: Ledger) -> StaffDesk:
    """Where people sign in and record."""
    settings, people, sign_in = ledger.settings, ledger.people(), ledger.sign_in()
    return StaffDesk(
        sessions=sign_in,
        party_roles=people.party_roles,
        attempts=TokenBuckets(ledger.clock, burst=SIGN_IN_BURST, per_second=SIGN_IN_PER_SECOND),
        wake=ledger.wake,
        people=people,
        sign_in=sign_in,
        passkeys=ledger.passkeys(),
        api_keys=ledger.api_keys(),
        drafts=ledger.drafts(),
        hub=ledger.hub(),
        alarms=ledger.hub_alarms(),
        live=LiveFeed(ledger.store.hub.last_sequence),
        files=ledger.files(),
        house=ledger.packing_desk(),
        workbooks=ledger.workbook_preview(),
        labels=lambda params: make_labels(ledger, params, _quiet),
        receiving=ledger.receiving(),
        certificate=certificate_of(settings).authority if settings.https_port else None,
        https_url=settings.staff_url if settings.staff_url.startswith("https:") else "",
    )


def _quiet(done: int, total: int, what: str) -> None:
    """Nobody watches."""


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
    standing = await asyncio.to_thread(ledger.background.standing, Role.CHECKPOINTER)
    return LogHealth(counts.leaves, counts.on_chain, counts.published, standing.problem, standing.stuck)
