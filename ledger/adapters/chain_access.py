"""
Opens a chain for this ledger: the contracts are deployed once, found again ever after.

The transactions that create the contracts, and the libraries that they link (see `creation`), go the way of all
others: signed, stored in the outbox with their nonces, then sent. So a crash in the middle deploys nothing twice, and a
chain that lost everything gets the same contracts at the same addresses when the outbox sends its transactions again.
Raises `ChainUnavailable` and `WrongChain`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ledger.adapters import artifacts
from ledger.adapters.contract_calls import encode_call
from ledger.adapters.creation import LEDGER, LOG, REGISTRY, creation_code, creation_order, libraries
from ledger.adapters.deployment import Deployment, artifact_hashes, load_deployment, save_deployment
from ledger.adapters.evm_chain import EvmChain
from ledger.adapters.evm_relay import EvmRelay
from ledger.adapters.json_rpc import JsonRpc
from ledger.adapters.local_chain import PastTransaction
from ledger.adapters.networks import Network
from ledger.adapters.transactions import create_address
from ledger.domain.errors import ChainUnavailable, NotFound, WrongChain
from ledger.ports import Clock
from ledger.ports_outbox import OutboxStore, OutboxTransaction, Target, TransactionState
from ledger.services.submit import Submitter

_HISTORY_PAGE = 64
_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class ChainAccess:
    """All that talks to one chain. Run `submitter.run()` as a task, `close()` when it has ended."""

    deployment: Deployment
    rpc: JsonRpc
    relay: EvmRelay
    reader: EvmChain
    submitter: Submitter

    async def close(self) -> None:
        """Closes the connections."""
        await self.rpc.close()


def history_of(store: OutboxStore) -> Callable[[int], Iterator[PastTransaction]]:
    """The settled transactions of the outbox, for `LocalChain.start`."""

    def from_nonce(nonce: int) -> Iterator[PastTransaction]:
        given = nonce - 1
        while True:
            page = store.transactions(nonce, _HISTORY_PAGE)
            for one in page:
                if one.state is TransactionState.SETTLED and one.block is not None and one.nonce > given:
                    given = one.nonce
                    yield PastTransaction(one.nonce, one.raw, one.block.time, one.block.number)
            if len(page) < _HISTORY_PAGE:
                return
            # The attempts at one nonce may straddle the page's end, so that nonce is read again.
            nonce = max(nonce + 1, page[-1].nonce)

    return from_nonce


def open_deployed(
    deployment: Deployment, *, store: OutboxStore, rpc_url: str, relay_key: bytes, network: Network, clock: Clock
) -> ChainAccess:
    """For a ledger that is deployed: needs no answer from the chain, so a service can start while it is down."""
    rpc = JsonRpc(rpc_url, network.timeout_seconds)
    return _access(deployment, rpc, store, relay_key, network, clock)


async def open_chain(
    record: Path, *, store: OutboxStore, rpc_url: str, relay_key: bytes, registrar: bytes, network: Network,
    clock: Clock, operator: bytes | None = None, within_seconds: float = 60.0,
) -> ChainAccess:  # fmt: skip
    """
    Opens the chain of the record, deploying the contracts where there is no record yet.

    `relay_key`: 32 bytes, the funded account that pays; `registrar`: the 20-byte address of the registrar's key;
    `operator`: that of the log's first operator, the relay account where none is named.
    """
    try:
        deployment = load_deployment(record)
    except NotFound:
        return await _deploy(record, store, rpc_url, relay_key, registrar, operator, network, clock, within_seconds)
    return open_deployed(deployment, store=store, rpc_url=rpc_url, relay_key=relay_key, network=network, clock=clock)


async def _deploy(
    record: Path, store: OutboxStore, rpc_url: str, relay_key: bytes, registrar: bytes, operator: bytes | None,
    network: Network, clock: Clock, within_seconds: float,
) -> ChainAccess:  # fmt: skip
    rpc = JsonRpc(rpc_url, network.timeout_seconds)
    try:
        chain_id = int(await rpc.call("eth_chainId"), 16)
        if network.chain_id is not None and chain_id != network.chain_id:
            raise WrongChain(f"{rpc_url} is chain {chain_id}; network {network.name} is chain {network.chain_id}")
        await _check_funds(rpc, chain_id, relay_key, network)
        if operator is not None:
            await _check_operator(rpc, chain_id, relay_key, operator, network)
        deployer = EvmRelay(rpc, network, chain_id, relay_key, bytes(20), bytes(20), ()).address
        creations = await _creations(store, rpc, chain_id, relay_key, registrar, operator or deployer, network)
        addresses = _addresses(deployer, creations)
        deployment = Deployment(
            network=network.name,
            chain_id=chain_id,
            registry=addresses[REGISTRY],
            ledger=addresses[LEDGER],
            log=addresses[LOG],
            deployer=deployer,
            registrar=registrar,
            # A local chain that is rebuilt may have its blocks at lower numbers.
            first_block=0 if network.name == "local" else int(await rpc.call("eth_blockNumber"), 16),
            artifacts=artifact_hashes(),
            libraries={name: addresses[name] for name in libraries()},
        )
        access = _access(deployment, rpc, store, relay_key, network, clock)
        try:
            async with asyncio.timeout(within_seconds):
                while not await _is_settled(store, creations):
                    await access.submitter.step()
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError:
            problem = access.submitter.status.problem or "no block has them"
            raise ChainUnavailable(
                f"the contracts were not created within {within_seconds:.0f} s: {problem}; "
                f"is the relay account 0x{deployer.hex()} funded?"
            ) from None
        await _check_contracts(rpc, deployment)
        await asyncio.to_thread(save_deployment, record, deployment)
    except BaseException:
        await rpc.close()
        raise
    return access


async def _check_funds(rpc: JsonRpc, chain_id: int, relay_key: bytes, network: Network) -> None:
    """An account with nothing, on a chain that wants something, would only keep everybody waiting."""
    relay = EvmRelay(rpc, network, chain_id, relay_key, bytes(20), bytes(20), ())
    balance = int(await rpc.call("eth_getBalance", "0x" + relay.address.hex(), "latest"), 16)
    if balance == 0 and await relay.fee() > 0:
        raise ChainUnavailable(f"the relay account 0x{relay.address.hex()} has nothing to pay gas with on {rpc.url}")


async def _check_operator(rpc: JsonRpc, chain_id: int, relay_key: bytes, operator: bytes, network: Network) -> None:
    """The same for the log's operator, where it has an account of its own: nothing would ever be covered."""
    relay = EvmRelay(rpc, network, chain_id, relay_key, bytes(20), bytes(20), ())
    account = f"0x{operator.hex()}"
    if int(await rpc.call("eth_getBalance", account, "latest"), 16) == 0 and await relay.fee() > 0:
        raise ChainUnavailable(f"the log's operator account {account} has nothing to pay gas with on {rpc.url}")


