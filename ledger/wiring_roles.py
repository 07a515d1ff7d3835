"""
Who does the work in the background. With SQLite the one process that owns the file does all of it. With PostgreSQL
each kind is done by whichever process holds its lease, in a store that refuses the writes of an epoch that is over.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ledger.adapters.evm_log import EvmLog
from ledger.adapters.evm_relay import EvmRelay
from ledger.adapters.holding_outbox import HoldingOutbox
from ledger.adapters.note_signer import FileNoteSigner
from ledger.adapters.sql_store.store import SqlStore
from ledger.ports import Clock
from ledger.ports_leases import Lease, Leases, Role, Standing
from ledger.services.carrier import Carrier
from ledger.services.checkpoint import Checkpointer
from ledger.services.propagation import Propagation
from ledger.services.roles import Candidate, Worker
from ledger.services.submit import Submitter
from ledger.settings import Settings

_PATIENCE = 0.5
"""How long a process leaves the first of a role's leases to another one."""
NOBODY = "no process has the lease of this work: {role}"


class Background(Protocol):
    """The work in the background, as far as this process has to do with it."""

    async def run(self) -> None:
        """Does it, or stands for it, until cancelled."""
        ...

    def wake(self) -> None:
        """Something was recorded. Call it on the loop's thread."""
        ...

    def standing(self, role: Role) -> Standing:
        """What keeps the role from going on, in whatever process it is done. May ask the database."""
        ...

    def leases(self) -> Mapping[Role, Lease]:
        """Who does what; empty where there are no leases. May ask the database."""
        ...


@dataclass(slots=True)
class AllHere:
    """Everything in this process, which nobody else does: it owns the database."""

    workers: Mapping[Role, Worker]

    async def run(self) -> None:
        """Works until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for role, worker in self.workers.items():
                tasks.create_task(worker.run(), name=role.value)

    def wake(self) -> None:
        """Wakes all."""
        for worker in self.workers.values():
            worker.wake()

    def standing(self, role: Role) -> Standing:
        """As the worker says it."""
        return self.workers[role].standing

    def leases(self) -> Mapping[Role, Lease]:
        """There are none."""
        return {}


@dataclass(slots=True)
class ByLease:
    """
    What this process stands for. `alarm` tells the other processes of this service that something was recorded;
    `turn`: its number among those that stand for the same, so that the first leases spread over them.
    """

    kept: Leases
    makers: Mapping[Role, Callable[[int], Worker]]
    holder: str
    alarm: Callable[[], None] | None = None
    turn: int = 0
    _candidates: list[Candidate] = field(default_factory=list)

    async def run(self) -> None:
        """Stands for every role until cancelled."""
        self._candidates = [
            Candidate(self.kept, role, self.holder, maker, patience=_PATIENCE * ((place + self.turn) % 2))
            for place, (role, maker) in enumerate(self.makers.items())
        ]
        async with asyncio.TaskGroup() as tasks:
            for candidate in self._candidates:
                tasks.create_task(candidate.run())

    def wake(self) -> None:
        """Wakes what is done here, and says it to the others."""
        self.wake_here()
        if self.alarm is not None:
            self.alarm()

    def wake_here(self) -> None:
        """Wakes what is done here."""
        for candidate in self._candidates:
            candidate.wake()

    def standing(self, role: Role) -> Standing:
        """As the holder said when it renewed its lease."""
        lease = self.kept.current().get(role)
        if lease is None or not lease.is_held:
            return Standing(NOBODY.format(role=role.value), stuck=True)
        return lease.standing

    def leases(self) -> Mapping[Role, Lease]:
        """All."""
        return self.kept.current()


def leased(
    settings: Settings, store: SqlStore, relay: EvmRelay, log_chain: EvmLog, clock: Clock, notes: FileNoteSigner
) -> ByLease:
    """Workers that are made anew for each epoch, over a store that refuses what they write when it is over."""

    def submitter(epoch: int) -> Submitter:
        fenced = store.fenced(Role.SUBMITTER, epoch)
        made = Submitter(HoldingOutbox(fenced.outbox, settings.held_path), relay, clock)
        made.wait_for(fenced.log)
        return made

    def checkpointer(epoch: int) -> Checkpointer:
        return Checkpointer(store.fenced(Role.CHECKPOINTER, epoch).log, log_chain, clock, notes)

    def carrier(epoch: int) -> Carrier:
        # What it queues is the submitter's business, which may be another process.
        return Carrier(Propagation(store.fenced(Role.CARRIER, epoch)), background.wake)

    makers: dict[Role, Callable[[int], Worker]]
    makers = {Role.SUBMITTER: submitter, Role.CHECKPOINTER: checkpointer, Role.CARRIER: carrier}
    holder = f"{ledger_name(settings)}{os.getpid()}-{secrets.token_hex(4)}"
    background = ByLease(store.leases, makers, holder)
    return background


def ledger_name(settings: Settings) -> str:
    """
    How the names of all processes of this data directory begin: machine and folder. Whoever owns the folder knows that
    none of an earlier start is left.
    """
    folder = hashlib.sha256(os.fsencode(settings.data_dir.resolve())).hexdigest()[:8]
    return f"{socket.gethostname()[:64]}/{folder}/"
