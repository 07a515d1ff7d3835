"""
Carrying recalls: a recall, or its end, is brought on chain to every lot that was made from the lot, parents first.

Nobody signs these entries; anybody may relay them. Which lots descend from which is read from the local projection.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ledger.domain.errors import Refused
from ledger.domain.identifiers import LotId
from ledger.domain.typed_data import outputs_hash
from ledger.ports_proposals import ProposalStore, ProposalTransaction


class Propagation:
    """Sends again what is missing; what a recall starts is carried by `carry_from`, in the recall's own transaction."""

    def __init__(self, store: ProposalStore) -> None:
        self._store = store

    def carry(self, lot: LotId) -> int:
        """
        Brings every recall above and at the lot down to all that was made from it; returns how many entries were
        queued. 0: there was nothing left to carry.
        """
        above = self._store.lineage([lot])
        roots = [one for one, known in above.items() if not known.parents] or [lot]
        with self._store.writing() as transaction:
            return carry_from(self._store, transaction, roots)


def carry_from(store: ProposalStore, transaction: ProposalTransaction, roots: Collection[LotId]) -> int:
    """
    Inside a write transaction: queues an entry for each of the roots and the lots below them whose recall is not what
    those of its parents make it. Returns how many.
    """
    projection = transaction.projection
    queued = 0
    # What this transaction made is not in the store yet.
    fresh = {lot: made.parents for lot in projection.changed.lots if (made := projection.lots[lot]) is not None}
    # A released root that was made from others is free only once that is carried to it as well.
    lots = [*dict.fromkeys(roots), *descendants(store, roots, fresh)]
    projection.load_origins(lots)
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


def descendants(
    store: ProposalStore, roots: Collection[LotId], fresh: Mapping[LotId, tuple[LotId, ...]] | None = None
) -> list[LotId]:
    """
    All lots made from the roots, each behind all of its own parents that are among them; without the roots. `fresh`:
    parents of lots that are not in the store yet.
    """
    made_from: dict[LotId, set[LotId]] = {}
    for lot, parents in (fresh or {}).items():
        for parent in parents:
            made_from.setdefault(parent, set()).add(lot)
    children: dict[LotId, tuple[LotId, ...]] = {}
    unseen = list(dict.fromkeys(roots))
    while unseen:
        found = store.children(unseen)
        children |= {lot: tuple(sorted({*found.get(lot, ()), *made_from.get(lot, ())})) for lot in unseen}
        unseen = list(dict.fromkeys(child for lot in unseen for child in children[lot] if child not in children))
    waiting = dict.fromkeys(children, 0)
    for made in children.values():
        for child in made:
            waiting[child] += 1
    ready = [lot for lot in children if not waiting[lot]]
    ordered: list[LotId] = []
    while ready:
        lot = ready.pop()
        ordered.append(lot)
        for child in children[lot]:
            waiting[child] -= 1
            if not waiting[child]:
                ready.append(child)
    given = set(roots)
    return [lot for lot in ordered if lot not in given]
