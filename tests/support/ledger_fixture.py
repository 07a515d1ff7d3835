"""
A store on disk, a keystore, capture and registration, wired together without a chain, with the cast of
`event_builders` registered. Time stands still unless a test moves it.

    world = ledger_world(tmp_path)
    [result] = world.capture([event_builders.harvest()])
"""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from database_rows import Rows, is_empty, put_rows, rows_of, sql
from event_builders import master_data

from ledger.adapters.keystore_signer import KeystoreSigner
from ledger.adapters.log_operator import LogOperator, operator_address
from ledger.adapters.sql_store.store import SqlStore
from ledger.adapters.sql_store.tables import metadata
from ledger.domain.identifiers import PartyId
from ledger.domain.log.acknowledgements import log_domain
from ledger.domain.master_data import MasterData
from ledger.domain.records import JsonTree, RecordedEvent
from ledger.domain.typed_data import Domain
from ledger.services.capture import Capture, CaptureResult
from ledger.services.fsck import Finding, Fsck
from ledger.services.fsck_log import LogCheck, LogKeys
from ledger.services.keys import Keys
from ledger.services.register import Register

LEDGER_DOMAIN = Domain.of_ledger(31337, bytes.fromhex("11" * 20))
REGISTRY_DOMAIN = Domain.of_registry(31337, bytes.fromhex("22" * 20))
LOG_DOMAIN = log_domain(31337, bytes.fromhex("33" * 20))
OPERATOR_KEY = bytes(range(1, 33))
SECRET = bytes(range(32))
START = 1_785_902_400.0
"""2026-08-05T04:00:00Z, the noon of `event_builders.NOON`."""


class FixedClock:
    """Stands still; tests set `time`."""

    def __init__(self, time: float = START) -> None:
        self.time = time

    def now(self) -> float:
        """Unix seconds."""
        return self.time


@dataclass(frozen=True)
class World:
    """One service's worth of parts on one directory."""

    folder: Path
    url: str
    store: SqlStore
    signer: KeystoreSigner
    clock: FixedClock
    capturing: Capture
    register: Register
    keys: Keys

    @property
    def database(self) -> Path:
        """The SQLite file, where it is one."""
        return self.folder / "silkroot.sqlite3"

    def sql(self, statement: str, *values: object, count: int | None = None) -> list[tuple[Any, ...]]:
        """Reads or changes the database behind the service's back; see `database_rows`."""
        return sql(self.url, statement, *values, count=count)

    def capture(
        self, events: Sequence[JsonTree], party: PartyId | None = None, *, rollback: bool = True, dry_run: bool = False
    ) -> list[CaptureResult]:
        """Captures the events; refusals come back in the results."""
        return self.capturing.capture(events, party, rollback=rollback, dry_run=dry_run)

    def record(self, *events: JsonTree) -> list[RecordedEvent]:
        """Captures the events, all of which have to be accepted."""
        results = self.capture(events)
        assert not any(result.refused for result in results), [str(v) for r in results for v in r.violations]
        return [result.record for result in results if result.record is not None]

    def refusal(self, *events: JsonTree) -> list[str]:
        """The rules that the last of the events breaks; those before it have to be accepted."""
        *accepted, last = self.capture(events)
        assert not any(result.refused for result in accepted), [str(v) for r in accepted for v in r.violations]
        assert last.refused, "the event was accepted"
        return [violation.rule for violation in last.violations]

    def fsck(self) -> list[Finding]:
        """What a check of the whole store finds."""
        keys = LogKeys(LOG_DOMAIN, operator_address(OPERATOR_KEY), None)
        return Fsck(self.store.audit, LEDGER_DOMAIN, LogCheck(self.store.log_audit, self.store.log, keys)).run()


def ledger_world(folder: Path, master: MasterData | None = None, url: str = "") -> World:
    """
    The parts on that directory, with a SQLite database in it unless `url` names another; the master data (by default
    the cast of `event_builders`) is registered.
    """
    own = f"sqlite:///{folder / 'silkroot.sqlite3'}"
    if master is not None or (folder / "silkroot.sqlite3").exists() or (folder / "keys").exists():
        return _opened(folder, master_data() if master is None else master, url or own)
    on_server = url not in ("", own)
    _put(folder, {path: it for path, it in _files_of_the_cast().items() if len(path.parts) > on_server})
    if not on_server:
        return _opened(folder, None, own)
    if not url.startswith("postgresql"):
        return _opened(folder, master_data(), url)
    if _ROWS_OF_THE_CAST and put_rows(url, _ROWS_OF_THE_CAST[0]):
        return _opened(folder, None, url)
    is_first = not _ROWS_OF_THE_CAST and is_empty(url, [*metadata.tables])
    world = _opened(folder, master_data(), url)
    if is_first:
        _ROWS_OF_THE_CAST.append(rows_of(url, [*metadata.tables]))
    return world


_ROWS_OF_THE_CAST: list[Rows] = []
"""What registering the cast with the keys of `_files_of_the_cast` writes to a server; empty until it was done once."""


@functools.cache
def _files_of_the_cast() -> Mapping[Path, bytes]:
    """A directory in which only the cast is registered: to be copied, which takes a tenth of making it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _opened(folder, master_data(), f"sqlite:///{folder / 'silkroot.sqlite3'}").store.close()
        return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _put(folder: Path, found: Mapping[Path, bytes]) -> None:
    for path, content in found.items():
        (folder / path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
        (folder / path).chmod(0o600)


def _opened(folder: Path, master: MasterData | None, url: str) -> World:
    """With `master` registered; None: all that is wanted is registered there already."""
    store = SqlStore(url)
    signer = KeystoreSigner(folder / "keys")
    clock = FixedClock()
    store.acknowledge_by(LogOperator(OPERATOR_KEY, LOG_DOMAIN, clock))
    register = Register(store, signer, signer.registrar(), REGISTRY_DOMAIN, clock)
    if master is not None:
        register.register(master)
    keys = Keys(store, signer, signer.registrar(), REGISTRY_DOMAIN, clock)
    capturing = Capture(store, signer, clock, LEDGER_DOMAIN, SECRET)
    return World(folder, url, store, signer, clock, capturing, register, keys)
