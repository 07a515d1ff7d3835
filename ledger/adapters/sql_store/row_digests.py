"""
The digest over a row: SHA-256 over all that never changes in it, so that a flipped bit shows even in columns that no
signature covers; no database, so that processes can check rows that have nothing else to do with one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any


def row_digest(values: Mapping[str, Any], columns: tuple[str, ...]) -> bytes:
    """SHA-256 over the columns, each with its type and length before it; 32 bytes."""
    return digest_of([values[name] for name in columns], columns)


def digest_of(row: Sequence[Any], columns: tuple[str, ...]) -> bytes:
    """The same for the columns' values in their order."""
    parts: list[Any] = []
    for value in row:
        kind = type(value)
        data = value if kind is bytes else b"%d" % value if kind is int else str(value).encode()
        parts += (len(data), data)
    return hashlib.sha256(digest_template(columns, tuple(map(type, row))) % tuple(parts)).digest()


@cache
def digest_template(columns: tuple[str, ...], kinds: tuple[type[Any], ...]) -> bytes:
    """
    What is hashed, but for each value's length and bytes: numbers as decimals, None as its name. Tables are few, and
    so are the types in their rows.
    """
    return b"".join(f"{name}:{kind.__name__}:%d:%b".encode() for name, kind in zip(columns, kinds, strict=True))
