"""A reset removes what the ledger wrote, each file by name, and nothing else; and refuses where it must not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from import_world import import_world
from service_process import SILKROOT, ServiceProcess

from api.season import season_folder
from ledger.adapters.data_dir_lock import data_dir_lock
from ledger.adapters.data_dir_reset import look, reset
from ledger.adapters.sql_store.store import SqlStore
from ledger.domain.errors import LedgerBusy, NotFound, Refused
from ledger.domain.master_data import MasterData
from ledger.settings import Settings

KEY = "9520001000010-0001-01a6ca967334ddd3420d7e0949fbe3665664a984.json"
OURS = [
    "demo-held.json", "service.key", "relay.key", "deployment.json", "chain/state.json", "chain/state.previous.json",
    "chain/anvil.log", "chain/cache/1", f"demo-tampered/{'ab' * 32}.json", f"keys/{KEY}", "keys/passphrase",
    f"keys/registrar-0001-{'0' * 40}.json", f"files/{'cd' * 32}", f"files/.{'ef' * 32}.0123abcd",
]  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A data directory with everything that a ledger may have written there."""
    for name in ("SILKROOT_DATABASE_URL", "SILKROOT_RPC_URL"):
        monkeypatch.delenv(name, raising=False)
    settings = Settings(data_dir=tmp_path / "data")
    for name in OURS:
        path = settings.data_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"network": "local"}))
    SqlStore(settings.sqlalchemy_url).close()
    settings.lock_path.touch()
    return settings


def rule(refusal: pytest.ExceptionInfo[Refused]) -> str:
    return refusal.value.violations[0].rule


def everything(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def test_everything_of_ours_goes_and_only_the_lock_stays(settings: Settings) -> None:
    done = reset(settings)
    assert done is not None
    assert set(OURS) <= {str(path.relative_to(settings.data_dir)) for path in done.files}
    assert done.foreign == ()
    assert [path.name for path in settings.data_dir.iterdir()] == ["silkroot.lock"]
    with pytest.raises(NotFound):
        reset(settings)


def test_what_is_not_ours_stays_and_is_named(settings: Settings) -> None:
    kept = {"notes.txt", "keys/my-wallet.json", "chain/photo.jpg", "backup.sqlite3", "keys/.ssh"}
    for name in kept:
        (settings.data_dir / name).write_text("mine")
    done = reset(settings)
    assert done is not None
    assert set(done.foreign) == kept
    assert everything(settings.data_dir) == kept | {"silkroot.lock"}


def test_a_symbolic_link_is_never_followed(settings: Settings, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "state.json").write_text("mine")
    for path in sorted((settings.data_dir / "chain").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (settings.data_dir / "chain").rmdir()
    (settings.data_dir / "chain").symlink_to(elsewhere)
    reset(settings)
    assert (elsewhere / "state.json").read_text() == "mine"


@pytest.mark.parametrize("missing", ["silkroot.lock", "silkroot.sqlite3"])
def test_a_folder_that_is_not_a_ledgers_is_refused_untouched(settings: Settings, missing: str) -> None:
    (settings.data_dir / missing).unlink()
    (settings.data_dir / "deployment.json").unlink()
    before = everything(settings.data_dir)
    with pytest.raises(Refused) as refusal:
        reset(settings)
    assert rule(refusal) == "reset.foreign"
    assert everything(settings.data_dir) == before


def test_another_programs_database_of_the_same_name_is_refused(settings: Settings) -> None:
    (settings.data_dir / "silkroot.sqlite3").write_text("no database")
    with pytest.raises(Refused) as refusal:
        reset(settings)
    assert rule(refusal) == "reset.foreign"


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        reset(Settings(data_dir=tmp_path / "none"))
    assert not (tmp_path / "none").exists()


def test_a_ledger_on_another_chain_is_refused(settings: Settings) -> None:
    with pytest.raises(Refused) as refusal:
        reset(settings.model_copy(update={"rpc_url": "http://127.0.0.1:9"}))
    assert rule(refusal) == "reset.other-chain"
    settings.deployment_path.write_text(json.dumps({"network": "consortium"}))
    with pytest.raises(Refused) as refusal:
        reset(settings)
    assert rule(refusal) == "reset.other-chain"
    assert set(OURS) <= everything(settings.data_dir)


def test_a_database_elsewhere_is_refused(settings: Settings) -> None:
    with pytest.raises(Refused) as refusal:
        reset(settings.model_copy(update={"database_url": "sqlite:////elsewhere.sqlite3"}))
    assert rule(refusal) == "reset.database-elsewhere"


def test_a_running_ledger_is_refused_with_what_to_do(settings: Settings) -> None:
    before = everything(settings.data_dir)
    with data_dir_lock(settings.lock_path), pytest.raises(LedgerBusy, match="End it first"):
        reset(settings)
    assert everything(settings.data_dir) == before


def test_a_reset_that_was_cut_short_can_be_repeated(settings: Settings) -> None:
    (settings.data_dir / "silkroot.sqlite3").unlink()
    reset(settings)
    assert everything(settings.data_dir) == {"silkroot.lock"}


def test_it_says_how_much_is_recorded(settings: Settings, tmp_path: Path) -> None:
    assert (look(settings).events, look(settings).lots, look(settings).parties) == (0, 0, 0)
    world = import_world(tmp_path / "world", MasterData())
    with season_folder() as folder:
        world.importer.import_file(folder / "master.toml")
    (tmp_path / "world" / "silkroot.lock").touch()
    found = look(Settings(data_dir=tmp_path / "world"))
    assert found.parties == len(world.parts.store.master_data().parties) > 0
    assert "keys" not in found.foreign


def command(settings: Settings, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    environment = ServiceProcess(settings.data_dir).environment
    return subprocess.run(
        [*SILKROOT, *arguments], env=environment, input=typed, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_command_asks_first(settings: Settings) -> None:
    asked = command(settings, "demo", "reset", typed="n\n")
    assert asked.returncode == 1
    assert str(settings.data_dir) in asked.stdout
    assert set(OURS) <= everything(settings.data_dir)
    assert command(settings, "demo", "reset", typed="y\n").returncode == 0
    assert everything(settings.data_dir) == {"silkroot.lock"}


def test_the_command_in_a_script_needs_yes(settings: Settings) -> None:
    assert command(settings, "demo", "reset", "--json").returncode == 2
    assert set(OURS) <= everything(settings.data_dir)
    done = command(settings, "demo", "reset", "--json", "--yes")
    assert done.returncode == 0
    assert json.loads(done.stdout)["removed"] == len(OURS) + 1


def test_the_command_refuses_while_the_ledger_runs(settings: Settings) -> None:
    holder = "import sys, time\nfrom pathlib import Path\nfrom ledger.adapters.data_dir_lock import data_dir_lock\n"
    holder += "with data_dir_lock(Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(settings.lock_path)], stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "held\n"
        refused = command(settings, "demo", "reset", "--yes")
        owner.kill()
    assert refused.returncode == 2
    assert "End it first" in refused.stderr
    assert set(OURS) <= everything(settings.data_dir)
