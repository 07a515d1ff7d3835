"""
Keeps the managed local chain running for as long as the service does: an Anvil that died is started again.

Until the new one has its past back, the client still asks at the old address, where nobody answers: so nobody reads,
and nothing is judged by, a chain that has only half of its entries. Attempts that fail are repeated at growing
intervals. Errors of the chain do not end it.
"""

from __future__ import annotations

import asyncio
import logging
import time

from ledger.adapters.json_rpc import JsonRpc
from ledger.adapters.local_chain import Checkpoints, History, LocalChain
from ledger.domain.errors import SilkrootError

_LOG = logging.getLogger(__name__)
_LOOK_SECONDS = 0.25
_FIRST_DELAY = 1.0
_LONGEST_DELAY = 30.0
_STEADY_SECONDS = 60.0
"""A chain that ran for so long is not in a loop of dying: the next attempt is made soon again."""


async def keep_running(
    chain: LocalChain, rpc: JsonRpc, history: History, checkpoints: Checkpoints | None = None
) -> None:
    """Looks after a chain that was started, until cancelled; `rpc` is the client that everybody else asks it with."""
    delay = _FIRST_DELAY
    started = time.monotonic()
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        if chain.is_running:
            continue
        if time.monotonic() - started > _STEADY_SECONDS:
            delay = _FIRST_DELAY
        _LOG.warning("the local chain has ended; it is started again in %.0f s", delay)
        await asyncio.sleep(delay)
        delay = min(2 * delay, _LONGEST_DELAY)
        try:
            await (chain.restart(history) if checkpoints is None else chain.restart(history, checkpoints))
        except (SilkrootError, OSError) as error:
            _LOG.warning("the local chain does not start: %s", error)
            continue
        rpc.url = chain.rpc_url
        started = time.monotonic()
        _LOG.warning("the local chain runs again")
