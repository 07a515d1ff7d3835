"""
The one place that builds adapters and hands them to services.

`open_ledger` gives a `Ledger` for as long as its block runs. With `start_chain` it starts the managed local chain
(unless `SILKROOT_RPC_URL` names another), deploys once, and keeps a submitter ready; without, it works on the store
alone and entries wait in the outbox. Hold the lock of `own_data_dir` around it: one process owns a data directory.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, fields
from pathlib import Path

from pydantic import SecretStr

from ledger.adapters.chain_access import ChainAccess, history_of, open_chain, open_deployed
from ledger.adapters.chain_keeper import keep_running
from ledger.adapters.checkpoint_history import checkpoints_of
from ledger.adapters.data_dir_lock import data_dir_lock
from ledger.adapters.deployment import Deployment, artifact_hashes, load_deployment, save_deployment
from ledger.adapters.evm_log import EvmLog
from ledger.adapters.forked_workers import Nursery, WorkerPool
from ledger.adapters.holding_outbox import HoldingOutbox
from ledger.adapters.json_rpc import JsonRpc
from ledger.adapters.keystore_signer import KeystoreSigner
from ledger.adapters.local_chain import LocalChain
from ledger.adapters.log_operator import LogOperator, operator_address
from ledger.adapters.master_data_toml import read_master_data
from ledger.adapters.networks import Network, local_network, network_named, network_of
from ledger.adapters.note_signer import FileNoteSigner, origin_of
from ledger.adapters.sealing_toml import read_policy
from ledger.adapters.secret_file import service_secret
from ledger.adapters.sql_store.store import SqlStore
from ledger.adapters.sql_store.tampering import SqlBackDoor
from ledger.adapters.workbook_on_demand import read_workbook
from ledger.domain.bundle.values import BundleChain
from ledger.domain.errors import LedgerBusy, NotFound
from ledger.domain.identifiers import KeyId
from ledger.domain.sealing import DEFAULT, Policy
from ledger.ports_leases import Role
from ledger.services.capture import Capture
from ledger.services.capture_jobs import CaptureJobs
from ledger.services.carrier import Carrier
from ledger.services.checkpoint import Checkpointer
from ledger.services.disclose import Disclose
from ledger.services.erase import Erase
from ledger.services.first_capture import FirstCapture
from ledger.services.fsck import Fsck
from ledger.services.fsck_log import LogCheck, LogKeys
from ledger.services.import_file import EventCapture, Importer, Registration
from ledger.services.prepared_bytes import DocumentsElsewhere
from ledger.services.proofs import Proofs
from ledger.services.propagation import Propagation
from ledger.services.register import Register
from ledger.services.resign import Resign
from ledger.services.roles import Worker
from ledger.services.story import ChainNetwork, Story
from ledger.services.tamper import Tamper
from ledger.settings import Settings
from ledger.wiring_desks import Desks
from ledger.wiring_preparers import integrating, preparing
from ledger.wiring_roles import AllHere, Background, leased, ledger_name

_ORIGIN = "log origin"
NOBODY_LISTENS = "http://127.0.0.1:9"
"""Stands for the managed chain while it is not running: the discard port, so that every read says unavailable."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Unix seconds."""
        return time.time()


