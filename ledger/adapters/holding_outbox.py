"""
An outbox in which single entries can be kept back from the chain, for the demonstration of a pending lot.

A held entry is signed, stored and acknowledged like any other; it only waits. Which ones wait stands in a small file,
so that they wait on after a restart. Letting one go after its deadline (7 days) makes the contract refuse it, as it
would any late entry.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, or_, select

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.outbox import SqlOutbox
from ledger.domain.identifiers import ContentHash
from ledger.domain.records import EntryState
from ledger.ports_outbox import OutboxRow

_OPEN = (EntryState.QUEUED.value, EntryState.SENT.value)


class HoldingOutbox(SqlOutbox):
    """The store's outbox, less what the file `held` names (content hashes in hex)."""

    def __init__(self, outbox: SqlOutbox, held: Path) -> None:
        super().__init__(outbox._database)
        self._file = held
        self._paused = 0
        self._seen: tuple[int, int] = (0, 0)
        self._kept: frozenset[ContentHash] = frozenset()

    def queued(self, limit: int) -> list[OutboxRow]:
        """The first queued rows that are not held; none while `paused`."""
        if self._paused:
            return []
        held = self._held()
        return [row for row in super().queued(limit + len(held)) if row.content_hash not in held][:limit]

    def first_open_row(self) -> int | None:
        """The smallest id of a row that is on its way; a held one is not."""
        open_rows = select(func.min(t.outbox_rows.c.id)).where(t.outbox_rows.c.state.in_(_OPEN))
        if held := self._held():
            content = t.outbox_rows.c.content_hash
            open_rows = open_rows.where(or_(content.is_(None), content.not_in(held)))
        with self._database.reading() as connection:
            found: int | None = connection.execute(open_rows).scalar()
            return found

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Hands out nothing while the block runs, so that an entry can be held before it is taken."""
        self._paused += 1
        try:
            yield
        finally:
            self._paused -= 1

    def hold(self, content_hash: ContentHash) -> None:
        """Keeps the entry of that event back from now on."""
        self._write(self._held() | {content_hash})

    def let_go(self, content_hash: ContentHash) -> bool:
        """Lets the entry go; says whether it was held."""
        was_held = content_hash in self._held()
        self._write(self._held() - {content_hash})
        return was_held

    def _held(self) -> frozenset[ContentHash]:
        """What the file names now: another process may have replaced it, and then it is another file."""
        try:
            found = self._file.stat()
        except FileNotFoundError:
            return frozenset()
        if (seen := (found.st_ino, found.st_mtime_ns)) != self._seen:
            self._kept, self._seen = self._read(), seen
        return self._kept

    def _read(self) -> frozenset[ContentHash]:
        try:
            return frozenset(ContentHash(bytes.fromhex(text)) for text in json.loads(self._file.read_text()))
        except FileNotFoundError:
            return frozenset()

    def _write(self, held: frozenset[ContentHash]) -> None:
        partial = self._file.with_suffix(".new")
        partial.write_text(json.dumps(sorted(one.hex() for one in held)))
        partial.replace(self._file)
