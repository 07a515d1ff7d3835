"""
The file that a monitor keeps its state in: written whole or not at all, durably, and by one monitor at a time.

Raises `UnusableSettings` where the file is not a monitor's, which is never overwritten, and `LedgerBusy` where another
process follows a log with it.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from ledger.adapters.data_dir_lock import data_dir_lock
from ledger.domain.errors import InvalidInput, LedgerBusy, UnusableSettings
from ledger.domain.log.monitored import MonitorState
from ledger.domain.log.watched_json import state_from_json, state_to_json


def default_state_path(url: str) -> Path:
    """In the user's folder for states (XDG), a file for each address."""
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    host = re.sub(r"[^A-Za-z0-9.-]+", "-", url.split("://", 1)[-1]).strip("-")[:60]
    return Path(base) / "silkroot" / f"monitor-{host}-{hashlib.sha256(url.encode()).hexdigest()[:8]}.json"


class StateFile:
    """A state on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Holds the file for this process while the block runs."""
        try:
            with data_dir_lock(self.path.with_name(self.path.name + ".lock")):
                yield
        except LedgerBusy as error:
            raise LedgerBusy(f"another monitor follows a log with {self.path}") from error

    def load(self) -> MonitorState | None:
        """The state; None where there is no file."""
        try:
            return state_from_json(orjson.loads(self.path.read_bytes()))
        except FileNotFoundError:
            return None
        except (OSError, orjson.JSONDecodeError, InvalidInput) as error:
            raise UnusableSettings(f"--state: {self.path} is not the state of a monitor: {error}") from error

    def save(self, state: MonitorState) -> None:
        """Replaces it. Notes and evidence are public, so the file is as readable as the user's files are."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_name(self.path.name + ".new")
        with temporary.open("wb") as file:
            file.write(orjson.dumps(state_to_json(state), option=orjson.OPT_APPEND_NEWLINE))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
