"""
A mock recall: who would have to be called if a lot were recalled now, how many grams each has, and how long it took to
find out. An exercise: nothing is recorded, signed or sent.

From the local projection and from events. Every gram of the lot and of all that was made from it is accounted for: it
lies with somebody, is on the road, is missing, was sold or destroyed, or was lost in a packing. Raises `NotFound` for a
lot that no event names.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from ledger.domain.actions import Disposal, Sale
from ledger.domain.identifiers import Grams, LotId, LotRef, PartyId
from ledger.domain.records import EntryState, RecordedEvent
from ledger.domain.trace import closure
from ledger.ports import Clock
from ledger.ports_families import FamilyStore
from ledger.services.families import Reach, reach_of

MOST_READ = 500
"""Lots of which the events are read for who sold them; of a larger family the sum alone is told."""


class Whereabouts(StrEnum):
    """What a party has to do with grams of a lot."""

    HAS = "has"
    COMING = "coming"
    MISSING = "missing"
    SOLD = "sold"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True)
class Found:
    """Grams of a lot at a party. `reference`: the consignment's, where they are on the road or missing."""

    lot: LotId
    ref: LotRef | None
    distance: int
    party: PartyId
    where: Whereabouts
    grams: Grams
    reference: str = ""


@dataclass(frozen=True, slots=True)
class MockRecall:
    """
    What was found. `at` is the Unix time, `seconds` how long it took; `lots`: how many lots the family has. `all_read`:
    whether every sale is told by party. `reach` has the sums.
    """

    lot: LotRef
    at: int
    seconds: float
    lots: int
    rows: tuple[Found, ...]
    reach: Reach
    all_read: bool

    @property
    def parties(self) -> tuple[PartyId, ...]:
        """Everybody who would have to be called."""
        return tuple(dict.fromkeys(row.party for row in self.rows))


class SaleEvents(Protocol):
    """The events of lots."""

    def events_of_lot(self, lot: LotId) -> Sequence[RecordedEvent]: ...


def mock_recall(
    families: FamilyStore, store: SaleEvents, lot: LotRef, clock: Clock, timer: Callable[[], float] = time.perf_counter
) -> MockRecall:
    """The exercise, as things stand. `timer` counts seconds."""
    began = timer()
    reach = reach_of(families, lot)
    down = families.descent([lot.id])
    distances = {lot.id: 0} | closure(lot.id, lambda node: down.get(node, ()))
    names = families.lot_refs(distances)
    rows = [
        Found(one.lot, names.get(one.lot), distances[one.lot], one.party, Whereabouts.HAS, one.grams)
        for one in families.held(distances)
    ]
    for sent in families.on_the_road(distances):
        where = Whereabouts.MISSING if sent.missing else Whereabouts.COMING
        party = sent.shipper if sent.missing else sent.receiver
        at = distances[sent.lot]
        rows.append(Found(sent.lot, names.get(sent.lot), at, party, where, sent.grams, sent.reference))
    all_read = len(distances) <= MOST_READ
    for node in distances if all_read else ():
        rows += _gone(node, names.get(node), distances[node], store.events_of_lot(node))
    rows.sort(key=lambda row: (row.distance, row.lot, row.party, row.where))
    return MockRecall(lot, int(clock.now()), timer() - began, len(distances), tuple(rows), reach, all_read)


def _gone(lot: LotId, ref: LotRef | None, distance: int, events: Sequence[RecordedEvent]) -> list[Found]:
    """What parties sold or destroyed of the lot; what the contract refused for good was neither."""
    sums: dict[tuple[PartyId, Whereabouts], int] = {}
    for event in events:
        action = event.proof.action
        if not isinstance(action, Sale | Disposal) or event.state is EntryState.REFUSED:
            continue
        where = Whereabouts.SOLD if isinstance(action, Sale) else Whereabouts.DESTROYED
        grams = sum(line.grams for line in action.lines if line.lot == lot)
        key = (action.holder, where)
        sums[key] = sums.get(key, 0) + grams
    return [Found(lot, ref, distance, party, where, Grams(grams)) for (party, where), grams in sums.items()]
