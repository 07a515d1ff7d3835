"""
A real Anvil with the contracts, for any test that needs a chain.

    from chain_fixtures import ChainWorld, anvil_url, chain_world  # noqa: F401 - fixtures

`anvil_url` is one Anvil for the whole session, which mines every transaction at once (and a block a second).
`chain_world` deploys fresh contracts on it, with a relay account, a registrar and an outbox of the test's own.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import coincurve
import pytest
from eth_hash.auto import keccak
from memory_outbox import MemoryOutbox
from signing_keys import P256Key

from ledger.adapters.anvil_process import AnvilProcess, find_anvil, free_port
from ledger.adapters.chain_access import ChainAccess, open_chain
from ledger.adapters.json_rpc import JsonRpc
from ledger.adapters.networks import local_network
from ledger.domain.actions import Action, EntryKind, Line, cosigner_of, signer_of
from ledger.domain.custody_state import Origin
from ledger.domain.entry_codec import encode_payload, encode_propagation, join_signatures
from ledger.domain.identifiers import ContentHash, Digest, KeyId, LotId, PartyId, ProductId, key_id_of_address
from ledger.domain.master_data import Role
from ledger.domain.records import EntryState, Scheme
from ledger.domain.registry_actions import Admission, ProductAssignment, RegistryAction
from ledger.domain.typed_data import digest, outputs_hash
from ledger.ports_outbox import NewRow, OutboxRow, OutboxStore, SignedEntry, Target

PRODUCER, PACKER, BUYER = PartyId(9520000000011), PartyId(9520000000028), PartyId(9520000000035)
PRODUCT = ProductId(9520000000019)
DEADLINE = 2**40
RELAY_BALANCE = 10**24


class SystemClock:
    """The time."""

    def now(self) -> float:
        return time.time()


@dataclass(frozen=True, slots=True)
class TestKey:
    """A key of either scheme; of secp256k1 unless told."""

    __test__ = False
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    scheme: Scheme = Scheme.SECP256K1

    @property
    def address(self) -> bytes:
        public = coincurve.PrivateKey(self.secret).public_key.format(compressed=False)
        return keccak(public[1:])[12:]

    @property
    def id(self) -> KeyId:
        return P256Key(self.secret).id if self.scheme is Scheme.P256 else key_id_of_address(self.address)

    def sign(self, message: Digest) -> bytes:
        if self.scheme is Scheme.P256:
            return P256Key(self.secret).sign(message)
        signature = coincurve.PrivateKey(self.secret).sign_recoverable(message, hasher=None)
        return signature[:64] + bytes([27 + signature[64]])


@dataclass(slots=True)
class ChainWorld:
    """Contracts on a chain, who may do what there, and an outbox. Keys are made on demand, one a party."""

    access: ChainAccess
    store: OutboxStore
    relay_key: TestKey
    registrar: TestKey
    keys: dict[PartyId, TestKey] = field(default_factory=dict)

    def key_of(self, party: PartyId) -> TestKey:
        return self.keys.setdefault(party, TestKey())

    def admission(self, party: PartyId, roles: Role, *, hosted: bool = True) -> NewRow:
        key = self.key_of(party)
        action = Admission(party, int(roles), key.id, key.scheme, hosted, DEADLINE)
        return self.registry_row(action, self.registrar, witness=key)

    def assignment(self, product: ProductId, owner: PartyId) -> NewRow:
        return self.registry_row(ProductAssignment(product, owner, DEADLINE), self.registrar)

    def registry_row(self, action: RegistryAction, signer: TestKey, witness: TestKey | None = None) -> NewRow:
        message = digest(self.access.deployment.registry_domain, action)
        new_key_signature = witness.sign(message) if witness else None
        payload = encode_payload(action, new_key_signature=new_key_signature)
        entry = SignedEntry(int(action.KIND), signer.id, payload, signer.sign(message))
        return NewRow(Target.REGISTRY, entry, message, None)

    def row(
        self, action: Action, *, manifest: Sequence[Line] | None = None, origin: Origin | None = None,
        signer: TestKey | None = None,
    ) -> NewRow:  # fmt: skip
        """The action's entry, signed by the keys of the one or two parties that sign it."""
        key = signer or self.key_of(signer_of(action))
        message = digest(self.access.deployment.ledger_domain, action)
        signature = key.sign(message)
        if (cosigner := cosigner_of(action)) is not None:
            second = self.key_of(cosigner)
            signature = join_signatures(signature, second.id, second.sign(message))
        entry = SignedEntry(int(action.KIND), key.id, encode_payload(action, manifest, origin=origin), signature)
        return NewRow(Target.LEDGER, entry, message, action.content_hash)

    def propagation(self, lot: LotId, origin: Origin) -> NewRow:
        """The entry, which nobody signs, that carries a recall to the lot."""
        payload = encode_propagation(lot, origin.inputs, outputs_hash(origin.outputs))
        entry = SignedEntry(int(EntryKind.PROPAGATION), KeyId(bytes(32)), payload, b"")
        return NewRow(Target.LEDGER, entry, Digest(keccak(payload)), None)

    def queue(self, *rows: NewRow) -> list[int]:
        return self.store.queue(rows)

    def admit_everybody(self) -> list[int]:
        """A producer who owns `PRODUCT`, a packer and a buyer."""
        return self.queue(
            self.admission(PRODUCER, Role.PRODUCER),
            self.admission(PACKER, Role.PACKER),
            self.admission(BUYER, Role.BUYER),
            self.assignment(PRODUCT, PRODUCER),
        )

    async def settle(self, within_seconds: float = 120.0) -> None:
        """Steps the submitter until no row is open."""
        async with asyncio.timeout(within_seconds):
            while self.store.first_open_row() is not None:
                await self.access.submitter.step()
                await asyncio.sleep(0.02)

    def states(self, ids: Sequence[int]) -> list[EntryState]:
        return [row.state for row in self.store.rows(ids)]

    def only(self, row_id: int) -> OutboxRow:
        return self.store.rows([row_id])[0]


