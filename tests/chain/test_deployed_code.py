"""What was deployed is checked before it is trusted, and a deployment that was cut short goes on where it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from chain_fixtures import ChainWorld, TestKey, open_world
from memory_outbox import MemoryOutbox

from ledger.adapters import artifacts
from ledger.adapters.creation import LEDGER, creation_order
from ledger.adapters.deployment import load_deployment
from ledger.domain.errors import StoreError, WrongChain
from ledger.ports_outbox import OutboxTransaction, Target

pytestmark = pytest.mark.chain


async def code_at(world: ChainWorld, address: bytes) -> bytearray:
    code = await world.access.rpc.call("eth_getCode", "0x" + address.hex(), "latest")
    return bytearray.fromhex(code[2:])


async def open_again_with(world: ChainWorld, url: str, folder: Path, address: bytes, code: bytes) -> None:
    """Puts other code at the address, forgets the record, and has the deployment looked at again."""
    await world.access.rpc.call("anvil_setCode", "0x" + address.hex(), "0x" + code.hex())
    (folder / "deployment.json").unlink()
    again = await open_world(url, folder, world.store, world.relay_key, world.registrar)
    await again.access.close()


async def test_the_ledger_stands_linked_to_its_libraries(anvil_url: str, tmp_path: Path) -> None:
    world = await open_world(anvil_url, tmp_path)
    deployment = world.access.deployment
    assert load_deployment(tmp_path / "deployment.json") == deployment
    code = bytes(await code_at(world, deployment.ledger))
    assert artifacts.load(LEDGER).is_linked_to(code, deployment.libraries)
    for name, address in deployment.libraries.items():
        standing = bytes(await code_at(world, address))
        assert artifacts.load(name).is_code_at(standing)
        assert address in standing  # the guard against direct calls, which the comparison leaves out
    await world.access.close()


async def test_another_library_at_the_address_is_refused(anvil_url: str, tmp_path: Path) -> None:
    world = await open_world(anvil_url, tmp_path)
    name, address = sorted(world.access.deployment.libraries.items())[0]
    code = await code_at(world, address)
    code[-1] ^= 1
    with pytest.raises(WrongChain, match=f"address of {name} is not it"):
        await open_again_with(world, anvil_url, tmp_path, address, bytes(code))
    assert not (tmp_path / "deployment.json").exists()
    await world.access.close()


async def test_a_ledger_that_calls_other_libraries_is_refused(anvil_url: str, tmp_path: Path) -> None:
    world = await open_world(anvil_url, tmp_path)
    ledger = world.access.deployment.ledger
    code = await code_at(world, ledger)
    start = artifacts.load(LEDGER).deployed_links[-1].start
    code[start : start + 20] = b"\x66" * 20
    with pytest.raises(WrongChain, match="calls other libraries"):
        await open_again_with(world, anvil_url, tmp_path, ledger, bytes(code))
    await world.access.close()


async def test_a_ledger_of_another_registry_is_refused(anvil_url: str, tmp_path: Path) -> None:
    first = await open_world(anvil_url, tmp_path / "first")
    second = await open_world(anvil_url, tmp_path / "second")
    code = await code_at(second, second.access.deployment.ledger)
    for link in artifacts.load(LEDGER).deployed_links:
        code[link.start : link.start + 20] = first.access.deployment.libraries[link.library]
    with pytest.raises(WrongChain, match="obeys another registry"):
        await open_again_with(first, anvil_url, tmp_path / "first", first.access.deployment.ledger, bytes(code))
    for world in (first, second):
        await world.access.close()


class CutShort(MemoryOutbox):
    """Fails before it stores the creation of that number."""

    def __init__(self, fails_at: int) -> None:
        super().__init__()
        self.fails_at = fails_at

    def insert_transaction(self, transaction: OutboxTransaction) -> None:
        if transaction.nonce == self.fails_at:
            self.fails_at = -1
            raise StoreError("cut short")
        super().insert_transaction(transaction)


@pytest.mark.parametrize("fails_at", range(1, len(creation_order())))
async def test_a_deployment_cut_short_goes_on_where_it_was(anvil_url: str, tmp_path: Path, fails_at: int) -> None:
    store, relay_key, registrar = CutShort(fails_at), TestKey(), TestKey()
    with pytest.raises(StoreError, match="cut short"):
        await open_world(anvil_url, tmp_path, store, relay_key, registrar)
    before = [one.raw for one in store.transactions(0, 64)]
    assert len(before) == fails_at
    world = await open_world(anvil_url, tmp_path, store, relay_key, registrar)
    creations = [one for one in store.transactions(0, 64) if one.target is Target.CREATION]
    assert [one.raw for one in creations][:fails_at] == before
    assert len(creations) == len(creation_order())
    await world.access.close()
