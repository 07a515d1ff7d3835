"""
Which readings belong to a branch, and which excursions nobody who held the goods has inspected yet; no I/O.

A branch's readings are those of its events, and of its ancestors' events that lead into the lot. A statement that names
consignments of the lot, as a business transaction or in `epcList` (an SSCC), counts on branches that one of them led to
and on no other. Limits are those of the event that brought the lot into being, whatever was signed later.

An inspection closes what was recorded before it: a statement of the step `inspecting` with the disposition
`conformant`, about that lot or the one that is judged, signed by the branch's holder, or by who passed the goods on to
it later. A security screening of the air leg has that step too, and is none: it looks for something else. "Before" is
the order of the log, where a place in it is stated, else that of recording; never a stated time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ledger.domain.actions import Statement, signer_of
from ledger.domain.custody_values import Handoff
from ledger.domain.event_reading import cbv_word
from ledger.domain.findings import hexed
from ledger.domain.identifiers import ConsignmentId, ContentHash, LotId, PartyId
from ledger.domain.lot_history import LotHistory
from ledger.domain.own_members import keys_of
from ledger.domain.readings import UNREADABLE, Reading
from ledger.domain.records import JsonTree
from ledger.domain.sensors.belonging import Rank, RankOf, born_limits, named_consignments
from ledger.domain.sensors.limits import Limits
from ledger.domain.sensors.reports import readable_reports
from ledger.domain.sensors.series import DEGREE_MINUTE, MINUTE, Held, Point, figures, held, merged
from ledger.domain.sensors.units import Kind
from ledger.domain.sensors.values import Climate, Series, Standing
from ledger.domain.story_values import CheckName, Finding, Verdict

STILL_HELD: Rank = (2, 0)
_FIRST: Rank = (-1, 0)
_DECLARED_WRONG = "errorDeclaration"


@dataclass(slots=True)
class Way:
    """
    A lot on its way to a holder: the events that count, the consignments that led there, and until when each party on
    it had the goods.
    """

    history: LotHistory
    events: set[ContentHash] = field(default_factory=set)
    consignments: set[ConsignmentId] = field(default_factory=set)
    left: dict[PartyId, Rank] = field(default_factory=dict)

    def add(
        self, events: Iterable[ContentHash], path: Sequence[Handoff], holder: PartyId, until: Rank, rank_of: RankOf
    ) -> None:
        """One more way to a holder, which had the goods until then."""
        self.events.update(events)
        self.consignments.update(handoff.consignment for handoff in path)
        for party, rank in [(holder, until), *((handoff.shipper, rank_of(handoff.shipment)) for handoff in path)]:
            self.left[party] = max(rank, self.left.get(party, _FIRST))

    def readings(self) -> list[Reading]:
        """The readings of events that count here, in order."""
        return [
            reading
            for reading in self.history.readings
            if reading.event.content_hash in self.events and not reading.refused and not self._elsewhere(reading)
        ]

    def _elsewhere(self, reading: Reading) -> bool:
        """Whether it is a statement about consignments of the lot, none of which led here."""
        if not isinstance(reading.action, Statement):
            return False
        named = named_consignments(reading.event.body, self.history)
        return bool(named) and not named & self.consignments


class Points:
    """The points that events report, with device and kind; each event is read once, however many branches it is on."""

    def __init__(self, rank_of: RankOf) -> None:
        self.rank_of = rank_of
        self._read: dict[ContentHash, list[tuple[str, Kind, Point]]] = {}

    def __call__(self, reading: Reading) -> list[tuple[str, Kind, Point]]:
        event, body = reading.event.content_hash, reading.event.body
        if event not in self._read:
            reports = readable_reports(body) if isinstance(body, dict) and _DECLARED_WRONG not in body else ()
            rank = self.rank_of(event)
            self._read[event] = [(one.device, one.kind, Point(one.time, one.low, one.high, rank)) for one in reports]
        return self._read[event]


def climate_of(ways: Sequence[Way], points_in: Points) -> tuple[Climate, list[Finding]]:
    """
    The series of a branch, whose own way stands first, and a finding for each event with an open excursion, of several
    in one event the worst.
    """
    rank_of = points_in.rank_of
    inspected = {way.history.lot: _inspected(way, ways, rank_of) for way in ways}
    series: list[Series] = []
    worst: dict[tuple[LotId, ContentHash], tuple[int, Finding]] = {}
    for way in ways:
        lot, limits = way.history.lot, born_limits(way.history)
        closed = max(inspected[lot], inspected[ways[0].history.lot])
        for (party, device, kind), events in _grouped(way.readings(), points_in).items():
            points = merged(point for points in events.values() for point in points)
            applied = limits if kind is Kind.TEMPERATURE else None
            every = held(points, applied)
            since = [one for one in every if one.point.rank > closed]
            standing = _standing(applied, every, since)
            order = tuple(sorted(events, key=rank_of))
            found = Series(lot, party, device, kind, applied, points, figures(every), standing, order)
            series.append(found)
            if standing is Standing.OPEN:
                event, finding = _finding(found, since, rank_of)
                weight = sum(one.excess for one in since)
                worst[lot, event] = max(worst.get((lot, event), (-1, finding)), (weight, finding), key=_weight)
    own = ways[0]
    return Climate(own.history.lot, born_limits(own.history), tuple(series)), [finding for _, finding in worst.values()]


def _grouped(
    readings: Sequence[Reading], points_in: Points
) -> Mapping[tuple[PartyId, str, Kind], Mapping[ContentHash, list[Point]]]:
    """The reported points by who signed, device and kind, and there by event."""
    found: dict[tuple[PartyId, str, Kind], dict[ContentHash, list[Point]]] = {}
    for reading in readings:
        party = signer_of(reading.action)
        for device, kind, point in points_in(reading):
            found.setdefault((party, device, kind), {}).setdefault(reading.event.content_hash, []).append(point)
    return found


def _inspected(way: Way, ways: Sequence[Way], rank_of: RankOf) -> Rank:
    """When somebody who held the goods found them in order last, by an inspection that names the lot."""
    last = _FIRST
    for reading in way.readings():
        action, body = reading.action, reading.event.body
        if not isinstance(action, Statement) or action.step != "inspecting" or not isinstance(body, dict):
            continue
        if _is_screening(body):
            continue
        rank = rank_of(reading.event.content_hash)
        held_later = any(one.left.get(action.party, _FIRST) > rank for one in ways)
        if held_later and cbv_word(body.get("disposition")) == "conformant":
            last = max(last, rank)
    return last


def _is_screening(body: JsonTree) -> bool:
    """Whether somebody looked for what must not fly, and not at the fruit."""
    try:
        return bool(keys_of(body, "airLeg"))
    except UNREADABLE:  # The content check says so.
        return True


def _standing(limits: Limits | None, every: Sequence[Held], since: Sequence[Held]) -> Standing:
    if limits is None:
        return Standing.NO_LIMITS
    borne = limits.tolerance * DEGREE_MINUTE
    if sum(one.excess for one in since) > borne:
        return Standing.OPEN
    excess = sum(one.excess for one in every)
    return Standing.INSPECTED if excess > borne else Standing.TOLERATED if excess else Standing.WITHIN


def _weight(found: tuple[int, Finding]) -> int:
    return found[0]


def _finding(series: Series, since: Sequence[Held], rank_of: RankOf) -> tuple[ContentHash, Finding]:
    """About the last event with a reading outside, which comes along."""
    outside = [one for one in since if one.excess]
    last = max(one.point.rank for one in outside)
    event = next(event for event in series.events if rank_of(event) == last)
    farthest = max(outside, key=lambda one: max(one.above, one.below))
    peak = farthest.point.high if farthest.above >= farthest.below else farthest.point.low
    minutes = sum(one.hold for one in outside) // MINUTE
    sentence = (
        f"The lot was out of its temperature limits for {minutes} minutes, and no inspection by its holder closes it."
    )
    found = Finding(
        CheckName.CUSTODY,
        "custody.temperature",
        Verdict.SUSPECT,
        sentence,
        {
            "lot": hexed(series.lot),
            "party": series.party,
            "minutes": minutes,
            "degree_minutes": sum(one.excess for one in outside) // DEGREE_MINUTE,
            "peak": peak,
        },
        event,
        series.lot,
    )
    return event, found
