"""
The lock on a data directory: one process owns its database, keys and chain at a time.

An advisory `flock`, which the kernel drops when the process ends however it ends, so that no stale lock is ever left.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.domain.errors import LedgerBusy


@contextmanager
def data_dir_lock(path: Path) -> Iterator[None]:
    """Holds the lock while the block runs; raises `LedgerBusy`, naming the owner's process id, where another has it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = os.read(descriptor, 32).decode(errors="replace").strip() or "unknown"
            raise LedgerBusy(f"{path.parent} is in use by process {owner}") from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
