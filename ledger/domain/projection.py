"""
The ledger and the registry as they stand locally, in memory: what a batch of actions reads, changes and writes back.

A `Projection` starts from a `ProjectionSource` (a database, or `EMPTY`) and loads from it only what actions touch, so
that the same code serves a write transaction, a dry run that writes nothing, a rebuild, and fsck. `changed` says what
differs from the source. No I/O of its own, no clock.

Raises `Refused`, named like the contracts' errors: the custody rules by `custody.apply`, the registry's by `register`.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from ledger.domain import custody
from ledger.domain.actions import Action, cosigner_of, is_stated, signer_of
from ledger.domain.custody_state import (
    Consignment,
    LedgerState,
    Lot,
    Origin,
    Place,
    Pledge,
    Plot,
    Season,
    StateChange,
    Touched,
    Yield,
    touches,
)
from ledger.domain.errors import Refused
from ledger.domain.identifiers import ConsignmentId, Digest, Grams, LotId, PartyId, PlotId
from ledger.domain.projection_registry import Changed, RegistryProjection
from ledger.domain.projection_source import EMPTY, PendingRecovery, ProjectionSource, RegisteredKey

__all__ = ["EMPTY", "Changed", "PendingRecovery", "Projection", "ProjectionSource", "RegisteredKey"]

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


class Projection(RegistryProjection):
    """The state behind all that was applied so far. None in a dictionary: asked for, and not there."""

    def __init__(self, source: ProjectionSource = EMPTY) -> None:
        super().__init__(source)
        self.lots: dict[LotId, Lot | None] = {}
        self.balances: dict[Place, Grams] = {}
        self.consignments: dict[ConsignmentId, Consignment | None] = {}
        self.digests: dict[Digest, bool] = {}
        self.plots: dict[PlotId, Plot | None] = {}
        self.yields: dict[Season, Yield | None] = {}
        self.pledges: dict[Place, tuple[Pledge, ...]] = {}
        self.origins: dict[bytes, Origin | None] = {}
        # When each signed action was applied, Unix seconds: who replays it has to judge it at that time.
        self.applied_at: dict[Digest, int] = {}

    def view(self, action: Action, digest: Digest) -> LedgerState:
        """All that the action touches, as `custody.apply` wants it."""
        self._load_digests((digest,))
        if is_stated(action):
            # The most frequent by far, and it touches nothing but its party.
            party = signer_of(action)
            roles = self.acting_roles_of(party)
            return LedgerState(
                roles={party: roles} if roles else {},
                used_digests=frozenset((digest,)) if self.digests[digest] else frozenset(),
            )
        touched = touches(action)
        self._load([touched])
        consignments = _present(self.consignments, touched.consignments)
        lots = _present(self.lots, (*touched.lots, *_lots_of(consignments.values())))
        seasons = (*touched.yields, *self._seasons_of(touched.counted))
        return LedgerState(
            lots=lots,
            balances={key: self.balances[key] for key in touched.balances if self.balances[key]},
            consignments=consignments,
            roles={key: roles for key in touched.parties if (roles := self.acting_roles_of(key))},
            product_users=frozenset(pair for pair in touched.product_users if self.may_use(*pair)),
            recalled_ancestors={
                key: ancestor for key in touched.moved if (ancestor := self._recalled_ancestor(key)) is not None
            },
            used_digests=frozenset((digest,)) if self.digests[digest] else frozenset(),
            plots=_present(self.plots, touched.plots),
            yields=_present(self.yields, seasons),
            pledges={key: self.pledges[key] for key in touched.pledges if self.pledges[key]},
            origins=_present(self.origins, touched.origins),
        )

    def prefetch(
        self, actions: Collection[tuple[Action, Digest]], stated: Collection[tuple[PartyId, Digest]] = ()
    ) -> None:
        """
        Loads what many actions touch in few reads; they may still be applied in any order, or not at all. `stated`: of
        statements only who signed them.
        """
        self._load([touches(action) for action, _ in actions if not is_stated(action)])
        signed = [*stated, *((signer_of(action), digest) for action, digest in actions)]
        self._load_digests([digest for _, digest in signed])
        both = [(party, digest) for action, digest in actions if (party := cosigner_of(action)) is not None]
        self.load_cancelled(signed + both)

    def apply(self, action: Action, digest: Digest, now: int) -> StateChange:
        """Applies the action if the rules of custody allow it; `Refused`, and nothing changed, if they don't."""
        if now <= action.deadline:
            self._require_standing(signer_of(action), digest)
            if (cosigner := cosigner_of(action)) is not None:
                self._require_standing(cosigner, digest)
        change = custody.apply(self.view(action, digest), action, now=now, digest=digest)
        self.change(change)
        self.applied_at[digest] = now
        return change

    def admit(self, action: Action, digest: Digest, now: int) -> None:
        """Holds a statement, which changes nothing, against the same rules; `Refused` where they don't allow it."""
        if now <= action.deadline:
            self._require_standing(signer_of(action), digest)
        custody.apply(self.view(action, digest), action, now=now, digest=digest)

    def is_untouched(self, party: PartyId, digest: Digest) -> bool:
        """
        Whether nothing was signed under the digest before, and the party did not declare it void; False where that was
        not looked up (`prefetch`).
        """
        return self.digests.get(digest) is False and self.cancelled.get((party, digest)) is False

    def propagate(self, lot: LotId) -> StateChange:
        """
        Carries a recall to the lot from one that went into it, or ends one that was carried there; what the contract
        does when anybody shows it the lot's inputs. `Refused`, and nothing changed, where there is nothing to carry.
        """
        self._load_lots((lot,))
        child = self.lots[lot]
        parents = child.parents if child is not None else ()
        self._load_lots(parents)
        change = custody.propagate(LedgerState(lots=_present(self.lots, (lot, *parents))), lot)
        self.change(change)
        return change

    def change(self, change: StateChange) -> None:
        """Takes over what an accepted action changes."""
        self._load_lots((*change.lots, *change.entries))
        born = {new.id for new in change.births}
        self.balances.update({key: Grams(0) for key in change.balances if key[0] in born})
        self._load_balances(change.balances)
        for new in change.births:
            self._set_lot(new.id, new.lot)
        for key, grams in change.balances.items():
            self.balances[key] = Grams(self.balances[key] + grams)
            self.changed.balances.add(key)
        for lot, value in change.lots.items():
            self._set_lot(lot, value)
        for lot in change.entries:
            known = self._lot(lot)
            self._set_lot(lot, replace(known, entries=known.entries + 1))
        _take_over(self.consignments, change.consignments, self.changed.consignments)
        _take_over(self.plots, change.plots, self.changed.plots)
        _take_over(self.yields, change.yields, self.changed.yields)
        _take_over(self.pledges, change.pledges, self.changed.pledges)
        _take_over(self.origins, change.origins, self.changed.origins)
        if change.used_digest is not None:
            self.digests[change.used_digest] = True
            self.changed.digests.add(change.used_digest)

    def held(self, lot: LotId, party: PartyId) -> Grams:
        """Grams of the lot that the party holds."""
        self._load_balances(((lot, party),))
        return self.balances[lot, party]

    def lot(self, lot: LotId) -> Lot | None:
        """The lot as it stands; None where nobody made it."""
        self._load_lots((lot,))
        return self.lots[lot]

    def consignment(self, consignment: ConsignmentId) -> Consignment | None:
        """The consignment as it stands; None where nobody shipped it."""
        self._load_consignments((consignment,))
        return self.consignments[consignment]

    def plot(self, plot: PlotId) -> Plot | None:
        """The plot as registered; None where no certifier registered it."""
        self._load_plots((plot,))
        return self.plots[plot]

    def yields_of(self, seasons: Collection[Season]) -> dict[Season, Yield]:
        """The yields of plots in seasons, as far as they are certified."""
        self._load_yields(seasons)
        return _present(self.yields, seasons)

    def pledges_of(self, lot: LotId, holder: PartyId, now: int) -> tuple[Pledge, ...]:
        """The pledges that stand at `now` (Unix seconds) on what the holder has of the lot."""
        self._load_pledges(((lot, holder),))
        return tuple(pledge for pledge in self.pledges[lot, holder] if pledge.until > now)

    def load_origins(self, lots: Collection[LotId]) -> None:
        """Loads many lots and what is behind their origins in few reads, before `propagate` and `origin_of`."""
        self._load_lots(lots)
        known = (self.lots[lot] for lot in lots)
        self._load_origins({one.origin_hash for one in known if one is not None and one.parents})

    def origin_of(self, lot: LotId) -> Origin | None:
        """What went into the transformation that made the lot, and what came out; None for a birth and for no lot."""
        self._load_lots((lot,))
        known = self.lots[lot]
        if known is None or not known.parents:
            return None
        self._load_origins((known.origin_hash,))
        return self.origins[known.origin_hash]

    def _load(self, touched: Collection[Touched]) -> None:
        self._load_consignments({key for one in touched for key in one.consignments})
        sent = [found for one in touched for key in one.consignments if (found := self.consignments[key])]
        self._load_lots({key for one in touched for key in one.lots} | set(_lots_of(sent)))
        held = {key for one in touched for key in one.balances}
        self._load_balances(held | {(line.lot, one.receiver) for one in sent for line in one.manifest})
        self._load_plots({key for one in touched for key in one.plots})
        seasons = {key for one in touched for key in one.yields}
        self._load_yields(seasons | self._seasons_of(key for one in touched for key in one.counted))
        self._load_pledges({key for one in touched for key in one.pledges})
        self._load_origins({key for one in touched for key in one.origins})

    def _seasons_of(self, lots: Iterable[LotId]) -> set[Season]:
        return {known.yield_of for lot in lots if (known := self.lots[lot]) is not None and known.yield_of is not None}

    def _load_lots(self, lots: Iterable[LotId]) -> None:
        missing = _missing(self.lots, lots)
        if missing:
            for key, value in self._source.lineage(missing).items():
                self.lots.setdefault(key, value)
            for lot in missing:
                self.lots.setdefault(lot, None)

    def _load_balances(self, keys: Iterable[Place]) -> None:
        missing = _missing(self.balances, keys)
        if missing:
            found = self._source.balances(missing)
            self.balances.update({key: found.get(key, Grams(0)) for key in missing})

    def _load_consignments(self, ids: Iterable[ConsignmentId]) -> None:
        missing = _missing(self.consignments, ids)
        if missing:
            found = self._source.consignments(missing)
            self.consignments.update({key: found.get(key) for key in missing})

    def _load_plots(self, ids: Iterable[PlotId]) -> None:
        missing = _missing(self.plots, ids)
        if missing:
            found = self._source.plots(missing)
            self.plots.update({key: found.get(key) for key in missing})

    def _load_yields(self, seasons: Iterable[Season]) -> None:
        missing = _missing(self.yields, seasons)
        if missing:
            found = self._source.yields(missing)
            self.yields.update({key: found.get(key) for key in missing})

    def _load_pledges(self, places: Iterable[Place]) -> None:
        missing = _missing(self.pledges, places)
        if missing:
            found = self._source.pledges(missing)
            self.pledges.update({key: found.get(key, ()) for key in missing})

    def _load_origins(self, hashes: Iterable[bytes]) -> None:
        missing = _missing(self.origins, hashes)
        if missing:
            found = self._source.origins(missing)
            self.origins.update({key: found.get(key) for key in missing})

    def _load_digests(self, digests: Iterable[Digest]) -> None:
        missing = _missing(self.digests, digests)
        if missing:
            used = frozenset(self._source.used(missing))
            self.digests.update({digest: digest in used for digest in missing})

    def _recalled_ancestor(self, lot: LotId) -> LotId | None:
        start = self.lots.get(lot)
        above = list(start.parents) if start else []
        seen = set(above)
        while above:
            current = above.pop()
            self._load_lots((current,))
            found = self.lots[current]
            if found is None:
                continue
            if found.recalled_by:
                return current
            above.extend(parent for parent in found.parents if parent not in seen)
            seen.update(found.parents)
        return None

    def _lot(self, lot: LotId) -> Lot:
        found = self.lots[lot]
        if found is None:
            raise Refused.one("", "UnknownLot", lot.hex(), "there is no such lot")
        return found

    def _set_lot(self, lot: LotId, value: Lot) -> None:
        self.lots[lot] = value
        self.changed.lots.add(lot)


def _missing(known: Mapping[_K, object], keys: Iterable[_K]) -> list[_K]:
    return [key for key in dict.fromkeys(keys) if key not in known]


def _present(known: Mapping[_K, _V | None], keys: Iterable[_K]) -> dict[_K, _V]:
    return {key: value for key in dict.fromkeys(keys) if (value := known[key]) is not None}


def _take_over(known: dict[_K, _V], new: Mapping[_K, _V], changed: set[_K]) -> None:
    known.update(new)
    changed.update(new)


def _lots_of(sent: Iterable[Consignment]) -> tuple[LotId, ...]:
    return tuple(line.lot for one in sent for line in one.manifest)
