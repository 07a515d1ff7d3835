"""
Files in a folder, each under the hex of its SHA-256: `ab/abcdef…`. Implements `ledger.ports_files.FileStore`.

A file is written beside its place, brought to disk, and renamed, so that one that stands there is whole; the folder is
brought to disk too before anybody is told. Several processes of one machine may use the same folder: whoever comes
second writes the same bytes. Raises `StoreError`.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ledger.domain.errors import StoreError
from ledger.domain.files import FileHash, hash_of

_NAME = re.compile(r"[0-9a-f]{64}\Z")


class FolderFileStore:
    """Files below `folder`, which is made at the first of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes) -> FileHash:
        """Keeps the bytes; on disk when it returns."""
        name = hash_of(data)
        place = self._place(name)
        partial = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
        try:
            if place.exists() and place.read_bytes() == data:
                # Whoever wrote it may not have brought the name to disk yet.
                _to_disk(place.parent)
                return name
            self._make(place.parent)
            with partial.open("xb") as file:
                partial.chmod(0o600)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            partial.rename(place)
            _to_disk(place.parent)
        except OSError as error:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise StoreError(f"the file could not be kept: {error.strerror}") from error
        return name

    def get(self, file: FileHash) -> bytes | None:
        """The bytes; `StoreError` where they are not what was kept."""
        try:
            data = self._place(file).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"file {file.hex()} could not be read: {error.strerror}") from error
        if hash_of(data) != file:
            raise StoreError(f"file {file.hex()} is not what was kept: it was changed on disk")
        return data

    def remove(self, file: FileHash) -> None:
        """Takes the bytes away, if they are there."""
        place = self._place(file)
        try:
            place.unlink(missing_ok=True)
            if place.parent.exists():
                _to_disk(place.parent)
        except OSError as error:
            raise StoreError(f"file {file.hex()} could not be removed: {error.strerror}") from error

    def hashes(self) -> Iterator[FileHash]:
        """All files that are there, in order."""
        if not self._folder.exists():
            return
        for folder in sorted(self._folder.iterdir()):
            if folder.is_dir():
                for place in sorted(folder.iterdir()):
                    if _NAME.match(place.name):
                        yield FileHash(bytes.fromhex(place.name))

    def _place(self, file: FileHash) -> Path:
        name = file.hex()
        return self._folder / name[:2] / name

    def _make(self, folder: Path) -> None:
        """The folder, also after a power cut: each new name is brought to disk in the folder above it."""
        for one in (self._folder, folder):
            if not one.exists():
                one.mkdir(mode=0o700, parents=True, exist_ok=True)
                _to_disk(one.parent)


def _to_disk(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
