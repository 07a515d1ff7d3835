"""
What is asked of many events and lots at once: the port between the routes and commands of questions and a store.

All lists are paged by key: a page is asked for by the place where the page before ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ledger.domain.identifiers import Grams, LotId, LotRef, PartyId
from ledger.domain.records import RecordedEvent

EventPlace = tuple[int, int]
"""Where an event stands in a search: its time in Unix microseconds, and its sequence number."""


@dataclass(frozen=True, slots=True)
class EventQuestion:
    """
    Which events: those that fit all of it; an empty part asks for nothing. Times are Unix microseconds, `since`
    included and `before` not. `steps` are bare words of the CBV or URIs, `read_points` and `locations` places as
    `question_names.place_name` writes them. Of several values in one part, one has to fit.
    """

    since: int | None = None
    before: int | None = None
    types: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    read_points: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()
    parties: tuple[PartyId, ...] = ()
    lots: tuple[LotId, ...] = ()
    event_ids: tuple[str, ...] = ()
    declarations: bool = False


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """An event of a search with its place there."""

    event: RecordedEvent
    place: EventPlace


@dataclass(frozen=True, slots=True)
class StockRow:
    """
    What a party has to do with a lot: grams on hand, `going` from it and `coming` to it in consignments that nobody
    signed for yet, `disputed` in its consignments whose receiver found less, and how much of `on_hand` is pledged.
    """

    lot: LotId
    ref: LotRef | None
    on_hand: Grams
    going: Grams
    coming: Grams
    disputed: Grams
    pledged: Grams


class Questions(Protocol):
    """Asks; every method is one short read."""

    def events(self, question: EventQuestion, after: EventPlace | None, limit: int) -> Sequence[FoundEvent]:
        """The first `limit` events behind that place, by time and then in order of recording."""
        ...

    def stock(self, party: PartyId, now: int, after: LotId | None, limit: int) -> Sequence[StockRow]:
        """The first `limit` lots by id of which the party has anything; pledges stand at `now` (Unix seconds)."""
        ...
