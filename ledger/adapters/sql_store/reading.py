"""Reading tables by many keys: in chunks, each question on a connection of its own or of its transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from sqlalchemy import Connection, Select

Connect = Callable[[], AbstractContextManager[Connection]]
"""Gives a connection to read with: always the same one of a write transaction, or a new one each time."""

_T = TypeVar("_T")
_CHUNK = 400
"""How many values one statement names: well below what any database allows."""


class Reader:
    """Asks by `connect`, each time anew."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    def chosen(self, statement: Select[Any], column: Any, values: Collection[Any]) -> Iterator[Any]:
        """The rows whose column has one of the values."""
        for chunk in chunks(values):
            yield from self.all(statement.where(column.in_(chunk)))

    def all(self, statement: Select[Any]) -> list[Any]:
        """The rows that the statement gives."""
        with self._connect() as connection:
            return list(connection.execute(statement))


def chunks(values: Collection[_T]) -> Iterator[list[_T]]:
    """The values, so many at a time as one statement may name."""
    listed = list(values)
    for start in range(0, len(listed), _CHUNK):
        yield listed[start : start + _CHUNK]