@dataclass(slots=True)
class Ledger(Desks):
    """Everything that a face needs, on one data directory."""

    settings: Settings
    store: SqlStore
    outbox: HoldingOutbox
    signer: KeystoreSigner
    registrar: KeyId
    chain: ChainAccess
    clock: SystemClock
    secret: bytes
    story: Story
    operator: LogOperator
    log_chain: EvmLog
    notes: FileNoteSigner
    background: Background
    local_chain: LocalChain | None = None
    policy: Policy = DEFAULT
    preparers: WorkerPool | None = None

    def capture(self) -> Capture:
        """Records events."""
        domain = self.chain.deployment.ledger_domain
        return Capture(self.store, self.signer, self.clock, domain, self.secret, self.policy)

    def register(self) -> Register:
        """Registers master data on chain."""
        return Register(self.store, self.signer, self.registrar, self.chain.deployment.registry_domain, self.clock)

    def capture_jobs(self) -> CaptureJobs:
        """Records documents for the party of an API key. One for all requests: it knows which jobs run."""
        jobs, archive = self.store.capture_jobs, self.store.archive
        elsewhere = None if self.preparers is None else DocumentsElsewhere(self.preparers, self.store.limits_of)
        return CaptureJobs(jobs, self.capture(), self.signer, archive, self.clock, elsewhere)

    def resign(self) -> Resign:
        """Signs refused events again."""
        return Resign(self.store, self.signer, self.clock, self.chain.deployment.ledger_domain)

    def propagation(self) -> Propagation:
        """Carries recalls to what was made from a lot."""
        return Propagation(self.store)

    def importer(self, capture: EventCapture | None = None, register: Registration | None = None) -> Importer:
        """Imports files; or, with a capture and a register of the caller's, only reads them into events."""
        return Importer(
            self.store,
            capture or self.capture(),
            register or self.register(),
            read_workbook=read_workbook,
            read_master_data=read_master_data,
        )

    def proofs(self) -> Proofs:
        """Makes proof bundles."""
        record = self.chain.deployment
        contracts = BundleChain(record.chain_id, record.registry, record.ledger, record.log)
        return Proofs(self.store, self.store.log, contracts, self.clock, self.store)

    def fsck(self) -> Fsck:
        """Checks the store against itself."""
        record = self.chain.deployment
        keys = LogKeys(record.log_domain, self.operator.address, self.notes.key)
        log = LogCheck(self.store.log_audit, self.store.log, keys)
        return Fsck(self.store.audit, record.ledger_domain, log, self.files().problems)

    def disclose(self) -> Disclose:
        """Shows what was sealed, to one reader."""
        return Disclose(self.store)

    def erase(self) -> Erase:
        """Destroys what was sealed."""
        return Erase(self.store, self.clock, self.secret)

    def tamper(self) -> Tamper:
        """Cheats, for the demonstration."""
        return Tamper(self.store, SqlBackDoor(self.settings.sqlalchemy_url), self.settings.data_dir)

    def wake(self) -> None:
        """Something was recorded: the workers need not wait for their next turns. Call it on the loop's thread."""
        self.background.wake()

    async def run(self) -> None:
        """
        Brings entries and checkpoints to the chain, carries recalls to what was made from the lots, and starts the
        managed chain again should it die, until cancelled.
        """
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.background.run(), name="background")
            tasks.create_task(self.keep_chain(), name="chain keeper")

    async def keep_chain(self) -> None:
        """Starts the managed chain again should it die, until cancelled; ends at once where it is not ours."""
        if self.local_chain is not None:
            past = checkpoints_of(self.store.log, self.log_chain)
            await keep_running(self.local_chain, self.chain.rpc, history_of(self.outbox), past)


class ScratchLedger(Ledger):
    """A throw-away ledger without a chain: what it records is forgotten, and serves to say what a real one would do."""

    def capture(self) -> Capture:
        """Checks events; also against the ledger's rules once master data named parties."""
        domain = self.chain.deployment.ledger_domain
        return FirstCapture(self.store, self.signer, self.clock, domain, self.secret, self.policy)


@contextmanager
def own_data_dir(settings: Settings) -> Iterator[None]:
    """Owns the data directory while the block runs; `LedgerBusy` where another process does."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with data_dir_lock(settings.lock_path):
        yield


@asynccontextmanager
async def open_ledger(
    settings: Settings, *, start_chain: bool = False, nursery: Nursery | None = None
) -> AsyncIterator[Ledger]:
    """
    The ledger of the settings. Without `start_chain`, `NotFound` where nothing was deployed yet. With a `nursery`,
    documents of systems are prepared, and pages of the log derived, in processes that are forked from it.
    """
    clock = SystemClock()
    policy = read_policy(settings.policy_path) if settings.policy_path else DEFAULT
    store = await asyncio.to_thread(SqlStore, settings.sqlalchemy_url)
    try:
        # Where an erasure was cut short before the files were cleaned. Whoever reads them now stops no ledger.
        with suppress(LedgerBusy):
            await asyncio.to_thread(store.purge)
        passphrase = settings.keystore_passphrase
        outbox = HoldingOutbox(store.outbox, settings.held_path)
        signer = KeystoreSigner(settings.data_dir / "keys", passphrase.get_secret_value() if passphrase else None)
        registrar = signer.registrar(_key(settings.registrar_key))
        relay_key = _key(settings.relay_key) or service_secret(settings.data_dir / "relay.key")
        operator_key = _key(settings.operator_key) or service_secret(settings.data_dir / "operator.key")
        network = await _network(settings)
        managed = start_chain and not settings.rpc_url
        local = await _start_local_chain(settings, store, outbox, relay_key, operator_key) if managed else None
        try:
            chain = await _open_chain(settings, outbox, relay_key, operator_key, registrar, clock, local, network)
            try:
                secret = service_secret(settings.data_dir / "service.key")
                record = chain.deployment
                operator = LogOperator(operator_key, record.log_domain, clock, settings.merge_delay)
                await asyncio.to_thread(store.acknowledge_by, operator)
                log_chain = _log_chain(chain.rpc, network, operator_key, record)
                notes = FileNoteSigner(settings.data_dir / "log-note.key", _origin(settings, store, keep=start_chain))
                chain.submitter.wait_for(store.log)
                known = ChainNetwork(record.network, single_operator=record.network == "local")
                story = Story(store, chain.reader, known, store.log, store)
                with (
                    preparing(nursery, settings, record.ledger_domain, secret, policy) as preparers,
                    integrating(nursery, settings) as grow,
                ):
                    if settings.uses_postgresql:
                        background: Background = leased(settings, store, chain.relay, log_chain, clock, notes)
                        if start_chain:
                            # The data directory is ours: whoever held a lease from here before is gone.
                            await asyncio.to_thread(store.leases.release_all, ledger_name(settings))
                    else:
                        carrier = Carrier(Propagation(store), chain.submitter.wake)
                        checkpointer = Checkpointer(store.log, log_chain, clock, notes, grow=grow)
                        own: dict[Role, Worker] = {Role.SUBMITTER: chain.submitter, Role.CHECKPOINTER: checkpointer}
                        background = AllHere(own | {Role.CARRIER: carrier})
                    yield Ledger(
                        settings, store, outbox, signer, registrar, chain, clock, secret, story,
                        operator, log_chain, notes, background, local, policy, preparers,
                    )  # fmt: skip
            finally:
                await chain.close()
        finally:
            if local is not None:
                await local.stop()
    finally:
        store.close()


@asynccontextmanager
async def open_scratch_ledger(settings: Settings, folder: Path) -> AsyncIterator[ScratchLedger]:
    """A ledger in `folder`, for dry runs before there is one; the settings' own data directory is not touched."""
    own = {"data_dir": folder, "database_url": "", "rpc_url": "", "network": "", "sealing_policy": settings.policy_path}
    secrets = {"keystore_passphrase": None, "relay_key": None, "registrar_key": None, "operator_key": None}
    scratch = settings.model_copy(update=own | secrets)
    if not scratch.deployment_path.exists():
        save_deployment(scratch.deployment_path, nowhere())
    async with open_ledger(scratch) as ledger:
        yield ScratchLedger(**{field.name: getattr(ledger, field.name) for field in fields(ledger)})


