"""
The worker that carries recalls to large families, a short transaction at a time, while the service runs.

It stops nobody: between two of its transactions it lets others write. What goes wrong is logged and tried again, but
for a lease that is lost, which ends it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from ledger.domain.errors import LeaseLost, SilkrootError
from ledger.ports_leases import Standing
from ledger.services.propagation import Propagation

_PAUSE = 0.05
_IDLE = 30.0
logger = logging.getLogger(__name__)


class Carrier:
    """`run` until cancelled; `wake` when a recall was recorded. `queued` is called after each transaction."""

    def __init__(self, propagation: Propagation, queued: Callable[[], None]) -> None:
        self._propagation = propagation
        self._queued = queued
        self._woken = asyncio.Event()

    @property
    def standing(self) -> Standing:
        """Nothing keeps it from going on that another try would not mend."""
        return Standing()

    def wake(self) -> None:
        """There may be something to carry. Call it on the loop's thread."""
        self._woken.set()

    async def run(self) -> None:
        """Carries what waits, then waits to be woken."""
        while True:
            self._woken.clear()
            try:
                while await asyncio.to_thread(self._propagation.turn) is not None:
                    self._queued()
                    await asyncio.sleep(_PAUSE)
            except LeaseLost:
                raise
            except SilkrootError as error:
                logger.error("recalls could not be carried, trying again: %s", error)
            try:
                async with asyncio.timeout(_IDLE):
                    await self._woken.wait()
            except TimeoutError:
                continue
