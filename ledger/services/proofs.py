"""
Makes proof bundles out of the store: a lot's events, its ancestors', and where they lie in the log.

Asks no chain: what a bundle states is checked by whoever reads it. Disclosures are put in only where the operator asks
for them; which of those that could stand in it were erased is always said. Raises `NotFound` for a lot that no event
names, `StoreError` where the store fails.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from ledger.domain.actions import is_stated
from ledger.domain.bundle.values import MAX_ERASED, Bundle, BundleChain, BundleCheckpoint, BundledEvent
from ledger.domain.dossier import open_dossier
from ledger.domain.errors import InvalidInput, NotFound
from ledger.domain.identifiers import ContentHash, LotRef
from ledger.domain.merkle import TreeHash, event_leaf, root_by_inclusion
from ledger.domain.proof_json import signature_hash
from ledger.domain.readings import UNREADABLE
from ledger.domain.records import EntryState, LogPlace, RecordedEvent
from ledger.domain.sealing import open_sealed
from ledger.domain.sealing.kept import texts
from ledger.ports import Clock, EventStore, LogReader
from ledger.ports_disclosures import KeptDisclosures


class Proofs:
    """`contracts`: those that the events are signed for. `disclosures` None: none are kept."""

    def __init__(
        self,
        store: EventStore,
        log: LogReader,
        contracts: BundleChain,
        clock: Clock,
        disclosures: KeptDisclosures | None = None,
    ) -> None:
        self._store = store
        self._log = log
        self._contracts = contracts
        self._clock = clock
        self._disclosures = disclosures

    def bundle_of(self, lot: LotRef, *, disclosed: bool = False) -> Bundle:
        """
        The bundle of the lot as it stands now; with `disclosed`, everything in it that is not erased can be read.
        Marked as erased are digests that a reader finds in it; those within something that is not shown are not.
        """
        dossier = open_dossier(lot.id, self._store.events_of_lot, None)
        if not dossier.events[lot.id]:
            raise NotFound(f"no event names lot {lot}")
        by_number = {item.event.sequence: item.event for events in dossier.events.values() for item in events}
        events = [by_number[number] for number in sorted(by_number)]
        contents = [event.content_hash for event in events]
        places = self._log.places(contents)
        kept = self._disclosures
        shown = kept.disclosures_of(contents) if disclosed and kept is not None else {}
        erased = kept.erased_digests(contents) if kept is not None else {}
        checkpoint = _checkpoint(events, places)
        return Bundle(
            lot=lot,
            made=datetime.fromtimestamp(int(self._clock.now()), UTC),
            chain=self._contracts,
            checkpoint=checkpoint,
            events=tuple(
                _bundled(
                    event,
                    places.get(event.content_hash),
                    checkpoint,
                    texts(shown.get(event.content_hash, ())),
                    erased.get(event.content_hash, frozenset()),
                )
                for event in events
            ),
        )


def _bundled(
    event: RecordedEvent,
    place: LogPlace | None,
    checkpoint: BundleCheckpoint | None,
    shown: Sequence[str],
    erased: frozenset[str],
) -> BundledEvent:
    covered = place is not None and checkpoint is not None and place.proof.size == checkpoint.size
    return BundledEvent(
        body=event.body,
        proof=event.proof,
        record_time=event.record_time,
        state=_state(event, covered),
        refusal=event.refusal,
        inclusion=place.proof if covered and place is not None else None,
        first_block=place.first_block if covered and place is not None else None,
        disclosures=tuple(shown),
        erased=_marks(event, shown, erased),
    )


def _marks(event: RecordedEvent, shown: Sequence[str], erased: frozenset[str]) -> tuple[str, ...]:
    """
    Of the digests that were erased those that a reader of the event and what is shown of it finds there. None where
    they cannot be opened: a reader believes no mark then.
    """
    if not erased:
        return ()
    try:
        found = open_sealed(event.body, shown).hidden.keys() & erased
    except UNREADABLE:
        return ()
    return tuple(sorted(found)[:MAX_ERASED])


def _state(event: RecordedEvent, covered: bool) -> EntryState:
    """A statement has no entry that could be confirmed: it is, as soon as a checkpoint on chain covers it."""
    if covered and is_stated(event.proof.action):
        return EntryState.CONFIRMED
    return EntryState.QUEUED if event.state is EntryState.SENT else event.state


def _checkpoint(events: Sequence[RecordedEvent], places: Mapping[ContentHash, LogPlace]) -> BundleCheckpoint | None:
    """
    The one checkpoint under which the places lie. A store need not name its root: the proofs lead to it, and where an
    event was altered behind our back, most of them still do.
    """
    roots: Counter[tuple[int, TreeHash, int]] = Counter()
    for event in events:
        place = places.get(event.content_hash)
        if place is not None and (root := place.root or _root_by(event, place)) is not None:
            roots[place.proof.size, root, place.block] += 1
    if not roots:
        return None
    ((size, root, block), _), *_ = roots.most_common(1)
    return BundleCheckpoint(size, root, block)


def _root_by(event: RecordedEvent, place: LogPlace) -> TreeHash | None:
    try:
        leaf = event_leaf(event.content_hash, signature_hash(event.proof))
    except InvalidInput:
        return None
    return root_by_inclusion(leaf, place.proof.index, place.proof.hashes, place.proof.size)
