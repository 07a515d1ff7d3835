"""
Small secret files: created whole, mode 0600, on disk before anybody relies on them, and never replaced.

Raises `StoreError` where the directory cannot be written.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from ledger.domain.errors import StoreError


def write_new(path: Path, data: bytes) -> None:
    """Creates the file with these bytes, or leaves no file at all. One that is there is kept: `StoreError`."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        try:
            # A link, unlike a rename, fails where the name is taken.
            os.link(partial, path)
        finally:
            partial.unlink()
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError as error:
        raise StoreError(f"{path.name} could not be written: {error.strerror}") from error


def service_secret(path: Path) -> bytes:
    """The 32 bytes kept at `path`, drawn at first use: what request identities are keyed with (see `capture`)."""
    if not path.exists():
        write_new(path, secrets.token_hex(32).encode())
    try:
        secret = bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError) as error:
        raise StoreError(f"{path.name} does not hold the service's secret any more") from error
    if len(secret) != 32:
        raise StoreError(f"{path.name} holds {len(secret)} bytes, not the 32 of the service's secret")
    return secret
