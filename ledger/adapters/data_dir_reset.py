"""
Empties a data directory so that the ledger begins again: database, keys, local chain, deployment record, files.

Only what this program writes there is removed, each by its exact name; whatever else lies there stays and is listed.
A directory is taken for ours only if it holds our lock file and our database or deployment record. The lock is held
meanwhile and stays behind, so that no service can start in the middle; what says whose directory it is goes last, so
that a reset that was cut short can be repeated.

Raises `LedgerBusy` while a service (or another command) owns the directory, `NotFound` where there is nothing to
remove, and `Refused` for a directory that is not ours and for a ledger that is not on the local chain: its keys are
known there, and no reset brings that chain back.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ledger.adapters.data_dir_lock import data_dir_lock
from ledger.domain.errors import LedgerBusy, NotFound, Refused
from ledger.settings import Settings

DATABASE = "silkroot.sqlite3"
_LOCAL = "local"
_KEYS = ("service.key", "relay.key", "operator.key", "log-note.key")
_FIRST = ("demo-held.json", "demo-held.new", *_KEYS, "deployment.json.new")
_LAST = (f"{DATABASE}-wal", f"{DATABASE}-shm", DATABASE, "deployment.json")
_FOLDERS = {
    "chain": re.compile(r"(state(\.previous)?\.json|state\.json\.new|anvil\.log)\Z"),
    "chain/cache": re.compile(r"[\w.-]+\Z"),
    "demo-tampered": re.compile(r"[0-9a-f]{64}\.(json|tmp)\Z"),
    "files": re.compile(r"([0-9a-f]{64}|\.[0-9a-f]{64}\.[0-9a-f]{8})\Z"),
    "keys": re.compile(r"((\d{13,}|registrar)-\d{4}-[0-9a-f]{40}\.json|passphrase)\Z"),
}


@dataclass(frozen=True, slots=True)
class Remains:
    """What a reset would remove (`files`, in this order) and leave (`foreign`), and how much is recorded there."""

    folder: Path
    files: tuple[Path, ...]
    foreign: tuple[str, ...]
    events: int
    lots: int
    parties: int


def look(settings: Settings) -> Remains:
    """What lies in the data directory; removes nothing."""
    folder = settings.data_dir
    if not folder.is_dir() or all(path == settings.lock_path for path in folder.iterdir()):
        raise NotFound(f"{folder} holds no ledger: there is nothing to begin again")
    ours = settings.lock_path.is_file() and ((folder / DATABASE).is_file() or settings.deployment_path.is_file())
    if not ours or not _is_our_database(folder / DATABASE):
        raise Refused.one(
            "SILKROOT_DATA_DIR", "reset.foreign", folder, "this folder is not a ledger's; nothing in it is touched"
        )
    if settings.database_url:
        raise Refused.one(
            "SILKROOT_DATABASE_URL", "reset.database-elsewhere", "set",
            "the database lies elsewhere; a reset only empties a ledger that lies wholly in its data directory",
        )  # fmt: skip
    if settings.rpc_url or _network(settings.deployment_path) != _LOCAL:
        raise Refused.one(
            "deployment.json", "reset.other-chain", _network(settings.deployment_path) or settings.rpc_url,
            "this ledger is not on the local chain; its keys and records are not a demonstration's",
        )  # fmt: skip
    files = tuple(_own_files(folder))
    events, lots, parties = _counts(folder / DATABASE)
    return Remains(folder, files, tuple(_foreign(settings, files)), events, lots, parties)


def reset(settings: Settings, agree: Callable[[Remains], bool] = lambda remains: True) -> Remains | None:
    """Removes what `look` lists and returns it; None, with nothing removed, where `agree` says no to it."""
    look(settings)  # Before the lock: asking for it would leave a lock file in a foreign directory.
    try:
        with data_dir_lock(settings.lock_path):
            remains = look(settings)
            if not agree(remains):
                return None
            for path in remains.files:
                path.unlink(missing_ok=True)
            for name in sorted(_FOLDERS, reverse=True):
                below = remains.folder / name
                if below.is_dir() and not below.is_symlink() and not any(below.iterdir()):
                    below.rmdir()
            settings.socket_path.unlink(missing_ok=True)
            return remains
    except LedgerBusy as busy:
        raise LedgerBusy(f"{busy}: the ledger runs. End it first (Ctrl-C where it runs), then reset") from busy


def _own_files(folder: Path) -> Iterator[Path]:
    """Ours, in the order of removal: never what a symbolic link leads to."""
    yield from (folder / name for name in _FIRST if (folder / name).is_file())
    for name, pattern in _FOLDERS.items():
        below = folder / name
        if below.is_dir() and not below.is_symlink():
            found = (path for path in below.iterdir() if pattern.match(path.name) and not path.is_dir())
            yield from sorted(found)
    yield from (folder / name for name in _LAST if (folder / name).is_file())


def _foreign(settings: Settings, files: tuple[Path, ...]) -> Iterator[str]:
    kept = {*files, settings.lock_path, settings.data_dir / settings.socket_path.name}
    folders = {settings.data_dir / name for name in _FOLDERS}
    for path in sorted((*settings.data_dir.iterdir(), *(p for f in folders if f.is_dir() for p in f.iterdir()))):
        if path not in kept and path not in folders:
            yield str(path.relative_to(settings.data_dir))


def _network(deployment: Path) -> str:
    """Which network the record was made for; the local one where there is no record (yet, or any more)."""
    try:
        return str(json.loads(deployment.read_bytes()).get("network", ""))
    except FileNotFoundError:
        return _LOCAL
    except (OSError, ValueError, AttributeError):
        return ""


def _is_our_database(database: Path) -> bool:
    """Whether the file is a database of this program; none at all is no contradiction (a reset was cut short)."""
    return not database.exists() or _scalar(database, "SELECT count(*) FROM meta") is not None


def _counts(database: Path) -> tuple[int, int, int]:
    tables = ("events", "lots", "parties")
    return tuple(_scalar(database, f"SELECT count(*) FROM {table}") or 0 for table in tables)  # type: ignore[return-value]  # noqa: S608


def _scalar(database: Path, query: str) -> int | None:
    """The query's number; None where this is no database or has no such table. Opened for reading only."""
    if not database.is_file():
        return None
    # Looking must leave nothing behind: only where a -wal lies already is SQLite let make its own files beside.
    how = "mode=ro" if database.with_name(f"{DATABASE}-wal").exists() else "immutable=1"
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?{how}", uri=True)) as connection:
            row = connection.execute(query).fetchone()
    except sqlite3.Error:
        return None
    return int(row[0])
