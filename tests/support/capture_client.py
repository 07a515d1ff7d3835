"""The application over a real store, and clients that send it events with keys of parties."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import event_builders as b
import httpx
from capture_documents import jobs_of
from fake_services import FakeWorld
from fastapi import FastAPI
from ledger_fixture import World

from api.app import create_app
from api.capture_desk import CaptureDesk
from api.capture_gate import CaptureGate, Limits
from ledger.domain.api_keys import ApiAction
from ledger.domain.identifiers import PartyId
from ledger.services.api_keys import ApiKeys
from ledger.services.token_buckets import TokenBuckets

ADDRESS = "http://127.0.0.1:8000"


@dataclass
class CaptureSite:
    """`app` serves `world`; `woken` counts how often its workers were told of something new."""

    world: World
    desk: CaptureDesk
    app: FastAPI
    woken: list[int]

    def key(self, party: PartyId = b.FARM, *actions: ApiAction) -> str:
        """The text of a new key."""
        return self.desk.keys.create(party, frozenset(actions or (ApiAction.CAPTURE,)))[1]

    def client(self, key: str = "", peer: str = "127.0.0.1", address: str = ADDRESS) -> httpx.AsyncClient:
        """A client with that key, at that address."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(peer, 1234))
        headers = {"authorization": f"Bearer {key}"} if key else {}
        headers["content-type"] = "application/ld+json"
        return httpx.AsyncClient(transport=transport, base_url=address, headers=headers)


def capture_site(
    world: World,
    *,
    limits: Limits | None = None,
    trusts_the_way: bool = False,
    burst: int = 10_000,
    jobs: Any = None,
) -> CaptureSite:
    """The application on the world's store."""
    woken: list[int] = []

    desk = CaptureDesk(
        keys=ApiKeys(world.store.api_keys, world.store, world.clock),
        jobs=jobs or jobs_of(world),
        gate=CaptureGate(TokenBuckets(world.clock, burst=burst, per_second=1.0), limits or Limits()),
        wake=lambda: woken.append(1),
        trusts_the_way=trusts_the_way,
    )
    return CaptureSite(
        world, desk, create_app(replace(FakeWorld().services, capture=desk, questions=world.store.questions)), woken
    )
