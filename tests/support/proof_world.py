"""
A small real ledger on a real chain, whose proofs are true: what verifiers of any language are tested against.

    from chain_fixtures import anvil_url      # noqa: F401 - fixtures
    from proof_world import proof_world       # noqa: F401 - fixtures

Its lots, what happened to them, and what is told of each: `proof_world_lots`.
Events are captured into a real store, confirmed by real contracts and covered by two checkpoints that a plain account,
the log's operator, sends. The world holds lots with a harvest, packing, shipping, receiving, a partial receipt with
settlement, a recall that reached a descendant, a refused entry, sealed members, statements signed in batches, a P-256
key and a revoked one. Three leaves of the log are of statements that no honest operator would have taken in: one after
its deadline, one that its party had cancelled, and one of a batch that its party had cancelled.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import event_builders as build
import orjson
import pytest
from batch_tamperings import statement_taken_back, statements
from chain_fixtures import SystemClock, TestKey, fund
from proof_world_lots import LOTS, certified, dispute, sale, sealed_inspection, way_of
from warm_ways import legged_way, warm_way

from ledger.adapters.chain_access import ChainAccess, open_chain
from ledger.adapters.contract_calls import encode_call
from ledger.adapters.deployment import Deployment
from ledger.adapters.evm_chain import EvmChain
from ledger.adapters.json_rpc import JsonRpc
from ledger.adapters.keystore_signer import KeystoreSigner
from ledger.adapters.log_operator import LogOperator
from ledger.adapters.networks import local_network
from ledger.adapters.sql_store.store import SqlStore
from ledger.domain.actions import cosigner_of, signer_of
from ledger.domain.binding import action_of
from ledger.domain.bundle import BundledEvent, bundle_to_json
from ledger.domain.bundle.values import Bundle, BundleChain
from ledger.domain.identifiers import ContentHash, KeyId, PartyId
from ledger.domain.log.proofs import InclusionProof
from ledger.domain.merkle import (
    PerfectSubtrees,
    SignatureHash,
    TreeHash,
    consistency_proof,
    event_leaf,
    inclusion_proof,
    root_of,
)
from ledger.domain.proof_json import signature_hash
from ledger.domain.records import EntryState, JsonTree, LogPlace, Scheme, SignatureProof
from ledger.domain.sealing import Disclosure
from ledger.domain.sealing.kept import KeptDisclosure
from ledger.domain.typed_data import digest
from ledger.services.capture import Capture
from ledger.services.keys import Keys
from ledger.services.proofs import Proofs
from ledger.services.proposals import Proposal, Proposals
from ledger.services.register import Register
from ledger.services.story import ChainNetwork, Story

NETWORK = ChainNetwork("local", single_operator=True)


@dataclass
class WorldLog:
    """The log: its leaves in order, and the checkpoints on chain as (size, root, block). A `LogReader`."""

    leaves: list[TreeHash] = field(default_factory=list)
    signature_hashes: list[SignatureHash] = field(default_factory=list)
    indexes: dict[ContentHash, int] = field(default_factory=dict)
    checkpoints: list[tuple[int, TreeHash, int]] = field(default_factory=list)

    def add(self, content: ContentHash, proof: SignatureProof) -> None:
        """One more leaf."""
        self.indexes[content] = len(self.leaves)
        self.signature_hashes.append(signature_hash(proof))
        self.leaves.append(event_leaf(content, self.signature_hashes[-1]))

    def place(self, content: ContentHash, under: int = -1) -> LogPlace | None:
        """The event's place under one of the checkpoints, the latest unless told."""
        index = self.indexes.get(content)
        size, _, block = self.checkpoints[under]
        if index is None or index >= size:
            return None
        first = next(at for covered, _, at in self.checkpoints if index < covered)
        hashes = inclusion_proof(index, size, PerfectSubtrees.of(self.leaves).node)
        return LogPlace(InclusionProof(index, size, hashes), block, first)

    def places(self, contents: Collection[ContentHash]) -> Mapping[ContentHash, LogPlace]:
        """The place of each event that the latest checkpoint covers."""
        found = {content: self.place(content) for content in contents}
        return {content: place for content, place in found.items() if place is not None}


