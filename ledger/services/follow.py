"""
Following lots: what a lot was made from, what became of it, and its events as an EPCIS document.

From the local projection only: what stands here is what was recorded, not yet a verdict; `story` checks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.domain.event_forms import STANDARD_CONTEXT
from ledger.domain.identifiers import LotId, LotRef
from ledger.domain.records import JsonTree, RecordedEvent
from ledger.domain.trace import closure
from ledger.ports import EventStore


@dataclass(frozen=True, slots=True)
class Step:
    """A lot on the way; `depth` 0 is the lot asked for. `lot` None where only its id is known."""

    id: LotId
    lot: LotRef | None
    depth: int


def trace_back(store: EventStore, lot: LotRef) -> list[Step]:
    """The lot and everything that it was made from, nearest first."""
    lineage = store.lineage([lot.id])
    return _steps(store, lot, closure(lot.id, lambda node: lineage[node].parents if node in lineage else ()))


def trace_forward(store: EventStore, lot: LotRef) -> list[Step]:
    """The lot and everything made from it, nearest first."""
    return _steps(store, lot, closure(lot.id, lambda node: store.children([node]).get(node, ())))


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
        "epcisBody": {"eventList": [_published(events[number]) for number in sorted(events)]},
    }


def _published(event: RecordedEvent) -> JsonTree:
    return {**event.body, "eventID": event.event_id, "recordTime": event.record_time.isoformat(timespec="milliseconds")}


def _steps(store: EventStore, lot: LotRef, distances: dict[LotId, int]) -> list[Step]:
    return [Step(lot.id, lot, 0), *(Step(node, store.lot_ref(node), depth) for node, depth in distances.items())]
