"""
Carrying recalls: a recall, or its end, is brought on chain to every lot that was made from the lot, parents first.

Nobody signs these entries; anybody may relay them. Which lots descend from which is read from the local projection.

A small family is carried in the transaction that records the recall. A large one is only noted there, and carried after
it in short transactions (`Propagation.turn`): first all lots are lined up, then the line is worked off from its head.
Both can be stopped anywhere: what was not done still stands in the line. No lot slips through meanwhile, since the
rules of custody look at all ancestors of what is moved.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ledger.domain.errors import LedgerBusy, Refused, StoreError
from ledger.domain.identifiers import LotId
from ledger.domain.typed_data import outputs_hash
from ledger.ports_proposals import ProposalStore, ProposalTransaction

logger = logging.getLogger(__name__)
AT_ONCE = 250
"""Lots that one transaction carries to: each is four rows, and a transaction writes a thousand at the most."""
LINED_UP = 1_000
"""Lots that one transaction puts into the line."""


@dataclass(frozen=True, slots=True)
class Carried:
    """`now`: lots to which an entry was queued; `later`: lots made from the roots that wait for theirs."""

    now: int = 0
    later: int = 0


class Propagation:
    """Carries what waits, and sends again what is missing."""

    def __init__(self, store: ProposalStore) -> None:
        self._store = store

    def carry(self, lot: LotId) -> int:
        """
        Brings every recall above and at the lot down to all that was made from it; returns how many entries were
        queued. 0: there was nothing left to carry.
        """
        above = self._store.ascent([lot])
        roots = sorted({one for parents in above.values() for one in parents if one not in above}) or [lot]
        with self._store.writing() as transaction:
            transaction.carry_later(roots)
        self.spread()
        return sum(iter(self.turn, None))

    def spread(self) -> int:
        """Lines up all that recalls have yet to be carried to; returns how many lots were put into the line."""
        roots = self._store.recalls_to_spread()
        if not roots:
            return 0
        lots = family(roots, self._store.descent(roots))
        for start in range(0, len(lots), LINED_UP):
            with self._store.writing() as transaction:
                transaction.line_up(lots[start : start + LINED_UP], roots)
                if start + LINED_UP >= len(lots):
                    transaction.spread_from(roots)
        return len(lots)

    def spread_behind(self) -> None:
        """
        The same right behind the transaction that recorded a recall, which stands whatever becomes of this: where it
        fails, `turn` does it later.
        """
        try:
            self.spread()
        except (StoreError, LedgerBusy) as error:
            logger.warning("what a recall has to be carried to is lined up later: %s", error)

    def turn(self) -> int | None:
        """
        Carries to the first lots in the line, in one transaction; returns how many entries were queued. None: the line
        is empty.
        """
        self.spread()
        if not self._store.recalls_waiting():
            return None
        with self._store.writing() as transaction:
            # Read under the lock: a recall that spreads meanwhile may move any of them.
            lots = transaction.first_in_line(AT_ONCE)
            queued = _carry(transaction, lots)
            transaction.carried_to(lots)
        return queued


def carry_from(store: ProposalStore, transaction: ProposalTransaction, roots: Collection[LotId]) -> Carried:
    """
    Inside a write transaction: queues an entry for each of the roots and the lots below them whose recall is not what
    those of its parents make it; or, where they are many, keeps that this has to be done.
    """
    projection = transaction.projection
    # What this transaction made is not in the store yet.
    fresh = {lot: made.parents for lot in projection.changed.lots if (made := projection.lots[lot]) is not None}
    # A released root that was made from others is free only once that is carried to it as well.
    lots = descendants(store, roots, fresh)
    if len(lots) > AT_ONCE:
        transaction.carry_later(roots)
        return Carried(later=len(set(lots).difference(roots)))
    return Carried(_carry(transaction, lots))


def descendants(
    store: ProposalStore, roots: Collection[LotId], fresh: Mapping[LotId, tuple[LotId, ...]] | None = None
) -> list[LotId]:
    """
    The roots and all lots made from them, each behind all of its own parents that are among them. `fresh`: parents of
    lots that are not in the store yet.
    """
    children = {parent: set(made) for parent, made in store.descent(roots).items()}
    # What stands in the store was made from nothing that does not.
    for lot, parents in (fresh or {}).items():
        for parent in parents:
            children.setdefault(parent, set()).add(lot)
    return family(roots, children)


def family(roots: Collection[LotId], children: Mapping[LotId, Collection[LotId]]) -> list[LotId]:
    """The roots and all below them, each behind all of its own parents that are among them. A cycle is left out."""
    waiting = dict.fromkeys(roots, 0)
    unseen = list(waiting)
    while unseen:
        for child in children.get(unseen.pop(), ()):
            if child not in waiting:
                waiting[child] = 0
                unseen.append(child)
            waiting[child] += 1
    ready = [lot for lot in waiting if not waiting[lot]]
    ordered: list[LotId] = []
    while ready:
        lot = ready.pop()
        ordered.append(lot)
        for child in sorted(children.get(lot, ())):
            waiting[child] -= 1
            if not waiting[child]:
                ready.append(child)
    return ordered


def _carry(transaction: ProposalTransaction, lots: Collection[LotId]) -> int:
    """Queues an entry for each lot whose recall is not what those of its parents make it; returns how many."""
    projection = transaction.projection
    projection.load_origins(lots)
    queued = 0
    for lot in lots:
        origin = projection.origin_of(lot)
        if origin is None:
            continue
        try:
            projection.propagate(lot)
        except Refused:
            continue  # Its recall is right already, or it has one of its own.
        transaction.queue_propagation(lot, origin.inputs, outputs_hash(origin.outputs))
        queued += 1
    return queued