@dataclass
class WorldDisclosures:
    """What the operator keeps; with `erased` the first disclosure of every event is destroyed."""

    disclosures: dict[ContentHash, tuple[Disclosure, ...]]
    erased: bool

    def disclosures_of(self, contents: Collection[ContentHash]) -> dict[ContentHash, tuple[KeptDisclosure, ...]]:
        """Those of sealed events."""
        return {
            content: tuple(
                KeptDisclosure(one.digest, one.place, None if self.erased and not position else one.text)
                for position, one in enumerate(self.disclosures[content])
            )
            for content in contents
            if content in self.disclosures
        }

    def erased_digests(self, contents: Collection[ContentHash]) -> dict[ContentHash, frozenset[str]]:
        """Those of what was destroyed."""
        kept = self.disclosures_of(contents)
        return {content: frozenset(one.digest for one in them if one.erased) for content, them in kept.items()}


@dataclass
class ProofWorld:
    """The ledger, once it is built. `disclosures` by content hash; `old_key` is the farm's, revoked."""

    rpc_url: str
    folder: Path
    deployment: Deployment
    store: SqlStore
    signer: KeystoreSigner
    log: WorldLog
    operator: TestKey
    old_key: KeyId
    extras: dict[str, BundledEvent]
    disclosures: dict[ContentHash, tuple[Disclosure, ...]]

    @property
    def chain(self) -> BundleChain:
        """The contracts that everything here is signed for."""
        record = self.deployment
        return BundleChain(record.chain_id, record.registry, record.ledger, record.log)

    @property
    def record_path(self) -> Path:
        """The deployment record."""
        return self.folder / "deployment.json"

    def node(self, rpc_url: str = "") -> EvmChain:
        """A reader of the chain for the event loop that asks."""
        rpc = JsonRpc(rpc_url or self.rpc_url)
        return EvmChain(rpc, self.deployment, local_network().network, SystemClock())

    def story(self) -> Story:
        """What the service itself would say."""
        return Story(self.store, self.node(), NETWORK, self.log)

    def proofs(self, *, erased: bool = False) -> Proofs:
        """Makes bundles; the operator keeps all disclosures, or had to erase one of every sealed event."""
        return Proofs(self.store, self.log, self.chain, SystemClock(), WorldDisclosures(self.disclosures, erased))

    def bundle(self, lot: str, *, disclosed: bool = False, erased: bool = False) -> Bundle:
        """A true bundle of one of `LOTS`."""
        return self.proofs(erased=erased).bundle_of(LOTS[lot], disclosed=disclosed)

    def tree(self, lot: str, *, disclosed: bool = False, erased: bool = False) -> Any:
        """The same as a tree of its own, to be changed at will."""
        return orjson.loads(orjson.dumps(bundle_to_json(self.bundle(lot, disclosed=disclosed, erased=erased))))

    def forged(self, event: JsonTree, key: KeyId | None = None, deadline: int = 0) -> BundledEvent:
        """An event signed by one of the kept keys, the party's own unless told, and never sent anywhere."""
        action = action_of(event, deadline or int(time.time()) + 86400)
        key = key or self.signer.key_of(signer_of(action))
        signed = self.signer.sign(key, digest(self.deployment.ledger_domain, action))
        proof = SignatureProof(action, key, self.signer.scheme_of(key), signed)
        return BundledEvent(event, proof, datetime.now(UTC).replace(microsecond=0), EntryState.QUEUED)