def nowhere() -> Deployment:
    """Stands for contracts that will never be: signatures need a domain, and nobody will ever check these."""
    registry, contract, log, nobody = bytes(19) + b"\1", bytes(19) + b"\2", bytes(19) + b"\3", bytes(20)
    return Deployment("local", 1, registry, contract, log, nobody, nobody, 0, artifact_hashes())


async def _start_local_chain(
    settings: Settings, store: SqlStore, outbox: HoldingOutbox, relay_key: bytes, operator_key: bytes
) -> LocalChain:
    local = LocalChain(settings.data_dir, operator_address(relay_key), operator=operator_address(operator_key))
    try:
        record = load_deployment(settings.deployment_path)
    except NotFound:
        await local.start(history_of(outbox))
        return local
    unasked = JsonRpc(NOBODY_LISTENS)  # signing asks nobody
    try:
        past = checkpoints_of(store.log, _log_chain(unasked, local_network().network, operator_key, record))
        await local.start(history_of(outbox), past)
    finally:
        await unasked.close()
    return local


def _log_chain(rpc: JsonRpc, network: Network, operator_key: bytes, record: Deployment) -> EvmLog:
    return EvmLog(rpc, network, record.chain_id, operator_key, record.log, record.first_block)


def _origin(settings: Settings, store: SqlStore, *, keep: bool) -> str:
    """The log's name: fixed when the service is started first, whatever its address becomes later."""
    origin = store.note(_ORIGIN) or origin_of(settings.url)
    if keep and not store.note(_ORIGIN):
        store.take_note(_ORIGIN, origin)
    return origin


async def _open_chain(
    settings: Settings,
    outbox: HoldingOutbox,
    relay_key: bytes,
    operator_key: bytes,
    registrar: KeyId,
    clock: SystemClock,
    local: LocalChain | None,
    network: Network,
) -> ChainAccess:
    if local is not None or settings.rpc_url:
        url = local.rpc_url if local is not None else settings.rpc_url
        return await open_chain(
            settings.deployment_path, store=outbox, rpc_url=url, relay_key=relay_key, registrar=registrar[12:],
            network=network, clock=clock, operator=operator_address(operator_key),
        )  # fmt: skip
    try:
        deployment = load_deployment(settings.deployment_path)
    except NotFound as error:
        raise NotFound(f"{error}; start the ledger once with `silkroot up`") from error
    return open_deployed(
        deployment, store=outbox, rpc_url=NOBODY_LISTENS, relay_key=relay_key, network=network, clock=clock
    )


async def _network(settings: Settings) -> Network:
    if not settings.rpc_url:
        return local_network().network
    if settings.network:
        return network_named(settings.network)
    try:
        return network_of(load_deployment(settings.deployment_path).chain_id)
    except NotFound:
        rpc = JsonRpc(settings.rpc_url, timeout=10.0)
        try:
            return network_of(int(await rpc.call("eth_chainId"), 16))
        finally:
            await rpc.close()


def _key(secret: SecretStr | None) -> bytes | None:
    return bytes.fromhex(secret.get_secret_value().removeprefix("0x")) if secret is not None else None
