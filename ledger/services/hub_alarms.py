"""
Cold-chain alarms of a party: lots that it holds, or that are on their way to or from it, of which a series of readings
is outside its limits and nobody has inspected them since.

Judged as verdicts judge it, by the same code, from what is stored alone: whether the contract refused an event is known
from its entry, and a chain that is down silences no alarm. A lot is judged again only when an event about it was
recorded. Only the lot's own readings count, not those of lots that went into it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ledger.domain.dossier import open_dossier
from ledger.domain.identifiers import LotId, LotRef, PartyId
from ledger.domain.records import RecordedEvent
from ledger.domain.sensors.values import Climate, Standing
from ledger.domain.typed_data import Domain
from ledger.domain.verdict import judge
from ledger.ports import LogReader
from ledger.ports_hub import HubBooks

MOST_LOTS = 300
"""Of so many lots of each kind readings are looked at; who has more asks for a lot's own page."""
_REMEMBERED = 5_000


@dataclass(frozen=True, slots=True)
class Alarm:
    """A lot whose readings are outside its limits, and who has it or expects it. `climate`: as verdicts have it."""

    lot: LotId
    ref: LotRef | None
    holder: PartyId
    climate: Climate


class LotEvents(Protocol):
    """The part of a store that has a lot's events."""

    def events_of_lot(self, lot: LotId) -> Sequence[RecordedEvent]:
        """All events that name the lot, in order of sequence."""
        ...


class HubAlarms:
    """`domain`: the EIP-712 domain that events are signed for. May be called from any thread."""

    def __init__(self, books: HubBooks, events: LotEvents, log: LogReader, domain: Callable[[], Domain]) -> None:
        self._books = books
        self._events = events
        self._log = log
        self._domain = domain
        self._known: OrderedDict[LotId, tuple[int, tuple[tuple[PartyId, Climate], ...]]] = OrderedDict()
        self._lock = threading.Lock()

    def alarms(self, party: PartyId, now: int, typical: int = 0) -> tuple[Alarm, ...]:
        """The party's alarms, by lot; `now` in Unix microseconds."""
        watched: dict[LotId, set[PartyId]] = {}
        for row in self._books.here(party, None, MOST_LOTS):
            watched.setdefault(row.lot, set()).add(party)
        for sight in self._books.coming(party, now, typical, None, MOST_LOTS, overdue=True):
            for line in sight.open_lines:
                watched.setdefault(line.lot, set()).add(party)
        for sight in self._books.coming(party, now, typical, None, MOST_LOTS, overdue=False):
            for line in sight.open_lines:
                watched.setdefault(line.lot, set()).add(party)
        for sight in self._books.leaving(party, typical, None, MOST_LOTS):
            for line in sight.open_lines:
                watched.setdefault(line.lot, set()).add(sight.receiver)
        found = [
            (lot, holder, climate)
            for lot, holders in watched.items()
            for holder, climate in self._open(lot)
            if holder in holders
        ]
        names = self._books.lot_refs([lot for lot, _, _ in found])
        alarms = [Alarm(lot, names.get(lot), holder, climate) for lot, holder, climate in found]
        return tuple(sorted(alarms, key=lambda alarm: (str(alarm.ref), alarm.holder)))

    def _open(self, lot: LotId) -> tuple[tuple[PartyId, Climate], ...]:
        """Branches of the lot by holder, with climates that nobody inspected."""
        events = self._events.events_of_lot(lot)
        last = events[-1].sequence if events else 0
        with self._lock:
            known = self._known.get(lot)
        if known is not None and known[0] == last:
            return known[1]
        found: tuple[tuple[PartyId, Climate], ...] = ()
        # Most lots have no readings: of those nothing more is read.
        if any("sensorElementList" in event.body for event in events):
            dossier = open_dossier(lot, self._events.events_of_lot, self._domain(), self._log.places)
            branches = judge(dossier, None, single_operator=True).branches
            found = tuple(
                (branch.holder, branch.climate)
                for branch in branches
                if branch.climate is not None and branch.climate.standing is Standing.OPEN
            )
        with self._lock:
            self._known[lot] = (last, found)
            self._known.move_to_end(lot)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return found
