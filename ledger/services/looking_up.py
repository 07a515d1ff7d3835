"""
What a transaction looks up of the events that it records, and whether it asks at all for what came signed.

Nearly always that is new, and the database says so anyway when it takes the rows: what is there twice is a `Conflict`
then, and nothing of the transaction stands. So the work is tried in the hope that all is new (optimistically, as is
said of locks); where that was wrong it is done once more, with the question asked, and what comes of that is the
answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from ledger.domain.errors import Conflict
from ledger.ports import EventTransaction
from ledger.services.prepared_statements import PreparedStatement, Ready
from ledger.services.preparing import Prepared

LOOK_UPS = 100
"""
Transactions that ask first after one that hoped in vain. So whoever sends again all the time makes one transaction in a
hundred be done twice, which is 1% of the writer's time at most, and the others are as fast as if nobody hoped.
"""
_T = TypeVar("_T")


class InVain(Exception):
    """Ends a write transaction; it is done again where it hoped."""


class Hope:
    """
    One for all threads. No lock: two that count at the same moment may count once, and then one transaction more asks
    first, which changes no result. `looking_up`: so many transactions ask first to begin with.
    """

    def __init__(self, looking_up: int = 0) -> None:
        self._looking_up = looking_up

    def first(self, batch: Sequence[Ready], work: Callable[[bool], _T]) -> _T:
        """
        What `work` gives: a write transaction that records the batch, told whether to hope. What it raises is raised,
        but for `Conflict` and `InVain` of one that hoped: nothing of that stands, and it is done again without hope.
        """
        if not any(isinstance(one, PreparedStatement) for one in batch):
            return work(False)
        if self._looking_up > 0:
            self._looking_up -= 1
            return work(False)
        try:
            return work(True)
        except (Conflict, InVain):
            self._looking_up = LOOK_UPS
        except Exception:
            # Whoever does it again another way, document by document, need not hope in vain for each.
            self._looking_up = LOOK_UPS
            raise
        return work(False)


def look_up(transaction: EventTransaction, batch: Sequence[Ready], *, hopeful: bool) -> None:
    """
    What is asked of these events, in few reads. `hopeful`: what came signed is taken for new, unasked. Its requests are
    asked for even so: one that came unsigned may have been recorded with more of it sealed, as another content.
    """
    statements = [one for one in batch if isinstance(one, PreparedStatement)]
    others = [one for one in batch if isinstance(one, Prepared)]
    asked: Sequence[Ready] = others if hopeful else batch
    macs, contents = [one.request_mac for one in batch], [one.content_hash for one in asked]
    macs += [one.open_mac for one in others if one.open_mac is not None]
    contents += [one.unsealed for one in others if one.unsealed is not None]
    transaction.prefetch(macs, contents, [one.event_id for one in asked])
    if hopeful:
        named = [one.event_id for one in statements if not one.is_declaration]
        transaction.expect_new([one.content_hash for one in statements], named)
    transaction.projection.prefetch(
        [(one.action, one.digest) for one in others], [(one.signing[1], one.digest) for one in statements]
    )
