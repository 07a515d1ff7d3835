"""
Broker, service and gateway are killed in the middle, and every event is recorded once.

A real broker, a real service, and the command between them. The service is held with SIGSTOP where a test needs
something to be under way for certain: events that were sent and not answered, messages that are not acknowledged.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from gateway_process import GatewayProcess, Logger, rows_of, until
from mqtt_broker import MqttBroker
from service_process import ServiceProcess

pytestmark = pytest.mark.chain
MESSAGES = 120


@contextmanager
def held(service: ServiceProcess) -> Iterator[None]:
    """The service does nothing in between."""
    os.kill(service.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(service.pid, signal.SIGCONT)


class Published:
    """What was published in a test; numbers of events are never used twice."""

    _numbers = iter(range(1, 1_000_000))

    def __init__(self, gateway: GatewayProcess, service: ServiceProcess, loggers: list[Logger]) -> None:
        self.gateway, self.service, self.loggers = gateway, service, loggers
        self.events: list[dict[str, object]] = []

    def publish(self, messages: int) -> None:
        """Messages by both devices in turn, every tenth with three events; the broker has acknowledged them."""
        sent = []
        for place in range(messages):
            logger = self.loggers[place % 2]
            events = [logger.event(next(self._numbers)) for _ in range(3 if place % 10 == 0 else 1)]
            self.events += events
            sent.append((logger.topic, json.dumps(events if len(events) > 1 else events[0]).encode()))
        self.gateway.broker.publish(sent)

    @property
    def recorded(self) -> int:
        """Rows of these events."""
        return rows_of(self.service, self.events)

    def wait_until_all_are_recorded(self) -> None:
        """Each is there, and none twice."""
        until(lambda: self.recorded >= len(self.events), lambda: f"{self.recorded}\n{self.gateway.log()}")
        assert self.recorded == len(self.events)


@pytest.fixture
def published(gateway: GatewayProcess, service: ServiceProcess, loggers: list[Logger]) -> Published:
    return Published(gateway, service, loggers)


def test_the_broker_is_killed(published: Published, gateway: GatewayProcess, mosquitto: MqttBroker) -> None:
    published.publish(MESSAGES // 2)
    until(lambda: published.recorded > 0, gateway.log)
    with held(published.service):
        published.publish(MESSAGES // 2)
        mosquitto.saved()
        assert published.recorded < len(published.events)
        mosquitto.kill()
        gateway.wait_for("again in")
        mosquitto.start()
        gateway.wait_for("kept this gateway's session")
    published.wait_until_all_are_recorded()
    code, tally = gateway.end()
    assert (code, tally["refused"], gateway.dead_letters) == (0, 0, [])
    assert tally["recorded"] == len(published.events)


def test_the_service_is_killed_and_the_gateway_ended_meanwhile(published: Published, gateway: GatewayProcess) -> None:
    published.publish(MESSAGES // 2)
    until(lambda: published.recorded > 0, gateway.log)
    published.service.kill()
    published.publish(MESSAGES // 2)
    gateway.wait_for("/epcis/capture")
    code, _tally = gateway.end()
    assert code == 0
    gateway.start()
    published.service.start()
    published.wait_until_all_are_recorded()
    code, tally = gateway.end()
    assert (code, tally["refused"], gateway.dead_letters) == (0, 0, [])


def test_the_gateway_is_killed(published: Published, gateway: GatewayProcess) -> None:
    with held(published.service):
        published.publish(MESSAGES)
        assert published.recorded == 0
        gateway.kill()
    gateway.start()
    published.wait_until_all_are_recorded()
    code, tally = gateway.end()
    assert (code, tally["refused"], gateway.dead_letters) == (0, 0, [])
    assert tally["messages"] == MESSAGES
    # All is acknowledged: another one is given nothing any more.
    gateway.start()
    until(lambda: gateway.log().count("kept this gateway's session") == 2, gateway.log)
    code, tally = gateway.end()
    assert (code, tally["messages"]) == (0, 0)
