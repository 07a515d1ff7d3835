"""
What the people of a hub, a carrier or a buyer see of what is under way to them, here, and on its way out.

Every list is of one party: nobody sees what it is no side of. What stands here is what was recorded; verdicts are asked
for a lot at a time. Where a shipper does not state when goods should arrive (`silkroot:expectedArrival`), they are
expected after `TYPICAL_HOURS`. Raises `NotFound`, and `InvalidInput` for a page token that no page gave.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from ledger.domain.actions import Statement, signer_of
from ledger.domain.air_journey import AirJourney, journey_of
from ledger.domain.air_leg import AirLeg, air_leg_of, names_an_air_leg
from ledger.domain.binding import lots_of
from ledger.domain.branches import place_of, text_of
from ledger.domain.errors import InvalidInput, NotFound
from ledger.domain.identifiers import ConsignmentId, LotId, LotRef, PartyId
from ledger.domain.paging import key_of, lot_in, number_in, token_of
from ledger.domain.records import RecordedEvent
from ledger.ports import Clock
from ledger.ports_hub import FloorRow, HubBooks, HubCounts, Sight

TYPICAL_HOURS = 48
"""How long goods are taken to be under way where nobody stated it: by lorry to the hub, or by air from it."""
LEG_DAYS = 30
"""Air legs of so many days are shown."""
MOST_LEGS, MOST_ON_MAP = 60, 100
_HOUR = 3_600_000_000
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Page(Generic[_T]):
    """Part of a list; `next`: the token of the next page, "" on the last."""

    rows: tuple[_T, ...]
    next: str


@dataclass(frozen=True, slots=True)
class AirFile:
    """
    What a party stated of the air leg of one consignment: `legs` in order of recording, with their events. `sight` is
    None while nobody shipped it. `reference` as the steps name it, else the number of the waybill.
    """

    id: ConsignmentId
    reference: str
    legs: tuple[tuple[AirLeg, RecordedEvent], ...]
    journey: AirJourney
    lots: tuple[LotRef, ...]
    sight: Sight | None

    @property
    def last(self) -> RecordedEvent:
        """The latest step."""
        return self.legs[-1][1]


@dataclass(frozen=True, slots=True)
class ConsignmentFile:
    """A consignment with all that was recorded of it; `names`: the lots of its manifest."""

    sight: Sight
    events: tuple[RecordedEvent, ...]
    air: AirFile | None
    names: Mapping[LotId, LotRef]


@dataclass(frozen=True, slots=True)
class UnderWay:
    """
    A consignment for the map: who signed for it last, where (GLN and extension, None where the event names no place)
    and when (as the event has it), and the air leg where it flies.
    """

    sight: Sight
    signer: PartyId
    place: tuple[int, str] | None
    time: str
    step: str
    journey: AirJourney | None


class HubDesk:
    """May be called from any thread."""

    def __init__(self, books: HubBooks, clock: Clock, typical_hours: int = TYPICAL_HOURS) -> None:
        self._books = books
        self._clock = clock
        self._typical = typical_hours * _HOUR

    @property
    def now(self) -> int:
        """Unix microseconds."""
        return int(self._clock.now() * 1_000_000)

    def counts(self, party: PartyId) -> HubCounts:
        """How many there are of each."""
        return self._books.counts(party, self.now, self._typical)

    def coming(self, party: PartyId, token: str, limit: int, *, overdue: bool) -> Page[Sight]:
        """What is under way to the party and should have come, or is not due yet."""
        after = _sight_place(token)
        found = self._books.coming(party, self.now, self._typical, after, limit + 1, overdue=overdue)
        return _page(found, limit, lambda sight: token_of(sight.expected_at, sight.id.hex()))

    def leaving(self, party: PartyId, token: str, limit: int) -> Page[Sight]:
        """What the party shipped and nobody signed for yet."""
        found = self._books.leaving(party, self._typical, _sight_place(token), limit + 1)
        return _page(found, limit, lambda sight: token_of(sight.shipped_at, sight.id.hex()))

    def variances(self, party: PartyId, token: str, limit: int) -> Page[Sight]:
        """Consignments of which grams are missing that nobody answered for yet."""
        found = self._books.variances(party, self._typical, _sight_place(token), limit + 1)
        return _page(found, limit, lambda sight: token_of(sight.shipped_at, sight.id.hex()))

    def here(self, party: PartyId, token: str, limit: int) -> Page[FloorRow]:
        """Lots that the party holds, each with since when."""
        after = None
        if token:
            (name,) = key_of(token, 1)
            after = LotId(lot_in(name, token))
        found = self._books.here(party, after, limit + 1)
        return _page(found, limit, lambda row: token_of(row.lot.hex()))

    def consignment(self, party: PartyId, consignment: ConsignmentId) -> ConsignmentFile:
        """All of a consignment of which the party is a side."""
        sight = self._books.sight(consignment, self._typical)
        if sight is None or party not in (sight.shipper, sight.receiver):
            raise NotFound("the party is no side of such a consignment")
        events = tuple(self._books.events_about(consignment))
        names = self._books.lot_refs([line.lot for line in sight.manifest])
        return ConsignmentFile(sight, events, _air_file(consignment, events, sight), names)

    def air(self, party: PartyId) -> tuple[AirFile, ...]:
        """Air legs of which the party stated something in the last `LEG_DAYS`, the latest first."""
        since = self.now - LEG_DAYS * 24 * _HOUR
        found = (self.air_of(one) for one in self._books.air_legs(party, since, MOST_LEGS))
        return tuple(one for one in found if one is not None)

    def air_of(self, consignment: ConsignmentId) -> AirFile | None:
        """The air leg of one consignment; None where nobody stated anything of one."""
        sight = self._books.sight(consignment, self._typical)
        return _air_file(consignment, self._books.events_about(consignment), sight)

    def under_way(self, party: PartyId) -> tuple[UnderWay, ...]:
        """What is on its way to the party and from it; at most `MOST_ON_MAP` each way, what is late first."""
        sights: list[Sight] = []
        for overdue in (True, False):
            sights += self._books.coming(party, self.now, self._typical, None, MOST_ON_MAP, overdue=overdue)
        sights = [*sights[:MOST_ON_MAP], *self._books.leaving(party, self._typical, None, MOST_ON_MAP)]
        return tuple(self._under_way(sight) for sight in sights)

    def last_sequence(self) -> int:
        """The sequence number of the newest event."""
        return self._books.last_sequence()

    def _under_way(self, sight: Sight) -> UnderWay:
        events = self._books.events_about(sight.id)
        air = _air_file(sight.id, events, sight)
        last = events[-1]
        places = (place_of(event.body) for event in reversed(events))
        return UnderWay(
            sight,
            signer_of(last.proof.action),
            next((place for place in places if place is not None), None),
            text_of(last.body, "eventTime"),
            air.legs[-1][0].step.value if air is not None and air.last == last else "",
            None if air is None else air.journey,
        )


class AirBooks(Protocol):
    """The part of the books that a draft of an air leg's step asks."""

    def events_about(self, consignment: ConsignmentId) -> Sequence[RecordedEvent]:
        """The consignment's events, in order of recording."""
        ...


