"""
The whole local projection in memory: applies actions one after another; no I/O.

For rebuilding the projection from stored events (`fsck`), for planning an import before anything is written, and for
tests. A store that holds millions of lots uses `touches` and `apply` instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ledger.domain.actions import Action
from ledger.domain.custody import apply
from ledger.domain.custody_state import Consignment, LedgerState, Lot, StateChange
from ledger.domain.identifiers import ConsignmentId, Digest, Grams, LotId, LotRef, PartyId, ProductId


def recalled_ancestor(lots: Mapping[LotId, Lot], lot: LotId) -> LotId | None:
    """A nearest ancestor of the lot (never itself) whose recall stands; None where there is none."""
    seen: set[LotId] = {lot}
    level = [lot]
    while level:
        parents = [parent for child in level if child in lots for parent in lots[child].parents if parent not in seen]
        for parent in parents:
            if parent in lots and lots[parent].recalled_by:
                return parent
        seen.update(parents)
        level = list(dict.fromkeys(parents))
    return None


class _RecalledAncestors(Mapping[LotId, LotId]):
    """Looks an ancestor up only when it is asked for."""

    def __init__(self, lots: Mapping[LotId, Lot]) -> None:
        self._lots = lots

    def __getitem__(self, lot: LotId) -> LotId:
        ancestor = recalled_ancestor(self._lots, lot)
        if ancestor is None:
            raise KeyError(lot)
        return ancestor

    def __iter__(self) -> Iterator[LotId]:
        return (lot for lot in self._lots if recalled_ancestor(self._lots, lot) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(slots=True)
class WholeLedger:
    """Every lot, balance, consignment, role and permission; grows by `apply`."""

    roles: dict[PartyId, int] = field(default_factory=dict)
    product_users: set[tuple[ProductId, PartyId]] = field(default_factory=set)
    lots: dict[LotId, Lot] = field(default_factory=dict)
    names: dict[LotId, LotRef] = field(default_factory=dict)
    balances: dict[tuple[LotId, PartyId], Grams] = field(default_factory=dict)
    consignments: dict[ConsignmentId, Consignment] = field(default_factory=dict)
    used_digests: set[Digest] = field(default_factory=set)

    def apply(self, action: Action, *, now: int, digest: Digest) -> StateChange:
        """Applies the action and returns what it changed; `Refused` changes nothing."""
        change = apply(self.state(), action, now=now, digest=digest)
        self.record(change)
        return change

    def state(self) -> LedgerState:
        """All of it as a `LedgerState`; the mappings are live views."""
        return LedgerState(
            lots=self.lots,
            balances=self.balances,
            consignments=self.consignments,
            roles=self.roles,
            product_users=self.product_users,
            recalled_ancestors=_RecalledAncestors(self.lots),
            used_digests=self.used_digests,
        )

    def record(self, change: StateChange) -> None:
        """Writes an accepted change down."""
        for birth in change.births:
            self.lots[birth.id] = birth.lot
            self.names[birth.id] = birth.ref
        for place, grams in change.balances.items():
            self.balances[place] = Grams(self.balances.get(place, 0) + grams)
        self.consignments.update(change.consignments)
        for lot, party in change.recalls.items():
            self.lots[lot] = replace(self.lots[lot], recalled_by=party)
        for lot in change.entries:
            self.lots[lot] = replace(self.lots[lot], entries=self.lots[lot].entries + 1)
        if change.used_digest is not None:
            self.used_digests.add(change.used_digest)
