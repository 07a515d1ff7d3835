"""
The outbox's worker: brings queued entries on chain, exactly once, whatever crashes in between.

Each step looks at the chain first and believes only what it finds there:

    1. a chain that forgot (lower nonce, or another block where our last settled one was) puts its entries back;
    2. mined transactions that are final settle their rows, from the receipt's logs;
    3. signed transactions are sent, sent again, or replaced by one that pays more;
    4. queued rows become transactions, stored with their nonces before they are sent. What takes a key, a role or a
       signature away waits until the log has covered what was stated before it, but for no longer than 30 seconds.

"Sent" is not "accepted", and "nonce too low" means: look for the receipt. A skip is a hint; the entry is tried again at
the head, and refused for good only where the chain says why and no earlier entry is still open. One submitter per
account; a second one by mistake loses nonces or transactions to the first, never an entry. No error of the chain ends
`run`; a lease that is lost does.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from ledger.domain.errors import ChainError, Conflict, LedgerBusy, StoreError
from ledger.domain.records import EntryState
from ledger.domain.registry_actions import TAKING
from ledger.ports import Clock
from ledger.ports_leases import Standing
from ledger.ports_log import Cover
from ledger.ports_outbox import (
    BlockRef,
    OutboxRow,
    OutboxStore,
    OutboxTransaction,
    Receipt,
    Relay,
    RelayHead,
    RowOutcome,
    SendResult,
    Target,
    TransactionState,
)
from ledger.services.batches import Batcher

_LOG = logging.getLogger(__name__)
_SIGNED_AT_ONCE = 64
_RESEND_AFTER_BLOCKS = 3
_MOST_TRIES = 5
_IDLE_SECONDS = 1.0
"""Between two looks at the chain while nothing is under way."""
_COVER_SECONDS = 30.0
"""A log that is stuck must not keep a stolen key alive."""
_PAUSE = "EnforcedPause"
"""What the contracts answer while the registry is paused: no refusal, entries wait."""
_NOTICE_RUNS = re.compile(r"NoticeNotOver\(.*\bfrom=([1-9][0-9]*)\)")
"""
What they answer while a notice that was given is not over: the block that took the notice may be younger than the
notice is by our clock. No refusal either, the entry waits until then.
"""


@dataclass(frozen=True, slots=True)
class SubmitterStatus:
    """How the worker fares: the last head it saw, and what keeps it from going on ("" where nothing does)."""

    head: BlockRef | None = None
    problem: str = ""


class Submitter:
    """
    One worker for one relay account. `poll_seconds`: pause between steps while something is under way and nothing wakes
    it; `least_seconds`: the pause however often it is woken, as what comes many times a second would else be a question
    to the node each time; `in_flight`: how many transactions may wait for the chain at once (the account's nonces keep
    them in order).
    """

    def __init__(
        self, store: OutboxStore, relay: Relay, clock: Clock, *, poll_seconds: float = 0.25,
        least_seconds: float = 0.1, in_flight: int = 8,
    ) -> None:  # fmt: skip
        self._store = store
        self._relay = relay
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._least_seconds = min(least_seconds, poll_seconds)
        self._in_flight = in_flight
        self._batcher = Batcher(relay)
        self._woken = asyncio.Event()
        self._status = SubmitterStatus()
        # What follows is only about pace. It is lost in a crash, and nothing but time is lost with it.
        self._sent_at_block: dict[bytes, int] = {}
        self._rejected: dict[bytes, str] = {}
        self._in_line_since: tuple[int, int] = (-1, 0)
        self._unseen_since: dict[int, int] = {}
        self._tries: Counter[int] = Counter()
        self._paused = False
        self._idle = False
        self._not_before: dict[int, int] = {}
        self._cover: Cover | None = None
        self._held_since: dict[int, float] = {}

    def wait_for(self, cover: Cover) -> None:
        """From now on no change of the registry overtakes statements that the log has not covered (docs/adr/0110)."""
        self._cover = cover

    @property
    def status(self) -> SubmitterStatus:
        """See `SubmitterStatus`."""
        return self._status

    @property
    def standing(self) -> Standing:
        """The same, as its lease says it to other processes."""
        return Standing(self._status.problem)

    def wake(self) -> None:
        """Something was queued: do not wait for the next turn. Call it on the loop's thread."""
        self._woken.set()

    async def run(self) -> None:
        """Steps until cancelled."""
        while True:
            try:
                await self.step()
            except (ChainError, StoreError, LedgerBusy) as error:
                if str(error) != self._status.problem:
                    _LOG.warning("the outbox waits: %s", error)
                self._status = SubmitterStatus(self._status.head, str(error))
            await self._rest()

    async def _rest(self) -> None:
        """Until the next step. Most of what is recorded under load is no business of the outbox's: it rests on."""
        clock = asyncio.get_running_loop().time
        until = clock() + (_IDLE_SECONDS if self._idle else self._poll_seconds)
        while await self._woken_within(until - clock()) and self._idle:
            with contextlib.suppress(StoreError, LedgerBusy):
                if await asyncio.to_thread(self._store.first_open_row) is not None:
                    return

    async def _woken_within(self, seconds: float) -> bool:
        """Whether something was recorded in that time; not told before the least pause is over."""
        await asyncio.sleep(max(0.0, min(seconds, self._least_seconds)))
        # Not wait_for: before Python 3.12 it swallows a cancellation that comes together with the wake.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, seconds - self._least_seconds)):
                await self._woken.wait()
        woken = self._woken.is_set() and seconds > 0
        self._woken.clear()
        return woken

    async def step(self) -> None:
        """One look at the chain and everything that follows from it. Raises `ChainError` and `StoreError`."""
        self._idle = False
        head = await self._relay.head()
        await self._notice_rollback(head)
        await self._settle(head)
        problem = await self._send(head)
        await self._submit(head)
        if self._paused:
            problem = problem or "the contracts are paused; entries wait"
        self._status = SubmitterStatus(head.block, problem)

    # ------------------------------------------------------------------------------------------ 1. rolled back

    async def _notice_rollback(self, head: RelayHead) -> None:
        last = await asyncio.to_thread(self._store.last_settled)
        if last is not None and last.nonce >= head.nonce:
            await self._reopen(head.nonce, f"the chain's nonce fell to {head.nonce}")
            last = await asyncio.to_thread(self._store.last_settled)
        stride = 1
        while last is not None and last.block is not None:
            if await self._relay.block_hash(last.block.number) == last.block.hash:
                return
            await self._reopen(last.nonce, f"block {last.block.number} is another one now")
            # Farther back each time; what is put back needlessly settles again from its receipt.
            last = await asyncio.to_thread(self._store.last_settled, last.nonce - stride + 1)
            stride *= 2

    async def _reopen(self, nonce: int, why: str) -> None:
        count = await asyncio.to_thread(self._store.reopen, nonce)
        self._sent_at_block.clear()
        self._unseen_since.clear()
        _LOG.warning("%s: %d transactions from nonce %d on are put back", why, count, nonce)

    # ------------------------------------------------------------------------------------------ 2. settle

    async def _settle(self, head: RelayHead) -> None:
        signed = await asyncio.to_thread(self._store.signed, _SIGNED_AT_ONCE)
        passed = [one for one in signed if one.nonce < head.nonce]
        receipts = await self._relay.receipts([one.hash for one in passed])
        for nonce, group in groupby(passed, key=lambda one: one.nonce):
            mined = next(((one, receipts[one.hash]) for one in group if one.hash in receipts), None)
            if mined is None:
                await self._displace_if_gone(nonce, head.block)
                continue
            transaction, receipt = mined
            self._unseen_since.pop(nonce, None)
            if head.block.number - receipt.block.number + 1 < self._relay.confirmations:
                return  # later nonces are in this block or in later ones
            outcomes = await self._outcomes(transaction, receipt)
            await asyncio.to_thread(self._store.settle, transaction.nonce, transaction.attempt, receipt.block, outcomes)
            self._sent_at_block.pop(transaction.hash, None)
            self._batcher.learn(len(transaction.rows), succeeded=receipt.succeeded)

    async def _displace_if_gone(self, nonce: int, head: BlockRef) -> None:
        """The nonce is used up, but not by us, as far as the node says; give it time to say otherwise."""
        since = self._unseen_since.setdefault(nonce, head.number)
        if head.number - since >= self._relay.confirmations:
            await asyncio.to_thread(self._store.displace, nonce)
            self._unseen_since.pop(nonce)
            _LOG.warning("nonce %d was used by a transaction that is not ours; its entries are queued again", nonce)

    async def _outcomes(self, transaction: OutboxTransaction, receipt: Receipt) -> list[RowOutcome]:
        rows = await asyncio.to_thread(self._store.rows, transaction.rows)
        first_open = await asyncio.to_thread(self._store.first_open_row)
        waits = first_open is not None and bool(rows) and first_open < rows[0].id
        outcomes: list[RowOutcome] = []
        for index, row in enumerate(rows):
            if self._recorded(row, index, receipt):
                outcome = RowOutcome(row.id, EntryState.CONFIRMED, transaction=transaction.hash)
            elif not receipt.succeeded and len(rows) > 1:
                outcome = RowOutcome(row.id, EntryState.QUEUED)
            else:
                hint = receipt.skipped.get(index, "TransactionReverted()" if not receipt.succeeded else "NotRecorded()")
                outcome = await self._judge(row, hint, transaction.hash, earlier_open=waits)
            waits = waits or outcome.state is EntryState.QUEUED
            outcomes.append(outcome)
        return outcomes

    @staticmethod
    def _recorded(row: OutboxRow, index: int, receipt: Receipt) -> bool:
        if not receipt.succeeded:
            return False
        if row.content_hash is None:  # the registry logs no digest; what it did not skip, it did
            return index not in receipt.skipped
        return (row.content_hash, row.digest) in receipt.recorded

    async def _judge(self, row: OutboxRow, hint: str, transaction: bytes, *, earlier_open: bool) -> RowOutcome:
        """An entry that its transaction did not record: done already, to be tried again, or refused for good."""
        elsewhere = await self._relay.stands(row)
        if elsewhere is not None:
            return RowOutcome(row.id, EntryState.CONFIRMED, transaction=elsewhere)
        rule = await self._relay.simulate(row.target, row.entry)
        if rule.startswith(_PAUSE):
            self._paused = True
            return RowOutcome(row.id, EntryState.QUEUED)
        if runs := _NOTICE_RUNS.match(rule):
            self._not_before[row.id] = int(runs[1])
            return RowOutcome(row.id, EntryState.QUEUED)
        if not rule:
            self._tries[row.id] += 1
            rule = hint if self._tries[row.id] >= _MOST_TRIES else ""
        if not rule or earlier_open:
            return RowOutcome(row.id, EntryState.QUEUED)
        self._tries.pop(row.id, None)
        _LOG.warning("entry %d is refused: %s", row.id, rule)
        return RowOutcome(row.id, EntryState.REFUSED, refusal=rule, transaction=transaction)

    # ------------------------------------------------------------------------------------------ 3. send

    async def _send(self, head: RelayHead) -> str:
        """Sends what the chain has not mined; returns what is wrong, if anything is."""
        signed = await asyncio.to_thread(self._store.signed, _SIGNED_AT_ONCE)
        waiting = [one for one in signed if one.nonce >= head.nonce]
        if waiting and waiting[0].nonce > head.nonce:
            await self._fill_gap(head.nonce, waiting[0].nonce)
            return ""
        for transaction in waiting:
            last = self._sent_at_block.get(transaction.hash)
            if last is None or head.block.number - last >= _RESEND_AFTER_BLOCKS:
                await self._send_one(transaction, head.block)
        if not waiting:
            return ""
        latest = [one for one in waiting if one.nonce == head.nonce][-1]
        return self._rejected.get(latest.hash) or await self._replace_if_stuck(latest, head.block)

    async def _send_one(self, transaction: OutboxTransaction, head: BlockRef) -> None:
        result, said = await self._relay.send(transaction.raw)
        self._sent_at_block[transaction.hash] = head.number
        self._rejected.pop(transaction.hash, None)
        if result in (SendResult.ACCEPTED, SendResult.KNOWN):
            if not transaction.sent_at:
                await asyncio.to_thread(
                    self._store.mark_sent, transaction.nonce, transaction.attempt, self._clock.now()
                )
        elif result is SendResult.REJECTED:
            self._rejected[transaction.hash] = f"the node refuses transaction {transaction.nonce}: {said}"
            _LOG.warning("%s", self._rejected[transaction.hash])
        # Too low: its receipt is looked for. Underpriced: it is replaced once it is next in line.

    async def _replace_if_stuck(self, latest: OutboxTransaction, head: BlockRef) -> str:
        nonce, since = self._in_line_since
        if nonce != latest.nonce:
            self._in_line_since = (latest.nonce, head.number)
            return ""
        if head.number - since < self._relay.stuck_after_blocks:
            return ""
        fee = max(await self._relay.fee(), latest.max_fee * 5 // 4 + 1)
        if latest.target is Target.CREATION:
            return f"transaction {latest.nonce}, which creates a contract, is not mined"
        if fee > self._relay.max_fee:
            return f"transaction {latest.nonce} is not mined, though it offers {latest.max_fee} wei per gas"
        self._in_line_since = (latest.nonce, head.number)
        rows = await asyncio.to_thread(self._store.rows, latest.rows)
        entries = [row.entry for row in rows]
        signed = self._relay.sign(latest.nonce, latest.target, entries, latest.gas, fee)
        replacement = OutboxTransaction(
            latest.nonce, latest.attempt + 1, latest.target, latest.rows, signed.hash, signed.raw, latest.gas, fee
        )
        await asyncio.to_thread(self._store.insert_transaction, replacement)
        _LOG.warning("transaction %d is stuck; attempt %d offers %d wei", latest.nonce, replacement.attempt, fee)
        await self._send_one(replacement, head)
        return ""

    async def _fill_gap(self, first: int, end: int) -> None:
        """Nonces that a foreign transaction used before the chain was rolled back: use them up with nothing."""
        fee = await self._relay.fee()
        for nonce in range(first, end):
            gas = self._relay.gas_bound(Target.NOTHING, [])
            signed = self._relay.sign(nonce, Target.NOTHING, [], gas, fee)
            filler = OutboxTransaction(nonce, 0, Target.NOTHING, (), signed.hash, signed.raw, gas, fee)
            await asyncio.to_thread(self._store.insert_transaction, filler)

    # ------------------------------------------------------------------------------------------ 4. submit

    async def _submit(self, head: RelayHead) -> None:
        signed = await asyncio.to_thread(self._store.signed, _SIGNED_AT_ONCE)
        free = self._in_flight - len({one.nonce for one in signed})
        for sent in range(free):
            rows = await asyncio.to_thread(self._store.queued, self._batcher.most_rows)
            self._idle = not (signed or sent or rows)
            if self._paused:
                rows = await self._unstopped(rows)
            if self._not_before:
                rows = self._due(rows, head.block.time)
            rows = await self._covered(rows)
            batch = self._batcher.take(rows)
            if not batch:
                return
            try:
                transaction = await self._store_batch(batch, head.nonce)
            except Conflict as error:
                _LOG.warning("another submitter was faster: %s", error)
                return
            await self._send_one(transaction, head.block)

    async def _unstopped(self, rows: list[OutboxRow]) -> list[OutboxRow]:
        """In a pause, the rows that it does not stop: those of the registry that only take power away."""
        if not rows or not (await self._relay.simulate(rows[0].target, rows[0].entry)).startswith(_PAUSE):
            self._paused = False
            return rows
        ours = [row for row in rows if row.target is Target.REGISTRY]
        return [row for row in ours if not (await self._relay.simulate(row.target, row.entry)).startswith(_PAUSE)]

    def _due(self, rows: Sequence[OutboxRow], now: int) -> list[OutboxRow]:
        """Without those that wait for a notice to be over."""
        due = [row for row in rows if self._not_before.get(row.id, 0) <= now]
        for row in due:
            self._not_before.pop(row.id, None)
        return due

    async def _covered(self, rows: list[OutboxRow]) -> list[OutboxRow]:
        """The rows before the first that would reach back over statements made before it."""
        held = [row for row in rows if row.target is Target.REGISTRY and row.entry.kind in TAKING]
        if self._cover is None or not held:
            return rows
        uncovered = await asyncio.to_thread(self._cover.first_uncovered_entry)
        if uncovered is None:
            return rows
        now = self._clock.now()
        since = {row.id: self._held_since.setdefault(row.id, now) for row in held}
        for row in held:
            if row.id > uncovered and now - since[row.id] < _COVER_SECONDS:
                return rows[: rows.index(row)]
        return rows

    async def _store_batch(self, rows: Sequence[OutboxRow], chain_nonce: int) -> OutboxTransaction:
        target, entries = rows[0].target, [row.entry for row in rows]
        nonce = max(await asyncio.to_thread(self._store.next_nonce), chain_nonce)
        gas = min(self._relay.gas_bound(target, entries), self._relay.gas_cap)
        fee = await self._relay.fee()
        signed = await asyncio.to_thread(self._relay.sign, nonce, target, entries, gas, fee)
        transaction = OutboxTransaction(
            nonce, 0, target, tuple(row.id for row in rows), signed.hash, signed.raw, gas, fee, TransactionState.SIGNED
        )
        await asyncio.to_thread(self._store.insert_transaction, transaction)
        return transaction
