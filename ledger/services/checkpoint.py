"""
The checkpointer: brings the log's leaves under checkpoints on chain, and publishes those that are final there.

Each step looks anew and believes only what it finds:

    1. new leaves are integrated, up to the first that has to wait for an entry of the registry (see `integrate`);
    2. the chain's own checkpoint and its `Checkpoint` logs are read; what it forgot is forgotten, what it has must be
       ours, and what lies deep enough is final;
    3. the contract is extended from the checkpoint that it has, by one transaction at a time;
    4. the newest final checkpoint is signed and published.

So a crash, a lost transaction, a re-org, a chain that was rolled back or lost everything, and a second checkpointer are
one case. Nothing of step 3 is stored: the account is the log's own, its nonce is the chain's, and `extend` refuses
whatever does not go on from the checkpoint that is there. A root on chain that is not ours stops all (`LogStopped`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass

from ledger.domain.errors import ChainError, Conflict, InvalidInput, LedgerBusy, StoreError
from ledger.domain.log.checkpoints import Checkpoint, sign_checkpoint
from ledger.domain.log.proofs import nodes_of_consistency, prove_consistency
from ledger.domain.log.signed_notes import NoteSigner
from ledger.domain.log.tiles import tiles_with
from ledger.domain.merkle import EMPTY_ROOT, TreeHash
from ledger.ports import Clock
from ledger.ports_leases import Standing
from ledger.ports_log import AnchoredCheckpoint, Extension, Head, LogChain, LogChainHead, LogStore
from ledger.ports_outbox import SendResult
from ledger.services.integrate import PAGE, Integrate, LogStopped, hashes_with, integrate, root_of

_LOG = logging.getLogger(__name__)
_RESEND_AFTER_BLOCKS = 3
_IDLE_SECONDS = 1.0
_STOPPED_SECONDS = 5.0
_INTEGRATION_SECONDS = 1.0
"""Under load, so long is integrated before the chain has its turn."""
_ENOUGH_LEAVES = 6_000
"""For so many an extension costs 12 gas each (`contracts/gas/EventLog.json`): nothing is saved by waiting for more."""
_WAITS_FOR_REGISTRY = "checkpoints wait for an entry of the registry that is not settled"


@dataclass(frozen=True, slots=True)
class CheckpointerStatus:
    """What keeps the log from going on ("" where nothing does); `stopped`: not without somebody's help."""

    problem: str = ""
    stopped: bool = False

    @property
    def is_stuck(self) -> bool:
        """Whether it will not pass by itself, as the wait for an entry of the registry does."""
        return self.problem not in ("", _WAITS_FOR_REGISTRY)


@dataclass(frozen=True, slots=True)
class _Flight:
    """An extension that was handed to the node, when its head was that block."""

    extension: Extension
    nonce: int
    fee: int
    block: int


