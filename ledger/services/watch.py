"""
A monitor with a memory: pins key and contract at first use, runs rounds, keeps the state, sends each new alarm once.

Pinned at first use means believed once, from the service itself: `Report.pinned` says so, and whoever knows key and
addresses from elsewhere gives them. Afterwards they never change by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ledger.domain.errors import InvalidInput, LogUnavailable, UnusableSettings, WrongChain
from ledger.domain.json_tree import parse_json
from ledger.domain.log.alarms import Alarm
from ledger.domain.log.contract import LogContract
from ledger.domain.log.monitored import MonitorState
from ledger.domain.log.signed_notes import NoteKey
from ledger.domain.log.watching import Watched
from ledger.ports import Clock
from ledger.ports_monitor import AlarmReceiver, CheckpointSource, LogSource
from ledger.services.monitor import Monitor, Round, Tolerance

KEY_PATH, DEPLOYMENT_PATH = "log/key", "deployment.json"


class StateStore(Protocol):
    """Where a monitor's state lies between two rounds."""

    def load(self) -> MonitorState | None:
        """The state; None before the first round."""
        ...

    def save(self, state: MonitorState) -> None:
        """Replaces it, durably."""
        ...


@dataclass(frozen=True, slots=True)
class Report:
    """
    What one round says. `new`: the alarms that were not standing before. `unsent`: why alarms could not be handed over.
    `pinned`: what was taken from the service itself, in this round. Sizes are None where that side was not seen.
    """

    url: str
    time: float
    alarms: tuple[Alarm, ...] = ()
    new: tuple[Alarm, ...] = ()
    reasons: tuple[str, ...] = ()
    unsent: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    verified_size: int | None = None
    verified_root: bytes | None = None
    chain_size: int | None = None
    chain_block: int | None = None
    nodes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "url": self.url,
            "time": self.time,
            "result": "alarm" if self.alarms else "could-not-tell" if self.reasons else "well",
            "verified": None
            if self.verified_root is None
            else {"size": self.verified_size, "root": self.verified_root.hex()},
            "chain": None
            if self.chain_size is None
            else {"size": self.chain_size, "block": self.chain_block, "nodes": list(self.nodes)},
            "alarms": [alarm_to_json(one) | {"new": one in self.new} for one in self.alarms],
            "reasons": list(self.reasons),
            "unsent": list(self.unsent),
            "pinned": list(self.pinned),
        }


@dataclass(frozen=True, slots=True)
class Given:
    """What the caller knows of the log from elsewhere."""

    key: NoteKey | None = None
    contract: LogContract | None = None


class Watch:
    """Follows the log at an address. `nodes` makes the chain's readers for a contract."""

    def __init__(
        self, url: str, log: LogSource, nodes: Callable[[LogContract], Sequence[CheckpointSource]],
        tolerance: Callable[[LogContract], Tolerance], store: StateStore, receiver: AlarmReceiver | None, clock: Clock,
        given: Given,
    ) -> None:  # fmt: skip
        self._url, self._log, self._store, self._receiver, self._clock = url, log, store, receiver, clock
        self._given, self._nodes, self._tolerance = given, nodes, tolerance

    async def round(self) -> Report:
        """One round. `UnusableSettings` where what is given is not what the state has pinned."""
        now = self._clock.now()
        state, pinned = self._store.load(), tuple[str, ...]()
        if state is None:
            try:
                state, pinned = await self._begin(now)
            except LogUnavailable as error:
                return Report(self._url, now, reasons=(str(error),))
        self._check_pins(state)
        monitor = Monitor(
            self._log, self._nodes(state.contract), state.key, state.contract, self._tolerance(state.contract)
        )
        done = await monitor.round(state.watched, now)
        state, new = state.after(done.watched, done.alarms, now)
        self._store.save(state)  # before anybody is told: an alarm that was sent is never forgotten
        unsent = [why for alarm in new if (why := await self._send(alarm, now))]
        return _report(self._url, now, done, new, unsent, pinned)

    async def _begin(self, now: float) -> tuple[MonitorState, tuple[str, ...]]:
        key, contract, pinned = self._given.key, self._given.contract, []
        try:
            if key is None:
                key = NoteKey.parse((await self._needed(KEY_PATH)).decode("utf-8", "replace").strip())
                pinned.append(f"key {key}")
            if contract is None:
                contract = LogContract.from_json(parse_json(await self._needed(DEPLOYMENT_PATH)))
                pinned.append(f"EventLog 0x{contract.address.hex()} on chain {contract.chain_id}")
        except (InvalidInput, WrongChain) as error:
            raise LogUnavailable(f"{self._url} shows no key or contracts to follow: {error}") from error
        return MonitorState(self._url, key, contract, Watched.nothing(now)), tuple(pinned)

    async def _needed(self, path: str) -> bytes:
        content = await self._log.fetch(path)
        if content is None:
            raise LogUnavailable(f"{self._url} has no {path}")
        return content

    def _check_pins(self, state: MonitorState) -> None:
        if state.url != self._url:
            raise UnusableSettings(f"--state: this is the state of {state.url}; give each address a file of its own")
        if self._given.key is not None and self._given.key != state.key:
            raise UnusableSettings(f"--key: the state has pinned {state.key}; take another --state to begin anew")
        if self._given.contract is not None and not self._given.contract.is_same_as(state.contract):
            raise UnusableSettings(
                f"--deployment: the state has pinned EventLog 0x{state.contract.address.hex()}; "
                "take another --state to begin anew"
            )

    async def _send(self, alarm: Alarm, now: float) -> str:
        if self._receiver is None:
            return ""
        return await self._receiver.send({"url": self._url, "time": now, **alarm_to_json(alarm)})


def alarm_to_json(alarm: Alarm) -> dict[str, Any]:
    """As it is printed and posted."""
    return {
        "kind": str(alarm.kind),
        "subject": alarm.subject,
        "sentence": alarm.sentence,
        "evidence": dict(alarm.evidence),
    }


def _report(
    url: str, now: float, done: Round, new: tuple[Alarm, ...], unsent: Sequence[str], pinned: tuple[str, ...]
) -> Report:
    view, edge = done.view, done.watched.edge
    return Report(
        url, now, done.alarms, new, done.reasons, tuple(unsent), pinned, edge.size, edge.root,
        None if view is None else view.size, None if view is None else view.head, () if view is None else view.nodes,
    )  # fmt: skip
