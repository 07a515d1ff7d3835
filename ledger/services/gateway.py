"""
A gateway: takes messages from a broker in batches, sends their events to the service, and acknowledges what is settled.

One batch is under way at a time, so that messages are acknowledged in the order in which they came (MQTT 5.0, section
4.6). A message is settled when each of its events is on the service's disk or in the dead letters; before, nothing is
acknowledged, whatever ends: this process, the service, the broker. Then the broker gives the message again, and capture
knows its events: recorded once, whoever sends how often.

What the service refuses of single events goes to the dead letters. A document that it refuses as a whole is halved
until the event that it is refused for stands alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from ledger.domain.errors import InvalidInput, Violation
from ledger.domain.gateway.devices import Admission
from ledger.domain.gateway.payloads import PayloadLimits, events_of_payload
from ledger.domain.gateway.topics import TopicTemplate
from ledger.domain.records import JsonTree
from ledger.ports_gateway import (
    Answer,
    CaptureService,
    DeadLetter,
    DeadLetters,
    Declined,
    Deliveries,
    Delivery,
    GatewayNotices,
    ServiceAway,
    Tally,
)

IDLE_SECONDS = 0.25
"""How often somebody who waits for messages looks whether to stop."""


@dataclass(frozen=True, slots=True)
class GatewayLimits:
    """
    A batch is closed by `events`, by `bytes` of payload, or `seconds` after its first message. `first_pause` to
    `longest_pause` seconds lie between two attempts, doubled each time; what the service asks for is kept up to
    `longest_asked`. Told to stop, a request under way gets `grace` seconds.
    """

    events: int = 500
    bytes: int = 4 * 1024 * 1024
    seconds: float = 0.2
    payload: PayloadLimits = field(default_factory=PayloadLimits)
    first_pause: float = 0.5
    longest_pause: float = 30.0
    longest_asked: float = 300.0
    grace: float = 10.0


@dataclass(frozen=True, slots=True)
class Gate:
    """What a message has to be: its topic's form, and whose events may come by it."""

    topics: TopicTemplate
    admission: Admission


class _Stopped(Exception):
    """The batch is given up: told to stop, or the broker will give all of it again."""


@dataclass(slots=True)
class _Message:
    """A message of a batch: its events that are not refused so far, by their place in it, and its dead letters."""

    delivery: Delivery
    events: dict[int, JsonTree] = field(default_factory=dict)
    letters: list[DeadLetter] = field(default_factory=list)
    alone: bool = True


_Sent = tuple[_Message, int]
"""An event under way: its message, and its place there."""


