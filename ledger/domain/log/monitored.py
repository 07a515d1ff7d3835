"""
The whole state of a monitor between two rounds: what it pinned, what it knows, what it raised; no I/O.

What stays wrong is raised once and is *standing* from then on; where it comes back after it was gone it is raised
again. The alarms that were raised are kept with their evidence, the newest of each id, since what a log showed once it
may never show again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ledger.domain.log.alarms import Alarm
from ledger.domain.log.contract import LogContract
from ledger.domain.log.signed_notes import NoteKey
from ledger.domain.log.watching import Watched

MOST_KEPT = 100


@dataclass(frozen=True, slots=True)
class Raised:
    """An alarm, and when it was raised, in Unix seconds."""

    time: float
    alarm: Alarm


@dataclass(frozen=True, slots=True)
class MonitorState:
    """`key` and `contract` are pinned: given, or taken from the service at first use. `standing`: ids of alarms."""

    url: str
    key: NoteKey
    contract: LogContract
    watched: Watched
    standing: frozenset[str] = frozenset()
    raised: tuple[Raised, ...] = ()

    def after(self, watched: Watched, alarms: Sequence[Alarm], now: float) -> tuple[MonitorState, tuple[Alarm, ...]]:
        """The state after a round, and the alarms that are new in it."""
        new = tuple(alarm for alarm in alarms if alarm.id not in self.standing)
        known = {one.alarm.id: one for one in self.raised}
        for alarm in new:
            known.pop(alarm.id, None)  # it goes to the end
            known[alarm.id] = Raised(now, alarm)
        state = replace(
            self,
            watched=watched,
            standing=frozenset(alarm.id for alarm in alarms),
            raised=tuple(known.values())[-MOST_KEPT:],
        )
        return state, new
