"""What the command refuses for good is in the dead letters with its reason, and never comes again; the rest stands."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import event_builders as b
import pytest
from gateway_process import GatewayProcess, Logger, rows_of, until
from mqtt_broker import MqttBroker
from service_process import ServiceProcess
from signing_keys import signing_key

from ledger.domain.identifiers import PartyId

pytestmark = pytest.mark.chain
FIRST = 5_000_000
"""Numbers of events, which no other test uses."""


@pytest.fixture
def strict(gateway: GatewayProcess, loggers: list[Logger], tmp_path: Path) -> GatewayProcess:
    """The command with a table that names the first device alone and refuses all others."""
    gateway.end()
    device = loggers[0]
    (tmp_path / "devices.toml").write_text(
        f'unlisted = "refuse"\n[devices.{device.name}]\nparty = "{device.party:013d}"\n'
        f'keys = ["0x{device.key.address.hex()}"]\n'  # type: ignore[union-attr]
    )
    gateway.arguments = ("--devices", str(tmp_path / "devices.toml"), "--most-bytes", "20000", "--wait", "0.05")
    gateway.start()
    return gateway


def told(letter: dict[str, Any]) -> tuple[str, str, int | None]:
    return letter["errors"][0]["field"], letter["errors"][0]["rule"], letter["event"]


def test_each_refusal_says_its_rule(
    strict: GatewayProcess, service: ServiceProcess, loggers: list[Logger], mosquitto: MqttBroker
) -> None:
    one, two = loggers
    good = [one.event(FIRST + n) for n in range(3)]
    thief = Logger(one.name, one.party, two.key, one.domain)
    stranger = Logger(one.name, one.party, signing_key(4_100), one.domain)
    stolen, strange = thief.event(FIRST + 10), stranger.event(FIRST + 11)
    unsigned = b.inspection(party=one.party)
    foreign = one.event(FIRST + 12, PartyId(9520001000010))
    replaced = {**good[2], "silkroot:blind": "5e" * 16}
    messages = [
        (one.topic, good[0]),
        (one.topic, stolen),
        (one.topic, strange),
        (two.topic, two.event(FIRST + 13)),
        (one.topic, [good[1], unsigned, good[2]]),
        (one.topic, foreign),
        (one.topic, replaced),
    ]
    broken = [(one.topic, b'{"type": "ObjectEvent"'), (one.topic, b"[" + b" " * 20_000 + b"]")]
    mosquitto.publish([(topic, json.dumps(payload).encode()) for topic, payload in messages] + broken)
    until(lambda: len(strict.dead_letters) >= 8, strict.log)
    assert [told(letter) for letter in strict.dead_letters] == [
        ("/silkroot:proof/signature", "gateway.other-key", None),
        ("/silkroot:proof/signature", "gateway.other-key", None),
        ("topic", "gateway.device", None),
        ("/silkroot:proof", "gateway.unsigned", 1),
        ("/silkroot:party", "gateway.party", None),
        ("/silkroot:proof/action", "proof.not-implied", None),
        ("", "json.syntax", None),
        ("", "gateway.size", None),
    ]
    first, *_rest, last = strict.dead_letters
    assert first["errors"][0]["value"] == "0x" + two.key.id.hex()
    assert (first["topic"], json.loads(first["payload"])) == (one.topic, stolen)
    assert last["payload"].encode() == broken[1][1]
    until(lambda: rows_of(service, good) == 3, strict.log)
    assert rows_of(service, [stolen, strange, unsigned, foreign, replaced]) == 0
    code, tally = strict.end()
    assert code == 1
    assert tally == {"messages": 9, "recorded": 3, "repeated": 0, "refused": 8}
    # All of it is acknowledged: nothing comes again.
    strict.start()
    until(lambda: strict.log().count("kept this gateway's session") == 2, strict.log)
    assert strict.end() == (0, {"messages": 0, "recorded": 0, "repeated": 0, "refused": 0})


def test_without_a_table_the_service_judges_the_key(
    gateway: GatewayProcess, service: ServiceProcess, loggers: list[Logger], mosquitto: MqttBroker
) -> None:
    stranger = Logger("logger-9", loggers[0].party, signing_key(4_101), loggers[0].domain)
    mosquitto.publish([stranger.message(FIRST + 20), loggers[1].message(FIRST + 21)])
    until(lambda: rows_of(service, [loggers[1].event(FIRST + 21)]) == 1, gateway.log)
    until(lambda: len(gateway.dead_letters) == 1, gateway.log)
    assert told(gateway.dead_letters[0]) == ("/silkroot:proof/keyId", "UnknownKey", None)
    assert gateway.end()[0] == 1


def test_unsigned_events_are_signed_by_the_service_where_the_operator_says_so(
    gateway: GatewayProcess, loggers: list[Logger], mosquitto: MqttBroker
) -> None:
    gateway.end()
    gateway.arguments = ("--unsigned",)
    gateway.start()
    event = b.sealed(b.inspection(party=loggers[0].party), loggers[0].party, bytes(range(16)))
    mosquitto.publish([(loggers[0].topic, json.dumps(event).encode())])
    gateway.wait_for("kept this gateway's session")
    mosquitto.publish([(loggers[0].topic, json.dumps({**event, "silkroot:party": "9520001000010"}).encode())])
    until(lambda: len(gateway.dead_letters) == 1, gateway.log)
    assert told(gateway.dead_letters[0])[:2] == ("/silkroot:party", "gateway.party")
    assert gateway.end()[1]["recorded"] == 1


def test_a_key_that_the_service_does_not_know_ends_the_command_and_loses_nothing(
    gateway: GatewayProcess, service: ServiceProcess, loggers: list[Logger], mosquitto: MqttBroker
) -> None:
    gateway.end()
    good, gateway.key = gateway.key, "silkroot_0000000000000000_" + "0" * 43
    event = loggers[0].event(FIRST + 30)
    mosquitto.publish([(loggers[0].topic, json.dumps(event).encode())])
    gateway.start()
    assert gateway.process is not None
    assert gateway.process.wait(30) == 2
    assert "401" in gateway.printed()
    gateway.key = good
    gateway.start()
    until(lambda: rows_of(service, [event]) == 1, gateway.log)
    assert gateway.end()[0] == 0


def test_options_that_cannot_be_used_end_it_at_once(gateway: GatewayProcess) -> None:
    gateway.end()
    gateway.arguments = ("--topic", "a/#")
    gateway.start()
    assert gateway.process is not None
    try:
        assert gateway.process.wait(30) == 2
    except subprocess.TimeoutExpired:
        pytest.fail(gateway.log())
    assert "--topic" in gateway.printed()