def new_content() -> ContentHash:
    """The identity of some event."""
    return ContentHash(secrets.token_bytes(32))


async def start_anvil(folder: Path, *arguments: str, port: int = 0) -> AnvilProcess:
    """An Anvil with the local network's settings and no snapshots."""
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240
    local = local_network()
    chain_id = [] if "--chain-id" in arguments else ["--chain-id", str(local.chain_id)]
    every = [*chain_id, "--cache-path", str(folder / "cache"), *local.anvil, *arguments]
    return await AnvilProcess.start(find_anvil(), every, port or free_port(), folder / "anvil.log")


@pytest.fixture(scope="session")
def anvil_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One Anvil for the session; skips nothing: without Anvil the tests fail with how to get it."""
    process = asyncio.run(start_anvil(tmp_path_factory.mktemp("anvil"), "--mixed-mining", "--block-time", "1"))
    yield process.rpc_url
    asyncio.run(process.stop())


async def fund(rpc_url: str, address: bytes) -> None:
    """Gives the account ether to pay gas with."""
    rpc = JsonRpc(rpc_url)
    await rpc.call("anvil_setBalance", "0x" + address.hex(), hex(RELAY_BALANCE))
    await rpc.close()


async def open_world(
    rpc_url: str, folder: Path, store: OutboxStore | None = None, relay_key: TestKey | None = None,
    registrar: TestKey | None = None, operator: TestKey | None = None,
) -> ChainWorld:  # fmt: skip
    """
    Opens (at the first time: deploys) the contracts whose record lies in the folder. Without an operator of its own,
    the log belongs to the relay account.
    """
    store = store or MemoryOutbox()
    relay_key, registrar = relay_key or TestKey(), registrar or TestKey()
    await fund(rpc_url, relay_key.address)
    if operator is not None:
        await fund(rpc_url, operator.address)
    access = await open_chain(
        folder / "deployment.json", store=store, rpc_url=rpc_url, relay_key=relay_key.secret,
        registrar=registrar.address, network=local_network().network, clock=SystemClock(),
        operator=None if operator is None else operator.address,
    )  # fmt: skip
    return ChainWorld(access, store, relay_key, registrar)


@pytest.fixture
async def chain_world(anvil_url: str, tmp_path: Path) -> AsyncIterator[ChainWorld]:
    """Fresh contracts with a producer who owns `PRODUCT`, a packer and a buyer, all admitted."""
    world = await open_world(anvil_url, tmp_path)
    world.admit_everybody()
    await world.settle()
    yield world
    await world.access.close()
