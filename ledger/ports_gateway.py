"""
What a gateway from a message broker needs: where messages come from, the service's capture interface, and a place for
what was refused for good.

A message is acknowledged at the broker only when its events are on the service's disk, or in the dead letters. Until
then the broker keeps it and gives it again, to this process or to the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ledger.domain.errors import Violation
from ledger.domain.records import JsonTree
from ledger.domain.typed_data import Domain


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """
    A message. `acknowledge` tells the broker that it may forget it; call it in the order of arrival. `is_live`: the
    connection that brought it still stands; else it will come again, and acknowledging it does nothing.
    """

    topic: str
    payload: bytes
    acknowledge: Callable[[], None]
    is_live: Callable[[], bool]


class Deliveries(Protocol):
    """The subscription, which mends its connection by itself."""

    async def take(self, seconds: float) -> Delivery | None:
        """
        The next message; None where none came in so many seconds. `UnusableSettings` where going on is no use: the
        broker refuses the client, or gave its session to another one.
        """
        ...


class ServiceAway(Exception):
    """
    The service did not answer, or not now; whether it captured anything is not known. Come again, after
    `retry_after` seconds where it said so (else 0).
    """

    def __init__(self, reason: str, retry_after: float = 0.0) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Declined(Exception):
    """The document as a whole was refused for what it holds; nothing of it was recorded."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__("; ".join(map(str, violations)))
        self.violations = tuple(violations)


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What became of each event by its place in the document. `recorded` are on disk, `repeated` of them were before.
    Of an event in neither nothing is known.
    """

    recorded: frozenset[int]
    refused: Mapping[int, tuple[Violation, ...]]
    repeated: int = 0


class CaptureService(Protocol):
    """The service's HTTP interface."""

    def capture(self, events: Sequence[JsonTree]) -> Coroutine[Any, Any, Answer]:
        """
        Sends the events as one document, good ones to be recorded where others are refused. `ServiceAway`, `Declined`;
        `UnusableSettings` where it refuses the caller and not the events.
        """
        ...

    async def domain(self) -> Domain:
        """What signatures are made for, as the service publishes it. `ServiceAway`, `UnusableSettings`."""
        ...


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Something that was refused for good: a message, or the event at `event` of it, as it came, and why."""

    topic: str
    event: int | None
    payload: bytes
    violations: tuple[Violation, ...]


class DeadLetters(Protocol):
    """Keeps what was refused."""

    def write(self, letters: Sequence[DeadLetter]) -> None:
        """On disk when it returns. `StoreError` where it cannot be written."""
        ...


@dataclass(slots=True)
class Tally:
    """
    What was done since the start: `messages` acknowledged, events that the service `recorded`, `repeated` ones that it
    had, and `refused` dead letters.
    """

    messages: int = 0
    recorded: int = 0
    repeated: int = 0
    refused: int = 0


class GatewayNotices(Protocol):
    """Is told what happens, for people."""

    def connected(self, address: str, *, session_kept: bool) -> None:
        """The broker accepted the subscription; `session_kept`: it knew this client."""
        ...

    def disconnected(self, reason: str, seconds: float) -> None:
        """The connection to the broker is lost or did not come about; tried again in so many seconds."""
        ...

    def service_away(self, reason: str, seconds: float) -> None:
        """The service takes nothing now; tried again in so many seconds."""
        ...

    def refused(self, letter: DeadLetter) -> None:
        """Something went to the dead letters."""
        ...

    def not_kept(self, topic: str) -> None:
        """A message that was published with QoS 0 was dropped, since the window is full."""
        ...

    def settled(self, tally: Tally) -> None:
        """A batch was acknowledged."""
        ...