def stated_legs(events: Sequence[RecordedEvent]) -> list[tuple[AirLeg, RecordedEvent]]:
    """The steps of an air leg among a consignment's events, in order of recording; what cannot be read is left out."""
    found = []
    for event in events:
        if isinstance(event.proof.action, Statement) and names_an_air_leg(event.body):
            try:
                leg = air_leg_of(event.body)
            except InvalidInput:  # It was recorded before such members were checked.
                continue
            if leg is not None:
                found.append((leg, event))
    return found


def _air_file(consignment: ConsignmentId, events: Sequence[RecordedEvent], sight: Sight | None) -> AirFile | None:
    legs = stated_legs(events)
    if not legs:
        return None
    journey = journey_of(leg for leg, _ in legs)
    stated = next((leg.consignment for leg, _ in legs if leg.consignment), "")
    reference = stated or ("" if journey.waybill is None else str(journey.waybill))
    lots = dict.fromkeys(lot for _, event in legs for lot in lots_of(event.body))
    return AirFile(consignment, reference, tuple(legs), journey, tuple(lots), sight)


def _sight_place(token: str) -> tuple[int, bytes] | None:
    if not token:
        return None
    time, consignment = key_of(token, 2)
    return number_in(time, token), lot_in(consignment, token)


def _page(found: Sequence[_T], limit: int, name: Callable[[_T], str]) -> Page[_T]:
    return Page(tuple(found[:limit]), name(found[limit - 1]) if len(found) > limit else "")
