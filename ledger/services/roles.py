"""
Standing for a role: whoever holds its lease does the work, all others wait until it runs out.

Two or more processes stand for each role. One that is killed or stopped does not renew; after `lease_seconds` at the
most another one has the lease, under a new epoch, and begins with a worker that knows nothing of before. One that goes
on later finds its epoch over at its first write (`LeaseLost`), and waits like the others. An orderly end gives the
lease back at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Protocol

from ledger.domain.errors import LeaseLost, SilkrootError
from ledger.ports_leases import Leases, Role, Standing

_LOG = logging.getLogger(__name__)
LEASE_SECONDS = 5.0
"""How long after its last sign of life a holder is taken for gone."""
ASK_SECONDS = 0.75
_RENEWALS = 3  # in the time of one lease


class Worker(Protocol):
    """What the holder of the role runs."""

    @property
    def standing(self) -> Standing:
        """What keeps it from going on."""
        ...

    def wake(self) -> None:
        """There is something to do. Call it on the loop's thread."""
        ...

    async def run(self) -> None:
        """Works until cancelled. `LeaseLost` where a write was refused."""
        ...


class Candidate:
    """
    One process that stands for one role. `worker` makes a new worker, whose writes belong to the epoch; `patience`:
    seconds to wait before it asks first, so that not one process is first in everything.
    """

    def __init__(
        self, leases: Leases, role: Role, holder: str, worker: Callable[[int], Worker], *, patience: float = 0.0,
        lease_seconds: float = LEASE_SECONDS, ask_seconds: float = ASK_SECONDS,
    ) -> None:  # fmt: skip
        self._leases = leases
        self._role = role
        self._holder = holder
        self._make = worker
        self._patience = patience
        self._lease_seconds = lease_seconds
        self._ask_seconds = ask_seconds
        self._worker: Worker | None = None
        self._warned = ""

    def wake(self) -> None:
        """There is something to do; nothing where another process has to do it. Call it on the loop's thread."""
        if self._worker is not None:
            self._worker.wake()

    async def run(self) -> None:
        """Stands for the role until cancelled."""
        await asyncio.sleep(self._patience)
        while True:
            try:
                epoch = await asyncio.to_thread(self._leases.acquire, self._role, self._holder, self._lease_seconds)
                if epoch is not None:
                    await self._serve(epoch)
            except LeaseLost as lost:
                _LOG.warning("another process goes on: %s", lost)
            except SilkrootError as error:
                self._warn(f"the {self._role.value} waits: {error}")
            await asyncio.sleep(self._ask_seconds)

    async def _serve(self, epoch: int) -> None:
        """Works until the lease is lost or the worker ends, whose error it raises."""
        self._warned = ""
        _LOG.info("this process is the %s now, in epoch %d", self._role.value, epoch)
        self._worker = worker = self._make(epoch)
        tasks = [asyncio.create_task(worker.run()), asyncio.create_task(self._renew(epoch, worker))]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._worker = None
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            # What is still being written belongs to this epoch: whoever takes the lease waits for its end.
            with contextlib.suppress(SilkrootError):
                await asyncio.to_thread(self._leases.release, self._role, self._holder, epoch)
        for task in done:
            task.result()

    async def _renew(self, epoch: int, worker: Worker) -> None:
        """Renews until the lease is lost: `LeaseLost`."""
        while True:
            await asyncio.sleep(self._lease_seconds / _RENEWALS)
            said = (self._role, self._holder, epoch, self._lease_seconds, worker.standing)
            try:
                held = await asyncio.to_thread(self._leases.renew, *said)
            except SilkrootError as error:
                # It may run out meanwhile. Whatever the worker writes then tells whether it has another holder.
                self._warn(f"the lease of the {self._role.value} could not be renewed: {error}")
                continue
            if not held:
                raise LeaseLost(f"the lease of the {self._role.value} ran out, and epoch {epoch} is over")

    def _warn(self, problem: str) -> None:
        """Once for each time that it comes up: a database that is away is asked again and again."""
        if problem != self._warned:
            _LOG.warning("%s", problem)
            self._warned = problem
