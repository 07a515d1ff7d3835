"""
A store on disk with its log, and a chain in memory on which blocks come when the test says so.

    log = new_log(tmp_path)      # a harvest is recorded
    log.anchor(5)                # five statements, under a final and published checkpoint
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import event_builders as b
from fake_log_chain import FakeLogChain
from ledger_fixture import LEDGER_DOMAIN, LOG_DOMAIN, OPERATOR_KEY, FixedClock, World, ledger_world

from ledger.adapters.log_operator import operator_address
from ledger.adapters.note_signer import FileNoteSigner
from ledger.domain.log.checkpoints import open_checkpoint
from ledger.domain.merkle import TreeHash, event_leaf, tree_root
from ledger.domain.proof_json import signature_hash
from ledger.domain.records import RecordedEvent
from ledger.services.checkpoint import Checkpointer
from ledger.services.fsck import Finding, Fsck
from ledger.services.fsck_log import LogCheck, LogKeys


class Log:
    """A world with its log on a fake chain."""

    def __init__(self, world: World, chain: FakeLogChain, folder: Path) -> None:
        self.world, self.chain = world, chain
        self.notes = FileNoteSigner(folder / "log-note.key", "log.example/melons")
        self.clock = FixedClock()
        self.checkpointer = self.another()
        self._stated = 0

    def another(self, page: int = 500) -> Checkpointer:
        """A checkpointer that knows nothing, as after a crash."""
        return Checkpointer(
            self.world.store.log, self.chain, self.clock, self.notes, pace_seconds=1.5, enough_leaves=40, page=page
        )

    def state(self, count: int = 1) -> list[RecordedEvent]:
        """Records so many statements."""
        events = [b.inspection(when=b.When(_time(self._stated + number))) for number in range(count)]
        self._stated += count
        return self.world.record(*events)

    def step(self, checkpointer: Checkpointer | None = None) -> None:
        """One step, two seconds after the last."""
        self.clock.time += 2
        asyncio.run((checkpointer or self.checkpointer).step())

    def anchor(self, count: int = 1) -> list[RecordedEvent]:
        """Records statements and brings them under a published checkpoint."""
        events = self.state(count)
        self.step()
        self.chain.mine()
        self.step()
        return events

    def settle_registrations(self) -> None:
        """All entries of the registry are confirmed."""
        outbox = self.world.store.outbox
        ids = [row.id for row in outbox.queued(1000) if row.target.value == "registry"]
        if ids:
            listed = ", ".join(map(str, ids))
            self.world.sql(f"UPDATE outbox_rows SET state = 'confirmed' WHERE id IN ({listed})", count=len(ids))

    def sql(self, statement: str, *values: object) -> None:
        """Behind the ledger's back."""
        self.world.sql(statement, *values)

    def fsck(self) -> list[Finding]:
        """What a check of everything finds, published notes included."""
        return Fsck(self.world.store.audit, LEDGER_DOMAIN, self.check()).run()

    def check(self) -> LogCheck:
        """The part of it that is about the log."""
        keys = LogKeys(LOG_DOMAIN, operator_address(OPERATOR_KEY), self.notes.key)
        return LogCheck(self.world.store.log_audit, self.world.store.log, keys)

    @property
    def published(self) -> int:
        """Size of the newest note, whose signature holds."""
        note = self.world.store.archive.published()
        return 0 if note is None else open_checkpoint(note, self.notes.key).checkpoint.size

    @property
    def problem(self) -> str:
        """What the checkpointer says."""
        return self.checkpointer.status.problem


def new_log(folder: Path, url: str = "") -> Log:
    """A world whose registrations are confirmed and which has recorded a harvest."""
    world = ledger_world(folder, url=url)
    made = Log(world, FakeLogChain(), folder)
    made.settle_registrations()
    world.record(b.harvest())
    return made


def root_over(events: Sequence[RecordedEvent]) -> TreeHash:
    """The root over the leaves of the events, in order."""
    return tree_root([event_leaf(event.content_hash, signature_hash(event.proof)) for event in events])


def _time(number: int) -> str:
    hours, minutes = divmod(number, 60)
    return f"2026-08-05T{hours:02d}:{minutes:02d}:00.000+08:00"
