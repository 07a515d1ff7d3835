"""
Discloses sealed members of chosen events to one reader: picks the disclosures, and checks that they open the events.

Raises `NotFound` where what is asked for was never sealed, was sealed by its party before it came here, or was erased;
`StoreError` where what is kept does not belong to its event any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.domain.errors import InvalidInput, NotFound, StoreError
from ledger.domain.identifiers import ContentHash
from ledger.domain.records import RecordedEvent
from ledger.domain.sealing import Opened, open_sealed
from ledger.domain.sealing.choosing import chosen, is_named
from ledger.domain.sealing.disclosure_file import DisclosureFile
from ledger.domain.sealing.kept import KeptDisclosure, outer_of, texts, with_outer
from ledger.ports_disclosures import DisclosureStore


@dataclass(frozen=True, slots=True)
class Shown:
    """
    What of one event is disclosed. `outer`: places that were not asked for but hold what was. `erased`: so many of
    those asked for nobody can show any more. `withheld`: so many members stay sealed for the reader, the erased too.
    """

    event: RecordedEvent
    opened: Opened
    outer: tuple[str, ...]
    erased: int
    withheld: int


@dataclass(frozen=True, slots=True)
class Disclosed:
    """The file for the reader, and what stands in it."""

    file: DisclosureFile
    shown: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Revealed:
    """What the ledger itself can show of an event."""

    places: tuple[tuple[str, object], ...]
    erased: int


class Disclose:
    """Synchronous: call it in a worker thread."""

    def __init__(self, store: DisclosureStore) -> None:
        self._store = store

    def disclose(self, events: Sequence[RecordedEvent], members: Sequence[str] = ()) -> Disclosed:
        """The disclosures of those members, or of all, in these events; those that have none are left out."""
        kept = self._store.disclosures_of([event.content_hash for event in events])
        shown = []
        for member in members or ("",):
            _require_left([item for items in kept.values() for item in items], member)
        for event in events:
            items = kept.get(event.content_hash, ())
            if wanted := chosen(items, members):
                shown.append(_shown(event, items, wanted, members))
        return Disclosed(DisclosureFile({one.event.content_hash: _texts_of(one.opened) for one in shown}), tuple(shown))

    def reveal(self, events: Sequence[RecordedEvent]) -> dict[ContentHash, Revealed]:
        """All that is left to show of these events, by place; events of which nothing is kept are left out."""
        kept = self._store.disclosures_of([event.content_hash for event in events])
        found = {}
        for event in events:
            if items := kept.get(event.content_hash):
                opened = _opened(event, items, {item.digest for item in items if not item.erased})
                places = tuple((item.place, item.value) for item in opened.disclosures)
                found[event.content_hash] = Revealed(places, sum(item.erased for item in items))
        return found

    def erased(self, events: Sequence[RecordedEvent]) -> dict[ContentHash, int]:
        """How many sealed members of each event were erased; events without any are left out."""
        kept = self._store.disclosures_of([event.content_hash for event in events])
        counted = {content: sum(item.erased for item in items) for content, items in kept.items()}
        return {content: count for content, count in counted.items() if count}


def _require_left(kept: Sequence[KeptDisclosure], member: str) -> None:
    """`NotFound`, saying why, where there is nothing left to show of the member ("" for anything at all)."""
    meant = [item for item in kept if not member or is_named(item, member)]
    if not meant:
        what = f"no member {member}" if member else "nothing"
        raise NotFound(f"{what} was sealed here; what a party sealed before it came here, only the party can disclose")
    if all(item.erased for item in meant):
        what = f"member {member}" if member else "what was sealed"
        raise NotFound(f"{what} was erased: nobody can disclose it any more")


def _shown(event: RecordedEvent, items: Sequence[KeptDisclosure], wanted: set[str], members: Sequence[str]) -> Shown:
    complete = with_outer(wanted, outer_of(items))
    places = {item.digest: item.place for item in items}
    opened = _opened(event, items, complete)
    return Shown(
        event=event,
        opened=opened,
        outer=tuple(places[digest] for digest in places if digest in complete - wanted),
        erased=sum(
            item.erased and (not members or any(is_named(item, member) for member in members)) for item in items
        ),
        withheld=sum(place.count for place in opened.withheld),
    )


def _opened(event: RecordedEvent, items: Sequence[KeptDisclosure], wanted: set[str]) -> Opened:
    try:
        return open_sealed(event.body, texts([item for item in items if item.digest in wanted]))
    except InvalidInput as error:
        raise StoreError(f"what is kept of event {event.sequence} does not open it any more: {error}") from error


def _texts_of(opened: Opened) -> tuple[str, ...]:
    return tuple(item.text for item in opened.disclosures)
