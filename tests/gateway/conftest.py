"""A broker, a service with two devices of one party, and the command between them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from gateway_process import GatewayProcess, Logger, enrolled
from mqtt_broker import MqttBroker, broker
from service_process import ServiceProcess
from signing_keys import p256_key, signing_key

from api.season import season_folder
from ledger.domain.identifiers import PartyId

PARTY = PartyId(9520001000089)
SMALL = ("--batch", "20", "--wait", "0.05")
"""Batches of which there are several."""


@pytest.fixture(scope="package")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A service that knows the season's parties."""
    running = ServiceProcess(tmp_path_factory.mktemp("gateway") / "data")
    try:
        running.start()
        with season_folder() as folder:
            running.command("import", str(folder / "master.toml"))
        yield running
    finally:
        if running.process is not None:
            running.kill()


@pytest.fixture(scope="package")
def loggers(service: ServiceProcess) -> list[Logger]:
    """Two devices of one party, with keys of both kinds."""
    found = [
        enrolled(service, "logger-1", PARTY, signing_key(4_001)),
        enrolled(service, "logger-2", PARTY, p256_key(4_002)),
    ]
    service.wait_until_settled()
    return found


@pytest.fixture(scope="package")
def key(service: ServiceProcess) -> str:
    """A key of the capture interface."""
    return str(service.ask("key", "create", f"{PARTY:013d}")["key"])


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[MqttBroker]:
    """A broker of the test's own."""
    with broker(tmp_path / "broker") as running:
        yield running


@pytest.fixture
def gateway(
    mosquitto: MqttBroker, service: ServiceProcess, loggers: list[Logger], key: str, tmp_path: Path
) -> Iterator[GatewayProcess]:
    """The command, subscribed: what is published from now on is the broker's to keep."""
    running = GatewayProcess(mosquitto, service.url, tmp_path, key, SMALL)
    running.start()
    try:
        running.wait_for("subscribed at")
        yield running
    finally:
        if running.process is not None:
            running.kill()
