"""What `silkroot up` makes of its options: where the pages are, and whether staff get HTTPS. Nothing is started."""

from __future__ import annotations

from pathlib import Path

import pytest

import api.serve
import api.workers.serving
from api.cli.up import up
from ledger.domain.errors import UnusableSettings
from ledger.settings import Settings


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Settings]:
    """The settings with which the service would be started."""
    found: list[Settings] = []

    async def serve(settings: Settings, **rest: object) -> None:
        found.append(settings)

    monkeypatch.setattr(api.serve, "serve", serve)
    monkeypatch.setenv("SILKROOT_DATA_DIR", str(tmp_path))
    for name in ("SILKROOT_PUBLIC_URL", "SILKROOT_HTTPS_PORT", "SILKROOT_PORT", "SILKROOT_HOST"):
        monkeypatch.delenv(name, raising=False)
    return found


def in_network(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr(api.serve, "lan_address", lambda: address)


def test_alone_there_is_no_https_and_staff_use_this_machines_name(started: list[Settings]) -> None:
    up(port=8123)
    assert (started[0].https_port, started[0].staff_url) == (0, "http://localhost:8123")


def test_in_a_local_network_staff_get_https(started: list[Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    in_network(monkeypatch, "192.168.1.20")
    up(lan=True)
    (settings,) = started
    assert (settings.host, settings.url) == ("0.0.0.0", "http://192.168.1.20:8000")  # noqa: S104
    assert settings.staff_url == "https://192.168.1.20:8443"


@pytest.mark.parametrize(("given", "expected"), [(9443, "https://192.168.1.20:9443"), (0, "http://192.168.1.20:8000")])
def test_another_port_or_none(
    started: list[Settings], monkeypatch: pytest.MonkeyPatch, given: int, expected: str
) -> None:
    in_network(monkeypatch, "192.168.1.20")
    up(lan=True, https_port=given)
    assert started[0].staff_url == expected


@pytest.mark.parametrize("address", ["203.0.113.5", ""])
def test_an_address_of_no_local_network_gets_none(
    started: list[Settings], monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    in_network(monkeypatch, address)
    up(lan=True)
    assert started[0].https_port == 0


def test_a_proxy_with_https_is_where_staff_go(started: list[Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SILKROOT_PUBLIC_URL", "https://trace.example/")
    in_network(monkeypatch, "192.168.1.20")
    up(lan=True)
    assert (started[0].https_port, started[0].staff_url) == (0, "https://trace.example")


def test_several_processes_have_no_https_of_their_own(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, https_port=8443)
    with pytest.raises(UnusableSettings, match="proxy"):
        api.workers.serving.require_no_https(settings, 2)
    api.workers.serving.require_no_https(settings.model_copy(update={"https_port": 0}), 2)