class _Builder:
    """Makes the world; the event loop of `build` only."""

    def __init__(self, rpc_url: str, folder: Path) -> None:
        self.rpc_url, self.folder = rpc_url, folder
        self.store = SqlStore(f"sqlite:///{folder / 'silkroot.sqlite3'}")
        self.signer = KeystoreSigner(folder / "keys")
        self.operator, self.relay = TestKey(), TestKey()
        self.log = WorldLog()
        self.disclosures: dict[ContentHash, tuple[Disclosure, ...]] = {}
        self.access: ChainAccess
        self.keys: Keys
        self.capturing: Capture
        self.proposals: Proposals

    async def build(self) -> ProofWorld:
        await self._open()
        old_key = self._rotate_keys()
        self.record(*way_of("harvest", "packed", 1), *sale())
        await self.settle()
        extras = {"cancelled": self._cancelled_statement(), "batch": self._cancelled_batch()}
        self.record(*dispute(), *statements(self.signer, self.access.deployment.ledger_domain))
        self._record_sealed_inspection()
        self.record(*warm_way(LOTS["warm"], build.sscc(7), inspected_after=False))
        self.record(*warm_way(LOTS["inspected"], build.sscc(8), inspected_after=True))
        self.record(*legged_way(LOTS["legged"], build.sscc(10)))
        self.record(*certified("issued", by_issuer=True), *certified("supplied", by_issuer=False))
        await self.settle()
        self.log.add(extras["batch"].content_hash, extras["batch"].proof)
        await self._logged(extras["cancelled"])
        late = await self._late_statement()
        self.record(*way_of("recalled", "descendant", 5), build.recall(lot=LOTS["recalled"]))
        await self._refused_then_accepted()
        await self._logged(late)
        self.record(build.harvest(lot=LOTS["waiting"], grams=10_000))
        extras["late"] = late
        world = ProofWorld(
            self.rpc_url, self.folder, self.access.deployment, self.store, self.signer, self.log, self.operator,
            old_key, {name: self._placed(one) for name, one in extras.items()}, self.disclosures,
        )  # fmt: skip
        await self.access.close()
        return world

    async def _open(self) -> None:
        registrar, clock = self.signer.registrar(), SystemClock()
        await fund(self.rpc_url, self.relay.address)
        await fund(self.rpc_url, self.operator.address)
        self.access = await open_chain(
            self.folder / "deployment.json", store=self.store.outbox, rpc_url=self.rpc_url,
            relay_key=self.relay.secret, registrar=registrar[12:], network=local_network().network, clock=clock,
            operator=self.operator.address,
        )  # fmt: skip
        registry, ledger = self.access.deployment.registry_domain, self.access.deployment.ledger_domain
        log_operator = LogOperator(self.operator.secret, self.access.deployment.log_domain, clock)
        self.store.acknowledge_by(log_operator)
        Register(self.store, self.signer, registrar, registry, clock).register(build.master_data())
        self.keys = Keys(self.store, self.signer, registrar, registry, clock)
        self.capturing = Capture(self.store, self.signer, clock, ledger, bytes(32))
        self.proposals = Proposals(self.store, self.signer, clock, ledger, bytes(32), self.keys)
        await self.access.rpc.call("anvil_impersonateAccount", "0x" + self.operator.address.hex())

    def _rotate_keys(self) -> KeyId:
        self.keys.rotate(build.PACKING_HOUSE, Scheme.P256)
        old = self.signer.key_of(build.FARM)
        self.keys.rotate(build.FARM, keep_old=False)
        return old

    def record(self, *events: JsonTree) -> None:
        """Captures the events one by one; what two parties sign is proposed and agreed to."""
        for event in events:
            action = action_of(event, 0)
            if (second := cosigner_of(action)) is not None:
                proposed = self.proposals.propose(event, signer_of(action))
                assert isinstance(proposed, Proposal)
                self.proposals.agree(proposed.id, second)
                continue
            (result,) = self.capturing.capture([event], None)
            assert not result.violations, [str(violation) for violation in result.violations]

    async def settle(self) -> None:
        while self.store.outbox.first_open_row() is not None:
            await self.access.submitter.step()

    def _cancelled_batch(self) -> BundledEvent:
        statement, signed = statement_taken_back(self.signer, self.access.deployment.ledger_domain)
        self.keys.cancel(PartyId(build.FARM), signed)
        return statement

    def _record_sealed_inspection(self) -> None:
        sealed = sealed_inspection()
        (result,) = self.capturing.capture([sealed.event], None)
        assert result.record is not None, result.violations
        self.disclosures[result.record.content_hash] = sealed.disclosures

    def _statement(self, remark: str, deadline: int) -> BundledEvent:
        event = build.inspection(lots=[LOTS["packed"]]) | {"silkroot:remark": remark}
        action = action_of(event, deadline)
        key = self.signer.key_of(build.FARM)
        signed = self.signer.sign(key, digest(self.access.deployment.ledger_domain, action))
        proof = SignatureProof(action, key, Scheme.SECP256K1, signed)
        return BundledEvent(event, proof, datetime(2026, 8, 5, 4, tzinfo=UTC), EntryState.CONFIRMED)

    def _cancelled_statement(self) -> BundledEvent:
        statement = self._statement("taken back", int(time.time()) + 86400)
        signed = digest(self.access.deployment.ledger_domain, statement.proof.action)
        self.keys.cancel(PartyId(build.FARM), signed)
        return statement

    async def _late_statement(self) -> BundledEvent:
        return self._statement("too late", await self._time() - 1)

    async def _refused_then_accepted(self) -> None:
        await self.settle()
        slow, domain = _SlowClock(), self.access.deployment.ledger_domain
        event = build.harvest(lot=LOTS["refused"], grams=10_000)
        (result,) = Capture(self.store, self.signer, slow, domain, bytes(32)).capture([event], None)
        assert result.record is not None, result.violations
        await self.settle()
        again = build.When("2026-08-05T12:00:01.000+08:00")
        self.record(build.harvest(lot=LOTS["refused"], grams=10_000, when=again))
        await self.settle()

    async def _logged(self, extra: BundledEvent) -> None:
        """
        Everything recorded since comes into the log, the extra statement behind it, under a new checkpoint. Its block
        is of a later second than every block before it: two checkpoints never have the same time.
        """
        await self._until_a_later_second()
        for event in self.store.events(0, 1000):
            if event.content_hash not in self.log.indexes:
                self.log.add(event.content_hash, event.proof)
        self.log.add(extra.content_hash, extra.proof)
        tree, size = PerfectSubtrees.of(self.log.leaves), len(self.log.leaves)
        before = self.log.checkpoints[-1][0] if self.log.checkpoints else 0
        root, proof = root_of(size, tree.node), list(consistency_proof(before, size, tree.node))
        data = encode_call("extend", ["uint64", "bytes32", "bytes32[]"], [size, root, proof])
        sent = {
            "from": "0x" + self.operator.address.hex(), "to": "0x" + self.access.deployment.log.hex(),
            "data": "0x" + data.hex(), "gas": hex(2_000_000),
        }  # fmt: skip
        name = await self.access.rpc.call("eth_sendTransaction", sent)
        while (receipt := await self.access.rpc.call("eth_getTransactionReceipt", name)) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        assert receipt["status"] == "0x1"
        self.log.checkpoints.append((size, root, int(receipt["blockNumber"], 16)))

    async def _until_a_later_second(self) -> None:
        """The chain mines every second, but may give several blocks the time of one."""
        start = await self._time()
        while await self._time() <= start:  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    async def _time(self) -> int:
        head = await self.access.rpc.call("eth_getBlockByNumber", "latest", False)
        return int(head["timestamp"], 16)

    def _placed(self, event: BundledEvent) -> BundledEvent:
        place = self.log.place(event.content_hash)
        assert place is not None
        return replace(event, inclusion=place.proof, first_block=place.first_block)


class _SlowClock:
    """Eight days behind: what is signed by it is past its deadline by now."""

    def now(self) -> float:
        return time.time() - 8 * 86400


async def build_proof_world(rpc_url: str, folder: Path) -> ProofWorld:
    """Builds the ledger in the folder, on the chain at that address; takes seconds."""
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240
    return await _Builder(rpc_url, folder).build()


@pytest.fixture(scope="session")
def proof_world(anvil_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProofWorld]:
    """One such ledger for the session; nobody changes it."""
    world = asyncio.run(build_proof_world(anvil_url, tmp_path_factory.mktemp("proof-world")))
    yield world
    world.store.close()