async def _creations(
    store: OutboxStore,
    rpc: JsonRpc,
    chain_id: int,
    relay_key: bytes,
    registrar: bytes,
    operator: bytes,
    network: Network,
) -> list[OutboxTransaction]:
    """The creation transactions, as stored, in their order; made and stored where they are not."""
    found = await asyncio.to_thread(_stored_creations, store)
    relay = EvmRelay(rpc, network, chain_id, relay_key, bytes(20), bytes(20), ())
    head = await relay.head()
    for name in creation_order()[len(found) :]:
        nonce = max(await asyncio.to_thread(store.next_nonce), head.nonce)
        code = creation_code(name, registrar, operator, _addresses(relay.address, found))
        fee = await relay.fee()
        signed, gas = relay.sign_creation(nonce, code, fee)
        creation = OutboxTransaction(nonce, 0, Target.CREATION, (), signed.hash, signed.raw, gas, fee)
        await asyncio.to_thread(store.insert_transaction, creation)
        found.append(creation)
    return found


def _addresses(deployer: bytes, creations: Sequence[OutboxTransaction]) -> dict[str, bytes]:
    """Where those of the contracts and libraries come to stand whose creation is stored already, by name."""
    return {
        name: create_address(deployer, creation.nonce)
        for name, creation in zip(creation_order(), creations, strict=False)
    }


def _stored_creations(store: OutboxStore) -> list[OutboxTransaction]:
    """The contracts are deployed before anything else is sent, so the first page has them."""
    return [one for one in store.transactions(0, _HISTORY_PAGE) if one.target is Target.CREATION]


async def _is_settled(store: OutboxStore, creations: list[OutboxTransaction]) -> bool:
    last = await asyncio.to_thread(store.last_settled)
    return last is not None and last.nonce >= creations[-1].nonce


async def _check_contracts(rpc: JsonRpc, deployment: Deployment) -> None:
    """That our own builds stand at the addresses and belong together."""
    addresses = {REGISTRY: deployment.registry, **deployment.libraries, LEDGER: deployment.ledger, LOG: deployment.log}
    asked = {"to": "0x" + deployment.ledger.hex(), "data": "0x" + encode_call("registry", [], []).hex()}
    *answers, obeyed = await rpc.results([
        *(("eth_getCode", ["0x" + address.hex(), "latest"]) for address in addresses.values()),
        ("eth_call", [asked, "latest"]),
    ])  # fmt: skip
    codes = {name: bytes.fromhex(code[2:]) for name, code in zip(addresses, answers, strict=True)}
    for name, code in codes.items():
        if not artifacts.load(name).is_code_at(code):
            raise WrongChain(f"{rpc.url}: what stands at the address of {name} is not it")
    if not artifacts.load(LEDGER).is_linked_to(codes[LEDGER], deployment.libraries):
        raise WrongChain(f"{rpc.url}: the ledger calls other libraries")
    if bytes.fromhex(obeyed[2:])[-20:] != deployment.registry:
        raise WrongChain(f"{rpc.url}: the ledger obeys another registry")


def _access(
    deployment: Deployment, rpc: JsonRpc, store: OutboxStore, relay_key: bytes, network: Network, clock: Clock
) -> ChainAccess:
    relay = EvmRelay(
        rpc, network, deployment.chain_id, relay_key, deployment.registry, deployment.ledger,
        [artifacts.load(name).abi for name in (LEDGER, REGISTRY)],
    )  # fmt: skip
    return ChainAccess(
        deployment=deployment,
        rpc=rpc,
        relay=relay,
        reader=EvmChain(rpc, deployment, network, clock),
        submitter=Submitter(store, relay, clock),
    )
