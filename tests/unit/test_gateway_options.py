"""What the options and the environment of a gateway may be, and where its secrets come from."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from gateway_fakes import Memory

from ledger.adapters.device_table_toml import read_device_table
from ledger.domain.errors import StoreError, UnusableSettings
from ledger.wiring_gateway import GatewayOptions, open_gateway

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = GatewayOptions(
    "mqtt://127.0.0.1", "http://127.0.0.1:8000/", Path("dead"), environment={"SILKROOT_GATEWAY_KEY": "silkroot_1"}
)


def used(options: GatewayOptions) -> object:
    return options.mqtt, options.service_address, options.api_key, options.topics, options.pinned_domain


def test_what_is_not_given_has_a_default() -> None:
    broker = OPTIONS.mqtt
    assert (broker.host, broker.port, broker.tls, broker.user) == ("127.0.0.1", 1883, None, "")
    assert (broker.topic_filter, broker.client_id, broker.window) == ("silkroot/+/+/events", "silkroot-gateway", 1_000)
    assert (OPTIONS.service_address, OPTIONS.api_key) == ("http://127.0.0.1:8000", "silkroot_1")
    secure = replace(OPTIONS, broker="mqtts://[::1]").mqtt
    assert (secure.host, secure.port, secure.tls is not None) == ("::1", 8883, True)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"broker": "127.0.0.1:1883"}, "--broker"),
        ({"broker": "http://127.0.0.1"}, "--broker"),
        ({"broker": "mqtt://127.0.0.1/topic"}, "--broker"),
        ({"broker": "mqtt://127.0.0.1:66000"}, "--broker"),
        ({"broker": "mqtt://user:word@127.0.0.1"}, "--broker"),
        ({"broker": "mqtt://"}, "--broker"),
        ({"client_id": ""}, "--client-id"),
        ({"window": 0}, "--window"),
        ({"window": 65_536}, "--window"),
        ({"ca": Path("ca.pem")}, "--ca"),
        ({"broker": "mqtts://127.0.0.1", "ca": Path("/missing/ca.pem")}, "--ca"),
        ({"broker": "mqtts://127.0.0.1", "certificate_key": Path("key.pem")}, "--cert-key"),
        ({"service": "ftp://127.0.0.1"}, "--service"),
        ({"service": "http://ledger.example"}, "SILKROOT_ALLOW_PLAIN_CAPTURE"),
        ({"service": "https://silkroot_1@ledger.example"}, "--service"),
        ({"topic": "a/#"}, "--topic"),
        ({"topic": "a/{party}", "devices": Path("devices.toml")}, "--topic"),
        ({"deployment": Path("/missing/deployment.json")}, "--deployment"),
        ({"environment": {}}, "SILKROOT_GATEWAY_KEY"),
        ({"environment": {"SILKROOT_GATEWAY_KEY": "two words"}}, "SILKROOT_GATEWAY_KEY"),
        ({"environment": {"SILKROOT_GATEWAY_KEY_FILE": "/missing/key"}}, "SILKROOT_GATEWAY_KEY_FILE"),
    ],
)
def test_what_cannot_be_used_is_named(change: dict[str, Any], named: str) -> None:
    with pytest.raises(UnusableSettings, match=named):
        used(replace(OPTIONS, **change))


def test_no_secret_goes_over_a_way_that_others_read() -> None:
    word = {**OPTIONS.environment, "SILKROOT_GATEWAY_USER": "gateway", "SILKROOT_GATEWAY_PASSWORD": "word"}
    here = replace(OPTIONS, environment=word).mqtt
    assert (here.user, here.password) == ("gateway", "word")
    with pytest.raises(UnusableSettings, match="SILKROOT_GATEWAY_PASSWORD"):
        _ = replace(OPTIONS, environment=word, broker="mqtt://broker.example").mqtt
    assert replace(OPTIONS, environment=word, broker="mqtts://broker.example").mqtt.password == "word"
    allowed = {**OPTIONS.environment, "SILKROOT_ALLOW_PLAIN_CAPTURE": "1"}
    plain = replace(OPTIONS, service="http://ledger.example", environment=allowed)
    assert plain.service_address == "http://ledger.example"


def test_secrets_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("silkroot_2\n")
    environment = {"SILKROOT_GATEWAY_KEY_FILE": str(tmp_path / "key"), "SILKROOT_GATEWAY_KEY": "silkroot_1"}
    assert replace(OPTIONS, environment=environment).api_key == "silkroot_2"


@pytest.mark.parametrize("text", ["devices = ", "[devices.a]\nparty = 7\nkeys = []", None])
def test_a_device_table_that_is_none(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "devices.toml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(UnusableSettings, match="--devices"):
        read_device_table(file)


async def test_a_place_for_dead_letters_is_looked_for_before_anything_is_taken(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="dead"):
        async with open_gateway(replace(OPTIONS, dead_letters=tmp_path / "missing" / "dead"), Memory()):
            pass


def in_python(code: str) -> str:
    """What a Python of its own prints."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_a_gateway_loads_no_store_and_no_server() -> None:
    loaded = in_python("import sys, ledger.wiring_gateway; print(*sys.modules)").split()
    assert "paho.mqtt.client" in loaded
    assert {"sqlalchemy", "sqlite3", "alembic", "fastapi", "starlette", "uvicorn", "jinja2"} & set(loaded) == set()


def test_without_its_package_it_says_how_to_get_it() -> None:
    code = "import sys; sys.modules['paho'] = None\nimport ledger.wiring_gateway"
    assert "pip install 'silkroot[gateway]'" in in_python(code)
