"""
What a person can do with the wheel alone, in an empty folder: hash, take links apart, print labels, try an import,
write a template; and start a ledger where Anvil is, or be told how to get it.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import zipfile
from dataclasses import replace
from importlib import resources
from pathlib import Path

import httpx
import pytest
import zxingcpp
from installed_wheel import Installed
from PIL import Image

from ledger.adapters.anvil_process import find_anvil
from ledger.domain.cbv_hash import document_hashes
from ledger.domain.json_tree import parse_json

DEMO = resources.files("ledger").joinpath("package_data", "demo")
LOT = "09520001000133/A-1"


def document(folder: Path) -> Path:
    """An EPCIS document of the season, in the empty folder."""
    source = min(path for path in DEMO.iterdir() if path.name.endswith(".jsonld"))
    copy = folder / source.name
    copy.write_bytes(source.read_bytes())
    return copy


def test_the_wheel_holds_every_file_of_the_packages_that_is_not_made_from_another(wheel: Path) -> None:
    root = Path(str(resources.files("ledger"))).parent
    tracked = subprocess.run(
        ["git", "ls-files", "api", "ledger"], cwd=root, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    here = {name for name in tracked if (root / name).is_file() and not name.startswith("api/web/")}
    if not here:
        pytest.skip("not a git checkout")
    with zipfile.ZipFile(wheel) as archive:
        assert here - set(archive.namelist()) == set()


def test_nothing_of_the_checkout_is_imported(installed: Installed) -> None:
    python = installed.silkroot.parent / "python"
    code = "import api, ledger; print(api.__file__); print(ledger.__file__)"
    shown = subprocess.run(
        [str(python), "-c", code], cwd=installed.folder, env=installed.environment, capture_output=True, text=True,
        check=True,
    ).stdout.split()  # fmt: skip
    assert all(Path(path).is_relative_to(installed.silkroot.parents[1]) for path in shown)


def test_hash_prints_the_hashes_of_a_document(installed: Installed) -> None:
    path = document(installed.folder)
    result = installed.run("hash", path.name)
    assert result.returncode == 0, result.stderr
    tree = parse_json(path.read_bytes())
    assert isinstance(tree, dict)
    assert result.stdout.split() == document_hashes(tree)


def test_link_takes_a_digital_link_apart(installed: Installed) -> None:
    result = installed.run("link", "https://id.gs1.org/01/09520001000133/10/A-1")
    assert result.returncode == 0, result.stderr
    assert "A-1" in result.stdout


def test_the_template_written_can_be_tried(installed: Installed) -> None:
    written = installed.run("template", "--lang", "zh", "--out", "day.xlsx")
    assert written.returncode == 0, written.stderr
    tried = installed.run("--lang", "ug", "import", "--dry-run", "day.xlsx")
    assert tried.returncode == 0, tried.stdout + tried.stderr


def test_the_label_of_a_lot_needs_no_ledger(installed: Installed) -> None:
    public = replace(installed, settings={"SILKROOT_PUBLIC_URL": "https://fruit.example"})
    result = public.run("label", LOT, "--out", "label.png")
    assert result.returncode == 0, result.stderr
    (code,) = zxingcpp.read_barcodes(Image.open(installed.folder / "label.png"))
    assert code.text == "https://fruit.example/01/09520001000133/10/A-1"
    assert not (installed.folder / "home" / ".local").exists(), "asking for a label must not make a ledger"


def test_a_dry_run_of_a_document_needs_no_ledger(installed: Installed) -> None:
    result = installed.run("import", "--dry-run", document(installed.folder).name)
    assert result.returncode == 0, result.stderr
    assert "Who may act" in result.stderr
    assert not (installed.folder / "home" / ".local").exists(), "a dry run must not make a ledger"


def test_a_dry_run_with_master_data_is_held_to_the_rules(installed: Installed) -> None:
    names = ["master.toml", document(installed.folder).name]
    (installed.folder / "master.toml").write_bytes(DEMO.joinpath("master.toml").read_bytes())
    result = installed.run("import", "--dry-run", "--json", *names)
    assert '"rules_checked": true' in result.stdout, result.stderr
    assert '"dry_run": true' in result.stdout


def test_a_dry_run_refuses_what_is_wrong_and_says_where(installed: Installed) -> None:
    path = document(installed.folder)
    path.write_text(path.read_text().replace("urn:uuid", "urn:wrong").replace("ObjectEvent", "ObjectivEvent"))
    result = installed.run("import", "--dry-run", path.name)
    assert result.returncode == 1
    assert "ObjectivEvent" in result.stdout + result.stderr


def test_a_real_import_without_a_ledger_says_to_start_one(installed: Installed) -> None:
    result = installed.run("import", document(installed.folder).name)
    assert result.returncode == 2
    assert "silkroot up" in result.stderr
    assert "Traceback" not in result.stderr


def test_up_without_anvil_says_what_is_missing_and_how_to_get_it(installed: Installed) -> None:
    result = installed.run("up", "--port", "0")
    assert result.returncode == 2
    for words in ("Anvil", "npm install -g @foundry-rs/anvil", "SILKROOT_ANVIL", "SILKROOT_RPC_URL"):
        assert words in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.chain
@pytest.mark.parametrize("way", ["SILKROOT_ANVIL", "PATH"])
def test_up_with_anvil_serves_and_ends(installed: Installed, way: str) -> None:
    tools = installed.folder / "tools"
    tools.mkdir()
    (tools / "anvil").symlink_to(find_anvil())
    found = {"SILKROOT_ANVIL": str(tools / "anvil")} if way == "SILKROOT_ANVIL" else {"PATH": f"{tools}:{os.defpath}"}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    running = replace(installed, settings={**found, "SILKROOT_PORT": port})
    log = installed.folder / "up.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(installed.silkroot), "up"], cwd=installed.folder, env=running.environment, stdout=output, stderr=output
        )
    try:
        deadline = time.monotonic() + 90
        while "Silkroot is running" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        assert httpx.get(f"http://127.0.0.1:{port}/health").json()["status"] == "ok"
        assert "<main" in httpx.get(f"http://127.0.0.1:{port}/").text
        assert running.run("chain").returncode == 0
        assert (installed.folder / "home" / ".local" / "share" / "silkroot" / "deployment.json").exists()
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(40) == 0
