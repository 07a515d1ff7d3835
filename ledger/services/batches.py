"""
How many queued entries go into one `submit` call; no I/O.

Consecutive rows of one target, as many as surely fit under the gas cap. After a transaction that came to nothing, half
as many; after one that succeeded, twice as many again.
"""

from __future__ import annotations

from collections.abc import Sequence

from ledger.ports_outbox import OutboxRow, Relay

_MOST_ROWS = 256


class Batcher:
    """Cuts batches; remembers how large they may be."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._limit = _MOST_ROWS

    @property
    def most_rows(self) -> int:
        """No batch is larger."""
        return self._limit

    def take(self, rows: Sequence[OutboxRow]) -> list[OutboxRow]:
        """The first rows, by id, that make one call; at least one if there is any."""
        same: list[OutboxRow] = []
        for row in rows[: self._limit]:
            if row.target is not rows[0].target:
                break
            same.append(row)
        fits, too_many = 1, len(same) + 1
        while too_many - fits > 1:
            middle = (fits + too_many) // 2
            bound = self._relay.gas_bound(rows[0].target, [row.entry for row in same[:middle]])
            fits, too_many = (middle, too_many) if bound <= self._relay.gas_cap else (fits, middle)
        return same[:fits]

    def learn(self, size: int, *, succeeded: bool) -> None:
        """A transaction of that many rows was mined."""
        if size:
            self._limit = min(_MOST_ROWS, self._limit * 2) if succeeded else max(1, size // 2)
