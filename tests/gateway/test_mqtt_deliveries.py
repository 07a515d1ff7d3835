"""The subscription against a real broker: what is acknowledged is forgotten, all else is given again; TLS and names."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from gateway_fakes import Memory
from mqtt_broker import MqttBroker, broker
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from ledger.adapters import mqtt_deliveries
from ledger.adapters.mqtt_deliveries import Broker, MqttDeliveries, open_deliveries, tls_context
from ledger.domain.errors import UnusableSettings
from ledger.ports_gateway import Delivery

TOPIC = "t/1"


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[MqttBroker]:
    with broker(tmp_path / "broker") as running:
        yield running


def client(mosquitto: MqttBroker, **changed: object) -> Broker:
    values: dict[str, object] = {"client_id": "gateway", "topic_filter": "t/+", "first_pause": 0.05} | changed
    return Broker("127.0.0.1", mosquitto.port, **values)  # type: ignore[arg-type]


async def taken(deliveries: MqttDeliveries, count: int) -> list[Delivery]:
    """So many messages; less where no more come."""
    found: list[Delivery] = []
    while len(found) < count and (one := await deliveries.take(3.0)) is not None:
        found.append(one)
    return found


async def nothing_comes(deliveries: MqttDeliveries) -> bool:
    return await deliveries.take(0.3) is None


async def connected(memory: Memory, times: int = 1) -> None:
    async with asyncio.timeout(20):
        while sum(told.startswith("connected") for told in memory.told) < times:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def publish(mosquitto: MqttBroker, *payloads: bytes, qos: int = 1) -> None:
    mosquitto.publish([(TOPIC, payload) for payload in payloads], qos=qos)


async def test_what_is_not_acknowledged_comes_again_and_the_rest_does_not(mosquitto: MqttBroker) -> None:
    memory = Memory()
    async with open_deliveries(client(mosquitto), memory) as first:
        await connected(memory)
        await asyncio.to_thread(publish, mosquitto, b"1", b"2", b"3")
        one, two, three = await taken(first, 3)
        one.acknowledge()
        assert two.is_live()
        assert [one.topic, one.payload, three.payload] == [TOPIC, b"1", b"3"]
    assert not two.is_live()
    two.acknowledge()  # goes nowhere
    await asyncio.to_thread(publish, mosquitto, b"4")
    async with open_deliveries(client(mosquitto), memory) as second:
        await connected(memory, 2)
        assert [each.payload for each in await taken(second, 3)] == [b"2", b"3", b"4"]
    assert memory.told == ["connected, new", "connected, kept"]


async def test_a_killed_broker_gives_again_what_it_had_on_disk(mosquitto: MqttBroker) -> None:
    memory = Memory()
    async with open_deliveries(client(mosquitto), memory) as deliveries:
        await connected(memory)
        await asyncio.to_thread(publish, mosquitto, b"1", b"2")
        first, _second = await taken(deliveries, 2)
        await asyncio.to_thread(mosquitto.saved)
        mosquitto.kill()
        mosquitto.start()
        await connected(memory, 2)
        assert not first.is_live()
        first.acknowledge()  # of another connection: must not count for the message that has its number now
        again = await taken(deliveries, 2)
        assert [each.payload for each in again] == [b"1", b"2"]
        for each in again:
            each.acknowledge()
    async with open_deliveries(client(mosquitto), memory) as deliveries:
        await connected(memory, 3)
        assert await nothing_comes(deliveries)
    assert memory.told[-1] == "connected, kept"


async def test_no_more_is_here_than_the_window_allows(mosquitto: MqttBroker) -> None:
    memory = Memory()
    async with open_deliveries(client(mosquitto, window=3), memory) as deliveries:
        await connected(memory)
        await asyncio.to_thread(publish, mosquitto, *[b"%d" % n for n in range(8)])
        held = await taken(deliveries, 3)
        assert await nothing_comes(deliveries)
        for each in held:
            each.acknowledge()
        assert [each.payload for each in await taken(deliveries, 3)] == [b"3", b"4", b"5"]


async def test_what_is_published_without_a_promise_is_dropped_beyond_the_window(mosquitto: MqttBroker) -> None:
    memory = Memory()
    async with open_deliveries(client(mosquitto, window=3), memory) as deliveries:
        await connected(memory)
        await asyncio.to_thread(publish, mosquitto, *[b"%d" % n for n in range(5)], qos=0)
        async with asyncio.timeout(10):
            while memory.told.count(f"not kept: {TOPIC}") < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        kept = await taken(deliveries, 3)
        assert [each.payload for each in kept] == [b"0", b"1", b"2"]
        kept[0].acknowledge()
        assert await nothing_comes(deliveries)


async def test_a_window_that_the_broker_exceeds_loses_and_repeats_nothing(
    mosquitto: MqttBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt_deliveries, "FAREWELL_SECONDS", 30.0)
    memory, sent = Memory(), [b"%03d" % n for n in range(60)]
    got: list[bytes] = []
    async with open_deliveries(client(mosquitto, window=7), memory) as deliveries:
        await connected(memory)
        await asyncio.to_thread(publish, mosquitto, *sent)
        while batch := await taken(deliveries, 7):
            assert len(batch) <= 7
            await asyncio.sleep(0.01)
            for each in batch:
                each.acknowledge()
            got += [each.payload for each in batch]
    assert got == sent
    assert memory.told == ["connected, new"]


async def test_another_client_of_the_same_name_is_told_and_slows_down(mosquitto: MqttBroker) -> None:
    """mosquitto ends a connection that is taken over without a word; two gateways must not fight in a tight loop."""
    memory, other = Memory(), Memory()
    async with open_deliveries(client(mosquitto), memory), open_deliveries(client(mosquitto), other):
        await asyncio.sleep(2.0)
    assert 1 <= len([told for told in memory.told if told.startswith("disconnected")]) <= 7


async def test_a_session_that_another_one_took_over_is_left(mosquitto: MqttBroker) -> None:
    """As brokers say it that follow MQTT 5.0, section 3.14.2.1."""
    link = mqtt_deliveries._Link(client(mosquitto), lambda _link, _message: None)
    reason = ReasonCode(PacketTypes.DISCONNECT, identifier=0x8E)
    link._on_disconnect(link._client, None, None, reason, None)
    with pytest.raises(UnusableSettings, match="--client-id"):
        await asyncio.wait_for(link.gone, 5)
    await link.close()


async def test_a_subscription_without_a_promise_is_none(tmp_path: Path) -> None:
    with broker(tmp_path / "weak", settings=("allow_anonymous true", "max_qos 0")) as weak:
        assert "--topic" in await refusal(client(weak))


async def test_a_broker_that_is_not_there_is_tried_again(mosquitto: MqttBroker) -> None:
    memory = Memory()
    mosquitto.kill()
    async with open_deliveries(client(mosquitto), memory) as deliveries:
        assert await nothing_comes(deliveries)
        assert all(told.startswith("disconnected: mqtt://127.0.0.1") for told in memory.told)
        mosquitto.start()
        await connected(memory)


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[tuple[MqttBroker, Path]]:
    """A broker that speaks TLS alone, knows one user; and the file of who certifies it."""
    folder = tmp_path / "guarded"
    authority = _certificates(tmp_path)
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(tmp_path / "users"), "gateway", "word"], check=True)
    settings = (
        f"cafile {authority}", f"certfile {tmp_path / 'broker.pem'}", f"keyfile {tmp_path / 'broker.key'}",
        "allow_anonymous false", f"password_file {tmp_path / 'users'}",
    )  # fmt: skip
    with broker(folder, settings=settings) as running:
        yield running, authority


def _certificates(folder: Path) -> Path:
    """A broker's certificate for 127.0.0.1 which certifies itself; its path."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "broker of a test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - timedelta(hours=1),
                                now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    (folder / "broker.pem").write_bytes(certificate.public_bytes(pem))
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "broker.key").write_bytes(secret)
    return folder / "broker.pem"


