"""`--workers N`: refused where one process owns the database; what the processes are told of the settings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from api.workers.serving import environment_of, require_server
from ledger.domain.errors import UnusableSettings
from ledger.settings import Settings

SERVER = "postgresql+psycopg://somebody@/silkroot"


def settings_of(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Settings()


@pytest.mark.parametrize("url", ["", "sqlite:///somewhere/a.sqlite3"])
def test_several_processes_need_a_server(tmp_path: Path, url: str) -> None:
    with pytest.raises(
        UnusableSettings, match=r"--workers 2: .*SQLite.*SILKROOT_DATABASE_URL.*\[workers\.postgresql\]"
    ):
        require_server(Settings(data_dir=tmp_path, database_url=url), 2)
    require_server(Settings(data_dir=tmp_path, database_url=SERVER), 2)


def test_the_command_says_so_and_touches_nothing(tmp_path: Path) -> None:
    start = "import sys; sys.argv = ['silkroot', 'up', '--workers', '2']; from api.cli import main; main()"
    environment = {"SILKROOT_DATA_DIR": str(tmp_path / "data"), "COLUMNS": "400", "LANG": "C.UTF-8"}
    run = subprocess.run([sys.executable, "-c", start], env=environment, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (2, "")
    assert "workers.postgresql" in run.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("rpc", ["", "http://127.0.0.1:4545"])
def test_the_processes_read_what_was_chosen(tmp_path: Path, rpc: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Settings(
        data_dir=tmp_path, database_url=SERVER, host="::1", port=4711, public_url="https://example.org", merge_delay=60
    )
    monkeypatch.setenv("SILKROOT_DATABASE_URL", SERVER)
    monkeypatch.setenv("SILKROOT_MERGE_DELAY", "60")
    theirs = settings_of(environment_of(ours, rpc), monkeypatch)
    changed = {"rpc_url": rpc, "network": "local"} if rpc else {}
    assert theirs == ours.model_copy(update=changed)
