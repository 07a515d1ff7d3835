"""
Following lots: what a lot was made from, what became of it, and its events as an EPCIS document.

From the local projection only: what stands here is what was recorded, not yet a verdict; `story` checks. Raises
`NotFound` for a lot that no event names, `InvalidInput` for a page that cannot be.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import Protocol

from ledger.domain.errors import NotFound
from ledger.domain.event_forms import STANDARD_CONTEXT
from ledger.domain.identifiers import LotId, LotRef
from ledger.domain.paging import key_of, lot_in, number_in, token_of
from ledger.domain.records import JsonTree, RecordedEvent
from ledger.domain.trace import closure
from ledger.ports import EventStore


class Families(Protocol):
    """The part of a store that knows which lots were made from which."""

    def descent(self, lots: Collection[LotId]) -> Mapping[LotId, tuple[LotId, ...]]:
        """The lots made from each of these lots, and from each of those, to the end."""
        ...

    def ascent(self, lots: Collection[LotId]) -> Mapping[LotId, tuple[LotId, ...]]:
        """What each of these lots was made from, and each of those, to the fields."""
        ...

    def lot_ref(self, lot: LotId) -> LotRef | None:
        """The names behind a lot id."""
        ...

    def lot_refs(self, lots: Collection[LotId]) -> Mapping[LotId, LotRef]:
        """The names behind many."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """A lot on the way; `depth` 0 is the lot asked for. `lot` None where only its id is known."""

    id: LotId
    lot: LotRef | None
    depth: int


@dataclass(frozen=True, slots=True)
class TracePage:
    """
    Part of a trace, by distance and then by lot id. `total`: how many lots the whole trace has, with the lot asked for;
    `next`: the token of the next page, "" on the last.
    """

    steps: tuple[Step, ...]
    total: int
    next: str


def trace_page(store: Families, lot: LotRef, *, forward: bool, limit: int, token: str = "") -> TracePage:
    """`limit` lots of the trace behind the place that `token` names; from the lot itself on where it is empty."""
    after: tuple[int, bytes] | None = None
    if token:
        depth, name = key_of(token, 2)
        after = number_in(depth, token), lot_in(name, token)
    if store.lot_ref(lot.id) is None:
        raise NotFound(f"no event names lot {lot}")
    places = _places(store, lot.id, forward=forward)
    # Not sorted as a whole: a page is a small part of a large family.
    found = nsmallest(limit + 1, places if after is None else (place for place in places if place > after))
    page = found[:limit]
    names = store.lot_refs([node for _, node in page])
    steps = tuple(Step(node, names.get(node), depth) for depth, node in page)
    following = token_of(page[-1][0], page[-1][1].hex()) if len(found) > limit else ""
    return TracePage(steps, len(places), following)


def trace_back(store: Families, lot: LotRef) -> list[Step]:
    """The lot and everything that it was made from, nearest first."""
    return _steps(store, lot, forward=False)


def trace_forward(store: Families, lot: LotRef) -> list[Step]:
    """The lot and everything made from it, nearest first."""
    return _steps(store, lot, forward=True)


def epcis_document(store: EventStore, lots: Sequence[LotRef], created: str) -> JsonTree:
    """An EPCIS 2.0 document of all events that name the lots, each as it was signed, in order of recording."""
    events: dict[int, RecordedEvent] = {}
    for lot in lots:
        events.update((event.sequence, event) for event in store.events_of_lot(lot.id))
    return {
        "@context": [STANDARD_CONTEXT],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": created,
        "epcisBody": {"eventList": [published(events[number]) for number in sorted(events)]},
    }


def published(event: RecordedEvent) -> JsonTree:
    """The event as it was signed, sealed members sealed, with its eventID and when it was recorded."""
    return {**event.body, "eventID": event.event_id, "recordTime": event.record_time.isoformat(timespec="milliseconds")}


def _steps(store: Families, lot: LotRef, *, forward: bool) -> list[Step]:
    order = sorted(_places(store, lot.id, forward=forward))
    names = store.lot_refs([node for _, node in order])
    return [Step(node, lot if node == lot.id else names.get(node), depth) for depth, node in order]


def _places(store: Families, lot: LotId, *, forward: bool) -> list[tuple[int, LotId]]:
    """Distance and id of the lot and of all that can be reached from it."""
    edges = (store.descent if forward else store.ascent)([lot])
    distances = closure(lot, lambda node: edges.get(node, ()))
    return [(0, lot), *((distance, node) for node, distance in distances.items())]
