"""
Dead letters as lines of JSON in a file that only grows: `ports_gateway.DeadLetters`.

A line has `time`, `topic`, `event` (its place in a message of several, else null), `errors` with field, rule, value and
message, and `payload` as text, or `payloadBase64` where the bytes are not UTF-8. The file is opened anew for each
write, so that a program that rotates logs may move it away. A line that a crash cut off is closed by the next write.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from ledger.domain.errors import StoreError
from ledger.ports_gateway import DeadLetter


class DeadLetterFile:
    """The file at `path`, readable by its owner alone; `now` gives Unix seconds."""

    def __init__(self, path: Path, now: Callable[[], float]) -> None:
        self._path, self._now = path, now

    def write(self, letters: Sequence[DeadLetter]) -> None:
        """See `DeadLetters.write`."""
        data = b"".join(orjson.dumps(_line(letter, self._now())) + b"\n" for letter in letters)
        try:
            is_new = not self._path.exists()
            descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "ab+") as file:
                if file.seek(0, os.SEEK_END) and _last_byte(file.fileno()) != b"\n":
                    data = b"\n" + data
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if is_new:
                _sync_folder(self._path.parent)
        except OSError as error:
            raise StoreError(f"{self._path}: dead letters cannot be written: {error.strerror}") from error


def _line(letter: DeadLetter, now: float) -> dict[str, Any]:
    try:
        payload = {"payload": letter.payload.decode("utf-8")}
    except UnicodeDecodeError:
        payload = {"payloadBase64": base64.b64encode(letter.payload).decode("ascii")}
    return {
        "time": datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "topic": letter.topic,
        "event": letter.event,
        "errors": [
            {"field": one.field, "rule": one.rule, "value": one.value, "message": one.message}
            for one in letter.violations
        ],
        **payload,
    }


def _last_byte(descriptor: int) -> bytes:
    return os.pread(descriptor, 1, os.fstat(descriptor).st_size - 1)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
