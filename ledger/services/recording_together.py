"""
Documents that wait for each other at the writers' lock, recorded in one transaction: one fsync for all, after which
each is answered.

Whoever comes first records, and takes along what waits behind, up to `MOST_TOGETHER` events, twice as many where all of
them came under signatures that they share. A document in which something is refused is recorded by itself, and so are
those that were to go with it: its errors are its own, and nobody else's document comes to nothing for them.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ledger.domain.errors import InvalidInput
from ledger.services.capture import BATCH, CaptureResult, Conclude
from ledger.services.prepared_statements import Ready, is_in_batch
from ledger.turns import Turns

MOST_TOGETHER = 2 * BATCH
"""
Events of several documents in one transaction, two of the largest: they wait for the disk once, and of the pages that
each changes at random some are the same. With twice as many, the highest rates rise by a tenth, and whoever sends
little waits for all of them: of documents of 100 events at 80% of that rate, one in a hundred 363 ms, more than is
wanted. Whoever signs many at once, as a gateway does, has let the first of them wait already.
"""
Events = Sequence[Ready | InvalidInput]


class Recording(Protocol):
    """The part of `ledger.services.capture.Capture` that records."""

    def record(
        self, prepared: Events, *, rollback: bool = True, conclude: Conclude | None = None
    ) -> list[CaptureResult]:
        """One result an event, in order."""
        ...

    def record_together(self, documents: Sequence[tuple[Events, Conclude | None]]) -> list[list[CaptureResult]]:
        """The results of each document; `NotTogether`, and nothing recorded, where an event of any is refused."""
        ...


@dataclass(slots=True)
class _Waiting:
    """A document, and what became of it once it is `done`."""

    events: Events
    rollback: bool
    conclude: Conclude | None
    is_batch: bool = False
    done: bool = False
    results: list[CaptureResult] = field(default_factory=list)
    error: BaseException | None = None


class RecordingTogether:
    """May be called from several threads, which is what it is for."""

    def __init__(self, capture: Recording, most: int = MOST_TOGETHER) -> None:
        self._capture = capture
        self._most = most
        self._line: deque[_Waiting] = deque()
        self._turn = Turns()
        self._ahead = threading.Lock()

    @property
    def waiting(self) -> int:
        """How many documents stand in the line."""
        return len(self._line)

    def record(self, events: Events, *, rollback: bool = True, conclude: Conclude | None = None) -> list[CaptureResult]:
        """As `Capture.record`; on disk, alone or with others, when it returns."""
        if not events:
            # Concluded with others, whose transaction may come to nothing, it would not be concluded again by itself.
            return self._capture.record([], rollback=rollback, conclude=conclude)
        mine = _Waiting(events, rollback, conclude, is_batch=is_in_batch(events[0]))
        self._join(mine)
        with self._turn:
            while not mine.done:
                self._record(self._first())
        if mine.error is not None:
            raise mine.error
        return mine.results

    def _join(self, mine: _Waiting) -> None:
        """
        To the end of the line. The next one is read while the one before it waits for the disk, not when its turn has
        come; but one at a time, however many come at once: as values they take three times the room.
        """
        is_ahead = self._ahead.acquire(blocking=False)
        try:
            if is_ahead and not self._line:
                mine.events = list(mine.events)
            self._line.append(mine)
        finally:
            if is_ahead:
                self._ahead.release()

    def _first(self) -> list[_Waiting]:
        """Those that stand first in the line, at least one; not more events than go together."""
        taken = [self._line.popleft()]
        count, all_batches = len(taken[0].events), taken[0].is_batch
        while self._line:
            all_batches = all_batches and self._line[0].is_batch
            count += len(self._line[0].events)
            if count > (2 * self._most if all_batches else self._most):
                break
            taken.append(self._line.popleft())
        return taken

    def _record(self, documents: list[_Waiting]) -> None:
        if len(documents) > 1:
            try:
                # As values from here on: until its turn a document may be bytes, which take less room.
                found = self._capture.record_together([(list(one.events), one.conclude) for one in documents])
            except Exception:  # noqa: S110 - each meets by itself below what is wrong with it
                pass
            except BaseException as error:  # what ends a process ends all that wait for the transaction
                for one in documents:
                    one.error, one.events, one.done = error, (), True
                return
            else:
                for one, results in zip(documents, found, strict=True):
                    one.results, one.events, one.done = results, (), True
                return
        for one in documents:
            try:
                one.results = self._capture.record(list(one.events), rollback=one.rollback, conclude=one.conclude)
            except BaseException as error:
                one.error = error
            one.events, one.done = (), True
