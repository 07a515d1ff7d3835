"""
The transparency log of a store beside a chain that is deployed, for tests that need places, receipts or notes.

    log = open_log(store, access, operator, folder)      # `operator`: whom `open_chain` was told
    await log.settle()                                   # until all leaves are under a published checkpoint
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from chain_fixtures import SystemClock, TestKey

from ledger.adapters.chain_access import ChainAccess
from ledger.adapters.evm_log import EvmLog
from ledger.adapters.log_operator import LogOperator
from ledger.adapters.networks import Network, local_network
from ledger.adapters.note_signer import FileNoteSigner
from ledger.adapters.sql_store.store import SqlStore
from ledger.ports import Clock
from ledger.services.checkpoint import Checkpointer

ORIGIN = "log.example/melons"


@dataclass
class RunningLog:
    """A log, and the checkpointer that the test steps."""

    store: SqlStore
    chain: EvmLog
    notes: FileNoteSigner
    checkpointer: Checkpointer

    async def settle(self, within_seconds: float = 120.0) -> None:
        """Steps until every leaf is published."""
        async with asyncio.timeout(within_seconds):
            while (counts := self.store.log.counts()).published < counts.leaves:
                await self.checkpointer.step()
                await asyncio.sleep(0.02)


def open_log(
    store: SqlStore, access: ChainAccess, operator: TestKey, folder: Path, clock: Clock | None = None,
    network: Network | None = None,
) -> RunningLog:  # fmt: skip
    """The log's parts, over these of a test; the store acknowledges from now on."""
    clock = clock or SystemClock()
    record = access.deployment
    store.acknowledge_by(LogOperator(operator.secret, record.log_domain, clock))
    network = network or local_network().network
    chain = EvmLog(access.rpc, network, record.chain_id, operator.secret, record.log, record.first_block)
    notes = FileNoteSigner(folder / "log-note.key", ORIGIN)
    access.submitter.wait_for(store.log)
    return RunningLog(store, chain, notes, Checkpointer(store.log, chain, clock, notes, pace_seconds=0.0))
