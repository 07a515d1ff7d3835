"""
The demonstration's back door to the database: overwrites the body of a stored event; see `ledger.services.tamper`.

It has a connection of its own, so that it works like somebody else with the database's password. The row's digest is
left as it was, so `fsck` finds the change as well. Raises `NotFound` for an event that is not there, and `StoreError`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, select, update
from sqlalchemy.exc import SQLAlchemyError

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.dialect import WRITES, open_engine
from ledger.domain.errors import NotFound, StoreError
from ledger.domain.identifiers import ContentHash


class SqlBackDoor:
    """Implements `tamper.BackDoor` on the database behind an SQLAlchemy URL."""

    def __init__(self, url: str) -> None:
        self._url = url

    def body(self, content_hash: ContentHash) -> bytes:
        """The stored bytes of the event's body."""
        asked = select(t.events.c.body).where(t.events.c.content_hash == content_hash)
        with self._connected() as engine, engine.connect() as connection:
            body = connection.execute(asked).scalar_one_or_none()
        if body is None:
            raise NotFound(f"no event 0x{content_hash.hex()}")
        return bytes(body)

    def overwrite(self, content_hash: ContentHash, body: bytes) -> None:
        """Puts other bytes in the place of the event's body."""
        change = update(t.events).where(t.events.c.content_hash == content_hash).values(body=body)
        with self._connected() as engine, engine.execution_options(**{WRITES: True}).begin() as connection:
            if connection.execute(change).rowcount != 1:
                raise NotFound(f"no event 0x{content_hash.hex()}")

    @contextmanager
    def _connected(self) -> Iterator[Engine]:
        engine = open_engine(self._url)
        try:
            yield engine
        except SQLAlchemyError as error:
            raise StoreError(f"the database failed: {error}") from error
        finally:
            engine.dispose()
