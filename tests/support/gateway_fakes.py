"""A broker, a service and a file of dead letters in memory, that do what a test says, for a gateway under test."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ledger.domain.errors import UnusableSettings, Violation
from ledger.domain.gateway.devices import Admission
from ledger.domain.gateway.payloads import PayloadLimits
from ledger.domain.gateway.topics import TopicTemplate
from ledger.domain.records import JsonTree
from ledger.domain.typed_data import Domain
from ledger.ports_gateway import Answer, DeadLetter, Delivery, Tally
from ledger.services.gateway import Gate, Gateway, GatewayLimits

TOPICS = TopicTemplate.parse("t/{device}")
BAD = Violation("/bizStep", "cbv.biz-step", "?", "no such step")
Script = Callable[[Sequence[JsonTree]], Answer]


def event(number: int) -> JsonTree:
    """An event as far as a gateway that takes unsigned ones looks at it."""
    return {"type": "ObjectEvent", "number": number}


def numbers(events: Sequence[JsonTree]) -> list[int]:
    """The numbers of such events."""
    return [one["number"] for one in events]


def all_recorded(events: Sequence[JsonTree]) -> Answer:
    """What the service says when all is well."""
    return Answer(frozenset(range(len(events))), {})


@dataclass
class FakeBroker:
    """Gives messages once each; `acknowledged` numbers them as they were given, from 0."""

    waiting: list[tuple[str, bytes]] = field(default_factory=list)
    acknowledged: list[int] = field(default_factory=list)
    live: bool = True
    ended: UnusableSettings | None = None
    taken: int = 0

    def add(self, *payloads: JsonTree | list[JsonTree] | bytes) -> None:
        """Messages with these payloads."""
        self.waiting += [("t/d", one if isinstance(one, bytes) else json.dumps(one).encode()) for one in payloads]

    async def take(self, seconds: float) -> Delivery | None:
        """See `Deliveries`."""
        if not self.waiting:
            if self.ended is not None:
                raise self.ended
            await asyncio.sleep(min(seconds, 0.01))
            return None
        topic, payload = self.waiting.pop(0)
        number, self.taken = self.taken, self.taken + 1
        return Delivery(topic, payload, lambda: self.acknowledged.append(number), lambda: self.live)


class FakeService:
    """Answers by a list of scripts, the last of them for ever; `sent` has the numbers of each document's events."""

    def __init__(self, *scripts: Script) -> None:
        self._scripts = list(scripts) or [all_recorded]
        self.sent: list[list[int]] = []

    async def capture(self, events: Sequence[JsonTree]) -> Answer:
        """See `CaptureService`."""
        self.sent.append(numbers(events))
        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
        await asyncio.sleep(0)
        return script(events)

    async def domain(self) -> Domain:
        """Nobody asks for it here."""
        raise NotImplementedError


@dataclass
class Memory:
    """Dead letters, and everything that people were told."""

    letters: list[DeadLetter] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def write(self, letters: Sequence[DeadLetter]) -> None:
        """See `DeadLetters`."""
        self.letters += letters

    def connected(self, address: str, *, session_kept: bool) -> None:
        """See `GatewayNotices`."""
        self.told.append("connected, kept" if session_kept else "connected, new")

    def disconnected(self, reason: str, seconds: float) -> None:
        """See `GatewayNotices`."""
        self.told.append(f"disconnected: {reason}")

    def service_away(self, reason: str, seconds: float) -> None:
        """See `GatewayNotices`."""
        self.told.append(f"away: {reason}")
        self.waits.append(seconds)

    def refused(self, letter: DeadLetter) -> None:
        """See `GatewayNotices`."""
        self.told.append(f"refused: {letter.violations[0].rule}")

    def not_kept(self, topic: str) -> None:
        """See `GatewayNotices`."""
        self.told.append(f"not kept: {topic}")

    def settled(self, tally: Tally) -> None:
        """See `GatewayNotices`."""


LIMITS = GatewayLimits(
    events=4, bytes=1_000, seconds=0.05, payload=PayloadLimits(bytes=500, events=10), first_pause=0.001,
    longest_pause=0.004, grace=0.05,
)  # fmt: skip


@dataclass
class Rig:
    """A gateway on fakes."""

    broker: FakeBroker
    service: FakeService
    memory: Memory
    gateway: Gateway

    async def until(self, done: Callable[[], bool]) -> Tally:
        """Runs the gateway until it is done, then stops it; its count."""
        running = asyncio.ensure_future(self.gateway.run())
        try:
            async with asyncio.timeout(10):
                while not (done() or running.done()):  # noqa: ASYNC110 - fakes have no events
                    await asyncio.sleep(0.002)
        finally:
            self.gateway.stop()
            tally = await running
        return tally


def rig(service: FakeService, *, limits: GatewayLimits = LIMITS) -> Rig:
    """A gateway that takes unsigned events."""
    broker, memory = FakeBroker(), Memory()
    gate = Gate(TOPICS, Admission(unsigned=True))
    return Rig(broker, service, memory, Gateway(broker, service, memory, gate, limits, memory))
