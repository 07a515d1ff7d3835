"""How often the submitter looks at the chain: what it is woken for, and what it sleeps through."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

from fake_relay import FakeRelay, new_row
from memory_outbox import MemoryOutbox

from ledger.domain.records import EntryState
from ledger.ports_outbox import RelayHead, Target
from ledger.services.submit import Submitter

SENT = EntryState.SENT


class FixedClock:
    """Always the same time."""

    def now(self) -> float:
        """Unix seconds."""
        return 1000.0


class _CountedRelay(FakeRelay):
    """Counts the looks at the chain."""

    looks = 0

    async def head(self) -> RelayHead:
        """As it is."""
        self.looks += 1
        return await super().head()


async def _run_for(submitter: Submitter, seconds: float, every: float, each: Callable[[], object]) -> None:
    running = asyncio.create_task(submitter.run())
    try:
        for _ in range(int(seconds / every)):
            await asyncio.sleep(every)
            each()
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def test_what_is_no_business_of_the_outbox_wakes_it_in_vain() -> None:
    relay = _CountedRelay()
    submitter = Submitter(MemoryOutbox(), relay, FixedClock(), poll_seconds=0.02, least_seconds=0.01)
    begun = time.monotonic()
    await _run_for(submitter, 0.6, 0.01, submitter.wake)
    # One at the beginning and one for each second after it, however slow the machine is; it was woken sixty times.
    assert relay.looks <= 1 + (time.monotonic() - begun)


async def test_what_is_queued_ends_the_rest_at_once() -> None:
    store, relay = MemoryOutbox(), _CountedRelay()
    submitter = Submitter(store, relay, FixedClock(), poll_seconds=0.02, least_seconds=0.01)

    def queue() -> None:
        store.queue([new_row("ok", Target.LEDGER)])
        submitter.wake()

    await _run_for(submitter, 0.6, 0.3, queue)
    assert relay.looks > 2
    assert SENT in {row.state for row in store.by_id.values()}
