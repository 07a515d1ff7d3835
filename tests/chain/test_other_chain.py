"""`SILKROOT_RPC_URL`: the service on a chain that is not its own, with keys that it was given."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import coincurve
import pytest
from eth_hash.auto import keccak
from service_process import ServiceProcess

from ledger.adapters.anvil_process import AnvilProcess, find_anvil, free_port
from ledger.adapters.json_rpc import JsonRpc

pytestmark = pytest.mark.chain
OTHER_CHAIN = "424242"

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


def address_of(secret: bytes) -> str:
    public = coincurve.PrivateKey(secret).public_key.format(compressed=False)
    return "0x" + keccak(public[1:])[12:].hex()


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[AnvilProcess]:
    """Somebody else's node: another chain id, accounts that we do not know."""
    arguments = ["--chain-id", OTHER_CHAIN, "--block-time", "1", "--accounts", "0", "--quiet"]
    process = await AnvilProcess.start(find_anvil(), arguments, free_port(), tmp_path / "node.log")
    yield process
    await process.stop()


async def test_the_service_deploys_on_and_writes_to_another_chain(node: AnvilProcess, tmp_path: Path) -> None:
    relay, registrar, operator = (secrets.token_bytes(32) for _ in range(3))
    keys = {"SILKROOT_RELAY_KEY": "0x" + relay.hex(), "SILKROOT_REGISTRAR_KEY": registrar.hex()}
    keys["SILKROOT_OPERATOR_KEY"] = operator.hex()
    running = ServiceProcess(tmp_path / "data", settings={"SILKROOT_RPC_URL": node.rpc_url, **keys})
    rpc = JsonRpc(node.rpc_url, timeout=10)
    await rpc.call("anvil_setBalance", address_of(relay), hex(10**21))
    with pytest.raises(AssertionError, match=f"log's operator account {address_of(operator)} has nothing to pay gas"):
        running.start()
    await rpc.call("anvil_setBalance", address_of(operator), hex(10**21))
    await rpc.close()
    (tmp_path / "master.toml").write_text(MASTER)
    try:
        running.start()
        running.command("import", str(tmp_path / "master.toml"))
        running.command(
            "register", "09520001000102/F-1", "800kg", "--plot", "9520001000010/P1", "--as", "9520001000010"
        )
        status = running.wait_until_settled()
        assert status["chain"]["id"] == int(OTHER_CHAIN)
        story = running.ask("show", "09520001000102/F-1")
        # A network without a name of its own wants twelve blocks before anything is final.
        assert story["chain"]["confirmations"] == 12
        assert story["verdict"] == "verified"
        assert "single-operator-chain" not in story["qualifiers"]
    finally:
        if running.process is not None:
            running.kill()


def test_a_node_that_does_not_answer_ends_the_start_with_a_reason(tmp_path: Path) -> None:
    running = ServiceProcess(tmp_path / "data", settings={"SILKROOT_RPC_URL": "http://127.0.0.1:9"})
    with pytest.raises(AssertionError, match="cannot be asked"):
        running.start()


async def test_an_account_without_money_ends_the_start_with_a_reason(node: AnvilProcess, tmp_path: Path) -> None:
    """The keys are made up by the service, so nobody has funded them."""
    running = ServiceProcess(tmp_path / "data", settings={"SILKROOT_RPC_URL": node.rpc_url})
    with pytest.raises(AssertionError, match=r"relay account 0x[0-9a-f]{40} has nothing to pay gas with"):
        running.start()