class Checkpointer:
    """
    One worker for one log. `poll_seconds`: pause between steps while something waits; `least_seconds`: the pause
    however often it is woken; `pace_seconds`: how long one extension is followed by no other, but for one of
    `enough_leaves`; `grow`: integrates a page, of `page` leaves where it is left to the caller.
    """

    def __init__(
        self, store: LogStore, chain: LogChain, clock: Clock, notes: NoteSigner, *, poll_seconds: float = 0.25,
        least_seconds: float = 0.2, pace_seconds: float = 1.5, enough_leaves: int = _ENOUGH_LEAVES,
        page: int = PAGE, grow: Integrate = integrate,
    ) -> None:  # fmt: skip
        self._store = store
        self._chain = chain
        self._clock = clock
        self._notes = notes
        self._poll_seconds = poll_seconds
        self._least_seconds = min(least_seconds, poll_seconds)
        self._pace_seconds = pace_seconds
        self._enough_leaves = enough_leaves
        self._page = page
        self._grow = grow
        self._woken = asyncio.Event()
        self._status = CheckpointerStatus()
        # What follows is only about pace; what is lost of it in a crash is time.
        self._flight: _Flight | None = None
        self._sent_at = float("-inf")
        self._verified: Head | None = None
        self._waits = False

    @property
    def status(self) -> CheckpointerStatus:
        """See `CheckpointerStatus`."""
        return self._status

    @property
    def standing(self) -> Standing:
        """The same, as its lease says it to other processes."""
        return Standing(self._status.problem, self._status.is_stuck)

    def wake(self) -> None:
        """Something was appended: do not wait for the next turn. Call it on the loop's thread."""
        self._woken.set()

    async def run(self) -> None:
        """Steps until cancelled."""
        while True:
            try:
                await self.step()
            except Conflict as error:
                _LOG.info("another checkpointer was faster: %s", error)
            except (ChainError, StoreError, LedgerBusy, InvalidInput) as error:
                # InvalidInput: a tile that is no tile any more.
                self._report(str(error), stopped=isinstance(error, LogStopped | InvalidInput))
            pause = self._poll_seconds if self._waits else _IDLE_SECONDS
            # Documents that come many times a second are integrated together.
            await asyncio.sleep(self._least_seconds)
            with contextlib.suppress(TimeoutError):
                if self._status.stopped:
                    await asyncio.sleep(_STOPPED_SECONDS)
                else:  # Not wait_for: before Python 3.12 it swallows a cancellation that comes with the wake.
                    async with asyncio.timeout(max(0.0, pause - self._least_seconds)):
                        await self._woken.wait()
            self._woken.clear()

    async def step(self) -> None:
        """One look at store and chain and everything that follows from it. Raises `ChainError` and `StoreError`."""
        self._waits = True
        limit = await asyncio.to_thread(self._store.releasable, self._clock.now())
        await self._integrate(limit)
        head = await self._chain.head()
        await self._follow(head)
        problem = await self._extend(head, limit)
        await asyncio.to_thread(self._publish)
        counts = await asyncio.to_thread(self._store.counts)
        self._waits = counts.published < counts.leaves
        if not problem and limit < counts.leaves:
            problem = _WAITS_FOR_REGISTRY if counts.integrated >= limit and counts.on_chain >= limit else ""
        self._report(problem, stopped=False)

    def _report(self, problem: str, *, stopped: bool) -> None:
        if problem and problem != self._status.problem and problem != _WAITS_FOR_REGISTRY:
            _LOG.warning("the log waits: %s", problem)
        self._status = CheckpointerStatus(problem, stopped)

    # ------------------------------------------------------------------------------------------ 1. integrate

    async def _integrate(self, limit: int) -> None:
        until = self._clock.now() + _INTEGRATION_SECONDS
        while await asyncio.to_thread(self._grow, self._store, limit, self._page):
            if self._clock.now() >= until:
                return

    # ------------------------------------------------------------------------------------------ 2. follow

    async def _follow(self, head: LogChainHead) -> None:
        await self._check(Head(head.size, head.root))
        good = await self._last_good(head)
        known = good.checkpoint.size if good is not None else 0
        if head.size != known:
            first = good.checkpoint.block_number if good is not None else None
            new = [one for one in await self._chain.checkpoints(first) if one.checkpoint.size > known]
            for one in new:
                await self._check(Head(one.checkpoint.size, one.checkpoint.root))
            await asyncio.to_thread(self._store.anchor, new)
        final = head.block.number - self._chain.confirmations + 1
        await asyncio.to_thread(self._store.finalize, final)

    async def _last_good(self, head: LogChainHead) -> AnchoredCheckpoint | None:
        """The newest checkpoint that we saw and that the chain still has; what it forgot is forgotten here too."""
        last = good = await asyncio.to_thread(self._store.last_anchored)
        if good is not None and good.checkpoint.size > head.size:
            good = await asyncio.to_thread(self._store.last_anchored, head.size + 1)
        stride = 1
        while good is not None and await self._chain.block_hash(good.checkpoint.block_number) != good.block_hash:
            # Farther back each time; what is forgotten needlessly is read again from the chain's logs.
            good = await asyncio.to_thread(self._store.last_anchored, good.checkpoint.size - stride + 1)
            stride *= 2
        if good != last:
            above = good.checkpoint.size if good is not None else 0
            count = await asyncio.to_thread(self._store.forget_anchors, above)
            self._flight = None
            _LOG.warning("the chain forgot %d checkpoints of sizes over %d", count, above)
        return good

    async def _check(self, head: Head) -> None:
        """That a checkpoint on chain is one of our log. `LogStopped` where it is not."""
        if head == self._verified:
            return
        await asyncio.to_thread(self._require_ours, head)
        self._verified = head

    def _require_ours(self, head: Head) -> None:
        while (size := self._store.integrated().size) < head.size:
            # The chain is ahead of the tiles, after a crash of another checkpointer: it covers these leaves already.
            if not self._grow(self._store, head.size, self._page):
                raise LogStopped(
                    f"the log on chain has {head.size} leaves and this database only {size}; "
                    "was an older copy of it restored?"
                )
        ours = root_of(self._store, head.size) if head.size else EMPTY_ROOT
        if ours != head.root:
            raise LogStopped(
                f"the log on chain is another one: the root of its {head.size} leaves is 0x{head.root.hex()}, "
                f"of ours 0x{ours.hex()}"
            )

    # ------------------------------------------------------------------------------------------ 3. extend

    async def _extend(self, head: LogChainHead, limit: int) -> str:
        """Sends what the chain has not yet; returns what is wrong, if anything is."""
        if self._flight is not None and (self._flight.nonce < head.nonce or head.block.number < self._flight.block):
            self._flight = None  # mined, by whomever, or rolled back: the chain's checkpoint says what came of it
        size = min((await asyncio.to_thread(self._store.integrated)).size, limit)
        if size <= head.size:
            self._flight = None
            return ""
        flight = self._flight
        if flight is None:
            paced = self._clock.now() - self._sent_at < self._pace_seconds
            if paced and size - head.size < self._enough_leaves:
                return ""
            return await self._send(head, await asyncio.to_thread(self._extension, head.size, size))
        waited = head.block.number - flight.block
        if waited >= self._chain.stuck_after_blocks:
            return await self._replace(head, flight, size)
        if waited and waited % _RESEND_AFTER_BLOCKS == 0 and flight.extension.proof.first == head.size:
            await self._chain.extend(flight.extension, flight.nonce, flight.fee)
        return ""

    async def _send(self, head: LogChainHead, extension: Extension, fee: int | None = None) -> str:
        offered = fee if fee is not None else await self._chain.fee()
        if obstacle := await self._chain.obstacle(extension, offered):
            return obstacle
        self._sent_at = self._clock.now()
        result, said = await self._chain.extend(extension, head.nonce, offered)
        if result is SendResult.REJECTED:
            return f"the node refuses the checkpoint: {said}"
        if result is not SendResult.NONCE_TOO_LOW:
            # Underpriced: another of this nonce waits there, of before a crash or of a second checkpointer. It is mined
            # or, if it is stuck, replaced.
            self._flight = _Flight(extension, head.nonce, offered, head.block.number)
        return ""

    async def _replace(self, head: LogChainHead, flight: _Flight, size: int) -> str:
        fee = max(await self._chain.fee(), flight.fee * 5 // 4 + 1)
        if fee > self._chain.max_fee:
            size = flight.extension.size
            return f"the checkpoint of size {size} is not mined, though it offers {flight.fee} wei per gas"
        _LOG.warning("the checkpoint of size %d is stuck; the next attempt offers %d wei", flight.extension.size, fee)
        return await self._send(head, await asyncio.to_thread(self._extension, head.size, size), fee)

    def _extension(self, first: int, second: int) -> Extension:
        of = self._store.integrated().size
        hashes = hashes_with(self._store, tiles_with(nodes_of_consistency(first, second), of), of)
        return Extension(second, self._root(second), prove_consistency(first, second, hashes))

    def _root(self, size: int) -> TreeHash:
        return root_of(self._store, size)

    # ------------------------------------------------------------------------------------------ 4. publish

    def _publish(self) -> None:
        final = self._store.unpublished()
        if final is None:
            return
        if self._root(final.size) != final.root:
            raise LogStopped(
                f"the tiles of the log do not lead to the root that is final on chain for {final.size} leaves"
            )
        checkpoint = Checkpoint(self._notes.key.name, final.size, final.root)
        self._store.publish(final.size, bytes(sign_checkpoint(checkpoint, self._notes)))
