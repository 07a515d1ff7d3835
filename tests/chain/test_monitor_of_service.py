"""A monitor of a real service: what it records is published, anchored, and verified from outside round by round."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import coincurve
import httpx
import pytest
from chain_fixtures import fund
from eth_hash.auto import keccak
from service_process import ServiceProcess

from ledger.adapters.anvil_process import AnvilProcess, find_anvil, free_port
from ledger.domain.log.checkpoints import Checkpoint
from ledger.domain.log.signed_notes import parse_note

pytestmark = pytest.mark.chain
FINAL_AT_ONCE = "1337"
"""The chain id of a network of networks.toml whose blocks are final when they are there."""
MASTER = """
[[party]]
id = "9520001000010"
roles = ["producer"]
name = { en = "A farm" }

[[product]]
gtin = "09520001000102"
owner = "9520001000010"
net_grams = 1000
name = { en = "Hami melon, loose" }
"""


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[AnvilProcess]:
    """A chain that service and monitor both ask."""
    arguments = ["--chain-id", FINAL_AT_ONCE, "--block-time", "1", "--accounts", "0", "--quiet"]
    process = await AnvilProcess.start(find_anvil(), arguments, free_port(), tmp_path / "node.log")
    yield process
    await process.stop()


async def test_a_service_is_well_and_stays_well_as_it_grows(node: AnvilProcess, tmp_path: Path) -> None:
    keys = {}
    for name in ("RELAY", "REGISTRAR", "OPERATOR"):
        secret = secrets.token_bytes(32)
        keys[f"SILKROOT_{name}_KEY"] = secret.hex()
        public = coincurve.PrivateKey(secret).public_key.format(compressed=False)
        await fund(node.rpc_url, keccak(public[1:])[12:])
    running = ServiceProcess(tmp_path / "data", settings={"SILKROOT_RPC_URL": node.rpc_url, **keys})
    (tmp_path / "master.toml").write_text(MASTER)
    try:
        running.start()
        running.command("import", str(tmp_path / "master.toml"))
        for size in (1, 2):
            running.command(
                "register", f"09520001000102/F-{size}", "800kg", "--plot", f"9520001000010/P{size}",
                "--as", "9520001000010",
            )  # fmt: skip
            report = look_until(running, node, tmp_path, size)
            assert report["chain"]["size"] == size
            # The record was given; the key was pinned at the first look.
            assert len(report["pinned"]) == (1 if size == 1 else 0)
    finally:
        if running.process is not None:
            running.kill()


def look_until(running: ServiceProcess, node: AnvilProcess, folder: Path, size: int) -> dict[str, Any]:
    """Looks again until so many entries are published; no look may end with an alarm."""
    record = folder / "data" / "deployment.json"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        published = httpx.get(f"{running.url}/log/checkpoint", timeout=10)
        if published.status_code == 200 and Checkpoint.parse(parse_note(published.content).text).size >= size:
            done = running.command(
                "monitor", running.url, "--rpc", node.rpc_url, "--deployment", str(record), "--once", "--json",
                "--state", str(folder / "state.json"),
            )  # fmt: skip
            report: dict[str, Any] = json.loads(done.stdout)
            assert (report["result"], report["verified"]["size"]) == ("well", size)
            return report
        time.sleep(0.5)
    raise AssertionError(f"size {size} was not published:\n{running.log()}")