class Gateway:
    """Runs until it is told to stop. Used by one event loop."""

    def __init__(
        self, deliveries: Deliveries, service: CaptureService, dead_letters: DeadLetters, gate: Gate,
        limits: GatewayLimits, notices: GatewayNotices,
    ) -> None:  # fmt: skip
        self._deliveries, self._service, self._dead_letters = deliveries, service, dead_letters
        self._gate, self._limits, self._notices = gate, limits, notices
        self._stop = asyncio.Event()
        self.tally = Tally()

    def stop(self) -> None:
        """Ends `run` soon; what is not settled stays with the broker."""
        self._stop.set()

    async def run(self) -> Tally:
        """Works until `stop`. Raises `UnusableSettings` and `StoreError` where going on is no use."""
        while not self._stop.is_set():
            if batch := await self._collected():
                try:
                    await self._settle(batch)
                except _Stopped:
                    continue
        return self.tally

    async def _collected(self) -> list[_Message]:
        """The next batch; less, or nothing, when it is time to look whether to stop."""
        first = await self._deliveries.take(IDLE_SECONDS)
        if first is None:
            return []
        batch, clock = [self._read(first)], asyncio.get_running_loop().time
        events, size = _weight(batch[0])
        until = clock() + self._limits.seconds
        while events < self._limits.events and size < self._limits.bytes and not self._stop.is_set():
            left = until - clock()
            if left <= 0 or (more := await self._deliveries.take(left)) is None:
                break
            batch.append(self._read(more))
            more_events, more_bytes = _weight(batch[-1])
            events, size = events + more_events, size + more_bytes
        return batch

    def _read(self, delivery: Delivery) -> _Message:
        message = _Message(delivery)
        try:
            place = self._gate.topics.place(delivery.topic)
            events = events_of_payload(delivery.payload, self._limits.payload)
        except InvalidInput as error:
            message.letters.append(DeadLetter(delivery.topic, None, delivery.payload, error.violations))
            return message
        message.alone = len(events) == 1
        for index, event in enumerate(events):
            message.events[index] = event
            try:
                self._gate.admission.check(place, event)
            except InvalidInput as error:
                self._refuse((message, index), error.violations)
        return message

    async def _settle(self, batch: Sequence[_Message]) -> None:
        """Sends the batch until all of it is settled; writes dead letters; acknowledges."""
        await self._send([(message, index) for message in batch for index in message.events])
        settled = [message for message in batch if message.delivery.is_live()]
        letters = [letter for message in settled for letter in message.letters]
        if letters:
            await asyncio.to_thread(self._dead_letters.write, letters)
        for message in settled:
            message.delivery.acknowledge()
        for letter in letters:
            self._notices.refused(letter)
        self.tally.messages += len(settled)
        self.tally.refused += len(letters)
        self._notices.settled(self.tally)

    async def _send(self, sent: Sequence[_Sent]) -> None:
        """Until each event is recorded or refused."""
        while sent:
            events = [message.events[index] for message, index in sent]
            try:
                answer = await self._asked([message for message, _index in sent], events)
            except Declined as declined:
                if len(sent) == 1:
                    self._refuse(sent[0], declined.violations)
                    return
                half = len(sent) // 2
                await self._send(sent[:half])
                sent = sent[half:]
                continue
            sent = self._taken(answer, sent)

    def _taken(self, answer: Answer, sent: Sequence[_Sent]) -> list[_Sent]:
        """Notes what the service said; those of which it said nothing."""
        self.tally.recorded += len(answer.recorded) - answer.repeated
        self.tally.repeated += answer.repeated
        for place, violations in answer.refused.items():
            self._refuse(sent[place], violations)
        return [one for place, one in enumerate(sent) if place not in answer.recorded and place not in answer.refused]

    def _refuse(self, one: _Sent, violations: Sequence[Violation]) -> None:
        message, index = one
        event = message.events.pop(index)
        # A message of one event is kept byte by byte.
        payload = message.delivery.payload if message.alone else orjson.dumps(event)
        place = None if message.alone else index
        message.letters.append(DeadLetter(message.delivery.topic, place, payload, tuple(violations)))

    async def _asked(self, messages: Sequence[_Message], events: Sequence[JsonTree]) -> Answer:
        """The service's answer, however long it takes. `_Stopped` where nobody waits for it any more."""
        pause = self._limits.first_pause
        while True:
            try:
                answer = await self._before_stop(self._service.capture(events))
                if answer.recorded or answer.refused:
                    return answer
                raise ServiceAway("the service says nothing about what it was sent")
            except ServiceAway as away:
                wait = min(away.retry_after, self._limits.longest_asked) or pause
                self._notices.service_away(str(away), wait)
            pause = min(2 * pause, self._limits.longest_pause)
            if await self._stops_within(wait) or not any(message.delivery.is_live() for message in messages):
                raise _Stopped

    async def _before_stop(self, asking: Coroutine[Any, Any, Answer]) -> Answer:
        """What is asked for; told to stop, it is waited for no longer than `grace`."""
        task, stopping = asyncio.ensure_future(asking), asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait((task, stopping), return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait((task,), timeout=self._limits.grace)
            if not task.done():
                raise _Stopped
            return task.result()
        finally:
            stopping.cancel()
            task.cancel()

    async def _stops_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._stop.wait()
        except TimeoutError:
            return False
        return True


def _weight(message: _Message) -> tuple[int, int]:
    """Events and bytes of a message; one without events takes room too."""
    return max(1, len(message.events)), len(message.delivery.payload)
