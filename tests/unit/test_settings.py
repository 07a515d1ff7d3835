"""Settings come from the environment; everything written lies under the data directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.domain.errors import UnusableSettings
from ledger.settings import Settings


def test_environment_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SILKROOT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SILKROOT_PORT", "9001")
    monkeypatch.setenv("SILKROOT_PUBLIC_URL", "https://trace.example/")
    settings = Settings()
    assert settings.port == 9001
    assert settings.url == "https://trace.example"
    assert settings.sqlalchemy_url == f"sqlite:///{tmp_path}/silkroot.sqlite3"
    for path in (settings.lock_path, settings.deployment_path, settings.socket_path):
        assert path.is_relative_to(tmp_path)


def test_a_port_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SILKROOT_PORT", "70000")
    with pytest.raises(UnusableSettings, match=r"SILKROOT_PORT: .* 65535"):
        Settings()


@pytest.mark.parametrize("name", ["SILKROOT_RELAY_KEY", "SILKROOT_REGISTRAR_KEY", "SILKROOT_OPERATOR_KEY"])
def test_a_key_that_is_none_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "5ec2e7")
    with pytest.raises(UnusableSettings, match=name) as caught:
        Settings()
    assert "5ec2e7" not in str(caught.value)


def test_a_long_data_dir_still_gets_a_socket_that_can_be_bound(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 120)
    first, second = Settings(data_dir=deep), Settings(data_dir=deep / "y")
    assert len(bytes(first.socket_path)) <= 100
    assert first.socket_path == Settings(data_dir=deep).socket_path
    assert first.socket_path != second.socket_path