async def refusal(options: Broker) -> str:
    """Why the broker is of no use."""
    async with open_deliveries(options, Memory()) as deliveries:
        with pytest.raises(UnusableSettings) as error:
            await deliveries.take(15.0)
        return str(error.value)


async def test_tls_and_a_password(guarded: tuple[MqttBroker, Path]) -> None:
    mosquitto, authority = guarded
    user = {"user": "gateway", "password": "word", "tls": tls_context(authority, None, None)}
    memory = Memory()
    async with open_deliveries(client(mosquitto, **user), memory):
        await connected(memory)
    assert "Not authorized" in await refusal(client(mosquitto, **{**user, "password": "worse"}))
    assert "Not authorized" in await refusal(client(mosquitto, **{**user, "user": ""}))
    assert "certificate" in await refusal(client(mosquitto, **{**user, "tls": tls_context(None, None, None)}))


async def test_the_brokers_name_is_checked(guarded: tuple[MqttBroker, Path]) -> None:
    mosquitto, authority = guarded
    options = client(mosquitto, tls=tls_context(authority, None, None))
    elsewhere = Broker("localhost", options.port, "gateway", "t/+", tls=options.tls)
    assert "certificate" in await refusal(elsewhere)


async def test_a_broker_without_tls_is_no_broker_with_it(mosquitto: MqttBroker) -> None:
    memory = Memory()
    async with open_deliveries(client(mosquitto, tls=ssl.create_default_context()), memory) as deliveries:
        assert await deliveries.take(1.0) is None
    assert memory.told
    assert all(told.startswith("disconnected") for told in memory.told)
